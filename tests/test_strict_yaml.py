import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victimsmodel.errors import InputError
from victimsmodel.inputs.strict_yaml import MAX_BYTES, Node, merged, plain, read_yaml


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "x.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def value_of(path):
    return plain(read_yaml(path))["a"]


def messages(path):
    with pytest.raises(InputError) as caught:
        read_yaml(path)
    return [str(problem).replace(str(path), path.name) for problem in caught.value.problems]


# Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("y", "y"),
        ("NA", "NA"),
        ("None", "None"),
        ("12:30:00", "12:30:00"),
        ("2019-04-01", "2019-04-01"),
        ("2019/20", "2019/20"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1.2.3%", "1.2.3%"),
        ("£", "£"),
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-0.25", -0.25),
        ("0", 0),
        ("+3", 3),
        ("-17", -17),
        ("1385000", 1_385_000),
        ("'no'", "no"),
        ("'010'", "010"),
        ('"25%"', "25%"),
        ("'1,385,000'", "1,385,000"),
        ("'.nan'", ".nan"),
        ("'3'", "3"),
        ('"true"', "true"),
        ("''", ""),
        ("|-\n  3", "3"),
        ("[1, no, '2']", [1, "no", "2"]),
        ("{b: 1e2}", {"b": 100.0}),
    ],
)
def test_values_have_their_yaml_1_2_meaning(file, text, value):
    found = value_of(file(f"a: {text}\n"))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "shown", "complaint"),
    [
        ("010", "010", "has a leading zero. Did you mean 10?"),
        ("-010", "-010", "has a leading zero. Did you mean -10?"),
        ("00", "00", "has a leading zero. Did you mean 0?"),
        ("25%", "25%", "must be a share, not a percentage. Write 0.25."),
        ("2.5 %", "2.5 %", "must be a share, not a percentage. Write 0.025."),
        ("1,385,000", "1,385,000", "must be digits alone. Write 1385000; the unit has its own key."),
        ("£1,385,000", "£1,385,000", "must be digits alone. Write 1385000; the unit has its own key."),
        ("-£1,385.50", "-£1,385.50", "must be digits alone. Write -1385.50; the unit has its own key."),
        ("€12", "€12", "must be digits alone. Write 12; the unit has its own key."),
        (".nan", ".nan", "must be a finite number."),
        (".NaN", ".NaN", "must be a finite number."),
        ("-.inf", "-.inf", "must be a finite number."),
        ("1e400", "1e400", "must be a finite number."),
        ("1e-400", "1e-400", "is too small to be told from 0."),
        ("9" * 5000, "999999999999...", "is too long for a number."),
        ("0" * 5000, "000000000000...", "is too long for a number."),
        ("9" * 5000 + "%", "999999999999...", "is too long for a number."),
        ("0." + "1" * 5000, "0.1111111111...", "is too long for a number."),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_likely_to_be_meant_otherwise_is_refused_with_what_to_write(file, text, shown, complaint):
    assert messages(file(f"# c\na: {text}\n")) == [f"x.yaml:2: a = {shown}: {complaint} [VM005]"]


def test_all_values_that_are_refused_are_told_at_once_with_their_names(file):
    path = file("a: 010\nb:\n  c: 25%\n  d: [1, .nan]\n")
    assert messages(path) == [
        "x.yaml:1: a = 010: has a leading zero. Did you mean 10? [VM005]",
        "x.yaml:3: b.c = 25%: must be a share, not a percentage. Write 0.25. [VM005]",
        "x.yaml:4: b.d[1] = .nan: must be a finite number. [VM005]",
    ]


def test_a_reader_that_collects_problems_gets_null_for_what_is_refused(file):
    problems = []
    found = read_yaml(file("a: 010\nb: 3\n"), problems)
    assert plain(found) == {"a": None, "b": 3}
    assert [problem.field for problem in problems] == ["a"]


def test_a_byte_order_mark_is_accepted(file):
    assert value_of(file(b"\xef\xbb\xbfa: 3\n")) == 3


def test_every_value_knows_its_line_and_dotted_name(file):
    path = file("a:\n  b: 1\n  c:\n    - 2\n    - d: 3\n")
    root = read_yaml(path).value
    inner = root["a"].value["c"]
    assert root["a"].value["b"] == Node(1, f"{path}:2", "a.b")
    assert inner.where == f"{path}:3"
    assert inner.value[0] == Node(2, f"{path}:4", "a.c[0]")
    assert inner.value[1].value["d"] == Node(3, f"{path}:5", "a.c[1].d")


# Files that are refused


REFUSED = {
    "duplicate key": ("a: 1\nb: 2\na: 3\n", "x.yaml:3: a: stands twice, in lines 1 and 3. [VM006]"),
    "duplicate inner key": (
        "a:\n  b: 1\n\n  b: 1\n",
        "x.yaml:4: a.b: stands twice, in lines 2 and 4. [VM006]",
    ),
    "tag": ("a: 1\nb: !!python/object/apply:os.system [ls]\n", "x.yaml:2: tags (!) are not allowed. [VM004]"),
    "anchor": ("a: &x 1\n", "x.yaml:1: anchors (&) are not allowed. [VM004]"),
    "alias": ("a: 1\nb: *a\n", "x.yaml:2: aliases (*) are not allowed. [VM004]"),
    "directive": ("%YAML 1.1\n---\na: 1\n", "x.yaml:1: directives (%) are not allowed. [VM004]"),
    "two documents": (
        "a: 1\n---\nb: 2\n",
        "x.yaml:2: only one YAML document is allowed in a file. [VM004]",
    ),
    "two marked documents": (
        "---\na: 1\n---\nb: 2\n",
        "x.yaml:3: only one YAML document is allowed in a file. [VM004]",
    ),
    "depth in brackets": ("a: " + "[" * 5000, "x.yaml:1: is nested deeper than 20. [VM004]"),
    "depth in lists": ("- " * 5000, "x.yaml:1: is nested deeper than 20. [VM004]"),
    "depth in mappings": (
        "\n".join(" " * i + "a:" for i in range(25)),
        "x.yaml:21: is nested deeper than 20. [VM004]",
    ),
    "NUL": ("a: 1\nb: 1\x00\n", "x.yaml:2: must not hold a NUL byte (byte 9). [VM002]"),
    "control character": (
        "a: 1\n\nb: x\x07\n",
        "x.yaml:3: must not hold a control character (U+0007) (byte 10). [VM002]",
    ),
    "UTF-16": (
        "a: 1\n".encode("utf-16"),
        "x.yaml:1: must be UTF-8 text; byte 0 is not. It may be UTF-16: save it as UTF-8. [VM002]",
    ),
    "cp1252": (
        "a: 1\nb: Ynys Môn\n".encode("cp1252"),
        "x.yaml:2: must be UTF-8 text; byte 14 is not. It may be cp1252: save it as UTF-8. [VM002]",
    ),
    "empty": ("", "x.yaml:1: must be a mapping of keys to values. [VM003]"),
    "comments only": ("# a: 1\n", "x.yaml:1: must be a mapping of keys to values. [VM003]"),
    "list": ("- a\n- b\n", "x.yaml:1: must be a mapping of keys to values. [VM003]"),
    "text": ("word\n", "x.yaml:1: must be a mapping of keys to values. [VM003]"),
    "list as key": ("a: 1\n? [b]\n: 2\n", "x.yaml:2: keys must be plain text. [VM003]"),
    "line break in a key": ('"a\\nb": 1\n', "x.yaml:1: keys must be plain text. [VM003]"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_more_than_plain_data_in_utf_8_is_refused_with_its_line(file, content, message):
    assert messages(file(content)) == [message]


@pytest.mark.parametrize("content", ["a:\n\tb: 1\n", "a: 1\n\tb: 2\n"])
def test_tab_indents_are_named_as_the_cause(file, content):
    (message,) = messages(file(content))
    assert message.startswith("x.yaml:2: is not valid YAML: ")
    assert message.endswith(". Indent with spaces, not tabs. [VM003]")


@pytest.mark.parametrize(
    ("content", "line"), [("a: 1\nb: c: d\n", 2), ("a: 1\n\nb: 'x\n", 4), ("a: @x\n", 1)]
)
def test_broken_yaml_is_refused_with_its_line(file, content, line):
    (message,) = messages(file(content))
    assert message.startswith(f"x.yaml:{line}: is not valid YAML: ")
    assert message.endswith(" [VM003]")


def test_a_missing_file_is_refused(tmp_path):
    assert messages(tmp_path / "x.yaml") == ["x.yaml: does not exist. [VM001]"]


def test_a_directory_is_refused(tmp_path):
    folder = tmp_path / "x.yaml"
    folder.mkdir()
    assert messages(folder) == ["x.yaml: must be a regular file. [VM001]"]


def test_a_broken_link_is_refused(tmp_path):
    link = tmp_path / "x.yaml"
    link.symlink_to(tmp_path / "nowhere")
    assert messages(link) == ["x.yaml: does not exist. [VM001]"]


def test_a_name_that_no_file_can_have_is_refused(tmp_path):
    (message,) = messages(tmp_path / ("x" * 300))
    assert message.startswith(f"{'x' * 300}: cannot be read: ")
    assert message.endswith(" [VM001]")


def test_a_file_over_1_mb_is_refused(file):
    path = file(b"a: 1\n#" + b"x" * MAX_BYTES)
    assert messages(path) == ["x.yaml: is 1,000,006 bytes; at most 1,000,000 are allowed. [VM001]"]


YAML_SIGNS = st.text(alphabet=list("ab01.,%£-?:{}[]&*!|>'\"#~@ \n\t\\\x00\x07\x85\u2028\ufeff"), max_size=60)


def problems_of(content):
    """Read a file that holds `content`; return its problems and the lines that tell them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_bytes(content)
        try:
            plain(read_yaml(path))
        except InputError as error:
            return error.problems, str(error).splitlines()
        return (), []


@settings(max_examples=400, deadline=None)
@given(content=st.one_of(st.text().map(str.encode), YAML_SIGNS.map(str.encode), st.binary(max_size=200)))
def test_any_file_is_read_or_refused_in_one_line_a_problem(content):
    problems, lines = problems_of(content)
    assert len(problems) == len(lines)


@settings(max_examples=400, deadline=None)
@given(text=st.text(alphabet=list("0123456789.,%£$€+-eE_ :xinfa"), max_size=60))
def test_any_number_like_value_is_read_or_refused_in_one_line(text):
    problems, lines = problems_of(f"a: {text}\n".encode())
    assert len(problems) == len(lines) <= 1


# Laying one file over another


def test_a_change_keeps_every_key_that_it_does_not_name(file):
    base = read_yaml(file("a: 1\nb: {c: 2, d: [3]}\n"))
    changes = read_yaml(file("b: {c: 5}\ne: 6\n"))
    assert plain(merged(base, changes)) == {"a": 1, "b": {"c": 5, "d": [3]}, "e": 6}


def test_a_changed_list_replaces_the_old_one(file):
    base = read_yaml(file("a: [1, 2, 3]\n"))
    assert plain(merged(base, read_yaml(file("a: [4]\n")))) == {"a": [4]}


def test_an_estimate_that_is_stated_anew_replaces_the_old_one_whole(file):
    base = read_yaml(file("a: {value: 2, low: 1, high: 3, unit: days, source: x, note: old}\n"))
    changes = read_yaml(file("a: {events: 3, trials: 4, unit: probability, source: y}\n"))
    assert plain(merged(base, changes)) == plain(changes)

"""Inputs that people get wrong, or send on purpose: each is answered by a rule, and nothing is written."""

import errno
import hashlib
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from command_line import run

import victimsmodel as vm
from victimsmodel.cluster.chunks import check_travels
from victimsmodel.cluster.likeness import differences, unlike, versions_here
from victimsmodel.errors import BusyError, CannotWriteError, DiskFullError, InputError, PrivacyError
from victimsmodel.executor import check_parameters
from victimsmodel.files import csv_text, write_whole
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.strict_yaml import plain, read_yaml
from victimsmodel.inputs.workbook.reading import read_workbook
from victimsmodel.kept_tables import keep_tables, kept_tables
from victimsmodel.locks import only_run
from victimsmodel.pathway.pieces import Piece
from victimsmodel.pathway.sizes import check_jobs, check_sizes
from victimsmodel.project import new_project
from victimsmodel.reporting.text_table import TextTable

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
NOTEBOOK = PARAMETERS.parent / "notebooks" / "1_demand.ipynb"
BASE = (PARAMETERS / "west-midlands.yaml").read_text()

#: Mistakes in single fields, all made in one file: the text that is replaced, and what is told of its place.
NEED = "demand.need"
MISTAKES = {
    "01-share": (r"\{value: 0.25, low: 0.20, high: 0.30", "{value: 1.2, low: 0.20, high: 0.30",
                 "demand.need.value = 1.2: must be a probability from 0 to 1 (exclusive). Did you mean 0.12? "
                 "[VM012]"),
    "02-percentage": (r"shrinkage: \{value: \S+,", "shrinkage: {value: 25%,",
                      "staff.contact_officer.shrinkage.value = 25%: must be a share, not a percentage. "
                      "Write 0.25. [VM005]"),
    "03-thousands": (r"grant_gbp: 948920", "grant_gbp: £1,385,000",
                     "grant_gbp = £1,385,000: must be digits alone. Write 1385000; the unit has its own key. "
                     "[VM005]"),
    "05-leading-zero": (r"    fte: 20\b", "    fte: 010",
                        "staff.contact_officer.fte = 010: has a leading zero. Did you mean 10? [VM005]"),
    "06-time": (r"    fte: 4\b", "    fte: 12:30:00",
                "staff.caseworker.fte = 12:30:00: must be a number from 0 to 1000. That is a time of day. "
                "[VM019]"),
    "07-no-is-text": (r"same_call: true", "same_call: no",
                      "assessment.same_call = no: must be true or false. [VM019]"),
    "08-duplicate": (r"^price_year: 2019/20", "price_year: 2019/20\nprice_year: 2020/21",
                     "price_year: stands twice, in lines {before} and {line}. [VM006]"),
    "09-typo": (r"^  run_out_days: 91", "  runout_days: 91",
                "period.runout_days: is not a known key (known: start, end, warm_up_days, run_out_days, "
                "steps_per_day). Did you mean run_out_days? [VM017]"),
    "10-not-finite": (r"patience_working_days: \d+", "patience_working_days: .nan",
                      "contact.patience_working_days = .nan: must be a finite number. [VM005]"),
    "11-no-capacity": (r"caseload_cap: 35", "caseload_cap: -3",
                       "staff.caseworker.caseload_cap = -3: must be from 1 to 500. [VM019]"),
    "13-date": (r"start: 2019-04-01", "start: 2026-02-30",
                "period.start = 2026-02-30: must be an ISO date that exists, YYYY-MM-DD. [VM019]"),
    "27-name": (r"^name: west-midlands", "name: ../../x",
                "name = ../../x: must be lower-case letters, digits and hyphens, a letter first, at most 60. "
                "Did you mean x? [VM019]"),
    "27-unseen": (r"^title: .*", 'title: "Victims \\u202eof crime"',
                  r"title = Victims \u202eof crime: must be one line of visible characters (found U+202E). "
                  "[VM260]"),
}  # fmt: skip


def tree(folder):
    """Return the SHA-256 of every regular file below a folder, and the names of all else."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file() and path.stat().st_size < 10**8
        else "other"
        for path in folder.rglob("*")
    }


class Desk:
    """A folder with the shipped scenarios, in which inputs are spoilt and commands refused."""

    def __init__(self, folder):
        self.folder = folder / "files"
        self.mapping = folder / "m.yaml"
        shutil.copytree(PARAMETERS, self.folder)

    def file(self, content, name="x.csv"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def edited(self, *changes, name="x.yaml"):
        text = BASE
        for pattern, replacement in changes:
            text, n = re.subn(pattern, lambda _, r=replacement: r, text, count=1, flags=re.MULTILINE)
            assert n == 1, pattern
        return self.file(text, name)

    def refused(self, *arguments, status=2):
        """Return what a refused command says, with all files left as they were."""
        before = tree(self.folder)
        ran = run(self.folder, *map(str, arguments))
        assert ran.returncode == status, ran.stderr or ran.stdout
        assert tree(self.folder) == before
        return ran.stderr.strip().splitlines()

    def checked(self, content, name="x.yaml"):
        self.file(content, name)
        (line,) = self.refused("check", name)
        return line

    def raises(self, function, *arguments, error=InputError, **named):
        """Return the message of a call that is refused, with all files left as they were."""
        before = tree(self.folder)
        with pytest.raises(error) as caught:
            function(*arguments, **named)
        assert tree(self.folder) == before
        assert caught.value.exit_status == error.exit_status
        return str(caught.value).replace(f"{self.folder}/", "")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def told(desk):
    """Return what is told, by line, of a file with every mistake of `MISTAKES`; yields lines and path."""
    path = desk.edited(*((pattern, text) for pattern, text, _ in MISTAKES.values()), name="all.yaml")
    return desk.refused("check", path.name), path.read_text().splitlines()


@pytest.mark.parametrize("item", MISTAKES)
def test_a_mistake_in_a_field_is_told_in_one_line_with_what_is_allowed(told, item):
    lines, text = told
    _, replacement, message = MISTAKES[item]
    last = replacement.splitlines()[-1].strip()
    line = next(i for i, each in enumerate(text, 1) if last in each)
    assert f"all.yaml:{line}: " + message.format(line=line, before=line - 1) in lines


# Whole files and command lines


def exponents_are_numbers(desk):
    assert plain(read_yaml(desk.file("a: 1e-3\n", "x.yaml"))) == {"a": 0.001}


def branch_shares_must_sum_to_one(desk):
    text = (
        "extends: every-feature.yaml\nsupport: {specialist: {services: {x: "
        "{title: X, share: {value: 0.07, low: 0.07, high: 0.07, unit: probability, source: assumption}}}}}\n"
    )
    shares = "counselling 0.4 + substance_misuse 0.35 + advice 0.25 + x 0.07 = 1.07"
    names = list(vm.load_scenario(PARAMETERS / "every-feature.yaml").support.specialist.services)
    shares = " + ".join(f"{n} {s:g}" for n, s in zip([*names, "x"], (0.4, 0.35, 0.25, 0.07), strict=True))
    message = f"must have shares that sum to 1 (within 1e-06); {shares} = 1.07. [VM026]"
    assert desk.checked(text).endswith(message)


def a_period_must_end_after_it_starts(desk):
    for end in ("2019-03-31", "2519-03-31"):
        line = desk.refused("check", desk.edited((r"end: 2020-03-31", f"end: {end}")).name)[0]
        assert line.endswith(
            f"end = {end}: must be after start (2019-04-01) and at most three years later. [VM015]"
        )


def ranges_must_be_possible(desk):
    def message(value, low, high):
        stated = {"value": value, "low": low, "high": high, "unit": "probability", "source": "assumption"}
        with pytest.raises(ValueError, match="estimate") as caught:
            Estimate(**stated)
        return caught.value.errors()[0]["ctx"]["problems"][0]["allowed"]

    assert message(0.25, 0.4, 0.3) == "must be below high (0.3)"
    assert message(0.35, 0.2, 0.3) == "must lie between low (0.2) and high (0.3)"
    feasible = "with low 0.2 and high 0.3 it must lie from 0.211 to 0.286"
    assert message(0.299, 0.2, 0.3) == f"is too near one end of its range: {feasible}"


def seeds_are_whole_and_not_too_large(desk):
    out_of_range = "simulate: seed = {}: must be an integer from 0 to 2^63 - 1. [VM031]"
    for seed, message in {
        "-1": out_of_range.format(-1),
        "1.5": "--seed: seed = 1.5: must be an integer from 0 to 2^63 - 1. [VM269]",
        "x": "--seed: seed = x: must be an integer from 0 to 2^63 - 1. [VM269]",
    }.items():
        ran = run(desk.folder, "evaluate", "west-midlands.yaml", "--seed", seed)
        assert (ran.returncode, ran.stderr.strip()) == (2, message)
    assert desk.raises(check_sizes, 1, 1, 2**200) == out_of_range.format(2**200)


def numbers_of_runs_are_those_a_machine_can_hold(desk):
    needed = r"; 1,000,000,000 simulated years of each option would take about [\d,.]+ (days|years)"
    needed += r" and [\d,]+ GB of disk"
    many = desk.raises(check_sizes, 1, 10**9, 1)
    assert re.fullmatch(
        rf"simulate: n_replications = 1000000000: must be from 2 to 100,000{needed}\. \[VM031\]", many
    )
    assert re.search(rf"at most 1,000,000{needed}", desk.raises(check_sizes, 50_000, 20_000, 1))
    assert "n_replications = 0: must be from 2 to 100,000" in desk.raises(check_sizes, 1, 0, 1)
    scenario = vm.load_scenario(PARAMETERS / "west-midlands.yaml")
    message = "draws: n_draws = 1000000000: must be from 1 to 1,000,000. [VM267]"
    assert desk.raises(vm.estimate_demand, scenario, n_draws=10**9) == message
    most = 4 * os.cpu_count()
    for jobs in (0, -1, 10**6):
        message = f"--jobs: jobs = {jobs}: must be from 1 to {most} (4 times the processors). [VM268]"
        assert desk.raises(check_jobs, jobs) == message


def a_unit_is_never_guessed(desk):
    number = "{value: 45, low: 40, high: 50, unit: hours, source: assumption}"
    text = f"extends: west-midlands.yaml\nassessment: {{minutes: {number}}}\n"
    assert "assessment.minutes.unit = hours: must be 'probability', 'minutes'" in desk.checked(text)


def prices_of_a_year_without_deflator_are_refused(desk):
    lines = desk.refused("check", "west-midlands.yaml", "--set", "price_year=2090/91")
    assert "2090/91: is not in the series" in lines[0]
    (line,) = desk.refused("check", desk.edited((r"^price_year: 2019/20\n", "")).name)
    assert line.endswith(": price_year: is missing. [VM010]")


def what_is_no_mapping_is_told_what_is_expected(desk):
    expected = (
        "x.yaml:1: must be a mapping of keys to values (name, title, area, period, demand, ...). [VM003]"
    )
    assert {desk.checked(text) for text in ("", "# nothing\n", "[]\n", "word\n")} == {expected}


def a_second_document_and_a_tab_are_told_by_line(desk):
    assert (
        desk.checked("a: 1\n---\nb: 2\n") == "x.yaml:2: only one YAML document is allowed in a file. [VM004]"
    )
    tab = desk.checked("a:\n\tb: 1\n")
    assert tab.startswith("x.yaml:2: is not valid YAML: ")
    assert tab.endswith(". Indent with spaces, not tabs. [VM003]")


def encodings_are_named_with_their_byte(desk):
    allowed = "must be UTF-8 text; byte {} is not. It may be {}: save it as UTF-8. [VM002]"
    assert desk.checked("a: 1\n".encode("utf-16")) == "x.yaml:1: " + allowed.format(0, "UTF-16")
    cp1252 = desk.checked("a: Ynys Môn\n".encode("cp1252"))
    assert cp1252 == "x.yaml:1: " + allowed.format(9, "cp1252")
    assert desk.checked(b"a: 1\x00\n") == "x.yaml:1: must not hold a NUL byte (byte 4). [VM002]"
    assert plain(read_yaml(desk.file(b"\xef\xbb\xbfa: 3\n", "x.yaml"))) == {"a": 3}


def depth_aliases_and_long_numbers_are_refused(desk):
    assert desk.checked("a: " + "[" * 5000) == "x.yaml:1: is nested deeper than 20. [VM004]"
    assert desk.checked("a: &a [x]\nb: [*a]\n") == "x.yaml:1: anchors (&) are not allowed. [VM004]"
    problems = []
    read_yaml(desk.file(f"a: {'9' * 5000}\n", "x.yaml"), problems)
    assert str(problems[0]).endswith("x.yaml:1: a = 999999999999...: is too long for a number. [VM005]")


def a_tag_is_refused_and_noted(desk, caplog):
    tag = desk.checked("a: !!python/object/apply:os.system [ls]\n")
    assert tag == "x.yaml:1: tags (!) are not allowed. [VM004]"
    (record,) = [each for each in caplog.records if each.name == "victimsmodel.security"]
    assert record.getMessage() == "x.yaml:1: refused a YAML tag"


def only_regular_files_of_a_sane_size_are_opened(desk):
    os.mkfifo(desk.folder / "pipe.csv")
    try:
        for path in (".", "pipe.csv", "/dev/zero"):
            assert desk.refused("check", path) == [f"{path}: must be a regular file. [VM001]"]
        for named in ("pipe.csv", "/dev/zero", "funding"):
            text = f"extends: west-midlands.yaml\nfunding: {named}\n"
            assert f"x.yaml:2: funding = {named}: must be a regular file. [VM001]" in desk.checked(text)
    finally:
        (desk.folder / "pipe.csv").unlink()
    with (desk.folder / "big.yaml").open("wb") as stream:
        stream.truncate(5 * 10**9)
    (line,) = desk.refused("check", "big.yaml")
    assert line == "big.yaml: is 5,000,000,000 bytes; at most 1,000,000 are allowed. [VM001]"
    (desk.folder / "big.yaml").unlink()
    (desk.folder / "link.yaml").symlink_to(desk.folder / "nowhere")
    assert desk.refused("check", "link.yaml") == ["link.yaml: does not exist. [VM001]"]
    (desk.folder / "link.yaml").unlink()


def names_stay_in_their_folder(desk, tmp_path):
    pattern = "must be lower-case letters, digits and hyphens, a letter first, at most 60"
    for name, hint in {"../../x": "x", "/etc/x": "etc-x", "CON": "con", "a\nb": "a-b", "-rf": "rf"}.items():
        message = desk.raises(new_project, name, "Kent", "x.csv", folder=tmp_path / "p")
        assert message.endswith(f"{pattern}. Did you mean {hint}? [VM062]")
    assert pattern in desk.raises(new_project, "x" * 300, "Kent", "x.csv", folder=tmp_path / "p")
    message = "new: NAME = con: is the name of a device on Windows. [VM261]"
    assert desk.raises(new_project, "con", "Kent", "x.csv", folder=tmp_path / "p") == message
    (tmp_path / "Base").mkdir()
    message = desk.raises(new_project, "base", "Kent", "x.csv", folder=tmp_path / "base")
    assert (
        "differs from Base in case alone; many systems take them for one. Choose another name. [VM270]"
        in message
    )


def titles_are_shown_as_text(desk):
    from victimsmodel.reporting.drawings import inlined

    title = "<img src=x onerror=alert(1)>"
    shown = TextTable({title: [title]})._repr_html_()
    assert "<img" not in shown
    assert shown.count("&lt;img") == 2
    svg = f"<svg><title>{title.replace('<', '&lt;')}</title><g/></svg>"
    assert "<img" not in inlined({"f": svg}, {"f": title}).by_name["f"]


def formulas_are_text_in_csv(desk):
    texts = ['=HYPERLINK("http://x")', "@SUM(A1)", "-1+1", "+1", "\tx", "plain"]
    table = pd.DataFrame({"provider": texts, "n": [-1, 2, 3, 4, 5, 6]})
    lines = csv_text(table).splitlines()
    assert lines[1] == '"\'=HYPERLINK(""http://x"")",-1'
    assert [line[0] for line in lines[2:]] == ["'", "'", "'", "'", "p"]


def a_parameter_that_carries_code_is_refused(desk):
    message = desk.raises(check_parameters, NOTEBOOK, {"x=1;import os": 1})
    assert "x=1;import os: is not a parameter of this notebook" in message
    assert message.endswith("[VM051]")


def an_unknown_parameter_is_refused(desk):
    assert desk.raises(check_parameters, NOTEBOOK, {"sead": 1}).endswith("Did you mean seed? [VM051]")


# Tables: official crime data, returns, contact logs


CRIME = (
    "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,"
    "Offence Code,Number of Offences\n"
)
LOG = "victim_id,channel,date,outcome,group\n"
RETURN = "Quarter,New referrals,Contacted,Supported\n"
QUARTERS = [f"Q{i} 2017/18,{100 + 10 * i},{50 + i},{20 + i}\n" for i in range(1, 5)]


def offences(count, force="Kent", code="28", quarter=1):
    return f"2019/20,{quarter},{force},Burglary,Theft,Domestic,{code},{count}\n"


def crime(desk, *rows, error=True):
    path = desk.file(CRIME + "".join(rows))
    return desk.raises(vm.load_recorded_crime, path) if error else vm.load_recorded_crime(path)


def log(desk, *rows, error=InputError, header=LOG):
    path = desk.file(header + "".join(f"{row}\n" for row in rows))
    return desk.raises(vm.load_contact_log, path, error=error) if error else vm.load_contact_log(path)


def returned(desk, text=None, path=None):
    """Read a return by the mapping that is proposed for it."""
    return by_its_mapping(desk, path or desk.file(text))


def by_its_mapping(desk, path):
    from victimsmodel.inputs.returns.mapping_text import mapping_text

    mapping = desk.mapping
    mapping.write_text(mapping_text(vm.propose_mapping(path)))
    return vm.load_returns(path, mapping)


def workbook(desk, change=None, name="b.xlsx"):
    book = openpyxl.Workbook()
    for row in [RETURN, *QUARTERS]:
        cells = row.strip().split(",")
        book.active.append([int(cell) if cell.isdigit() else cell for cell in cells])
    if change:
        change(book.active)
    book.save(desk.folder / name)
    return desk.folder / name


def repacked(path, name, change):
    """Copy a workbook with its parts changed: by name, to new content."""
    target = path.with_name(name)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change.get(part, lambda same: same)(old.read(part)))
        for part in change.keys() - set(old.namelist()):
            new.writestr(part, change[part](b""))
    return target


def unquoted_thousands_never_shift_columns(desk):
    message = (
        "x.csv, row 2: has 10 cells where the header has 8. Put numbers with commas into quotes. [VM075]"
    )
    assert crime(desk, offences("1,385,000")) == message
    message = "x.csv, row 2: has 5 cells where the header has 4. Put numbers with commas into quotes. [VM110]"
    assert desk.raises(by_its_mapping, desk, desk.file(RETURN + "Q1 2017/18,1,385,9,5\n")) == message


def names_that_look_missing_are_text(desk):
    found = log(desk, "7,phone,2026-04-01,no answer,NA", "8,phone,2026-04-02,reached,None", error=None)
    assert sorted(found.attempts["group"].cat.categories) == ["NA", "None"]
    assert set(crime(desk, offences(5, force="NA"), error=False).offences["force"]) == {"NA"}


def marks_are_hidden_counts_and_never_zero(desk):
    for mark, high in {"<5": 4, "*": float("inf"), "~": float("inf"), "c": float("inf")}.items():
        counts = returned(desk, "".join([RETURN, f"Q1 2017/18,110,51,{mark}\n", *QUARTERS[1:]])).counts
        cell = counts[(counts["period"] == "2017/18 Q1") & (counts["stage"] == "supported")].iloc[0]
        assert (cell["state"], cell["low"], cell["high"]) == ("suppressed", 1, high)
    message = "x.csv: holds no count: a mark such as [x] stands in every row. [VM265]"
    assert crime(desk, offences("<5")) == message


def repeated_rows_and_headings_are_told(desk):
    found = crime(desk, offences(5), offences(5), offences(6, quarter=2), offences(7, quarter=2), error=False)
    rows = found.quality.set_index("check")["rows"]
    assert (rows["duplicate_rows"], rows["two_counts"]) == (1, 1)
    message = log(
        desk, "7,phone,2026-04-01,2026-04-01,reached", header="victim_id,channel,date,date,outcome\n"
    )
    assert message == "x.csv: has two columns named date. [VM126]"


def dates_are_never_guessed(desk):
    rows = ["7,phone,01/02/2026,no answer,a", "8,phone,13/02/2026,reached,a", "9,phone,02/13/2026,reached,a"]
    exists = "must be a date that exists, such as 2026-04-30 or 30/04/2026"
    assert log(desk, *rows) == f"x.csv:4: date: {exists}. [VM127]"
    serial = "looks like the day number of a spreadsheet; save the column as dates"
    assert log(desk, "7,phone,46113,reached,a") == f"x.csv:2: date: {serial}. [VM127]"
    short = "has a year of two digits; write all four"
    assert log(desk, "7,phone,01/02/26,reached,a") == f"x.csv:2: date: {short}. [VM127]"


def ids_are_text(desk):
    assert (
        log(desk, "007,phone,2026-04-01,no answer,a", "7,phone,2026-04-02,reached,a", error=None).n_victims
        == 2
    )
    assert crime(desk, offences(5, code="007"), error=False).offences["offence_code"].tolist() == ["007"]


def semicolons_are_seen(desk):
    path = desk.file((CRIME + offences(5)).replace(",", ";"))
    assert vm.load_recorded_crime(path).offences["offences"].tolist() == [5]


def open_quotes_and_ragged_rows_are_told_by_row(desk):
    assert (
        crime(desk, offences(5).replace("Kent", '"Kent'))
        == "x.csv, row 2: opens a quote that never ends. [VM075]"
    )
    message = "x.csv, row 2: has 3 cells where the header has 5. [VM075]"
    assert log(desk, "7,phone,2026-04-01", "8,phone,2026-04-01,reached,a") == message
    text = RETURN + 'Q1 2017/18,"110,51,21\n' + "".join(QUARTERS[1:])
    assert desk.raises(by_its_mapping, desk, desk.file(text)).startswith(
        "x.csv, row 2: is no regular table from here on"
    )


def cells_of_workbooks_are_named(desk):
    formula = workbook(desk, lambda sheet: sheet.__setitem__("B3", "=1+2"))
    message = (
        "b.xlsx, Sheet!B3: is a formula that was not calculated; open the file in a spreadsheet and save it."
    )
    assert desk.raises(by_its_mapping, desk, formula) == f"{message} [VM264]"

    def hide(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet["C4"] = "53"  # a number that stands as text
        sheet.append(["Total", 500, 210, 90])

    found = returned(desk, path=workbook(desk, hide))
    assert found.counts["period"].nunique() == 4  # the total is no quarter
    assert found.counts.set_index(["period", "stage"])["value"]["2017/18 Q3", "contacted"] == 53
    findings = found.findings.set_index("check")["detail"]
    assert findings["hidden"] == "Hidden in the file, and read: Sheet!row 3."


def workbooks_that_are_traps_are_refused(desk):
    plain_book, sheet = workbook(desk), "xl/worksheets/sheet1.xml"
    bomb = repacked(plain_book, "bomb.xlsx", {"xl/x.bin": lambda _: bytes(51_000_000)})
    message = "bomb.xlsx: unpacks to 51 MB; at most 50 MB are allowed. [VM262]"
    assert desk.raises(vm.propose_mapping, bomb) == message
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    wide = repacked(plain_book, "far.xlsx", {sheet: lambda xml: xml.replace(b"</sheetData>", far)})
    message = "far.xlsx, xl/worksheets/sheet1.xml: reaches to column 16,384 and row 1,048,576"
    assert desk.raises(vm.propose_mapping, wide).startswith(message)
    doctype = repacked(plain_book, "d.xlsx", {sheet: lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml})
    assert "holds a document type in xl/worksheets/sheet1.xml" in desk.raises(vm.propose_mapping, doctype)
    macro = repacked(plain_book, "m.xlsx", {"xl/vbaProject.bin": lambda _: b"x"})
    message = "m.xlsx: holds macros, which a table does not need. Save it as .xlsx without macros. [VM263]"
    assert desk.raises(vm.propose_mapping, macro) == message
    old = desk.file(b"\xd0\xcf\x11\xe0" + bytes(600), "b.xls")
    assert desk.raises(vm.propose_mapping, old).endswith("save it as .xlsx without password. [VM070]")
    assert "is no .xlsx workbook" in desk.raises(read_workbook, old)


def personal_data_is_refused_without_a_word_of_it(desk):
    row = "7,phone,2026-04-01,reached,{}"
    for heading, value in {
        "full name": "Jane Smith",
        "notes": "x",
        "ref": "CV1 2WT",
        "tel": "07700 900123",
    }.items():
        header = LOG.replace("group", heading)
        message = log(desk, row.format(value), error=PrivacyError, header=header)
        assert "nothing was read" in message
        assert "column 5" in message
        assert value == "x" or value not in message


def counts_are_whole_and_not_too_large(desk):
    for count in ("2.5", str(2**60)):
        allowed = "must be a whole number such as 1234 or 1,234, or a mark such as [x] or .."
        assert (
            crime(desk, offences(count)) == f"x.csv, row 2: Number of Offences = {count}: {allowed}. [VM074]"
        )
    for count in ("-3", "2.5", str(2**60)):
        text = RETURN + f"Q1 2017/18,110,51,{count}\n" + "".join(QUARTERS[1:])
        message = desk.raises(by_its_mapping, desk, desk.file(text))
        assert message.startswith(f"x.csv, D2: Supported = {count}: must be a whole number from 0 up")


def labels_that_look_alike_are_told(desk):
    rows = [
        f"{i},phone,2026-04-01,no answer,{name}"
        for i, name in enumerate(["Domestic abuse ", "Theft", "Domestic\u00a0Abuse"])
    ]
    two = "is written in two ways that differ in case, spaces or letters that look alike; write one"
    assert log(desk, *rows) == f"x.csv:2: group: {two}; also line 4. [VM127]"
    assert log(desk, *rows[:2], "9,phone,2026-04-01,reached,D\u043emestic abuse").startswith(
        "x.csv:2: group: is written"
    )
    found = crime(desk, offences(5), offences(6, force="K\u0435nt"), error=False)
    assert "unknown_force" in set(found.quality["check"])


def gaps_in_periods_are_told(desk):
    found = returned(desk, RETURN + QUARTERS[0] + "".join(QUARTERS[2:]))
    assert list(found.counts["period"].unique()) == ["2017/18 Q1", "2017/18 Q3", "2017/18 Q4"]
    assert any("2017/18 Q2" in str(text) for text in found.findings.to_numpy().ravel())


def parts_that_exceed_their_whole_are_told(desk):
    found = returned(desk, RETURN + "Q1 2017/18,110,51,60\n" + "".join(QUARTERS[1:]))
    assert any("60" in text and "51" in text for text in found.findings["detail"])


def tables_without_rows_are_refused(desk):
    assert crime(desk) == "x.csv: has a header but no rows below it. [VM076]"
    assert log(desk) == "x.csv: has a header but no rows below it. [VM076]"
    assert "cannot be understood" in desk.raises(by_its_mapping, desk, desk.file(RETURN))


# Run folders


def a_place_that_cannot_be_written_has_its_own_status(desk, tmp_path, monkeypatch):
    (tmp_path / "outputs").write_bytes(b"a file")
    message = desk.raises(write_whole, tmp_path / "outputs" / "a.csv", b"new", error=CannotWriteError)
    assert message.endswith("[VM040]")
    assert CannotWriteError.exit_status == 73
    old = tmp_path / "a.csv"
    old.write_bytes(b"old")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)  # a disk that fills up while it is written to
    message = desk.raises(write_whole, old, bytes(3_000_000), error=DiskFullError)
    assert re.search(r"the disk is full, [\d,.]+ MB free and 3.0 MB needed for this file", message)
    assert tree(tmp_path) == {
        name: hashlib.sha256(text).hexdigest() for name, text in (("a.csv", b"old"), ("outputs", b"a file"))
    }
    assert DiskFullError.exit_status == 74


def a_table_that_was_changed_by_hand_is_made_again(desk, tmp_path):
    run_ = vm.open_run(PARAMETERS / "west-midlands.yaml", tmp_path, profile="tiny")
    made = vm.stage_tables(run_, "inputs")["assumptions"]
    path = tmp_path / "tables" / "assumptions.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    again = vm.stage_tables(run_, "inputs")["assumptions"]
    pd.testing.assert_frame_equal(made, again)
    assert path.read_bytes() == whole


def a_second_run_in_a_folder_waits_outside(desk, tmp_path):
    folder = tmp_path / "run"
    with only_run(folder):
        message = desk.raises(lambda: only_run(folder).__enter__(), error=BusyError)
        assert f"another run is at work here (process {os.getpid()} on " in message
        assert message.endswith("; wait for it [VM273]")
    assert BusyError.exit_status == 75
    (tmp_path / ".run.lock").write_text("{}")  # a process that died left it
    with only_run(folder):
        pass
    assert list(tmp_path.iterdir()) == []


def what_another_version_or_a_hand_made_is_named_and_never_mixed(desk, tmp_path, caplog):
    caplog.set_level("INFO", "victimsmodel.steps")
    scenario = PARAMETERS / "west-midlands.yaml"
    first = vm.open_run(scenario, tmp_path, profile="tiny")
    made = vm.stage_tables(first, "inputs")["assumptions"]
    origins = {**first.made_from, "versions of libraries": "numpy 1.0"}
    keep_tables({"assumptions": made.head(1)}, tmp_path, "inputs", origins)  # as another version left it
    pd.testing.assert_frame_equal(vm.stage_tables(first, "inputs")["assumptions"], made)
    (tmp_path / "tables" / "assumptions.csv").unlink()  # half copied
    vm.stage_tables(first, "inputs")
    assert caplog.messages == [
        "stage inputs is made again: versions of libraries changed",
        "stage inputs is made again: tables/assumptions.csv is gone",
    ]


def a_stop_takes_two_seconds_and_says_how_to_resume(desk, tmp_path):
    for folder, signals, status in (
        ("ctrl-c twice", [signal.SIGINT, signal.SIGINT], 130),
        ("ended", [signal.SIGTERM], 143),
    ):
        stopped(tmp_path / folder, signals, status)


def a_dask_scheduler_elsewhere_needs_tls_and_workers_the_same_versions(desk):
    command = ("simulate", "west-midlands.yaml", "--cluster")
    (line,) = desk.refused(*command, "tcp://10.1.2.3:8786")
    assert line == (
        "--cluster: address = tcp://10.1.2.3:8786: must be tls:// for a scheduler that is not on this "
        "machine. Anybody on the way can read tcp://, change results and run programs on the workers. [VM210]"
    )
    lines = desk.refused(*command, "tls://10.1.2.3:8786", "--tls-ca", "none.pem")
    assert [line.split(":")[0] for line in lines] == ["--tls-ca", "--tls-cert", "--tls-key"]
    here = versions_here()
    table = differences(here, {"tls://10.1.2.3:4001": {**here, "numpy": "1.26.4"}})
    assert str(unlike(table)) == (
        f"tls://10.1.2.3:4001: numpy = 1.26.4: differs from {here['numpy']} here. Install the same versions "
        "there, or accept other results with --allow-mismatch. [VM213]"
    )


def rows_of_cases_go_to_no_other_process(desk):
    cases = PeopleTable({"victim": ["v1", "v2"], "contacted": [1, 0]})
    desk.raises(pickle.dumps, cases, error=PrivacyError)  # as whatever is sent is
    desk.raises(pickle.dumps, {"several": [cases.head(1)]}, error=PrivacyError)
    told = desk.raises(check_travels, Piece("today", cases, 1, range(1), 0), error=PrivacyError)
    assert "[VM284]" in told
    told = desk.raises(check_travels, Piece("today", cases.exact(), 1, range(1), 0), error=PrivacyError)
    assert told.endswith("only these go to workers, and only counters come back. [VM215]")
    assert "v1" not in told


def stopped(out, signals, status):
    # what starts the tests in the background may have told all below it to ignore Ctrl-C
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heeding}; from victimsmodel.cli import main; main()", "evaluate"]
    command += [str(PARAMETERS / "west-midlands.yaml"), "--profile", "tiny", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        while "demand: done" not in started.stderr.readline():
            assert started.poll() is None
        begin = time.monotonic()
        for number in signals:
            started.send_signal(number)
        _, told = started.communicate(timeout=60)
        assert time.monotonic() - begin < 2 * slowness()
    assert started.returncode == status
    assert told.splitlines()[-1] == (
        "Stopped: what was finished is kept whole; the same command resumes. [VM272]"
    )
    run_ = vm.open_run(PARAMETERS / "west-midlands.yaml", next(out.iterdir()), profile="tiny")
    assert kept_tables(run_.folder, "demand", run_.made_from) is not None


def slowness():
    """Return how many times slower than alone a process runs here now, for other processes are at work."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


ITEMS = {
    "04-exponent": exponents_are_numbers,
    "12-shares": branch_shares_must_sum_to_one,
    "14-period": a_period_must_end_after_it_starts,
    "15-ranges": ranges_must_be_possible,
    "16-seed": seeds_are_whole_and_not_too_large,
    "17-sizes": numbers_of_runs_are_those_a_machine_can_hold,
    "19-units": a_unit_is_never_guessed,
    "20-prices": prices_of_a_year_without_deflator_are_refused,
    "21-no-mapping": what_is_no_mapping_is_told_what_is_expected,
    "22-documents": a_second_document_and_a_tab_are_told_by_line,
    "23-encoding": encodings_are_named_with_their_byte,
    "24-depth": depth_aliases_and_long_numbers_are_refused,
    "25-tag": a_tag_is_refused_and_noted,
    "26-no-file": only_regular_files_of_a_sane_size_are_opened,
    "27-names": names_stay_in_their_folder,
    "28-titles": titles_are_shown_as_text,
    "29-formulas": formulas_are_text_in_csv,
    "30-code": a_parameter_that_carries_code_is_refused,
    "31-parameter": an_unknown_parameter_is_refused,
    "32-thousands": unquoted_thousands_never_shift_columns,
    "33-missing": names_that_look_missing_are_text,
    "34-marks": marks_are_hidden_counts_and_never_zero,
    "35-twice": repeated_rows_and_headings_are_told,
    "36-dates": dates_are_never_guessed,
    "37-ids": ids_are_text,
    "38-semicolon": semicolons_are_seen,
    "39-quotes": open_quotes_and_ragged_rows_are_told_by_row,
    "40-cells": cells_of_workbooks_are_named,
    "41-traps": workbooks_that_are_traps_are_refused,
    "42-personal": personal_data_is_refused_without_a_word_of_it,
    "43-cases": rows_of_cases_go_to_no_other_process,
    "44-counts": counts_are_whole_and_not_too_large,
    "45-alike": labels_that_look_alike_are_told,
    "46-gaps": gaps_in_periods_are_told,
    "47-parts": parts_that_exceed_their_whole_are_told,
    "48-empty": tables_without_rows_are_refused,
    "49-no-place": a_place_that_cannot_be_written_has_its_own_status,
    "49-busy": a_second_run_in_a_folder_waits_outside,
    "50-by-hand": a_table_that_was_changed_by_hand_is_made_again,
    "50-versions": what_another_version_or_a_hand_made_is_named_and_never_mixed,
    "51-stopped": a_stop_takes_two_seconds_and_says_how_to_resume,
    "52-cluster": a_dask_scheduler_elsewhere_needs_tls_and_workers_the_same_versions,
}


@pytest.mark.parametrize("item", ITEMS)
def test_a_bad_input_gets_the_answer_that_is_due(desk, request, item):
    check = ITEMS[item]
    asked = check.__code__.co_varnames[1 : check.__code__.co_argcount]
    check(desk, **{name: request.getfixturevalue(name) for name in asked})

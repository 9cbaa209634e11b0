"""Inputs that people get wrong, or send on purpose: each is answered by a rule, and nothing is written."""

import os
import re

import nbformat
import pandas as pd
import pytest
from command_line import run
from desk import PARAMETERS

import victimsmodel as vm
from victimsmodel.cluster.likeness import differences, unlike, versions_here
from victimsmodel.executor import check_parameters
from victimsmodel.files import csv_text
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.strict_yaml import plain, read_yaml
from victimsmodel.kept_tables import keep_tables
from victimsmodel.pathway.sizes import check_jobs, check_sizes
from victimsmodel.project import new_project
from victimsmodel.reporting.text_table import TextTable

NOTEBOOK = PARAMETERS.parent / "notebooks" / "1_demand.ipynb"

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
    mix = "unit: share, source: assumption, values: {violence: 0.5, robbery: 0.57}"
    base = "extends: west-midlands-incident.yaml\n"
    text = f"{base}demand: {{incidents: {{arena_like: {{crime_types: {{{mix}}}}}}}}}\n"
    message = "must be shares that sum to 1 (within 1e-06); violence 0.5 + robbery 0.57 = 1.07. "
    assert message in desk.checked(text)


def a_period_must_end_after_it_starts(desk):
    for end in ("2019-03-31", "2519-03-31"):
        line = desk.refused("check", desk.edited((r"end: 2020-03-31", f"end: {end}")).name)[0]
        assert line.endswith(
            f"end = {end}: must be after start (2019-04-01) and at most three years later. [VM015]"
        )
    text = "extends: west-midlands.yaml\nperiod: {start: 9999-04-01, end: 9999-12-31}\n"  # as far as dates go
    message = "period.start = 9999-04-01: must lie between 1950 and 2100. [VM015]"
    assert desk.checked(text).endswith(message)
    text = "extends: west-midlands-incident.yaml\ndemand: {incidents: {arena_like: {date: 2029-10-12}}}\n"
    message = "must bring victims within what is simulated, 2018-12-31 to 2020-06-30. [VM029]"
    assert desk.checked(text).endswith(message)


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


def numbers_of_a_command_are_written_as_in_a_scenario(desk):
    for option, text, message in (
        ("--grant", "£1,385,000", "must be digits alone. Write 1385000; the unit has its own key."),
        ("--grant", "0948920", "has a leading zero. Did you mean 948920?"),
        ("--confidence", "80%", "must be a share, not a percentage. Write 0.8."),
    ):
        (line,) = desk.refused("plan", "west-midlands.yaml", option, text)
        assert line == f"{option}: {option[2:]} = {text}: {message} [VM269]"
    (line,) = desk.refused("plan", "west-midlands.yaml", "--surge-percent", "-20%")
    assert line == "--surge-percent: percent = -20: must be above 0 and at most 500. [VM184]"
    (line,) = desk.refused("levers", "west-midlands.yaml", "--draws", "1.5")
    assert line == "--draws: draws = 1.5: must be an integer, such as 1. [VM269]"
    for port in ("x", "0", "65536"):
        (line,) = desk.refused("explore", "west-midlands.yaml", "--port", port)
        assert line == f"--port: port = {port}: must be an integer from 1 to 65535. [VM269]"
    for option in ("smallest-shown", "round-to"):
        (line,) = desk.refused("audit", ".", f"--{option}", "010")
        assert line == f"--{option}: {option} = 010: has a leading zero. Did you mean 10? [VM269]"
    (line,) = desk.refused("calibrate", "west-midlands.yaml", "--out", "west-midlands.yaml", "--force")
    assert line == "west-midlands.yaml: --out: must end in .csv. [VM311]"  # not the scenario itself


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
    scenario = vm.load_scenario(PARAMETERS / "west-midlands.yaml")
    for seed in (-1, 1.5, "x", None, True):  # of the library too, which truncated what is no integer
        assert desk.raises(vm.simulate, scenario, seed=seed) == out_of_range.format(seed)
        assert desk.raises(vm.estimate_demand, scenario, n_draws=2, seed=seed) == out_of_range.format(seed)


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
    for number in (1.5, "x", None):
        message = "draws: n_draws = {}: must be an integer from 1 to 1,000,000. [VM267]"
        assert desk.raises(vm.estimate_demand, scenario, n_draws=number) == message.format(number)
        message = "simulate: n_draws = {}: must be an integer up to 100,000. [VM031]"
        assert desk.raises(vm.simulate, scenario, n_draws=number) == message.format(number)
    assert "must be a list of options" in desk.raises(vm.simulate, scenario, options="phone_first")
    assert "must name one or more of" in desk.raises(vm.simulate, scenario, options=[])
    assert "x: is not an option of" in desk.raises(vm.expected_pathway, scenario, option="x")


def a_unit_is_never_guessed(desk):
    number = "{value: 45, low: 40, high: 50, unit: hours, source: assumption}"
    text = f"extends: west-midlands.yaml\nassessment: {{minutes: {number}}}\n"
    assert "assessment.minutes.unit = hours: must be 'probability', 'minutes'" in desk.checked(text)


def prices_of_a_year_without_deflator_are_refused(desk):
    lines = desk.refused("check", "west-midlands.yaml", "--set", "price_year=2090/91")
    told = "is not in the series (2008 to 2024). [VM173]"
    assert lines == [f"--set: price_year = 2090/91: {told}"]
    dated = desk.edited((r"^price_year: 2019/20\n", "price_year: 2090/91\n"))
    for command in ("check", "simulate", "evaluate"):
        (line,) = desk.refused(command, dated.name)
        place, _, rest = line.partition(": ")
        assert dated.read_text().splitlines()[int(place.rpartition(":")[2]) - 1] == "price_year: 2090/91"
        assert rest == f"price_year = 2090/91: {told}"
    for field in ("costs.fixed.price_year", "appraisal.price_base"):  # the base is used at the very end
        lines = desk.refused("check", "west-midlands.yaml", "--set", f"{field}=1850/51")
        assert lines == [f"--set: {field} = 1850/51: {told}"]
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
    areas = "extends: west-midlands.yaml\ndemand: {areas: {boundaries: big.yaml}}\n"
    desk.file(areas, "x.yaml")
    (line,) = desk.refused("check", "x.yaml")
    assert line == (
        "big.yaml: demand.areas.boundaries: is 5,000,000,000 bytes; at most 5,000,000 are allowed. "
        "Use generalised boundaries. [VM088]"
    )
    (desk.folder / "big.yaml").unlink()
    (desk.folder / "link.yaml").symlink_to(desk.folder / "nowhere")
    assert desk.refused("check", "link.yaml") == ["link.yaml: does not exist. [VM001]"]
    (desk.folder / "link.yaml").unlink()
    for command in ("runs", "audit"):
        (line,) = desk.refused(command, "x" * 300)
        assert line.endswith("cannot be used: File name too long. [VM312]")


def names_stay_in_their_folder(desk, tmp_path):
    pattern = "must be lower-case letters, digits and hyphens, a letter first, at most 60"
    for name, hint in {
        "../../x": "x",
        "/etc/x": "etc-x",
        "CON": "con-area",
        "a\nb": "a-b",
        "-rf": "rf",
    }.items():
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


def what_is_no_notebook_is_refused(desk):
    tagged = nbformat.v4.new_code_cell("x = = 1", metadata={"tags": ["parameters"]})
    no_python = nbformat.writes(nbformat.v4.new_notebook(cells=[tagged]))
    for text in ("{", "[]", "{}", no_python):
        path = desk.file(text, "x.ipynb")
        assert desk.raises(check_parameters, path, {"x": 1}).endswith(" [VM050]")


def an_unknown_parameter_is_refused(desk):
    assert desk.raises(check_parameters, NOTEBOOK, {"sead": 1}).endswith("Did you mean seed? [VM051]")


# Run folders


def a_table_that_was_changed_by_hand_is_made_again(desk, tmp_path):
    run_ = vm.open_run(PARAMETERS / "west-midlands.yaml", tmp_path, profile="tiny")
    made = vm.stage_tables(run_, "inputs")["assumptions"]
    path = tmp_path / "tables" / "assumptions.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    again = vm.stage_tables(run_, "inputs")["assumptions"]
    pd.testing.assert_frame_equal(made, again)
    assert path.read_bytes() == whole


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


ITEMS = {
    "04-exponent": exponents_are_numbers,
    "12-shares": branch_shares_must_sum_to_one,
    "14-period": a_period_must_end_after_it_starts,
    "15-ranges": ranges_must_be_possible,
    "16-seed": seeds_are_whole_and_not_too_large,
    "17-sizes": numbers_of_runs_are_those_a_machine_can_hold,
    "19-units": a_unit_is_never_guessed,
    "3-commands": numbers_of_a_command_are_written_as_in_a_scenario,
    "30-notebook": what_is_no_notebook_is_refused,
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
    "50-by-hand": a_table_that_was_changed_by_hand_is_made_again,
    "50-versions": what_another_version_or_a_hand_made_is_named_and_never_mixed,
    "52-cluster": a_dask_scheduler_elsewhere_needs_tls_and_workers_the_same_versions,
}


@pytest.mark.parametrize("item", ITEMS)
def test_a_bad_input_gets_the_answer_that_is_due(desk, request, item):
    desk.check(ITEMS[item], request)

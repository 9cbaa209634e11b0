"""Facts of the command line: what is printed, with which exit status, and that bad input writes nothing."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import run, run_process

from victimsmodel.appraisal.outcomes import MEASURES, measures_by_run
from victimsmodel.appraisal.replications import simulate
from victimsmodel.inputs.assumptions import stated_assumptions
from victimsmodel.inputs.loading import load_scenario

PARAMETERS = Path(__file__).parents[1] / "parameters"
FILE = "west-midlands.yaml"
COMMANDS = ("evaluate", "check", "simulate", "schema")
SMALL = {
    "demand.victims_per_year": 8400,
    "staff.contact_officer.fte": 1.0,
    "staff.caseworker.fte": 0.25,
    "staff.volunteer.fte": 0.25,
}


@pytest.fixture
def folder(tmp_path):
    """Return a folder that holds the scenario files and nothing else."""
    for path in PARAMETERS.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def tree(folder):
    """Return every path below a folder with the hash of its content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in folder.rglob("*")
    }


def spoil(folder, old, new):
    """Replace the only occurrence of a text in the scenario file, and return its line number."""
    path = folder / FILE
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def refused(folder, *arguments):
    """Run a command that must be refused; return the lines that it printed about it."""
    before = tree(folder)
    ran = run(folder, *arguments)
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    assert tree(folder) == before
    return ran.stderr.splitlines()


# ------------------------------------------------------------------------------------------------
# What is printed


def test_help_lists_the_commands(tmp_path):
    ran = run_process(tmp_path, "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert all(f" {command} " in ran.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(tmp_path, command):
    ran = run(tmp_path, command, "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"victimsmodel {command}" in ran.stdout


def test_the_commands_are_known_before_anything_slow_is_loaded(tmp_path):
    program = "import sys, victimsmodel.cli; print(sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "'typer'" in ran.stdout
    for slow in ("numpy", "pandas", "numba", "matplotlib", "papermill", "pydantic"):
        assert f"'{slow}'" not in ran.stdout


def test_check_prints_every_assumption_with_its_source(folder):
    ran = run_process(folder, "check", FILE)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    rows = stated_assumptions(load_scenario(folder / FILE))
    for line, row in zip(lines, rows, strict=False):
        option = "" if row.option == "business_as_usual" else f" [{row.option}]"
        name, _, stated = line.partition("  ")
        assert name.strip() == row.input
        assert stated.strip() == f"{row.estimate}; {row.source}{option}"
    assert lines[len(rows)] == ""
    n_assumptions = sum(row.estimate.source == "assumption" for row in rows)
    assert f"Evidence is missing for {n_assumptions} of them (assumptions);" in ran.stdout
    assert lines[-1] == "The scenario is valid."


def test_simulate_prints_the_measures_of_each_option_as_json(folder):
    settings = [word for name, value in SMALL.items() for word in ("--set", f"{name}={value}")]
    ran = run(folder, "simulate", FILE, "--json", "--seed", "3", *settings)
    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    scenario = load_scenario(folder / FILE, SMALL)
    assert list(found) == list(scenario.options)
    runs = measures_by_run(simulate(scenario, n_draws=1, n_replications=20, seed=3), scenario)
    for option, measures in found.items():
        assert list(measures) == [measure.name for measure in MEASURES]
        for name, value in measures.items():
            assert value == pytest.approx(runs.xs(option)[name].mean(), rel=1e-8)


def test_simulate_prints_a_table_of_one_option(folder):
    settings = [word for name, value in SMALL.items() for word in ("--set", f"{name}={value}")]
    ran = run(folder, "simulate", FILE, "--option", "phone_first", *settings)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Phone first" in ran.stdout
    assert "Business as usual" not in ran.stdout
    assert all(measure.title.split()[0] in ran.stdout for measure in MEASURES)


def test_nothing_is_written_by_commands_that_print(folder):
    before = tree(folder)
    run(folder, "check", FILE)
    run(folder, "schema")
    assert tree(folder) == before


def test_schema_prints_a_json_schema(tmp_path):
    ran = run(tmp_path, "schema")
    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    assert found["type"] == "object"
    assert {"name", "demand", "staff", "options", "sources", "extends"} <= found["properties"].keys()


def test_schema_writes_the_file_that_it_then_finds_up_to_date(tmp_path):
    assert run(tmp_path, "schema", "--out", "schema.json").returncode == 0
    assert run(tmp_path, "schema", "--check", "schema.json").returncode == 0
    with (tmp_path / "schema.json").open("ab") as stream:
        stream.write(b"\xff")
    assert refused(tmp_path, "schema", "--check", "schema.json") == [
        "schema.json: is not the schema of this version."
        " Run victimsmodel schema --out with this name. [VM060]"
    ]


# ------------------------------------------------------------------------------------------------
# What is wrong in a file


@pytest.mark.parametrize("command", ["check", "simulate", "evaluate"])
def test_a_misspelt_key_is_named_with_the_likely_one(folder, command):
    line = spoil(folder, "first_attempt_days: 2", "first_atempt_days: 2")
    assert refused(folder, command, FILE) == [
        f"{FILE}:{line}: standards.first_atempt_days: is not a known key"
        " (known: first_attempt_days, contact_days, support_days). Did you mean first_attempt_days? [VM017]"
    ]


def test_a_probability_above_one_is_refused_with_the_likely_one(folder):
    line = spoil(folder, "sensitivity: {value: 0.92,", "sensitivity: {value: 1.2,")
    assert refused(folder, "evaluate", FILE) == [
        f"{FILE}:{line}: assessment.sensitivity.value = 1.2: must be a probability from 0 to 1 (exclusive)."
        " Did you mean 0.12? [VM012]"
    ]


def test_a_number_without_a_source_is_refused(folder):
    line = spoil(folder, "high: 4, unit: GBP, source: assumption,", "high: 4, unit: GBP,")
    (found,) = refused(folder, "check", FILE)
    assert found == (
        f"{FILE}:{line}: costs.practical_case.source: is missing:"
        " every number names a key of the sources register, or assumption. [VM010]"
    )


def test_a_source_that_is_not_in_the_register_is_refused(folder):
    line = spoil(folder, "source: intake_delay_2002,", "source: intake_delay_2020,")
    assert refused(folder, "evaluate", FILE) == [
        f"{FILE}:{line}: contact.fade_days.source = intake_delay_2020: is not in the sources register."
        " Did you mean intake_delay_2002? [VM020]"
    ]


def test_all_problems_are_told_at_once_a_line_each(folder):
    spoil(folder, "first_attempt_days: 2", "first_atempt_days: 2")
    spoil(folder, "sensitivity: {value: 0.92,", "sensitivity: {value: 1.2,")
    spoil(folder, "grant_gbp: 948920", "grant_gbp: 948,920")
    found = refused(folder, "evaluate", FILE, "--set", "staff.contact_oficer.fte=3")
    assert sorted(line.rpartition(" ")[2] for line in found) == ["[VM005]", "[VM008]", "[VM012]", "[VM017]"]


# ------------------------------------------------------------------------------------------------
# What is wrong in the command


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("simulate", FILE, "--option", "phone_frist"),
            "option: phone_frist: is not an option of west-midlands (known: business_as_usual, phone_first,"
            " text_then_call, needs_flagged, consent_at_report). Did you mean phone_first? [VM030]",
        ),
        (
            ("evaluate", FILE, "--profile", "fast"),
            "--profile: profile = fast: must be tiny, quick, full. [VM033]",
        ),
        (("check", FILE, "--set", "contact"), "--set: must be KEY=VALUE. [VM008]"),
        (("evaluate", FILE, "--set", "=3"), "--set: must be KEY=VALUE. [VM008]"),
        (
            ("evaluate", FILE, "--set", "staff.contact_oficer.fte=3"),
            "--set: staff.contact_oficer.fte: is not a field of the scenario."
            " Did you mean staff.contact_officer.fte? [VM008]",
        ),
        (
            ("check", FILE, "--set", "staff.contact_officer.fte=many"),
            "--set: staff.contact_officer.fte = many: must be a number from 0 to 1000. [VM019]",
        ),
        (
            ("check", FILE, "--set", "demand.need=25%"),
            "--set: demand.need = 25%: must be a share, not a percentage. Write 0.25. [VM005]",
        ),
        (
            ("simulate", FILE, "--seed", "-1"),
            "simulate: seed = -1: must be an integer from 0 to 2^63 - 1. [VM031]",
        ),
        (
            ("evaluate", FILE, "--seed", "-1"),
            "simulate: seed = -1: must be an integer from 0 to 2^63 - 1. [VM031]",
        ),
        (("evaluate", "absent.yaml"), "absent.yaml: does not exist. [VM001]"),
        (("check", "."), ".: must be a regular file. [VM001]"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_command_is_answered_in_one_line(folder, arguments, message):
    assert refused(folder, *arguments) == [message]


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", FILE, "--seed", "one"),
        ("evaluate", FILE, "--jobs", "0"),
        ("simulate",),
        ("evalute", FILE),
    ],
)
def test_what_the_command_line_itself_cannot_read_is_refused(folder, arguments):
    assert refused(folder, *arguments)


def test_a_place_that_cannot_be_written_to_has_its_own_exit_status(folder):
    (folder / "outputs").write_text("a file where the run folder should be made")
    before = tree(folder)
    ran = run(folder, "evaluate", FILE, "--profile", "tiny")
    assert ran.returncode == 73
    reason = r"cannot be written: outputs is a file, and no folder \[VM040\]\n"
    assert re.fullmatch(rf"outputs/\.west-midlands-[0-9a-f]{{12}}\.lock: {reason}", ran.stderr)
    assert tree(folder) == before
    ran = run(folder, "schema", "--out", "outputs/schema.json")
    assert ran.returncode == 73
    assert re.fullmatch(rf"outputs/schema\.json: {reason}", ran.stderr)
    assert tree(folder) == before


def test_the_traceback_is_shown_when_it_is_asked_for(folder):
    ran = run_process(folder, "--debug", "check", "absent.yaml")
    assert ran.returncode != 0
    assert "Traceback" in ran.stderr
    assert "absent.yaml: does not exist. [VM001]" in ran.stderr

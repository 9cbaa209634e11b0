"""No id of a victim leaves a contact log: not into a file, a message, a log record or a traceback."""

import gzip
import io
import logging
import os
import signal
import subprocess
import sys
import time
import traceback
import zipfile
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from desk import PARAMETERS

import victimsmodel as vm
from victimsmodel.errors import InputError, InvariantError, VictimsModelError
from victimsmodel.inputs.attempts import attempts_of
from victimsmodel.inputs.sealed_reading import sealed_reading
from victimsmodel.pathway.reach_hazard import estimate_reach

CANARY = "KESTREL{:04d}QX"
HEADER = "victim_id,channel,date,time,outcome,group,minutes,crime_date"
N_VICTIMS = 120


def attempts():
    """Return rows of a log that has all that estimation asks for, each with an id that is unmistakable."""
    generator = np.random.default_rng(1)
    rows = []
    for victim in range(N_VICTIMS):
        ease = generator.beta(2, 3)
        for attempt in range(3):
            channel = ("phone", "text", "phone")[attempt]
            reached = generator.random() < ease
            outcome = "reached" if reached else "no answer"
            group = "violence" if victim % 2 else "theft"
            when = f"2026-04-{13 + 2 * attempt:02d},{10 + attempt}:15"
            rows.append(
                f"{CANARY.format(victim)},{channel},{when},{outcome},{group},{4 + attempt},"
                f"2026-04-{1 + victim % 10:02d}"
            )
            if reached:
                break
    return rows


def text_of(rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def holds(content):
    """Say whether bytes, or what is packed into them, hold a canary."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(holds(archive.read(name)) for name in archive.namelist())
    if content.startswith(b"\x1f\x8b"):
        return holds(gzip.decompress(content))
    return b"KESTREL" in content.upper() or "KESTREL".encode("utf-16-le") in content


def told_by(error):
    """Return what a crash report would hold: messages, and the variables of every frame."""
    seen, lines = set(), []
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        lines += traceback.TracebackException.from_exception(error, capture_locals=True).format()
        error = error.__cause__ or error.__context__
    return "".join(lines)


@contextmanager
def struck(function, error):
    """Raise an error where a function begins, as Ctrl-C or a lack of memory may at any moment."""

    def look(frame, event, _):
        if event == "call" and frame.f_code is function.__code__:
            raise error

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


def watched(caplog, call, *arguments, **named):
    """Call something; return it or its error, and all that was said on the way."""
    out = io.StringIO()
    caplog.clear()
    with redirect_stdout(out), redirect_stderr(out), caplog.at_level(logging.DEBUG):
        try:
            result = call(*arguments, **named)
            said = f"{result!r}{result}"
        except BaseException as error:
            result, said = error, told_by(error)
    return result, out.getvalue() + caplog.text + said


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """Return a log as CSV, gzip and workbook."""
    folder = tmp_path_factory.mktemp("cases")
    paths = [folder / name for name in ("log.csv", "log.csv.gz", "log.xlsx")]
    content = text_of(attempts())
    paths[0].write_text(content)
    paths[1].write_bytes(gzip.compress(content.encode()))
    book = openpyxl.Workbook()
    for line in content.splitlines():
        book.active.append(line.split(","))
    book.save(paths[2])
    return paths


def test_what_is_read_estimated_drawn_and_written_holds_no_id(logs, tmp_path, caplog):
    for path in logs:
        log, said = watched(caplog, vm.load_contact_log, path)
        assert log.n_victims == N_VICTIMS
        found, more = watched(caplog, vm.estimate_attrition, log)
        assert "KESTREL" not in said + more + repr(vars(log)) + repr(vars(found))
    found.write_estimates(tmp_path / "log.yaml")
    shown = vm.released_attrition(found)._asdict()
    tables = shown | {name: getattr(found, name) for name in ("covariance", "correlation", "findings")}
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv")
    figure = vm.plot_reach(found)
    for ending in ("png", "svg", "pdf"):
        figure.savefig(tmp_path / f"reach.{ending}")
    assert len(list(tmp_path.iterdir())) == 10
    assert not [path.name for path in tmp_path.iterdir() if holds(path.read_bytes())]


def test_a_run_with_the_estimates_of_a_log_holds_no_id(logs, tmp_path, caplog):
    scenario = vm.load_scenario(PARAMETERS / "west-midlands.yaml")
    found = vm.estimate_attrition(vm.load_contact_log(logs[0]))
    found.write_estimates(tmp_path / "log.yaml", scenario)
    sources = (PARAMETERS / "sources.yaml").read_text()
    (tmp_path / "sources.yaml").write_text(sources + "contact_log: {title: A log, year: 2026}\n")
    text = f"extends: {PARAMETERS / 'west-midlands.yaml'}\nestimates: log.yaml\n"
    (tmp_path / "x.yaml").write_text(text)
    run, said = watched(caplog, vm.open_run, tmp_path / "x.yaml", tmp_path / "run", profile="tiny")
    tables, more = watched(caplog, vm.stage_tables, run, "inputs")
    assert "assumptions" in tables
    assert "KESTREL" not in said + more
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".parquet" for path in files)
    assert not [path.name for path in files if holds(path.read_bytes())]


def spoilt(rows, kind):
    """Return a log that cannot be read, with an id wherever a message could repeat one."""
    first = rows[5].split(",")
    cell = {"date": 2, "time": 3, "channel": 1, "outcome": 4, "group": 5, "minutes": 6}
    if kind in cell:
        first[cell[kind]] = first[0]
        return text_of([*rows[:5], ",".join(first), *rows[6:]])
    return {
        "ragged": text_of([*rows, rows[0] + "," + first[0]]),
        "quote": text_of([*rows, f'{first[0]},"phone']),
        "no header": text_of(rows[1:], rows[0]),
        "personal": text_of([f"{row},Jane Smithson" for row in rows], f"{HEADER},x"),
        "missing": text_of(rows, HEADER.replace("outcome", "end")),
        "twice": text_of(rows, HEADER.replace("minutes", "date")),
        "rounded": text_of([f"1.2E+15{row[13:]}" for row in rows[:1]] + rows[1:]),
        "nul": text_of(rows) + "\0",
        "names in ids": text_of([row.replace("KESTREL", "janesmith") for row in rows]),
    }[kind]


KINDS = ("date", "time", "channel", "outcome", "group", "minutes", "ragged", "quote", "no header", "personal",
         "missing", "twice", "rounded", "nul", "names in ids")  # fmt: skip
READERS = {
    "log": vm.load_contact_log,
    "map": vm.propose_mapping,
    "returns": lambda path: vm.load_returns(path, path),
    "crime": vm.load_recorded_crime,
    "population": vm.load_population,
    "survey": lambda path: vm.load_survey(path, {"q": vm.AGREEMENT}),
    "boundaries": vm.load_boundaries,
    "funding": vm.load_funding,
    "scenario": vm.load_scenario,
    "workbook": vm.load_input_workbook,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_that_is_refused_leaves_no_id_in_a_message_or_a_frame(tmp_path, caplog, kind):
    path = tmp_path / "log.csv"
    path.write_text(spoilt(attempts()[:40], kind))
    for name, read in READERS.items():
        error, said = watched(caplog, read, path)
        assert isinstance(error, InputError), (name, error)
        assert "KESTREL" not in said.upper(), name
        assert "JANESMITH" not in said.upper(), name
        assert "Smithson" not in said, name
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_fault_while_reading_cases_tells_its_place_and_no_variable(tmp_path, caplog):
    path = tmp_path / "log.csv"
    path.write_text(text_of(attempts()))

    @sealed_reading
    def read(place):
        cells = Path(place).read_text().splitlines()
        raise KeyError(cells[3])

    error, said = watched(caplog, read, path)
    assert isinstance(error, InvariantError)
    assert "a fault of the package (KeyError in test_canaries.py:" in str(error)
    assert "KESTREL" not in said

    with struck(attempts_of, KeyboardInterrupt()):  # once the cases are read
        error, said = watched(caplog, vm.load_contact_log, path)
    assert isinstance(error, KeyboardInterrupt)
    assert "KESTREL" not in said


def test_estimation_that_fails_half_way_shows_no_id(logs, caplog):
    log = vm.load_contact_log(logs[0])
    with struck(estimate_reach, MemoryError()):
        error, said = watched(caplog, vm.estimate_attrition, log)
    assert isinstance(error, MemoryError)
    assert not isinstance(error, VictimsModelError)
    assert "KESTREL" not in said


def test_a_process_that_is_stopped_while_it_works_on_cases_says_nothing_of_them(logs, tmp_path):
    code = (
        "import signal, sys, victimsmodel as vm\n"
        # what starts the tests in the background may have told all below it to ignore Ctrl-C
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "while True:\n"
        "    log = vm.load_contact_log(sys.argv[1]); print('read', flush=True); vm.estimate_attrition(log)\n"
    )
    command = [sys.executable, "-X", "faulthandler", "-c", code, str(logs[2])]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"read\n"
        for _ in range(60):  # Python forgets a Ctrl-C that comes while it tidies up after itself
            time.sleep(0.3)
            if started.poll() is not None:
                break
            started.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        said, _ = started.communicate(timeout=60)
    assert started.returncode != 0
    assert not holds(said)
    assert list(tmp_path.iterdir()) == []


def test_a_stripped_log_is_the_one_file_that_keeps_ids_and_says_so_by_heading(logs, tmp_path, caplog):
    path = tmp_path / "log.csv"
    path.write_text(text_of([f"{row},Jane Smithson" for row in attempts()], f"{HEADER},x"))
    made, said = watched(caplog, vm.strip_personal, path, tmp_path / "copy.csv")
    assert made.removed == ("column 9 (x), which holds what looks like a name",)
    assert "KESTREL" not in said
    assert vm.load_contact_log(made.path).n_victims == N_VICTIMS

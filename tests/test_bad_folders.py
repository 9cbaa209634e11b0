"""Places that cannot be written, runs that are stopped, and rows of cases that must not travel."""

import errno
import hashlib
import os
import pickle
import re
import signal
import subprocess
import sys
import time

import pytest
from desk import (
    PARAMETERS,
    Desk,
    tree,
)

import victimsmodel as vm
from victimsmodel.cluster.chunks import check_travels
from victimsmodel.errors import BusyError, CannotWriteError, DiskFullError, PrivacyError
from victimsmodel.files import write_whole
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.kept_tables import kept_tables
from victimsmodel.locks import only_run
from victimsmodel.pathway.pieces import Piece


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("desk"))


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


def a_stop_takes_two_seconds_and_says_how_to_resume(desk, tmp_path):
    for folder, signals, status in (
        ("ctrl-c twice", [signal.SIGINT, signal.SIGINT], 130),
        ("ended", [signal.SIGTERM], 143),
    ):
        stopped(tmp_path / folder, signals, status)


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
    "43-cases": rows_of_cases_go_to_no_other_process,
    "49-no-place": a_place_that_cannot_be_written_has_its_own_status,
    "49-busy": a_second_run_in_a_folder_waits_outside,
    "51-stopped": a_stop_takes_two_seconds_and_says_how_to_resume,
}


@pytest.mark.parametrize("item", ITEMS)
def test_a_bad_input_gets_the_answer_that_is_due(desk, request, item):
    check = ITEMS[item]
    asked = check.__code__.co_varnames[1 : check.__code__.co_argcount]
    check(desk, **{name: request.getfixturevalue(name) for name in asked})

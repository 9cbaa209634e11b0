"""Places that cannot be written, runs that are stopped, and rows of cases that must not travel."""

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
from contextlib import suppress

import pytest
from command_line import run
from desk import (
    PARAMETERS,
    QUARTERS,
    RETURN,
    by_its_mapping,
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


def no_file_is_replaced_that_is_another(desk, tmp_path):
    os.mkfifo(tmp_path / "pipe.json")  # a device would do as well: writers put a new file over its name
    (tmp_path / "folder.json").mkdir()
    for name in ("pipe.json", "folder.json"):
        (line,) = desk.refused("schema", "--out", tmp_path / name, status=73)
        assert line.endswith("cannot be written: is no regular file [VM040]")
    (tmp_path / "mine.json").write_text("{}")
    (line,) = desk.refused("schema", "--out", tmp_path / "mine.json")
    assert line.endswith("--out: exists. It holds no schema: name another. [VM311]")
    old = tmp_path / "a.parquet"
    old.write_bytes(b"old")
    (line,) = desk.refused("log", "west-midlands.yaml", "--out", old)
    assert line.endswith("--out: exists. Name another, or add --replace. [VM311]")
    (tmp_path / "edited.docx").write_bytes(b"mine")
    wrong = {"edited.docx": "exists. Name another, or add --replace.", "a.parquet": "must end in .docx."}
    for out, message in wrong.items():
        (line,) = desk.refused("word", desk.folder, "--out", tmp_path / out)
        assert line.endswith(f"--out: {message} [VM311]")
    for command in ("schema", "log west-midlands.yaml"):
        (line,) = desk.refused(*command.split(), "--out", "west-midlands.yaml")
        assert "--out: must end in ." in line
    assert old.read_bytes() == b"old"


WRITING = {
    "workbook": ("west-midlands.yaml", "--out", "{}/a.xlsx", "--replace"),
    "schema": ("--out", "{}/a.json"),
    "map": ("r.csv", "--out", "{}/a.yaml"),
    "returns": ("r.csv", "--mapping", "m.yaml", "--out", "{}/a"),
    "strip": ("r.csv", "--out", "{}/a.csv"),
    "log": ("west-midlands.yaml", "--out", "{}/a.parquet"),
}


def writing(desk, folder):
    """Yield what each command that writes says where it cannot, all other files left as they were."""
    by_its_mapping(desk, desk.file(RETURN + "".join(QUARTERS), "r.csv"))
    (desk.folder / "m.yaml").write_text(desk.mapping.read_text())
    for command, arguments in WRITING.items():
        before = tree(desk.folder)
        ran = run(desk.folder, command, *(text.format(folder) for text in arguments))
        assert tree(desk.folder) == before
        yield ran.returncode, ran.stderr.splitlines()[-1]


def no_command_writes_where_a_file_stands_for_the_folder(desk, tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    for status, line in writing(desk, tmp_path / "file"):
        assert (status, line.endswith("file is a file, and no folder [VM040]")) == (73, True), line
    assert tree(tmp_path) == {"file": hashlib.sha256(b"old").hexdigest()}


def a_full_disk_keeps_what_stood_on_it(desk, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only a superuser mounts a disk")
    try:
        (disk / "a.xlsx").write_bytes(b"old")
        with suppress(OSError), (disk / "filler").open("wb") as filler:
            filler.write(bytes(100_000))
        before = tree(disk)
        for status, line in writing(desk, disk):
            assert re.search(r"disk is full, 0.0 kB free and [\d.]+ [kM]B needed for this file", line), line
            assert status == 74
            assert tree(disk) == before
    finally:
        subprocess.run(["umount", str(disk)], check=True)


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
    folder = next(path for path in out.iterdir() if path.is_dir())  # a lock may stand beside it
    run_ = vm.open_run(PARAMETERS / "west-midlands.yaml", folder, profile="tiny")
    assert kept_tables(run_.folder, "demand", run_.made_from) is not None


def slowness():
    """Return how many times slower than alone a process runs here now, for other processes are at work."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


ITEMS = {
    "43-cases": rows_of_cases_go_to_no_other_process,
    "49-no-place": a_place_that_cannot_be_written_has_its_own_status,
    "49-a-file": no_command_writes_where_a_file_stands_for_the_folder,
    "49-another-file": no_file_is_replaced_that_is_another,
    "49-full": a_full_disk_keeps_what_stood_on_it,
    "49-busy": a_second_run_in_a_folder_waits_outside,
    "51-stopped": a_stop_takes_two_seconds_and_says_how_to_resume,
}


@pytest.mark.parametrize("item", ITEMS)
def test_a_bad_input_gets_the_answer_that_is_due(desk, request, item):
    desk.check(ITEMS[item], request)

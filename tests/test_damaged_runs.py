"""Facts of what is kept: a flipped bit or a lost end is seen, and what it stood in is made again."""

import os
import random
import shutil
import threading
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from small_evaluation import SCENARIO, SMALL, STAGES, evaluate_whole
from test_killed_runs import lasting

from victimsmodel import sweeps
from victimsmodel.errors import BusyError, CannotWriteError, DiskFullError
from victimsmodel.files import part_of, sweep_parts, write_whole
from victimsmodel.kept_tables import kept_tables
from victimsmodel.locks import only_run
from victimsmodel.parquet import parquet_bytes, read_parquet
from victimsmodel.runs import evaluate
from victimsmodel.sealed import opened_text, sealed_text
from victimsmodel.stages import open_run, stage_tables
from victimsmodel.steps import Step, hashes


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def damages(folder, n_flips, n_truncations, chance):
    """Yield files with damaged content: single bits first, then ends that are lost."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "report.docx")
    for number in range(n_flips + n_truncations):
        path = chance.choice([file for file in files if file.stat().st_size])
        data = path.read_bytes()
        if number < n_flips:
            yield path, flipped(data, chance.randrange(8 * len(data)))
        else:
            yield path, data[: chance.randrange(len(data))]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    run = open_run(SCENARIO, tmp_path_factory.mktemp("made"), overrides=SMALL, profile="tiny")
    for stage in STAGES:
        stage_tables(run, stage)
    return run


def standing(run):
    return [kept_tables(run.folder, stage, run.made_from) is not None for stage in STAGES]


def test_every_flipped_bit_and_lost_end_of_kept_tables_is_seen_and_made_again(made):
    chance, whole, damaged = random.Random(8), lasting(made.folder), {}
    for path, content in damages(made.folder, 40, 10, chance):
        before = path.read_bytes()
        path.write_bytes(content)
        assert sorted(standing(made)) == [False, True]  # the one that it belongs to, and no other
        path.write_bytes(before)
        damaged[path] = content
    assert standing(made) == [True, True]
    for path, content in damaged.items():
        path.write_bytes(content)
    for stage in STAGES:
        stage_tables(made, stage)
    assert lasting(made.folder) == whole


@pytest.mark.long
def test_400_flipped_bits_and_50_lost_ends_of_a_whole_run_are_seen_and_made_again(tmp_path):
    """Each is seen alone; then 150 stand at once, and one evaluation mends them all."""
    folder = evaluate_whole(tmp_path)
    again = {"overrides": SMALL, "profile": "tiny", "out": tmp_path}
    whole, chance = lasting(folder), random.Random(9)
    n_seen = 0
    from victimsmodel.runs import _is_complete

    key = open_run(SCENARIO, folder, overrides=SMALL, profile="tiny").key
    for n_flips, n_truncations in ((133, 17), (133, 17), (134, 16)):
        assert _is_complete(folder, key)
        damaged = {}
        for path, content in damages(folder, n_flips, n_truncations, chance):
            before = path.read_bytes()
            path.write_bytes(content)
            n_seen += not _is_complete(folder, key)
            path.write_bytes(before)
            damaged[path] = content
        for path, content in damaged.items():
            path.write_bytes(content)
        assert evaluate(SCENARIO, **again).is_new
        assert lasting(folder) == whole
    assert n_seen == 450


def test_no_bit_of_a_record_flips_unseen():
    said = {"made_from": {"its source": "a3"}, "files": {"tables/a b.csv": "0f"}, "number": 1.5}
    text = sealed_text(said).encode()
    assert opened_text(text.decode()) == said
    n_seen = 0
    for bit in range(8 * len(text)):
        try:
            opened_text(flipped(text, bit).decode())
        except ValueError:
            n_seen += 1
    assert n_seen == 8 * len(text)


def test_pages_of_tables_carry_checksums_that_reading_verifies(tmp_path):
    table = pd.DataFrame({"victims": range(5_000), "group": ["a", "b"] * 2_500})
    data = parquet_bytes(table)
    assert parquet_bytes(table) == data
    pd.testing.assert_frame_equal(read_parquet(data), table)
    page = len(data) // 3
    (tmp_path / "a.parquet").write_bytes(flipped(data, 8 * page))
    with pytest.raises(OSError, match="CRC checksum verification failed"):
        read_parquet(tmp_path / "a.parquet")


def test_a_damaged_combination_of_a_sweep_is_computed_again(tmp_path):
    path, table = tmp_path / f"{'ab' * 32}.parquet", pd.DataFrame({"estimate": [1.0, 2.0]})
    assert sweeps._read(path) is None
    sweeps._keep(path, table)
    pd.testing.assert_frame_equal(sweeps._read(path), table)
    data = path.read_bytes()
    for bit in range(0, 8 * len(data), 97):
        path.write_bytes(flipped(data, bit))
        assert sweeps._read(path) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"the seed": "2"}, "the seed changed"),
        ({"the seed": "2", "the scenario": "b"}, "the scenario and the seed changed"),
        ({"its source": "c"}, "its source changed"),
    ],
)
def test_a_step_says_which_of_its_origins_changed(tmp_path, caplog, changed, why):
    origins = {"the scenario": "a", "the seed": "1"}
    write_whole(tmp_path / "a.csv", b"a")
    Step("stage x", tmp_path, "x.json", origins).keep(hashes(tmp_path, ["a.csv"]))
    caplog.set_level("INFO", "victimsmodel.steps")
    assert Step("stage x", tmp_path, "x.json", origins).contents() == {"a.csv": b"a"}
    assert Step("stage x", tmp_path, "x.json", {**origins, **changed}).contents() is None
    assert caplog.messages == [f"stage x is made again: {why}"]


def test_a_record_that_names_files_elsewhere_is_no_record(tmp_path):
    step = Step("stage x", tmp_path / "run", "x.json", {})
    for name in ("../a.csv", "/etc/hostname", "tables/../../a.csv"):
        step.keep({name: "0"})
        assert step.noted() is None
        assert not step.stands()


def test_temporary_files_of_ended_processes_are_swept_and_no_others(tmp_path):
    ended = os.fork()
    if ended == 0:
        os._exit(0)
    os.waitpid(ended, 0)
    (tmp_path / "tables").mkdir()
    stale = [
        tmp_path / "tables" / f".a.csv.{ended}.part",
        tmp_path / f".1_demand.ipynb.{ended}.part.ipynb",
    ]
    kept = [part_of(tmp_path / "a.csv"), tmp_path / ".my.part", tmp_path / "a.part.csv", tmp_path / "a.csv"]
    for path in (*stale, *kept):
        path.write_bytes(b"x")
    assert sorted(sweep_parts(tmp_path)) == sorted(stale)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)


def test_a_temporary_file_of_a_process_that_nobody_has_waited_for_is_swept(tmp_path):
    ended = os.fork()
    if ended == 0:
        os._exit(0)
    os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)  # it has ended and stands in the table of processes
    path = tmp_path / f".a.csv.{ended}.part"
    path.write_bytes(b"x")
    found = sweep_parts(tmp_path)
    os.waitpid(ended, 0)
    assert found == [path]


def test_a_file_is_on_the_disk_before_its_name_and_its_name_before_the_next_file(tmp_path, monkeypatch):
    """The order of calls to the system: what a loss of power leaves depends on nothing else."""
    calls = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor):
        calls.append(f"fsync {Path(os.readlink(f'/proc/self/fd/{descriptor}')).name}")
        fsync(descriptor)

    def noted_replace(self, target):
        calls.append(f"rename {Path(target).name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_whole(tmp_path / "a.csv", b"a")
    assert calls == [f"fsync .a.csv.{os.getpid()}.part", "rename a.csv", f"fsync {tmp_path.name}"]


def test_two_never_hold_a_folder_at_once_however_its_lock_comes_and_goes(tmp_path):
    inside, most, turns = [], [], []

    def work():
        for _ in range(150):
            with suppress(BusyError), only_run(tmp_path / "run"):
                inside.append(1)
                most.append(len(inside))
                turns.append(1)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert len(turns) > 6
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [CannotWriteError, DiskFullError])
def test_a_disk_that_is_full_in_a_notebook_is_told_as_such(tmp_path, kind):
    from victimsmodel.executor import _failure

    error = RuntimeError("cell 3")
    error.ename, error.evalue = kind.__name__, "figures/a.svg: cannot be written [VM271]"
    told = _failure(error, Path("a.ipynb"), tmp_path / "a.FAILED.ipynb")
    assert (type(told), str(told)) == (kind, "figures/a.svg: cannot be written [VM271]")


def test_a_copied_run_stands_where_it_is_copied_to(made, tmp_path):
    shutil.copytree(made.folder, tmp_path / "copy")
    copied = open_run(SCENARIO, tmp_path / "copy", overrides=SMALL, profile="tiny")
    assert standing(copied) == [True, True]

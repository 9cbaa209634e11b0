"""Facts of runs that are killed anywhere: nothing torn, nothing lost, the same bytes when they go on."""

import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from processes import descendants, listeners
from small_evaluation import evaluate_small, write_notebook

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs the files of Linux")
LOOPBACK = "0100007F"


class Runs:
    """A process that forks evaluations: what they import is imported once."""

    def __init__(self, notebooks):
        program = Path(__file__).with_name("small_evaluation.py")
        command = [sys.executable, str(program), *map(str, notebooks)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, out, n_workers=0):
        self.process.stdin.write(f"{n_workers} {out}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def ended(self):
        """Wait for the evaluation; return its exit status."""
        return int(self.process.stdout.readline())


@contextmanager
def runs_of(notebooks):
    runs = Runs(notebooks)
    try:
        yield runs
    finally:
        runs.process.communicate()


def lasting(folder):
    """Return the bytes of all files but notebooks, the Word file and what names their hashes."""
    return {
        name: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and (name := path.relative_to(folder).as_posix())
        and path.parent.name != "notebooks"
        and path.name not in ("manifest.json", "report.docx")
        and not path.name.endswith(".part")
    }


def hidden_parts(out):
    return [path for path in out.rglob("*") if ".part" in path.name or path.name.endswith(".lock")]


def kind_of(pid, main):
    """Return what a process of an evaluation is."""
    if pid == main:
        return "main"
    with suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        if "spawn_main" in command:
            return "worker"
        if "victimsmodel.kernels" in command:
            parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
            return "nursery" if int(parent) == main else "kernel"
    return "other"  # such as what counts the semaphores of workers


def found_kinds(main):
    """Return the processes of an evaluation by kind."""
    found = {}
    for pid in descendants(main):
        found.setdefault(kind_of(pid, main), []).append(pid)
    return found


def first_difference(found, expected):
    """Return the sizes of two files, and what they hold about the first byte in which they differ."""
    pairs = enumerate(zip(found, expected, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(found), len(expected)))
    around = slice(max(0, place - 80), place + 80)
    return len(found), len(expected), found[around], expected[around]


def kill_often(runs, whole, out, n_kills, seconds, kinds=("main", "other", "nursery", "kernel", "worker")):
    """Kill evaluations, and the processes that work for them, at random moments.

    Each time the kind that was hit least is waited for; what is left goes on and is hit again, until its
    main process is. Then what stands is looked at. Every second evaluation has two workers, if these are
    among the kinds. Returned is how often each was hit.
    """
    chance = random.Random(8)
    hits, before, turn = Counter(dict.fromkeys(kinds, 0)), {}, 0
    while hits.total() < n_kills:
        turn += 1
        wanted = kinds if turn % 2 else [kind for kind in kinds if kind != "worker"]
        pid, kind = runs.start(out, 2 * (turn % 2 and "worker" in kinds)), ""
        while kind != "main" and hits.total() < n_kills:
            kind = min(wanted, key=lambda kind: (hits[kind], chance.random()))
            time.sleep(chance.uniform(0, seconds))
            while (alive := found_kinds(pid)) and kind not in alive:
                time.sleep(0.05)
            if not alive:
                break
            with suppress(ProcessLookupError):
                os.kill(chance.choice(alive[kind]), signal.SIGKILL)
                hits[kind] += 1
        status = runs.ended()
        folders = [path for path in out.glob("*") if path.is_dir()]
        after = lasting(folders[0]) if folders else {}
        torn = [name for name in after if after[name] != whole[name]]
        assert not torn, [(name, dict(hits), *first_difference(after[name], whole[name])) for name in torn]
        assert before.keys() - after.keys() == set()  # nothing lost
        before = after
        if status == 0:
            shutil.rmtree(out)
            before = {}
    return hits


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    for name, stage in (("1_first", "inputs"), ("2_second", "demand")):
        write_notebook(folder / f"{name}.ipynb", stage, name)
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def runs(notebooks):
    with runs_of(notebooks) as started:
        yield started


@pytest.fixture(scope="module")
def undisturbed(runs, tmp_path_factory):
    """Return the folder of a run that nobody disturbed, and the addresses on which it listened."""
    out, heard = tmp_path_factory.mktemp("whole"), []
    pid, n_looks = runs.start(out), 0
    while alive := descendants(pid):
        heard += listeners(alive)
        n_looks += len(alive) > 1
        time.sleep(0.2)
    assert runs.ended() == 0
    assert n_looks > 2  # the nursery and the kernels were looked at too
    return out / "run", heard


def test_an_evaluation_listens_nowhere(undisturbed):
    assert undisturbed[1] == []


def test_the_explorer_listens_on_this_machine_only():
    from victimsmodel.explorer.running import listening

    before = listeners([os.getpid()])
    with listening(None):
        heard = listeners([os.getpid()])
    assert heard.count(LOOPBACK) == len(heard) == len(before) + 1


def test_runs_that_are_killed_at_random_resume_to_the_same_bytes(runs, undisturbed, tmp_path):
    whole = lasting(undisturbed[0])
    out = tmp_path / "out"
    hits = kill_often(runs, whole, out, n_kills=10, seconds=1.5, kinds=("main", "nursery"))
    assert min(hits.values()) == 5
    runs.start(out)
    assert runs.ended() == 0
    assert lasting(out / "run") == whole
    assert hidden_parts(out) == []


@pytest.mark.long
def test_200_kills_of_whole_evaluations_and_their_workers_lose_nothing(tmp_path):
    n_kills = int(os.environ.get("VICTIMSMODEL_KILLS", "200"))
    with runs_of([]) as runs:
        runs.start(tmp_path / "whole")
        assert runs.ended() == 0
        folder = next((tmp_path / "whole").iterdir())
        whole, out = lasting(folder), tmp_path / "out"
        hits = kill_often(runs, whole, out, n_kills, seconds=6)
        runs.start(out)
        assert runs.ended() == 0
    assert min(hits[kind] for kind in ("main", "nursery", "kernel", "worker")) >= n_kills // 8, hits
    assert lasting(out / folder.name) == whole
    assert hidden_parts(out) == []


def test_what_stands_is_not_made_again_and_what_is_says_why(undisturbed, notebooks, tmp_path, caplog):
    shutil.copytree(undisturbed[0], tmp_path / "run")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*") if path.is_file()}
    evaluate_small(tmp_path, notebooks)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert caplog.messages == []
    with caplog.at_level(logging.INFO, "victimsmodel.steps"):
        second = tmp_path / notebooks[1].name
        write_notebook(second, "demand", "renamed")
        (tmp_path / "run" / "tables" / "demand.csv").write_text("changed")
        evaluate_small(tmp_path, [notebooks[0], second])
    assert caplog.messages == [
        "stage demand is made again: tables/demand.csv was changed by hand or damaged",
        "notebook 2_second is made again: its source changed",
    ]
    figures = {path.name for path in (tmp_path / "run" / "figures").iterdir()}
    assert figures == {"1_first.png", "renamed.png"}  # what is written no longer is gone
    same = [path for path in before if "1_first" in path.name]
    assert [path.stat().st_mtime_ns for path in same] == [before[path] for path in same]

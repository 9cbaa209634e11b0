"""Facts of workers started here: on this machine alone, replaced when lost, gone with what started them."""

import os
import signal
import subprocess
import sys
import threading
import time

import dask
import numpy as np
import psutil
import pytest
from command_line import run
from local_cluster import N_DRAWS, SEED, Deadly, processes, small_pieces, worker_processes
from processes import descendants, listeners
from small_evaluation import SCENARIO, SMALL
from test_bad_folders import slowness
from test_cluster import FIELD
from test_killed_runs import LOOPBACK, lasting

import victimsmodel as vm
from victimsmodel.errors import PoisonError
from victimsmodel.parquet import parquet_bytes
from victimsmodel.pathway.pieces import others
from victimsmodel.pathway.simulate import run_piece
from victimsmodel.sweeps import sweep

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")
OVERRIDES = [part for name, value in SMALL.items() for part in ("--set", f"{name}={value}")]


def test_workers_are_replaced_and_listen_here_alone_and_end():
    before = listeners([os.getpid()])
    pieces = [piece for _ in range(8) for piece in small_pieces(6)]
    with vm.on_cluster("local", n_workers=2):
        heard = listeners(descendants(os.getpid()))
        assert len(heard) >= len(before) + 3  # the scheduler, and each worker
        assert set(heard) == {LOOPBACK}
        started = worker_processes()
        given = others()(pieces)
        first = next(given)
        started[0].send_signal(signal.SIGKILL)
        found = [first, *given]
        assert not started[0].is_running() or started[0].status() == psutil.STATUS_ZOMBIE
    assert len(found) == len(pieces)
    for draw in range(N_DRAWS):
        expected = run_piece(pieces[draw])
        for counters in found[draw::N_DRAWS]:
            np.testing.assert_array_equal(counters.funnel, expected.funnel)
    assert worker_processes() == []
    assert listeners(descendants(os.getpid())) == before
    assert others() is None


@pytest.mark.long
def test_a_year_that_ends_workers_is_named_and_the_rest_is_done():
    whole, deadly = small_pieces(2)
    deadly = deadly._replace(plan=deadly.plan._replace(staff=deadly.plan.staff.view(Deadly)))
    few = dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with few, processes(2) as cluster, vm.on_cluster(cluster.scheduler_address):
        with pytest.raises(PoisonError) as caught:
            list(others()([whole, deadly, whole]))
        names = [failure.names for failure in caught.value.failures]
        assert names == [f"option today, draw 1, replication {r}, seed {SEED}" for r in range(2)]
        assert "2 workers ended while computing it" in str(caught.value)
        assert len(list(others()([whole]))) == 1  # workers that ended were replaced


@pytest.mark.long
def test_a_sweep_that_loses_workers_again_and_again_is_the_same(tmp_path):
    vary = {FIELD: ["1", "2", "3", "4", "5", "6"]}
    given = {"overrides": {name: value for name, value in SMALL.items() if name != FIELD}}
    given |= {"n_draws": 4, "n_replications": 2, "seed": SEED}
    expected = sweep(SCENARIO, vary, out=tmp_path / "here", **given)
    lost, is_done = [], threading.Event()

    def lose():
        ready = []
        while len(lost) < 3 and not is_done.wait(0.3):  # dask gives up a year that has lost four
            for worker in ready[:1]:  # dask gives up a worker that ends while it starts
                worker.send_signal(signal.SIGKILL)
                lost.append(worker.pid)
            ready = [w for w in worker_processes() if w.pid not in lost and listeners([w.pid])]
            ready = ready if len(ready) == 2 else []

    with vm.on_cluster("local", n_workers=2):
        loser = threading.Thread(target=lose)
        loser.start()
        try:
            found = sweep(SCENARIO, vary, out=tmp_path / "there", **given)
        finally:
            is_done.set()
            loser.join()
    assert len(set(lost)) >= 2
    assert parquet_bytes(found.table) == parquet_bytes(expected.table)


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        ("simulate", "--json"),
        ("plan", "--json", "--standard", "enhanced first_attempt 2 working days 60%"),
        ("sweep", "--vary", "demand.need=0.24,0.26", "--draws", "2", "--replications", "2"),
        ("evaluate", "--profile", "tiny"),
    ],
    ids=lambda command: command[0],
)
def test_commands_compute_the_same_on_local_workers(command, tmp_path):
    name, *options = command
    made = {}
    for where in ((), ("--cluster", "local", "--jobs", "2")):
        folder = tmp_path / f"run{len(where)}"
        folder.mkdir()
        # whole names of folders: papermill goes back to the folder of an earlier run in the same process
        out = ("--out", folder) if name in ("sweep", "evaluate") else ()
        ran = run(folder, name, SCENARIO, *options, *OVERRIDES, *out, *where)
        assert ran.returncode == 0, ran.stderr
        made[where] = (
            ran.stdout.replace(str(folder), ""),
            {key: data for key, data in lasting(folder).items() if is_table(key)},
        )
    here, there = made.values()
    assert there == here


def is_table(name):
    return name.endswith((".parquet", ".csv"))


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_a_command_that_is_stopped(number, tmp_path):
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heeding}; from victimsmodel.cli import main; main()", "sweep"]
    command += [SCENARIO, *OVERRIDES, "--vary", "staff.volunteer.fte=0.25,0.5,0.75,1,1.25,1.5,1.75"]
    command += ["--out", tmp_path, "--cluster", "local", "--jobs", "2"]
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(command, **given) as started:
        while sum(bool(listeners([pid])) for pid in descendants(started.pid)) < 3:
            assert started.poll() is None
            time.sleep(0.1)
        time.sleep(1)
        pids = descendants(started.pid)
        assert set(listeners(pids)) == {LOOPBACK}
        begin = time.monotonic()
        if number == signal.SIGINT:
            os.killpg(started.pid, number)  # as a terminal does: the workers are told too
        else:
            started.send_signal(number)
        _, told = started.communicate()  # until the last process has closed what it writes to
        assert time.monotonic() - begin < 2 * slowness()
    message = "Stopped: what was finished is kept whole; the same command resumes. [VM272]\n"
    assert told == ("" if number == signal.SIGKILL else message)
    assert [pid for pid in pids if descendants(pid)] == []

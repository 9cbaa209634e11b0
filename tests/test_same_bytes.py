"""Facts of tables: the same bytes whoever computes them, in what pieces, and in what surroundings."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from small_evaluation import SCENARIO, SMALL, evaluate_whole
from test_killed_runs import lasting

from victimsmodel.appraisal.replications import simulate
from victimsmodel.cluster.connection import on_cluster
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.parquet import parquet_bytes
from victimsmodel.pathway.pieces import Piece, others
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.results import joined, tabulated
from victimsmodel.pathway.simulate import run_replications, stacked
from victimsmodel.stages import open_run, stage_tables

OPTIONS, N_DRAWS, N_REPLICATIONS, SEED = ("business_as_usual", "phone_first"), 2, 6, 3
WORKERS, CHUNKS = (1, 2, 3, 8), (1, 4, 6)


@contextmanager
def serial(n_workers):
    yield map


@contextmanager
def threads(n_workers):
    with ThreadPoolExecutor(n_workers) as pool:
        yield pool.map


@contextmanager
def processes(n_workers):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["victimsmodel.pathway.simulate"])
    with ProcessPoolExecutor(n_workers, context) as pool:
        yield pool.map


@contextmanager
def dask(n_workers):
    from local_cluster import local_workers

    def apply(function, plans, seeds, pieces, draws):
        assert function is run_replications
        return others()(map(Piece, ["option"] * len(plans), plans, seeds, pieces, draws))

    with local_workers(n_workers) as cluster, on_cluster(cluster.scheduler_address):
        yield apply


#: Who computes: each gives a function like `map`.
HOW = {"serial": serial, "threads": threads, "processes": processes, "dask": dask}


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, SMALL)


def as_bytes(result):
    return {name: parquet_bytes(table) for name, table in result._asdict().items() if table is not None}


@pytest.fixture(scope="module")
def expected(scenario):
    return as_bytes(simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED, n_jobs=1))


def in_pieces(apply, scenario, chunk):
    """Simulate in pieces of some replications of a draw, given to the workers in one go."""
    points, made = draw_points(scenario, N_DRAWS, SEED), {}
    starts = range(0, N_REPLICATIONS, chunk)
    pieces = [range(start, min(start + chunk, N_REPLICATIONS)) for start in starts]
    for option in OPTIONS:
        work = [
            (plan, SEED, piece, draw)
            for draw, plan in enumerate(build_plans(scenario, option, points))
            for piece in pieces
        ]
        found = list(apply(run_replications, *zip(*work, strict=True)))
        n = len(pieces)
        made[option] = stacked([joined(found[draw * n : (draw + 1) * n]) for draw in range(N_DRAWS)])
    return tabulated(scenario, made, points)


def combinations():
    """Return who and how many; a few of them are quick enough for every day."""
    for how in HOW:
        for n_workers in WORKERS:
            is_quick = (how, n_workers) in (("serial", 1), ("threads", 8), ("processes", 3))
            yield pytest.param(how, n_workers, marks=() if is_quick else pytest.mark.long)


@pytest.mark.parametrize(("how", "n_workers"), list(combinations()))
def test_neither_workers_nor_their_kind_nor_pieces_change_a_byte(scenario, expected, how, n_workers):
    with HOW[how](n_workers) as apply:
        for chunk in CHUNKS:
            assert as_bytes(in_pieces(apply, scenario, chunk)) == expected


@pytest.mark.parametrize("n_jobs", [2, 3, 8])
def test_the_number_of_threads_changes_no_byte(scenario, expected, n_jobs):
    found = simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED, n_jobs=n_jobs)
    assert as_bytes(found) == expected


STAGES = ("inputs", "demand", "pathway")
ELSEWHERE = {
    "TZ": "Asia/Kathmandu",
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "12345",
    "PYTHONUTF8": "0",  # so that a file opened without saying how is read as ASCII
    "PYTHONCOERCECLOCALE": "0",
}
_PROGRAM = """import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import small_evaluation as small
from victimsmodel.stages import open_run, stage_tables
if sys.argv[3:]:
    run = open_run(small.SCENARIO, sys.argv[2], overrides=small.SMALL, profile="tiny")
    for stage in sys.argv[3:]:
        stage_tables(run, stage)
else:
    small.evaluate_whole(Path(sys.argv[2]))
"""


def computed_elsewhere(out, *stages):
    tests = Path(__file__).parent
    path = os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))
    command = [sys.executable, "-c", _PROGRAM, str(tests), str(out), *stages]
    env = {**os.environ, **ELSEWHERE, "PYTHONPATH": path}
    subprocess.run(command, cwd=out, env=env, check=True, capture_output=True)


def test_time_zone_language_hashes_and_working_folder_change_no_byte(tmp_path):
    (tmp_path / "there").mkdir()
    run = open_run(SCENARIO, tmp_path / "here", overrides=SMALL, profile="tiny")
    for stage in STAGES:
        stage_tables(run, stage)
    computed_elsewhere(tmp_path / "there", *STAGES)
    assert lasting(tmp_path / "there") == lasting(tmp_path / "here")


@pytest.mark.long
def test_a_whole_evaluation_is_the_same_elsewhere_but_for_its_times(tmp_path):
    (tmp_path / "there").mkdir()
    here = evaluate_whole(tmp_path / "here")
    computed_elsewhere(tmp_path / "there")
    changing = {"report.html", "workbook.xlsx"}  # they hold the time of the evaluation
    found, expected = (lasting(folder) for folder in (tmp_path / "there" / here.name, here))
    assert found.keys() == expected.keys()
    assert [name for name in found if found[name] != expected[name] and name not in changing] == []

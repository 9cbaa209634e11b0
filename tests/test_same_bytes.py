"""Facts of tables: the same bytes whoever computes them, in what pieces, and in what surroundings."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import local_cluster
import pytest
from local_cluster import N_DRAWS, SEED
from small_evaluation import SCENARIO, SMALL, evaluate_whole
from test_killed_runs import lasting

from victimsmodel.appraisal.replications import simulate
from victimsmodel.cluster.connection import on_cluster
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.parquet import parquet_bytes
from victimsmodel.pathway.pieces import computed_by, others
from victimsmodel.pathway.results import joined
from victimsmodel.pathway.simulate import in_threads, run_piece
from victimsmodel.stages import known_stages, open_run, stage_tables

OPTIONS, N_REPLICATIONS = ("business_as_usual", "phone_first"), 6
CHUNKS = (1, 4, 6)  # simulated years that are computed together


@contextmanager
def serial(n_workers):
    yield lambda pieces, chunk: map(run_piece, pieces)


@contextmanager
def threads(n_workers):
    with in_threads(n_workers):
        compute = others()
        yield lambda pieces, chunk: compute(pieces)


@contextmanager
def processes(n_workers):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["victimsmodel.pathway.simulate"])
    with ProcessPoolExecutor(n_workers, context) as pool:
        yield lambda pieces, chunk: pool.map(run_piece, pieces, chunksize=chunk)


@contextmanager
def dask(n_workers):
    with on_cluster("local", n_workers=n_workers):
        compute = others()
        yield lambda pieces, chunk: compute(pieces)


@contextmanager
def dask_threads(n_workers):
    with local_cluster.threads(n_workers) as cluster, on_cluster(cluster.scheduler_address):
        compute = others()
        yield lambda pieces, chunk: compute(pieces)


#: Who computes: each gives a function of pieces, and of how many are sent together where that can be said.
HOW = {"serial": serial, "threads": threads, "processes": processes, "dask": dask}


def cut(apply, chunk):
    """Return what computes pieces by `apply`, each in parts of some years."""

    def compute(pieces):
        parts = [
            [
                piece._replace(replications=piece.replications[start : start + chunk])
                for start in range(0, len(piece.replications), chunk)
            ]
            for piece in pieces
        ]
        made = iter(apply([part for of_piece in parts for part in of_piece], chunk))
        for of_piece in parts:
            yield joined(list(islice(made, len(of_piece))))

    return compute


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, SMALL)


def as_bytes(result):
    return {name: parquet_bytes(table) for name, table in result._asdict().items() if table is not None}


@pytest.fixture(scope="module")
def expected(scenario):
    return as_bytes(simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED, n_jobs=1))


@pytest.mark.parametrize(
    ("how", "n_workers"),
    [(serial, 1), (threads, 8), (processes, 3), (dask_threads, 1), (dask_threads, 2)],
)
def test_neither_workers_nor_their_kind_nor_pieces_change_a_byte(scenario, expected, how, n_workers):
    with how(n_workers) as apply:
        for chunk in CHUNKS:
            with computed_by(cut(apply, chunk)):
                found = simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED)
            assert as_bytes(found) == expected


def test_the_number_of_threads_changes_no_byte(scenario, expected):
    found = simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED, n_jobs=2)
    assert as_bytes(found) == expected


def tables_of_run(out):
    """Make all tables of an evaluation; return their files."""
    run = open_run(SCENARIO, out, overrides=SMALL, profile="tiny")
    for stage in known_stages():
        stage_tables(run, stage)
    return lasting(out)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return tables_of_run(tmp_path_factory.mktemp("whole"))


@pytest.mark.long
@pytest.mark.parametrize("n_workers", [1, 2, 3, 8])
@pytest.mark.parametrize("how", HOW)
def test_all_tables_of_a_run_are_the_same_whoever_computes_them(whole, how, n_workers, tmp_path):
    n_computed = 0

    def counted(pieces, chunk):
        nonlocal n_computed
        n_computed += len(pieces)
        return apply(pieces, chunk)

    with HOW[how](n_workers) as apply:
        for chunk in CHUNKS:
            with computed_by(cut(counted, chunk)):
                assert tables_of_run(tmp_path / str(chunk)) == whole
    assert sum(name.endswith(".parquet") for name in whole) > 40
    assert n_computed > 3 * 100


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

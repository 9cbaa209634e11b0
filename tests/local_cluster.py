"""Workers of dask.distributed on this machine, for tests."""

import os
from contextlib import suppress
from functools import cache

import distributed  # noqa: F401 - its settings: dask takes those that are set before for all there are
import numpy as np
import psutil
from small_evaluation import SCENARIO, SMALL

from victimsmodel.cluster.local import local_workers
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.pieces import Piece
from victimsmodel.pathway.plan import build_plans

N_DRAWS, SEED = 2, 3
_IS_WORKER = "VICTIMSMODEL_TESTS_WORKER"


class Deadly(np.ndarray):
    """An array that ends the worker which opens it; the scheduler opens it too, unharmed."""

    def __reduce__(self):
        return _opened, (np.array(self),)


def _opened(array):
    if _IS_WORKER in os.environ:
        os._exit(3)
    return array.view(Deadly)


def processes(n_workers, **kwargs):
    """Start workers that end where a deadly array is opened; as `local_workers`, which yields the cluster."""
    return local_workers(n_workers, env={"PYTHONWARNINGS": "ignore", _IS_WORKER: "1"}, **kwargs)


def threads(n_workers):
    """Start workers that are threads of this process and start at once; one speaks to them as to others."""
    return local_workers(n_workers, processes=False, protocol="tcp")


def worker_processes(pid=None):
    """Return the worker processes that a process has started."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            found += [child] if "spawn_main" in " ".join(child.cmdline()) else []
    return found


@cache
def small_plans():
    """Return the plans of a small service, one a draw."""
    small = load_scenario(SCENARIO, SMALL)
    return build_plans(small, "business_as_usual", draw_points(small, N_DRAWS, SEED))


def small_pieces(n_replications):
    """Return one piece of work a plan: some years of each."""
    years = range(n_replications)
    return [Piece("today", plan, SEED, years, draw) for draw, plan in enumerate(small_plans())]

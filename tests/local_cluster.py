"""Workers of dask.distributed on this machine, for tests."""

import os
from contextlib import suppress

import distributed  # noqa: F401 - its settings: dask takes those that are set before for all there are
import numpy as np
import psutil

from victimsmodel.cluster.local import local_workers

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

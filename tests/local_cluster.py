"""Workers of dask.distributed on this machine: processes that listen on 127.0.0.1 alone."""

import os
from contextlib import contextmanager

import numpy as np
from distributed import LocalCluster

_IS_WORKER = "VICTIMSMODEL_TESTS_WORKER"


class Deadly(np.ndarray):
    """An array that ends the worker which opens it; the scheduler opens it too, unharmed."""

    def __reduce__(self):
        return _opened, (np.array(self),)


def _opened(array):
    if _IS_WORKER in os.environ:
        os._exit(3)
    return array.view(Deadly)


@contextmanager
def local_workers(n_workers, **kwargs):
    """Start workers of one thread each; yield the cluster."""
    with LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
        env={"NUMBA_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore", _IS_WORKER: "1"},
        **kwargs,
    ) as cluster:
        yield cluster

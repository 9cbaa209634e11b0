"""Workers of dask.distributed on this machine: processes that listen on 127.0.0.1 alone."""

from contextlib import contextmanager

from distributed import LocalCluster


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
        env={"NUMBA_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"},
        **kwargs,
    ) as cluster:
        yield cluster

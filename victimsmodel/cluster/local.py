"""Workers on this machine that are started for one computation, and end with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from victimsmodel.errors import input_error

#: Instead of the address of a scheduler: start workers here.
LOCAL = "local"
_HOST = "127.0.0.1"
#: No page of theirs is served, and none is linked to.
_NO_PAGES: dict[str, Any] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
_SILENT = 50  # logging: a worker that is lost is replaced, and what cannot be done is our error
#: What counts semaphores need not say that this process was ended before it could give them back.
_UNCOUNTED = "ignore::UserWarning:multiprocessing.resource_tracker"


@contextmanager
def local_workers(n_workers: int | None = None, **kwargs: Any) -> Iterator[Any]:
    """Start a scheduler in this process, and processes of one thread each; yield the cluster.

    All listen on 127.0.0.1 alone. A worker that ends is replaced; all end when this process does, however
    it ends, because they watch a pipe to it.

    Parameters
    ----------
    n_workers : int, optional
        The number of processors by default.
    **kwargs
        Of distributed.LocalCluster.

    Raises
    ------
    InputError
        VM321 if workers do not start.
    """
    import dask
    from distributed import LocalCluster

    given: dict[str, Any] = {"n_workers": os.cpu_count() if n_workers is None else n_workers}
    given |= {"threads_per_worker": 1}
    # no limit of memory: dask would end workers near it, and a chunk holds little
    given |= {"host": _HOST, "dashboard_address": f"{_HOST}:0", "memory_limit": 0, "silence_logs": _SILENT}
    given |= {"scheduler_kwargs": {"dashboard": False}, **kwargs}
    with dask.config.set(_NO_PAGES):
        try:
            with environment("PYTHONWARNINGS", _UNCOUNTED, ","):
                cluster = LocalCluster(**given)
        except (RuntimeError, OSError, TimeoutError) as error:
            hint = 'A program of your own must start them below if __name__ == "__main__".'
            allowed = f"workers of this machine do not start ({type(error).__name__})"
            raise input_error("--cluster local", allowed, "VM321", hint=hint) from error
        with cluster:
            yield cluster


@contextmanager
def environment(name: str, text: str, separator: str = "") -> Iterator[None]:
    """Let a variable of the environment hold a text meanwhile, after what it held if there is a separator."""
    before = os.environ.get(name)
    if text:
        os.environ[name] = f"{before}{separator}{text}" if before and separator else text
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before

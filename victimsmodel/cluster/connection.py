"""Letting the workers of a scheduler compute, once address, encryption and versions are checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pandas as pd

from victimsmodel.cluster.address import TlsFiles, check_workers_near, checked_security
from victimsmodel.cluster.crew import Ensemble
from victimsmodel.cluster.likeness import (
    Versions,
    difference_text,
    differences,
    unlike,
    versions_here,
    versions_there,
)
from victimsmodel.cluster.local import LOCAL, environment, local_workers
from victimsmodel.errors import input_error
from victimsmodel.pathway.pieces import Piece, computed_by
from victimsmodel.pathway.results import Counters
from victimsmodel.pathway.sizes import check_jobs
from victimsmodel.versions import OTHER_WORKERS

_CONNECT_SECONDS = 10
_WORKERS_SECONDS = 30


@contextmanager
def on_cluster(
    address: str, *, n_workers: int | None = None, tls: TlsFiles | None = None, allow_mismatch: bool = False
) -> Iterator[pd.DataFrame]:
    """Let workers of dask.distributed compute all simulated years that are asked for meanwhile.

    Results are the same, byte for byte, as in threads of this process. Plans of services travel to the
    workers and counters back; no row of a case does.

    Parameters
    ----------
    address : str
        Of a scheduler: ``tcp://127.0.0.1:8786``, or ``tls://host:8786`` for another machine. Or ``local``:
        worker processes are started here, and end with the context.
    n_workers : int, optional
        With ``local`` alone; the number of processors by default.
    tls : TlsFiles, optional
        Certificates and key; those of dask's own configuration where none are named.
    allow_mismatch : bool
        Take workers with other versions too. Runs then have another key and say so in their manifest.

    Yields
    ------
    DataFrame
        What differs at the workers: worker, what, here, there.

    Raises
    ------
    InputError
        VM209, VM210 for an address that may not be used; VM211 if dask.distributed is missing; VM212
        without answer; VM213 for other versions; VM268 for a number of workers that processors cannot
        serve; VM320 for what does not go with the address; VM321 if workers do not start here.

    Examples
    --------
    >>> with on_cluster("tcp://127.0.0.1:8786"):  # doctest: +SKIP
    ...     result = vm.simulate(scenario, n_draws=1_000)
    """
    _check_installed()
    _check_together(address, n_workers, tls)
    with ExitStack() as held:
        if address == LOCAL:
            address = held.enter_context(local_workers(n_workers)).scheduler_address
        client = held.enter_context(_connected(address, checked_security(address, tls or TlsFiles())))
        here = versions_here()
        check_workers_near(list(client.nthreads()))
        found = differences(here, versions_there(client))
        if len(found) and not allow_mismatch:
            raise unlike(found)
        noted = difference_text(found)  # in keys and manifests, also of what runs in notebooks

        def check(there: Versions) -> None:
            table = differences(here, {"a worker that joined late": there})
            accepted = set(zip(found["what"], found["there"], strict=True))
            if not accepted.issuperset(zip(table["what"], table["there"], strict=True)):
                raise unlike(table)

        def compute(pieces: Iterable[Piece]) -> Iterator[Counters]:
            return Ensemble(client, pieces, check).results()

        with computed_by(compute), environment(OTHER_WORKERS, noted):
            yield found


def _check_together(address: str, n_workers: int | None, tls: TlsFiles | None) -> None:
    """Refuse what would be read by nobody."""
    if address == LOCAL:
        check_jobs(n_workers)
    if address == LOCAL and tls is not None and any(tls):
        raise input_error(
            "--cluster local", "takes no certificates: its workers are of this machine", "VM320"
        )
    if address != LOCAL and n_workers is not None:
        allowed = "goes with --cluster local alone: the workers of a scheduler are as they were started"
        raise input_error("--jobs", allowed, "VM320", field="jobs", value=str(n_workers))


def _check_installed() -> None:
    try:
        import distributed  # noqa: F401
    except ModuleNotFoundError:
        hint = "Install it: pip install 'victimsmodel[cluster]'."
        raise input_error("--cluster", "needs dask.distributed", "VM211", hint=hint) from None


@contextmanager
def _connected(address: str, security: Any) -> Iterator[Any]:
    """Connect, and wait for the first worker."""
    from distributed import Client

    try:
        client = Client(address, security=security, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, RuntimeError) as error:
        allowed = f"no scheduler answers ({type(error).__name__})"
        raise input_error("--cluster", allowed, "VM212", field=address) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_WORKERS_SECONDS)
        except TimeoutError:
            allowed = f"the scheduler has no workers, {_WORKERS_SECONDS} s on"
            raise input_error("--cluster", allowed, "VM212", field=address) from None
        yield client

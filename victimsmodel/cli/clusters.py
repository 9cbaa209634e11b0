"""The options of commands that workers elsewhere can compute for."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from victimsmodel.errors import input_error

_ADDRESS = (
    "Workers of this dask scheduler simulate: tcp://127.0.0.1:8786, or tls:// on another machine;"
    " local starts --jobs processes here."
)
_MISMATCH = "Take workers with other versions; the manifest says so."

Cluster = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help=_ADDRESS)]
TlsCa = Annotated[Path | None, typer.Option("--tls-ca", help="Whose certificates are trusted, PEM.")]
TlsCert = Annotated[Path | None, typer.Option("--tls-cert", help="This side's certificate, PEM.")]
TlsKey = Annotated[Path | None, typer.Option("--tls-key", help="Its key, PEM.")]
AllowMismatch = Annotated[bool, typer.Option("--allow-mismatch", help=_MISMATCH)]


def on_workers(
    address: str | None, jobs: int | None, *tls: Path | None, allow_mismatch: bool
) -> AbstractContextManager[Any]:
    """Return a context in which workers simulate if an address is given, and threads here otherwise.

    `tls` are the files of `TlsFiles`, in that order.
    """
    if address is None:
        if any(tls) or allow_mismatch:
            allowed = "is needed with --tls-ca, --tls-cert, --tls-key and --allow-mismatch"
            raise input_error("--cluster", allowed, "VM209")
        if jobs is None:
            return nullcontext()
        from victimsmodel.pathway.simulate import in_threads  # loads the compiled kernel

        return in_threads(jobs)
    from victimsmodel.cluster.address import TlsFiles
    from victimsmodel.cluster.connection import on_cluster

    return on_cluster(address, n_workers=jobs, tls=TlsFiles(*tls), allow_mismatch=allow_mismatch)

"""Which schedulers may be spoken to: one on this machine, or any over TLS with certificates of both sides."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any, NamedTuple

from victimsmodel.errors import InputError, Problem, input_error

_FORM = re.compile(r"(?P<scheme>\w+)://(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]+):(?P<port>\d{1,5})")


class TlsFiles(NamedTuple):
    """What this side shows, and what it trusts; dask's own configuration where nothing is named."""

    ca: Path | None = None  # certificates of those who sign, PEM
    cert: Path | None = None  # of this side, signed by them
    key: Path | None = None


def checked_security(address: str, files: TlsFiles) -> Any:
    """Return dask's security for an address; None on this machine without TLS.

    Raises
    ------
    InputError
        VM209 if the address is none; VM210 if it lies elsewhere without TLS, or the certificates and key
        are not complete.
    """
    found = _FORM.fullmatch(address)
    if found is None or found["scheme"] not in ("tcp", "tls") or not 0 < int(found["port"]) < 65_536:
        allowed = "must be the address of a scheduler, such as tcp://127.0.0.1:8786 or tls://HOST:8786"
        raise input_error("--cluster", allowed, "VM209", field="address", value=address)
    if found["scheme"] == "tls":
        return _security(files)
    if not is_loopback(found["host"]):
        allowed = "must be tls:// for a scheduler that is not on this machine"
        hint = "Anybody on the way can read tcp://, change results and run programs on the workers."
        raise input_error("--cluster", allowed, "VM210", field="address", value=address, hint=hint)
    if any(files):
        hint = f"Write tls://{address.removeprefix('tcp://')}."
        raise input_error("--cluster", "takes certificates only with tls://", "VM210", hint=hint)
    return None


def is_loopback(host: str) -> bool:
    """Return whether a host is this very machine by its name; names that need to be looked up are not."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def check_workers_near(addresses: list[str]) -> None:
    """Refuse workers elsewhere that a scheduler on this machine speaks to without TLS.

    Raises
    ------
    InputError
        VM210.
    """
    for address in addresses:
        found = _FORM.fullmatch(address)
        if found is not None and found["scheme"] != "tls" and not is_loopback(found["host"]):
            allowed = "is a worker on another machine without TLS"
            hint = "Start scheduler and workers with --protocol tls and certificates."
            raise input_error("--cluster", allowed, "VM210", field=address, hint=hint)


def _security(files: TlsFiles) -> Any:
    from distributed import Security

    problems = [
        Problem(f"--tls-{name}", "file", str(path), "does not exist", "VM210")
        for name, path in files._asdict().items()
        if path is not None and not path.is_file()
    ]
    named = {
        "tls_ca_file": files.ca,
        "tls_client_cert": files.cert,
        "tls_client_key": files.key,
    }
    made = Security(require_encryption=True, **{name: str(path) for name, path in named.items() if path})
    for (field, option), found in zip(
        zip(named, files._fields, strict=True), [getattr(made, name) for name in named], strict=True
    ):
        if not found:
            allowed = "is needed for tls://, here or in dask's configuration (distributed.comm.tls)"
            problems.append(Problem(f"--tls-{option}", "", "", allowed, "VM210", f"It is dask's {field}."))
    if problems:
        raise InputError(problems)
    return made

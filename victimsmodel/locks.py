"""One run in a folder at a time: a lock that frees itself when its process is gone."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from victimsmodel.disk import cannot_write
from victimsmodel.errors import BusyError


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold a run folder for this process alone.

    The lock is that of the operating system on a file beside the folder: it ends with the process, however
    that ends. Where the system has no such locks, nothing is held.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    BusyError
        VM273, with process, host and since when, if another process holds it.
    CannotWriteError
        If the file cannot be made.
    """
    path = folder.with_name(f".{folder.name}.lock")
    with _taken(path) as stream:
        if stream is None:
            raise BusyError(f"{folder}: another run is at work here ({_holder(path)}); wait for it [VM273]")
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = json.dumps({"process": os.getpid(), "host": socket.gethostname(), "since": since})
        try:
            with suppress(OSError):  # a full disk: the lock holds without saying whose it is
                path.write_text(holder, encoding="utf-8")
            yield
        finally:
            with suppress(OSError):
                path.unlink()


@contextmanager
def _taken(path: Path) -> Iterator[IO[str] | None]:
    """Hold the file of a lock open and locked; None if another process holds it."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise cannot_write(path, error) from None
        with stream:
            if not _is_locked(stream):
                yield None
                return
            if _is_at(path, stream):  # else its holder removed it between opening and locking
                yield stream
                return


def _is_at(path: Path, stream: IO[str]) -> bool:
    """Whether a file that is open still stands under its name."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _is_locked(stream: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        return True
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a share without locks
        return True
    return True


def _holder(path: Path) -> str:
    """Say who holds a lock, from what stands in its file."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return f"process {said['process']} on {said['host']} since {said['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"

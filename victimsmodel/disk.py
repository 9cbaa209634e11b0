"""What a disk says when it does not take a file, as the errors that a user meets."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from victimsmodel.errors import CannotWriteError, DiskFullError

_FULL = (errno.ENOSPC, errno.EDQUOT)
#: A folder that is locked, read-only or gone, such as a share that is no longer there.
_CLOSED = frozenset(
    getattr(errno, name)
    for name in (
        *("EACCES", "EPERM", "EROFS", "EIO", "ENXIO", "ENODEV", "ESTALE", "EREMOTEIO", "ENOTCONN"),
        *("EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ETIMEDOUT", "ENOTDIR", "EISDIR"),
    )
    if hasattr(errno, name)
)


def is_of_disk(error: OSError) -> bool:
    """Say whether an error is that of a place which takes no file, and no fault of a program."""
    return error.errno in _FULL or error.errno in _CLOSED


def cannot_write(path: Path, error: OSError, needed: int = 0) -> CannotWriteError:
    """Return the error for a file that could not be written: with what is free and needed on a full disk."""
    if error.errno not in _FULL:
        inside = next((above for above in path.parents if above.is_file()), None)
        why = error.strerror if inside is None else f"{inside} is a file, and no folder"
        return CannotWriteError(f"{path}: cannot be written: {why} [VM040]")
    folder = next((folder for folder in path.absolute().parents if folder.exists()), Path("/"))
    free = _shown(shutil.disk_usage(folder).free)
    more = f" and {_shown(needed)} needed for this file" if needed else ""
    return DiskFullError(
        f"{path}: cannot be written: the disk is full, {free} free{more}. "
        "Files that stood there are whole; free some space and run it again. [VM271]"
    )


def _shown(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"

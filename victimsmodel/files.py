"""Files that appear whole or not at all, and whether they are still what they were."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from victimsmodel.errors import CannotWriteError, DiskFullError

if TYPE_CHECKING:
    import pandas as pd

#: Signs with which a spreadsheet takes text for a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it appears whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # the folder itself may be what is wrong
            part.unlink()
        if error.errno in _FULL:
            raise DiskFullError(_space(path, len(content))) from None
        raise CannotWriteError(f"{path}: cannot be written: {error.strerror} [VM040]") from None


def _space(path: Path, needed: int) -> str:
    """Say that a disk is full: what is free, and what this file alone takes."""
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    free = shutil.disk_usage(folder).free
    return (
        f"{path}: cannot be written: the disk is full, {free / 1e6:,.1f} MB free and {needed / 1e6:,.1f} MB "
        "needed for this file. Files that stood there are whole; free some space and run it again. [VM271]"
    )


def csv_text(table: pd.DataFrame, float_format: str | None = None) -> str:
    """Return a table as CSV whose texts a spreadsheet does not take for formulas.

    Text that begins as a formula gets an apostrophe in front; numbers stay as they are.
    """
    texts = table.select_dtypes(exclude="number").columns
    inert = table.assign(**{name: table[name].map(_inert) for name in texts})
    return inert.to_csv(index=False, float_format=float_format, lineterminator="\n")


def _inert(value: Any) -> Any:
    return f"'{value}" if str(value).startswith(_FORMULA_SIGNS) else value


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_unchanged(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether every file of a folder has the SHA-256 that is stated."""
    return all(
        (folder / name).is_file() and file_hash(folder / name) == stated for name, stated in files.items()
    )

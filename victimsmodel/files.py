"""Files that appear whole or not at all, and whether they are still what they were."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from victimsmodel.disk import cannot_write
from victimsmodel.errors import CannotWriteError, input_error
from victimsmodel.processes import is_running

if TYPE_CHECKING:
    import pandas as pd

#: Signs with which a spreadsheet takes text for a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_PART = ".part"
_WRITER = re.compile(r"\.(\d{1,9})\.part(\.\w+)?$")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it appears whole or not at all, and stays when the machine loses its power.

    A folder, a device or a pipe of that name is left as it is.

    Raises
    ------
    CannotWriteError
        VM040, or VM271 for a full disk.
    """
    part = _free_part(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        put_in_place(part, path)
    except OSError as error:
        with suppress(OSError):  # the folder itself may be what is wrong
            part.unlink()
        raise cannot_write(path, error, len(content)) from None


def _free_part(path: Path) -> Path:
    """Return the temporary file for a name that a file can have; refuse to put it where none can stand."""
    try:
        _refuse_irregular(path)
        return part_of(path)
    except OSError as error:  # for example a name that is too long
        raise cannot_write(path, error) from None


def _refuse_irregular(path: Path) -> None:
    """Refuse a folder, a device or a pipe, and a name of none."""
    if not path.name or (path.exists() and not path.is_file()):
        raise CannotWriteError(f"{path}: cannot be written: is no regular file [VM040]")


def part_of(path: Path, ending: str = "") -> Path:
    """Return the temporary file beside a file: hidden, and named after the process that writes it."""
    return path.with_name(f".{path.name}.{os.getpid()}{_PART}{ending}")


def put_in_place(part: Path, path: Path) -> None:
    """Give a temporary file, which is on the disk, its final name; the name is on the disk afterwards."""
    part.replace(path)
    if not hasattr(os, "O_DIRECTORY"):  # not a POSIX system: folders cannot be opened
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def refuse_other_file(path: Path, ending: str, is_replaced: bool, hint: str) -> None:
    """Refuse to write where another file stands, or under a name of another kind of file.

    Raises
    ------
    InputError
        With code VM311.
    CannotWriteError
        VM040 for what is no regular file.
    """
    if path.suffix.lower() != ending:
        raise input_error(str(path), f"must end in {ending}", "VM311", field="--out")
    _refuse_irregular(path)  # before anything is computed for it
    if path.is_file() and not is_replaced:
        raise input_error(str(path), "exists", "VM311", field="--out", hint=hint)


def sweep_parts(folder: Path) -> list[Path]:
    """Remove the temporary files below a folder whose processes have ended; return them."""
    stale = []
    for path in folder.rglob(f".*{_PART}*"):
        found = _WRITER.search(path.name)
        if found and path.is_file() and not is_running(int(found[1])):
            path.unlink(missing_ok=True)
            stale.append(path)
    return stale


def csv_text(table: pd.DataFrame, float_format: str | None = None) -> str:
    """Return a table as CSV whose texts a spreadsheet does not take for formulas.

    Text that begins as a formula gets an apostrophe in front; numbers stay as they are.
    """
    texts = table.select_dtypes(exclude="number").columns
    plain = table.assign(**{name: table[name].map(inert) for name in texts})
    return plain.to_csv(index=False, float_format=float_format, lineterminator="\n")


def inert(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula."""
    return f"'{value}" if str(value).startswith(_FORMULA_SIGNS) else value


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_unchanged(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether every file of a folder has the SHA-256 that is stated."""
    return all(
        (folder / name).is_file() and file_hash(folder / name) == stated for name, stated in files.items()
    )

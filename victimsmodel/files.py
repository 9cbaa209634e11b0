"""Files that appear whole or not at all, and whether they are still what they were."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from victimsmodel.errors import CannotWriteError


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
        raise CannotWriteError(f"{path}: cannot be written: {error.strerror} [VM040]") from None


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_unchanged(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether every file of a folder has the SHA-256 that is stated."""
    return all(
        (folder / name).is_file() and file_hash(folder / name) == stated for name, stated in files.items()
    )

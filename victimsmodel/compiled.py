"""Compile functions with numba and keep the machine code on disk.

numba's own cache does not notice a change in a function that the cached one calls from another
file. The code is therefore kept in a folder named after the hash of every source of the kernel.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numba

_Function = TypeVar("_Function", bound=Callable[..., object])
_PACKAGE = Path(__file__).parent
_SOURCES = (
    "compiled.py",
    "records.py",
    "rng.py",
    *(f"pathway/{name}.py" for name in ("arrays", "counting", "queues", "contact", "support", "kernel")),
)


def _cache_folder() -> str:
    """Return the folder for these sources, or numba's own choice where it cannot be written."""
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((_PACKAGE / name).read_bytes())
    folder = _PACKAGE / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return str(numba.config.CACHE_DIR)
    return str(folder) if os.access(folder, os.W_OK) else str(numba.config.CACHE_DIR)


_FOLDER = _cache_folder()


def _decorated(function: _Function, **options: bool) -> _Function:
    """Compile without reference counting: nothing is allocated inside, and calls cost less."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _FOLDER
    try:
        found: _Function = numba.njit(cache=True, _nrt=False, **options)(function)
    finally:
        numba.config.CACHE_DIR = before
    return found


def compiled(function: _Function) -> _Function:
    """Compile a part of the kernel; it becomes part of whatever calls it."""
    return _decorated(function, forceinline=True)


def compiled_entry(function: _Function) -> _Function:
    """Compile a function that Python calls; it runs without the interpreter's lock."""
    return _decorated(function, nogil=True)

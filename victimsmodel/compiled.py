"""Compile functions with numba and keep the machine code on disk.

numba's own cache does not notice a change in a function that the cached one calls from another
file. The code is therefore kept in a folder named after the hash of every source of the kernel.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import types
from numba.core.types.misc import unliteral

_Function = TypeVar("_Function", bound=Callable[..., object])
_PACKAGE = Path(__file__).parent
_SOURCES = (
    "compiled.py",
    "vectors.py",
    "records.py",
    "rng.py",
    "pathway/arrays.py",
    "pathway/cells.py",
    "pathway/counting.py",
    "pathway/queues.py",
    "pathway/contact.py",
    "pathway/support.py",
    "pathway/arriving.py",
    "pathway/kernel.py",
    "pathway/reached.py",
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
        found: _Function = numba.njit(cache=True, _nrt=False, error_model="numpy", **options)(function)
    finally:
        numba.config.CACHE_DIR = before
    return found


def compiled(function: _Function) -> _Function:
    """Compile a function that both Python and compiled functions call."""
    return _once(_decorated(function, forceinline=True))


def compiled_part(function: _Function) -> _Function:
    """Compile a part of the kernel, which only compiled functions may call."""
    return _once(_decorated(function, no_cpython_wrapper=True, no_cfunc_wrapper=True))


def inlined_part(function: _Function) -> _Function:
    """Compile a part of the kernel into each of its callers: what nearly every event needs."""
    return _once(_decorated(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True))


def _once(dispatcher: Any) -> Any:
    """Compile a function once for all compiled callers: they give their integers as int64.

    By itself numba compiles it anew for every constant and width of integer that it is called with.
    """
    usual = dispatcher.get_call_template
    dispatcher.get_call_template = lambda args, kws: usual(tuple(map(_widened, args)), kws)
    return dispatcher


def _widened(type_: types.Type) -> types.Type:
    """Return the type that a function is compiled for, when it is called with another."""
    plain = unliteral(type_)
    is_narrow = isinstance(plain, types.Integer) and plain != types.uint64
    return types.int64 if is_narrow else plain


def compiled_entry(function: _Function) -> _Function:
    """Compile a function that Python calls; it runs without the interpreter's lock."""
    return _decorated(function, nogil=True)

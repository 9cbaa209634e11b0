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
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
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
    "pathway/contact_likelihood.py",
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


class _NoEnvironment:
    """In place of the machine code that would be given the objects of Python it refers to."""

    @staticmethod
    def set_env(name: str, env: object) -> None:
        """Do nothing: a part refers to none, and has no machine code of its own."""


class _PartLibrary(JITCodeLibrary):  # type: ignore[misc]
    """Code that exists within its callers only: optimised once, and never machine code by itself.

    numba would optimise every part twice and make machine code of it that nothing calls.
    """

    codegen = _NoEnvironment

    def _optimize_final_module(self) -> None:
        manager, builder = self._codegen._module_pass_manager()
        manager.run(self._final_module, builder)

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0, which says that there is no function that Python could call."""
        self._ensure_finalized()
        return 0


class _PartCompiler(Compiler):  # type: ignore[misc]
    """The compiler of parts."""

    def __init__(self, typing_context: Any, target_context: Any, library: Any, *rest: Any) -> None:
        own = _PartLibrary(target_context.codegen(), "part")
        super().__init__(typing_context, target_context, own, *rest)


_PART: dict[str, Any] = {
    "cache": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
    "pipeline_class": _PartCompiler,
}


def _decorated(function: _Function, cache: bool = True, **options: Any) -> _Function:
    """Compile without reference counting: nothing is allocated inside, and calls cost less."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _FOLDER
    try:
        found: _Function = numba.njit(cache=cache, _nrt=False, error_model="numpy", **options)(function)
    finally:
        numba.config.CACHE_DIR = before
    return found


def compiled(function: _Function) -> _Function:
    """Compile a function that both Python and compiled functions call."""
    return _once(_decorated(function, forceinline=True))


def compiled_part(function: _Function) -> _Function:
    """Compile a part of the kernel, which only compiled functions may call."""
    return _once(_decorated(function, **_PART))


def inlined_part(function: _Function) -> _Function:
    """Compile a part of the kernel into each of its callers: what nearly every event needs."""
    return _once(_decorated(function, forceinline=True, **_PART))


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

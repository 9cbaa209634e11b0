"""Memory of the server: a laptop in a workshop has other things to show."""

from __future__ import annotations

import ctypes
import gc
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import cast

#: Parameters of glibc's mallopt (malloc.h), and what they are set to: bytes, or a number of arenas.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_BYTES = 256 * 1024
_ARENAS = 2
_NOT_NEEDED = 4  # advice of madvise (asm-generic/mman-common.h)
_COMPILER = "libllvmlite"  # its file has 180 MB
#: What is loaded where it is installed, for uses that the page has not; and by whom.
_UNUSED = {"pyarrow": "pandas", "coverage": "numba", "cffi": "numba"}


def spare_memory() -> None:
    """Keep the process small; to be called before pandas is loaded, and without effect elsewhere than glibc.

    Arrays go back to the system when they are freed rather than staying with a thread; pandas does
    without pyarrow, as the page reads no Parquet (38 MB), and numba without what measures tests and calls
    C (6 MB); and of the 250 countries whose holidays are known only those that are asked for are
    loaded (7 MB, and a third of a second).
    """
    _load_countries_singly()
    for name, user in _UNUSED.items():
        if user not in sys.modules:
            sys.modules.setdefault(name, cast(ModuleType, None))  # None: importing it says it is absent
    mallopt = _of_libc("mallopt")
    if mallopt is not None:
        for parameter, value in ((_MMAP_THRESHOLD, _BYTES), (_TRIM_THRESHOLD, _BYTES), (_ARENA_MAX, _ARENAS)):
            mallopt(parameter, value)


def _load_countries_singly() -> None:
    """Put an empty package in place of the one that would load all of its modules."""
    name = "holidays.countries"
    found = find_spec("holidays")
    if found is None or found.submodule_search_locations is None or name in sys.modules:
        return
    package = ModuleType(name)
    package.__path__ = [str(Path(folder) / "countries") for folder in found.submodule_search_locations]
    sys.modules[name] = package


def settle() -> None:
    """Return what is free, and look no more for garbage in what the program was built of.

    A full look at it takes a tenth of a second, in which no other thread runs.
    """
    give_back()
    gc.freeze()


def give_back() -> None:
    """Return what is free to the system, after work that took much at once, and the compiler's code."""
    gc.collect()
    forget_compiler()
    trim = _of_libc("malloc_trim")
    if trim is not None:
        trim(0)


def forget_compiler() -> None:
    """Take the code of numba's compiler out of this process's memory.

    Compiled functions come from the disk by way of the compiler, each once. What has been read of it for
    that is hardly used again; it is only ever read, and is read from its file again when it is.
    """
    madvise = _of_libc("madvise")
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:  # no such file on this system
        return
    for line in lines:
        if madvise is not None and _COMPILER in line and " r-xp " in line:
            start, end = (int(x, 16) for x in line.split()[0].split("-"))
            madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _NOT_NEEDED)


def _of_libc(name: str) -> ctypes._NamedFuncPointer | None:
    """Return a function of the C library, where it has it."""
    try:
        return getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):  # no such library on this system
        return None

"""Versions of Python and of the libraries that results depend on."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version

_LIBRARIES = ("numpy", "scipy", "numba", "pandas", "pyarrow", "matplotlib", "papermill")


@cache
def library_versions() -> dict[str, str]:
    """Return the version of each library that results depend on, by name."""
    return {name: version(name) for name in _LIBRARIES}


def version_text() -> str:
    """Return one line that differs wherever Python or one of the libraries does."""
    python = f"python {platform.python_version()}"
    return ", ".join([python, *(f"{name} {number}" for name, number in library_versions().items())])

"""Versions of Python and of the libraries that results depend on."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib.metadata import version

_LIBRARIES = ("numpy", "scipy", "numba", "pandas", "pyarrow", "matplotlib", "papermill")

#: Environment variable that names versions of workers that differ from this process's. Processes that are
#: started from it, such as those of notebooks, then know runs by the same key.
OTHER_WORKERS = "VICTIMSMODEL_OTHER_WORKERS"


@cache
def library_versions() -> dict[str, str]:
    """Return the version of each library that results depend on, by name."""
    return {name: version(name) for name in _LIBRARIES}


def other_workers() -> str:
    """Return the versions of workers that differ from those here, in a line; empty if none do."""
    return os.environ.get(OTHER_WORKERS, "")


def version_text() -> str:
    """Return one line that differs wherever Python or one of the libraries does, at the workers too."""
    python = f"python {platform.python_version()}"
    others = [f"also workers with {other_workers()}"] if other_workers() else []
    return ", ".join([python, *(f"{name} {number}" for name, number in library_versions().items()), *others])

"""Whether workers compute with the same Python, libraries and package as this process."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import pandas as pd

from victimsmodel.errors import InputError, Problem
from victimsmodel.origins import code_hash

_LIBRARIES = ("numpy", "numba")
_PACKAGE = "victimsmodel"
_CODE_LENGTH = 12
_ABSENT = "absent"

#: Version by name: Python, libraries, the package, and a hash of its code.
Versions = Mapping[str, str]


def versions_here() -> dict[str, str]:
    """Return the versions that a year's results may depend on, of this process."""
    return {
        "Python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        _PACKAGE: str(sys.modules[_PACKAGE].__version__),
        f"{_PACKAGE} code": code_hash()[:_CODE_LENGTH],
    }


def versions_there(client: Any) -> dict[str, dict[str, str]]:
    """Return the versions of every worker by its address, also of one that lacks the package."""
    found = client.get_versions(packages=[*_LIBRARIES, _PACKAGE])["workers"]
    made = {}
    for address, told in found.items():
        packages = told["packages"]
        names = {name: packages.get(name) or _ABSENT for name in (*_LIBRARIES, _PACKAGE)}
        made[address] = {"Python": ".".join(told["host"]["python"].split(".")[:3]), **names}
    having = [address for address, names in made.items() if names[_PACKAGE] != _ABSENT]
    codes = client.run(versions_here, workers=having) if having else {}
    return {
        address: codes.get(address) or {**names, f"{_PACKAGE} code": _ABSENT}
        for address, names in made.items()
    }


def differences(here: Versions, there: Mapping[str, Versions]) -> pd.DataFrame:
    """Return what differs, a row for each worker and name: worker, what, here, there."""
    rows = [
        (worker, name, here[name], versions.get(name, _ABSENT))
        for worker, versions in there.items()
        for name in here
        if versions.get(name, _ABSENT) != here[name]
    ]
    return pd.DataFrame(rows, columns=["worker", "what", "here", "there"])


def difference_text(table: pd.DataFrame) -> str:
    """Return the versions of workers that differ, in a line; which worker it is matters not."""
    pairs = {f"{what} {there}" for what, there in zip(table["what"], table["there"], strict=True)}
    return ", ".join(sorted(pairs))


def unlike(table: pd.DataFrame) -> InputError:
    """Return the error, VM213, that says what differs and where."""
    hint = "Install the same versions there, or accept other results with --allow-mismatch."
    return InputError(
        Problem(row.worker, row.what, row.there, f"differs from {row.here} here", "VM213", hint)
        for row in table.itertuples(index=False)
    )

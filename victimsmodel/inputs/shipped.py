"""Files that come with the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def parameter_file(name: str) -> Path:
    """Return where a file of the shipped parameters stands: in the package, or beside it in a checkout."""
    packaged = _PACKAGE / "parameters" / name
    return packaged if packaged.is_file() else _PACKAGE.parent / "parameters" / name

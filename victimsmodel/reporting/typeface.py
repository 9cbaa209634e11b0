"""The typeface of figures, which comes with the package: a figure is the same on every machine."""

from __future__ import annotations

from pathlib import Path

from matplotlib import font_manager

_FOLDER = Path(__file__).parent / "fonts"
_FAMILY = "Liberation Sans of victimsmodel"  # whatever else of that name is installed
_WEIGHTS = {"Regular": 400, "Bold": 700}


def typeface() -> list[str]:
    """Return the families to set figures in: our own, then matplotlib's for letters that ours lacks."""
    known = font_manager.fontManager.ttflist
    if not any(entry.name == _FAMILY for entry in known):
        for name, weight in _WEIGHTS.items():
            path = str(_FOLDER / f"LiberationSans-{name}.ttf")
            known.append(font_manager.FontEntry(path, name=_FAMILY, weight=weight, size="scalable"))
    return [_FAMILY, "DejaVu Sans"]

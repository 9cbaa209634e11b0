"""How cells of the input workbook look: what may be typed into is pale yellow, all else is locked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from victimsmodel.reporting.palette import INK, QUIET, RULE

ACCENT = "#14506e"
#: Fill of cells that may be typed into: stated in this file, inherited from another, not stated yet.
OWN, INHERITED, LOCKED = "#fff6d6", "#e3f0f7", "#eceff2"

_FONT = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top"}
_BOX = {"border": 1, "border_color": RULE}
_PLAIN_NUMBER = "General"
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": ACCENT},
    "lead": {"font_color": QUIET, "text_wrap": True},
    "link": {"font_color": "#0b5394", "underline": 1},
    "heading": {"bold": True, "font_color": "#ffffff", "bg_color": ACCENT, "text_wrap": True, **_BOX},
    "section": {
        "bold": True,
        "font_color": ACCENT,
        "bottom": 2,
        "bottom_color": ACCENT,
        "font_size": 11,
        "valign": "vcenter",
    },
    "label": {"text_wrap": True, **_BOX},
    "quiet": {"font_color": QUIET, "text_wrap": True, "font_size": 9, **_BOX},
    "file": {"font_color": QUIET, "font_size": 9, **_BOX},
    "field": {"font_color": QUIET, "font_size": 8, **_BOX},
    "blank": {"bg_color": LOCKED, **_BOX},
    "strong": {"bold": True, "text_wrap": True, **_BOX},
    "wrapped": {"text_wrap": True},
}
_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "number": {"num_format": _PLAIN_NUMBER, "align": "right"},
    "large": {"num_format": "#,##0", "align": "right"},
    "date": {"num_format": "yyyy-mm-dd", "align": "right"},
    "text": {"num_format": "@", "text_wrap": True},
}


class Formats:
    """Formats of one workbook, made when first used."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[str, Any] = {}

    def named(self, name: str) -> Any:
        """Return a format of text around the inputs."""
        return self._format(name, {**_FONT, **FORMATS[name]})

    def input(self, shape: str, fill: str, is_open: bool) -> Any:
        """Return the format of an input: number, large number, date or text."""
        colour = {"bg_color": fill if is_open else LOCKED, "locked": not is_open}
        return self._format(f"{shape} {fill} {is_open}", {**_FONT, **_BOX, **_SHAPES[shape], **colour})

    def swatch(self, fill: str) -> Any:
        """Return the format of a cell that only shows a colour."""
        return self._format(f"swatch {fill}", {**_BOX, "bg_color": fill})

    def _format(self, key: str, properties: Mapping[str, Any]) -> Any:
        if key not in self._made:
            self._made[key] = self._workbook.add_format(dict(properties))
        return self._made[key]

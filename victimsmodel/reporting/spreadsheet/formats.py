"""How cells of workbooks look: headings, texts, links, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from victimsmodel.reporting.palette import INK, QUIET, RULE

ACCENT = "#14506e"
LOCKED = "#eceff2"  # fill of cells that nothing stands in

FONT = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top"}
BOX = {"border": 1, "border_color": RULE}
FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": ACCENT},
    "lead": {"font_color": QUIET, "text_wrap": True},
    "draft": {"bold": True, "font_size": 12, "font_color": "#8f1d14"},
    "changed": {"bold": True, "text_wrap": True},
    "assured": {"font_color": "#1b4332"},
    "link": {"font_color": "#0b5394", "underline": 1},
    "heading": {"bold": True, "font_color": "#ffffff", "bg_color": ACCENT, "text_wrap": True, **BOX},
    "section": {
        "bold": True,
        "font_color": ACCENT,
        "bottom": 2,
        "bottom_color": ACCENT,
        "font_size": 11,
        "valign": "vcenter",
    },
    "label": {"text_wrap": True, **BOX},
    "indented": {"text_wrap": True, "align": "left", "indent": 1, **BOX},
    "quiet": {"font_color": QUIET, "text_wrap": True, "font_size": 9, **BOX},
    "file": {"font_color": QUIET, "font_size": 9, **BOX},
    "field": {"font_color": QUIET, "font_size": 8, **BOX},
    "blank": {"bg_color": LOCKED, **BOX},
    "strong": {"bold": True, "text_wrap": True, **BOX},
    "wrapped": {"text_wrap": True},
}


class Formats:
    """Formats of one workbook, made when first used."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[str, Any] = {}

    def named(self, name: str) -> Any:
        """Return a format of text around the inputs."""
        return self.made(name, {**FONT, **FORMATS[name]})

    def made(self, key: str, properties: Mapping[str, Any]) -> Any:
        """Return the format of a key, made from its properties when first asked for."""
        if key not in self._made:
            self._made[key] = self._workbook.add_format(dict(properties))
        return self._made[key]

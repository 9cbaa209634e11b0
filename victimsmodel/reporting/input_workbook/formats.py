"""How cells of the input workbook look: what may be typed into is pale yellow, all else is locked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from victimsmodel.reporting.spreadsheet.formats import BOX, FONT, LOCKED, Formats

#: Fill of cells that may be typed into: stated in this file, inherited from another.
OWN, INHERITED = "#fff6d6", "#e3f0f7"

_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "number": {"num_format": "General", "align": "right"},
    "large": {"num_format": "#,##0", "align": "right"},
    "date": {"num_format": "yyyy-mm-dd", "align": "right"},
    "text": {"num_format": "@", "text_wrap": True},
}


class InputFormats(Formats):
    """Formats of an input workbook."""

    def input(self, shape: str, fill: str, is_open: bool) -> Any:
        """Return the format of an input: number, large number, date or text."""
        colour = {"bg_color": fill if is_open else LOCKED, "locked": not is_open}
        return self.made(f"{shape} {fill} {is_open}", {**FONT, **BOX, **_SHAPES[shape], **colour})

    def swatch(self, fill: str) -> Any:
        """Return the format of a cell that only shows a colour."""
        return self.made(f"swatch {fill}", {**BOX, "bg_color": fill})

"""A workbook whose text stays text and whose bytes repeat, and how its sheets print."""

from __future__ import annotations

import io
import math
from datetime import datetime
from typing import Any

_CREATED = datetime(2000, 1, 1)  # the same content gives the same bytes
_A4 = 9
_LEGIBLE = 250.0  # widths of columns on one page: text of 10 points is printed with 6
LINE_HEIGHT = 13.5
LETTERS_A_LINE = 1.2  # of 10 point text in a column of a given width


def new_workbook(stream: io.BytesIO, title: str) -> Any:
    """Return an xlsxwriter workbook in which no text becomes a formula or a link."""
    import xlsxwriter

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(stream, options)
    workbook.set_properties({"title": title, "created": _CREATED})
    return workbook


def print_landscape(
    sheet: Any, header_row: int | None = None, pages_high: int = 0, width: float = 0.0
) -> None:
    """Print a sheet on landscape A4 as wide as the page, with the header row on every page.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    header_row : int, optional
    pages_high : int
        As many as it takes where it is 0.
    width : float
        Of all columns together; what would be too small to read goes over more pages, the first column on
        each of them.
    """
    sheet.set_landscape()
    sheet.set_paper(_A4)
    pages_wide = max(1, math.ceil(width / _LEGIBLE))
    sheet.fit_to_pages(pages_wide, pages_high)
    if pages_wide > 1:
        sheet.repeat_columns(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    if header_row is not None:
        sheet.repeat_rows(header_row)


def lines_of(value: object, width: float, letters: float = LETTERS_A_LINE) -> int:
    """Return how many lines a text takes in a column."""
    lines = value.split("\n") if isinstance(value, str) else []
    return sum(max(1, -(-len(line) // int(width * letters))) for line in lines) or 1


def header_text(text: str) -> str:
    """Return text for a page header or footer, where an ampersand begins a command."""
    return text.replace("&", "&&")

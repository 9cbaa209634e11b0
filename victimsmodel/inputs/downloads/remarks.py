"""What is met while reading a table and is no error, but worth knowing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from victimsmodel.inputs.downloads.cells import decimal_of
from victimsmodel.inputs.downloads.layouts import NUMBERS
from victimsmodel.inputs.downloads.oddities import hidden_in, named_cells, numbers_as_text
from victimsmodel.inputs.downloads.raw_files import TextFile

_MOST_LISTED = 5


class Remark(NamedTuple):
    """Something that was met while reading and is no error."""

    check: str
    rows: int
    detail: str
    action: str


def of_encoding(text: TextFile) -> list[Remark]:
    """Say which encoding was found, unless it is UTF-8."""
    if text.encoding.startswith("UTF-8"):
        return []
    return [Remark("encoding", 0, f"The file is not UTF-8; it was read as {text.encoding}.", "left")]


def of_separator(delimiter: str) -> list[Remark]:
    """Name the separator of columns, unless it is a comma."""
    if delimiter == ",":
        return []
    shown = {"\t": "a tab"}.get(delimiter, f"'{delimiter}'")
    return [Remark("separator", 0, f"Columns are separated by {shown}.", "left")]


def of_titles(n_rows: int, where: str = "the file") -> list[Remark]:
    """Say how many rows stand above the header."""
    if not n_rows:
        return []
    return [
        Remark(
            "title_rows", n_rows, f"{n_rows} rows above the header of {where} were passed over.", "excluded"
        )
    ]


def of_hidden(path: Path, content: bytes) -> list[Remark]:
    """Name hidden sheets, rows and columns of a workbook, which are read as others are."""
    hidden = hidden_in(content)
    if not hidden:
        return []
    more = " and more" if len(hidden) > _MOST_LISTED else ""
    detail = f"Hidden in {path.name}, and read: {', '.join(hidden[:_MOST_LISTED])}{more}."
    return [Remark("hidden", len(hidden), detail, "left")]


def of_text_numbers(
    sheet: str, rows: list[list[Any]], header: int, positions: Mapping[str, int]
) -> list[Remark]:
    """Name the cells in columns of numbers that hold them as text."""
    columns = {position for name, position in positions.items() if name in NUMBERS}
    cells = [
        (header + 1 + row, column)
        for row, column in numbers_as_text(rows[header + 1 :], _is_number)
        if column in columns
    ]
    if not cells:
        return []
    detail = f"Numbers that stand as text, and were read as numbers: {named_cells(sheet, cells)}."
    return [Remark("number_as_text", len(cells), detail, "left")]


def _is_number(text: str) -> bool:
    try:
        return decimal_of(text) is not None
    except ValueError:
        return False

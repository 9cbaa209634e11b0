"""What a workbook holds that its values do not show: merged and hidden cells, errors, numbers as text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.downloads.faults import column_letters, column_number, hidden_parts, sheet_parts

_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*\bref=["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")
_ERROR = re.compile(r"#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NULL!|NUM!|SPILL!|CALC!|ERROR!)")
_MOST_NAMED = 5  # in one message
_UNMERGE = "Unmerge them, and fill in what each cell means."


class Merged(NamedTuple):
    """A range that was merged; rows and columns count from 0, both ends belong to it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def __str__(self) -> str:
        first = f"{column_letters(self.first_column)}{self.first_row + 1}"
        return f"{first}:{column_letters(self.last_column)}{self.last_row + 1}"


def merged_ranges(content: bytes) -> dict[str, list[Merged]]:
    """Return the merged ranges of an .xlsx file by sheet; nothing of a file that is none."""
    if not is_workbook(content):
        return {}
    return {
        name: [
            Merged(int(top) - 1, column_number(left.decode()), int(bottom) - 1, column_number(right.decode()))
            for left, top, right, bottom in _MERGED.findall(xml)
        ]
        for name, _, xml in sheet_parts(content)
    }


def hidden_in(content: bytes) -> list[str]:
    """Return the hidden sheets, rows and columns of an .xlsx file, nothing of another one."""
    return hidden_parts(content) if is_workbook(content) else []


def is_workbook(content: bytes) -> bool:
    """Say whether it is a zip archive that may be an .xlsx file."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "xl/workbook.xml" in archive.namelist()


def refuse_odd_cells(
    path: Path, sheet: str, rows: Sequence[Sequence[Any]], header: int, ranges: Sequence[Merged]
) -> None:
    """Refuse merged cells and errors below the header of a flat table.

    A merged cell holds one value for several; a note that is alone in its row may be merged.

    Raises
    ------
    InputError
        VM300 for merged cells, VM301 for errors; the first five of each.
    """
    wrong = [str(each) for each in ranges if each.last_row > header and not _is_note(each, rows)]
    merged = "is merged, so that one value stands for several cells"
    problems = [Problem(f"{path}, {sheet}!{each}", "", "", merged, "VM300", _UNMERGE) for each in wrong]
    n_columns = len(rows[header])
    errors = [
        Problem(f"{path}, {sheet}!{column_letters(k)}{i + 1}", "", "", "is an error of a formula", "VM301")
        for i, row in enumerate(rows[header + 1 :], start=header + 1)
        for k, cell in enumerate(row[:n_columns])
        if isinstance(cell, str) and _ERROR.fullmatch(cell)
    ]
    if problems or errors:
        raise InputError([*problems[:_MOST_NAMED], *errors[:_MOST_NAMED]])


def _is_note(merged: Merged, rows: Sequence[Sequence[Any]]) -> bool:
    if merged.first_row != merged.last_row or merged.first_row >= len(rows):
        return merged.first_row >= len(rows)
    filled = [i for i, cell in enumerate(rows[merged.first_row]) if str(cell).strip()]
    return set(filled) <= {merged.first_column}


def numbers_as_text(rows: Sequence[Sequence[Any]], is_number: Callable[[str], bool]) -> list[tuple[int, int]]:
    """Return row and column of the cells of a workbook that hold a number as text."""
    return [
        (i, k)
        for i, row in enumerate(rows)
        for k, cell in enumerate(row)
        if isinstance(cell, str) and cell and is_number(cell)
    ]


def named_cells(sheet: str, cells: Sequence[tuple[int, int]]) -> str:
    """Return the first cells as ``Sheet!B3, Sheet!B4 and 2 more``."""
    shown = [f"{sheet}!{column_letters(column)}{row + 1}" for row, column in cells[:_MOST_NAMED]]
    more = f" and {len(cells) - len(shown)} more" if len(cells) > len(shown) else ""
    return ", ".join(shown) + more

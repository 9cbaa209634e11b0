"""A table of unknown layout, all of its columns as texts: for readers that must look at every cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from victimsmodel.errors import InputError, input_error
from victimsmodel.inputs.downloads.delimited import DELIMITERS, body_of, line_of_row
from victimsmodel.inputs.downloads.faults import column_letters
from victimsmodel.inputs.downloads.grid import Grid, distinct_texts, grid_of_rows
from victimsmodel.inputs.downloads.oddities import refuse_odd_cells
from victimsmodel.inputs.downloads.raw_files import decoded, read_bytes
from victimsmodel.inputs.downloads.remarks import Remark, of_encoding, of_hidden, of_separator
from victimsmodel.inputs.downloads.sheets import row_of, sheets_of
from victimsmodel.inputs.personal_titles import refuse_personal_sheets

_MOST_COLUMNS = 1_000
_MOST_UNPACKED = 200_000_000  # bytes of a workbook


class PlainTable(NamedTuple):
    """Headings and the cells below them; the first row that is not blank holds the headings."""

    where: str
    header: list[str]
    grid: Grid
    line_of: Callable[[int], int]
    remarks: tuple[Remark, ...]
    sheet: str = ""  # as ``file, sheet``; empty for a text file

    def place(self, line: int, column: int) -> str:
        """Return file and line, or file and sheet!cell; columns count from 0."""
        if self.sheet:
            return f"{self.sheet}!{column_letters(column)}{line}"
        return f"{self.where}:{line}"

    def by_heading(self) -> dict[str, list[str]]:
        """Return the distinct texts of each column, repeated headings told apart by their number."""
        return distinct_texts(self.header, self.grid.columns)


def plain_tables(path: str | Path) -> Iterator[PlainTable]:
    """Yield the tables of a file of delimited text, gzip of it, .xlsx or .ods; empty sheets are passed over.

    Raises
    ------
    InputError
        Without a word of what stands in the cells.
    """
    path = Path(path)
    content = read_bytes(path)
    if not content.startswith(b"PK\x03\x04"):
        yield _of_text(path, content)
        return
    door = partial(refuse_personal_sheets, str(path))
    for name, rows, merged in sheets_of(path, content, _MOST_UNPACKED, door):
        start = next((i for i, row in enumerate(rows) if any(str(cell).strip() for cell in row)), None)
        if start is None:
            continue
        refuse_odd_cells(path, name, rows, start, merged)
        where, header = f"{path}, sheet {name}", _trimmed([str(cell).strip() for cell in rows[start]])
        _refuse_wide(where, header)
        grid = grid_of_rows(where, rows[start + 1 :], len(header), start + 2)
        remarks = tuple(of_hidden(path, content))
        yield PlainTable(where, header, grid, row_of(grid, start + 2), remarks, f"{path}, {name}")


def _refuse_wide(where: str, header: list[str]) -> None:
    if len(header) > _MOST_COLUMNS:
        allowed = f"has {len(header):,} columns; at most {_MOST_COLUMNS:,} are allowed"
        raise input_error(where, allowed, "VM075")


def _trimmed(header: list[str]) -> list[str]:
    while header and not header[-1]:
        header = header[:-1]
    return header


def _of_text(path: Path, content: bytes) -> PlainTable:
    where, found = str(path), decoded(path, content)
    text = found.content
    head = text[:200_000].decode(errors="ignore")
    best: tuple[list[str], str, int] = ([], ",", 1)
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(head), delimiter=delimiter)
        try:
            header = next(([cell.strip() for cell in row] for row in reader if any(map(str.strip, row))), [])
        except csv.Error:
            continue
        if len(header) > len(best[0]):
            best = (header, delimiter, reader.line_num)
    header, delimiter, n_lines = best
    _refuse_wide(where, header)
    try:
        grid = body_of(where, text, delimiter, n_lines, len(header))
    except InputError as error:
        if all("(" not in problem.allowed for problem in error.problems):
            raise
        raise input_error(where, "is no regular table", "VM075") from None  # the cause may repeat a cell
    remarks = (*of_encoding(found), *of_separator(delimiter))
    return PlainTable(where, header, grid, line_of_row(text, delimiter, grid, n_lines), remarks)

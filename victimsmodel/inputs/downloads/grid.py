"""The cells below a header, as texts: blank rows gone, notes at the end told from data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.errors import input_error

_EXACT = 1e15  # from it on a spreadsheet has rounded a number, and it is shown as 1e+15


class Grid(NamedTuple):
    """Columns of equal length, each cell a text without spaces around it; blank rows are left out."""

    columns: list[pd.Categorical]
    kept: NDArray[np.int64]  # number of each row among all rows below the header, blank ones too
    trimmed: tuple[int, ...] = ()  # of each column: texts that became another one without spaces around them

    @property
    def n_rows(self) -> int:
        """Rows that are not blank."""
        return len(self.kept)


def stripped(column: pd.Categorical) -> pd.Categorical:
    """Return a column whose texts have no spaces around them; equal texts become one."""
    clean = [str(text).strip().replace("\u00a0", " ") for text in column.categories]
    names, index = np.unique(np.asarray(clean, dtype=object), return_inverse=True) if clean else ([], [])
    codes = np.asarray(index, dtype=np.int32)[column.codes] if len(clean) else column.codes
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype=object))


def without_blank_rows(columns: list[pd.Categorical]) -> Grid:
    """Return the grid of the rows in which any cell is filled."""
    n_rows = len(columns[0]) if columns else 0
    filled = np.zeros(n_rows, dtype=bool)
    for column in columns:
        filled |= ~is_empty(column)
    kept = np.flatnonzero(filled)
    if len(kept) < n_rows:
        columns = [column[kept] for column in columns]
    return Grid(columns, kept)


def grid_of_rows(where: str, rows: list[list[Any]], n_columns: int, first_line: int) -> Grid:
    """Return the grid of a sheet; a cell filled beyond the last heading is an error."""
    for i, row in enumerate(rows):
        if any(cell_text(cell) for cell in row[n_columns:]):
            allowed = f"has cells beyond the last of {n_columns} columns of the header"
            raise input_error(f"{where}, row {first_line + i}", allowed, "VM075")
    trimmed = tuple(n_trimmed({row[k] for row in rows if k < len(row)}) for k in range(n_columns))
    columns = [
        stripped(pd.Categorical([cell_text(row[k]) if k < len(row) else "" for row in rows]))
        for k in range(n_columns)
    ]
    return without_blank_rows(columns)._replace(trimmed=trimmed)


def distinct_texts(header: Sequence[str], columns: Sequence[pd.Categorical]) -> dict[str, list[str]]:
    """Return the distinct texts of each column, repeated or empty headings told apart by their number."""
    found = {}
    for i, (heading, column) in enumerate(zip(header, columns, strict=True), start=1):
        name = heading if header.count(heading) == 1 and heading else f"{heading} ({i})".strip()
        found[name] = [str(column.categories[code]) for code in np.unique(column.codes)]
    return found


def n_trimmed(cells: Iterable[Any]) -> int:
    """Count the distinct texts that are another one but for spaces around them and their kind."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    return len(texts) - len({text.strip().replace("\u00a0", " ") for text in texts})


def cell_text(cell: Any) -> str:
    """Return a cell of a workbook as it would be written; whole numbers without a decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < _EXACT else repr(cell)
    if isinstance(cell, datetime):  # the hour is kept where there is one
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()


def is_empty(column: pd.Categorical) -> NDArray[np.bool_]:
    """Return which cells are empty."""
    empty = np.array([text == "" for text in column.categories], dtype=bool)
    return empty[column.codes] if len(empty) else np.zeros(len(column), dtype=bool)


def without_notes(
    where: str, grid: Grid, positions: dict[str, int], line_of: Callable[[int], int]
) -> tuple[dict[str, pd.Categorical], int]:
    """Return the columns of a layout without the notes below the table, and how many notes there were.

    A note is a row at the end with nothing but its first cell. Such a row between data is an error: it may be
    a heading for the rows below it.
    """
    if not grid.n_rows:
        return {name: grid.columns[i] for name, i in positions.items()}, 0
    n_filled = np.zeros(grid.n_rows, dtype=np.int64)
    for column in grid.columns:
        n_filled += ~is_empty(column)
    lonely = (n_filled == 1) & ~is_empty(grid.columns[0]) & (len(grid.columns) > 2)
    n_data = grid.n_rows - int(np.argmin(lonely[::-1])) if not lonely.all() else 0
    if lonely[:n_data].any():
        row = int(lonely[:n_data].argmax())
        raise input_error(f"{where}, row {line_of(row)}", "has only its first cell filled", "VM075")
    return {name: grid.columns[i][:n_data] for name, i in positions.items()}, grid.n_rows - n_data

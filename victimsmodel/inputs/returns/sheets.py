"""The sheets of a return as rows of texts, whatever kind of file it is."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.downloads.delimited import DELIMITERS
from victimsmodel.inputs.downloads.faults import column_letters
from victimsmodel.inputs.downloads.grid import cell_text
from victimsmodel.inputs.downloads.oddities import Merged, numbers_as_text
from victimsmodel.inputs.downloads.quoting import other_separator, refuse_swallowed
from victimsmodel.inputs.downloads.raw_files import decoded, read_bytes
from victimsmodel.inputs.downloads.sheets import sheets_of
from victimsmodel.inputs.personal_titles import refuse_personal_sheets
from victimsmodel.inputs.returns.values import looks_numeric

_MOST_UNPACKED = 50_000_000  # bytes of a workbook
_MOST_COLUMNS = 1_000
_MOST_ROWS = 5_000  # in a sheet; a quarterly return has dozens, a table of cases thousands


class Sheet(NamedTuple):
    """Rows of equal length, each cell a text without spaces around it."""

    name: str  # empty for a text file
    where: str  # begins every message
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[Merged, ...] = ()
    text_numbers: frozenset[tuple[int, int]] = frozenset()  # cells of a workbook with a number as text
    delimiter: str = ""  # of a text file
    as_written: Mapping[tuple[int, int], str] = MappingProxyType({})  # cells with other spaces or marks

    def place(self, row: int, column: int | None = None) -> str:
        """Return where a cell stands, as a user finds it there; rows and columns count from 0."""
        sheet = f"{self.name}!" if self.name else ""
        if column is None:
            return f"{sheet}row {row + 1}"
        return f"{sheet}{column_letters(column)}{row + 1}"

    def titles(self) -> list[tuple[str, ...]]:
        """Return the rows above the first one of two texts or more."""
        first = next((i for i, row in enumerate(self.rows) if sum(map(bool, row)) > 1), 0)
        return list(self.rows[:first])

    def columns(self) -> dict[str, list[str]]:
        """Return the filled cells of each column below its heading, the first row of two texts or more."""
        first = next((i for i, row in enumerate(self.rows) if sum(map(bool, row)) > 1), 0)
        headings = self.rows[first]
        return {
            (headings[i] if headings.index(headings[i]) == i else f"{headings[i]} ({column_letters(i)})"): [
                row[i] for row in self.rows[first + 1 :] if row[i]
            ]
            for i in range(len(headings))
        }


def read_sheets(path: Path) -> list[Sheet]:
    """Read a CSV (also gzip), .xlsx or .ods file whole.

    Raises
    ------
    InputError
        If it cannot be read, is no table, or has more rows than a return ever has.
    """
    content = read_bytes(path)
    if content.startswith(b"PK\x03\x04"):
        door = partial(refuse_personal_sheets, str(path))
        sheets = [
            _sheet(name, f"{path}, sheet {name}", [[_text(cell) for cell in row] for row in rows])._replace(
                merged=tuple(merged),
                text_numbers=frozenset(numbers_as_text(rows, looks_numeric)),
            )
            for name, rows, merged in sheets_of(path, content, _MOST_UNPACKED, door)
        ]
    else:
        rows, delimiter = _delimited_with(str(path), decoded(path, content).content.decode())
        sheets = [_sheet("", str(path), rows)._replace(delimiter=delimiter)]
    sheets = [sheet for sheet in sheets if any(map(any, sheet.rows))]
    if not sheets:
        raise input_error(str(path), "holds no filled cell", "VM110")
    for sheet in sheets:
        if len(sheet.rows) > _MOST_ROWS:
            allowed = f"has {len(sheet.rows):,} rows; a return has at most {_MOST_ROWS:,}"
            raise input_error(sheet.where, allowed, "VM110", hint="Is it a table of cases?")
        if len(sheet.rows[0]) > _MOST_COLUMNS:
            allowed = f"has {len(sheet.rows[0]):,} columns; a return has at most {_MOST_COLUMNS:,}"
            raise input_error(sheet.where, allowed, "VM110", hint="Delete what stands far from the table.")
    return sheets


def _sheet(name: str, where: str, rows: list[list[str]]) -> Sheet:
    width = max((len(row) for row in rows), default=0)
    clean = [[_clean(cell) for cell in row] for row in rows]
    written = {
        (i, k): cell for i, row in enumerate(rows) for k, cell in enumerate(row) if cell != clean[i][k]
    }
    padded = tuple(tuple(row + [""] * (width - len(row))) for row in clean)
    return Sheet(name, where, padded, as_written=written)


def _text(cell: object) -> str:
    """Return a cell of a workbook as text, with the spaces around it."""
    return cell if isinstance(cell, str) else cell_text(cell)


def _clean(cell: str) -> str:
    """Return a cell with plain spaces, and a text without marks that are not seen; numbers keep theirs."""
    spaced = " ".join(cell.replace("\u00a0", " ").split())
    seen = " ".join("".join(c for c in spaced if unicodedata.category(c) != "Cf").split())
    return spaced if seen != spaced and looks_numeric(seen) else seen


def delimited_rows(where: str, text: str) -> list[list[str]]:
    """Return the rows of delimited text, an empty one for each blank line."""
    return _delimited_with(where, text)[0]


def _delimited_with(where: str, text: str) -> tuple[list[list[str]], str]:
    """Return the rows, and the delimiter, that makes most rows of one length; refuse rows that do not fit."""
    best: tuple[list[list[str]], str] = ([], "")
    best_score = 0
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows: list[list[str]] = []
        lines: list[int] = []
        try:
            for row in reader:
                rows += [[] for _ in range(reader.line_num - len(rows) - 1)] + [row]
                lines.append(reader.line_num)
        except csv.Error as error:
            if delimiter == DELIMITERS[0] and '"' in text:
                start = (lines[-1] if lines else 0) + 1
                allowed = f"is no regular table from here on ({error})"
                raise input_error(
                    f"{where}, row {start}", allowed, "VM110", hint="Is a quote not closed?"
                ) from None
            continue
        lengths = [len(row) for row in rows if len(row) > 1 and any(map(str.strip, row))]
        score = max((lengths.count(n) * min(n, 3) for n in set(lengths)), default=0)
        if score > best_score:
            best, best_score = (rows, delimiter), score
    if not best[0]:
        allowed = "is no table: no comma, semicolon, tab or | parts its rows"
        raise input_error(where, allowed, "VM110", hint=other_separator(text))
    _refuse_ragged(where, best[0])
    refuse_swallowed(where, text, best[1], "VM110")
    return best


def _refuse_ragged(where: str, rows: list[list[str]]) -> None:
    """Refuse rows of numbers with more cells, or fewer, than the row of texts above them."""
    problems: list[Problem] = []
    n_header = 0
    for number, row in enumerate(rows, start=1):
        filled = [cell for cell in row if cell.strip()]
        if any(looks_numeric(cell) for cell in filled):
            if n_header and len(row) > n_header and any(cell.strip() for cell in row[n_header:]):
                allowed = f"has {len(row)} cells where the header has {n_header}"
                hint = "Put numbers with commas into quotes."
                problems += input_error(f"{where}, row {number}", allowed, "VM110", hint=hint).problems
            elif len(row) < n_header:
                allowed = f"has {len(row)} cells where the header has {n_header}"
                problems += input_error(f"{where}, row {number}", allowed, "VM110").problems
        elif len(filled) > 1:
            n_header = len(row)
    if problems:
        raise InputError(problems[:5])

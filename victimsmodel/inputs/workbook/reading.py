"""A workbook as it comes back: which scenario it was made from, and what its cells hold."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.downloads.faults import column_letters, faulty_cells
from victimsmodel.inputs.downloads.oddities import hidden_in, merged_ranges
from victimsmodel.inputs.downloads.safe_workbooks import WORKBOOK_FAULTS, check_workbook
from victimsmodel.inputs.sealed_reading import sealed_reading
from victimsmodel.inputs.workbook.cells import Raw

#: What the front sheet says, left, and what stands at its right.
MARK = "victimsmodel input workbook"
LAYOUT = "1"
SCENARIO_FILE, FINGERPRINT = "Scenario file", "Fingerprint"
#: The heading of the column that names each row's input.
FIELD_NAME = "Field name"

_MOST_BYTES, _MOST_UNPACKED = 20_000_000, 50_000_000
_MOST_ROWS, _MOST_COLUMNS = 20_000, 200
_NOT_OURS = "VM220"
_MERGED = "is merged, so that one value stands for several cells; unmerge them"
_MAKE_ONE = "Make one with victimsmodel workbook SCENARIO."


@dataclass(frozen=True)
class SheetRow:
    """One row: what its cells hold, and where they stand."""

    where: str  # of the cell that names the field
    cells: Mapping[str, Raw]  # by column
    places: Mapping[str, str]


@dataclass(frozen=True)
class ReadWorkbook:
    """What an input workbook holds."""

    path: Path
    scenario_file: str
    fingerprint: str
    sheets: tuple[str, ...]  # that hold inputs
    rows: Mapping[str, SheetRow] = field(default_factory=dict)  # by the name of the field
    problems: tuple[Problem, ...] = ()
    hidden: tuple[str, ...] = ()  # sheets, rows and columns, which are read all the same


def heading_of(column: str) -> str:
    """Return the heading under which a column stands, from which its name can be told again."""
    return column.replace("_", " ").capitalize()


@sealed_reading
def read_workbook(path: str | Path) -> ReadWorkbook:
    """Read a workbook that was made by `write_input_workbook`, whatever program saved it since.

    Rows are found by the names of their fields and columns by their headings, so that order, inserted
    rows and names of sheets do not matter. Of a formula the value that the sheet shows counts.

    Raises
    ------
    InputError
        If the file is missing, damaged, too large or no input workbook.
    """
    path = Path(path)
    content = _content(path)
    sheets = dict(_sheets(path, content))
    known = _front(path, sheets)
    rows: dict[str, SheetRow] = {}
    problems: list[Problem] = []
    heads: dict[str, int] = {}
    for name, grid in sheets.items():
        start = next((i for i, row in enumerate(grid) if FIELD_NAME in map(_text, row)), None)
        if start is not None:
            heads[name] = start
            _read_sheet(path, name, grid, start, rows, problems)
    merged = merged_ranges(content)
    for name, row in heads.items():
        below = [each for each in merged.get(name, ()) if each.last_row > max(row, each.first_row)]
        problems += [Problem(place_of(path, name, str(each)), "", "", _MERGED, "VM226") for each in below]
    for sheet, cell, allowed in faulty_cells(content):
        if sheet in heads:
            problems.append(Problem(place_of(path, sheet, cell), "", "", allowed, "VM226"))
    return ReadWorkbook(
        path,
        known.get(SCENARIO_FILE, ""),
        known.get(FINGERPRINT, ""),
        tuple(heads),
        rows,
        tuple(problems),
        tuple(_hidden(content, heads)),
    )


def _hidden(content: bytes, sheets: Iterable[str]) -> Iterator[str]:
    """Yield what is hidden of the sheets that hold inputs."""
    for part in hidden_in(content):
        sheet, _, within = part.rpartition("!")
        if (sheet if within.startswith(("row", "column")) else part.removeprefix("sheet ")) in sheets:
            yield part


def place_of(path: Path, sheet: str, cell: str) -> str:
    """Return how messages name a cell: as formulas do, after the name of the file."""
    quoted = sheet if re.fullmatch(r"[A-Za-z_]\w*", sheet) else "'" + sheet.replace("'", "''") + "'"
    return f"{path}: {quoted}!{cell}"


def _content(path: Path) -> bytes:
    where = str(path)
    if not path.is_file():
        found = "is a folder, not a file" if path.is_dir() else "does not exist"
        raise input_error(where, found, _NOT_OURS)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise input_error(where, f"is larger than {_MOST_BYTES // 10**6} MB", _NOT_OURS, hint=_MAKE_ONE)
        content = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            is_workbook = "xl/workbook.xml" in archive.namelist()
    except OSError as error:
        raise input_error(where, f"cannot be read: {error.strerror}", _NOT_OURS) from None
    except WORKBOOK_FAULTS:
        allowed = "is no .xlsx workbook, or a damaged one, or has a password"
        raise input_error(where, allowed, _NOT_OURS, hint="Save it as .xlsx without password.") from None
    if not is_workbook:
        raise input_error(where, "is no .xlsx workbook", _NOT_OURS, hint="Save it as .xlsx.")
    try:
        check_workbook(path, content, _MOST_UNPACKED)
    except WORKBOOK_FAULTS:
        allowed = "is a damaged workbook, or has a password"
        raise input_error(where, allowed, _NOT_OURS, hint="Save it as .xlsx without password.") from None
    return content


def _sheets(path: Path, content: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.total_height > _MOST_ROWS or sheet.total_width > _MOST_COLUMNS:
                allowed = f"must have at most {_MOST_ROWS:,} rows and {_MOST_COLUMNS} columns"
                raise input_error(f"{path}: {name}", allowed, _NOT_OURS, hint="Delete what was added.")
            yield name, sheet.to_python(skip_empty_area=False)
    except (CalamineError, *WORKBOOK_FAULTS) as error:
        raise input_error(str(path), f"is a damaged workbook ({error})", _NOT_OURS) from None


def _front(path: Path, sheets: Mapping[str, list[list[Any]]]) -> dict[str, str]:
    """Return what the front sheet says of itself: labels and what stands right of them."""
    for grid in sheets.values():
        texts = [[_text(cell) for cell in row] for row in grid[:80]]
        pairs = {row[i]: row[i + 1] for row in texts for i in range(len(row) - 1) if row[i]}
        if MARK in pairs:
            if pairs[MARK] != f"layout {LAYOUT}":
                allowed = f"has {pairs[MARK]}; this version reads layout {LAYOUT}"
                raise input_error(str(path), allowed, _NOT_OURS, hint="Make the workbook anew.")
            return pairs
    raise input_error(str(path), "is no input workbook of victimsmodel", _NOT_OURS, hint=_MAKE_ONE)


def _read_sheet(
    path: Path,
    name: str,
    grid: list[list[Any]],
    start: int,
    rows: dict[str, SheetRow],
    problems: list[Problem],
) -> None:
    """Read the rows below a line of headings."""
    headings = [_text(cell) for cell in grid[start]]
    columns = {text: i for i, text in reversed(list(enumerate(headings))) if text}
    own = columns[FIELD_NAME]
    for number, cells in enumerate(grid[start + 1 :], start=start + 2):
        field_name = _text(cells[own]) if own < len(cells) else ""
        if not field_name:
            continue
        places = {text: place_of(path, name, f"{column_letters(i)}{number}") for text, i in columns.items()}
        if field_name in rows:
            allowed = f"stands twice, here and at {rows[field_name].where}"
            problems.append(Problem(places[FIELD_NAME], field_name, "", allowed, "VM224"))
            continue
        held = {text: cells[i] if i < len(cells) else None for text, i in columns.items()}
        rows[field_name] = SheetRow(places[FIELD_NAME], held, places)


def _text(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def refuse(problems: list[Problem]) -> None:
    """Raise all problems at once, if there are any."""
    if problems:
        raise InputError(dict.fromkeys(problems))

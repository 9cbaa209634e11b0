"""Tables as they are downloaded: delimited text, gzip of it, .xlsx and .ods, one or many sheets."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pandas.api.types import union_categoricals

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.downloads.delimited import DELIMITERS, body_of, line_of_row
from victimsmodel.inputs.downloads.faults import column_letters, error_texts, refuse_uncalculated
from victimsmodel.inputs.downloads.grid import Grid, distinct_texts, grid_of_rows, is_empty, without_notes
from victimsmodel.inputs.downloads.layouts import Layout, best_layout, match, misfit
from victimsmodel.inputs.downloads.oddities import Merged, merged_ranges, refuse_odd_cells
from victimsmodel.inputs.downloads.raw_files import MOST_BYTES, TextFile, decoded, read_bytes
from victimsmodel.inputs.downloads.remarks import (
    Remark,
    of_encoding,
    of_hidden,
    of_separator,
    of_text_numbers,
    of_titles,
)
from victimsmodel.inputs.downloads.safe_workbooks import WORKBOOK_FAULTS, check_workbook
from victimsmodel.inputs.personal_data import refuse_personal_data
from victimsmodel.inputs.sealed_reading import sealed_reading

_MOST_SHOWN = 60  # characters of a cell in a message
_HEADER_WITHIN = 60  # rows; official files have up to a dozen lines above the header


class OfficialTable(NamedTuple):
    """The columns of a layout as texts, by our names, of all sheets that fit it."""

    layout: Layout
    columns: dict[str, pd.Categorical]
    parts: tuple[Part, ...]
    remarks: tuple[Remark, ...]

    def row_name(self, index: int, column: str = "") -> str:
        """Return file and row of the n-th row, or its sheet!cell, as a user finds it there."""
        for part in self.parts:
            if index < part.n_rows:
                return part.place(index, column)
            index -= part.n_rows
        raise IndexError(index)

    def values(self, name: str, parse: Callable[[str], Any]) -> list[Any]:
        """Return what each distinct text of a column says; an error names its first cell."""
        column = self.columns[name]
        found: list[Any] = []
        problems: dict[int, list[str]] = {}  # what is allowed, and what is likely meant
        for i, text in enumerate(column.categories):
            try:
                found.append(parse(text))
            except ValueError as error:
                problems[i] = [*map(str, error.args), ""]
                found.append(None)
        if problems:
            self._refuse(name, {i: problems[i] for i in problems if (column.codes == i).any()})
        return found

    def _refuse(self, name: str, problems: dict[int, list[str]]) -> None:
        if not problems:
            return
        column = self.columns[name]
        official = next(c.official for c in self.layout.columns if c.name == name)
        errors: list[Problem] = []
        for i, (allowed, hint, *_) in list(problems.items())[:5]:
            where = self.row_name(int((column.codes == i).argmax()), name)
            text = _shown(column.categories[i]) or "(empty)"
            errors += input_error(where, allowed, "VM074", field=official, value=text, hint=hint).problems
        raise InputError(errors)


def _shown(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


class Part(NamedTuple):
    """One sheet, or the one table of a text file."""

    where: str
    n_rows: int
    line_of: Callable[[int], int]
    sheet: str = ""  # as ``file, sheet``; empty for a text file
    positions: Mapping[str, int] = {}  # columns by our names

    def place(self, index: int, name: str = "") -> str:
        """Return file and row, or file and sheet!cell, of a row counted from 0."""
        line = self.line_of(index)
        if self.sheet and name in self.positions:
            return f"{self.sheet}!{column_letters(self.positions[name])}{line}"
        return f"{self.where}, row {line}"


@sealed_reading
def read_official(path: str | Path, wanted: Sequence[Layout]) -> OfficialTable:
    """Read a downloaded file that has one of the layouts.

    Titles above the header, notes below the table, blank rows, empty sheets, cover sheets and sheets of
    notes are passed over and reported as remarks; nothing else is.

    Raises
    ------
    InputError
        If the file cannot be read, has none of the layouts or holds rows that do not fit the header.
    """
    path = Path(path)
    content = read_bytes(path)
    if content.startswith(b"PK\x03\x04"):
        return _of_workbook(path, content, wanted)
    text = decoded(path, content)
    del content
    return _of_text(path, text, wanted)


def _of_text(path: Path, text: TextFile, wanted: Sequence[Layout]) -> OfficialTable:
    head = text.content[:200_000].decode(errors="ignore")
    best: tuple[int, list[str]] = (-1, [])
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(head), delimiter=delimiter)
        for start, header in enumerate(_first_rows(reader)):
            layout = best_layout(wanted, header)
            if layout is not None:
                _refuse_repeats(str(path), header, layout)
                grid = body_of(str(path), text.content, delimiter, reader.line_num, len(header))
                part = Part(
                    str(path), grid.n_rows, line_of_row(text.content, delimiter, grid, reader.line_num)
                )
                remarks = [*of_encoding(text), *of_separator(delimiter), *of_titles(start)]
                return _joined(layout, [(part, header, grid)], remarks)
            best = max(best, (_promise(wanted, header), header), key=lambda pair: pair[0])
    raise misfit(str(path), best[1], wanted)


def _first_rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield the rows that may be the header, stripped."""
    try:
        for _, row in zip(range(_HEADER_WITHIN), reader, strict=False):
            yield [cell.strip() for cell in row]
    except csv.Error:  # a binary file, or a field without end: there is no header
        return


def _promise(wanted: Sequence[Layout], header: Sequence[str]) -> int:
    """Say how much a row looks like the header: columns found, then cells filled."""
    n_found = max(len(match(layout, header).positions) for layout in wanted)
    return 100 * n_found + sum(1 for cell in header if cell)


def _of_workbook(path: Path, content: bytes, wanted: Sequence[Layout]) -> OfficialTable:
    found: list[tuple[Part, list[str], Grid]] = []
    remarks: list[Remark] = []
    layout: Layout | None = None
    best: tuple[int, list[str], str] = (-1, [], str(path))
    for name, rows, merged in sheets_of(path, content):
        where = f"{path}, sheet {name}"
        tried = [[str(cell).strip() for cell in row] for row in rows[:_HEADER_WITHIN]]
        fits = [(i, fit) for i, row in enumerate(tried) if (fit := best_layout(wanted, row))]
        if not fits:
            looks = max(((_promise(wanted, row), row, where) for row in tried), default=(-1, [], where))
            best = max(best, looks, key=lambda triple: triple[0])
            remarks.append(_passed_over(where, rows, looks, wanted))
            continue
        start, fit = fits[0]
        if layout is not None and fit is not layout:
            raise input_error(where, f"is {fit.title}; the sheets before are {layout.title}", "VM073")
        layout = fit
        _refuse_repeats(where, tried[start], fit)
        refuse_odd_cells(path, name, rows, start, merged)
        grid = grid_of_rows(where, rows[start + 1 :], len(tried[start]), start + 2)
        part = Part(
            where, grid.n_rows, row_of(grid, start + 2), f"{path}, {name}", match(fit, tried[start]).positions
        )
        found.append((part, tried[start], grid))
        remarks += [*of_titles(start, where), *of_text_numbers(name, rows, start, part.positions)]
    if layout is None:
        if not any(best[1]):
            raise input_error(str(path), "is a workbook with empty sheets only", "VM076")
        raise misfit(best[2], best[1], wanted)
    return _joined(layout, found, [*remarks, *of_hidden(path, content)])


def row_of(grid: Grid, first: int) -> Callable[[int], int]:
    """Return the function from the number of a row of the grid to its row in the sheet."""
    return lambda i: first + int(grid.kept[i])


def _passed_over(
    where: str, rows: list[list[Any]], looks: tuple[int, list[str], str], wanted: Sequence[Layout]
) -> Remark:
    """Pass over a sheet without a table; one that has half of the columns is refused instead."""
    n_columns = min(len(layout.required) for layout in wanted)
    if looks[0] // 100 * 2 >= n_columns:
        raise misfit(where, looks[1], wanted)
    if not any(str(cell).strip() for row in rows for cell in row):
        return Remark("empty_sheet", 0, f"{where} is empty.", "excluded")
    return Remark("sheet_without_table", len(rows), f"{where} holds no table of this kind.", "excluded")


def sheets_of(
    path: Path,
    content: bytes,
    most_bytes: int = MOST_BYTES,
    door: Callable[[Sequence[str]], None] | None = None,
) -> Iterator[tuple[str, list[list[Any]], list[Merged]]]:
    """Yield name, rows and merged cells of each sheet, hidden ones too; a door sees all names first."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
        if not any(name in names for name in ("[Content_Types].xml", "content.xml")):
            raise input_error(str(path), "is a zip archive, not a workbook; unpack it first", "VM070")
        is_doubtful = check_workbook(path, content, most_bytes)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if door is not None:
            door(workbook.sheet_names)
        errors: dict[str, dict[tuple[int, int], str]] = {}
        if is_doubtful:
            refuse_uncalculated(path, content)
            errors = error_texts(content)
        merged = merged_ranges(content)
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for (row, column), text in errors.get(name, {}).items():
                if row < len(rows) and column < len(rows[row]):
                    rows[row][column] = text
            yield name, rows, merged.get(name, [])
    except (CalamineError, *WORKBOOK_FAULTS) as error:
        allowed = f"is no readable workbook ({error}); save it again as .xlsx without password"
        raise input_error(str(path), allowed, "VM070") from None


def _refuse_repeats(where: str, header: list[str], layout: Layout) -> None:
    repeated = match(layout, header).repeated
    if repeated:
        raise input_error(where, f"has two columns named {', '.join(repeated)}", "VM072")


def _refuse_people(
    where: str, header: list[str], columns: list[pd.Categorical], positions: Mapping[str, int]
) -> None:
    """Refuse a table with personal data in a column that the layout does not have."""
    known = set(positions.values())
    known |= {
        i for i, column in enumerate(columns) if is_empty(column).all()
    }  # a heading that nobody stands in
    if len(known) == len(header):
        return
    looked_at = [pd.Categorical([]) if i in known else column for i, column in enumerate(columns)]
    refuse_personal_data(where, distinct_texts(header, looked_at), known={i + 1 for i in known})


def _joined(
    layout: Layout, found: list[tuple[Part, list[str], Grid]], remarks: list[Remark]
) -> OfficialTable:
    """Put the sheets below each other, by the columns of the layout."""
    grids = []
    for part, header, grid in found:
        positions = match(layout, header).positions
        table, notes = without_notes(part.where, grid, positions, part.line_of)
        _refuse_people(
            part.where, header, [column[: grid.n_rows - notes] for column in grid.columns], positions
        )
        extra = [heading for i, heading in enumerate(header) if heading and i not in positions.values()]
        if notes:
            remarks.append(
                Remark("note_rows", notes, f"{notes} rows of notes below {part.where}.", "excluded")
            )
        if extra:
            detail = f"Columns of {part.where} that are not used: {', '.join(extra)}."
            remarks.append(Remark("unused_columns", 0, detail, "left"))
        grids.append((part._replace(n_rows=len(next(iter(table.values())))), table))
    grids = [(part, table) for part, table in grids if part.n_rows]
    if not grids:
        raise input_error(found[0][0].where, "has a header but no rows below it", "VM076")
    optional = {c.name for c in layout.columns if not c.is_required}
    columns = {}
    for column in layout.columns:
        having = [table[column.name] for _, table in grids if column.name in table]
        if len(having) == len(grids):
            columns[column.name] = union_categoricals(having) if len(having) > 1 else having[0]
        elif having and column.name in optional:
            raise input_error(grids[0][0].where, f"only some sheets have {column.official}", "VM072")
    return OfficialTable(layout, columns, tuple(part for part, _ in grids), tuple(remarks))

"""The sheets of inputs: a row an input, headings above its parts, only inputs unlocked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.strict_yaml import Node
from victimsmodel.inputs.workbook.cells import shown
from victimsmodel.inputs.workbook.layout import ESTIMATE_COLUMNS, VALUE, Cell, Row
from victimsmodel.inputs.workbook.reading import FIELD_NAME, heading_of
from victimsmodel.reporting.input_workbook.formats import INHERITED, OWN, InputFormats
from victimsmodel.reporting.input_workbook.lists import list_of
from victimsmodel.reporting.input_workbook.titles import heading_of_row, title_of
from victimsmodel.reporting.input_workbook.validation import row_meaning, validation_of
from victimsmodel.reporting.spreadsheet.formats import LOCKED
from victimsmodel.reporting.spreadsheet.page import LINE_HEIGHT, header_text, lines_of, print_landscape

_HEADING_ROW = 3  # counted from 0; the rows below scroll
_QUIET_LETTERS = 1.3  # of 9 point text
_WIDTHS: Mapping[str, int] = {
    VALUE: 10,
    "low": 9,
    "high": 9,
    "events": 8,
    "trials": 8,
    "times": 7,
    "times_odds": 7,
    "unit": 12,
    "source": 25,
    "quality": 8,
    "price_year": 9,
    "borrowed": 9,
    "note": 48,
    "definition": 44,
    "from": 13,
}
_NUMBERS = ESTIMATE_COLUMNS[: ESTIMATE_COLUMNS.index("unit")]
_ALWAYS = frozenset({"unit", "source", "note", "quality", "low", "high", "events", "trials"})
_WIDE_VALUE, _OTHER = 46, 16
_INPUT_WIDTH, _MAY_WIDTH, _FILE_WIDTH, _FIELD_WIDTH = 44, 34, 28, 40
_LARGE = 1000


@dataclass(frozen=True)
class Book:
    """What all sheets share."""

    workbook: Any
    formats: InputFormats
    root: Node
    scenario: Scenario
    ranges: Mapping[str, str]  # of the names that drop-down lists offer
    file: str  # name of the scenario file


def write_sheet(book: Book, name: str, lead: str, rows: Sequence[Row]) -> None:
    """Write one sheet of inputs."""
    sheet = book.workbook.add_worksheet(name)
    columns = _columns(rows)
    is_list = rows[0].kind in ("record", "dated")
    tail = () if is_list else ("May be",)
    headings = [heading_of(column) for column in columns]
    all_headings = ["Input", *headings, *tail, "Stated in", FIELD_NAME]
    widths = [_INPUT_WIDTH, *(_width(column, columns) for column in columns)]
    widths += [_MAY_WIDTH] * len(tail) + [_FILE_WIDTH, _FIELD_WIDTH]
    printed = len(columns) if len(columns) > 1 else len(all_headings) - 2  # file names: on the screen
    _set_up(book, sheet, name, lead, all_headings, sum(widths[: printed + 1]))
    for i, width in enumerate(widths):
        sheet.set_column(i, i, width)
    at, above = _HEADING_ROW + 1, ""
    for row in rows:
        heading = heading_of_row(row, book.root, book.scenario)
        if heading != above:
            for i in range(len(all_headings)):
                sheet.write_blank(at, i, None, book.formats.named("section"))
            sheet.write_string(at, 0, heading, book.formats.named("section"))
            sheet.set_row(at, 22)
            at, above = at + 1, heading
        _write_row(book, sheet, at, row, columns, widths)
        at += 1
    sheet.print_area(0, 0, at - 1, printed)
    sheet.autofilter(_HEADING_ROW, 0, at - 1, len(all_headings) - 1)


def _columns(rows: Sequence[Row]) -> list[str]:
    """Return the columns that a sheet needs: of an estimate's, the rarer ones only where they are used."""
    used = {column for row in rows for column, cell in row.cells.items() if cell.value is not None}
    has_changes = any(row.path[0] in ("options", "levers") for row in rows)
    used |= _ALWAYS | ({"times", "times_odds"} if has_changes else set())
    used |= {"price_year"} if any("price_year" in row.cells for row in rows) else set()
    found = {column: None for row in rows for column in row.cells}
    if rows[0].kind in ("record", "dated"):
        return list(found)
    return [VALUE, *(column for column in ESTIMATE_COLUMNS[1:] if column in found and column in used)]


def _width(column: str, columns: Sequence[str]) -> int:
    return _WIDE_VALUE if column == VALUE and columns == [VALUE] else _WIDTHS.get(column, _OTHER)


def _set_up(book: Book, sheet: Any, name: str, lead: str, headings: Sequence[str], width: float) -> None:
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, name, book.formats.named("title"))
    sheet.set_row(0, 24)
    sheet.write_string(1, 0, lead, book.formats.named("wrapped"))
    sheet.merge_range(1, 0, 1, min(len(headings) - 1, 8), lead, book.formats.named("lead"))
    sheet.set_row(1, 30)
    sheet.write_url(2, 0, "internal:'Start here'!A1", book.formats.named("link"), "Back to the first sheet")
    for i, heading in enumerate(headings):
        sheet.write_string(_HEADING_ROW, i, heading, book.formats.named("heading"))
    sheet.set_row(_HEADING_ROW, 30)
    sheet.freeze_panes(_HEADING_ROW + 1, 1)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    print_landscape(sheet, _HEADING_ROW, width=width)
    sheet.set_footer(f"&L{header_text(book.scenario.title)}&C&A&RPage &P of &N")


def _write_row(
    book: Book, sheet: Any, at: int, row: Row, columns: Sequence[str], widths: Sequence[float]
) -> None:
    formats = book.formats
    title = title_of(row, book.scenario)
    sheet.write_string(at, 0, title, formats.named("label"))
    fill = OWN if row.stated_in == book.file else INHERITED if row.stated_in else "#ffffff"
    wide = _merged_to(row, columns)
    lines = lines_of(title, widths[0])
    for i, column in enumerate(columns, start=1):
        cell = row.cells.get(column)
        if cell is None:
            if not 1 < i <= wide:
                sheet.write_blank(at, i, None, formats.named("blank"))
            continue
        last = wide if i == 1 else i
        _write_cell(book, sheet, (at, i, last), row, column, fill)
        lines = max(lines, lines_of(shown(cell.value, cell.allowed), sum(widths[i : last + 1])))
    tail = len(columns) + 1
    if row.kind not in ("record", "dated"):
        may = row_meaning(row) if not row.comes_from else f"locked: comes from {row.comes_from}"
        sheet.write_string(at, tail, may, formats.named("quiet"))
        lines = max(lines, lines_of(may, widths[tail], _QUIET_LETTERS))
        tail += 1
    sheet.write_string(at, tail, row.stated_in or "not stated", formats.named("file"))
    sheet.write_string(at, tail + 1, row.field, formats.named("field"))
    sheet.set_row(at, max(15.0, lines * LINE_HEIGHT + 2))


def _merged_to(row: Row, columns: Sequence[str]) -> int:
    """Return the last column of a plain input: text is as wide as the numbers of an estimate."""
    if row.kind != "scalar" or row.cells[VALUE].allowed.kind not in ("text", "list"):
        return 1
    return max(i for i, column in enumerate(columns, start=1) if column in _NUMBERS)


def _write_cell(book: Book, sheet: Any, span: tuple[int, int, int], row: Row, column: str, fill: str) -> None:
    at, first, last = span
    cell = row.cells[column]
    value = shown(cell.value, cell.allowed)
    look = book.formats.input(_shape(cell, value), fill if cell.is_open else LOCKED, cell.is_open)
    if last > first:
        sheet.merge_range(at, first, at, last, "", look)
    if value is None:
        sheet.write_blank(at, first, None, look)
    elif isinstance(value, date):
        sheet.write_datetime(at, first, value, look)
    elif isinstance(value, str):
        sheet.write_string(at, first, value, look)
    else:
        sheet.write_number(at, first, value, look)
    if cell.is_open:
        names = book.ranges.get(list_of(row.path, column), "") if cell.allowed.kind == "text" else ""
        rule = validation_of(row, column, names)
        sheet.data_validation(at, first, at, first, rule)


def _shape(cell: Cell, value: object) -> str:
    if cell.allowed.kind == "date":
        return "date"
    if cell.allowed.kind not in ("number", "integer") or isinstance(value, str):
        return "text"
    is_large = isinstance(value, (int, float)) and value >= _LARGE and float(value).is_integer()
    return "large" if is_large else "number"

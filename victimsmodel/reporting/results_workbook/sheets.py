"""One table of the run folder as a sheet: titles, filters, frozen panes, number formats, print set-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.dates import day_words
from victimsmodel.reporting.marks import DRAFT, Mark
from victimsmodel.reporting.results_workbook.cells import Cell, cell_of, number_format, prepared, said_of
from victimsmodel.reporting.results_workbook.columns import BY_ROW, Column, column_of, held_column
from victimsmodel.reporting.results_workbook.declared import SECTIONS, Sheet
from victimsmodel.reporting.spreadsheet.formats import BOX, FONT, Formats
from victimsmodel.reporting.spreadsheet.page import LINE_HEIGHT, header_text, lines_of, print_landscape

FRONT = "Start here"
HEADING_ROW = 4  # counted from 0; the row above it holds the names of options where they are columns
_NUMBER_WIDTH, _NARROW, _LEAST, _MOST, _LONG = 12.5, 10.0, 10.0, 46.0, 50.0
_LEAD_WIDTH = 120.0
_DAY = {"num_format": "d mmmm yyyy", "align": "left", "indent": 1}
_DAY_LETTERS = 17  # of "24 September 2022"
_HEADER_TITLE = 60  # letters, as a header takes 255 signs in all
_LONG_TEXT = 120  # letters of a text that needs a wide column


class Field(NamedTuple):
    """One column of a sheet."""

    raw: str  # name in the table
    words: Column
    option: str = ""  # where options stand side by side


class Placed(NamedTuple):
    """Where a table stands, for charts and the dictionary."""

    sheet: Sheet
    fields: tuple[Field, ...]
    rows: pd.DataFrame  # in the order of the sheet, names as in the table
    first_row: int

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order, those of options with the option behind a comma."""
        return [str(name) for name in self.rows.columns]


@dataclass(frozen=True)
class Book:
    """What all sheets share."""

    workbook: Any
    formats: Formats
    scenario: Scenario
    run_id: str
    placed: dict[str, Placed] = field(default_factory=dict)  # by name of the sheet
    mark: Mark = DRAFT


def write_table_sheet(book: Book, sheet: Sheet, data: pd.DataFrame) -> None:
    """Write one table, and note where it stands."""
    rows = prepared(sheet, data, book.scenario)
    wide = _side_by_side(rows, sheet) if sheet.is_wide else None
    fields = _fields(sheet, rows)
    shown = rows if wide is None else wide
    said = {each.raw: said_of(sheet.table, each.raw, book.scenario) for each in fields}
    cells = [
        [cell_of(value, said[each.raw]) for each, value in zip(fields, row, strict=True)]
        for row in shown.itertuples(index=False, name=None)
    ]
    units = list(shown["unit"].astype(str)) if "unit" in shown.columns else [""] * len(shown)
    lead = " ".join([sheet.lead, *_once(sheet, data, book.scenario)])
    widths = [_width(each, [row[i] for row in cells]) for i, each in enumerate(fields)]
    page = open_sheet(book, sheet.name, lead, SECTIONS[sheet.section], widths)
    _headings(book, page, fields, widths)
    for at, (row, unit) in enumerate(zip(cells, units, strict=True), start=HEADING_ROW + 1):
        _write_row(book, page, at, fields, row, unit)
        lines = max(lines_of(cell, width) for cell, width in zip(row, widths, strict=True))
        page.set_row(at, max(15.0, lines * LINE_HEIGHT + 2))
    named = next((i for i, each in enumerate(fields) if each.words.unit), len(fields))
    finish_sheet(page, widths, len(cells), min(3, named), sheet.unprinted)
    book.placed[sheet.name] = Placed(sheet, fields, shown, HEADING_ROW + 1)


def open_sheet(book: Book, name: str, lead: str, colour: str, widths: Sequence[float]) -> Any:
    """Return a new sheet with its title, a link back, and what prints above and below each page."""
    page = book.workbook.add_worksheet(name)
    page.hide_gridlines(2)
    page.set_tab_color(colour)
    page.write_string(0, 0, name, book.formats.named("title"))
    page.set_row(0, 24)
    write_lead(book, page, lead, widths)
    page.write_url(2, 0, f"internal:'{FRONT}'!A1", book.formats.named("link"), "Back to the first sheet")
    head_pages(book, page)
    page.set_footer("&L&9&A&R&9Page &P of &N")
    return page


def head_pages(book: Book, page: Any) -> None:
    """Print the scenario, whether the run is a draft, and the run above each page of a sheet."""
    title = book.scenario.title
    shown = title if len(title) <= _HEADER_TITLE else f"{title[:_HEADER_TITLE]}…"
    look = '&"Calibri,Bold"&11&K8F1D14' if book.mark.is_draft else "&9"
    middle = f"{look}{header_text(book.mark.short)}"
    page.set_header(f'&L&9{header_text(shown)}&C{middle}&R&"Calibri,Regular"&9&K000000Run {book.run_id}')


def write_lead(book: Book, page: Any, lead: str, widths: Sequence[float]) -> None:
    """Write what a sheet holds over as many columns as it takes to stand in a line or two."""
    look, across = book.formats.named("lead"), 1
    while across < len(widths) and sum(widths[:across]) < _LEAD_WIDTH:
        across += 1
    if across > 1:
        page.merge_range(1, 0, 1, across - 1, "", look)
    page.write_string(1, 0, lead, look)
    page.set_row(1, lines_of(lead, sum(widths[:across])) * LINE_HEIGHT + 4)


def finish_sheet(page: Any, widths: Sequence[float], n_rows: int, frozen: int, unprinted: int = 0) -> None:
    """Set widths, filters, frozen panes and print set-up of a sheet with one table."""
    for i, width in enumerate(widths):
        page.set_column(i, i, width)
    last = HEADING_ROW + max(1, n_rows)
    page.autofilter(HEADING_ROW, 0, last, len(widths) - 1)
    page.freeze_panes(HEADING_ROW + 1, min(frozen, len(widths) - 1))
    n_printed = len(widths) - unprinted
    print_landscape(page, HEADING_ROW, width=sum(widths[:n_printed]))
    page.print_area(0, 0, last, n_printed - 1)


def _fields(sheet: Sheet, rows: pd.DataFrame) -> tuple[Field, ...]:
    words = {name: column_of(sheet.table, name, rows) for name in rows.columns}
    if not sheet.is_wide:
        return tuple(Field(name, words[name]) for name in rows.columns)
    values = (held_column(rows), "low", "high")
    options = rows["option"].astype(str).drop_duplicates()
    return (
        *(Field(name, words[name]) for name in sheet.order),
        *(Field(name, words[name], option) for option in options for name in values),
    )


def _side_by_side(rows: pd.DataFrame, sheet: Sheet) -> pd.DataFrame:
    """Return a row for each combination of `order`, and value, low and high of each option as columns."""
    values = [held_column(rows), "low", "high"]
    labels = rows[[*sheet.order]].astype(str)
    keys = pd.Series(list(labels.itertuples(index=False, name=None)), rows.index)
    wide = labels.assign(key=keys).drop_duplicates("key").set_index("key")
    for option, own in rows.groupby(rows["option"].astype(str), sort=False):
        numbers = own[values].set_axis(keys[own.index])
        wide[[f"{name}, {option}" for name in values]] = numbers.reindex(wide.index)
    return wide.reset_index(drop=True)


def _once(sheet: Sheet, data: pd.DataFrame, scenario: Scenario) -> list[str]:
    """Return what is said once above a table, in sentences."""
    told = []
    for name in sheet.once:
        if name in data.columns and len(data):
            column = column_of(sheet.table, name, data)
            cell = cell_of(data[name].iloc[0], said_of(sheet.table, name, scenario))
            shown = f"{cell:,.15g}" if isinstance(cell, float) else _words(cell)
            told.append(f"{column.title}: {'£' if column.unit == 'GBP' else ''}{shown}.")
    return told


def _words(cell: Cell) -> str:
    return day_words(cell) if isinstance(cell, date) else str(cell)


def _width(each: Field, cells: Sequence[Cell]) -> float:
    texts = [len(cell) for cell in cells if isinstance(cell, str)]
    if any(isinstance(cell, date) for cell in cells):
        texts.append(_DAY_LETTERS)
    if not texts:
        return _NARROW if each.option else _NUMBER_WIDTH if each.words.unit else _LEAST
    longest = max(texts)
    if longest > _LONG_TEXT:
        return _LONG
    return min(_MOST, max(_LEAST, 1.0 * longest + 3, 0.6 * len(each.words.title)))


def _headings(book: Book, page: Any, fields: Sequence[Field], widths: Sequence[float]) -> None:
    heading = book.formats.named("heading")
    titles = {name: option.title for name, option in book.scenario.options.items()}
    for i, each in enumerate(fields):
        page.write_string(HEADING_ROW, i, each.words.title, heading)
    height = max(
        lines_of(each.words.title, width - 2, 1.0) for each, width in zip(fields, widths, strict=True)
    )
    page.set_row(HEADING_ROW, max(18.0, height * LINE_HEIGHT + 4))
    above = [i for i, each in enumerate(fields) if each.option]
    for i in above[::3]:
        centred = book.formats.made(
            "option", {**FONT, **BOX, "bold": True, "align": "center", "valign": "vcenter", "text_wrap": True}
        )
        page.merge_range(HEADING_ROW - 1, i, HEADING_ROW - 1, i + 2, titles[fields[i].option], centred)
    if above:
        most = max(lines_of(titles[fields[i].option], 3 * _NARROW - 2) for i in above)
        page.set_row(HEADING_ROW - 1, most * LINE_HEIGHT + 4)


def _write_row(
    book: Book, page: Any, at: int, fields: Sequence[Field], row: Sequence[Cell], unit: str
) -> None:
    own = "share" if unit == "probability" else unit  # an input's: as fine as the shares of results
    for i, (each, cell) in enumerate(zip(fields, row, strict=True)):
        if cell is None:
            page.write_blank(at, i, None, book.formats.named("indented"))
        elif isinstance(cell, str):
            page.write_string(at, i, cell, book.formats.named("indented"))
        elif isinstance(cell, date):
            page.write_datetime(at, i, cell, book.formats.made("day", {**FONT, **BOX, **_DAY}))
        else:
            shape = number_format(cell, each.words.unit.replace(BY_ROW, own))
            page.write_number(at, i, cell, _number(book, shape))


def _number(book: Book, shape: str) -> Any:
    looks: Mapping[str, Any] = {**FONT, **BOX, "num_format": shape, "align": "right"}
    return book.formats.made(f"number {shape}", looks)

"""The data dictionary: every column of every sheet, and every table of the run folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from victimsmodel.reporting.results_workbook.columns import BY_ROW
from victimsmodel.reporting.results_workbook.declared import FILES, INPUTS, SECTIONS
from victimsmodel.reporting.results_workbook.sheets import (
    HEADING_ROW,
    Book,
    Field,
    Placed,
    finish_sheet,
    open_sheet,
)
from victimsmodel.reporting.spreadsheet.page import LINE_HEIGHT, lines_of
from victimsmodel.reporting.words import UNIT_TITLES, sentence_case

DICTIONARY, TABLES = "Data dictionary", "Tables in the folder"
ABOUT = {
    DICTIONARY: "Every column of every sheet: its meaning, unit, and name in the tables of the folder.",
    TABLES: "Every table of the run folder, also those too long for a sheet, and where it stands.",
}
_UNITS = {
    "number0": "number",
    "number1": "number",
    "number3": "number",
    "hours": "hours",
    "share": "share; 0.25 is shown as 25%",
    "probability": "probability; 0.25 is shown as 25%",
    BY_ROW: "as the column Unit says",
}


def write_dictionary(book: Book) -> None:
    """Write what every column of every sheet means."""
    rows = [
        (placed.sheet.name, *described) for placed in book.placed.values() for described in _described(placed)
    ]
    headings = ("Sheet", "Column", "Meaning", "Unit", "Table", "Name in the table")
    _write(book, DICTIONARY, headings, (22, 34, 72, 28, 24, 24), rows)


def write_files(book: Book, n_rows: Mapping[str, int]) -> None:
    """Write which tables the run folder holds.

    Parameters
    ----------
    book : Book
    n_rows : mapping of str to int
        Rows of each table of the folder.
    """
    shown: dict[str, list[str]] = {}
    for placed in book.placed.values():
        shown.setdefault(placed.sheet.table, []).append(placed.sheet.name)
    leads = {placed.sheet.table: placed.sheet.lead for placed in reversed(book.placed.values())}
    rows = [
        (
            f"tables/{name}.parquet",
            leads.get(name) or sentence_case(FILES.get(name, name.replace("_", " "))) + ".",
            f"{count:,}",
            ", ".join(shown.get(name, ["file only"])),
        )
        for name, count in sorted(n_rows.items())
    ]
    headings = ("File, beside it as CSV", "What it holds", "Rows", "Sheet")
    _write(book, TABLES, headings, (42, 90, 12, 30), rows)


def _described(placed: Placed) -> Iterable[tuple[str, str, str, str, str]]:
    done: set[str] = set()
    for each in placed.fields:
        if each.raw in done:  # the same for every option
            continue
        done.add(each.raw)
        title = f"{each.words.title} (of each option)" if each.option else each.words.title
        yield title, each.words.meaning, _unit(each), placed.sheet.table, each.raw


def _unit(each: Field) -> str:
    name = each.words.unit.removeprefix("+")
    if not name:
        return "text"
    signed = ", with its sign" if each.words.unit.startswith("+") else ""
    return (_UNITS.get(name) or UNIT_TITLES.get(name, name)) + signed


def _write(
    book: Book, name: str, headings: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]]
) -> None:
    page = open_sheet(book, name, ABOUT[name], SECTIONS[INPUTS], widths)
    for i, heading in enumerate(headings):
        page.write_string(HEADING_ROW, i, heading, book.formats.named("heading"))
    for at, row in enumerate(rows, start=HEADING_ROW + 1):
        for i, text in enumerate(row):
            page.write_string(at, i, text, book.formats.named("indented"))
        lines = max(lines_of(text, width) for text, width in zip(row, widths, strict=True))
        page.set_row(at, max(15.0, lines * LINE_HEIGHT + 2))
    finish_sheet(page, widths, len(rows), 2)

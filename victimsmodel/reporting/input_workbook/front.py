"""The first sheet: what the workbook is, how to use it, and what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from victimsmodel.inputs.workbook.reading import FINGERPRINT, LAYOUT, MARK, SCENARIO_FILE
from victimsmodel.reporting.input_workbook.formats import INHERITED, OWN
from victimsmodel.reporting.input_workbook.sheets import Book
from victimsmodel.reporting.spreadsheet.formats import LOCKED
from victimsmodel.reporting.spreadsheet.page import print_landscape

_HOW = (
    "Change coloured cells only; grey cells are locked. Click a cell to see what it may hold.",
    "An uncertain number has a value (the middle), a low and a high: the chance is 1 in 20 that the average "
    "is lower, and 1 in 20 that it is higher. Or write what was counted, events out of trials, and leave "
    "value, low and high blank.",
    "Shares are written from 0 to 1: a quarter is 0.25.",
    "Name the source of each new number: choose it from the list, or assumption, and say why in the note.",
    "A cleared cell means: not stated. Rows cannot be added or deleted; lists have spare rows at their end.",
    "Crime types, contact methodologies, roles, options and sources are added in the scenario file.",
)
_AFTER = (
    "Save, then run:   victimsmodel load THIS_FILE.xlsx --out NEW_NAME.yaml",
    "It shows what you changed, checks it, names the cell of anything that is wrong, and writes the new "
    "scenario. The original file stays as it is.",
)
_KEY = (
    (OWN, "stated in the scenario file: change it here"),
    (INHERITED, "inherited from the file that the scenario extends: change it here to state your own"),
    ("#ffffff", "not stated: may be filled in, or left blank"),
    (LOCKED, "locked: comes from another file, or has no meaning in that row"),
)


def write_front(book: Book, sheet: Any, scenario_file: str, digest: str, about: Mapping[str, str]) -> None:
    """Write the first sheet.

    Parameters
    ----------
    book : Book
    sheet : xlsxwriter worksheet
    scenario_file, digest : str
        What the workbook was made from.
    about : mapping of str to str
        What stands in each sheet, by its name.
    """
    formats = book.formats
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 96)
    sheet.write_string(0, 0, f"Inputs: {book.scenario.title}", formats.named("title"))
    sheet.set_row(0, 26)
    at = _pairs(
        book,
        sheet,
        2,
        {
            "Scenario": book.scenario.name,
            SCENARIO_FILE: scenario_file,
            FINGERPRINT: digest,
            MARK: f"layout {LAYOUT}",
        },
    )
    at = _paragraphs(book, sheet, at + 1, "How to use it", _HOW)
    at = _paragraphs(book, sheet, at + 1, "When you are done", _AFTER)
    at = _section(book, sheet, at + 1, "Colours")
    for fill, text in _KEY:
        sheet.write_blank(at, 0, None, formats.swatch(fill))
        sheet.write_string(at, 1, text, formats.named("label"))
        at += 1
    at = _section(book, sheet, at + 1, "Sheets")
    for name, text in about.items():
        sheet.write_url(at, 0, f"internal:'{name}'!A1", formats.named("link"), name)
        sheet.write_string(at, 1, text, formats.named("label"))
        at += 1
    sheet.protect()
    print_landscape(sheet, pages_high=1)


def _section(book: Book, sheet: Any, at: int, text: str) -> int:
    sheet.write_string(at, 0, text, book.formats.named("section"))
    sheet.write_blank(at, 1, None, book.formats.named("section"))
    return at + 1


def _pairs(book: Book, sheet: Any, at: int, pairs: Mapping[str, str]) -> int:
    for label, text in pairs.items():
        sheet.write_string(at, 0, label, book.formats.named("strong"))
        sheet.write_string(at, 1, text, book.formats.named("label"))
        at += 1
    return at


def _paragraphs(book: Book, sheet: Any, at: int, heading: str, texts: tuple[str, ...]) -> int:
    at = _section(book, sheet, at, heading)
    for number, text in enumerate(texts, start=1):
        sheet.write_string(at, 0, str(number), book.formats.named("label"))
        sheet.write_string(at, 1, text, book.formats.named("label"))
        sheet.set_row(at, 15 * (1 + len(text) // 115))
        at += 1
    return at

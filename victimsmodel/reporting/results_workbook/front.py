"""The first sheet: what the workbook is, what it was made from, how to read it, and where things stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from victimsmodel.reporting.dates import day_words
from victimsmodel.reporting.results_workbook.declared import SECTIONS
from victimsmodel.reporting.results_workbook.sheets import FRONT, Book, head_pages
from victimsmodel.reporting.spreadsheet.page import LINE_HEIGHT, lines_of, print_landscape
from victimsmodel.reporting.words import typeset

_WIDE = 104
_FEW_DRAWS = 200
_READING = (
    "Numbers are means over draws of the uncertain inputs and simulated years, in full; cells show them "
    "rounded. The same numbers stand in the folder tables beside this workbook, as CSV and Parquet.",
    "Low (5%) and High (95%) are a 90% interval of the mean: given the inputs as stated, the chance is 1 in "
    "20 that the mean is lower, and 1 in 20 that it is higher. Single years vary by chance besides.",
    "Differences between options are taken within each draw, with the same victims: two options may "
    "differ clearly although their intervals overlap.",
    "Intervals cover the stated uncertainty of the inputs, not what the model leaves out: see the limits in "
    "the report.",
    "A blank cell: does not apply, or is not known. Every heading row has filters; column titles are "
    "explained in the data dictionary.",
)


def write_front(
    book: Book,
    page: Any,
    manifest: Mapping[str, object],
    about: Mapping[str, Mapping[str, str]],
    remark: str = "",
) -> None:
    """Write the first sheet.

    Parameters
    ----------
    book : Book
    page : xlsxwriter worksheet
    manifest : mapping
        Of the run.
    about : mapping of str to mapping of str to str
        What stands in each sheet, by its name, by section.
    remark : str
        What must be known before any number is read.
    """
    formats = book.formats
    page.hide_gridlines(2)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, _WIDE)
    page.set_row(0, 26)
    page.write_string(0, 0, f"Results: {book.scenario.title}", formats.named("title"))
    page.write_string(1, 0, book.mark.text, formats.named("draft" if book.mark.is_draft else "assured"))
    at = _section(book, page, _changed(book, page, str(manifest.get("changed", ""))), "What this is")
    facts = _facts(book, manifest) | ({"Note": remark} if remark else {})
    for label, text in facts.items():
        at = _line(book, page, at, label, text)
    page.write_string(at, 0, "Report", formats.named("strong"))
    page.write_url(at, 1, "external:report.html", formats.named("link"), "report.html, in the same folder")
    at = _section(book, page, at + 2, "How to read it")
    for number, text in enumerate(_READING, start=1):
        at = _line(book, page, at, str(number), text)
    for section, sheets in about.items():
        at = _section(book, page, at + 1, section)
        for name, text in sheets.items():
            at = _line(book, page, at, name, text, is_link=True)
    page.set_tab_color(SECTIONS["Inputs"])
    head_pages(book, page)
    page.set_footer(f"&L&9{FRONT}&R&9Run {book.run_id}, page &P of &N")
    print_landscape(page)


def _changed(book: Book, page: Any, text: str) -> int:
    """Write what the run has other than its file states, if anything; return the next row."""
    if not text:
        return 2
    page.merge_range(2, 0, 2, 1, "", book.formats.named("changed"))
    page.write_string(2, 0, typeset(text), book.formats.named("changed"))
    page.set_row(2, lines_of(text, 28 + _WIDE) * LINE_HEIGHT + 4)
    return 3


def _facts(book: Book, manifest: Mapping[str, object]) -> dict[str, str]:
    draws, years = int(str(manifest["n_draws"])), int(str(manifest["n_replications"]))
    few = "; few: for a look, not for a decision" if draws < _FEW_DRAWS else ""
    year = "year" if years == 1 else "years"
    scenario = book.scenario
    base = scenario.options[scenario.against].title
    period = f"{day_words(scenario.period.start)} to {day_words(scenario.period.end)}"
    made = day_words(datetime.fromisoformat(str(manifest["created"])))
    money = f"prices of {scenario.price_year}; grant £{scenario.grant_gbp:,.0f}"
    return {
        "Contents": "Results, inputs and sources of one evaluation of services that contact and support "
        f"victims of crime. {len(scenario.options)} options are compared with “{base}”.",
        "Scenario": f"{scenario.name} ({manifest['scenario_file']})",
        "Area and period": f"{scenario.area.name}, {period}; {money}",
        "Run": f"{book.run_id}; profile {manifest['profile']}, seed {manifest['seed']}",
        "Computed": f"{draws:,} draws of the inputs × {years} simulated {year}{few}",
        "Made": f"{made}, victimsmodel {manifest['version']}",
    }


def _section(book: Book, page: Any, at: int, text: str) -> int:
    page.write_string(at, 0, text, book.formats.named("section"))
    page.write_blank(at, 1, None, book.formats.named("section"))
    page.set_row(at, 20)
    return at + 1


def _line(book: Book, page: Any, at: int, label: str, text: str, *, is_link: bool = False) -> int:
    if is_link:
        page.write_url(at, 0, f"internal:'{label}'!A1", book.formats.named("link"), label)
    else:
        page.write_string(at, 0, label, book.formats.named("strong"))
    page.write_string(at, 1, text, book.formats.named("label"))
    page.set_row(at, max(15.0, lines_of(text, _WIDE) * LINE_HEIGHT + 2))
    return at + 1

"""Write the input workbook of a scenario."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from victimsmodel.errors import Problem, input_error
from victimsmodel.files import write_whole
from victimsmodel.inputs.loading import read_stated, scenario_of
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.strict_yaml import Node
from victimsmodel.inputs.workbook.layout import rows_of
from victimsmodel.inputs.workbook.loaded import fingerprint
from victimsmodel.reporting.input_workbook.formats import InputFormats
from victimsmodel.reporting.input_workbook.front import write_front
from victimsmodel.reporting.input_workbook.lists import SOURCES_LIST, name_lists
from victimsmodel.reporting.input_workbook.sheets import Book, write_sheet
from victimsmodel.reporting.spreadsheet.page import new_workbook, print_landscape

_SOURCES, _LISTS = "Sources", "Lists"
_FIRST_SOURCE = 4  # row below the headings, counted from 0
_LEADS: Mapping[str, str] = {
    "Area and period": "What is evaluated: the area, the year, the grant and the standards.",
    "Demand": "How many victims there are, of which crimes, when they come, and how many need support.",
    "Needs": "What those in need, need. A person may have several needs: the shares need not add up to 1.",
    "Recorded crime": "The steps from recorded crime to different victims, and what a forecast starts from.",
    "Referral": "Who reaches the service, and what removes a referral before the first attempt.",
    "Contact": "What an attempt in each channel achieves and takes.",
    "Contact methods": "Contact methodologies, and which group gets which. Their attempts: sheet Attempts.",
    "Support": "What happens after contact: consent, needs assessment, and support of each kind.",
    "Outcomes": "What support achieves. Improved: of completed cases. Attributable: owed to support.",
    "Staff": "Posts, hours and pay. A number of posts is a choice; shares and pay are estimates.",
    "Costs": "Costs beyond staff.",
    "Appraisal": "The rules of the appraisal, and what a benefit is taken to be worth.",
    "Plans": "Standards and grants that staff are planned for, and how often a plan must hold.",
    "Grants": "Grants whose best use is asked for. Blank rows are spare.",
    "Options": "What differs from business as usual. Other differences: state them in the scenario file.",
    "Levers": "Realistic improvements, one at a time. Times odds multiplies the odds of business as usual.",
    "Attempts": "Attempts of each contact methodology, in order. Clear a row to drop it; blank rows: spare.",
    "Observed totals": "Published or counted totals that the model is calibrated to. Blank rows are spare.",
    "Level shifts": "Quarters from which counts stand at another level because recording changed.",
    "Policy changes": "Lasting changes of level that are put on top of the forecast.",
    "Dates": "Numbers that change on a date. Blank rows are spare.",
}


def write_input_workbook(scenario: str | Path, out: str | Path, *, replace: bool = False) -> Path:
    """Write a workbook in which the inputs of a scenario can be changed without writing YAML.

    Parameters
    ----------
    scenario : str or Path
        The scenario file; it must be free of problems.
    out : str or Path
        Name of the workbook, ending in .xlsx.
    replace : bool
        Replace a file that exists: what was typed into it is lost.

    Returns
    -------
    Path
        Of the workbook.

    Raises
    ------
    InputError
        If something is wrong with the scenario, or `out` exists or does not end in .xlsx.
    """
    path, target = Path(scenario), Path(out)
    if target.suffix.lower() != ".xlsx":
        raise input_error(str(target), "must end in .xlsx", "VM228", field="--out")
    if target.exists() and not replace:
        hint = "Name another file with --out, or replace it with --replace."
        raise input_error(str(target), "exists; what was typed into it would be lost", "VM228", hint=hint)
    problems: list[Problem] = []
    root = read_stated(path, problems)
    checked = scenario_of(root, problems)
    write_whole(target, _content(path, target, root, checked))
    return target


def _content(path: Path, target: Path, root: Node, scenario: Scenario) -> bytes:
    stream = io.BytesIO()
    workbook = new_workbook(stream, f"Inputs: {scenario.title}")
    rows = rows_of(root)
    sheets = [(name, list(own)) for name, own in groupby(rows, key=lambda row: row.sheet)]
    lists = name_lists(scenario)
    ranges = {
        kind: _range(_LISTS, i, 1, len(names))
        for i, (kind, names) in enumerate(lists.items())
        if kind != SOURCES_LIST
    }
    ranges[SOURCES_LIST] = _range(_SOURCES, 0, _FIRST_SOURCE, len(lists[SOURCES_LIST]))
    book = Book(workbook, InputFormats(workbook), root, scenario, ranges, path.name)
    front = workbook.add_worksheet("Start here")
    about = {name: _LEADS[name] for name, _ in sheets} | {_SOURCES: "The sources that inputs name."}
    write_front(book, front, _named_from(path, target), fingerprint(root), about)
    for name, own in sheets:
        write_sheet(book, name, _LEADS[name], own)
    _write_sources(book)
    _write_lists(book, lists)
    workbook.close()
    return stream.getvalue()


def _named_from(path: Path, target: Path) -> str:
    """Return how the workbook names its scenario file: from its own folder where that can be."""
    try:
        return Path(os.path.relpath(path, target.parent)).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


def _range(sheet: str, column: int, first: int, count: int) -> str:
    from xlsxwriter.utility import xl_range_abs

    return f"='{sheet}'!{xl_range_abs(first, column, first + count - 1, column)}"


def _write_sources(book: Book) -> None:
    sheet, formats = book.workbook.add_worksheet(_SOURCES), book.formats
    sheet.hide_gridlines(2)
    sheet.protect("", {"format_columns": True})
    sheet.write_string(0, 0, _SOURCES, formats.named("title"))
    lead = "Inputs name a source by its key. The register is a file of its own: add a source there, and make "
    sheet.write_string(1, 0, f"{lead}the workbook anew.", formats.named("lead"))
    sheet.merge_range(1, 0, 1, 3, f"{lead}the workbook anew.", formats.named("lead"))
    sheet.write_url(2, 0, "internal:'Start here'!A1", formats.named("link"), "Back to the first sheet")
    for i, (heading, width) in enumerate((("Key", 30), ("Title", 80), ("Year", 10), ("Note", 60))):
        sheet.write_string(_FIRST_SOURCE - 1, i, heading, formats.named("heading"))
        sheet.set_column(i, i, width)
    entries: Sequence[tuple[str, ...]] = [
        ("assumption", "No evidence was found", "", "say in the note why this number"),
        *((key, each.title, each.year, each.note) for key, each in book.scenario.sources.items()),
    ]
    for at, entry in enumerate(entries, start=_FIRST_SOURCE):
        for i, text in enumerate(entry):
            sheet.write_string(at, i, text, formats.named("label" if i < 3 else "quiet"))
    sheet.freeze_panes(_FIRST_SOURCE, 1)
    print_landscape(sheet, _FIRST_SOURCE - 1)


def _write_lists(book: Book, lists: Mapping[str, Sequence[str]]) -> None:
    """Write what drop-down lists offer into a hidden sheet."""
    sheet: Any = book.workbook.add_worksheet(_LISTS)
    for i, (kind, names) in enumerate(lists.items()):
        sheet.write_string(0, i, kind)
        for at, name in enumerate(names, start=1):
            sheet.write_string(at, i, name)
    sheet.protect()
    sheet.hide()

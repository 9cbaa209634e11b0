"""Write the results workbook of a run folder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.files import write_whole
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.parquet import read_parquet
from victimsmodel.reporting.marks import mark_of
from victimsmodel.reporting.nobody_words import BLANK_RATIOS, refers_nobody
from victimsmodel.reporting.results_workbook import dictionary
from victimsmodel.reporting.results_workbook.charts import CHARTS, write_charts
from victimsmodel.reporting.results_workbook.declared import COMPARED, INPUTS, SECTIONS, sheets_of
from victimsmodel.reporting.results_workbook.front import write_front
from victimsmodel.reporting.results_workbook.sheets import FRONT, Book, write_table_sheet
from victimsmodel.reporting.spreadsheet.formats import Formats
from victimsmodel.reporting.spreadsheet.page import new_workbook

#: Tables that every run has; without them there are no results to hand out.
REQUIRED = ("comparison", "funnel_summary", "costs_summary", "assumptions")


def write_results_workbook(run_folder: Path, scenario: Scenario, manifest: Mapping[str, object]) -> Path:
    """Write ``workbook.xlsx`` from the tables of a run folder, whole or not at all.

    Parameters
    ----------
    run_folder : Path
        Holds ``tables/*.parquet``; charts take their titles from ``figures/*.svg`` where these stand.
    scenario : Scenario
    manifest : mapping
        run_id, profile, seed, n_draws, n_replications, created, version, scenario_file.

    Returns
    -------
    Path
        The workbook. Text in it is never a formula; the same tables and manifest give the same bytes.

    Raises
    ------
    InputError
        VM255 if the folder lacks tables that every run has.
    CannotWriteError
        If the file cannot be written.
    """
    paths = {path.stem: path for path in sorted((run_folder / "tables").glob("*.parquet"))}
    missing = [name for name in REQUIRED if name not in paths]
    if missing:
        allowed = f"must hold the tables of a run; there is no {', '.join(missing)}"
        raise input_error(str(run_folder), allowed, "VM255")
    names = {sheet.table for sheet in sheets_of(paths)}
    tables = {name: read_parquet(path) for name, path in paths.items() if name in names}
    target = run_folder / "workbook.xlsx"
    content = _content(tables, _lengths(paths), run_folder / "figures", scenario, manifest)
    write_whole(target, content)
    return target


def _lengths(paths: Mapping[str, Path]) -> dict[str, int]:
    from pyarrow import parquet

    return {name: int(parquet.read_metadata(path).num_rows) for name, path in paths.items()}


def _content(
    tables: Mapping[str, pd.DataFrame],
    n_rows: Mapping[str, int],
    figures: Path,
    scenario: Scenario,
    manifest: Mapping[str, object],
) -> bytes:
    stream = io.BytesIO()
    workbook = new_workbook(stream, f"Results: {scenario.title}")
    book = Book(workbook, Formats(workbook), scenario, str(manifest["run_id"]), mark=mark_of(manifest))
    front, charts = workbook.add_worksheet(FRONT), workbook.add_worksheet(CHARTS)
    about: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for sheet in sheets_of(tables):
        if len(tables[sheet.table]):
            write_table_sheet(book, sheet, tables[sheet.table])
            about[sheet.section][sheet.name] = sheet.lead
    write_charts(book, charts, figures)
    dictionary.write_dictionary(book)
    dictionary.write_files(book, n_rows)
    about[COMPARED] = {CHARTS: "The main results as charts, which may be edited.", **about[COMPARED]}
    about[INPUTS] |= dictionary.ABOUT
    remark = BLANK_RATIOS if refers_nobody(tables) else ""
    write_front(book, front, manifest, {section: own for section, own in about.items() if own}, remark)
    front.activate()
    workbook.close()
    return stream.getvalue()

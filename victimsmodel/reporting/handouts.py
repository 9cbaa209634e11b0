"""What a run folder hands out: the report as a page and as a Word file, and the results as a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.report import run_document, write_page


def write_handouts(
    run_folder: Path, scenario: Scenario, manifest: Mapping[str, object], *, keeps_word: bool = False
) -> Path:
    """Write ``report.html``, ``report.docx`` (from one document) and ``workbook.xlsx``, whole or not at all.

    Parameters
    ----------
    run_folder : Path
        Holds ``tables/*.parquet``, and ``figures`` as SVG and PNG.
    scenario : Scenario
    manifest : mapping
        As for `write_report`; the pages say DRAFT unless it is `marked`.
    keeps_word : bool
        Whether ``report.docx`` stays as it is.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If a picture of a figure is missing or cannot be read.
    CannotWriteError
        If a file cannot be written.
    """
    from victimsmodel.reporting.results_workbook.writing import write_results_workbook
    from victimsmodel.reporting.word.writing import write_word

    document = run_document(run_folder, scenario, manifest)
    target = write_page(document, run_folder)
    if not keeps_word:
        write_word(document, run_folder, manifest)
    write_results_workbook(run_folder, scenario, manifest)
    return target

"""The report that a commissioner is handed: one HTML file with everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from victimsmodel.files import write_whole
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.content.build import build_document, read_tables
from victimsmodel.reporting.content.model import Document
from victimsmodel.reporting.drawings import title_of
from victimsmodel.reporting.page import page


def write_report(run_folder: Path, scenario: Scenario, manifest: Mapping[str, object]) -> Path:
    """Write ``report.html`` from the tables and figures of a run folder, whole or not at all.

    Parameters
    ----------
    run_folder : Path
        Holds ``tables/*.parquet`` and ``figures/*.svg``.
    scenario : Scenario
    manifest : mapping
        run_id, profile, seed, n_draws, n_replications, created, version, agreement.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    CannotWriteError
        If the file cannot be written.
    """
    return write_page(run_document(run_folder, scenario, manifest), run_folder)


def write_page(document: Document, run_folder: Path) -> Path:
    """Write a document as ``report.html``, with the drawings of a run folder."""
    target = run_folder / "report.html"
    write_whole(target, page(document, read_figures(run_folder)).encode())
    return target


def run_document(run_folder: Path, scenario: Scenario, manifest: Mapping[str, object]) -> Document:
    """Return what the report of a run folder says, for whoever lays it out in another way.

    Parameters
    ----------
    run_folder : Path
        As for `write_report`; pictures of the figures stand in ``figures/<name of the exhibit>.png``.
    scenario : Scenario
    manifest : mapping
        As for `write_report`.
    """
    findings = {name: title_of(svg) for name, svg in read_figures(run_folder).items()}
    return build_document(read_tables(run_folder), scenario, manifest, findings)


def read_figures(run_folder: Path) -> dict[str, str]:
    """Return the drawings of a run folder as SVG text, by name."""
    paths = sorted((run_folder / "figures").glob("*.svg"))
    return {path.stem: path.read_text("utf-8") for path in paths}


def render_report(
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, str],
    scenario: Scenario,
    manifest: Mapping[str, object],
) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a run, by name.
    figures : mapping of str to str
        SVG text of the figures that were drawn.
    scenario : Scenario
    manifest : mapping
        As for `write_report`.
    """
    findings = {name: title_of(svg) for name, svg in figures.items()}
    return page(build_document(tables, scenario, manifest, findings), figures)

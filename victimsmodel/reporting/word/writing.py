"""The report as ``report.docx``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from victimsmodel.files import write_whole
from victimsmodel.reporting.content.model import Document
from victimsmodel.reporting.word.assembly import assemble
from victimsmodel.reporting.word.package import created, describe, dress, file_bytes, open_file
from victimsmodel.reporting.word.styles import fit_styles


def write_word(
    document: Document,
    run_folder: Path,
    manifest: Mapping[str, object],
    *,
    template: Path | None = None,
    target: Path | None = None,
) -> Path:
    """Write a document as a Word file that can be edited and branded, whole or not at all.

    Parameters
    ----------
    document : Document
        From `run_document`.
    run_folder : Path
        Holds ``figures/<name of the exhibit>.png``; the file stands in it, as links in it lead to its tables.
    manifest : mapping
        run_id, created.
    template : Path, optional
        A Word document whose styles, paper, headers and footers go before those of the report.
    target : Path, optional
        The file to write; ``report.docx`` in the run folder unless stated, ``report-<template>.docx`` with a
        template.

    Returns
    -------
    Path
        The Word file; equal input gives equal bytes.

    Raises
    ------
    InputError
        If the template or a figure is missing or cannot be read.
    CannotWriteError
        If the file cannot be written.
    """
    file = open_file(template)
    styles = fit_styles(file, is_branded=template is not None)
    dress(file, document, styles)
    assemble(file, document, styles, run_folder / "figures")
    describe(file, document, manifest)
    name = f"report-{template.stem}.docx" if template else "report.docx"
    path = target or run_folder / name
    write_whole(path, file_bytes(file, created(manifest)))
    return path

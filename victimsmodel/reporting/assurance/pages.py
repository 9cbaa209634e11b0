"""Pages of a run that say how it stands, written again from its tables when they do not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from victimsmodel.errors import InputError
from victimsmodel.files import file_hash
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.assurance.sign_off import Found, after_handouts, as_told
from victimsmodel.reporting.marks import marked

_PDF = "report.pdf"
_ALWAYS = ("report.html", "workbook.xlsx")
#: Files of a run that can be written again from its tables. `report.docx` is for people to edit.
PAGES = (*_ALWAYS, _PDF)


def say_how_it_stands(run_folder: Path, manifest: Mapping[str, Any], found: Found) -> bool:
    """Whether the pages of a run are as they were written, and name the sign-off that holds, or none."""
    files = manifest.get("files", {})
    paths = {name: run_folder / name for name in _ALWAYS}
    is_whole = all(path.is_file() and file_hash(path) == files.get(name) for name, path in paths.items())
    return is_whole and manifest.get("assurance", "not noted by an earlier version") == as_told(found)


def write_pages(
    run_folder: Path, scenario: Scenario, manifest: Mapping[str, Any], found: Found
) -> tuple[dict[str, Any], list[str]]:
    """Write the pages of a run with the mark of its sign-off, or DRAFT.

    Returns
    -------
    dict
        The manifest with what it says of them.
    list of str
        What was left as it is, or could not be written.
    """
    from victimsmodel.reporting.handouts import write_handouts

    word = run_folder / "report.docx"
    is_edited = word.is_file() and file_hash(word) != manifest.get("word")
    write_handouts(run_folder, scenario, marked(manifest, found.mark), keeps_word=is_edited)
    notes = _with_pdf(run_folder)
    if is_edited:
        notes.append("report.docx was edited and is left as it is; victimsmodel word RUN writes it anew.")
    told = {"assurance": as_told(found)} if is_edited else after_handouts(run_folder, found)
    files = dict(manifest.get("files", {}))
    files |= {name: file_hash(run_folder / name) for name in _ALWAYS}
    files.pop(_PDF, None)  # made on demand, and at another time with other bytes
    return {**manifest, **told, "files": files}, notes


def _with_pdf(run_folder: Path) -> list[str]:
    """Write the PDF again if there is one; say so if that cannot be done."""
    if not (run_folder / _PDF).is_file():
        return []
    from victimsmodel.reporting.pdf import write_pdf

    try:
        write_pdf(run_folder)
    except InputError:
        (run_folder / _PDF).unlink()
        return ["report.pdf did not say how the run stands, could not be written again and was removed."]
    return []

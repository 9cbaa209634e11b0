"""What a return holds beside its counts: what is hidden, merged, typed as text, set apart or not read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from victimsmodel.errors import visible
from victimsmodel.inputs.downloads.oddities import hidden_in
from victimsmodel.inputs.downloads.raw_files import read_bytes
from victimsmodel.inputs.returns.findings import Finding, listed, places
from victimsmodel.inputs.returns.layout import Layout
from victimsmodel.inputs.returns.mapping import IGNORED, Mapping, same
from victimsmodel.inputs.returns.sheets import Sheet


def read_findings(path: Path, sheets: Sequence[Sheet], layout: Layout) -> list[Finding]:
    """Tell how the file was read, wherever somebody who looks at it may see something else."""
    findings = []
    if hidden := hidden_in(read_bytes(path)):
        detail = f"Hidden in the file, and read: {listed(hidden)}."
        findings.append(Finding("warning", "hidden", size=len(hidden), detail=detail))
    merged = [f"{sheet.name}!{each}" for sheet in sheets for each in sheet.merged]
    if merged:
        detail = f"Merged cells, read as their first: {places(merged)}."
        findings.append(Finding("note", "merged", size=len(merged), detail=detail))
    as_text = {sheet.place(*cell) for sheet in sheets for cell in sheet.text_numbers}
    typed = [cell.place for cell in layout.cells if cell.place in as_text]
    if typed:
        detail = f"Numbers that stand as text, and were read as numbers: {places(typed)}."
        findings.append(Finding("note", "number_as_text", rows=places(typed), size=len(typed), detail=detail))
    for item in layout.worded:
        detail = f"The period '{item.text}' is read without '{item.words}', which is not understood."
        findings.append(Finding("warning", "words_of_period", rows=item.place, size=1, detail=detail))
    if any(sheet.delimiter not in ("", ",") for sheet in sheets):
        separator = {"\t": "a tab"}.get(sheets[0].delimiter, f"'{sheets[0].delimiter}'")
        findings.append(Finding("note", "separator", detail=f"Columns are separated by {separator}."))
    return findings


def taken_for(sheets: Sequence[Sheet], layout: Layout, stated: Mapping) -> list[Finding]:
    """Tell of labels that are those of the mapping but for case, spaces, signs or marks that are not seen."""
    known = {same(name): name for name in stated.labels}
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sheet in sheets:
        for i, row in enumerate(sheet.rows):
            for k, text in enumerate(row):
                written = sheet.as_written.get((i, k), text)
                meant = known.get(same(text), written)
                if text and written != meant:
                    found[written, meant].append(sheet.place(i, k))
    told = {meant for _, meant in found}
    for cell in layout.cells:  # labels of which a cell holds but a part, such as a heading of two rows
        meant = known.get(same(cell.label), cell.label)
        if cell.label != meant and meant not in told:
            found[cell.label, meant].append(cell.place)
    return [
        Finding(
            "note", "label_taken_for", visible(meant), "", places(cells), len(cells),
            f"The label '{visible(written)}' is taken for '{visible(meant)}' of the mapping.",
        )
        for (written, meant), cells in found.items()
    ]  # fmt: skip


def unmapped(layout: Layout, stated: Mapping) -> list[Finding]:
    """Tell of what stands in the file and is not used."""
    findings = []
    cells: dict[str, list[str]] = defaultdict(list)
    for cell in layout.cells:
        cells[cell.label].append(cell.place)
    for label, found in cells.items():
        entry = stated.entry(label)
        if entry is None:
            detail = f"{label} is a label that the mapping does not name; its numbers are not used."
            findings.append(
                Finding("warning", "unmapped_label", label, "", places(found), len(found), detail, "excluded")
            )
        elif entry.stage == IGNORED:
            detail = f"{label} is ignored by the mapping" + (f": {entry.why}." if entry.why else ".")
            findings.append(
                Finding("note", "ignored_label", label, "", places(found), len(found), detail, "excluded")
            )
    for item in layout.unused:
        findings.append(
            Finding(
                "note",
                "unused",
                "",
                "",
                item.place,
                detail=f"{item.what} is not used: {item.why}.",
                action="excluded",
            )
        )
    if layout.breakdown:
        detail = f"The counts of {listed(layout.breakdown)} were added up where no total of them stands."
        findings.append(
            Finding("note", "breakdown", size=len(layout.breakdown), detail=detail, action="added")
        )
    return findings

"""A proposed mapping as the text of a file, with its confidence and reasons beside each label."""

from __future__ import annotations

import json

from victimsmodel.inputs.returns.mapping import THRESHOLD, Entry
from victimsmodel.inputs.returns.propose import Proposal


def mapping_text(proposal: Proposal) -> str:
    """Return a proposal as YAML that `load_returns` reads once nothing in it is unsure."""
    mapping = proposal.mapping
    lines = [
        f"# Proposed for {_comment(mapping.file)}. {_comment(proposal.layout)}.",
        "# Confidence is a judgement from the words of each label and from whether the numbers agree,",
        f"# 0 to 1; below {THRESHOLD} a label is unsure. Decide what is unsure, look at the rest, load it.",
        f"file: {_text(mapping.file)}",
        f"labels_in: {mapping.labels_in}",
    ]
    if mapping.period:
        lines.append(f"period: {_text(mapping.period)} # as stated by you; the file does not say it")
    if mapping.sheets:
        lines.append(f"sheets: [{', '.join(map(_text, mapping.sheets))}]")
    if mapping.breakdown:
        lines.append(
            f"breakdown: [{', '.join(map(_text, mapping.breakdown))}] # added where no total of them stands"
        )
    if mapping.year_starts:
        lines.append(
            f"year_starts: {mapping.year_starts} # april or january: what Q1 of a plain year begins with"
        )
    if mapping.months_mean:
        lines.append(f"months_mean: {mapping.months_mean} # month, quarter_start or quarter_end")
    running = mapping.cumulative if isinstance(mapping.cumulative, str) else str(mapping.cumulative).lower()
    lines.append(f"cumulative: {running} # true: counts run from the start of the financial year")
    if mapping.suppressed_below is None:
        lines.append("# suppressed_below: 5 # state it if marks such as * hide small counts")
    else:
        lines.append(f"suppressed_below: {mapping.suppressed_below} # from a note in the file")
    lines.append(
        "basis: unstated # activity (all of the quarter) or cohort (victims referred in the quarter)"
    )
    lines.append("labels:")
    for label, entry in mapping.labels.items():
        lines += _entry(label, entry)
    lines += [f"# Not read: {_comment(text)}" for text in proposal.unused]
    return "\n".join(lines) + "\n"


def _entry(label: str, entry: Entry) -> list[str]:
    lines = [f"  {_text(label)}:", f"    stage: {entry.stage}"]
    if entry.perhaps:
        lines.append(f"    perhaps: {entry.perhaps}")
    lines.append(f"    unit: {entry.unit}")
    if entry.part:
        lines.append("    part: true")
    if entry.cumulative is not None:
        lines.append(f"    cumulative: {str(entry.cumulative).lower()}")
    if entry.definition:
        lines.append(f"    definition: {_text(entry.definition)}")
    if entry.confidence is not None:
        lines.append(f"    confidence: {entry.confidence}")
    return [*lines, f"    why: {_text(entry.why)}"]


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a quoted scalar of YAML


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)

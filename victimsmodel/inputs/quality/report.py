"""What is wrong with a file of recorded crime, and what is done about it: the whole report."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.downloads.cells import spelt_alike
from victimsmodel.inputs.official.forces import nearest_force, official_force, other_body
from victimsmodel.inputs.official.records import TEXTS, Records, cube_of
from victimsmodel.inputs.quality.findings import Finding, missing_stretches, stretches
from victimsmodel.inputs.quality.labels import label_findings
from victimsmodel.inputs.quality.negatives import negative_counts
from victimsmodel.inputs.quality.series import series_findings


class Checked(NamedTuple):
    """Findings, and which rows are kept."""

    findings: list[Finding]
    keep: NDArray[np.bool_]


def quality_findings(records: Records, is_hidden: NDArray[np.bool_]) -> Checked:
    """Check the records of all files that were read together.

    Parameters
    ----------
    records : Records
        As read.
    is_hidden : ndarray of bool
        Where a mark stands in place of a count.

    Returns
    -------
    Checked
        The findings, and which rows are kept: all but marks and exact duplicates. Rows of bodies that are no
        police force area are kept here; the reader sets them apart.
    """
    keep = ~is_hidden
    hidden = records.where(is_hidden)
    if is_hidden.any():
        records = records.where(keep)
    findings, is_single = _duplicates(records)
    keep[keep] = is_single
    if not is_single.all():
        records = records.where(is_single)
    findings += _bodies(records)
    findings += negative_counts(records)
    findings += label_findings(records)
    areas = np.array([not other_body(name) for name in records.force.categories])
    areas_only = records.where(areas[records.force.codes])
    if len(areas_only.period) and records.is_quarterly:
        findings += _missing_periods(areas_only)
        findings += series_findings(areas_only, hidden)
    return Checked(findings, keep)


def _duplicates(records: Records) -> Checked:
    """Find rows that stand twice, and keys with two different counts."""
    key = _row_keys(records)
    order = np.lexsort((records.offences, key))
    same_key = key[order][1:] == key[order][:-1]
    keep = np.ones(len(key), dtype=bool)
    if not same_key.any():
        return Checked([], keep)
    same = same_key & (records.offences[order][1:] == records.offences[order][:-1])
    keep[order[1:][same]] = False
    findings = []
    if same.any():
        detail = "Rows that stand more than once, count and all, were counted once."
        repeated = records.where(~keep)
        span = records.span(repeated.period.min(), repeated.period.max())
        rows = int(same.sum())
        findings.append(
            Finding("error", "duplicate_rows", "", "", span, rows, detail=detail, action="excluded")
        )
    doubtful = np.zeros(len(key), dtype=bool)
    doubtful[order[1:][same_key & ~same]] = True
    if doubtful.any():
        detail = "The same area, offence and period has two different counts, so that none can be trusted."
        findings += missing_stretches(records.where(doubtful & keep), "error", "two_counts", detail)
    return Checked(findings, keep)


def _row_keys(records: Records) -> NDArray[np.int64]:
    """Return one number for each combination of texts, whatever their spelling, and period."""
    key = records.period - records.period.min()
    for name in TEXTS:
        column = getattr(records, name)
        spelt = np.array([spelt_alike(text) for text in column.categories], dtype=object)
        alike, names = pd.factorize(spelt)
        key = key * len(names) + alike[column.codes]
        if key.max() > 2**40:  # keep it from overflowing
            key = pd.factorize(key)[0].astype(np.int64)
    return key


def _bodies(records: Records) -> list[Finding]:
    """Find names that are no police force area."""
    findings = []
    for i, name in enumerate(records.force.categories):
        mine = records.force.codes == i
        if official_force(name) or not mine.any():
            continue
        span = records.span(records.period[mine].min(), records.period[mine].max())
        rows, total = int(mine.sum()), int(records.offences[mine].sum())
        if other_body(name):
            detail = f"{name} is no police force area; its {total:,} offences are kept apart."
            findings.append(
                Finding("note", "pseudo_force", name, "", span, rows, detail=detail, action="excluded")
            )
        else:
            detail = f"{name} is none of the 43 police force areas nor a known other body."
            if near := nearest_force(name):
                detail += f" Is it {near}? Then state labels={{'force': {{{name!a}: '{near}'}}}}."
            findings.append(Finding("warning", "unknown_force", name, "", span, rows, detail=detail))
    return findings


def _missing_periods(records: Records) -> list[Finding]:
    """Find quarters that no force has, and quarters that some forces lack."""
    counts = cube_of(records, pd.Categorical(["all"]).repeat(len(records.period)))
    there = counts.rows[:, 0] > 0
    used = there.any(axis=1)
    findings = []
    for start, end in stretches(~np.asarray(there.any(axis=0))):
        span = records.span(counts.first + start, counts.first + end)
        many = f"{end - start + 1} quarters {span}" if end > start else f"quarter {span}"
        detail = f"The file has no row for the {many}."
        findings.append(
            Finding("warning", "missing_periods", "", "", span, 0, np.nan, detail, "treated as missing")
        )
    whole = there[:, there.any(axis=0)]
    quarters = np.flatnonzero(there.any(axis=0)) + counts.first
    for i in np.flatnonzero(used & ~whole.all(axis=1)):
        for start, end in stretches(~whole[i]):
            span = records.span(quarters[start], quarters[end])
            detail = f"{counts.forces[i]} has no row in {span}, which other forces have."
            findings.append(
                Finding(
                    "warning",
                    "missing_periods",
                    counts.forces[i],
                    "",
                    span,
                    0,
                    np.nan,
                    detail,
                    "treated as missing",
                )
            )
    in_last_year = (quarters[-1] - 1) % 4 + 1  # financial quarters of the last financial year
    if in_last_year < 4:
        span = records.span(quarters[-1] - in_last_year + 1, quarters[-1])
        detail = f"The last financial year has only {in_last_year} of 4 quarters; it is no year's total."
        findings.append(Finding("note", "part_year", "", "", span, detail=detail))
    return findings

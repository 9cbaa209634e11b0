"""Counts below zero: small corrections, and slips that would take a code down by hundreds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from victimsmodel.inputs.official.records import Cube, Records
from victimsmodel.inputs.quality.findings import Finding

_USUALLY_MANY = 100  # offences a quarter
_LARGE = -50.0
_AROUND = 4  # quarters on either side


def negative_counts(records: Records) -> list[Finding]:
    """Return one row about all counts below zero."""
    negative = records.offences < 0
    if not negative.any():
        return []
    part = records.where(negative)
    groups = pd.Series(part.offence_group).value_counts()
    most = "; ".join(f"{name} {n}" for name, n in groups[groups > 0].head(3).items())
    detail = (
        f"{int(negative.sum()):,} counts are negative ({int(part.offences.sum()):,} in all): corrections of "
        f"earlier quarters, kept so that years add up. Most are in: {most}."
    )
    span = records.span(part.period.min(), part.period.max())
    return [Finding("warning", "negative_counts", "", "", span, int(negative.sum()), detail=detail)]


def large_negatives(
    cube: Cube, names: Sequence[str], subgroups: Sequence[str], records: Records
) -> list[Finding]:
    """Return a row for each count far below zero of a code that usually has hundreds.

    Parameters
    ----------
    cube : Cube
        Counts by force, code and quarter.
    names, subgroups : sequence of str
        Description and subgroup of each code.
    records : Records
        For the names of quarters.
    """
    findings = []
    for f, label, q in np.argwhere(np.nan_to_num(cube.counts) <= _LARGE):
        series = cube.counts[f, label]
        around = np.concatenate([series[max(0, q - _AROUND) : q], series[q + 1 : q + 1 + _AROUND]])
        usual = float(np.median(around[~np.isnan(around)])) if not np.isnan(around).all() else 0.0
        if usual < _USUALLY_MANY:
            continue
        detail = (
            f"{names[label]}: {series[q]:,.0f} where about {usual:,.0f} are usual. It is kept as a "
            f"correction of earlier quarters; if it is a slip, about {usual - series[q]:,.0f} are lacking."
        )
        where = (cube.forces[f], subgroups[label], records.period_name(cube.first + q))
        rows = int(cube.rows[f, label, q])
        findings.append(Finding("warning", "large_negative", *where, rows, detail=detail))
    return findings

"""A row of the report on data quality."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.official.records import Records

Severity = Literal["error", "warning", "note"]
Action = Literal["excluded", "treated as missing", "level shift modelled", "left"]

_ORDER = {"error": 0, "warning": 1, "note": 2}


class Finding(NamedTuple):
    """One thing that is wrong, or worth knowing, and what was done about it."""

    severity: Severity
    check: str
    force: str = ""  # empty: all
    offence: str = ""  # group or subgroup; empty: all
    period: str = ""
    rows: int = 0
    size: float = np.nan  # log ratio, where there is one
    detail: str = ""
    action: str = "left"


def as_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table, the severe ones first."""
    rows = sorted(findings, key=lambda finding: _ORDER[finding.severity])
    table = pd.DataFrame(rows, columns=Finding._fields)
    texts = {name: "str" for name in Finding._fields if name not in ("rows", "size")}
    return table.astype({**texts, "rows": "int64", "size": "float64"})


def stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last position of each stretch of true values."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def missing_stretches(records: Records, severity: Severity, check: str, detail: str) -> list[Finding]:
    """Return a finding, treated as missing, for each force, subgroup and run of consecutive periods.

    Parameters
    ----------
    records : Records
        The rows that are not to be trusted.
    severity, check, detail : str
        Of all findings.
    """
    columns = {"force": records.force, "subgroup": records.offence_subgroup, "period": records.period}
    findings = []
    for (force, subgroup), part in pd.DataFrame(columns).groupby(["force", "subgroup"], observed=True):
        numbers, rows = np.unique(part["period"], return_counts=True)
        for run in np.split(np.arange(len(numbers)), np.flatnonzero(np.diff(numbers) > 1) + 1):
            span = records.span(int(numbers[run[0]]), int(numbers[run[-1]]))
            where = (force, subgroup, span, int(rows[run].sum()))
            findings.append(Finding(severity, check, *where, np.nan, detail, "treated as missing"))
    return findings

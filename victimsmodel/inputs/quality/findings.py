"""A row of the report on data quality."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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


def consecutive(periods: Iterable[int]) -> list[tuple[int, int, int]]:
    """Return first and last of each run of consecutive periods, and how many rows are of it."""
    numbers, rows = np.unique(np.fromiter(periods, dtype=np.int64), return_counts=True)
    starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 2) > 1)
    ends = [*(starts[1:] - 1), len(numbers) - 1]
    return [
        (int(numbers[a]), int(numbers[b]), int(rows[a : b + 1].sum()))
        for a, b in zip(starts, ends, strict=True)
    ]

"""A row of the report on a return."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.inputs.quality.findings import Severity

Action = Literal["excluded", "treated as missing", "added", "differenced", "bounded", "left"]
_ORDER = {"error": 0, "warning": 1, "note": 2}
_MOST_PLACES = 5


class Finding(NamedTuple):
    """One thing that is wrong, or worth knowing, and what was done about it."""

    severity: Severity
    check: str
    stage: str = ""  # or two, joined by " > "; empty: all
    period: str = ""
    rows: str = ""  # cells of the file, as a user finds them there
    size: float = np.nan  # what the check measures: a ratio or a difference
    detail: str = ""
    action: Action = "left"


def as_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table, the severe ones first."""
    rows = sorted(findings, key=lambda finding: _ORDER[finding.severity])
    table = pd.DataFrame(rows, columns=Finding._fields)
    return table.astype({**{name: "str" for name in Finding._fields if name != "size"}, "size": "float64"})


def places(found: Sequence[str]) -> str:
    """List cells, the first five of them if there are more."""
    distinct = list(dict.fromkeys(filter(None, found)))
    more = f" and {len(distinct) - _MOST_PLACES} more" if len(distinct) > _MOST_PLACES else ""
    return ", ".join(distinct[:_MOST_PLACES]) + more


def listed(names: Sequence[str]) -> str:
    """Join names as in prose."""
    *first, last = dict.fromkeys(names)
    return f"{', '.join(first)} and {last}" if first else last


def of_words(child: str, least: tuple[float, bool], parent: str, most: tuple[float, bool]) -> str:
    """Say how many of a later stage there are of an earlier one; each number with whether it is the count."""
    (low, is_count), (high, is_whole) = least, most
    above = f"{'' if is_count else 'at least '}{low:,.0f} {child}"
    return f"{above} of {'' if is_whole else 'at most '}{high:,.0f} {parent}"

"""Periods that a series leaves out, or has in another order than that of time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from victimsmodel.inputs.returns.period_text import period_in
from victimsmodel.inputs.returns.periods import Span, joined, span_of

_MOST_NAMED = 6


def gap_remarks(labels: Sequence[str]) -> list[str]:
    """Return what a reader must know of the order and the completeness of periods, in sentences.

    Parameters
    ----------
    labels : sequence of str
        Names of periods in the order of the series, in any wording that returns may have: 2018/19 Q2,
        2018Q3, Apr-Jun 2018, 2018-04. Other names, or periods of different lengths, say nothing.

    Returns
    -------
    list of str
        Empty where nothing is missing.
    """
    spans = [_span(label) for label in labels]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans) or len({span.months for span in known}) != 1:
        return []
    told = []
    if any(after.first <= before.first for before, after in pairwise(known)):
        told.append("The periods are not in the order of time: runs and trends follow the order of the rows.")
    in_order = sorted(zip(known, labels, strict=True))
    gaps = [
        (f"{(after.first - before.first) // before.months - 1} between {label} and {later}")
        for (before, label), (after, later) in pairwise(in_order)
        if after.first - before.first >= 2 * before.months
    ]
    if gaps:
        more = f" and in {len(gaps) - _MOST_NAMED} more places" if len(gaps) > _MOST_NAMED else ""
        told.append(
            f"Periods are missing: {', '.join(gaps[:_MOST_NAMED])}{more}. Runs, trends and moving ranges"
            " reach across a gap as if its neighbours followed each other."
        )
    return told


def _span(label: str) -> Span | None:
    """Return the months that a label means; which month a year starts with makes no gap."""
    found, rest = period_in(label)
    if not found or rest or found.total:
        return None
    try:
        return span_of(joined([found]), year_starts="january")
    except ValueError:
        return None

"""From cells to one count for each label and period: groups added, months added, totals set apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.quality.findings import Severity
from victimsmodel.inputs.returns.findings import Finding, places
from victimsmodel.inputs.returns.periods import Span
from victimsmodel.inputs.returns.resolved import Resolved
from victimsmodel.inputs.returns.values import ASSUMED_BELOW, NoCountError, State, Value, value_of


class Count(NamedTuple):
    """The count of a label in a period, or the least and the most that it can be."""

    label: str
    span: Span | None  # None: the total of all periods
    value: float  # NaN unless known
    low: float
    high: float
    state: State
    places: tuple[str, ...]
    unit: str = ""  # as it stands beside the label
    definition: str = ""


class Counted(NamedTuple):
    """Counts by label and period, totals of years apart."""

    counts: list[Count]
    totals: list[Count]
    findings: list[Finding]


_UNKNOWN = ("missing", "blank")


def count_labels(
    cells: Sequence[Resolved], suppressed_below: int | None, where: str, tolerance: float = 0.0
) -> Counted:
    """Return one count for each label and period.

    Parameters
    ----------
    cells : sequence of Resolved
        Of labels that are mapped.
    suppressed_below : int or None
        As in the mapping: what marks hide is below it.
    where : str
        The file, for messages.
    tolerance : float
        Share of a total by which the sum of its parts may differ.

    Raises
    ------
    InputError
        If a cell is neither a count nor a mark.
    """
    by_key: dict[tuple[str, Span | None, str], list[tuple[Resolved, Value]]] = defaultdict(list)
    problems: list[Problem] = []
    noted: list[str] = []
    cut: list[Resolved] = []
    assumed: list[str] = []
    for item in cells:
        try:
            value = value_of(item.cell.text, suppressed_below)
        except NoCountError as error:
            cell = item.cell
            at = f"{where}, {cell.place}"
            problems.append(Problem(at, cell.label, cell.text, error.allowed, error.code, error.hint))
            continue
        noted += [item.cell.place] * value.has_note
        assumed += [item.cell.place] * value.is_assumed
        if item.cell.parts.is_part:
            cut.append(item)
            value = value._replace(state="missing", value=np.nan, high=np.inf)
        by_key[item.cell.label, item.span, item.total].append((item, value))
    if problems:
        raise InputError(problems[:10])
    findings: list[Finding] = []
    if noted:
        detail = f"{len(noted)} numbers carry a mark, such as (p) for provisional, and were read as they are."
        findings.append(Finding("note", "marked_numbers", rows=places(noted), size=len(noted), detail=detail))
    if assumed:
        detail = f"Marks that nobody explained are taken for 1 to {ASSUMED_BELOW - 1} (assumption); "
        detail += "state `suppressed_below` in the mapping."
        rows = places(assumed)
        findings.append(Finding("warning", "assumed_interval", "", "", rows, len(assumed), detail, "bounded"))
    findings += _cut_short(cut)
    counts: list[Count] = []
    totals: list[Count] = []
    for (label, span, total), found in by_key.items():
        count = _one(label, span, found, findings, tolerance)
        (totals if total else counts).append(count)
    return Counted([*_with_quarters(counts, findings, tolerance)], totals, findings)


def _cut_short(cells: list[Resolved]) -> list[Finding]:
    """List the periods that begin or end within a month, or are said to be a part."""
    spans = list(dict.fromkeys(str(item.span) for item in cells))
    detail = (
        "{} begins or ends within a month, or is said to be a part: its counts are the least of the whole."
    )
    return [
        Finding(
            "warning", "part_period", "", span,
            places([item.cell.place for item in cells if str(item.span) == span]),
            sum(str(item.span) == span for item in cells), detail.format(span), "treated as missing",
        )
        for span in spans
    ]  # fmt: skip


def _one(
    label: str,
    span: Span | None,
    found: list[tuple[Resolved, Value]],
    findings: list[Finding],
    tolerance: float,
) -> Count:
    """Return the count of a label in a period from that of all groups, or else from the groups."""
    whole = [pair for pair in found if pair[0].cell.is_whole]
    parts = [pair for pair in found if not pair[0].cell.is_whole]
    stated = _stated(label, span, whole, findings) if whole else None
    if not parts:
        assert stated is not None
        return stated
    groups: dict[str, list[tuple[Resolved, Value]]] = defaultdict(list)
    for item, value in parts:
        groups[item.cell.group].append((item, value))
    summed = sum_of(label, span, [_stated(label, span, group, findings) for group in groups.values()])
    if stated is None or (stated.state in _UNKNOWN and summed.state not in _UNKNOWN):
        return summed
    findings += difference("groups", label, stated, summed, tolerance)
    return stated


def _stated(
    label: str, span: Span | None, whole: list[tuple[Resolved, Value]], findings: list[Finding]
) -> Count:
    counts = [_of_cell(label, span, item, value) for item, value in whole]
    filled = [count for count in counts if count.state != "blank"]
    if len(filled) < 2:
        return filled[0] if filled else counts[0]
    rows = tuple(place for count in filled for place in count.places)
    name = str(span or "the total")
    if len({(count.value if count.state == "count" else -1, count.low, count.high) for count in filled}) == 1:
        detail = f"{label} in {name} stands {len(filled)} times with the same count; it was counted once."
        findings.append(
            Finding("warning", "repeated_cell", label, name, places(rows), len(filled), detail, "excluded")
        )
        return filled[0]
    detail = f"{label} in {name} has different counts in different places, so that none can be trusted."
    # What is hidden, or of a part, in one place may be the count that stands in another: no contradiction.
    is_possible = max(count.low for count in filled) <= min(count.high for count in filled)
    severity: Severity = "warning" if is_possible else "error"
    findings.append(
        Finding(severity, "two_counts", label, name, places(rows), len(filled), detail, "treated as missing")
    )
    return Count(label, span, np.nan, 0.0, np.inf, "missing", rows)


def _of_cell(label: str, span: Span | None, item: Resolved, value: Value) -> Count:
    place = (item.cell.place,)
    return Count(
        label,
        span,
        value.value,
        value.low,
        value.high,
        value.state,
        place,
        item.cell.unit,
        item.cell.definition,
    )


def sum_of(label: str, span: Span | None, counts: Sequence[Count]) -> Count:
    """Add counts; what is hidden or missing in one is so in the sum."""
    states = [count.state for count in counts]
    state: State = "missing" if "missing" in states or "blank" in states else "count"
    if state == "count" and "suppressed" in states:
        state = "suppressed"
    if set(states) == {"blank"}:
        state = "blank"
    rows = tuple(place for count in counts for place in count.places)
    return Count(
        label, span, sum(count.value for count in counts), sum(count.low for count in counts),
        sum(count.high for count in counts), state, rows, counts[0].unit, counts[0].definition,
    )  # fmt: skip


def difference(what: str, label: str, stated: Count, summed: Count, tolerance: float = 0.0) -> list[Finding]:
    """Return the finding that a stated total is not the sum of its parts, if it cannot be.

    It is a note alone if they differ by no more than a tolerated share of the total.
    """
    if stated.state in _UNKNOWN or (summed.low <= stated.high and stated.low <= summed.high):
        return []
    shown = f"{stated.value:,.0f}" if stated.state == "count" else f"{stated.low:,.0f} to {stated.high:,.0f}"
    parts = f"{summed.value:,.0f}" if summed.state == "count" else f"at least {summed.low:,.0f}"
    if summed.state == "suppressed":
        parts = f"{summed.low:,.0f} to {summed.high:,.0f}"
    name = str(stated.span or summed.span or "all periods")
    used = "the quarters were used" if what == "quarters" else "the stated one was used"
    size = (summed.value if summed.state == "count" else summed.low) - (
        stated.value if stated.state == "count" else stated.low
    )
    rows = places([*stated.places, *summed.places])
    apart = max(summed.low - stated.high, stated.low - summed.high)
    by = f"{'' if size == apart or -size == apart else 'at least '}{apart:,.0f}"
    detail = (
        f"{label} in {name}: the stated total {shown} is not the sum of its {what}, {parts}, by {by}; {used}."
    )
    tolerated = apart <= tolerance * stated.high
    if tolerated:
        detail += f" The mapping tolerates {tolerance:.1%}."
    severity: Severity = "note" if tolerated else "error"
    return [Finding(severity, "totals_differ", label, name, rows, float(size), detail)]


def _with_quarters(counts: list[Count], findings: list[Finding], tolerance: float) -> list[Count]:
    """Add the months of each quarter; a quarter that is stated too is compared with them."""
    months: dict[tuple[str, Span], list[Count]] = defaultdict(list)
    others: list[Count] = []
    for count in counts:
        if count.span is not None and count.span.months == 1:
            months[count.label, Span(count.span.first - count.span.first % 3, 3)].append(count)
        else:
            others.append(count)
    stated = {(count.label, count.span): count for count in others}
    for (label, quarter), parts in months.items():
        there = len({part.span for part in parts})
        summed = sum_of(label, quarter, parts)
        if there < 3:
            detail = f"{label} has {there} of the 3 months of {quarter}; part of a quarter is no quarter."
            rows = places(summed.places)
            findings.append(
                Finding(
                    "warning", "part_quarter", label, str(quarter), rows, there, detail, "treated as missing"
                )
            )
            summed = summed._replace(value=np.nan, high=np.inf, state="missing")
        if (label, quarter) in stated:
            if there == 3:
                findings += difference("months", label, stated[label, quarter], summed, tolerance)
        else:
            others.append(summed)
    return others


def check_totals(counts: Sequence[Count], totals: Sequence[Count], tolerance: float = 0.0) -> list[Finding]:
    """Compare totals of years, or of all periods, with the sum of their quarters; name what is no count."""
    findings = []
    for total in totals:
        mine = [count for count in counts if count.label == total.label and count.span is not None]
        if total.span is not None:
            end = total.span.first + total.span.months
            mine = [
                c for c in mine if c.span and total.span.first <= c.span.first < end and c.span.months < 12
            ]
        if mine:
            summed = sum_of(total.label, total.span, mine)
            findings += difference("quarters", total.label, total, summed, tolerance)
    if totals:
        named = places([place for total in totals for place in total.places])
        detail = f"{named}: totals, compared with what they are of and not counted."
        findings.append(Finding("note", "total", "", "", named, len(totals), detail, "excluded"))
    return findings


def by_quarter_of_year(counts: list[Count]) -> tuple[list[Count], list[Finding]]:
    """Turn counts from the start of the financial year into counts of each quarter.

    A quarter whose predecessor in the same year is not known is known only within bounds.
    """
    known = {(count.label, count.span): count for count in counts}
    found, findings = [], []
    for count in counts:
        span = count.span
        if span is None or not span.is_quarter or (span.first - 3) % 12 == 0:
            found.append(count)
            continue
        before = known.get((count.label, Span(span.first - 3, 3)))
        if before is None:
            before = Count(count.label, None, np.nan, 0.0, np.inf, "missing", ())
        low, high = max(count.low - before.high, 0.0), max(count.high - before.low, 0.0)
        value, state = count.value - before.value, count.state
        if state == "count" and before.state != "count":
            state = "missing"
        if state == "count" and value < 0:
            fall = f"falls from {before.value:,.0f} to {count.value:,.0f} in {span}"
            detail = f"{count.label} {fall}, though it is counted from the start of the year."
            findings.append(
                Finding(
                    "error",
                    "not_cumulative",
                    count.label,
                    str(span),
                    places([*before.places, *count.places]),
                    value,
                    detail,
                    "treated as missing",
                )
            )
            value, low, high, state = np.nan, 0.0, np.inf, "missing"
        found.append(
            count._replace(value=value if state == "count" else np.nan, low=low, high=high, state=state)
        )
    return found, findings

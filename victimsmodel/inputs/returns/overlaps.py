"""Periods that overlap: longer ones that the shorter add up to are totals, all others are refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.returns.counting import Count
from victimsmodel.inputs.returns.findings import places
from victimsmodel.inputs.returns.periods import Span

_MOST_NAMED = 5


class Parted(NamedTuple):
    """Counts whose periods do not overlap, and totals of them."""

    counts: list[Count]
    totals: list[Count]


def parted(counts: Sequence[Count], stage_of: Callable[[str], str], where: str) -> Parted:
    """Set apart the counts of periods that shorter ones of the same label make up.

    Parameters
    ----------
    counts : sequence of Count
        With periods.
    stage_of : callable
        The stage that a label is mapped to.
    where : str
        The file, for messages.

    Raises
    ------
    InputError
        VM302 with the periods of a stage that overlap in any other way.
    """
    by_label: dict[str, list[Span]] = defaultdict(list)
    for count in counts:
        if count.span is not None:
            by_label[count.label].append(count.span)
    totals = [c for c in counts if c.span is not None and _is_made_up(c.span, by_label[c.label])]
    kept = [count for count in counts if count not in totals]
    by_stage: dict[str, dict[Span, Count]] = defaultdict(dict)
    for count in kept:
        if count.span is not None:
            by_stage[stage_of(count.label)].setdefault(count.span, count)
    problems: dict[tuple[str, str], Problem] = {}
    for found in by_stage.values():
        for (first, a), (second, b) in combinations(sorted(found.items()), 2):
            if second.first < first.first + first.months:
                rows = places([*a.places, *b.places])
                allowed = f"the periods {first} and {second} overlap; leave one of them out"
                problems.setdefault(
                    (str(first), str(second)), Problem(f"{where}, {rows}", "", "", allowed, "VM302")
                )
    if problems:
        raise InputError(list(problems.values())[:_MOST_NAMED])
    return Parted(kept, totals)


def _is_made_up(span: Span, others: Sequence[Span]) -> bool:
    """Say whether shorter periods follow each other from the first month of one to its last."""
    end = span.first + span.months
    inside = sorted(
        o for o in set(others) if o != span and span.first <= o.first and o.first + o.months <= end
    )
    at = span.first
    for other in inside:
        if other.first == at:
            at += other.months
    return at == end and bool(inside)

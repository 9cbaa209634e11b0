"""Which counts are hidden: the small ones, and as few others as keep these from being computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from victimsmodel.disclosure.attack import Attack, Range
from victimsmodel.disclosure.cells import Cell, Sum
from victimsmodel.inputs.disclosure_rule import DisclosureRule


def range_shown(value: float, rule: DisclosureRule) -> Range:
    """Return what a reader knows of a count that is shown rounded."""
    low, high = rule.range_of(rule.rounded(value))
    return float(low), float(high)


def absent_cells(values: Mapping[Cell, float], known: Mapping[Cell, Range]) -> dict[Cell, Range]:
    """Return cells that no table states and that hold nobody: a reader may know that a row cannot be."""
    return {cell: (0.0, 0.0) for cell, value in values.items() if value == 0 and cell not in known}


def hidden_cells(
    values: Mapping[Cell, float], shown: Iterable[Cell], sums: Sequence[Sum], rule: DisclosureRule
) -> frozenset[Cell]:
    """Return which cells to hide so that no unsafe count can be computed from the others.

    Counts from 1 to `smallest_shown` - 1 are hidden. A reader is taken to know that, the rounding, and every
    sum. While some unsafe count, be it a cell, a margin that is not shown or the rest of a whole, could
    only have fewer than `least_values` values, the nearest cell that ties it down is hidden too: the
    smallest above 0 first, zeros last.

    Parameters
    ----------
    values : mapping
        The true number of every cell of the sums.
    shown : sequence of Cell
        Those that would be shown.
    sums : sequence of Sum
    rule : DisclosureRule

    Returns
    -------
    frozenset of Cell

    References
    ----------
    Fischetti and Salazar (2001), Management Science 47, 1008-1027 (complementary suppression and its
    attack); here greedy, each step verified by the exact attack.
    """
    known = [cell for cell in shown if not np.isnan(values[cell])]
    small = [cell for cell in known if rule.is_unsafe(values[cell])]
    ranges: dict[Cell, Range] = {cell: range_shown(values[cell], rule) for cell in known}
    hidden_range = (1.0, float(rule.smallest_shown - 1))
    ranges |= dict.fromkeys(small, hidden_range)
    ranges |= absent_cells(values, ranges)
    tied = {cell for s in sums for cell in (s.total, *s.parts)}
    targets = [cell for cell in values if cell in tied and rule.is_unsafe(values[cell])]
    attack = Attack(sums, ranges, frozenset(small))
    attack.note({cell: values[cell] for cell in tied})
    hidden = set(small)
    free = set(known) - hidden
    for target in sorted(targets, key=lambda cell: (cell not in hidden, str(cell))):
        while is_recovered(attack, target, rule):
            chosen = _next_hidden(attack, target, free, values)
            if chosen is None:  # nothing that is shown ties it down: its own bounds do
                break
            free.remove(chosen)
            hidden.add(chosen)
            attack.ranges[chosen] = (0.0, np.inf)
    return frozenset(hidden)


def is_recovered(attack: Attack, cell: Cell, rule: DisclosureRule) -> bool:
    """Whether an unsafe count can have fewer values than it must be able to have."""
    if attack.width_seen(cell) >= rule.least_values:
        return False
    low, high = attack.bounds(cell)
    return high - low + 1 < rule.least_values


def _next_hidden(attack: Attack, target: Cell, free: set[Cell], values: Mapping[Cell, float]) -> Cell | None:
    """Return the cell to hide next: one that opens the most sums that tie a hidden count down alone.

    Totals come after details, zeros last of all; then the smallest.
    """
    near, sums = attack.around(target)
    if not any(cell in free for cell in near):
        return None
    opened: dict[Cell, int] = {}
    for s in sums:
        cells = (s.total, *s.parts)
        if sum(_is_open(attack, cell) for cell in cells) == 1:
            for cell in cells:
                opened[cell] = opened.get(cell, 0) + 1
    return min(
        (cell for cell in near if cell in free),
        key=lambda cell: (
            values[cell] == 0,
            -opened.get(cell, 0),
            -len(cell.labels),
            values[cell],
            str(cell),
        ),
    )


def _is_open(attack: Attack, cell: Cell) -> bool:
    return attack.range_of(cell)[1] == np.inf or cell in attack.small

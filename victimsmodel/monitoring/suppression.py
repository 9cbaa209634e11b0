"""Counts of answers that are too small to be shown, and those that would give them away."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from victimsmodel.inputs.quantities import Frozen


class Suppression(Frozen):
    """What is too small to be shown: counts from 1 to `largest_hidden`, and items with few answers."""

    largest_hidden: int = Field(default=7, ge=0)
    smallest_base: int = Field(default=20, ge=1)

    @property
    def fewest_shown(self) -> int:
        """The smallest total that is shown."""
        return max(self.smallest_base, self.largest_hidden + 1)


def hidden_cells(counts: ArrayLike, rule: Suppression) -> NDArray[np.bool_]:
    """Return which counts of one item are hidden when its total is shown.

    A count from 1 to `largest_hidden` is hidden. As what is hidden can be had from the total, further
    counts are hidden, the smallest above 0 first, until at least two are and they add up to more than
    `largest_hidden`. Zeros tell of nobody and are shown, unless nothing else is left to hide.

    Parameters
    ----------
    counts : array_like of int, shape (n,)
    rule : Suppression

    Returns
    -------
    ndarray of bool, shape (n,)
        All True if the total itself is not to be shown.
    """
    found = np.asarray(counts, np.int64)
    total = int(found.sum())
    if total < rule.fewest_shown:
        return np.ones(len(found), np.bool_)
    hidden = (found >= 1) & (found <= rule.largest_hidden)
    if not hidden.any():
        return hidden
    # the next to go: the smallest above 0, then zeros
    rest = sorted(np.flatnonzero(~hidden), key=lambda i: (found[i] == 0, found[i]))
    for i in rest:
        if hidden.sum() >= 2 and found[hidden].sum() > rule.largest_hidden:
            break
        hidden[i] = True
    return hidden


class Hidden(NamedTuple):
    """What of one item is hidden, and which sums are known all the same."""

    cells: NDArray[np.bool_]  # (n,)
    is_total_shown: bool
    is_low_shown: bool  # sum of the answers below the middle of the scale
    is_high_shown: bool


def hidden_answers(counts: ArrayLike, rule: Suppression) -> Hidden:
    """Return what is hidden of the answers to one item, in the order of its scale.

    Where small counts stand on both sides of the middle, the answers of both sides are hidden and their
    sums are shown instead, if these are large enough (or 0): the favourable share says most. A sum over a
    side is shown otherwise if it gives nothing away: nothing hidden stands in it, or all that is hidden.
    """
    found = np.asarray(counts, np.int64)
    place = np.arange(len(found)) - (len(found) - 1) / 2
    cells = hidden_cells(found, rule)
    if found.sum() < rule.fewest_shown:
        return Hidden(cells, False, False, False)
    low, high = place < 0, place > 0
    if cells[low].any() and cells[high].any() and not cells[place == 0].any():
        sums = np.array([found[low].sum(), found[high].sum()])
        if not ((sums >= 1) & (sums <= rule.largest_hidden)).any():
            return Hidden(low | high, True, True, True)
    known = [not cells[side].any() or not cells[~side].any() for side in (low, high)]
    return Hidden(cells, True, known[0], known[1])

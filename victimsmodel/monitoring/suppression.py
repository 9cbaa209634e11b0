"""Counts of answers that are too small to be shown, and those that would give them away."""

from __future__ import annotations

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

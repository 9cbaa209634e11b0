"""Scenario discovery: a region of the inputs, in plain limits, in which an option fails.

The patient rule induction method peels a twentieth of the draws off one side of one input at a time,
always the peel after which failures are most frequent. Of the boxes on the way, the one is kept that
best trades how many failures it holds (coverage) against how many of its draws fail (density). Limits
that chance could have set are dropped. Half of the draws find the box, the other half judge it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_PEEL = 0.05
_LEAST_SUPPORT = 0.05  # of the draws; below, a box says little
_MOST_LIMITS = 3  # inputs in one sentence
_CHANCE = 0.01  # a limit that so often arises by chance is dropped
_LEAST_FAILURES = 20


class Limit(NamedTuple):
    """One side of one input."""

    input: str
    is_below: bool  # the region lies below the value
    value: float


class Region(NamedTuple):
    """Where an option fails, and how well that holds on draws that did not find it."""

    limits: tuple[Limit, ...]  # empty: no region was found that holds out of sample
    base_rate: float  # share of all draws that fail
    density: float  # share of failures in the region, in draws that found it
    held_density: float  # the same in the other draws
    held_coverage: float  # share of the other draws' failures that the region holds
    n_held: int  # other draws in the region


def discover(fails: Mask, inputs: Mapping[str, Floats], seed: int = 1) -> Region:
    """Return a region of the inputs in which failures gather.

    Parameters
    ----------
    fails : ndarray of bool, shape (n_draws,)
    inputs : mapping of str to ndarray, shape (n_draws,)
        Values, in their units.
    seed : int
        Of the halves.

    Returns
    -------
    Region
        Without limits if there are fewer than 20 failures or successes, or if the draws set aside do not
        fail more often inside than outside.

    References
    ----------
    Friedman and Fisher (1999), Bump hunting in high-dimensional data, Statistics and Computing 9,
    123-143; Bryant and Lempert (2010), Technological Forecasting and Social Change 77, 34-49.
    """
    base = float(fails.mean())
    nothing = Region((), base, np.nan, np.nan, np.nan, 0)
    if min(fails.sum(), (~fails).sum()) < _LEAST_FAILURES:
        return nothing
    names = [name for name, column in inputs.items() if np.ptp(column) > 0]
    columns = np.column_stack([inputs[name] for name in names])
    finds = np.random.default_rng(seed).permutation(len(fails)) < len(fails) // 2
    box = _kept(_peeled(columns[finds], fails[finds]), columns[finds], fails[finds])
    inside = _inside(box, columns)
    held_in, held_out = inside & ~finds, ~inside & ~finds
    if not box or not held_in.any() or not _fail_more(fails[held_in], fails[held_out]):
        return nothing
    limits = tuple(Limit(names[i], is_below, value) for (i, is_below), value in sorted(box.items()))
    return Region(
        limits,
        base,
        float(fails[inside & finds].mean()),
        float(fails[held_in].mean()),
        float(fails[held_in].sum() / fails[~finds].sum()),
        int(held_in.sum()),
    )


_Box = dict[tuple[int, bool], float]


def _inside(box: _Box, columns: Floats) -> Mask:
    inside = np.ones(len(columns), dtype=bool)
    for (i, is_below), value in box.items():
        inside &= columns[:, i] <= value if is_below else columns[:, i] >= value
    return inside


def _peeled(columns: Floats, fails: Mask) -> _Box:
    """Return the box of the peeling path with the best balance of coverage and density."""
    box: _Box = {}
    best, best_score = box, _score(fails, np.ones(len(fails), dtype=bool))
    inside = np.ones(len(fails), dtype=bool)
    while inside.mean() > _LEAST_SUPPORT:
        peels = []
        for i in range(columns.shape[1]):
            if len({j for j, _ in box} | {i}) > _MOST_LIMITS:
                continue
            own = columns[inside, i]
            for is_below, level in ((True, 1 - _PEEL), (False, _PEEL)):
                value = float(np.quantile(own, level))
                left = inside & (columns[:, i] <= value if is_below else columns[:, i] >= value)
                if 0 < left.sum() < inside.sum():
                    peels.append((fails[left].mean(), i, is_below, value, left))
        if not peels:
            break
        _, i, is_below, value, inside = max(peels, key=lambda peel: peel[0])
        box = {**box, (i, is_below): value}
        score = _score(fails, inside)
        if score > best_score:
            best, best_score = box, score
    return best


def _score(fails: Mask, inside: Mask) -> float:
    """Return the harmonic mean of coverage and density."""
    held = fails[inside].sum()
    return float(2 * held / (fails.sum() + inside.sum()))


def _kept(box: _Box, columns: Floats, fails: Mask) -> _Box:
    """Drop limits without which as many draws of the region would fail, as far as chance can tell."""
    from scipy.stats import binomtest

    kept = dict(box)
    for key in list(box):
        others = {other: value for other, value in kept.items() if other != key}
        wide, narrow = _inside(others, columns), _inside(kept, columns)
        rate = fails[wide].mean()
        p = binomtest(int(fails[narrow].sum()), int(narrow.sum()), float(rate), alternative="greater").pvalue
        if p > _CHANCE:
            kept = others
    return kept


def _fail_more(inside: Mask, outside: Mask) -> bool:
    """Whether draws set aside fail more often inside the region than outside, beyond chance."""
    from scipy.stats import fisher_exact

    table = [[inside.sum(), (~inside).sum()], [outside.sum(), (~outside).sum()]]
    return bool(fisher_exact(table, alternative="greater").pvalue < _CHANCE)

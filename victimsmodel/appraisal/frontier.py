"""The cost-effectiveness frontier: which options are never the best buy, and what each further step costs.

An option is dominated when another one does at least as much for no more cost, and is better in one of
the two; it is extendedly dominated when a mixture of two others does more for the same cost. What remains
is the frontier: costs and effects rise along it, and so does the price of each further unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

FRONTIER, DOMINATED, EXTENDED, EQUAL = "on the frontier", "dominated", "extendedly dominated", "equal"
#: Relative difference of costs or effects that counts as none: rounding of sums over draws.
_TOLERANCE = 1e-12


def frontier(options: Sequence[str], costs: ArrayLike, effects: ArrayLike) -> pd.DataFrame:
    """Return the position of each option on or off the cost-effectiveness frontier.

    Parameters
    ----------
    options : sequence of str
    costs, effects : array_like, shape (n_options,)
        Expected present cost, GBP; expected effect, in any unit of which more is better.

    Returns
    -------
    DataFrame
        One row for each option, in the order of rising effect (then cost, then as given): option, cost,
        effect, position, by (the option that dominates it, or the two of the mixture, or the one it
        equals), icer (GBP per further unit, against the option before it on the frontier; missing for
        the first and for options off the frontier).

    Raises
    ------
    ValueError
        If the numbers are not one finite cost and effect for each option, or a name stands twice.

    References
    ----------
    Johannesson and Weinstein (1993), On the decision rules of cost-effectiveness analysis, Journal of
    Health Economics 12, 459-467.
    """
    cost, effect = _checked(options, costs, effects)
    order = sorted(range(len(options)), key=lambda i: (effect[i], cost[i], i))
    position, by = [FRONTIER] * len(options), [""] * len(options)
    for i in order:
        rival = _dominator(i, cost, effect)
        if rival is not None:
            same = _same(cost[i], cost[rival]) and _same(effect[i], effect[rival])
            position[i], by[i] = (EQUAL if same else DOMINATED), options[rival]
    kept = [i for i in order if position[i] == FRONTIER]
    hull: list[int] = []
    for i in kept:
        while len(hull) > 1 and not _price(hull[-2], hull[-1], cost, effect) < _price(
            hull[-1], i, cost, effect
        ):
            hull.pop()
        hull.append(i)
    for i in set(kept) - set(hull):
        below = max((h for h in hull if effect[h] < effect[i]), key=lambda h: effect[h])
        above = min((h for h in hull if effect[h] > effect[i]), key=lambda h: effect[h])
        position[i], by[i] = EXTENDED, f"{options[below]} and {options[above]}"
    icer = np.full(len(options), np.nan)
    for before, after in pairwise(hull):
        icer[after] = _price(before, after, cost, effect)
    table = {
        "option": list(options),
        "cost": cost,
        "effect": effect,
        "position": position,
        "by": by,
        "icer": icer,
    }
    return pd.DataFrame(table).iloc[order].reset_index(drop=True)


def best_buy(table: pd.DataFrame, threshold: float) -> str:
    """Return the option of the frontier that buys most at a price per unit of effect.

    It is the last one whose every step up the frontier costs no more than the threshold; it is also the
    option with the highest net benefit ``threshold * effect - cost``.

    Parameters
    ----------
    table : DataFrame
        From `frontier`.
    threshold : float
        Willingness to pay, GBP per unit of effect.
    """
    steps = table[table["position"] == FRONTIER]
    return str(steps[steps["icer"].isna() | (steps["icer"] <= threshold)]["option"].iloc[-1])


def _checked(options: Sequence[str], costs: ArrayLike, effects: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    cost, effect = np.asarray(costs, dtype=np.float64), np.asarray(effects, dtype=np.float64)
    if not cost.shape == effect.shape == (len(options),):
        raise ValueError(f"one cost and one effect for each of {len(options)} options are needed")
    if not (np.isfinite(cost).all() and np.isfinite(effect).all()):
        raise ValueError("costs and effects must be finite")
    if len(set(options)) < len(options) or not options:
        raise ValueError("options must be named once each")
    return cost, effect


def _dominator(i: int, cost: np.ndarray, effect: np.ndarray) -> int | None:
    """Return the cheapest option that dominates another, or an equal one that was named before it."""
    better = [
        j
        for j in range(len(cost))
        if j != i
        and (cost[j] <= cost[i] or _same(cost[i], cost[j]))
        and (effect[j] >= effect[i] or _same(effect[i], effect[j]))
        and not (_same(cost[i], cost[j]) and _same(effect[i], effect[j]) and j > i)
    ]
    return min(better, key=lambda j: (cost[j], -effect[j], j), default=None)


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= _TOLERANCE * max(abs(a), abs(b))


def _price(before: int, after: int, cost: np.ndarray, effect: np.ndarray) -> float:
    return float((cost[after] - cost[before]) / (effect[after] - effect[before]))

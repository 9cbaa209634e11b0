"""Jumps of a proportion between two quarters, beyond its usual variation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_SIGNIFICANT = 0.01  # after allowing for every quarter that the jump might begin with
_LEAST_ODDS_RATIO = 1.5  # a smaller change is no sign of another definition
_FEWEST = 5  # quarters; with fewer there is no usual variation to compare with


class Shift(NamedTuple):
    """A change of level."""

    at: int  # first period of the new level
    before: float
    after: float
    p_value: float  # adjusted for the choice of the period


def find_shift(events: ArrayLike, trials: ArrayLike) -> Shift | None:
    """Return the likeliest change of a proportion's level, if there is one.

    A quasi-binomial model with a level before and one after is compared with a single level by
    F = (D0 - D1) / phi on 1 and n - 2 degrees of freedom, phi = max(1, Pearson chi-square of the two levels /
    (n - 2)), so that quarters that vary more than by chance alone need a larger jump; the smallest p-value is
    multiplied by the number of periods that the jump might begin with (Bonferroni).

    Parameters
    ----------
    events, trials : array_like, shape (n_periods,)
        Counts; ``events`` at most ``trials``.

    Returns
    -------
    Shift or None
        None with fewer than 5 periods, if p is 0.01 or more, or if the odds change by less than 1.5 times.

    References
    ----------
    McCullagh and Nelder (1989), Generalized Linear Models, 2nd ed., sections 4.5 and 9.2 (over-dispersion).
    """
    from scipy.stats import f as f_distribution

    y, n = np.asarray(events, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    n_periods = len(y)
    if n_periods < _FEWEST or not (n > 0).all():
        return None
    single = _log_likelihood(y.sum(), n.sum())
    best: Shift | None = None
    for at in range(1, n_periods):
        events_of, trials_of = (np.array([part[:at].sum(), part[at:].sum()]) for part in (y, n))
        gain = 2 * (sum(map(_log_likelihood, events_of, trials_of)) - single)
        level = np.repeat(events_of / trials_of, [at, n_periods - at])
        phi = max(1.0, _pearson(y, n, level) / (n_periods - 2))
        p = min(1.0, float(f_distribution.sf(gain / phi, 1, n_periods - 2)) * (n_periods - 1))
        if best is None or p < best.p_value:
            best = Shift(at, float(level[0]), float(level[-1]), p)
    assert best is not None
    # half a case on each side keeps the odds of 0 and of 1 finite
    y2 = np.array([y[: best.at].sum(), y[best.at :].sum()]) + 0.5
    n2 = np.array([n[: best.at].sum(), n[best.at :].sum()]) + 1.0
    log_odds = np.log(y2 / (n2 - y2))
    is_large = abs(log_odds[1] - log_odds[0]) >= np.log(_LEAST_ODDS_RATIO)
    return best if best.p_value < _SIGNIFICANT and is_large else None


def _log_likelihood(events: float, trials: float) -> float:
    from scipy.special import xlogy

    return float(xlogy(events, events / trials) + xlogy(trials - events, 1 - events / trials))


def _pearson(y: NDArray[np.float64], n: NDArray[np.float64], p: NDArray[np.float64]) -> float:
    variance = n * p * (1 - p)
    return float(np.divide((y - n * p) ** 2, variance, out=np.zeros_like(y), where=variance > 0).sum())

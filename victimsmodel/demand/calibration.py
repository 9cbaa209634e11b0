"""How far off forecasts have been, against how far off they said they might be.

A model's own interval leaves out that the model may be wrong. What past forecasts missed by, divided by
the standard deviation they gave, says how much to widen: at each number of quarters ahead, one factor
for the middle 80 % and one for the middle 95 %, because large misses are more frequent than a normal
distribution has them. Errors of one quarter share their cause, so ten origins are far less than ten
times 43 forces' worth of evidence; a prior worth four years of origins says that the models' own
intervals are right. A factor is never below one and never falls with distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from victimsmodel.demand.state_space import Floats

#: Observed quarters that a series must have for its errors to be counted: three years.
CALIBRATED_FROM = 12
#: Up to four years of counts a history is short: its forecasts need a widening of their own.
SHORT_QUARTERS = 16
#: Origins' worth of evidence that intervals are right as they are: four years.
PRIOR_ORIGINS = 16.0
#: The same for short histories: one origin, for there are few and they all say otherwise.
SHORT_PRIOR_ORIGINS = 1.0
#: Origins' worth of evidence that a force needs the widening that all forces need: ten years.
OWN_PRIOR_ORIGINS = 40.0
_Z80, _Z95 = 1.2815515655446004, 1.959963984540054  # standard normal: 80 and 95 % lie within
_PRIOR_POINTS = 400
_YEAR = 4


class Widening(NamedTuple):
    """Factors on a forecast's own standard deviation, by quarters ahead; the last one goes on."""

    at_80: tuple[float, ...]
    at_95: tuple[float, ...]


#: Leaves intervals as the models have them.
NO_WIDENING = Widening((1.0,), (1.0,))

#: Measured by `make backtest` on all 43 forces, origins March 2015 to March 2023, and stated in
#: docs/forecasting.md. Steps 1 to 4; the last factor holds for all further ones.
DEFAULT_WIDENING = Widening((1.07, 1.07, 1.08, 1.12, 1.13), (1.17, 1.20, 1.26, 1.34, 1.34))
#: The same from origins with at most `SHORT_QUARTERS` of counts, March 2014 to March 2017: too few to
#: tell a change of recording that has begun from chance. Steps 1 to 4, then one for each year.
SHORT_WIDENING = Widening(
    (1.28, 1.49, 1.64, 1.74, *(1.74,) * 4, *(1.82,) * 4, 1.86),
    (1.50, 1.82, 2.14, 2.32),
)


def at_least(widening: Widening, floor: Widening) -> Widening:
    """Return the larger of two factors at each step."""
    n_steps = max(len(factors) for factors in (*widening, *floor))
    found = [
        np.maximum(one, other)[:, 0].tolist()
        for one, other in zip(_by_step(widening, n_steps), _by_step(floor, n_steps), strict=True)
    ]
    return Widening(tuple(found[0]), tuple(found[1]))


def stretched(normal: Floats, widening: Widening) -> Floats:
    """Map standard normal numbers to errors in units of the forecast's own standard deviation.

    The map is increasing and straight between 0, the 80 % point, the 95 % point and beyond, so that the
    80 and 95 % intervals of the result are the normal ones times their factors.

    Parameters
    ----------
    normal : ndarray, shape (..., n_steps, n_series)
    widening : Widening

    Returns
    -------
    ndarray
        Never smaller in size than `normal`.
    """
    at_80, at_95 = _by_step(widening, normal.shape[-2])
    slope = (_Z95 * at_95 - _Z80 * at_80) / (_Z95 - _Z80)
    size = np.abs(normal)
    return np.copysign(at_80 * np.minimum(size, _Z80) + slope * np.maximum(size - _Z80, 0), normal)


def _by_step(widening: Widening, n_steps: int) -> tuple[Floats, Floats]:
    """Return both factors as columns by step; at 95 % at least what keeps the map's slope at one."""
    at_80, at_95 = (
        np.asarray(factors)[np.minimum(np.arange(n_steps), len(factors) - 1)] for factors in widening
    )
    return at_80[:, None], np.maximum(at_95, (_Z80 * at_80 + _Z95 - _Z80) / _Z95)[:, None]


def estimate_widening(
    errors: Sequence[Floats], n_steps: int, prior: Widening = NO_WIDENING, n_prior: float = PRIOR_ORIGINS
) -> Widening:
    """Return the factors with which past forecasts would have covered what they should.

    Parameters
    ----------
    errors : sequence of ndarray, shape (n_steps or more, n_series)
        From each origin, error over the forecast's own standard deviation; NaN where not known.
    n_steps : int
        Steps to return factors for. Steps 1 to 4 have their own, later ones share a year's.
    prior : Widening
        What intervals are taken to need before any errors are seen.
    n_prior : float
        Origins' worth of evidence for `prior`.

    Returns
    -------
    Widening
        No factor is below that of `prior`, or of a step before.
    """
    found = np.empty((2, n_steps))
    half_normal = _half_normal()[:, None, None]
    believed = stretched(np.broadcast_to(half_normal, (_PRIOR_POINTS, n_steps, 1)), prior)[:, :, 0]
    floor = np.hstack(_by_step(prior, n_steps)).T
    for step in range(n_steps):
        block = [step] if step < _YEAR else range(step - step % _YEAR, step - step % _YEAR + _YEAR)
        seen = [np.abs(one[k]) for one in errors for k in block if k < len(one)]
        seen = [one[~np.isnan(one)] for one in seen]
        seen = [one for one in seen if len(one)]
        n_series = float(np.mean([len(one) for one in seen])) if seen else 1.0
        sizes = np.concatenate([*seen, believed[:, step]])
        weights = np.full(len(sizes), 1 / len(block))
        weights[-_PRIOR_POINTS:] = n_prior * n_series / _PRIOR_POINTS
        found[:, step] = _quantiles(sizes, weights, (0.8, 0.95)) / (_Z80, _Z95)
    at_80, at_95 = np.maximum.accumulate(np.maximum(found, floor), axis=1)
    return Widening(tuple(at_80.tolist()), tuple(at_95.tolist()))


def _half_normal() -> Floats:
    """Return evenly probable sizes of a standard normal number."""
    from scipy.special import ndtri

    return np.asarray(ndtri(0.5 + (np.arange(_PRIOR_POINTS) + 0.5) / (2 * _PRIOR_POINTS)))


def _quantiles(sizes: Floats, weights: Floats, levels: tuple[float, ...]) -> Floats:
    """Return quantiles of weighted numbers, interpolated between the middles of their weights."""
    order = np.argsort(sizes, kind="stable")
    share = np.cumsum(weights[order]) - weights[order] / 2
    return np.interp(levels, share / weights.sum(), sizes[order])

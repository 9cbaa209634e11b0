"""The candidate models of the forecast, and what each says of a set of series.

A force has a dozen quarters, a gap of a year, and then about thirty: too few to estimate four
smoothing parameters and seven starting values freely. So each candidate is one robust model of fixed
order, with its parameters on a small grid; each point of the grid forecasts, and the points are averaged
by how likely they make the data (their posterior weights under a flat prior on the grid). What is free
within a point has a tight prior: the first slope, the seasonal pattern, and the scale of the errors.

statsmodels states the models (its matrices for the given parameters); `state_space` filters all
series together. Missing quarters are nothing special to a state-space model, ETS in its innovations
form included: the state is carried forward and its uncertainty grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from victimsmodel.demand.state_space import (
    DIFFUSE,
    Filtered,
    Floats,
    Mask,
    System,
    in_innovation_units,
    run_filter,
    stacked,
)

SEASONAL_NAIVE = "seasonal_naive"
#: The candidates by name, and how each is called.
CANDIDATES: Mapping[str, str] = {
    SEASONAL_NAIVE: "Seasonal naive",
    "ets_level": "ETS(A,N,A)",
    "ets_trend": "ETS(A,Ad,A), damping 0.85",
    "unobserved_components": "Unobserved components: local level and seasonal",
    "sarimax": "SARIMAX (1,0,0)(0,1,1)4",
}

SEASONS = 4
_SEASONAL_SD, _SLOPE_SD = 2.0, 0.7  # of the first seasonal pattern and slope, in innovations
_DAMPING = 0.85  # of the slope, a quarter: half of it is gone after four quarters
#: Scale of the innovations before any are seen: 6 % of a count and Poisson chance; worth eight quarters.
_SCALE, _SCALE_WEIGHT = 0.06, 8.0
_HALF_LIFE = 8.0  # quarters; of an error's weight in the scale of today's, for recording practice settles
_LENGTH = 16  # statsmodels wants data to build a model; any will do


class Projection(NamedTuple):
    """What a candidate says of the quarters that follow, on the log scale, shape (n_steps, n_series)."""

    mean: Floats
    variance: Floats
    response: Floats  # effect of one quarter's shock on that quarter and those that follow
    residuals: Floats  # (n_quarters, n_series) standardised one-step errors; NaN where there are none


def project(
    name: str, values: Floats, observed: Mask, steps: int, dummies: Sequence[Floats] | None = None
) -> Projection:
    """Forecast series with one candidate.

    Parameters
    ----------
    name : str
        A key of `CANDIDATES`.
    values : ndarray, shape (n_quarters, n_series)
        Logarithms of counts; anything finite where not observed.
    observed : ndarray of bool, shape (n_quarters, n_series)
    steps : int
        Quarters to forecast.
    dummies : sequence of ndarray, shape (n_quarters, n_breaks), optional
        For each series, columns that are 1 from a level shift on and 0 before.

    Returns
    -------
    Projection
    """
    n_quarters, n_series = values.shape
    shape = (steps, n_series)
    found = Projection(np.empty(shape), np.empty(shape), np.empty(shape), np.empty((n_quarters, n_series)))
    patterns, membership = np.unique(observed, axis=1, return_inverse=True)
    for p in range(patterns.shape[1]):
        own = np.flatnonzero(membership.ravel() == p)
        shifts = [np.empty((n_quarters, 0)) if dummies is None else dummies[int(i)] for i in own]
        part = _averaged(name, values[:, own], patterns[:, p], steps, shifts)
        for whole, piece in zip(found, part, strict=True):
            whole[:, own] = piece
    return found


def _averaged(name: str, values: Floats, observed: Mask, steps: int, shifts: Sequence[Floats]) -> Projection:
    """Average the points of a candidate's grid by their posterior weights, series by series."""
    centre = values[observed].mean(axis=0)  # near zero the diffuse level costs no digits
    prior = _SCALE**2 + 1 / (np.exp(centre) + 1)
    columns = np.column_stack([values - centre, *shifts])
    found = run_filter(systems(name), observed, columns, steps)
    points = [_point(Filtered(*point), shifts, prior) for point in zip(*found, strict=True)]
    log_weight = np.array([point[0] for point in points])
    weight = np.exp(log_weight - log_weight.max(axis=0))
    weight /= weight.sum(axis=0)
    means, variances, responses, residuals = (np.array(part) for part in list(zip(*points, strict=True))[1:])
    mean = np.einsum("gm,ghm->hm", weight, means)
    variance = np.einsum("gm,ghm->hm", weight, variances + (means - mean) ** 2)
    response = np.einsum("gm,ghm->hm", weight, responses)
    return Projection(mean + centre, variance, response, np.einsum("gm,ghm->hm", weight, residuals))


def _point(
    found: Filtered, shifts: Sequence[Floats], prior: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return log weight, mean, variance, response and residuals of one point of the grid.

    `found` is without its axis of points.
    """
    n_series = len(shifts)
    is_used = ~np.isnan(found.variances)
    root = np.sqrt(found.variances[is_used])[:, None]
    standard = found.innovations[is_used] / root
    errors, mean = standard[:, :n_series].copy(), found.mean[:, :n_series].copy()
    first = n_series
    for i, shift in enumerate(shifts):
        own = slice(first, first + shift.shape[1])
        first = own.stop
        if shift.shape[1]:
            size = np.linalg.lstsq(standard[:, own], errors[:, i], rcond=1e-6)[0]
            errors[:, i] -= standard[:, own] @ size
            mean[:, i] += (1 - found.mean[:, own]) @ size  # a shift lasts
    scale = ((errors**2).sum(axis=0) + _SCALE_WEIGHT * prior) / (len(errors) + _SCALE_WEIGHT)
    log_weight = -np.log(root).sum() - 0.5 * (len(errors) + _SCALE_WEIGHT) * np.log(scale)
    recent = 0.5 ** ((len(is_used) - 1 - np.flatnonzero(is_used)) / _HALF_LIFE)[:, None]
    now = ((recent * errors**2).sum(axis=0) + _SCALE_WEIGHT * prior) / (recent.sum() + _SCALE_WEIGHT)
    residuals = np.full((len(is_used), n_series), np.nan)
    residuals[is_used] = errors / np.sqrt(scale)
    response = np.repeat(found.response[:, None], n_series, axis=1)
    return log_weight, mean, found.variance[:, None] * now, response, residuals


@cache
def systems(name: str) -> System:
    """Return the grid of a candidate as state-space models.

    Parameters
    ----------
    name : str
        A key of `CANDIDATES`.

    Returns
    -------
    System
    """
    if name == SEASONAL_NAIVE:
        return _sarimax((0, 0, 0), (0, 1, 0), ())
    if name == "ets_level":
        pairs = product((0.2, 0.4, 0.6, 0.8, 0.95), (0.05, 0.2))
        return stacked([_ets([level, seasonal * (1 - level)]) for level, seasonal in pairs])
    if name == "ets_trend":
        points = product((0.2, 0.5, 0.8), (0.1, 0.4), (0.02, 0.15))
        return stacked(
            [_ets([level, slope * level, seasonal, _DAMPING]) for level, slope, seasonal in points]
        )
    if name == "unobserved_components":
        return stacked([_components(*point) for point in product((0.1, 0.4, 1.5, 5.0), (0.005, 0.05))])
    pairs = product((0.5, 0.7, 0.85, 0.95), (-0.9, -0.6, -0.3))
    return stacked([_sarimax((1, 0, 0), (0, 1, 1), pair) for pair in pairs])


def _seasonal_start() -> Floats:
    """Return the covariance of the first seasonal pattern: four effects that sum to zero."""
    return _SEASONAL_SD**2 * (np.eye(SEASONS) - 1 / SEASONS)


def _ets(parameters: Sequence[float]) -> System:
    """Return ETS with additive errors and seasons; smoothing of level (, slope), seasons (, damping)."""
    from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing

    has_trend = len(parameters) > 2
    model = ExponentialSmoothing(
        np.zeros(_LENGTH),
        trend=has_trend,
        damped_trend=has_trend,
        seasonal=SEASONS,
        initialization_method="known",
        initial_level=0.0,
        initial_trend=0.0 if has_trend else None,
        initial_seasonal=[0.0] * SEASONS,
        concentrate_scale=True,
    )
    start = np.zeros((model.k_states, model.k_states))
    start[0, 0], start[1, 1] = 1.0, DIFFUSE  # the error itself is the first state
    if has_trend:
        start[2, 2] = _SLOPE_SD**2
    start[-SEASONS:, -SEASONS:] = _seasonal_start()
    return _stated(model, parameters, start)


def _components(level: float, seasonal: float) -> System:
    """Return a local level with seasons; variances of their disturbances relative to the irregular's."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    model = UnobservedComponents(np.zeros(_LENGTH), level="local level", seasonal=SEASONS)
    start = np.zeros((SEASONS, SEASONS))
    start[0, 0], start[1:, 1:] = DIFFUSE, _seasonal_start()[1:, 1:]
    return in_innovation_units(_stated(model, [1.0, level, seasonal], start))


def _sarimax(order: tuple[int, int, int], seasonal: tuple[int, int, int], parameters: Any) -> System:
    """Return a SARIMAX model; states that are not stationary start diffuse, as in statsmodels."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    model = SARIMAX(
        np.zeros(_LENGTH), order=order, seasonal_order=(*seasonal, SEASONS), concentrate_scale=True
    )
    model.update(np.asarray(parameters, dtype=np.float64))
    _, diffuse, stationary = model.ssm.initialization(model=model.ssm)
    return _stated(model, parameters, DIFFUSE * np.asarray(diffuse) + np.asarray(stationary))


def _stated(model: Any, parameters: Sequence[float], start: Floats) -> System:
    """Copy the matrices that statsmodels states for a model with these parameters."""
    model.update(np.asarray(parameters, dtype=np.float64))
    selection = model.ssm["selection"]
    disturbance = selection @ model.ssm["state_cov"] @ selection.T
    return System(
        design=np.array(model.ssm["design"], dtype=np.float64),
        transition=np.array(model.ssm["transition"], dtype=np.float64)[None],
        disturbance=np.array(disturbance, dtype=np.float64)[None],
        noise=np.array(model.ssm["obs_cov"][0], dtype=np.float64),
        start=start[None],
    )

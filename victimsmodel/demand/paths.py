"""Sample paths of a forecast: errors that belong together over time and between crime types.

Each quarter brings one shock to each crime type. Shocks of a quarter are correlated as the forecast's
past one-step errors were; a shock goes on into later quarters as the models say it does (their impulse
responses, averaged with their weights). So a path that starts high tends to stay high, and a quarter
that is high in one crime type tends to be high in those that have moved with it. Each quarter's sum of
shocks is brought to the forecast's standard deviation and widened; the order of paths does not change.
"""

from __future__ import annotations

import numpy as np

from victimsmodel.demand.calibration import Widening, stretched
from victimsmodel.demand.combination import Origin
from victimsmodel.demand.series import to_counts
from victimsmodel.demand.state_space import Floats

_PRIOR_QUARTERS = 20.0  # evidence that all pairs of crime types are correlated alike
_LEAST_PAIRS = 4


def draw_paths(origin: Origin, correlation: Floats, widening: Widening, normal: Floats) -> Floats:
    """Return counts on sample paths.

    Parameters
    ----------
    origin : Origin
        Of the series of one force.
    correlation : ndarray, shape (n_series, n_series)
        Of the shocks of one quarter.
    widening : Widening
    normal : ndarray, shape (n_paths, n_steps, n_series)
        Independent standard normal numbers.

    Returns
    -------
    ndarray, shape (n_paths, n_steps, n_series)
    """
    shocks = normal @ np.linalg.cholesky(correlation).T
    response = origin.response
    n_steps = len(response)
    errors = np.empty(shocks.shape)
    for step in range(n_steps):
        passed_on = response[: step + 1][::-1]  # the first shock has come the longest way
        total = np.einsum("phm,hm->pm", shocks[:, : step + 1], passed_on)
        errors[:, step] = total / np.sqrt((passed_on**2).sum(axis=0))
    return to_counts(origin.mean + origin.deviation * stretched(errors, widening))


def shock_correlation(residuals: Floats) -> Floats:
    """Return the correlation of shocks between series, half-way to one for all pairs when data are few.

    Parameters
    ----------
    residuals : ndarray, shape (n_quarters, n_series)
        Standardised one-step errors; NaN where there are none.

    Returns
    -------
    ndarray, shape (n_series, n_series)
        Positive definite.
    """
    n_series = residuals.shape[1]
    known = ~np.isnan(residuals)
    bounded = np.where(known, np.clip(residuals, -3, 3), 0.0)  # one wild quarter must not decide
    pairs = known.T.astype(np.float64) @ known
    scale = np.maximum(bounded.T**2 @ known, 1e-12)
    raw = (bounded.T @ bounded) / np.sqrt(scale * scale.T)
    is_pair = (pairs >= _LEAST_PAIRS) & ~np.eye(n_series, dtype=bool)
    common = float(np.clip(raw[is_pair].mean(), 0.0, 0.95)) if is_pair.any() else 0.0
    trust = np.where(is_pair, pairs / (pairs + _PRIOR_QUARTERS), 0.0)
    found = trust * raw + (1 - trust) * common
    np.fill_diagonal(found, 1.0)
    values, vectors = np.linalg.eigh(found)
    positive = (vectors * np.maximum(values, 1e-3)) @ vectors.T
    size = np.sqrt(np.diag(positive))
    return positive / np.outer(size, size)

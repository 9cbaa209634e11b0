"""Linear Gaussian state-space models, filtered for many series at once.

With its parameters fixed, the gain of the Kalman filter depends on which quarters are missing and on
nothing else. Series that miss the same quarters are therefore filtered together, as the columns of one
matrix, which is why a back-test over all forces takes seconds. Columns need not be data: a dummy
variable goes through the same filter, and the regression of one column's innovations on the other's is
the exact maximum likelihood estimate of an intervention (generalised least squares; Durbin and Koopman
2012, Time Series Analysis by State Space Methods, section 6.2). Tests hold the filter against
statsmodels' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Variance of a state of which nothing is known, in units of the variance of the innovations.
DIFFUSE = 1e6
_KNOWN_BELOW = 1e-3 * DIFFUSE  # an innovation of a larger variance only sets a diffuse state
_STEADY_STEPS = 200


class System(NamedTuple):
    """State-space models of one form at several points of its parameters, in units of their innovations.

    Observation ``design @ state + noise``; next state ``transition @ state`` plus a disturbance.
    """

    design: Floats  # (n_points, n_states)
    transition: Floats  # (n_points, n_states, n_states)
    disturbance: Floats  # (n_points, n_states, n_states) covariance
    noise: Floats  # (n_points,) variance
    start: Floats  # (n_points, n_states, n_states) covariance of the first state, whose mean is zero


class Filtered(NamedTuple):
    """What a filter says of each column of the data."""

    innovations: Floats  # (n_points, n_quarters, n_columns) one-step errors; 0 where missing
    variances: Floats  # (n_points, n_quarters) of the innovations; NaN where missing or diffuse
    mean: Floats  # (n_points, n_steps, n_columns) of the quarters that follow the data
    variance: Floats  # (n_points, n_steps) of the error of `mean`
    response: Floats  # (n_points, n_steps) effect of an innovation on its own quarter and those that follow


def run_filter(system: System, observed: Mask, values: Floats, n_steps: int) -> Filtered:
    """Filter columns that miss the same quarters, and forecast the quarters that follow.

    Parameters
    ----------
    system : System
    observed : ndarray of bool, shape (n_quarters,)
    values : ndarray, shape (n_quarters, n_columns)
        Any finite number where not observed.
    n_steps : int

    Returns
    -------
    Filtered
    """
    design, transition, _, noise, covariance = system
    n_points, n_quarters = len(design), len(values)
    row, column = design[:, None, :], design[:, :, None]
    state = np.zeros((*design.shape, values.shape[1]))
    innovations = np.zeros((n_points, *values.shape))
    variances = np.full((n_points, n_quarters), np.nan)
    gain = np.zeros((*design.shape, 1))
    for t in range(n_quarters):
        if observed[t]:
            spread = covariance @ column
            variance = (row @ spread)[:, 0, 0] + noise
            gain = spread / variance[:, None, None]
            error = values[t] - row @ state
            state = state + gain * error
            covariance = covariance - gain * spread.transpose(0, 2, 1)
            is_known = variance < _KNOWN_BELOW
            innovations[is_known, t] = error[is_known, 0]
            variances[is_known, t] = variance[is_known]
        state, covariance = _advanced(system, state, covariance)
    mean, variance_ahead = np.empty((n_points, n_steps, values.shape[1])), np.empty((n_points, n_steps))
    response, effect = np.ones((n_points, n_steps)), transition @ gain
    for h in range(n_steps):
        mean[:, h] = (row @ state)[:, 0]
        variance_ahead[:, h] = (row @ covariance @ column)[:, 0, 0] + noise
        state, covariance = _advanced(system, state, covariance)
        if h:
            response[:, h], effect = (row @ effect)[:, 0, 0], transition @ effect
    return Filtered(innovations, variances, mean, variance_ahead, response)


def _advanced(system: System, state: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Return state and covariance one quarter on, symmetric to the last digit."""
    ahead = system.transition @ covariance @ system.transition.transpose(0, 2, 1) + system.disturbance
    return system.transition @ state, (ahead + ahead.transpose(0, 2, 1)) / 2


def stacked(systems: Sequence[System]) -> System:
    """Return systems of one form as one.

    Parameters
    ----------
    systems : sequence of System

    Returns
    -------
    System
    """
    return System(*(np.concatenate(part) for part in zip(*systems, strict=True)))


def in_innovation_units(system: System) -> System:
    """Return a system scaled so that its innovations have variance one in the long run.

    Only then do the scales of different models mean the same; `start` is in these units already.
    """
    covariance = np.broadcast_to(np.eye(system.design.shape[1]), system.transition.shape)
    row, column = system.design[:, None, :], system.design[:, :, None]
    noise = system.noise[:, None, None]
    for _ in range(_STEADY_STEPS):
        spread = covariance @ column
        covariance = covariance - spread @ spread.transpose(0, 2, 1) / (row @ spread + noise)
        covariance = (
            system.transition @ covariance @ system.transition.transpose(0, 2, 1) + system.disturbance
        )
    long_run = row @ covariance @ column + noise
    noise_share = system.noise / long_run[:, 0, 0]
    return system._replace(disturbance=system.disturbance / long_run, noise=noise_share)

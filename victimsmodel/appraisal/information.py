"""What it would be worth to know some inputs, or to sample them, before deciding: by regression.

The net benefit that can be expected once some inputs are known is the regression of net benefit on those
inputs over the draws that are there already; no further simulation is needed (Strong, Oakley and
Brennan 2014). The regression is additive and smooth (`smoothing`). Net benefits are taken against the
option that would be chosen, so that what all options share is no noise.

Partial information is never worth less than nothing, nor less than any part of it: a set of inputs gets
at least the value of each input and set within it that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.appraisal.acceptability import chosen, perfect_information
from victimsmodel.appraisal.smoothing import SPLINE_COLUMNS, fit, simulated_errors, smoother_of

Floats = NDArray[np.float64]

_LEAST_DRAWS_PER_COLUMN = 5


class Information(NamedTuple):
    """The value of knowing something before deciding."""

    value: float  # GBP, of the decision as a whole
    standard_error: float
    upper: float  # value of perfect information: no part can be worth more


def partial_information(benefits: Floats, inputs: Mapping[str, Floats], names: Sequence[str]) -> Information:
    """Return the expected value of knowing some inputs before deciding.

    Parameters
    ----------
    benefits : ndarray, shape (n_draws, n_options)
        Net benefits at one threshold, GBP.
    inputs : mapping of str to ndarray, shape (n_draws,)
        What the draws used.
    names : sequence of str
        The inputs to be known together; the order does not matter.

    Returns
    -------
    Information
        Never negative, never above the value of perfect information.

    Raises
    ------
    ValueError
        For an unknown input, or fewer than five draws for each column of the regression.

    References
    ----------
    Strong, Oakley and Brennan (2014), Estimating multiparameter partial expected value of perfect
    information from a probabilistic sensitivity analysis sample, Medical Decision Making 34, 311-326.
    """
    unknown = [name for name in names if name not in inputs]
    if unknown or not names:
        raise ValueError(f"not among the inputs: {', '.join(unknown) or 'nothing was named'}")
    columns = np.column_stack([np.asarray(inputs[name], dtype=np.float64) for name in sorted(set(names))])
    return _value_of(benefits, columns)


def growing_information(
    benefits: Floats, inputs: Mapping[str, Floats], order: Sequence[str]
) -> list[Information]:
    """Return the value of knowing the first input, the first two, and so on.

    Parameters
    ----------
    benefits : ndarray, shape (n_draws, n_options)
    inputs : mapping of str to ndarray, shape (n_draws,)
    order : sequence of str

    Returns
    -------
    list of Information
        Values never fall.
    """
    found: list[Information] = []
    for k in range(1, len(order) + 1):
        new = partial_information(benefits, inputs, order[:k])
        alone = partial_information(benefits, inputs, order[k - 1 : k])
        parts = [new, alone, *found[-1:]]
        found.append(max(parts, key=lambda one: one.value))
    return found


def sample_information(benefits: Floats, summaries: Floats) -> Information:
    """Return the expected value of a sample before deciding.

    Parameters
    ----------
    benefits : ndarray, shape (n_draws, n_options)
    summaries : ndarray, shape (n_draws, n_statistics)
        For each draw, what a study would have found were that draw the truth; see `binomial_study`.

    Returns
    -------
    Information

    References
    ----------
    Strong, Oakley, Brennan and Breeze (2015), Estimating the expected value of sample information using
    the probabilistic sensitivity analysis sample, Medical Decision Making 35, 570-583.
    """
    return _value_of(benefits, np.asarray(summaries, dtype=np.float64).reshape(len(benefits), -1))


def most_inputs(n_draws: int) -> int:
    """Return how many inputs can be looked at together: five draws for each column of the regression."""
    return max(0, (n_draws // _LEAST_DRAWS_PER_COLUMN - 1) // SPLINE_COLUMNS)


def binomial_study(probabilities: Floats, n_trials: int, seed: int) -> Floats:
    """Return the share that a study of so many trials would find, for each draw of a probability.

    Parameters
    ----------
    probabilities : ndarray, shape (n_draws,)
    n_trials : int
    seed : int

    Returns
    -------
    ndarray, shape (n_draws, 1)
    """
    rng = np.random.default_rng([seed, n_trials])
    return np.asarray(rng.binomial(n_trials, probabilities) / n_trials)[:, None]


def _value_of(benefits: Floats, columns: Floats) -> Information:
    reference = int(chosen(benefits))
    gains = np.delete(benefits - benefits[:, [reference]], reference, axis=1)
    upper = float(perfect_information(benefits))
    if upper == 0.0:
        return Information(0.0, 0.0, upper)
    least = _LEAST_DRAWS_PER_COLUMN * (1 + SPLINE_COLUMNS * columns.shape[1])
    if len(gains) < least:
        raise ValueError(f"{columns.shape[1]} inputs need at least {least} draws; there are {len(gains)}")
    smoother = smoother_of(columns)
    fitted, kept = fit(smoother, gains)
    value = _worth(fitted)
    others = np.array([_worth(fitted + error) for error in simulated_errors(smoother, kept, gains - fitted)])
    of_draws = np.maximum(fitted.max(axis=1), 0.0).std(ddof=1) / np.sqrt(len(fitted))
    # errors of the coefficients make the best look better: what they add once more, they have added before
    unbiased = float(np.clip(2 * value - others.mean(), 0.0, upper))
    return Information(unbiased, float(np.hypot(others.std(ddof=1), of_draws)), upper)


def _worth(fitted: Floats) -> float:
    """Return the expected gain from choosing once the fitted gains over the chosen option are known."""
    return float(np.maximum(fitted.max(axis=1), 0.0).mean() - max(0.0, fitted.mean(axis=0).max()))

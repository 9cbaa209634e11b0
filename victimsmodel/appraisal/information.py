"""What it would be worth to know some inputs, or to sample them, before deciding: by regression.

The net benefit that can be expected once some inputs are known is the regression of net benefit on those
inputs over the draws that are there already; no further simulation is needed (Strong, Oakley and
Brennan 2014). The regression is additive and smooth: penalised cubic B-splines of each input, with the
basis and the penalty that statsmodels has for its additive models, and one weight of the penalty for each
option by generalised cross-validation. Net benefits are taken against the option that would be chosen,
so that what all options share is no noise.

Partial information is never worth less than nothing, nor less than any part of it: a set of inputs gets
at least the value of each input and set within it that was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.appraisal.acceptability import chosen, perfect_information

Floats = NDArray[np.float64]

_COLUMNS = 5  # spline columns of one input: smooth bends, and few enough for 200 draws
_PENALTIES = np.geomspace(1e-4, 1e8, 49)
_RIDGE = 1e-10  # keeps inputs that move together from dividing by nothing
_SIMULATED = 200  # coefficient vectors for the standard error
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
    least = _LEAST_DRAWS_PER_COLUMN * (1 + _COLUMNS * columns.shape[1])
    if len(gains) < least:
        raise ValueError(f"{columns.shape[1]} inputs need at least {least} draws; there are {len(gains)}")
    smoother = _smoother(columns)
    fitted, kept = _fitted(smoother, gains)
    value = _worth(fitted)
    others = np.array([_worth(fitted + error) for error in _simulated(smoother, kept, gains - fitted)])
    of_draws = np.maximum(fitted.max(axis=1), 0.0).std(ddof=1) / np.sqrt(len(fitted))
    # errors of the coefficients make the best look better: what they add once more, they have added before
    unbiased = float(np.clip(2 * value - others.mean(), 0.0, upper))
    return Information(unbiased, float(np.hypot(others.std(ddof=1), of_draws)), upper)


def _worth(fitted: Floats) -> float:
    """Return the expected gain from choosing once the fitted gains over the chosen option are known."""
    return float(np.maximum(fitted.max(axis=1), 0.0).mean() - max(0.0, fitted.mean(axis=0).max()))


class _Smoother(NamedTuple):
    """A penalised regression in the coordinates in which design and penalty are both diagonal."""

    design: Floats  # (n_draws, n_columns) orthonormal
    roughness: Floats  # (n_columns,) nought for what no penalty touches


def _smoother(columns: Floats) -> _Smoother:
    """Return intercept and centred splines of every column that varies, made orthonormal."""
    from scipy.linalg import block_diag, eigh
    from statsmodels.gam.api import BSplines

    parts, penalties = [np.ones((len(columns), 1))], [np.zeros((1, 1))]
    for column in columns[:, np.ptp(columns, axis=0) > 0].T:
        splines = BSplines((column - column.mean()) / column.std(), df=[_COLUMNS + 1], degree=[3])
        parts.append(splines.basis - splines.basis.mean(axis=0))
        penalties.append(splines.penalty_matrices[0])
    design = np.hstack(parts)
    gram = design.T @ design
    gram[np.diag_indices_from(gram)] += _RIDGE * np.trace(gram) / len(gram)
    roughness, turn = eigh(block_diag(*penalties), gram)
    return _Smoother(design @ turn, np.maximum(roughness, 0.0))


def _fitted(smoother: _Smoother, gains: Floats) -> tuple[Floats, Floats]:
    """Return fitted gains, and how much of each coordinate is kept, by option: (n_columns, n_options).

    The weight of the penalty is that of the least generalised cross-validation score.
    """
    n_draws = len(gains)
    coordinates = smoother.design.T @ gains
    kept = 1 / (1 + _PENALTIES[:, None] * smoother.roughness)  # (n_penalties, n_columns)
    total = (gains**2).sum(axis=0)
    explained = np.einsum("pc,co->po", 2 * kept - kept**2, coordinates**2)
    score = (total - explained) / (n_draws - kept.sum(axis=1, keepdims=True)) ** 2
    best = kept[score.argmin(axis=0)].T
    return smoother.design @ (best * coordinates), best


def _simulated(smoother: _Smoother, kept: Floats, residuals: Floats) -> Iterator[Floats]:
    """Yield fitted gains as they might as well have been: errors of the coefficients, all options at once."""
    freedom = np.sqrt(len(residuals) - kept.sum(axis=0))
    root = _root(np.atleast_2d((residuals / freedom).T @ (residuals / freedom)))
    rng = np.random.default_rng(len(residuals))
    for _ in range(_SIMULATED):
        normal = rng.standard_normal(kept.shape) @ root.T
        yield smoother.design @ (np.sqrt(kept) * normal)


def _root(covariance: Floats) -> Floats:
    """Return a square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))

"""Smooth additive regression of results on inputs, all options at once.

Penalised cubic B-splines of each input, with the basis and the penalty that statsmodels has for its
additive models; the weight of the penalty is that of the least generalised cross-validation score. One
factorisation serves every option and every weight, which is what makes it quick enough to try each of a
hundred inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SPLINE_COLUMNS = 9  # of one input: two full swings, tamed by the penalty
_PENALTIES = np.geomspace(1e-4, 1e8, 49)
_RIDGE = 1e-10  # keeps inputs that move together from dividing by nothing
_SIMULATED = 200  # coefficient vectors for the standard error


class Smoother(NamedTuple):
    """A penalised regression in the coordinates in which design and penalty are both diagonal."""

    design: Floats  # (n_draws, n_columns) orthonormal
    roughness: Floats  # (n_columns,) nought for what no penalty touches


def smoother_of(columns: Floats) -> Smoother:
    """Return intercept and centred splines of every column that varies, made orthonormal.

    Parameters
    ----------
    columns : ndarray, shape (n_draws, n_inputs)
    """
    from scipy.linalg import block_diag, eigh
    from statsmodels.gam.api import BSplines

    parts, penalties = [np.ones((len(columns), 1))], [np.zeros((1, 1))]
    for column in columns[:, np.ptp(columns, axis=0) > 0].T:
        splines = BSplines((column - column.mean()) / column.std(), df=[SPLINE_COLUMNS + 1], degree=[3])
        parts.append(splines.basis - splines.basis.mean(axis=0))
        penalties.append(splines.penalty_matrices[0])
    design = np.hstack(parts)
    gram = design.T @ design
    gram[np.diag_indices_from(gram)] += _RIDGE * np.trace(gram) / len(gram)
    roughness, turn = eigh(block_diag(*penalties), gram)
    return Smoother(design @ turn, np.maximum(roughness, 0.0))


def fit(smoother: Smoother, values: Floats) -> tuple[Floats, Floats]:
    """Return fitted values, and how much of each coordinate is kept.

    Parameters
    ----------
    smoother : Smoother
    values : ndarray, shape (n_draws, n_options)

    Returns
    -------
    fitted : ndarray, shape (n_draws, n_options)
    kept : ndarray, shape (n_columns, n_options)
        From 0 to 1; sums to the degrees of freedom that each option has used.
    """
    n_draws = len(values)
    coordinates = smoother.design.T @ values
    kept = 1 / (1 + _PENALTIES[:, None] * smoother.roughness)  # (n_penalties, n_columns)
    total = (values**2).sum(axis=0)
    explained = np.einsum("pc,co->po", 2 * kept - kept**2, coordinates**2)
    score = (total - explained) / (n_draws - kept.sum(axis=1, keepdims=True)) ** 2
    best = kept[score.argmin(axis=0)].T
    return smoother.design @ (best * coordinates), best


def simulated_errors(smoother: Smoother, kept: Floats, residuals: Floats) -> Iterator[Floats]:
    """Yield errors that fitted values may have, all options at once.

    Parameters
    ----------
    smoother : Smoother
    kept : ndarray, shape (n_columns, n_options)
        From `fit`.
    residuals : ndarray, shape (n_draws, n_options)

    Yields
    ------
    ndarray, shape (n_draws, n_options)
    """
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

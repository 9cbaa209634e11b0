"""A smooth stand-in for a simulation: polynomials of a few inputs, fitted to simulated points.

Global indices of sensitivity take tens of thousands of points, a simulation gives hundreds. Polynomials
that are orthogonal on the cumulative probabilities stand between the two; how much of the simulated
variance they tell for points left out is part of the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LEAST_PER_TERM = 2  # simulated points for each coefficient
_MOST_DEGREE = 4


class Emulator(NamedTuple):
    """Polynomials of inputs that are uniform from 0 to 1."""

    terms: tuple[tuple[int, ...], ...]  # degree in each input
    coefficients: Floats
    explained: float  # share of the variance that is told for points left out; 1 where nothing varies

    def predict(self, sample: Floats) -> Floats:
        """Return the result at points, shape (n_points, n_inputs)."""
        return np.asarray(_design(sample, self.terms) @ self.coefficients)


def emulator_of(sample: Floats, values: Floats) -> Emulator:
    """Return the polynomials of the degree that tells most about points left out.

    Parameters
    ----------
    sample : ndarray, shape (n_points, n_inputs)
        Cumulative probabilities.
    values : ndarray, shape (n_points,)

    Returns
    -------
    Emulator
        `explained` is leave-one-out: 1 - sum of squared errors of each point when it is left out / total
        sum of squares, from the hat matrix. It can be below nought.

    Raises
    ------
    ValueError
        For fewer than two points for each coefficient of the polynomials of first degree.

    References
    ----------
    Sudret (2008), Global sensitivity analysis using polynomial chaos expansions, Reliability Engineering and
    System Safety 93, 964-979. Blatman and Sudret (2010), Probabilistic Engineering Mechanics 25, 183-197,
    for the leave-one-out error.
    """
    found = []
    for degree in range(1, _MOST_DEGREE + 1):
        terms = _terms(sample.shape[1], degree)
        if len(values) >= _LEAST_PER_TERM * len(terms):
            found.append(_fitted(sample, values, terms))
    if not found:
        raise ValueError(f"{len(values)} points are too few for {sample.shape[1]} inputs")
    return max(found, key=lambda one: one.explained)


def _terms(n_inputs: int, degree: int) -> tuple[tuple[int, ...], ...]:
    """Return all products of polynomials whose degrees add up to no more than `degree`."""
    return tuple(term for term in product(range(degree + 1), repeat=n_inputs) if sum(term) <= degree)


def _design(sample: Floats, terms: Sequence[tuple[int, ...]]) -> Floats:
    """Return products of Legendre polynomials, orthonormal on the unit cube; shape (n_points, n_terms)."""
    powers = np.array(terms)
    most = int(powers.max(initial=0))
    columns = np.polynomial.legendre.legvander(2 * sample - 1, most) * np.sqrt(2 * np.arange(most + 1) + 1)
    design = np.ones((len(sample), len(terms)))
    for i in range(sample.shape[1]):
        design *= columns[:, i, powers[:, i]]
    return design


def _fitted(sample: Floats, values: Floats, terms: tuple[tuple[int, ...], ...]) -> Emulator:
    design = _design(sample, terms)
    total = ((values - values.mean()) ** 2).sum()
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    coefficients = right.T @ ((left.T @ values) / singular)
    errors = (values - design @ coefficients) / (1 - (left**2).sum(axis=1)).clip(1e-9)
    explained = 1.0 if total == 0.0 else 1 - (errors**2).sum() / total
    return Emulator(terms, coefficients, float(explained))

"""Importance weights: smoothed, judged and resampled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from victimsmodel.pathway.arrays import Floats, Ints

_LEAST_TAIL = 5  # fewer weights do not tell a tail


class Weights(NamedTuple):
    """Normalised importance weights and what they are worth."""

    values: Floats  # (n,) sum to one
    effective: float  # number of independent draws that would do as well
    pareto_k: float  # shape of the tail of the raw weights; the smaller the better

    @property
    def is_reliable(self) -> bool:
        """Whether the tail is light enough for so many draws (Vehtari et al. 2024, section 3.2.4)."""
        return self.pareto_k < min(1 - 1 / np.log10(self.values.size), 0.7)


def smoothed(log_weights: Floats) -> Weights:
    """Return Pareto-smoothed weights.

    The largest weights are replaced by the expected order statistics of a generalised Pareto
    distribution that is fitted to them, cut at the largest raw weight.

    Parameters
    ----------
    log_weights : ndarray, shape (n,)
        Up to a constant.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao and Gabry (2024), Pareto smoothed importance sampling, Journal of
    Machine Learning Research 25(72), algorithm 1.
    """
    n = log_weights.size
    weights = np.exp(log_weights - log_weights.max())
    n_tail = int(min(0.2 * n, 3 * np.sqrt(n)))
    order = np.argsort(weights, kind="stable")
    tail, cut = order[n - n_tail :], float(weights[order[n - n_tail - 1]]) if n > n_tail else 0.0
    excess = weights[tail] - cut
    k = -np.inf
    if n_tail >= _LEAST_TAIL and excess[0] > 0:
        k, scale = fitted_pareto(excess)
        places = -np.log1p(-(np.arange(n_tail) + 0.5) / n_tail)
        with np.errstate(over="ignore"):  # of a tail without end; it is cut
            quantiles = scale * places if k == 0 else scale / k * np.expm1(k * places)
        weights[tail] = np.minimum(cut + quantiles, 1.0)
    values = weights / weights.sum()
    return Weights(values, float(1 / np.square(values).sum()), float(k))


def fitted_pareto(excess: Floats) -> tuple[float, float]:
    """Return shape and scale of a generalised Pareto distribution fitted to ascending exceedances.

    References
    ----------
    Zhang and Stephens (2009), A new and efficient estimation method for the generalized Pareto
    distribution, Technometrics 51(3); the shape is drawn to 0.5 by a prior worth 10 observations, as in
    Vehtari et al. (2024), appendix G.
    """
    n = excess.size
    n_grid = 30 + int(np.sqrt(n))
    theta = 1 - np.sqrt(n_grid / (np.arange(1, n_grid + 1) - 0.5))
    theta = theta / (3 * excess[int(n / 4 + 0.5) - 1]) + 1 / excess[-1]
    k = np.log1p(-theta[:, None] * excess).mean(axis=1)
    log_likelihood = n * (np.log(-theta / k) - k - 1)
    weights = np.exp(log_likelihood - log_likelihood.max())
    best = float((theta * weights).sum() / weights.sum())
    shape = float(np.log1p(-best * excess).mean())
    return (n * shape + 10 * 0.5) / (n + 10), -shape / best


def weighted_quantiles(values: Floats, weights: Floats, levels: tuple[float, ...]) -> Floats:
    """Return quantiles of weighted draws along the first axis, shape (n_levels, ...)."""
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    passed = np.cumsum(weights[order], axis=0) - weights[order] / 2
    columns = [
        np.interp(levels, passed[:, c], ordered[:, c]) for c in range(values.shape[1])
    ]  # one at a time: each has its own order
    return np.stack(columns, axis=-1)


def systematic(weights: Floats, n: int, generator: np.random.Generator) -> Ints:
    """Return `n` draws by systematic resampling: each is taken n times its weight, rounded up or down."""
    ends = np.cumsum(weights)
    return np.searchsorted(ends / ends[-1], (np.arange(n) + generator.random()) / n).astype(np.int64)

"""Distributions as tables: the mean, or the value, of each cell of equal probability."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from victimsmodel.pathway.arrays import N_CELLS, Floats, Ints

_SERVICE_TIME_CV = 0.35  # assumption: spread of handling times about their mean
_MOST_SESSIONS = 100


@lru_cache(maxsize=4096)
def beta_cells(mean: float, correlation: float) -> Floats:
    """Return the mean of a Beta distribution within each of its `N_CELLS` equal-probability cells.

    Parameters
    ----------
    mean : float
        Mean of the distribution.
    correlation : float
        Intra-class correlation 1 / (a + b + 1).

    Returns
    -------
    ndarray, shape (N_CELLS,)
        Increasing; averages to `mean`.
    """
    from scipy.special import betainc, betaincinv

    if mean > 0.5:  # the upper tail by reflection: quantiles next to 1 lose their digits
        return np.asarray(1 - beta_cells(1 - mean, correlation)[::-1])
    total = 1 / correlation - 1
    a, b = mean * total, (1 - mean) * total
    edges = betaincinv(a, b, np.arange(N_CELLS + 1) / N_CELLS)
    partial_mean = mean * betainc(a + 1, b, edges)
    return np.asarray(np.diff(partial_mean) * N_CELLS)


@lru_cache(maxsize=4096)
def session_cells(mean: float, dispersion: float) -> Ints:
    """Return sessions of a case by cell: one, and a negative binomial of the rest.

    The negative binomial has dispersion k: variance m + m^2 / k about its mean m = `mean` - 1.
    """
    from scipy.stats import nbinom

    rest = max(mean - 1, 1e-9)
    centres = (np.arange(N_CELLS) + 0.5) / N_CELLS
    found = 1 + nbinom.ppf(centres, dispersion, dispersion / (dispersion + rest))
    return np.minimum(found, _MOST_SESSIONS).astype(np.int64)


@lru_cache(maxsize=1)
def service_time_cells() -> Floats:
    """Return lognormal handling times relative to their mean, by cell, averaging to one."""
    from scipy.special import ndtri

    sigma = np.sqrt(np.log1p(_SERVICE_TIME_CV**2))
    cells = np.exp(sigma * ndtri((np.arange(N_CELLS) + 0.5) / N_CELLS))
    return np.asarray(cells / cells.mean())

"""Newey-West standard errors, and what short series need beyond them."""

from __future__ import annotations

import numpy as np

from victimsmodel.monitoring.counted import Floats

#: Two-sided 5 % critical value of the Bartlett kernel as a cubic in b (Kiefer and Vogelsang 2005, Econometric
#: Theory 21, 1130-1164, table 1); a test simulates it.
_FIXED_B = (1.96, 2.9694, 0.4160, -0.5324)


def newey_west_variance(influence: Floats, lags: int) -> Floats:
    """Return the Newey-West variance of sums, with Bartlett weights 1 - lag / (lags + 1).

    Parameters
    ----------
    influence : ndarray, shape (..., n_periods)
        What each period adds to the estimate: its weight times its residual.
    lags : int

    Returns
    -------
    ndarray, shape (...)

    References
    ----------
    Newey and West (1987), Econometrica 55, 703-708, equation 5.
    """
    variance = (influence**2).sum(axis=-1)
    for lag in range(1, lags + 1):
        pairs = (influence[..., lag:] * influence[..., :-lag]).sum(axis=-1)
        variance = variance + 2 * (1 - lag / (lags + 1)) * pairs
    return np.asarray(variance)


def small_sample_covariance(x: Floats, weights: Floats, residuals: Floats, lags: int) -> Floats:
    """Return the Newey-West covariance of coefficients with residuals divided by one minus leverage.

    A fitted line runs close to periods of high leverage (the ends, the change), whose residuals are
    therefore too small; the division undoes that (HC3 of MacKinnon and White 1985, Journal of Econometrics
    29, 305-325, here with autocovariances).

    Parameters
    ----------
    x : ndarray, shape (n, k)
    weights : ndarray, shape (n,)
        Of iterated least squares: the variance of each count; ones for values.
    residuals : ndarray, shape (n,)
        Observed minus fitted counts, or values.
    lags : int

    Returns
    -------
    ndarray, shape (k, k)
    """
    bread = np.linalg.inv(x.T @ (x * weights[:, None]))
    leverage = weights * np.einsum("ti,ij,tj->t", x, bread, x)
    scores = x * (residuals / (1 - leverage))[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        pairs = scores[lag:].T @ scores[:-lag]
        meat = meat + (1 - lag / (lags + 1)) * (pairs + pairs.T)
    return np.asarray(bread @ meat @ bread)


def fixed_b_widening(n_periods: int, lags: int) -> float:
    """Return the factor on critical values when lags are many for the length of the series.

    References
    ----------
    Kiefer and Vogelsang (2005), Econometric Theory 21, 1130-1164: with b = (lags + 1) / n held fixed, t
    statistics spread wider than the normal distribution says.
    """
    b = (lags + 1) / n_periods
    return float(np.polynomial.polynomial.polyval(b, _FIXED_B) / _FIXED_B[0])

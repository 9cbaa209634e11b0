"""Regressions of short series with errors that depend on each other, through statsmodels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from victimsmodel.monitoring.counted import Floats
from victimsmodel.monitoring.newey_west import fixed_b_widening, small_sample_covariance
from victimsmodel.monitoring.segments import Segments, default_lags

_MOST_ROUNDS, _CLOSE = 200, 1e-10
_TOLERANCE = 1e-12  # of the deviance, where iterations stop
_STEADIEST = 0.98  # beyond this autocorrelation a level change cannot be told from a random walk


class Fitted(NamedTuple):
    """Coefficients with their covariance."""

    estimates: Floats  # (k,)
    covariance: Floats  # (k, k)
    freedom: int  # periods minus terms
    widening: float  # of the critical value of the t distribution; 1 but for small_sample
    scale: str  # odds, rate or value: what the coefficients are of
    unit: str  # share, rate or value: what the series is
    errors: str  # in words
    dispersion: float
    autocorrelation: float


def fit_shares(events: Floats, trials: Floats, x: Floats, segments: Segments) -> Fitted:
    """Return a logistic regression of events out of trials, each of shape (n,), on columns (n, k)."""
    import statsmodels.api as sm

    model = sm.GLM(np.column_stack([events, trials - events]), x, family=sm.families.Binomial())
    means = model.fit(tol=_TOLERANCE).fittedvalues
    raw = _Raw(events - trials * means, trials * means * (1 - means))
    return _of_glm(model, raw, segments, "odds", "share")


def fit_counts(events: Floats, exposure: Floats, x: Floats, segments: Segments) -> Fitted:
    """Return a Poisson regression of events with exposure, each of shape (n,), on columns (n, k)."""
    import statsmodels.api as sm

    model = sm.GLM(events, x, family=sm.families.Poisson(), offset=np.log(exposure))
    means = model.fit(tol=_TOLERANCE).fittedvalues
    return _of_glm(model, _Raw(events - means, means), segments, "rate", "rate")


class _Raw(NamedTuple):
    """Residuals of counts, and their variances if chance were all."""

    residuals: Floats  # (n,)
    variances: Floats  # (n,)


def _of_glm(model: Any, raw: _Raw, segments: Segments, scale: str, unit: str) -> Fitted:
    n, k = model.exog.shape
    pearson = raw.residuals / np.sqrt(raw.variances)
    dispersion = float(pearson @ pearson / (n - k))
    lags = default_lags(n) if segments.lags is None else segments.lags
    widening = 1.0
    found = model.fit(scale=1.0, tol=_TOLERANCE)
    if segments.errors == "dispersion":
        # not scale="X2": statsmodels forgets the trials of a binomial there
        covariance, errors = found.cov_params() * dispersion, f"over-dispersion of {dispersion:.2f}"
    elif segments.errors == "small_sample":
        covariance = small_sample_covariance(model.exog, raw.variances, raw.residuals, lags)
        widening, errors = fixed_b_widening(n, lags), _small_sample_words(lags)
    else:
        robust = {"maxlags": lags, "use_correction": True}
        found = model.fit(cov_type="HAC", cov_kwds=robust, use_t=True, tol=_TOLERANCE)
        covariance, errors = found.cov_params(), _newey_west_words(lags)
    estimates = np.asarray(found.params)
    told = (widening, scale, unit, errors, dispersion, _neighbours(pearson))
    return Fitted(estimates, np.asarray(covariance), n - k, *told)


def _small_sample_words(lags: int) -> str:
    return f"Newey-West with {lags} lags, leverage and fixed-b critical values"


def _newey_west_words(lags: int) -> str:
    return f"Newey-West with {lags} lags, times n / (n - k)"


def fit_values(values: Floats, x: Floats, segments: Segments, unit: str) -> Fitted:
    """Return a linear regression of values, shape (n,), on columns (n, k)."""
    import statsmodels.api as sm

    n, k = x.shape
    model = sm.OLS(values, x)
    found = model.fit()
    estimates, covariance = found.params, found.cov_params()
    lags, widening = default_lags(n) if segments.lags is None else segments.lags, 1.0
    if segments.errors == "ar1":
        estimates, covariance, rho = prais_winsten(values, x)
        errors = f"Prais-Winsten, errors follow the last one at {rho:+.2f}"
    elif segments.errors == "dispersion":
        errors = "independent, of one size"
    elif segments.errors == "small_sample":
        covariance = small_sample_covariance(x, np.ones(n), found.resid, lags)
        widening, errors = fixed_b_widening(n, lags), _small_sample_words(lags)
    else:
        robust = {"maxlags": lags, "use_correction": True}
        covariance = model.fit(cov_type="HAC", cov_kwds=robust, use_t=True).cov_params()
        errors = _newey_west_words(lags)
    told = (widening, "value", unit, errors, float("nan"), _neighbours(values - x @ estimates))
    return Fitted(np.asarray(estimates), np.asarray(covariance), n - k, *told)


def _neighbours(residuals: Floats) -> float:
    """Return the correlation of neighbouring residuals, whose mean is taken as 0."""
    return float(residuals[1:] @ residuals[:-1] / (residuals @ residuals))


def prais_winsten(values: Floats, x: Floats) -> tuple[Floats, Floats, float]:
    """Return coefficients, covariance and autocorrelation under errors of first order.

    Regression of what remains of each row after rho times the row before; the first row is kept with
    weight sqrt(1 - rho^2) (statsmodels' GLSAR drops it). Rho is the regression of residuals on the
    residuals before, and both are found in turn until rho stands still.

    References
    ----------
    Prais and Winsten (1954), Cowles Commission Discussion Paper 383.
    """
    import statsmodels.api as sm

    rho = 0.0
    for _ in range(_MOST_ROUNDS):
        found = sm.OLS(_whitened(values, rho), _whitened(x, rho)).fit()
        residuals = values - x @ found.params
        before, rho = rho, float(residuals[1:] @ residuals[:-1] / (residuals[:-1] @ residuals[:-1]))
        rho = float(np.clip(rho, -_STEADIEST, _STEADIEST))
        if abs(rho - before) < _CLOSE:
            break
    found = sm.OLS(_whitened(values, rho), _whitened(x, rho)).fit()
    return np.asarray(found.params), np.asarray(found.cov_params()), rho


def _whitened(rows: Floats, rho: float) -> Floats:
    return np.concatenate([rows[:1] * np.sqrt(1 - rho**2), rows[1:] - rho * rows[:-1]])

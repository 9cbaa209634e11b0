"""Power before a change: how likely a planned interrupted series is to show a stated effect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from victimsmodel.errors import input_error
from victimsmodel.monitoring.asked import Asked
from victimsmodel.monitoring.counted import Floats
from victimsmodel.monitoring.newey_west import fixed_b_widening, newey_west_variance
from victimsmodel.monitoring.outcomes import wilson
from victimsmodel.monitoring.segments import Effect, Segments, default_lags, design

PowerErrors = Literal["small_sample", "newey_west", "dispersion"]
_WHERE = "planned series"
_ROUNDS = 12  # of iterated weighted least squares; the last changes coefficients below rounding
_FARTHEST = 30.0  # log odds; beyond it a share is 0 or 1 to rounding
_SETTLING = 50  # steps for the disturbance to forget its start


class PlannedSeries(Asked):
    """A quarterly series of shares that is planned to be analysed by segmented regression.

    ``dispersion`` is how many times larger than binomial the variance of a share is (Laney's sigma_z,
    squared); what is beyond 1 comes from disturbances of the log odds that follow the last one with
    ``autocorrelation``.
    """

    called: ClassVar[str] = _WHERE

    periods_before: int = Field(ge=3, le=400)
    periods_after: int = Field(ge=2, le=400)
    share: float = Field(gt=0, lt=1)  # without the change
    trials: int = Field(ge=1)  # in each period
    level_change: float  # of the share, as a difference; from the first period after
    slope_change: float = 0.0  # of the share, a period
    dispersion: float = Field(default=1.0, ge=1)
    autocorrelation: float = Field(default=0.0, gt=-1, lt=1)
    effect: Effect = "level"  # what is estimated
    trend: bool = True


class Power(NamedTuple):
    """What repeated simulation found."""

    power: float  # share of series in which the effect is told from none
    power_low: float  # 95 % Wilson interval of the simulation
    power_high: float
    type_1_error: float  # the same share when there is no effect; 0.05 if the test is honest
    type_1_low: float
    type_1_high: float
    adjusted_power: float  # with the critical value that makes the type 1 error 5 %
    wrong_sign: float  # share of series told from none with the wrong sign
    mean_effect: float  # average estimate, difference of shares over the periods after
    true_effect: float
    words: str


def impact_power(
    planned: PlannedSeries,
    errors: PowerErrors = "small_sample",
    *,
    n_simulations: int = 2000,
    seed: int = 1,
) -> Power:
    """Return the probability that a planned series shows its effect, at the 5 % level, two-sided.

    The series is simulated and analysed as `interrupted_series` would: logistic regression with level or
    slope change and the same standard errors and critical values. The effect tested is the average of
    the change over the periods after, on the log odds.

    Parameters
    ----------
    planned : PlannedSeries
    errors : str
        As in `Segments`.
    n_simulations : int
        Series with the effect, and as many without it.
    seed : int

    Raises
    ------
    InputError
        If the effect leads to shares outside 0 to 1 (VM160), or the series is too short (VM157).

    References
    ----------
    Zhang, Wagner and Ross-Degnan (2011), Sample size calculation for time series analyses, Journal of
    Clinical Epidemiology 64, 1252-1261 (power by simulation).
    """
    if n_simulations < 100:
        raise input_error(
            _WHERE, "must be at least 100", "VM160", field="n_simulations", value=f"{n_simulations}"
        )
    n, before = planned.periods_before + planned.periods_after, planned.periods_before
    columns = design(n, before, Segments(effect=planned.effect, trend=planned.trend), _WHERE)
    since = np.arange(n) - before
    change = np.where(since >= 0, planned.level_change + planned.slope_change * since, 0.0)
    target = planned.share + change
    if not ((target > 0) & (target < 1)).all():
        allowed = f"leads to shares from {target.min():.3f} to {target.max():.3f}; must stay between 0 and 1"
        raise input_error(_WHERE, allowed, "VM160", field="level_change", value=f"{planned.level_change:g}")
    rng = np.random.default_rng(seed)
    contrast = (columns.factual - columns.counterfactual)[columns.is_after].mean(axis=0)
    found = []
    for shares in (target, np.full(n, planned.share)):
        events = _drawn(planned, shares, n_simulations, rng)
        found.append(_tested(events, planned.trials, columns.factual, contrast, errors))
    with_effect, without = found
    after = columns.is_after
    estimated = with_effect.difference(columns.factual, columns.counterfactual)[:, after].mean()
    return _summary(planned, with_effect, without, float(estimated), float(change[after].mean()))


class _Tested(NamedTuple):
    coefficients: Floats  # (n_simulations, k)
    estimate: Floats  # (n_simulations,) of the contrast, log odds
    error: Floats  # its standard error
    critical: float  # of the t distribution

    @property
    def distance(self) -> Floats:
        """Absolute estimate in standard errors, (n_simulations,)."""
        return np.asarray(np.abs(self.estimate) / self.error)

    def difference(self, factual: Floats, counterfactual: Floats) -> Floats:
        """Return fitted minus counterfactual shares, (n_simulations, n_periods)."""
        now, without = (1 / (1 + np.exp(-self.coefficients @ x.T)) for x in (factual, counterfactual))
        return np.asarray(now - without)


def _drawn(planned: PlannedSeries, shares: Floats, n_simulations: int, rng: np.random.Generator) -> Floats:
    """Return simulated events, shape (n_simulations, n_periods)."""
    n = len(shares)
    # variance of a share: p (1 - p) / trials from chance, (p (1 - p) sd)^2 from disturbances of log odds
    spread = np.sqrt((planned.dispersion - 1) / (planned.trials * planned.share * (1 - planned.share)))
    rho = planned.autocorrelation
    shocks = rng.standard_normal((n_simulations, _SETTLING + n)) * np.sqrt(1 - rho**2)
    disturbance = np.empty_like(shocks)
    disturbance[:, 0] = shocks[:, 0]
    for t in range(1, _SETTLING + n):
        disturbance[:, t] = rho * disturbance[:, t - 1] + shocks[:, t]
    odds = np.log(shares / (1 - shares)) + spread * disturbance[:, _SETTLING:]
    return rng.binomial(planned.trials, 1 / (1 + np.exp(-odds))).astype(np.float64)


def _tested(events: Floats, trials: float, x: Floats, contrast: Floats, errors: str) -> _Tested:
    """Fit a logistic regression to each row of events and test a contrast of its coefficients."""
    from scipy.stats import t

    n, k = x.shape
    share = (events.mean(axis=1) + 0.25) / (trials + 0.5)
    coefficients = np.zeros((len(events), k))
    coefficients[:, 0] = np.log(share / (1 - share))
    for _ in range(_ROUNDS):
        means = 1 / (1 + np.exp(-np.clip(coefficients @ x.T, -_FARTHEST, _FARTHEST)))
        weights = trials * means * (1 - means)
        information = np.einsum("ti,st,tj->sij", x, weights, x)
        score = (events - trials * means) @ x
        coefficients += np.linalg.solve(information, score[..., None])[..., 0]
    means = 1 / (1 + np.exp(-np.clip(coefficients @ x.T, -_FARTHEST, _FARTHEST)))
    weights = trials * means * (1 - means)
    bread = np.linalg.inv(np.einsum("ti,st,tj->sij", x, weights, x))
    direction, residuals = bread @ contrast, events - trials * means
    lags, critical = default_lags(n), float(t.ppf(0.975, n - k))
    if errors == "dispersion":
        dispersion = (residuals**2 / weights).sum(axis=1) / (n - k)
        variance = dispersion * (direction @ contrast)
    elif errors == "small_sample":
        leverage = weights * np.einsum("ti,sij,tj->st", x, bread, x)
        variance = newey_west_variance((direction @ x.T) * residuals / (1 - leverage), lags)
        critical *= fixed_b_widening(n, lags)
    else:
        variance = newey_west_variance((direction @ x.T) * residuals, lags) * n / (n - k)
    return _Tested(coefficients, coefficients @ contrast, np.sqrt(variance), critical)


def _summary(
    planned: PlannedSeries, found: _Tested, without: _Tested, estimated: float, true_effect: float
) -> Power:
    n = len(found.estimate)
    is_told = found.distance > found.critical
    honest = float(np.quantile(without.distance, 0.95))
    power, error = float(is_told.mean()), float((without.distance > without.critical).mean())
    low, high = wilson([power * n, error * n], [n, n])
    is_wrong = is_told & (np.sign(found.estimate) != np.sign(true_effect))
    wrong = float(is_wrong.mean()) if true_effect else 0.0
    words = (
        f"{planned.periods_before} periods before, {planned.periods_after} after, {planned.trials:,} victims"
        f" each: an effect of {100 * true_effect:+.1f} points on {100 * planned.share:.0f}% would be seen"
        f" in {100 * power:.0f}% of such series; with no effect, one would be claimed in {100 * error:.0f}%."
    )
    if low[1] > 0.05:
        words += " More than the nominal 5%: this test claims too much in so short a series."
    return Power(
        power,
        float(low[0]),
        float(high[0]),
        error,
        float(low[1]),
        float(high[1]),
        float((found.distance > honest).mean()),
        wrong,
        estimated,
        true_effect,
        words,
    )


def power_curve(
    planned: PlannedSeries,
    periods_after: Sequence[int],
    level_changes: Sequence[float],
    *,
    n_simulations: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """Return power by how long one waits and how large the effect is.

    Returns
    -------
    DataFrame
        Columns periods_after, level_change, and those of `Power` but words; one row for each pair.
    """
    rows = []
    for change in level_changes:
        for n_after in periods_after:
            changed = {"periods_after": int(n_after), "level_change": float(change)}
            found = impact_power(
                PlannedSeries(**{**planned.model_dump(), **changed}), n_simulations=n_simulations, seed=seed
            )._asdict()
            rows.append({**changed, **{name: x for name, x in found.items() if name != "words"}})
    return pd.DataFrame(rows)

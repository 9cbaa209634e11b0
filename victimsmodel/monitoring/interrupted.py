"""What a change did to a series: interrupted time series by segmented regression."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.disclosure.observed_counts import ObservedCounts
from victimsmodel.disclosure.release import release
from victimsmodel.errors import input_error
from victimsmodel.monitoring.counted import (
    Floats,
    counted,
    labels_of,
    numbers,
    require_columns,
    rows_of,
    shown_rows,
)
from victimsmodel.monitoring.fitting import Fitted, fit_counts, fit_shares, fit_values
from victimsmodel.monitoring.segments import Design, Segments, design

_WHERE = "interrupted series"
_COUNTS = ("events", "trials", "exposure")
_LEVEL = 0.95
_STEADY = 0.6  # dispersion below which a short series scatters less than chance would


class Impact(NamedTuple):
    """What a change did, as tables."""

    #: term, estimate, standard_error, low, high, p_value; and ratio, ratio_low, ratio_high for odds or rates.
    terms: pd.DataFrame
    #: period, is_after, observed, fitted, counterfactual (with _low, _high), effect (with _low, _high).
    series: pd.DataFrame
    average: tuple[float, float, float]  # effect over the periods after: middle, low, high
    extra: tuple[float, float, float]  # events beyond the counterfactual; NaN for values
    unit: str  # share, rate or value: what the series is
    errors: str  # how standard errors were made, with lags
    dispersion: float  # Pearson chi-square over degrees of freedom; NaN for values
    autocorrelation: float  # of neighbouring residuals
    words: tuple[str, ...]

    @property
    def is_share(self) -> bool:
        """Whether the series is of shares, so that effects are differences of them."""
        return self.unit == "share"


class _Projected(NamedTuple):
    """A design's prediction in the unit of the series, with its slope in the coefficients."""

    mean: Floats  # (n,)
    slope: Floats  # (n, k)


def interrupted_series(
    table: pd.DataFrame | ObservedCounts, change: str, segments: Segments | None = None
) -> Impact:
    """Estimate what a change did to a series.

    Parameters
    ----------
    table : DataFrame or ObservedCounts
        Rows in order of time, none missing. Observed counts are released first: everything is computed from
        what may be shown, and a period with a hidden count is left out, as those of a transition are.
        Column period and either events and trials (logistic regression of shares), events and exposure
        (Poisson regression of rates), or value (linear). ``ar1`` errors fit shares and rates on a straight
        scale.
    change : str
        First period under the new way of working.
    segments : Segments, optional
        Level and slope change with errors for short series by default.

    Returns
    -------
    Impact
        Intervals are 95 %, from the t distribution with periods minus terms degrees of freedom (and wider
        critical values with errors for short series).

    Raises
    ------
    InputError
        For numbers that cannot be (VM155), an unknown period (VM156), a series that is too short (VM157), or
        one that has no event on a side (VM158).

    References
    ----------
    Wagner, Soumerai, Zhang and Ross-Degnan (2002), Journal of Clinical Pharmacy and Therapeutics 27,
    299-309; Lopez Bernal, Cummins and Gasparrini (2017), International Journal of Epidemiology 46,
    348-355. Standard errors: see `newey_west`.
    """
    chosen = segments or Segments()
    released = release(table) if isinstance(table, ObservedCounts) else table
    require_columns(released, ("period",), _WHERE)
    shown = shown_rows(released, "period", _COUNTS, _WHERE)
    labels = labels_of(released, "period", _WHERE)
    place = rows_of(labels, [change], "change", _WHERE)[0]
    columns = design(len(labels), place, chosen, _WHERE)
    table, columns = _without(released, columns, np.isin(labels, shown.hidden))
    labels = labels_of(table, "period", _WHERE)
    fitted, weights, observed = _fit(table, columns, chosen)
    now, without = (_project(x, fitted) for x in (columns.factual, columns.counterfactual))
    series = pd.DataFrame({"period": labels, "is_after": columns.is_after, "is_used": columns.is_used})
    series["observed"], series["fitted"] = observed, now.mean
    _add_band(series, "counterfactual", columns.counterfactual, fitted)
    _add_interval(series, "effect", _Projected(now.mean - without.mean, now.slope - without.slope), fitted)
    after = np.where(columns.is_after, weights, 0.0)
    average = _combined(now, without, after / after.sum(), fitted)
    is_counted = fitted.scale != "value" or "events" in table.columns
    extra = _combined(now, without, after, fitted) if is_counted else (float("nan"),) * 3
    words = (*_words(change, average, extra, fitted), *shown.remarks)
    found = (_terms(columns.names, fitted), series, average, extra)
    return Impact(*found, fitted.unit, fitted.errors, fitted.dispersion, fitted.autocorrelation, words)


def _without(
    table: pd.DataFrame, columns: Design, is_hidden: NDArray[np.bool_]
) -> tuple[pd.DataFrame, Design]:
    """Leave periods out of table and design; the time of the others stays as it is."""
    if not is_hidden.any():
        return table, columns
    kept = ~is_hidden
    without = (columns.factual[kept], columns.counterfactual[kept])
    return table[kept], Design(columns.names, *without, columns.is_after[kept], columns.is_used[kept])


def _fit(table: pd.DataFrame, columns: Design, segments: Segments) -> tuple[Fitted, Floats, Floats]:
    """Return the fit, the weight of each period (its trials or exposure) and what was observed."""
    x, used = columns.factual[columns.is_used], columns.is_used
    if "trials" in table.columns:
        shares = counted(table, "period", _WHERE)
        _refuse_no_events(shares.events, shares.trials, columns)
        if segments.errors == "ar1":
            return fit_values(shares.shares[used], x, segments, "share"), shares.trials, shares.shares
        return fit_shares(shares.events[used], shares.trials[used], x, segments), shares.trials, shares.shares
    if "events" in table.columns:
        require_columns(table, ("events", "exposure"), _WHERE)
        events, exposure = (numbers(table, name, _WHERE) for name in ("events", "exposure"))
        for name, found in (("events", events < 0), ("exposure", exposure <= 0)):
            if found.any():
                row = int(np.flatnonzero(found)[0]) + 1
                allowed = "must be at least 0" if name == "events" else "must be above 0"
                raise input_error(f"{_WHERE}, row {row}", allowed, "VM155", field=name)
        _refuse_no_events(events, np.full(len(events), np.inf), columns)
        if segments.errors == "ar1":
            return fit_values((events / exposure)[used], x, segments, "rate"), exposure, events / exposure
        return fit_counts(events[used], exposure[used], x, segments), exposure, events / exposure
    require_columns(table, ("value",), _WHERE)
    values = numbers(table, "value", _WHERE)
    return fit_values(values[used], x, segments, "value"), np.ones(len(values)), values


def _refuse_no_events(events: Floats, trials: Floats, columns: Design) -> None:
    """Refuse a side on which nothing or everything happened: its odds have no estimate."""
    for name, side in (("before", columns.is_used & ~columns.is_after), ("after", columns.is_after)):
        if events[side].sum() == 0 or (events[side] == trials[side]).all():
            allowed = f"has no event, or events only, {name} the change: its odds cannot be estimated"
            raise input_error(_WHERE, allowed, "VM158")


def _mean(linear: Floats, scale: str) -> Floats:
    """Return the mean of the series at values of the linear predictor."""
    return 1 / (1 + np.exp(-linear)) if scale == "odds" else np.exp(linear) if scale == "rate" else linear


def _project(x: Floats, fitted: Fitted) -> _Projected:
    mean = _mean(x @ fitted.estimates, fitted.scale)
    steepness = {"odds": mean * (1 - mean), "rate": mean}.get(fitted.scale, np.ones_like(mean))
    return _Projected(mean, x * steepness[:, None])


def _critical(fitted: Fitted) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + _LEVEL) / 2, fitted.freedom)) * fitted.widening


def _add_interval(series: pd.DataFrame, name: str, found: _Projected, fitted: Fitted) -> None:
    """Add a prediction with its interval by the delta method, on the scale of the series."""
    reach = _critical(fitted) * _standard_error(found.slope, fitted)
    series[name] = found.mean
    series[f"{name}_low"], series[f"{name}_high"] = found.mean - reach, found.mean + reach


def _add_band(series: pd.DataFrame, name: str, x: Floats, fitted: Fitted) -> None:
    """Add a prediction with its interval made where the model is linear, so that shares stay shares."""
    linear, reach = x @ fitted.estimates, _critical(fitted) * _standard_error(x, fitted)
    for suffix, end in (("", linear), ("_low", linear - reach), ("_high", linear + reach)):
        series[name + suffix] = _mean(end, fitted.scale)


def _standard_error(slope: Floats, fitted: Fitted) -> Floats:
    return np.asarray(np.sqrt(np.einsum("ti,ij,tj->t", slope, fitted.covariance, slope).clip(0)))


def _combined(
    now: _Projected, without: _Projected, weights: Floats, fitted: Fitted
) -> tuple[float, float, float]:
    """Return a weighted sum of effects with its interval by the delta method."""
    middle = float(weights @ (now.mean - without.mean))
    slope = weights @ (now.slope - without.slope)
    reach = _critical(fitted) * float(np.sqrt(max(float(slope @ fitted.covariance @ slope), 0.0)))
    return middle, middle - reach, middle + reach


def _terms(names: tuple[str, ...], fitted: Fitted) -> pd.DataFrame:
    from scipy.stats import t

    errors: Floats = np.asarray(np.sqrt(np.diag(fitted.covariance)))
    table = pd.DataFrame({"term": names, "estimate": fitted.estimates, "standard_error": errors})
    reach = _critical(fitted) * errors
    table["low"], table["high"] = fitted.estimates - reach, fitted.estimates + reach
    distance = np.abs(np.asarray(fitted.estimates, np.float64)) / (errors * fitted.widening)
    table["p_value"] = 2 * t.sf(distance, fitted.freedom)
    if fitted.scale in ("odds", "rate"):
        for end, name in (("estimate", "ratio"), ("low", "ratio_low"), ("high", "ratio_high")):
            table[name] = np.exp(table[end].to_numpy())
    return table


def _words(change: str, average: Any, extra: Any, fitted: Fitted) -> tuple[str, ...]:
    """Say what was found, how sure it is, and what the design cannot rule out."""
    is_share = fitted.unit == "share"
    factor, unit = (100.0, " percentage points") if is_share else (1.0, "")
    middle, low, high = (factor * x for x in average)
    more = "higher" if middle > 0 else "lower"
    verb = "was" if low > 0 or high < 0 else "may have been"
    digits = ".1f" if is_share else ".4g"
    told = [
        f"From {change} the {fitted.unit} {verb} {abs(middle):{digits}}{unit} {more} on average than without"
        f" the change (95% interval {low:+{digits}} to {high:+{digits}})."
    ]
    if np.isfinite(extra[0]):
        told.append(
            f"That is {extra[0]:+,.0f} events over these periods ({extra[1]:+,.0f} to {extra[2]:+,.0f})."
        )
    if low <= 0 <= high:
        told.append("The interval includes no effect: neither an effect nor its absence is shown.")
    near = f"{fitted.autocorrelation:+.2f}"
    told.append(f"Standard errors: {fitted.errors}. Neighbouring residuals correlate at {near}.")
    if fitted.dispersion < _STEADY:
        told.append(
            f"Residuals scatter less than chance (dispersion {fitted.dispersion:.2f}), which narrows the"
            " interval: ask whether cases are counted more than once."
        )
    told.append("Whatever else changed at the same time is part of this: there is no comparison series.")
    return tuple(told)

"""Level shifts in quarterly counts: where a series moves to another level and stays there.

A shift is what a change of recording practice looks like. It is told from a slow trend by fitting a straight
line with a step to the two years on either side of each date, robustly, so that a single odd quarter neither
makes a shift nor hides a clear one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Quarters on either side that are looked at, and that must be observed.
WINDOW, LEAST_OBSERVED = 8, 4
_SMALLEST = float(np.log(1.25))  # a quarter more, or a fifth less
_SMALLEST_RAMP = float(np.log(1.4))  # a move that takes a year is nearer to a trend
_LENGTHS = (1, 4)  # quarters that a move may take
_SMALLEST_T = 6.0  # step over its standard error; the best of 33 dates is looked for, hence above 2
_PROMISING_T = 1.5  # of least squares; below it no weights make a shift
_RAMP_CLEARNESS = 0.75  # a move of a year needs a t of 8: a step is the simpler story
_ODD_CLEARNESS = 0.65  # a shift beside an odd quarter needs a t of 9.2
_HUBER = 1.345  # 95 % efficient if errors are normal (Huber 1964)
_COLUMNS = ["series", "quarter", "size", "t", "quarters"]
_MAD_TO_SD = 1.4826
_MOST_SHIFTS = 4  # in one series
_FEWEST = 20.0  # counts a quarter; below it chance alone moves a series by a quarter


class Steps(NamedTuple):
    """The step at each date; shape (n_dates, n_series), 0 where there is none or too little to see."""

    size: Floats
    t: Floats
    clearness: Floats  # t without sign, less for a move of a year and for a side with an odd quarter


class Shift(NamedTuple):
    """One series moves to another level."""

    series: int
    date: int  # first quarter of the new level; the middle if the move takes a year
    size: float
    t: float
    quarters: int


def find_level_shifts(counts: pd.DataFrame, common: pd.DataFrame | None = None) -> pd.DataFrame:
    """Find dates at which quarterly series move to another level and stay there for a year or more.

    Parameters
    ----------
    counts : DataFrame
        Counts by quarter (a PeriodIndex without holes) and series (any columns); NaN is missing.
    common : DataFrame, optional
        What all series share, as logarithms, in the same shape (for instance the median of all forces): it is
        taken off, so that a lockdown is not found in every force.

    Returns
    -------
    DataFrame
        One row a shift, by size: ``series`` (the column), ``quarter`` (first of the new level; the middle if
        the move takes a year), ``size`` (log ratio after/before, trend and season apart), ``t`` (size over
        its standard error), ``quarters`` (1, or 4 if the move takes a year).

    Notes
    -----
    A shift needs four observed quarters on either side, which must not overlap, but for one odd quarter, once
    season and trend are taken off. Series of fewer than 20 a quarter (median) are not looked at.

    References
    ----------
    Huber (1964), Annals of Mathematical Statistics 35, 73-101, for the weights.
    """
    values = counts.to_numpy(dtype=np.float64)
    median = np.full(values.shape[1], -np.inf)
    seen = ~np.isnan(values).all(axis=0)
    median[seen] = np.nanmedian(values[:, seen], axis=0)
    columns = np.flatnonzero(median >= _FEWEST)
    if not len(columns) or len(values) < 2 * LEAST_OBSERVED:
        return pd.DataFrame(columns=_COLUMNS)
    y = np.log(np.maximum(values[:, columns], 0.0) + 0.5)
    y[np.isnan(values[:, columns])] = np.nan
    if common is not None:
        y = y - common.to_numpy(dtype=np.float64)[:, columns]
    y = y - _season(y, counts.index.quarter.to_numpy())
    found = _all_shifts(y, 1 / np.sqrt(median[columns]))
    rows = [
        (counts.columns[columns[shift.series]], counts.index[shift.date], *shift[2:])
        for shift in sorted(found, key=lambda shift: -abs(shift.size))
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _season(y: Floats, quarter: NDArray[np.int64]) -> Floats:
    """Return the usual difference of each quarter of the year from the five around it."""
    n = len(y)
    around = np.full((5, *y.shape), np.nan)
    for k in range(-2, 3):
        inside = slice(max(0, -k), min(n, n - k))
        around[k + 2, inside] = y[max(0, k) : min(n, n + k)]
    difference = y - nanmedian(around)
    season = np.zeros_like(y)
    for q in range(1, 5):
        season[quarter == q] = np.nan_to_num(nanmedian(difference[quarter == q]))
    return season


def _all_shifts(y: Floats, chance: Floats) -> list[Shift]:
    """Take off the clearest shift of every series, and look again."""
    y = y.copy()
    shifts: list[Shift] = []
    active = np.arange(y.shape[1])
    near: list[tuple[int, int]] = []
    for _ in range(_MOST_SHIFTS):
        if not len(active):
            break
        tried = [(length, _steps(y[:, active], chance[active], length)) for length in _LENGTHS]
        for _, steps in tried:
            for k, date in near:  # two shifts within a year are one
                steps.clearness[max(0, date - 3) : date + 4, active == k] = 0.0
        clearness = np.stack([steps.clearness for _, steps in tried])
        best = clearness.reshape(-1, len(active)).argmax(axis=0)
        which, date = np.divmod(best, len(y))
        clear = clearness[which, date, np.arange(len(active))] >= _SMALLEST_T
        for i in np.flatnonzero(clear):
            length, steps = tried[which[i]]
            size, at = float(steps.size[date[i], i]), int(date[i])
            middle = at + length // 2
            shifts.append(Shift(int(active[i]), middle, size, float(steps.t[at, i]), length))
            near += [(int(active[i]), at), (int(active[i]), middle)]
            y[:, active[i]] -= size * _step(np.arange(len(y)) - at, length)
        active = active[clear]
    return shifts


def _step(time: NDArray[Any], length: int) -> Floats:
    """Return 0 before the date and 1 once the move, of so many quarters, is over."""
    return np.clip((time + 1) / length, 0.0, 1.0)


def _steps(y: Floats, chance: Floats, length: int) -> Steps:
    """Fit level, slope and step around every date, to all series and dates at once."""
    n, n_series = y.shape
    size, t, clearness = np.zeros((3, n * n_series))
    time = np.arange(-WINDOW, WINDOW + length - 1)
    is_before, is_after = time < 0, time >= length - 1
    edge = np.full((WINDOW + length, n_series), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([edge[:WINDOW], y, edge]), len(time), 0)
    part = windows[:n].transpose(2, 0, 1).reshape(len(time), -1)  # (time, date and series)
    observed = ~np.isnan(part)
    k = np.flatnonzero(
        (observed[is_before].sum(axis=0) >= LEAST_OBSERVED)
        & (observed[is_after].sum(axis=0) >= LEAST_OBSERVED)
        & observed[(time >= 0) & (time < length)].all(axis=0)  # the move itself was seen
    )
    least = _SMALLEST if length == 1 else _SMALLEST_RAMP
    design = np.column_stack([np.ones(len(time)), time / WINDOW, _step(time, length)])
    k = k[np.abs(_difference(part[:, k], is_before, is_after)) >= least / 2]
    fit, error = _robust_fit(design, part[:, k], chance[k % n_series], 1)
    k = k[np.abs(fit[:, 2]) >= np.maximum(least / 2, _PROMISING_T * error)]
    fit, error = _robust_fit(design, part[:, k], chance[k % n_series], 4)
    flat = part[:, k] - design[:, 1:2] * fit[:, 1]
    apart = _are_apart(flat[is_before][::-1], flat[is_after], np.sign(fit[:, 2]))
    size[k], t[k] = fit[:, 2], fit[:, 2] / error
    clearness[k] = np.where(np.abs(size[k]) >= least, np.abs(t[k]) * apart, 0.0)
    if length > 1:
        clearness *= _RAMP_CLEARNESS
    return Steps(*(values.reshape(n, n_series) for values in (size, t, clearness)))


def _difference(part: Floats, is_before: NDArray[Any], is_after: NDArray[Any]) -> Floats:
    """Return the difference of the means of the two sides: where it is small, no step need be fitted."""
    return _nearest(part[is_after]).mean(axis=0) - _nearest(part[is_before][::-1]).mean(axis=0)


def _robust_fit(design: Floats, y: Floats, chance: Floats, n_rounds: int) -> tuple[Floats, Floats]:
    """Return coefficients by series, and the standard error of the step.

    The first round is least squares, each further one has Huber weights from the residuals before.
    """
    observed = ~np.isnan(y)
    filled = np.where(observed, y, 0.0)
    weights = observed.astype(np.float64)
    n_terms = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    for _ in range(n_rounds):
        normal = (weights.T @ products).reshape(-1, n_terms, n_terms)
        inverse = np.linalg.inv(normal)
        fit = np.einsum("sij,sj->si", inverse, (weights * filled).T @ design)
        residual = np.where(observed, filled - design @ fit.T, np.nan)
        scale = np.maximum(_MAD_TO_SD * nanmedian(np.abs(residual)), chance)
        ratio = _HUBER * scale / np.maximum(np.abs(np.nan_to_num(residual)), 1e-12)
        weights = np.where(observed, np.minimum(1.0, ratio), 0.0)
    # with 3 coefficients fitted to about 12 quarters the median residual is too small; give it back
    n = observed.sum(axis=0)
    return fit, scale * np.sqrt(n / (n - n_terms) * inverse[:, 2, 2])


def _are_apart(before: Floats, after: Floats, sign: Floats) -> Floats:
    """Say whether the nearest four observed quarters of both sides do not overlap, trend apart.

    1 if they do not, `_ODD_CLEARNESS` if they do not but for one odd quarter, 0 if they do.
    """
    before, after = np.sort(sign * _nearest(before), axis=0), np.sort(sign * _nearest(after), axis=0)
    but_one = (after[1] > before[-1]) | (after[0] > before[-2])
    return np.where(after[0] > before[-1], 1.0, np.where(but_one, _ODD_CLEARNESS, 0.0))


def _nearest(y: Floats) -> Floats:
    """Return the first observed quarters of each series, `LEAST_OBSERVED` rows."""
    nearest = y[:LEAST_OBSERVED].copy()
    with_gaps = np.flatnonzero(np.isnan(nearest).any(axis=0))
    part = y[:, with_gaps]
    order = np.argsort(np.isnan(part), axis=0, kind="stable")[:LEAST_OBSERVED]
    nearest[:, with_gaps] = np.take_along_axis(part, order, axis=0)
    return nearest


def nanmedian(values: Floats) -> Floats:
    """Return the median over the first axis of what is not NaN; NaN where there is nothing.

    Ten times quicker than numpy's, which goes through the series one by one.
    """
    if not len(values):
        return np.full(values.shape[1:], np.nan)
    ordered = np.sort(values, axis=0)  # NaN last
    n = (~np.isnan(values)).sum(axis=0)
    low = np.take_along_axis(ordered, np.maximum(n - 1, 0)[None] // 2, axis=0)[0]
    high = np.take_along_axis(ordered, np.minimum(n // 2, len(values) - 1)[None], axis=0)[0]
    return (low + high) / 2

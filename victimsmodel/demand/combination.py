"""Candidates tried at past origins, weighted by their errors there, and combined.

At an origin only what was known then is used. Candidates whose past errors are clearly worse than the
best one's are left out, the others are averaged with weights that fall with their squared error; where
one candidate alone has been clearly better than that average, it is chosen alone. Errors of one series
at a dozen overlapping origins are a noisy guide, so half of a candidate's record is that of the whole
force: the mean over its crime types.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.demand.candidates import CANDIDATES, SEASONAL_NAIVE, project
from victimsmodel.demand.state_space import Floats, Mask

#: Quarters that a candidate is judged on, ahead of an origin.
JUDGED_STEPS = 4
#: Observed quarters that a series must have before anything is forecast: two years.
LEAST_QUARTERS = 8
_MOST_ORIGINS = 12  # a candidate is judged on the last three years
_POOLED = 0.5  # weight of the force's other crime types in a candidate's record
_LEFT_OUT_ABOVE = 1.25  # times the error of the best candidate
_ALONE_BELOW = 0.8  # times the error of the combination
_POWER = 2.0


class Panel(NamedTuple):
    """Series on the log scale, with what is known about them."""

    values: Floats  # (n_quarters, n_series); anything finite where not observed
    observed: Mask  # (n_quarters, n_series)
    forces: NDArray[np.intp]  # (n_series,) which series are of one force
    pulses: Mask  # (n_quarters,) quarters of their own, such as a lockdown
    shifts: tuple[tuple[int, ...], ...]  # for each series, the quarters from which its level is another


class Origin(NamedTuple):
    """The forecast from one origin; candidates in the order of `CANDIDATES`."""

    n_known: int  # quarters before the first one that is forecast
    means: Floats  # (n_candidates, n_steps, n_series)
    weights: Floats  # (n_candidates, n_series)
    mean: Floats  # (n_steps, n_series) of the combination
    deviation: Floats  # (n_steps, n_series) standard deviation of its error, were all errors one
    response: Floats  # (n_steps, n_series)
    residuals: Floats  # (n_known, n_series) standardised one-step errors of the combination


def roll(panel: Panel, origins: Sequence[int], steps: int, before: Sequence[Origin] = ()) -> list[Origin]:
    """Forecast from each origin, with weights from the origins before it.

    Parameters
    ----------
    panel : Panel
    origins : sequence of int
        Numbers of quarters known, ascending.
    steps : int
        Quarters to forecast from each.
    before : sequence of Origin
        Earlier origins, forecast already.

    Returns
    -------
    list of Origin
    """
    done = list(before)
    for n_known in origins:
        weights = weights_at(panel, done, n_known)
        done.append(_combined(panel, n_known, steps, weights))
    return done[len(before) :]


def origins_of(panel: Panel) -> list[int]:
    """Return all numbers of quarters after which something new can be forecast, ascending.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    list of int
        Of quarters that have counts, after the first two years.
    """
    enough = (np.cumsum(panel.observed, axis=0) >= LEAST_QUARTERS).any(axis=1)
    return [int(t) + 1 for t in np.flatnonzero(enough & panel.observed.any(axis=1))]


def errors_of(panel: Panel, origin: Origin, n_known: int, means: Floats) -> Floats:
    """Return actual less forecast as known after `n_known` quarters; NaN where unknown or missing.

    Parameters
    ----------
    panel : Panel
    origin : Origin
    n_known : int
    means : ndarray, shape (..., n_steps, n_series)

    Returns
    -------
    ndarray, shape (..., n_steps, n_series)
    """
    errors = np.full(means.shape, np.nan)
    last = min(n_known, len(panel.values), origin.n_known + means.shape[-2])
    ahead = slice(origin.n_known, last)
    actual = np.where(panel.observed[ahead], panel.values[ahead], np.nan)
    n_steps = len(actual)
    errors[..., :n_steps, :] = actual - means[..., :n_steps, :]
    return errors


def weights_at(panel: Panel, done: Sequence[Origin], n_known: int) -> Floats:
    """Return the weight of each candidate for each series, from errors known after `n_known` quarters.

    Parameters
    ----------
    panel : Panel
    done : sequence of Origin
        Earlier origins, ascending.
    n_known : int

    Returns
    -------
    ndarray, shape (n_candidates, n_series)
        Columns sum to one.
    """
    judged = [
        errors_of(panel, origin, n_known, origin.means[:, :JUDGED_STEPS])
        for origin in done[-_MOST_ORIGINS:]
        if origin.n_known < n_known
    ]
    n_series = panel.values.shape[1]
    start = np.array([name != SEASONAL_NAIVE for name in CANDIDATES], dtype=np.float64)
    weights = np.repeat(start[:, None] / start.sum(), n_series, axis=1)
    if not judged:
        return weights
    errors = np.concatenate(judged, axis=1)  # (n_candidates, n_origins * n_steps, n_series)
    is_known = ~np.isnan(errors[0]).all(axis=0)
    sizes = np.nanmean(np.abs(errors[:, :, is_known]), axis=1)
    record = np.full(weights.shape, np.nan)
    record[:, is_known] = (sizes + 1e-12) / (sizes + 1e-12).mean(axis=0)
    record[:, is_known] = _pooled(record, panel.forces)[:, is_known]
    best = record[:, is_known].min(axis=0)
    kept = np.where(record[:, is_known] <= _LEFT_OUT_ABOVE * best, record[:, is_known] ** -_POWER, 0.0)
    weights[:, is_known] = kept / kept.sum(axis=0)
    return _alone_where_better(weights, record, np.nan_to_num(errors), ~np.isnan(errors[0]), panel.forces)


def _pooled(record: Floats, forces: NDArray[np.intp]) -> Floats:
    """Move each series' record towards the mean of its force."""
    pooled = record.copy()
    for force in np.unique(forces):
        own = forces == force
        known = own & ~np.isnan(record[0])
        if known.any():
            mean = record[:, known].mean(axis=1, keepdims=True)
            pooled[:, known] = _POOLED * mean + (1 - _POOLED) * record[:, known]
    return pooled


def _alone_where_better(
    weights: Floats, record: Floats, errors: Floats, known: Mask, forces: NDArray[np.intp]
) -> Floats:
    """Give all weight to the best candidate where it was clearly better than the combination."""
    combined = np.abs(np.einsum("cm,chm->hm", weights, errors))
    count = np.maximum(known.sum(axis=0), 1)
    alone = np.abs(errors).sum(axis=1) / count
    ratio = (np.where(known, combined, 0.0).sum(axis=0) / count + 1e-12) / (alone.mean(axis=0) + 1e-12)
    ratio = _pooled(np.where(np.isnan(record[0]), np.nan, ratio)[None], forces)[0]
    best = np.argmin(np.nan_to_num(record, nan=1.0), axis=0)
    is_alone = record.min(axis=0) < _ALONE_BELOW * ratio  # False where the record is unknown
    chosen = weights.copy()
    chosen[:, is_alone] = 0.0
    chosen[best[is_alone], np.flatnonzero(is_alone)] = 1.0
    return chosen


def _combined(panel: Panel, n_known: int, steps: int, weights: Floats) -> Origin:
    """Forecast with every candidate and combine; NaN for series with too few quarters."""
    values, observed = panel.values[:n_known], panel.observed[:n_known]
    pulses = panel.pulses[:n_known]
    if pulses.any() and np.flatnonzero(panel.pulses)[-1] < n_known - 1:
        # A pulse that only one quarter shows leaves nothing of that quarter: it is as if missing. At the
        # end of a series it could be a new level as well, so it is taken out once it is over.
        kept = observed & ~pulses[:, None]
        observed = np.where(kept.sum(axis=0) >= LEAST_QUARTERS, kept, observed)
    enough = np.flatnonzero(observed.sum(axis=0) >= LEAST_QUARTERS)
    shifts = [_dummies(panel.shifts[i], observed[:, i]) for i in enough]
    found = [project(name, values[:, enough], observed[:, enough], steps, shifts) for name in CANDIDATES]
    means, variances, responses, residuals = (
        _widened_to(values.shape[1], enough, np.array(part)) for part in zip(*found, strict=True)
    )
    return Origin(
        n_known,
        means,
        weights,
        np.einsum("cm,chm->hm", weights, means),
        np.einsum("cm,chm->hm", weights, np.sqrt(variances)),
        np.einsum("cm,chm->hm", weights, responses),
        np.einsum("cm,chm->hm", weights, residuals),
    )


def _widened_to(n_series: int, columns: NDArray[np.intp], part: Floats) -> Floats:
    """Return an array over all series, NaN but for the columns given."""
    whole = np.full((*part.shape[:-1], n_series), np.nan)
    whole[..., columns] = part
    return whole


def _dummies(shifts: tuple[int, ...], observed: Mask) -> Floats:
    """Return columns that are 1 from a level shift on, for shifts with observed quarters on both sides."""
    n_quarters = len(observed)
    inside = [shift for shift in shifts if observed[:shift].any() and observed[shift:].any()]
    return (
        np.array([np.arange(n_quarters) >= shift for shift in inside], dtype=np.float64)
        .reshape(len(inside), n_quarters)
        .T
    )

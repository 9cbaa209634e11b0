"""What an observed total says about a predicted one: likelihood, and data that a prediction would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, expit, gammaln, logit, ndtri, xlog1py, xlogy

from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.results import Counters
from victimsmodel.records import STAGES, WHO

_SMALLEST = 1e-12  # no share or number is certain to be nought
_TAIL_DEVIATE = float(-ndtri(TAIL))  # 1.645: standard deviations from the median to low and high


def predicted_totals(scenario: Scenario, counters: Counters, observed: Sequence[ObservedTotal]) -> Floats:
    """Return what each draw predicts for each observed total, means over replications.

    Returns
    -------
    ndarray, shape (n_draws, n_observed)
        A share for a total that has ``of``, persons a year for the others.
    """
    mean = counters.funnel.mean(axis=1)  # (n_draws, n_groups, who, stages)
    columns = []
    for row in observed:
        own = [i for i, group in enumerate(scenario.groups) if row.group is None or row.group in group[:3]]
        counts = mean[:, own, WHO.index(row.who)].sum(axis=1)
        above = counts[:, STAGES.index(row.stage)]
        below = scenario.period.years if row.of is None else counts[:, STAGES.index(row.of)]
        columns.append(above / np.maximum(below, _SMALLEST))
    return np.stack(columns, axis=-1)


def linked(observed: Sequence[ObservedTotal], predicted: Floats) -> Floats:
    """Return predictions without bounds: log-odds of shares, logarithms of numbers; last axis: totals."""
    is_share = np.array([row.is_share for row in observed])
    inside = np.clip(predicted, _SMALLEST, np.where(is_share, 1 - _SMALLEST, np.inf))
    return np.asarray(np.where(is_share, logit(np.where(is_share, inside, 0.5)), np.log(inside)))


def unlinked(observed: Sequence[ObservedTotal], link: Floats) -> Floats:
    """Return shares and numbers; the inverse of `linked`."""
    is_share = np.array([row.is_share for row in observed])
    return np.asarray(np.where(is_share, expit(link), np.exp(np.where(is_share, 0.0, link))))


def observed_data(observed: Sequence[ObservedTotal]) -> Floats:
    """Return the data: events, or the published value; shape (n_observed,)."""
    return np.array([row.events if row.is_counted else row.value for row in observed], np.float64)


def log_density(row: ObservedTotal, predicted: Floats, data: ArrayLike, extra_sd: float = 0.0) -> Floats:
    """Return the log density of data given predictions, up to a constant of the data.

    Shares that were counted are beta-binomial with the stated correlation between persons; numbers that
    were counted are negative binomial, whose coefficient of variation squared the correlation is beyond
    the Poisson part; published figures lie about the prediction on the log-odds or log scale, normal on
    either side with the widths that ``low`` and ``high`` state (a split normal).

    Parameters
    ----------
    row : ObservedTotal
    predicted : ndarray
        Shares, or persons a year.
    data : array_like
        Events or published values; broadcast with `predicted`.
    extra_sd : float
        Error of the prediction itself, a standard deviation on the log-odds or log scale.
    """
    y = np.asarray(data, np.float64)
    if not row.is_counted:
        below, above = _widths(row, extra_sd)
        distance = linked([row], y[..., None])[..., 0] - linked([row], predicted[..., None])[..., 0]
        return np.asarray(-0.5 * (distance / np.where(distance > 0, below, above)) ** 2)
    if row.trials is None:
        mean, k = _mean_and_size(row, predicted, extra_sd)
        if k == np.inf:
            return np.asarray(xlogy(y, mean) - mean)
        return np.asarray(gammaln(y + k) - gammaln(k) + xlogy(y, mean / k) - xlog1py(y + k, mean / k))
    n, p = row.trials, np.clip(predicted, _SMALLEST, 1 - _SMALLEST)
    if row.correlation == 0 and extra_sd == 0:
        return np.asarray(xlogy(y, p) + xlog1py(n - y, -p))
    a, b = _beta(row, p, extra_sd)
    return np.asarray(betaln(y + a, n - y + b) - betaln(a, b))


def draw_data(
    row: ObservedTotal, predicted: Floats, generator: np.random.Generator, extra_sd: float = 0.0
) -> Floats:
    """Return data that predictions would give: events, or published values; the model of `log_density`."""
    if not row.is_counted:
        below, above = _widths(row, extra_sd)
        size = np.abs(generator.standard_normal(predicted.shape))
        is_above = generator.random(predicted.shape) < below / (below + above)
        moved = linked([row], predicted[..., None])[..., 0] + size * np.where(is_above, below, -above)
        return unlinked([row], moved[..., None])[..., 0]
    if row.trials is None:
        mean, k = _mean_and_size(row, predicted, extra_sd)
        rate = mean if k == np.inf else mean * generator.gamma(k, 1 / k, predicted.shape)
        return np.asarray(generator.poisson(rate), np.float64)
    p = np.clip(predicted, _SMALLEST, 1 - _SMALLEST)
    if row.correlation > 0 or extra_sd > 0:
        p = generator.beta(*_beta(row, p, extra_sd))
    return np.asarray(generator.binomial(row.trials, p), np.float64)


def shown_scale(row: ObservedTotal, data: ArrayLike) -> Floats:
    """Return data as shares or persons a year, whichever way they were stated."""
    y = np.asarray(data, np.float64)
    if not row.is_counted:
        return y
    return y / (row.years if row.trials is None else row.trials)


def _widths(row: ObservedTotal, extra_sd: float) -> tuple[float, float]:
    """Return the standard deviations of data above and below the prediction, on the unbounded scale.

    A prediction below the published value is as far from it as ``low`` tells; then the data lie above.
    """
    low, mid, high = linked([row], np.array([[row.low], [row.value], [row.high]], np.float64))[:, 0]
    return (
        float(np.hypot((mid - low) / _TAIL_DEVIATE, extra_sd)),
        float(np.hypot((high - mid) / _TAIL_DEVIATE, extra_sd)),
    )


def _mean_and_size(row: ObservedTotal, predicted: Floats, extra_sd: float) -> tuple[Floats, float]:
    """Return mean and size of the negative binomial of a count."""
    variation = row.correlation + extra_sd**2
    return np.maximum(predicted, _SMALLEST) * row.years, np.inf if variation == 0 else 1 / variation


def _beta(row: ObservedTotal, p: Floats, extra_sd: float) -> tuple[Floats, Floats]:
    """Return the parameters of the beta distribution of a share; its variance is p (1 - p) correlation."""
    correlation = np.minimum(row.correlation + p * (1 - p) * extra_sd**2, 0.999)
    size = 1 / correlation - 1
    return p * size, (1 - p) * size

"""Distributions as tables: the mean, or the value, of each cell of equal probability."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from victimsmodel.compiled import compiled_entry
from victimsmodel.pathway.arrays import N_CELLS, N_TAILS, Floats, Ints

_SERVICE_TIME_CV = 0.35  # assumption: spread of handling times about their mean
_MOST_SESSIONS = 100
_N_POINTS = 512  # of the grid on the log-odds that a Beta distribution is integrated on
_FAR_TAIL = 18.0  # log-odds beyond which a tail is exponential to within 1e-8


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
    cells = np.empty((1, N_CELLS))
    fill_beta_cells(np.array([float(mean)]), np.array([float(correlation)]), cells, np.empty((3, _N_POINTS)))
    return cells[0]


def all_beta_cells(means: Floats, correlations: Floats) -> Floats:
    """Return `beta_cells` of many distributions, shape (n, N_CELLS)."""
    cells = np.empty((means.size, N_CELLS))
    fill_beta_cells(means.ravel(), correlations.ravel(), cells, np.empty((3, _N_POINTS)))
    return cells


@compiled_entry
def fill_beta_cells(means: Floats, correlations: Floats, cells: Floats, grid: Floats) -> None:
    """Fill the rows of `cells`: the Lorenz curve of each distribution, differenced.

    The density of the log-odds is integrated by cubics on an even grid (`grid` is memory for it), its
    tails beyond are exponential. The curve of partial means against probability is interpolated by
    Hermite cubics, for its slope is the value itself.
    """
    below, partial, value = grid[0], grid[1], grid[2]
    n = below.size
    for row in range(means.size):
        mean = means[row]
        total = 1 / correlations[row] - 1
        a, b = mean * total, (1 - mean) * total
        centre, spread = math.log(a / b), 10 * math.sqrt(1 / a + 1 / b)
        low = max(-_FAR_TAIL - math.log(b + 1), centre - spread - 40 / a)
        high = min(_FAR_TAIL + math.log(a + 1), centre + spread + 40 / b)
        width = (high - low) / (n - 1)
        top = a * math.log(mean) + b * math.log(1 - mean)
        for i in range(n):  # density of the log-odds, to a factor, kept in `partial`
            y = low + i * width
            small = math.log1p(math.exp(-abs(y)))
            log_x, log_rest = min(y, 0.0) - small, min(-y, 0.0) - small
            value[i] = math.exp(log_x)
            partial[i] = math.exp(a * log_x + b * log_rest - top)
        left, right = partial[0] / a, partial[n - 1] / b
        probability, moment = left, left * value[0] * a / (a + 1)
        before, here = partial[0], partial[0]
        below[0] = probability
        previous_moment = moment
        for i in range(1, n):
            after, last = partial[i], i == n - 1
            beyond = after if last else partial[i + 1]
            x0, x1 = value[i - 1], value[i]
            xb = x0 if i == 1 else value[i - 2]
            xa = x1 if last else value[i + 1]
            probability += width / 24 * (13 * (here + after) - before - beyond)
            moment += width / 24 * (13 * (here * x0 + after * x1) - before * xb - beyond * xa)
            before, here = here, after
            below[i] = probability
            partial[i - 1] = previous_moment
            previous_moment = moment
        partial[n - 1] = moment
        whole, whole_moment = probability + right, moment + right * (value[n - 1] * b + 1) / (b + 1)
        reached, i = 0.0, 0
        for cell in range(N_CELLS):
            p = (cell + 1) / N_CELLS * whole
            while i < n - 1 and below[i + 1] < p:
                i += 1
            if p <= below[0]:
                found = partial[0] * (p / below[0]) ** ((a + 1) / a)
            elif i >= n - 1:
                gone = max(whole - p, 0.0) / right if right > 0 else 0.0
                short = right * (1 - value[n - 1]) * b / (b + 1) * gone ** ((b + 1) / b)
                found = whole_moment - (max(whole - p, 0.0) - short)
            else:
                step = below[i + 1] - below[i]
                t = (p - below[i]) / step
                found = (
                    (1 + 2 * t) * (1 - t) ** 2 * partial[i]
                    + t * (1 - t) ** 2 * step * value[i]
                    + t * t * (3 - 2 * t) * partial[i + 1]
                    - t * t * (1 - t) * step * value[i + 1]
                )
            cells[row, cell] = (found - reached) * N_CELLS
            reached = found
        factor, floor, found = mean / whole_moment, 0.0, 0.0
        for cell in range(N_CELLS):
            floor = min(max(cells[row, cell] * factor, floor), 1.0)
            cells[row, cell] = floor
            found += floor / N_CELLS
        for cell in range(N_CELLS):  # rounding is taken back from the rarer side
            if mean > 0.5:
                cells[row, cell] = 1 - (1 - cells[row, cell]) * (1 - mean) / (1 - found)
            else:
                cells[row, cell] *= mean / found


def session_cells(mean: float, dispersion: float) -> Ints:
    """Return sessions of a case by cell: one, and a negative binomial of the rest.

    The negative binomial has dispersion k: variance m + m^2 / k about its mean m = `mean` - 1.
    """
    return all_session_cells(np.array([float(mean)]), dispersion)[0]


def all_session_cells(means: Floats, dispersion: float) -> Ints:
    """Return `session_cells` of many means, shape (n, N_CELLS)."""
    rest = np.maximum(means - 1, 1e-9)
    probability = (dispersion / (dispersion + rest)) ** dispersion
    ratio = rest / (dispersion + rest)
    centres = (np.arange(N_CELLS) + 0.5) / N_CELLS
    cells = np.ones((means.size, N_CELLS), np.int64)
    below = probability.copy()
    for j in range(_MOST_SESSIONS - 1):
        is_above = centres >= below[:, None]
        if not is_above.any():
            break
        cells += is_above
        probability = probability * ratio * (j + dispersion) / (j + 1)
        below += probability
    return cells


@lru_cache(maxsize=1)
def service_time_cells() -> Floats:
    """Return lognormal handling times relative to their mean, shape (N_TAILS, N_CELLS)."""
    return lognormal_cells(_SERVICE_TIME_CV)


def lognormal_cells(cv: float) -> Floats:
    """Return the mean of each cell of a lognormal distribution of mean 1, shape (N_TAILS, N_CELLS).

    Each further row divides the last cell of the row before, so that the long tail keeps its weight.
    """
    from scipy.special import ndtr, ndtri

    sigma = np.sqrt(np.log1p(cv**2))
    rows = []
    for tail in range(N_TAILS):
        above = (1 - np.arange(N_CELLS + 1) / N_CELLS) * N_CELLS**-tail  # exact down to the last cell
        moment = ndtr(sigma + ndtri(above))
        rows.append(-np.diff(moment) * N_CELLS ** (tail + 1))
    return np.array(rows)

"""Limits of control charts, and which chart the data call for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from victimsmodel.monitoring.counted import Counted, Floats

Chart = Literal["advised", "p", "p_prime", "xmr"]
CHART_TITLES = {"p": "p chart", "p_prime": "Laney p' chart", "xmr": "XmR chart"}

#: Mean moving range of two normal values in standard deviations (d2), and the upper limit of ranges in
#: mean ranges (D4), as tabled and as published charts use them; 3 / 1.128 is Wheeler's 2.66.
D2, D4 = 1.128, 3.267
#: Asymptotic variance of sigma from the mean moving range, times n (Cryer and Ryan 1990, Journal of
#: Quality Technology 22, 187-192).
_RANGE_VARIANCE = 0.826
_ONE_SIDED_95 = 1.645


class Limits(NamedTuple):
    """Centre and sigmas of one phase."""

    centre: float
    sigma: Floats  # (n,) of each point
    sigma_z: float  # NaN for XmR
    moving_range: float  # NaN for shares


class Stretch(NamedTuple):
    """A phase: its points from `first` up to `end`, of which the first `n_base` carry the limits."""

    first: int
    end: int
    n_base: int


def laney_sigma_z(events: Floats, trials: Floats, centre: float) -> float:
    """Return Laney's sigma_z: how many times wider than binomial chance the shares scatter.

    Parameters
    ----------
    events, trials : ndarray, shape (n,)
        In order of time.
    centre : float
        Share that is expected everywhere, strictly between 0 and 1.

    References
    ----------
    Laney (2002), Improved control charts for attributes, Quality Engineering 14, 531-537.
    """
    z = (events / trials - centre) / np.sqrt(centre * (1 - centre) / trials)
    return float(np.abs(np.diff(z)).mean() / D2)


def chance_range(n: int) -> tuple[float, float]:
    """Return where sigma_z of `n` points of pure chance falls, 5th to 95th percentile (normal)."""
    margin = _ONE_SIDED_95 * (_RANGE_VARIANCE / n) ** 0.5
    return 1 - margin, 1 + margin


def share_limits(chart: str, shares: Counted, n_base: int) -> Limits:
    """Return the limits of a p or p' chart from its first `n_base` points."""
    events, trials = shares.events[:n_base], shares.trials[:n_base]
    centre = float(events.sum() / trials.sum())
    sigma_z = laney_sigma_z(events, trials, centre) if 0 < centre < 1 else 1.0
    sigma = np.sqrt(centre * (1 - centre) / shares.trials)
    return Limits(centre, sigma * (sigma_z if chart == "p_prime" else 1.0), sigma_z, np.nan)


def value_limits(values: Floats, n_base: int) -> Limits:
    """Return the limits of an XmR chart from its first `n_base` points."""
    moving = float(np.abs(np.diff(values[:n_base])).mean())
    return Limits(float(values[:n_base].mean()), np.full(len(values), moving / D2), np.nan, moving)


def advised(chart: Chart, shares: Counted | None, phases: Sequence[Stretch]) -> tuple[str, str]:
    """Return which chart to draw, and why."""
    if shares is None:
        return "xmr", "XmR chart: only values are known, not what they are shares of."
    own = [Counted((), shares.events[p.first : p.end], shares.trials[p.first : p.end]) for p in phases]
    scatter = [share_limits("p", part, p.n_base).sigma_z for part, p in zip(own, phases, strict=True)]
    sigma_z = float(np.average(scatter, weights=[p.n_base - 1 for p in phases]))
    n = sum(p.n_base for p in phases)
    low, high = chance_range(n)
    found = f"sigma_z = {sigma_z:.2f} over {n} points, where chance gives {low:.2f} to {high:.2f}"
    best = "p" if low <= sigma_z <= high else "p_prime"
    if best == "p":
        why = f"p chart: shares scatter as binomial chance does ({found})."
    elif sigma_z > high:
        why = f"Laney p' chart: shares scatter more than binomial chance ({found})."
    else:
        why = f"Laney p' chart: shares scatter less than binomial chance ({found});"
        why += " ask whether cases are counted more than once."
    if chart in ("advised", best):
        return best, why
    return chart, f"{CHART_TITLES[chart]}, as asked; the data call for another. {why}"

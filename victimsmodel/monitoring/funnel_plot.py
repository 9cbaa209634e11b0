"""Funnel plots: is this area different, or only small? Shares of areas within exact limits."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from victimsmodel.disclosure.observed_counts import ObservedCounts
from victimsmodel.errors import input_error
from victimsmodel.monitoring.counted import Counted, Floats, counted, shown_rows

Spread = Literal["advised", "chance", "multiplicative", "additive"]
LEVELS = (0.95, 0.998)  # about two and three sigma
_FEWEST_AREAS = 5  # below this, how much areas differ cannot be estimated
_WHERE = "funnel plot"
_N_CURVE = 200


class FunnelPlot(NamedTuple):
    """A funnel plot as tables."""

    areas: (
        pd.DataFrame
    )  # area, events, trials, share, z, z_adjusted, low_95, high_95, low_998, high_998, verdict
    limits: pd.DataFrame  # trials, low_95, high_95, low_998, high_998: the curves
    target: float
    spread: str  # chance, multiplicative or additive: what the limits allow for
    dispersion: float  # winsorised phi: 1 is chance alone
    tau: float  # standard deviation between areas, as a share
    words: tuple[str, ...]


def binomial_limit(probability: float, trials: ArrayLike, share: float) -> Floats:
    """Return the share below which a binomial share falls with a given probability.

    Parameters
    ----------
    probability : float
    trials : array_like, shape (n,)
    share : float
        True share, strictly between 0 and 1.

    Returns
    -------
    ndarray, shape (n,)
        Interpolated between whole numbers of events, so that the curve is smooth.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine
    24, 1185-1202, appendix A.1.1: (r - a) / n, with r the smallest count whose cumulative probability
    is above p and a = (P(R <= r) - p) / (P(R <= r) - P(R <= r - 1)).
    """
    from scipy.stats import binom

    n = np.asarray(trials, np.float64)
    r = binom.ppf(probability, n, share)
    below, upto = binom.cdf(r - 1, n, share), binom.cdf(r, n, share)
    return np.asarray(np.clip((r - (upto - probability) / (upto - below)) / n, 0, 1))


def funnel_plot(
    table: pd.DataFrame | ObservedCounts,
    *,
    target: float | None = None,
    spread: Spread = "advised",
    winsorise: float = 0.1,
) -> FunnelPlot:
    """Compare areas with a target, or with their own average.

    Parameters
    ----------
    table : DataFrame or ObservedCounts
        Columns area, events, trials; one row for each area. Observed counts are released first: everything is
        computed from what may be shown, areas with a hidden count left out.
    target : float, optional
        Share to compare with; all events over all trials by default.
    spread : str
        What the limits allow for: ``chance`` (exact binomial), ``multiplicative`` (phi), ``additive`` (areas
        differ with standard deviation tau), or ``advised``: additive if areas scatter more than chance.
    winsorise : float
        Part of the z-scores at each end that is drawn in before dispersion is estimated, so that the
        areas that the plot is to find do not hide themselves.

    Raises
    ------
    InputError
        For counts that cannot be (VM155); a target or winsorised part out of range, or under five
        areas (VM158).

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202; and (2005), Handling over-dispersion of
    performance indicators, Quality and Safety in Health Care 14, 347-351 (winsorised phi; tau squared by
    DerSimonian and Laird's moments).
    """
    shown = shown_rows(table, "area", ("events", "trials"), _WHERE)
    areas = counted(shown.table, "area", _WHERE)
    n_areas = len(areas.labels)
    if n_areas < _FEWEST_AREAS:
        raise input_error(_WHERE, f"has {n_areas} areas; must have at least {_FEWEST_AREAS}", "VM158")
    if not 0 <= winsorise < 0.5:
        allowed = "must be from 0 to below 0.5"
        raise input_error(_WHERE, allowed, "VM158", field="winsorise", value=f"{winsorise:g}")
    centre = areas.events.sum() / areas.trials.sum() if target is None else target
    if not 0 < centre < 1:
        raise input_error(_WHERE, "must lie between 0 and 1", "VM158", field="target", value=f"{centre:g}")
    chance = np.sqrt(centre * (1 - centre) / areas.trials)
    z = (areas.shares - centre) / chance
    phi, tau = dispersion(z, chance, winsorise, is_estimated=target is None)
    is_wide = phi > 1 + 2 * np.sqrt(2 / n_areas)
    chosen = spread if spread != "advised" else "additive" if is_wide else "chance"
    curve = np.geomspace(max(areas.trials.min() * 0.8, 1), areas.trials.max() * 1.15, _N_CURVE)
    own, smooth = (
        _limits(chosen, x, centre, phi, tau)
        for x in (areas.trials, np.unique(np.round(curve)).astype(np.float64))
    )
    return FunnelPlot(
        _areas(areas, z, own, chance / _sigma(chosen, areas.trials, centre, phi, tau)),
        smooth,
        float(centre),
        chosen,
        phi,
        tau,
        (*_words(areas, own, chosen, (phi, tau, float(centre)), is_wide), *shown.remarks),
    )


def dispersion(z: Floats, chance: Floats, winsorise: float, is_estimated: bool) -> tuple[float, float]:
    """Return phi and tau: how far areas scatter beyond chance.

    Parameters
    ----------
    z : ndarray, shape (n,)
        Distance from the target in standard errors.
    chance : ndarray, shape (n,)
        Standard errors under chance, as shares.
    winsorise : float
        Part at each end that is drawn in to the nearest quantile.
    is_estimated : bool
        Whether the target is the areas' own average, which costs a degree of freedom.
    """
    drawn_in = np.clip(z, *np.quantile(z, [winsorise, 1 - winsorise]))
    n = len(z)
    phi = float((drawn_in**2).mean())
    weights = 1 / chance**2
    spare = weights.sum() - (weights**2).sum() / weights.sum() if is_estimated else weights.sum()
    tau_squared = (n * phi - (n - is_estimated)) / spare
    return phi, float(np.sqrt(max(tau_squared, 0.0)))


def _sigma(spread: str, trials: Floats, centre: float, phi: float, tau: float) -> Floats:
    variance = centre * (1 - centre) / trials
    if spread == "multiplicative":
        variance = variance * max(phi, 1.0)
    return np.asarray(np.sqrt(variance + (tau**2 if spread == "additive" else 0)))


def _limits(spread: str, trials: Floats, centre: float, phi: float, tau: float) -> pd.DataFrame:
    from scipy.stats import norm

    table = pd.DataFrame({"trials": trials.astype(np.int64)})
    for level in LEVELS:
        name = f"{1000 * level:.0f}".rstrip("0")
        for side, p in (("low", (1 - level) / 2), ("high", (1 + level) / 2)):
            if spread == "chance":
                found = binomial_limit(p, trials, centre)
            else:
                found = np.clip(centre + norm.ppf(p) * _sigma(spread, trials, centre, phi, tau), 0, 1)
            table[f"{side}_{name}"] = found
    return table


def _areas(areas: Counted, z: Floats, limits: pd.DataFrame, shrink: Floats) -> pd.DataFrame:
    table = pd.DataFrame({"area": areas.labels, "events": areas.events.astype(np.int64)})
    table["trials"], table["share"] = areas.trials.astype(np.int64), areas.shares
    table["z"], table["z_adjusted"] = z, z * shrink
    for name in limits.columns[1:]:
        table[name] = limits[name].to_numpy()
    return table.assign(verdict=_verdicts(areas.shares, limits))


def _verdicts(shares: Floats, limits: pd.DataFrame) -> list[str]:
    inside = np.full(len(shares), "within", object)
    for name, words in (("95", "95% limits"), ("998", "99.8% limits")):  # the wider limits speak last
        inside[shares < limits[f"low_{name}"].to_numpy()] = f"below {words}"
        inside[shares > limits[f"high_{name}"].to_numpy()] = f"above {words}"
    return list(inside)


def _words(
    areas: Counted, limits: pd.DataFrame, spread: str, found: tuple[float, float, float], is_wide: bool
) -> tuple[str, ...]:
    """Say what the plot shows, and how many areas chance would put outside."""
    phi, tau, centre = found
    n = len(areas.labels)
    verdicts = _verdicts(areas.shares, limits)
    outside = [i for i, verdict in enumerate(verdicts) if verdict != "within"]
    lie = "lies" if len(outside) == 1 else "lie"
    told = [
        f"{len(outside)} of {n} areas {lie} outside the 95% limits around {100 * centre:.1f}%; chance alone"
        f" would put about {0.05 * n:.1f} there, and {0.002 * n:.2f} outside the 99.8% limits."
    ]
    told += [f"{areas.labels[i]}: {100 * areas.shares[i]:.1f}%, {verdicts[i]}." for i in outside]
    scatter = "more than" if is_wide else "no more than"
    told.append(f"Areas scatter {scatter} chance (winsorised dispersion {phi:.2f}, where 1 is chance alone).")
    if spread == "additive":
        told.append(f"Limits let areas differ by a standard deviation of {100 * tau:.1f} percentage points.")
    elif spread == "multiplicative":
        told.append(f"Limits are widened by the square root of {max(phi, 1):.2f}.")
    elif is_wide:
        told.append("The limits allow for chance only: areas outside them may differ as areas usually do.")
    return tuple(told)

"""Victims a year by group, who of them need support, and when they come."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.projection import growth_by_type
from victimsmodel.inputs.draws import Points, draw_points, values_of
from victimsmodel.inputs.scenario import MONTHS, PRIORITIES, Scenario

_BISECTIONS = 60  # halves a bracket of 40 on the log-odds to below 1e-16


class GroupDemand(NamedTuple):
    """Victims a year and their need, shape (n_draws, n_groups), groups as in the scenario."""

    victims: NDArray[np.float64]
    need: NDArray[np.float64]


def group_demand(scenario: Scenario, points: Points) -> GroupDemand:
    """Return victims a year and probability of need by group.

    The total is split by recorded offences and enhanced share. Need by crime type is shifted by one
    factor on the odds so that its average over victims is the stated need in every draw. Where the
    evaluated year is projected, each crime type then grows as recorded crime does in the draw's
    sample path; need by group stays, so that its average moves with the mix.
    """
    demand = values_of(scenario.demand, points, "demand")
    offences = np.array([scenario.demand.recorded_offences.values[key] for key in demand.crime_types])
    mix = offences / offences.sum()
    enhanced = np.stack([c.enhanced_share for c in demand.crime_types.values()], axis=-1)
    need = np.stack([c.need for c in demand.crime_types.values()], axis=-1)
    shares = np.stack([mix * enhanced, mix * (1 - enhanced)], axis=-1)
    odds = need / (1 - need)
    ratio = demand.enhanced_need_odds_ratio[:, None]
    group_odds = np.stack([odds * ratio, odds], axis=-1)
    n_draws = shares.shape[0]
    shares, group_odds = shares.reshape(n_draws, -1), group_odds.reshape(n_draws, -1)
    growth = np.repeat(growth_by_type(scenario, points), len(PRIORITIES), axis=1)
    return GroupDemand(
        victims=demand.victims_per_year[:, None] * shares * growth,
        need=shifted_to_mean(group_odds, shares, demand.need),
    )


def shifted_to_mean(
    odds: NDArray[np.float64], weights: NDArray[np.float64], mean: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return probabilities with the given odds, times one factor, that average to `mean`.

    Parameters
    ----------
    odds, weights : ndarray, shape (n_draws, n_groups)
        Positive odds; weights that sum to one in each row.
    mean : ndarray, shape (n_draws,)
        Strictly between 0 and 1.

    Returns
    -------
    ndarray, shape (n_draws, n_groups)
    """
    log_odds = np.log(odds)
    low = np.log(mean / (1 - mean)) - log_odds.max(axis=-1) - 1
    high = np.log(mean / (1 - mean)) - log_odds.min(axis=-1) + 1
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        average = (weights / (1 + np.exp(-log_odds - middle[:, None]))).sum(axis=-1)
        low, high = np.where(average < mean, middle, low), np.where(average < mean, high, middle)
    return np.asarray(1 / (1 + np.exp(-log_odds - ((low + high) / 2)[:, None])))


def daily_index(scenario: Scenario, days: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Return victims per day relative to the average day of the evaluated year, shape (n_days,)."""
    profile = np.array([scenario.demand.monthly_profile.values[month] for month in MONTHS])
    year = pd.date_range(scenario.period.start, scenario.period.end)
    return np.asarray(profile[days.month - 1] / profile[year.month - 1].mean())


def estimate_demand(scenario: Scenario, n_draws: int = 1000, seed: int = 1) -> pd.DataFrame:
    """Return victims a year and victims in need, by draw and group.

    Parameters
    ----------
    scenario : Scenario
    n_draws : int
        Samples of the uncertain inputs; 1 gives the central case.
    seed : int

    Returns
    -------
    DataFrame
        Columns draw, group, crime_type, priority, victims, in_need (persons a year).
    """
    points = draw_points(scenario, n_draws, seed)
    found = group_demand(scenario, points)
    groups = scenario.groups
    index: dict[str, Any] = {
        "draw": np.repeat(np.arange(n_draws), len(groups)),
        "group": pd.Categorical([g.name for g in groups] * n_draws, [g.name for g in groups]),
        "crime_type": pd.Categorical(
            [g.crime_type for g in groups] * n_draws, list(scenario.demand.crime_types)
        ),
        "priority": pd.Categorical([g.priority for g in groups] * n_draws, PRIORITIES),
    }
    victims = found.victims.ravel() * scenario.period.years
    return pd.DataFrame({**index, "victims": victims, "in_need": victims * found.need.ravel()})

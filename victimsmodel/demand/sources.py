"""Who comes by which way: police reports, other streams, surges and major incidents, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.major_incident import central_profile, incident_groups
from victimsmodel.demand.victims import daily_index, group_demand, shifted_to_mean
from victimsmodel.inputs.draws import Points, values_of
from victimsmodel.inputs.scenario import PRIORITIES, Scenario

#: Entry of those whom the police record.
REPORTED = "reported"


class Source(NamedTuple):
    """Victims of one group who come by one way."""

    way: str  # REPORTED, or the name of a stream, surge or incident
    group: int
    entry: str  # REPORTED, or a stage
    profile: int  # column of the daily profile
    per_day: NDArray[np.float64]  # (n_draws,) victims on a day on which the profile is 1
    need: NDArray[np.float64]  # (n_draws,) probability


class Arrivals(NamedTuple):
    """All sources, and when their victims come."""

    sources: list[Source]
    profile: NDArray[np.float64]  # (n_days, n_profiles)


def arrivals(scenario: Scenario, points: Points, days: pd.DatetimeIndex) -> Arrivals:
    """Return who comes by which way on which day; the police's groups first."""
    per_day = scenario.period.years / scenario.period.days
    found = group_demand(scenario, points)
    sources = [
        Source(REPORTED, g, REPORTED, 0, found.victims[:, g] * per_day, found.need[:, g])
        for g in range(len(scenario.groups))
    ]
    demand = values_of(scenario.demand, points, "demand")
    profiles = [daily_index(scenario, days)]
    for name, stream in demand.streams.items():
        sources += _stream(scenario, demand, name, stream, per_day)
    for name, surge in demand.surges.items():
        start = pd.Timestamp(surge.start)
        profiles.append(((days >= start) & (days < start + pd.Timedelta(days=surge.days))) / surge.days)
        sources += _surge(scenario, found.need, demand, name, surge, len(profiles) - 1)
    for name, incident in scenario.demand.incidents.items():
        profiles.append(central_profile(incident, days))
        sources += _incident(scenario, points, name, len(profiles) - 1)
    return Arrivals(sources, np.stack(profiles, axis=-1).astype(np.float64))


def _stream(scenario: Scenario, demand: Any, name: str, stream: Any, per_day: float) -> Iterator[Source]:
    """Yield a source for each group of a stream; its mix and need are its own."""
    mix = (stream.crime_types or scenario.demand.recorded_offences).values
    total = sum(mix.values())
    shares, odds = [], []
    for key, crime_type in demand.crime_types.items():
        enhanced, need = crime_type.enhanced_share, crime_type.need / (1 - crime_type.need)
        shares += [mix[key] / total * enhanced, mix[key] / total * (1 - enhanced)]
        odds += [need * demand.enhanced_need_odds_ratio, need]
    share = np.stack(shares, axis=-1)
    need = shifted_to_mean(np.stack(odds, axis=-1), share, stream.need)
    for g in range(share.shape[1]):
        volume = stream.victims_per_year * share[:, g] * per_day
        yield Source(name, g, stream.entry, 0, volume, need[:, g])


def _surge(
    scenario: Scenario, need: NDArray[np.float64], demand: Any, name: str, surge: Any, profile: int
) -> Iterator[Source]:
    """Yield a source for each group of the crime type that a surge brings."""
    enhanced = demand.crime_types[surge.crime_type].enhanced_share
    for g, group in enumerate(scenario.groups):
        if group.crime_type == surge.crime_type:
            share = enhanced if group.priority == PRIORITIES[0] else 1 - enhanced
            yield Source(name, g, REPORTED, profile, surge.victims * share, need[:, g])


def _incident(scenario: Scenario, points: Points, name: str, profile: int) -> Iterator[Source]:
    """Yield a source for each group that a major incident brings."""
    incident = scenario.demand.incidents[name]
    brought = incident_groups(incident, scenario.demand, points, f"demand.incidents.{name}")
    for g, group in enumerate(scenario.groups):
        if group.crime_type in brought.crime_types:
            place = brought.crime_types.index(group.crime_type), PRIORITIES.index(group.priority)
            volume, need = brought.victims[:, *place], brought.need[:, *place]
            yield Source(name, g, incident.entry, profile, volume, need)

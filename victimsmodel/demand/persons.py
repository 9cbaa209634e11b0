"""The different persons behind a year's crimes: recorded, unrecorded, unreported."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.demand.victims import shifted_to_mean
from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import Points, stratified_points, values_of
from victimsmodel.inputs.from_crime import FromCrime
from victimsmodel.inputs.quantities import estimates_in
from victimsmodel.inputs.scenario import Demand

#: Dotted name under which the description hangs in the scenario; its draws are keyed by it.
PREFIX = "demand.from_crime"


class CrimeVictims(NamedTuple):
    """Different persons behind the crimes of a year, arrays of shape (n_draws, n_crime_types)."""

    crime_types: tuple[str, ...]
    offences: NDArray[np.float64]  # recorded offences against people
    recorded: NDArray[np.float64]  # persons with at least one recorded incident
    unrecorded: NDArray[np.float64]  # persons whom the police know of, but no incident of whom is recorded
    unreported: NDArray[np.float64]  # persons of no incident of whom the police know
    elsewhere: NDArray[np.float64]  # (n_draws,) persons whom another police force records


class CrimeDraws(NamedTuple):
    """The description of a year's crimes with draws of its uncertain inputs, and the persons they lead to."""

    demand: Demand
    described: FromCrime
    points: Points
    found: Any  # the description with an array of shape (n_draws,) for each estimate
    victims: CrimeVictims

    @property
    def n_draws(self) -> int:
        """How many draws there are."""
        return len(self.victims.elsewhere)


def draw_crime(demand: Demand, described: FromCrime, n_draws: int = 1000, seed: int = 1) -> CrimeDraws:
    """Return what every table about the steps from recorded crime to victims in need is made of.

    Parameters
    ----------
    demand : Demand
        Gives the stated total, need by crime type and the stated average need.
    described : FromCrime
    n_draws : int
        Samples of the uncertain inputs; 1 gives the central case.
    seed : int

    Returns
    -------
    CrimeDraws
    """
    return crime_draws(demand, described, reconciliation_points(demand, described, n_draws, seed))


def crime_draws(demand: Demand, described: FromCrime, points: Points) -> CrimeDraws:
    """Return the same for points that are drawn already, from `reconciliation_points`."""
    found = values_of(described, points, PREFIX)
    return CrimeDraws(demand, described, points, found, victims_from_crime(described, points))


def reconciliation_points(demand: Demand, described: FromCrime, n_draws: int, seed: int) -> Points:
    """Return the draws of the demand and of its description from crime, as the simulation draws them."""
    names = {**estimates_in(demand, "demand"), **estimates_in(described, PREFIX)}
    if n_draws == 1:
        return {name: np.array([0.5]) for name in names}
    return {name: stratified_points(seed, name, n_draws) for name in names}


def victims_from_crime(described: FromCrime, points: Points) -> CrimeVictims:
    """Return the different persons behind a year's crimes, by crime type and draw.

    A victim has one incident, or with probability `share` two and more, each further one with
    probability `again`; the police know of each and record each with the stated chances,
    independently. Recorded offences then imply how many persons there are, and how many of them
    have no recorded or no known incident.
    """
    found = values_of(described, points, PREFIX)
    persons = []
    for name, count in described.people.values.items():
        persons.append(count * (1 - found.not_persons.get(name, 0.0)))
    persons.append(fraud_offences(described, found))
    n_draws = max(np.size(column) for column in points.values())
    offences = np.stack([np.broadcast_to(column, (n_draws,)) for column in persons], axis=-1)
    share, known, written = (
        np.stack([given[name] for name in described.crime_types], axis=-1)
        for given in (found.repeats, found.reported, found.recorded)
    )
    again = found.again[:, None]
    everyone = offences / (known * written) / (1 + share / (1 - again))
    recorded = everyone * _at_least_one(share, again, known * written)
    reported = everyone * _at_least_one(share, again, known)
    elsewhere = sum((other.victims_per_year for other in found.elsewhere.values()), np.zeros(n_draws))
    return CrimeVictims(
        described.crime_types, offences, recorded, reported - recorded, everyone - reported, elsewhere
    )


def _at_least_one(
    share: NDArray[np.float64], again: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the probability that at least one of a victim's incidents is hit."""
    miss = 1 - chance
    none_of_several = miss**2 * (1 - again) / (1 - again * miss)
    return 1 - (1 - share) * miss - share * none_of_several


def fraud_offences(described: FromCrime, found: Any) -> NDArray[np.float64]:
    """Return the reports of fraud that concern a person, by draw."""
    return np.asarray(sum(described.fraud.reports.values.values()) * found.fraud.person_share)


def need_by_type(
    demand: Demand, points: Points, crime_types: tuple[str, ...], victims: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the probability of need by draw and crime type, shape as `victims`.

    Its average over the victims is the stated need of the demand in every draw.
    """
    unknown = [name for name in crime_types if name not in demand.crime_types]
    if unknown:
        allowed = f"is not a crime type of the demand (known: {', '.join(demand.crime_types)})"
        raise input_error("demand", allowed, "VM087", field="from_crime", value=", ".join(unknown))
    found = values_of(demand, points, "demand")
    kinds = [found.crime_types[name] for name in crime_types]
    enhanced = np.stack([kind.enhanced_share for kind in kinds], axis=-1)
    odds = np.stack([kind.need / (1 - kind.need) for kind in kinds], axis=-1)
    mix = victims / victims.sum(axis=-1, keepdims=True)
    shares = np.concatenate([mix * enhanced, mix * (1 - enhanced)], axis=-1)
    both = np.concatenate([odds * found.enhanced_need_odds_ratio[:, None], odds], axis=-1)
    high, low = np.split(shifted_to_mean(both, shares, found.need), 2, axis=-1)
    return enhanced * high + (1 - enhanced) * low

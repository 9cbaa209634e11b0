"""Victims who come after a major incident, and how many to plan for."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.victims import shifted_to_mean
from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import Points, stratified_points, values_of
from victimsmodel.inputs.incidents import IncidentRate, MajorIncident
from victimsmodel.inputs.scenario import Demand

#: Years out of a hundred that stay below the victims stated in the planning table.
_YEARS_BELOW = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
_RATE_PREFIX = "demand.incident_rate"


class IncidentGroups(NamedTuple):
    """Victims and their need by draw, crime type and priority (enhanced, standard)."""

    crime_types: tuple[str, ...]
    victims: NDArray[np.float64]  # (n_draws, n_crime_types, 2), over all days
    need: NDArray[np.float64]  # same shape


def incident_victims(incident: MajorIncident, points: Points, prefix: str) -> NDArray[np.float64]:
    """Return how many come to the service over all days, shape (n_draws,)."""
    found = values_of(incident, points, prefix)
    return np.asarray(found.exposed * found.uptake)


def daily_victims(
    incident: MajorIncident, days: pd.DatetimeIndex, points: Points, prefix: str
) -> NDArray[np.float64]:
    """Return expected victims by draw and day, shape (n_draws, n_days).

    Parameters
    ----------
    incident : MajorIncident
    days : DatetimeIndex
        Days asked for; if they hold every day of the incident, a draw sums to all who come.
    points : dict of str to ndarray
        Draws of the incident's estimates.
    prefix : str
        Dotted name of the incident, such as ``demand.incidents.arena``.
    """
    found = values_of(incident, points, prefix)
    age = _age(incident, days)
    shape = _arrivals(age, incident.days, found.half_life_days[:, None], found.plateau[:, None])
    return (found.exposed * found.uptake)[:, None] * shape


def central_profile(incident: MajorIncident, days: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Return the part of the victims who come on each day in the central case, shape (n_days,)."""
    half_life, plateau = incident.half_life_days.median, incident.plateau.median
    return _arrivals(_age(incident, days), incident.days, np.array(half_life), np.array(plateau))


def _age(incident: MajorIncident, days: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Return days since the first on which someone comes."""
    start = pd.Timestamp(incident.date) + pd.Timedelta(days=incident.delay_days)
    return np.asarray((days - start) / pd.Timedelta(days=1), dtype=np.float64)


def _arrivals(
    age: NDArray[np.float64], n_days: int, half_life: NDArray[np.float64], plateau: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the part of the victims who come on a day of this age; the parts of all days sum to one."""

    def rate(day: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(plateau + (1 - plateau) * 0.5 ** (np.maximum(day, 0) / half_life))

    total = rate(np.arange(n_days, dtype=np.float64)).sum(axis=-1, keepdims=True)
    return np.asarray(np.where((age >= 0) & (age < n_days), rate(age), 0) / total)


def incident_groups(incident: MajorIncident, demand: Demand, points: Points, prefix: str) -> IncidentGroups:
    """Return the victims of an incident by crime type and priority, and how many of them need support.

    Enhanced shares and the gradient of need are those of the demand's crime types; need is shifted
    so that it averages to the incident's own.

    Raises
    ------
    InputError
        With code VM089 for a crime type that the demand does not have.
    """
    unknown = [name for name in incident.crime_types.values if name not in demand.crime_types]
    if unknown:
        allowed = f"is not a crime type (known: {', '.join(demand.crime_types)})"
        raise input_error("demand", allowed, "VM089", field=f"{prefix}.crime_types", value=", ".join(unknown))
    found = values_of(demand, points, "demand")
    names = tuple(incident.crime_types.values)
    mix = np.array([incident.crime_types.values[name] for name in names])
    enhanced = np.stack([found.crime_types[name].enhanced_share for name in names], axis=-1)
    need = np.stack([found.crime_types[name].need for name in names], axis=-1)
    shares = (mix / mix.sum())[:, None] * np.stack([enhanced, 1 - enhanced], axis=-1)
    odds = need / (1 - need)
    both = np.stack([odds * found.enhanced_need_odds_ratio[:, None], odds], axis=-1)
    n_draws = len(shares)
    own = values_of(incident, points, prefix).need
    shifted = shifted_to_mean(both.reshape(n_draws, -1), shares.reshape(n_draws, -1), own)
    victims = incident_victims(incident, points, prefix)[:, None, None] * shares
    return IncidentGroups(names, victims, shifted.reshape(shares.shape))


def extra_victims(rate: IncidentRate, n_years: int = 20_000, seed: int = 1) -> NDArray[np.float64]:
    """Return the victims that major incidents bring in each of many possible years, shape (n_years,).

    The number of incidents is Poisson, the size of each log-normal; each year draws its own rate and
    median size, so that what is not known about them is in the spread.
    """
    chance = rate.yearly_chance.quantile(stratified_points(seed, f"{_RATE_PREFIX}.yearly_chance", n_years))
    median = rate.victims.quantile(stratified_points(seed, f"{_RATE_PREFIX}.victims", n_years))
    digest = hashlib.sha256(f"{seed}:{_RATE_PREFIX}".encode()).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
    incidents = generator.poisson(-np.log1p(-chance))
    year = np.repeat(np.arange(n_years), incidents)
    size = median[year] * np.exp(rate.log_sd * generator.standard_normal(len(year)))
    return np.asarray(np.bincount(year, size, minlength=n_years), dtype=np.float64)


def planning_distribution(rate: IncidentRate, n_years: int = 20_000, seed: int = 1) -> pd.DataFrame:
    """Return how many extra victims a year to plan for, from the mean to one year in a hundred.

    Returns
    -------
    DataFrame
        Columns years_below (share of years that have at most so many; NaN in the first row, the mean
        over years), victims, words.
    """
    extra = extra_victims(rate, n_years, seed)
    none = float(np.mean(extra == 0))
    rows: list[tuple[float, float, str]] = [
        (np.nan, float(extra.mean()), f"mean of all years; {none:.0%} of years have none")
    ]
    for below, victims in zip(_YEARS_BELOW, np.quantile(extra, _YEARS_BELOW), strict=True):
        rows.append((below, float(victims), f"exceeded in one year of {round(1 / (1 - below))}"))
    return pd.DataFrame(rows, columns=["years_below", "victims", "words"])

"""Major incidents: one that happens on a date, and how often one happens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from victimsmodel.inputs.fields import IsoDate, Label
from victimsmodel.inputs.quantities import Days, Frozen, Observed, Probability, Victims


class MajorIncident(Frozen):
    """People exposed on one day, of whom some come to the service over the following weeks.

    Arrivals start at a peak after `delay_days`, halve their excess over the plateau every
    `half_life_days`, and end after `days`.
    """

    title: Label
    date: IsoDate
    exposed: Victims
    uptake: Probability  # of those exposed, that come to the service
    need: Probability  # of those who come
    crime_types: Observed  # mix of those who come
    entry: Literal["referred", "contacted", "consented", "accepted"] = "contacted"
    delay_days: int = Field(default=0, ge=0, le=365)
    days: int = Field(ge=1, le=1826)
    half_life_days: Days
    plateau: Probability  # daily arrivals at which the decline ends, as a part of those at the peak


class IncidentRate(Frozen):
    """How often a major incident happens, and how many victims it brings: for planning."""

    yearly_chance: Probability  # of one or more in a year
    victims: Victims  # the median incident: those who come to the service
    log_sd: float = Field(gt=0, le=3)  # how much incidents differ: standard deviation of log victims
    source: str = Field(min_length=1)  # of log_sd
    note: str = ""

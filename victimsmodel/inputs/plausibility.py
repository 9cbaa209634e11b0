"""Bands outside which a number is valid but unlikely: minutes that are hours, pounds that are thousands."""

from __future__ import annotations

import re
from typing import NamedTuple

from victimsmodel.errors import Problem
from victimsmodel.inputs.estimate_rules import MONEY
from victimsmodel.inputs.quantities import Estimate, estimates_in
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.service import Service

_GWENT = "at most a paid day of 7.5 hours over 2.16 assessments: 2,761 by 18 officers in 71 days, Gwent 2021"
_NO_DURATIONS = "assumption: no published durations were found"
_SALARIES = (
    "from the lowest salary, GBP 16,000 (National Careers Service 2018), to three times the highest with its "
    "on-costs (assumption)"
)


_NAMED = 3  # amounts that a warning names one by one


class Band(NamedTuple):
    """What a kind of number usually lies in, and where that comes from."""

    field: str  # pattern of the dotted name within a service
    low: float
    high: float
    source: str


#: The first pattern that fits holds.
BANDS = (
    Band(r"assessment\.minutes", 5, 208,
         _GWENT),
    Band(r"assessment\.booked\.minutes_missed", 0.5, 60, _NO_DURATIONS),
    Band(r"contact\.channels\.visit\.minutes_\w+", 5, 300, _NO_DURATIONS),
    Band(r"contact\.channels\.\w+\.minutes_reached", 1, 90, _NO_DURATIONS),
    Band(r"contact\.channels\.\w+\.minutes_attempt", 0.05, 30, _NO_DURATIONS),
    Band(r"contact\.channels\.\w+\.unit_cost", 0.001, 100, "assumption: no published unit costs were found"),
    Band(r"support\.casework\.minutes", 5, 300, _NO_DURATIONS),
    Band(r"support\.(practical|specialist)\.minutes", 1, 480, _NO_DURATIONS),
    Band(r"support\.casework\.sessions", 1, 60, "assumption: 7.7 to 9.2 contacts a case are published"),
    Band(r"staff\.\w+\.shrinkage", 0.05, 0.6, "28 to 35 % are published (contact centres 2024-25), widened"),
    Band(r"staff\.\w+\.occupancy", 0.4, 0.99, "75 to 90 % are published (contact centres), widened"),
    Band(r"staff\.\w+\.cost_per_fte", 16_000, 92_000, _SALARIES),
)  # fmt: skip


class Unlikely(NamedTuple):
    """A number outside its band."""

    field: str
    estimate: Estimate
    band: Band

    @property
    def problem(self) -> Problem:
        """The same in the words of other problems, to be told as a warning."""
        low, high, unit = self.band.low, self.band.high, self.estimate.unit
        allowed = f"is unlikely: outside {low:g} to {high:g} {unit} ({self.band.source})"
        hint = _hint(self.estimate, self.band)
        return Problem("", self.field, f"{self.estimate.centre:g} {unit}", allowed, "VM291", hint)


def unlikely_numbers(scenario: Scenario) -> list[Unlikely]:
    """Return the numbers of all options whose middle lies outside what such numbers usually are.

    They are no errors: a service may be unusual. Volunteers have no band of pay.
    """
    found: dict[tuple[str, Estimate], Unlikely] = {}
    for name in sorted(scenario.options, key=lambda option: option != BUSINESS_AS_USUAL):
        prefix = "" if name == BUSINESS_AS_USUAL else f"options.{name}.changes."
        for field, estimate in estimates_in(scenario.options[name].service).items():
            band = _band(field, scenario.options[name].service)
            if band is not None and not band.low <= estimate.centre <= band.high:
                found.setdefault((field, estimate), Unlikely(prefix + field, estimate, band))
    return list(found.values())


def amounts_without_year(scenario: Scenario) -> Problem | None:
    """Return a warning that names the amounts taken as in prices of the scenario's year; None without any."""
    first: dict[Estimate, str] = {}  # options repeat what they do not change
    for field, estimate in estimates_in(scenario).items():
        if estimate.unit in MONEY and estimate.price_year is None:
            first.setdefault(estimate, field)
    found = list(first.values())
    if not found:
        return None
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    allowed = f"is taken for amounts that name no year: {', '.join(found[:_NAMED])}{more}"
    hint = "Write price_year beside the unit, so that no other file or --set changes what they mean."
    return Problem("", "price_year", scenario.price_year, allowed, "VM292", hint)


def _band(field: str, service: Service) -> Band | None:
    if field.endswith("cost_per_fte") and service.staff[field.split(".")[1]].volunteer:
        return None
    return next((band for band in BANDS if re.fullmatch(band.field, field)), None)


def _hint(estimate: Estimate, band: Band) -> str:
    """Guess the unit in which the number was meant: one that brings it into the band."""
    if estimate.unit != "minutes":
        return ""
    if band.low <= estimate.centre * 60 <= band.high:
        return "Are these hours? Write them in minutes."
    return "Is that as many minutes, or hours times 60?" if estimate.centre > band.high else ""

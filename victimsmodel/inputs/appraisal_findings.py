"""What must hold between costs, options and the appraisal of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from victimsmodel.inputs.finding import Finding, unknown
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.service import Service
from victimsmodel.inputs.worth import OneOff


def appraisal_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield what the appraisal of a scenario could not count, or would count wrongly."""
    if scenario.against not in (BUSINESS_AS_USUAL, *scenario.options):
        yield unknown(("against",), scenario.against, scenario.options, "named option")
    if scenario.plans is not None and scenario.plans.option not in (BUSINESS_AS_USUAL, *scenario.options):
        yield unknown(("plans", "option"), scenario.plans.option, scenario.options, "named option")
    for name, option in scenario.options.items():
        path = ("options", name)
        for finding in _volunteer_findings(option.service):
            yield finding._replace(path=(*path, "service", *finding.path))
        if option.introduction and name == BUSINESS_AS_USUAL:
            allowed = "must be absent: business as usual is what the others are introduced into"
            yield Finding((*path, "introduction"), "", allowed, "VM195")
        elif option.introduction and scenario.appraisal is None:
            yield Finding((*path, "introduction"), "", _NEEDS_YEARS, "VM195")
        for key, cost in option.service.costs.one_off.items():
            allowed = _outside(cost, scenario)
            if allowed:
                where = (*path, "service", "costs", "one_off", key)
                yield Finding(where, "", allowed, "VM196")


_NEEDS_YEARS = "needs the section appraisal, which says over which years"


def _volunteer_findings(service: Service) -> Iterator[Finding]:
    for name, role in service.staff.items():
        path = ("staff", name, "value_per_hour")
        if role.volunteer and role.value_per_hour is None:
            allowed = "needs value_per_hour: the time of volunteers is valued, apart from the grant"
            yield Finding(("staff", name, "volunteer"), "true", allowed, "VM194")
        if role.value_per_hour is not None and not role.volunteer:
            allowed = "must be absent, or volunteer must be true: the time of paid staff is in their pay"
            yield Finding(path, "", allowed, "VM194")


def _outside(cost: OneOff, scenario: Scenario) -> str:
    """Say why a cost falls into no year of the appraisal, or return an empty text."""
    if scenario.appraisal is None:
        return _NEEDS_YEARS
    year = year_of(cost, first_day(scenario))
    if 0 <= year < scenario.appraisal.years:
        return ""
    last = scenario.appraisal.years - 1
    return f"falls into year {year} of the appraisal, which has the years 0 to {last}"


def first_day(scenario: Scenario) -> date:
    """Return the first day of the first year that is appraised."""
    stated = scenario.appraisal.first_day if scenario.appraisal is not None else None
    return scenario.period.start if stated is None else stated


def year_of(cost: OneOff, start: date) -> int:
    """Return the year of the appraisal that a cost falls into; 0 is the first."""
    if cost.year_offset is not None:
        return cost.year_offset
    assert cost.date is not None
    before = (cost.date.month, cost.date.day) < (start.month, start.day)
    return cost.date.year - start.year - before

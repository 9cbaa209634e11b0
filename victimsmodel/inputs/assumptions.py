"""Every estimate of a scenario with its source: what an evaluation rests on."""

from __future__ import annotations

from typing import NamedTuple

from victimsmodel.inputs.quantities import Estimate, estimates_in
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario


class Assumption(NamedTuple):
    """An input as it is stated: what is believed, and why."""

    input: str  # dotted name
    option: str  # which states it; business as usual for what all share
    estimate: Estimate
    source: str  # title and year
    is_assumption: bool  # no evidence was found


def stated_assumptions(scenario: Scenario) -> list[Assumption]:
    """Return every estimate: those of business as usual, then what other options state anew."""
    shared = estimates_in(scenario.options[BUSINESS_AS_USUAL].service)
    stated = {**estimates_in(scenario.demand, "demand"), **shared}
    stated |= estimates_in(scenario.appraisal, "appraisal")
    rows = [_assumption(name, BUSINESS_AS_USUAL, estimate, scenario) for name, estimate in stated.items()]
    for option_name, option in scenario.options.items():
        rows += [
            _assumption(name, option_name, estimate, scenario)
            for name, estimate in estimates_in(option.service).items()
            if shared.get(name) != estimate
        ]
    return rows


def _assumption(name: str, option: str, estimate: Estimate, scenario: Scenario) -> Assumption:
    source = scenario.sources.get(estimate.source)
    title = "Assumption" if source is None else f"{source.title} ({source.year})"
    return Assumption(name, option, estimate, title, source is None)

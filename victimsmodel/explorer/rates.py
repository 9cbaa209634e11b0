"""Prices and staff time of an option, not computed again for sliders that leave them as they were."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.appraisal.costs import cost_lines
from victimsmodel.appraisal.priced import priced_service
from victimsmodel.explorer.remembered import Asked
from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.scenario import Scenario, method_of
from victimsmodel.pathway.arrays import MOST_ATTEMPTS, Floats
from victimsmodel.pathway.predicting import productive_minutes


class CostRates(NamedTuple):
    """What the cost of a year is made of: it is linear in attempts and cases."""

    in_any_case: float  # staff in post and fixed costs, GBP
    attempt: Floats  # (n_groups, MOST_ATTEMPTS) GBP each
    informed: Floats  # (n_groups,) GBP a victim sent information
    supported: float  # GBP a victim supported


def cost_rates(scenario: Scenario, option: str, points: Points) -> CostRates:
    """Return what an option's year, attempts and cases cost, every input at its median."""
    service = scenario.options[option].service
    contact, charges = service.contact, (channel.unit_cost for channel in service.contact.channels.values())
    chosen = (scenario.period, scenario.appraisal, contact.methods, contact.assigned)
    parts = (*chosen, service.staff, service.support, service.costs, *charges)
    return _cost_rates(Asked(parts, scenario, option, points))


def staff_minutes(scenario: Scenario, option: str, points: Points) -> Floats:
    """Return the minutes that the staff in post can give in the year, shape (1, n_roles), at the medians."""
    parts = (scenario.period, scenario.options[option].service.staff)
    return _staff_minutes(Asked(parts, scenario, option, points))


@lru_cache(maxsize=64)
def _cost_rates(asked: Asked) -> CostRates:
    scenario, option, points = asked.given
    contact = scenario.options[option].service.contact
    channels = list(contact.channels)
    each = pd.DataFrame(np.eye(len(channels) + 1), columns=[*channels, "supported"]).assign(draw=0)
    prices = priced_service(scenario, option, points)
    lines = {name: line.to_numpy() for name, line in cost_lines(each, prices, scenario.period).items()}
    sent = {channel: float(lines["attempts"][i]) for i, channel in enumerate(channels)}
    attempt, informed = np.zeros((len(scenario.groups), MOST_ATTEMPTS)), np.zeros(len(scenario.groups))
    for g, group in enumerate(scenario.groups):
        method = contact.methods[method_of(contact, group)]
        attempt[g, : len(method.attempts)] = [sent[one.channel] for one in method.attempts]
        informed[g] = sent.get(method.fallback, 0.0)
    in_any_case = float(lines["staff"][0] + lines["fixed"][0])
    return CostRates(in_any_case, attempt, informed, float(lines["cases"][-1]))


@lru_cache(maxsize=64)
def _staff_minutes(asked: Asked) -> Floats:
    scenario, option, points = asked.given
    return productive_minutes(scenario, option, points)

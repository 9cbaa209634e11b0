"""Prices and staff time of an option, not computed again for sliders that leave them as they were."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.appraisal.costs import cost_lines
from victimsmodel.appraisal.priced import priced_service
from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.predicting import productive_minutes


class CostRates(NamedTuple):
    """What the cost of a year is made of: it is linear in attempts and cases."""

    in_any_case: float  # staff in post and fixed costs, GBP
    attempt: dict[str, float]  # by channel, GBP
    supported: float  # GBP a victim supported


class _Asked:
    """What is asked for; the same when the descriptions that the answer depends on are the same objects.

    Descriptions never change, and a moved slider replaces only those on the way to its input.
    """

    def __init__(self, scenario: Scenario, option: str, points: Points, parts: tuple[object, ...]) -> None:
        self.scenario, self.option, self.points, self._parts = scenario, option, points, parts

    def __hash__(self) -> int:
        return hash(tuple(map(id, self._parts)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Asked) or len(self._parts) != len(other._parts):
            return False
        return all(a is b for a, b in zip(self._parts, other._parts, strict=True))


def cost_rates(scenario: Scenario, option: str, points: Points) -> CostRates:
    """Return what an option's year, attempts and cases cost, every input at its median."""
    service = scenario.options[option].service
    charges = (channel.unit_cost for channel in service.contact.channels.values())
    parts = (scenario.period, scenario.appraisal, service.staff, service.support, service.costs, *charges)
    return _cost_rates(_Asked(scenario, option, points, parts))


def staff_minutes(scenario: Scenario, option: str, points: Points) -> Floats:
    """Return the minutes that the staff in post can give in the year, shape (1, n_roles), at the medians."""
    parts = (scenario.period, scenario.options[option].service.staff)
    return _staff_minutes(_Asked(scenario, option, points, parts))


@lru_cache(maxsize=64)
def _cost_rates(asked: _Asked) -> CostRates:
    service = asked.scenario.options[asked.option].service
    channels = list(service.contact.channels)
    each = pd.DataFrame(np.eye(len(channels) + 1), columns=[*channels, "supported"]).assign(draw=0)
    prices = priced_service(asked.scenario, asked.option, asked.points)
    lines = {name: line.to_numpy() for name, line in cost_lines(each, prices, asked.scenario.period).items()}
    attempts = {str(channel): float(lines["attempts"][i]) for i, channel in enumerate(channels)}
    return CostRates(float(lines["staff"][0] + lines["fixed"][0]), attempts, float(lines["cases"][-1]))


@lru_cache(maxsize=64)
def _staff_minutes(asked: _Asked) -> Floats:
    return productive_minutes(asked.scenario, asked.option, asked.points)

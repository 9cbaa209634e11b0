"""What is not computed again for sliders that leave it as it was."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd

from victimsmodel.demand.sources import Arrivals, arrivals
from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.scenario import Demand, Scenario

#: Of demand: what no number of the page depends on unless it is projected.
_IDLE = ("from_crime", "needs", "history", "areas", "boroughs")


class Asked:
    """What is asked for; the same when the descriptions that the answer depends on are the same objects.

    Descriptions never change, and a moved slider replaces only those on the way to its input.

    Parameters
    ----------
    parts : tuple of object
        The descriptions that the answer depends on.
    given : object
        What it is computed from: all of it follows from the parts.
    """

    def __init__(self, parts: tuple[object, ...], *given: Any) -> None:
        self._parts, self.given = parts, given

    def __hash__(self) -> int:
        return hash(tuple(map(id, self._parts)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Asked) or len(self._parts) != len(other._parts):
            return False
        return all(a is b for a, b in zip(self._parts, other._parts, strict=True))


def same_arrivals(scenario: Scenario, points: Points, days: pd.DatetimeIndex) -> Arrivals:
    """Return the `arrivals` of a scenario: the same for all options, and while no slider of demand moves."""
    return _arrivals(Asked((scenario.demand, scenario.period, points, days), scenario, points, days))


def lean(scenario: Scenario) -> Scenario:
    """Return a scenario without what no number of the page depends on, so that draws of it are quick."""
    demand = scenario.demand
    used = demand if demand.projection is not None else _lean_demand(Asked((demand,), demand))
    return scenario.model_copy(update={"demand": used, "levers": {}})


@lru_cache(maxsize=8)
def _arrivals(asked: Asked) -> Arrivals:
    scenario, points, days = asked.given
    return arrivals(scenario, points, days)


@lru_cache(maxsize=8)
def _lean_demand(asked: Asked) -> Demand:
    demand: Demand = asked.given[0]
    return demand.model_copy(update=dict.fromkeys(_IDLE))

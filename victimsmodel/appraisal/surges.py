"""The situations that are planned for: an average year, and one with more victims."""

from __future__ import annotations

from typing import NamedTuple

from victimsmodel.errors import input_error
from victimsmodel.inputs.scenario import Scenario

_MOST_MORE = 5.0


class Situation(NamedTuple):
    """A year to plan for."""

    name: str  # average or surge
    title: str
    scenario: Scenario
    volume: float = 1.0  # victims relative to the scenario's, all year


def situations(scenario: Scenario, surge: str | float | None) -> tuple[Situation, ...]:
    """Return the average year, without surges and incidents, and the surge if one is asked for.

    Parameters
    ----------
    scenario : Scenario
    surge : str or float, optional
        ``"scenario"``: the scenario's own surges and incidents; a number: so many times the usual victims
        more, all through the year.

    Raises
    ------
    InputError
        VM184 where the scenario states no surge, or the number is out of range.
    """
    demand = scenario.demand.model_copy(update={"surges": {}, "incidents": {}})
    quiet = scenario.model_copy(update={"demand": demand})
    average = Situation("average", "an average year", quiet)
    if surge is None:
        return (average,)
    if surge == "scenario":
        surges, incidents = scenario.demand.surges.values(), scenario.demand.incidents.values()
        titles = [surge.title for surge in surges] + [incident.title for incident in incidents]
        if not titles:
            allowed = "states neither demand.surges nor demand.incidents"
            hint = "Give the size of the surge, for example --surge-percent 20."
            raise input_error("--surge", f"{scenario.name} {allowed}", "VM184", hint=hint)
        return (average, Situation("surge", f"a year with {' and '.join(titles)}", scenario))
    if isinstance(surge, str) or not 0 < surge <= _MOST_MORE:
        allowed = 'must be "scenario" or a number above 0 and up to 5'
        raise input_error("plan", allowed, "VM184", field="surge", value=str(surge))
    title = f"a year with {100 * surge:g} % more victims"
    return (average, Situation("surge", title, quiet, 1 + surge))

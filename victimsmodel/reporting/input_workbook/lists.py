"""Drop-down lists of an input workbook: names of the scenario that a cell may hold."""

from __future__ import annotations

from collections.abc import Mapping

from victimsmodel.inputs.scenario import ASSUMPTION, PRIORITIES, Scenario
from victimsmodel.inputs.workbook.layout import Path_
from victimsmodel.records import STAGES

SOURCES_LIST = "source"
#: Keys whose value is a name of the scenario, and the list of such names.
_LIST_OF = {
    "source": SOURCES_LIST,
    "grant_source": SOURCES_LIST,
    "population_source": SOURCES_LIST,
    "role": "role",
    "window": "window",
    "crime_type": "crime_type",
    "against": "option",
    "stage": "stage",
    "of": "stage",
    "group": "group",
}


def name_lists(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the names that drop-down lists offer, by kind."""
    services = [option.service for option in scenario.options.values()]
    windows = [name for each in services for name in each.contact.windows]
    windows += [
        name for each in services for c in each.contact.channels.values() for name in c.reach_by_window
    ]
    found: Mapping[str, list[str]] = {
        SOURCES_LIST: [ASSUMPTION, *scenario.sources],
        "role": [name for each in services for name in each.staff],
        "method": [name for each in services for name in each.contact.methods],
        "window": windows,
        "crime_type": [*scenario.demand.crime_types],
        "option": [*scenario.options],
        "stage": [*STAGES],
        "group": [*(group.name for group in scenario.groups), *scenario.demand.crime_types, *PRIORITIES],
    }
    return {kind: tuple(dict.fromkeys(names)) for kind, names in found.items() if names}


def list_of(path: Path_, column: str) -> str:
    """Return the kind of name that a cell holds; empty where it is none."""
    key = str(path[-1]) if column == "value" else column
    if len(path) > 1 and path[-2] == "assigned":
        return "method"
    if path[0] == "levers" and key == "stage":  # another word for where victims are lost
        return ""
    return _LIST_OF.get(key, "")

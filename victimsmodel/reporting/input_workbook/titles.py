"""What a row of the input workbook is called, and the heading that it stands under."""

from __future__ import annotations

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.strict_yaml import Node
from victimsmodel.inputs.workbook.layout import CHANGES, Path_, Row, node_at
from victimsmodel.reporting.choice_words import CHOICE_PHRASES, HEADINGS
from victimsmodel.reporting.words import input_title, phrase_in, sentence_case

_VALUES = "values"
_TOP = {
    "name": "The scenario",
    "title": "The scenario",
    "grant_gbp": "Grant and prices",
    "grant_source": "Grant and prices",
    "price_year": "Grant and prices",
    "against": "Comparison",
}
_ENTRY = {"Attempts": "Attempt", "Dates": "Change", "Observed totals": "Total"}


def title_of(row: Row, scenario: Scenario) -> str:
    """Return the words for the input of a row."""
    if row.kind in ("record", "dated"):
        number = int(row.field.rpartition("[")[2].rstrip("]")) + 1
        return f"{_ENTRY.get(row.sheet, 'Entry')} {number}"
    if row.kind == "counted":
        return "Unit, source and note of these numbers"
    path = _as_in_business(row.path)
    if len(path) > 1 and path[-2] == _VALUES:
        return _key_title(str(path[-1]), scenario)
    name = ".".join(map(str, path))
    if path[-1] == "title" and CHANGES in row.path:
        return f"Title of: {str(path[-2]).replace('_', ' ')}"
    return phrase_in(CHOICE_PHRASES, name, scenario) or _plain_title(name, path, scenario)


def heading_of_row(row: Row, root: Node, scenario: Scenario) -> str:
    """Return the heading that a row stands under."""
    if row.kind in ("record", "dated"):
        return _list_heading(row.path, root, scenario)
    path = row.path if row.kind == "counted" else row.path[:-1]
    path = path[:-1] if path and path[-1] == _VALUES else path
    if not path:
        return _TOP.get(str(row.path[0]), "Files that the scenario names")
    return _heading(path, root, scenario)


def _heading(path: Path_, root: Node, scenario: Scenario) -> str:
    if len(path) > 1 and path[0] in ("options", "levers"):
        own = _titled(path[:2], root) or str(path[1])
        return f"{own}: what changes" if CHANGES in path else own
    name = ".".join(map(str, path))
    if name in HEADINGS:
        return HEADINGS[name]
    if path[:2] == ("contact", "methods"):  # whose names lists offer
        return f"{_titled(path, root)} ({path[-1]})"
    for i in range(len(path), 0, -1):
        title = _titled(path[:i], root)
        if title:
            return title
    return sentence_case(", ".join(str(part).replace("_", " ") for part in path[1:] or path))


def _list_heading(path: Path_, root: Node, scenario: Scenario) -> str:
    name = ".".join(map(str, path))
    if name in HEADINGS:
        return HEADINGS[name]
    owner = _titled(path[:-1], root) or str(path[-2]).replace("_", " ")
    if path[0] in ("options", "levers") and CHANGES in path:
        of = _titled(path[:2], root) or str(path[1])
        return f"{of}: {owner}"
    last = phrase_in(CHOICE_PHRASES, name, scenario) if path[-1] in ("introduction", "fte_from") else ""
    return f"{owner}: {last[:1].lower()}{last[1:]}" if last and path[0] == "options" else last or owner


def _titled(path: Path_, root: Node) -> str:
    """Return the title that the part of a scenario at a path states of itself."""
    title = node_at(root, (*path, "title"))
    return str(title.value) if title is not None and path else ""


def _as_in_business(path: Path_) -> Path_:
    return path[path.index(CHANGES) + 1 :] if CHANGES in path else path


def _plain_title(name: str, path: Path_, scenario: Scenario) -> str:
    if path[-1] == "title":
        return "Title"
    return input_title(name, scenario)


def _key_title(key: str, scenario: Scenario) -> str:
    crime_type = scenario.demand.crime_types.get(key)
    return crime_type.title if crime_type is not None else sentence_case(key.replace("_", " "))

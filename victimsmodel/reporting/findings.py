"""What the tables say, as facts that the report puts into words."""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.outcomes import Measure, measures_of
from victimsmodel.appraisal.standards import parse_standards
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.reporting.words import area_title, input_title, sentence_case, typeset

#: Formats of estimate and difference, by the unit of a measure.
MEASURE_FORMATS = {
    "victims": ("count", "count_signed"),
    "share": ("share1", "points"),
    "GBP": ("pounds", "pounds_signed"),
    "days": ("days", "days"),
}

#: Formats of the values of inputs, by their unit.
INPUT_FORMATS = {
    "probability": "share1",
    "victims/year": "count",
    "victims": "count",
    "GBP": "pounds",
    "GBP/year": "pounds",
    "correlation": "decimal2",
    "odds ratio": "decimal1",
}

#: How plans call all of their standards, to be met in the same year.
ALL_STANDARDS = "all standards"

#: Measures that a commissioner reads first; the others follow.
FIRST_MEASURES = (
    EFFECT,
    "supported",
    "coverage",
    "attrition",
    "additional_improved",
    "total_cost",
    "cost_per_supported_in_need",
)


class Assumption(NamedTuple):
    """One input as it is printed; its numbers are looked up in the table."""

    input: str
    option: str
    title: str
    option_title: str  # empty for what all options share
    unit: str
    style: str
    source: str
    address: str
    quality: str
    note: str
    is_assumption: bool
    is_borrowed: bool


def simulated_options(comparison: pd.DataFrame, scenario: Scenario) -> list[str]:
    """Return the options that were compared: the one compared with first, then as in the scenario."""
    found = set(comparison["option"].astype(str))
    return sorted((name for name in scenario.options if name in found), key=lambda n: n != scenario.against)


def ordered_measures(scenario: Scenario) -> tuple[list[Measure], list[Measure]]:
    """Return the measures that are read first, and the others."""
    found = measures_of(scenario)
    by_name = {measure.name: measure for measure in found}
    return [by_name[name] for name in FIRST_MEASURES], [m for m in found if m.name not in FIRST_MEASURES]


def extreme_groups(group_coverage: pd.DataFrame, option: str) -> tuple[str, str]:
    """Return the groups with the least and the most coverage under an option; empty if nobody is in need."""
    own = group_coverage[group_coverage["option"].astype(str) == option].set_index("group")["coverage"]
    return ("", "") if own.isna().all() else (str(own.idxmin()), str(own.idxmax()))


def assumptions_by_area(assumptions: pd.DataFrame, scenario: Scenario) -> dict[str, list[Assumption]]:
    """Return every input in words, by the part of the service that it belongs to."""
    areas: dict[str, list[Assumption]] = {}
    for row in assumptions.to_dict("records"):
        item = _assumption({str(name): value for name, value in row.items()}, scenario)
        areas.setdefault(area_title(item.input), []).append(item)
    return areas


def _assumption(row: dict[str, object], scenario: Scenario) -> Assumption:
    option, unit = str(row["option"]), str(row["unit"])
    source = scenario.sources.get(str(row["source_key"]))
    address = "" if source is None else source.address
    return Assumption(
        input=str(row["input"]),
        option=option,
        title=input_title(str(row["input"]), scenario),
        option_title="" if option == BUSINESS_AS_USUAL else scenario.options[option].title,
        unit=unit,
        style=INPUT_FORMATS.get(unit, "plain"),
        source=typeset(str(row["source"])),
        address=address if address.startswith(("https://", "http://")) else "",
        quality=str(row["quality"]),
        note=note_in_words(str(row["note"]), scenario),
        is_assumption=bool(row["is_assumption"]),
        is_borrowed=bool(row["is_borrowed"]),
    )


def note_in_words(note: str, scenario: Scenario) -> str:
    """Return a note in words: keys of sources become their titles, other names lose their underscores."""
    for key, source in scenario.sources.items():
        note = re.sub(rf"\b{re.escape(key)}\b", f"{source.title}, {source.year}", note)
    return typeset(re.sub(r"(?<=\w)_(?=\w)", " ", note))


def standard_in_words(text: str) -> str:
    """Return a standard as plans write it, in words; the one for all of them says so."""
    if text == ALL_STANDARDS:
        return "All of them in the same year"
    return sentence_case(parse_standards([text])[0].title)

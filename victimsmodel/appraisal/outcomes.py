"""What a year of an option achieves: measures that every comparison speaks of."""

from __future__ import annotations

from typing import Literal, NamedTuple

import pandas as pd

from victimsmodel.appraisal.costs import annual_costs
from victimsmodel.inputs.draws import values_of
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.worth import NATIONAL_OUTCOMES, NationalOutcome
from victimsmodel.pathway.results import points_of
from victimsmodel.records import Result

_RUN = ["option", "draw", "replication"]


class Measure(NamedTuple):
    """A quantity that options are compared on."""

    name: str
    title: str
    unit: Literal["victims", "share", "GBP", "days"]
    better: Literal["higher", "lower", ""]


MEASURES = (
    Measure("referred", "Victims referred", "victims", ""),
    Measure("attempted", "Victims attempted", "victims", ""),
    Measure("contacted", "Victims contacted", "victims", ""),
    Measure("assessed", "Needs assessed", "victims", ""),
    Measure("supported", "Victims supported", "victims", "higher"),
    Measure("supported_in_need", "Victims in need supported", "victims", "higher"),
    Measure("additional_improved", "Victims improved who would not have been otherwise", "victims", "higher"),
    Measure(
        "additional_health_wellbeing", "Additionally improved: health and well-being", "victims", "higher"
    ),
    Measure("additional_coping", "Additionally improved: able to cope", "victims", "higher"),
    Measure("additional_safety", "Additionally improved: feeling safe", "victims", "higher"),
    Measure("additional_informed", "Additionally improved: informed and empowered", "victims", "higher"),
    Measure("attrition", "Attrition from referral to support", "share", "lower"),
    Measure("coverage", "Coverage: victims in need who are supported", "share", "higher"),
    Measure("total_cost", "Cost of the year", "GBP", "lower"),
    Measure("cost_per_referral", "Cost per referral", "GBP", "lower"),
    Measure("cost_per_contact", "Cost per victim contacted", "GBP", "lower"),
    Measure("cost_per_assessment", "Cost per assessment", "GBP", "lower"),
    Measure("cost_per_supported", "Cost per victim supported", "GBP", "lower"),
    Measure("cost_per_supported_in_need", "Cost per victim in need supported", "GBP", "lower"),
)


#: Measures that are victims counted at a stage: of whom, and where.
COUNTED: dict[str, tuple[str, str]] = {
    **{name: ("all", name) for name in ("referred", "attempted", "contacted", "assessed", "supported")},
    "supported_in_need": ("in_need", "supported"),
}

#: Measures that are a cost of each: of what.
COSTED: dict[str, str] = {
    "cost_per_referral": "referred",
    "cost_per_contact": "contacted",
    "cost_per_assessment": "assessed",
    "cost_per_supported": "supported",
    "cost_per_supported_in_need": "supported_in_need",
}

#: Measure of each national outcome: additional victims who improve on it. A victim may improve on several,
#: so that they are not added up.
NATIONAL_MEASURES: dict[NationalOutcome, str] = {name: f"additional_{name}" for name in NATIONAL_OUTCOMES}


def measures_of(scenario: Scenario) -> tuple[Measure, ...]:
    """Return the measures that a scenario states what it takes for: all but national outcomes not stated."""
    outcomes = [option.service.outcomes for option in scenario.options.values()]
    missing = {
        m for name, m in NATIONAL_MEASURES.items() if any(name not in own.national for own in outcomes)
    }
    return tuple(measure for measure in MEASURES if measure.name not in missing)


def measures_by_run(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return every measure of every run.

    Attrition is 1 - supported / referred; coverage is supported victims in need / all victims in
    need, referred or not. Costs per unit are the whole cost of the year over the number of units. On a
    national outcome, completed cases x improved x attributable: an expectation, without chance of its own.

    Returns
    -------
    DataFrame
        Index option, draw, replication; one column a measure, in the order of `measures_of`.
    """
    by_stage = (
        result.funnel.groupby([*_RUN, "stage", "who"], observed=True)["victims"]
        .sum()
        .unstack(["stage", "who"])
    )
    every, in_need = by_stage.xs("all", axis=1, level="who"), by_stage.xs("in_need", axis=1, level="who")
    cost = annual_costs(result, scenario).groupby(_RUN, observed=True)["cost_gbp"].sum()
    found = every[["referred", "attempted", "contacted", "assessed", "supported"]].astype(float)
    found["supported_in_need"] = in_need["supported"].astype(float)
    chances = _chances(found.index, scenario, result)
    found["additional_improved"] = every["improved"] * chances["attributable"]
    for name in NATIONAL_MEASURES.values():
        if name in chances:
            found[name] = every["completed"] * chances[name]
    found["attrition"] = 1 - every["supported"] / every["referred"]
    found["coverage"] = in_need["supported"] / in_need["in_need"]
    found["total_cost"] = cost.reindex(found.index)
    for name, unit in COSTED.items():
        found[name] = found["total_cost"] / found[unit].where(found[unit] > 0)
    found.columns.name = None
    return found[[measure.name for measure in measures_of(scenario)]]


def parts_of_ratios(runs: pd.DataFrame, result: Result) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the measures that are shares, or costs of each, are made of: numerators and denominators.

    Parameters
    ----------
    runs : DataFrame
        From `measures_by_run`.
    result : Result
        That it was made from.

    Returns
    -------
    tuple of DataFrame
        Index as `runs`, a column for each such measure.
    """
    funnel = result.funnel
    counted = funnel[(funnel["stage"] == "in_need") & (funnel["who"] == "in_need")]
    in_need = counted.groupby(_RUN, observed=True)["victims"].sum().reindex(runs.index)
    above = {"attrition": runs["referred"] - runs["supported"], "coverage": runs["supported_in_need"]}
    above |= dict.fromkeys(COSTED, runs["total_cost"])
    below = {"attrition": runs["referred"], "coverage": in_need}
    below |= {name: runs[unit] for name, unit in COSTED.items()}
    return pd.DataFrame(above), pd.DataFrame(below)


def measures_by_draw(runs: pd.DataFrame) -> pd.DataFrame:
    """Return every measure of every draw, replications averaged: what two runs are compared on.

    Parameters
    ----------
    runs : DataFrame
        From `measures_by_run`.

    Returns
    -------
    DataFrame
        Columns option, draw and one a measure.
    """
    return runs.groupby(["option", "draw"], observed=True).mean().reset_index()


def _chances(index: pd.Index, scenario: Scenario, result: Result) -> pd.DataFrame:
    """Return, for each run, the attributable share, and of completed cases those who gain an outcome."""
    points = points_of(result)
    stated = {measure.name for measure in measures_of(scenario)}
    frames = {}
    for option in index.get_level_values("option").unique():
        outcomes = values_of(scenario.options[str(option)].service.outcomes, points, "outcomes")
        columns = {"attributable": outcomes.attributable}
        for name, change in outcomes.national.items():
            columns[NATIONAL_MEASURES[name]] = change.improved * change.attributable
        frames[option] = pd.DataFrame(
            {k: v for k, v in columns.items() if k == "attributable" or k in stated}
        )
    table = pd.concat(frames, names=["option", "draw"])
    keys = pd.MultiIndex.from_arrays(
        [index.get_level_values("option").astype(object), index.get_level_values("draw")]
    )
    found = table.reindex(keys)
    found.index = index
    return found

"""What a year of an option achieves: measures that every comparison speaks of."""

from __future__ import annotations

from typing import Literal, NamedTuple

import pandas as pd

from victimsmodel.appraisal.costs import annual_costs
from victimsmodel.inputs.draws import values_of
from victimsmodel.inputs.scenario import Scenario
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
    Measure("attrition", "Attrition from referral to support", "share", "lower"),
    Measure("coverage", "Coverage: victims in need who are supported", "share", "higher"),
    Measure("total_cost", "Cost of the year", "GBP", "lower"),
    Measure("cost_per_referral", "Cost per referral", "GBP", "lower"),
    Measure("cost_per_contact", "Cost per victim contacted", "GBP", "lower"),
    Measure("cost_per_assessment", "Cost per assessment", "GBP", "lower"),
    Measure("cost_per_supported", "Cost per victim supported", "GBP", "lower"),
    Measure("cost_per_supported_in_need", "Cost per victim in need supported", "GBP", "lower"),
)


def measures_by_run(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return every measure of every run.

    Attrition is 1 - supported / referred; coverage is supported victims in need / all victims in
    need, referred or not. Costs per unit are the whole cost of the year over the number of units.

    Returns
    -------
    DataFrame
        Index option, draw, replication; one column a measure, in the order of `MEASURES`.
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
    found["additional_improved"] = every["improved"] * _attributable(found.index, scenario, result)
    found["attrition"] = 1 - every["supported"] / every["referred"]
    found["coverage"] = in_need["supported"] / in_need["in_need"]
    found["total_cost"] = cost.reindex(found.index)
    units = {
        "cost_per_referral": "referred",
        "cost_per_contact": "contacted",
        "cost_per_assessment": "assessed",
        "cost_per_supported": "supported",
        "cost_per_supported_in_need": "supported_in_need",
    }
    for name, unit in units.items():
        found[name] = found["total_cost"] / found[unit].where(found[unit] > 0)
    found.columns.name = None
    return found[[measure.name for measure in MEASURES]]


def _attributable(index: pd.Index, scenario: Scenario, result: Result) -> pd.Series[float]:
    """Return, for each run, the share of the improved who owe it to the service."""
    points = points_of(result)
    shares = {
        name: values_of(option.service.outcomes, points, "outcomes").attributable
        for name, option in scenario.options.items()
    }
    return pd.Series([float(shares[option][draw]) for option, draw, _ in index], index=index)

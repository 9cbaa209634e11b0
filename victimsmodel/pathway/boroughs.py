"""Counts by borough: groups are spread over the boroughs as the scenario says."""

from __future__ import annotations

import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.records import Result


def by_borough(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return expected counts by borough, group, stage and need, averaged over replications.

    What happens to a victim depends on the group, not on the borough: counts are the group's, times
    the borough's share (``demand.boroughs``), and so are exact when `result` is.

    Parameters
    ----------
    result : Result
        From `simulate` or `expected_pathway`.
    scenario : Scenario

    Returns
    -------
    DataFrame
        Columns option, draw, borough, group, stage, who, victims.

    Raises
    ------
    InputError
        If the scenario states no boroughs.
    """
    boroughs = scenario.demand.boroughs
    if boroughs is None:
        raise input_error("demand", "is not stated in this scenario", "VM036", field="demand.boroughs")
    keys = ["option", "draw", "group", "stage", "who"]
    mean = result.funnel.groupby(keys, observed=True, sort=False)["victims"].mean().reset_index()
    total = sum(boroughs.values.values())
    parts = [
        mean.assign(borough=name, victims=mean["victims"] * (value / total))
        for name, value in boroughs.values.items()
    ]
    found = pd.concat(parts, ignore_index=True)
    found["borough"] = pd.Categorical(found["borough"], list(boroughs.values))
    return found[["option", "draw", "borough", "group", "stage", "who", "victims"]]

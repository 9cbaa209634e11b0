"""Who is reached and supported, and how far behind the best served they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.boroughs import by_borough
from victimsmodel.records import Result

_ROUNDING = 1e-12
_STAGES = ("referred", "contacted", "in_need", "supported")
_KEYS = ["option", "draw", "name", "stage", "who"]


def equity(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return reach and coverage by priority, crime type, group and borough, with the gap to the best served.

    Reach is contacted / referred, coverage is supported victims in need / all victims in need. What happens
    to a victim depends on the group and not on the borough (`by_borough`), so that boroughs differ only
    where their groups do; where a scenario spreads every group alike, all their gaps are nought.

    Returns
    -------
    DataFrame
        Columns option, kind (priority, crime_type, group or borough), name, referred and in_need (persons in
        the period), reach, reach_low, reach_high, reach_gap, coverage, coverage_low, coverage_high,
        coverage_gap (of the mean, below the best of the same kind under the same option), is_best_covered.
    """
    tables = []
    for kind, counts in _counts(result, scenario):
        by_draw = counts.groupby(_KEYS, observed=True, sort=False)["victims"].sum().unstack(["stage", "who"])
        tables.append(_shares(by_draw).assign(kind=kind))
    table = pd.concat(tables, ignore_index=True)
    for measure in ("reach", "coverage"):
        best = table.groupby(["option", "kind"], observed=True)[measure].transform("max")
        gap = best - table[measure]
        table[f"{measure}_gap"] = gap.where(gap > _ROUNDING, 0.0)
    table["is_best_covered"] = table["coverage_gap"] == 0
    first = ["option", "kind", "name", "referred", "in_need"]
    columns = [f"{m}{end}" for m in ("reach", "coverage") for end in ("", "_low", "_high", "_gap")]
    return table[[*first, *columns, "is_best_covered"]]


def _counts(result: Result, scenario: Scenario) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield counts by each division of victims: the name of the part in a column `name`."""
    keys = ["option", "draw", "group", "stage", "who"]
    counted = result.funnel[result.funnel["stage"].isin(_STAGES)]
    mean = counted.groupby(keys, observed=True, sort=False)["victims"].mean().reset_index()
    groups = {group.name: group for group in scenario.groups}
    names = mean["group"].astype(str)
    yield "priority", mean.assign(name=names.map({name: group.priority for name, group in groups.items()}))
    yield "crime_type", mean.assign(name=names.map({name: g.crime_type for name, g in groups.items()}))
    yield "group", mean.assign(name=names)
    if scenario.demand.boroughs is not None:
        whole = mean.groupby(["option", "draw", "stage", "who"], observed=True)["victims"].sum().reset_index()
        every = result._replace(
            funnel=whole.assign(group="all", replication=0)
        )  # boroughs share every group alike
        yield "borough", by_borough(every, scenario).rename(columns={"borough": "name"}).astype({"name": str})


def _shares(by_draw: pd.DataFrame) -> pd.DataFrame:
    """Return mean and 90 % interval over draws of reach and coverage."""
    found = pd.DataFrame(
        {
            "referred": by_draw["referred", "all"],
            "contacted": by_draw["contacted", "all"],
            "supported": by_draw["supported", "in_need"],
            "in_need": by_draw["in_need", "in_need"],
            "reach": by_draw["contacted", "all"] / by_draw["referred", "all"].where(lambda x: x > 0),
            "coverage": by_draw["supported", "in_need"]
            / by_draw["in_need", "in_need"].where(lambda x: x > 0),
        }
    )
    grouped = found.groupby(["option", "name"], observed=True, sort=False)
    table = grouped.mean()
    table["reach"] = table.pop("contacted") / table["referred"].where(table["referred"] > 0)
    table["coverage"] = table.pop("supported") / table["in_need"].where(table["in_need"] > 0)
    for measure in ("reach", "coverage"):
        ends = grouped[measure].quantile(np.array([TAIL, 1 - TAIL])).unstack()
        table[f"{measure}_low"], table[f"{measure}_high"] = ends[TAIL], ends[1 - TAIL]
    return table.reset_index()

"""What each kind of work costs, idle time included, and how much of a unit's cost is fixed.

Staff in post are paid whether busy or not. Their pay is spread over their productive time; time in which
no work waited is a line of its own, and not hidden in the price of what was done.
"""

from __future__ import annotations

import pandas as pd

from victimsmodel.appraisal.costs import annual_costs, staff_costs
from victimsmodel.appraisal.outcomes import measures_by_run
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.records import TASKS, Result

IDLE = "idle"
ACTIVITIES = (*TASKS, IDLE)

#: What a unit is, and the stage or measure that counts it.
UNITS = {
    "referral": "referred",
    "contact": "contacted",
    "assessment": "assessed",
    "supported victim": "supported",
    "supported victim in need": "supported_in_need",
    "additional improved victim": "additional_improved",
}
#: Lines of the cost of a year that do not move with the number of victims.
FIXED_LINES = ("staff", "fixed")

_RUN = ["option", "draw", "replication"]


def activity_costs(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return what staff time costs by role and kind of work, by option, draw and replication.

    Returns
    -------
    DataFrame
        Columns option, draw, replication, role, activity (a task, or ``idle``), hours, cost_gbp. The
        activities of a role add up to what the role is paid. Work beyond the productive time of the
        year (an overrun that is taken from the next day) leaves no idle time and is spread over the
        hours that were worked.
    """
    minutes = result.activity[result.activity["kind"] == "role"]
    wide = minutes.pivot_table(
        index=[*_RUN, "name"], columns="measure", values="amount", aggfunc="sum", observed=True
    )
    worked = wide.reindex(columns=[f"minutes_{task}" for task in TASKS], fill_value=0.0).fillna(0.0)
    worked.columns = pd.Index(TASKS)
    worked[IDLE] = (wide["minutes_available"] - worked.sum(axis=1)).clip(lower=0.0)
    paid = staff_costs(result, scenario).reindex(worked.index)
    total = worked.sum(axis=1)
    shares = worked.div(total.where(total > 0), axis=0)
    shares.loc[total == 0, IDLE] = 1.0  # paid, but no productive time: nobody knows what for
    cost = shares.fillna(0.0).mul(paid, axis=0)
    long = pd.DataFrame(
        {"hours": worked.rename_axis(columns="activity").stack() / 60, "cost_gbp": cost.stack().to_numpy()}
    ).reset_index()
    long["activity"] = pd.Categorical(long["activity"], ACTIVITIES)
    return long.rename(columns={"name": "role"})


def unit_costs(result: Result, scenario: Scenario, runs: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the cost of each unit that the service produces, and the share of it that is fixed.

    Parameters
    ----------
    result : Result
    scenario : Scenario
    runs : DataFrame, optional
        From `measures_by_run`, if it stands already.

    Returns
    -------
    DataFrame
        Columns option, draw, unit, units (a year), cost_gbp (of one unit, the whole cost of the year over
        the units; missing without units), fixed_share (of the year's cost that does not move with the
        number of victims: staff in post and fixed costs).
    """
    lines = annual_costs(result, scenario).pivot_table(
        index=_RUN, columns="line", values="cost_gbp", aggfunc="sum", observed=True
    )
    total, fixed = lines.sum(axis=1), lines[list(FIXED_LINES)].sum(axis=1)
    measures = measures_by_run(result, scenario) if runs is None else runs
    frames = []
    for unit, measure in UNITS.items():
        by_run = pd.DataFrame({"units": measures[measure], "total": total, "fixed": fixed})
        by_draw = by_run.groupby(["option", "draw"], observed=True).mean()
        columns = {
            "unit": unit,
            "units": by_draw["units"],
            "cost_gbp": by_draw["total"] / by_draw["units"].where(by_draw["units"] > 0),
            "fixed_share": by_draw["fixed"] / by_draw["total"].where(by_draw["total"] > 0),
        }
        frames.append(pd.DataFrame(columns))
    table = pd.concat(frames).reset_index()
    table["unit"] = pd.Categorical(table["unit"], list(UNITS))
    return table

"""Tables that are read by people: results of all runs, summed up with their intervals."""

from __future__ import annotations

import pandas as pd

from victimsmodel.appraisal.costs import COST_LINES, annual_costs
from victimsmodel.disclosure.stated_counts import shown_scenario
from victimsmodel.inputs.assumptions import stated_assumptions
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.records import Result

_RUN = ["option", "draw", "replication"]


def demand_summary(demand: pd.DataFrame) -> pd.DataFrame:
    """Return victims and victims in need by crime type and priority, and in total.

    Parameters
    ----------
    demand : DataFrame
        From `estimate_demand`.

    Returns
    -------
    DataFrame
        Columns crime_type, priority, victims, victims_low, victims_high, in_need, in_need_low,
        in_need_high; ``all`` stands for totals; persons a year, 90 % intervals of the mean.
    """
    rows = []
    for by in (["crime_type", "priority"], ["crime_type"], ["priority"], []):
        keys = ["draw", *by]
        totals = demand.groupby(keys, observed=True, sort=False)[["victims", "in_need"]].sum()
        grouped = [((), totals)] if not by else list(totals.groupby(by, observed=True, sort=False))
        for key, own in grouped:
            names = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
            row = {"crime_type": names.get("crime_type", "all"), "priority": names.get("priority", "all")}
            for column in ("victims", "in_need"):
                row |= _interval(own[column], column)
            rows.append(row)
    return pd.DataFrame(rows)


def _interval(values: pd.Series[float], name: str) -> dict[str, float]:
    return {
        name: float(values.mean()),
        f"{name}_low": float(values.quantile(TAIL)),
        f"{name}_high": float(values.quantile(1 - TAIL)),
    }


def counts_summary(counts: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return funnel or exits by option, over all groups.

    Parameters
    ----------
    counts : DataFrame
        ``result.funnel`` or ``result.exits``.
    column : str
        ``stage`` or ``exit``.

    Returns
    -------
    DataFrame
        Columns option, `column`, who, victims, low, high (90 % interval of the mean, persons).
    """
    by_run = counts.groupby([*_RUN, column, "who"], observed=True)["victims"].sum()
    by_draw = by_run.groupby(["option", column, "who", "draw"], observed=True).mean()
    return _over_draws(by_draw, ["option", column, "who"], "victims")


def group_coverage(result: Result) -> pd.DataFrame:
    """Return victims in need and those of them supported, by option and group, with coverage.

    Returns
    -------
    DataFrame
        Columns option, group, in_need, supported, coverage, low, high (of coverage).
    """
    funnel = result.funnel[result.funnel["who"] == "in_need"]
    keys = ["option", "group", "draw", "stage"]
    by_draw = funnel.groupby(keys, observed=True)["victims"].sum().unstack("stage")
    by_draw["coverage"] = by_draw["supported"] / by_draw["in_need"]
    per_run = 1 / result.funnel["replication"].nunique()
    shares = _over_draws(by_draw["coverage"], ["option", "group"], "coverage").set_index(["option", "group"])
    counts = by_draw[["in_need", "supported"]].groupby(["option", "group"], observed=True).mean() * per_run
    shares["coverage"] = counts["supported"] / counts["in_need"].where(counts["in_need"] > 0)
    return counts.join(shares).reset_index()


def waits_summary(waits: pd.DataFrame) -> pd.DataFrame:
    """Return waits in calendar days by option, priority and kind of wait.

    Returns
    -------
    DataFrame
        Columns option, priority, wait, mean_days, median_days, p90_days, within_standard, low, high
        (90 % interval of the share within the standard).
    """
    keys = ["option", "priority", "wait"]
    columns = ["mean_days", "median_days", "p90_days", "within_standard"]
    by_draw = waits.groupby([*keys, "draw"], observed=True)[columns].mean()
    means = by_draw.groupby(keys, observed=True)[columns[:-1]].mean()
    shares = _over_draws(by_draw["within_standard"], keys, "within_standard").set_index(keys)
    return means.join(shares).reset_index()


def staff_use(result: Result) -> pd.DataFrame:
    """Return hours worked and available by option and role, and utilisation.

    Returns
    -------
    DataFrame
        Columns option, role, hours_<task> for each task, hours_available, utilisation (share of
        productive time), low, high (90 % interval of the mean of utilisation).
    """
    minutes = result.activity[result.activity["kind"] == "role"]
    wide = minutes.pivot_table(
        index=["option", "name", "draw"], columns="measure", values="amount", aggfunc="mean", observed=True
    )
    tasks = [name for name in wide.columns if name != "minutes_available"]
    available = wide["minutes_available"]
    wide["utilisation"] = wide[tasks].sum(axis=1) / available.where(available > 0)
    keys = ["option", "name"]
    hours = (wide[[*tasks, "minutes_available"]] / 60).groupby(keys, observed=True).mean()
    hours.columns = [name.replace("minutes_", "hours_") for name in hours.columns]
    shares = _over_draws(wide["utilisation"], keys, "utilisation").set_index(keys)
    return hours.join(shares).reset_index().rename(columns={"name": "role"})


def attempts_summary(result: Result) -> pd.DataFrame:
    """Return attempts and successes by option and channel, and the share that succeeds.

    Returns
    -------
    DataFrame
        Columns option, channel, attempts, reached, success, low, high (90 % interval of success);
        channels that an option does not use are left out.
    """
    channels = result.activity[result.activity["kind"] == "channel"]
    keys = ["option", "name"]
    by_draw = channels.pivot_table(
        index=[*keys, "draw"], columns="measure", values="amount", aggfunc="mean", observed=True
    )
    used = by_draw[by_draw["attempts"] > 0].copy()
    used["success"] = used["reached"] / used["attempts"]
    counts = used[["attempts", "reached"]].groupby(keys, observed=True).mean()
    shares = _over_draws(used["success"], keys, "success").set_index(keys)
    shares["success"] = counts["reached"] / counts["attempts"]
    return counts.join(shares).reset_index().rename(columns={"name": "channel"})


def costs_summary(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return the cost of the year by option and line, and the total against the grant.

    Returns
    -------
    DataFrame
        Columns option, line (with ``total`` last), cost_gbp, low, high.
    """
    costs = annual_costs(result, scenario)
    by_draw = costs.groupby(["option", "line", "draw"], observed=True)["cost_gbp"].mean()
    lines = _over_draws(by_draw, ["option", "line"], "cost_gbp")
    totals = by_draw.groupby(["option", "draw"], observed=True).sum()
    total = _over_draws(totals, ["option"], "cost_gbp").assign(line="total")
    table = pd.concat([lines.astype({"line": str}), total], ignore_index=True)
    table["line"] = pd.Categorical(table["line"], [*COST_LINES, "total"])
    return table.sort_values(["option", "line"], ignore_index=True)


def _over_draws(values: pd.Series[float], keys: list[str], name: str) -> pd.DataFrame:
    """Return mean and 90 % interval over draws, a row for each combination of keys."""
    grouped = values.groupby(keys, observed=True, sort=False)
    low, high = grouped.quantile(TAIL), grouped.quantile(1 - TAIL)
    return pd.DataFrame({name: grouped.mean(), "low": low, "high": high}).reset_index()


def assumptions(scenario: Scenario) -> pd.DataFrame:
    """Return every estimate with its range, unit, source and which option states it.

    Returns
    -------
    DataFrame
        Columns input, option, value (median), low, high (5th and 95th percentile), unit, source,
        source_key, quality, is_assumption, is_borrowed, note.
    """
    rows = []
    for stated in stated_assumptions(shown_scenario(scenario)):
        low, high = stated.estimate.interval
        rows.append(
            {
                "input": stated.input,
                "option": stated.option,
                "value": stated.estimate.median,
                "low": low,
                "high": high,
                "unit": stated.estimate.unit,
                "source": stated.source,
                "source_key": stated.estimate.source,
                "quality": stated.estimate.quality or "",
                "is_assumption": stated.is_assumption,
                "is_borrowed": stated.estimate.borrowed,
                "note": "; ".join(text for text in (stated.estimate.note, stated.estimate.change) if text),
            }
        )
    return pd.DataFrame(rows)

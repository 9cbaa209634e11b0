"""Pictures of plans: how often standards are met with more or less staff, and what grants can do."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from victimsmodel.appraisal.grants import GrantPlan
from victimsmodel.appraisal.staffing import StandardsPlan
from victimsmodel.appraisal.standards import parse_standards
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.findings import ALL_STANDARDS
from victimsmodel.reporting.formats import about, plain, share
from victimsmodel.reporting.palette import INK, METHOD_COLOURS, QUIET, option_colours
from victimsmodel.reporting.style import legend_below, panels, short_title, styled

_TWO_SIDED_90 = 1.645  # standard errors


@styled
def plot_standards_plan(
    plan: StandardsPlan, scenario: Scenario, source: str, situation: str = "average"
) -> Figure:
    """Draw the share of years in which each standard is met, with more and with less of all staff.

    Raises
    ------
    ValueError
        If there is no plan for the situation.
    """
    if not plan.is_achievable(situation):
        raise ValueError("the standards are not achievable: there is no plan to draw")
    curve, staff = (table[table["situation"] == situation] for table in (plan.curve, plan.staff))
    staff = staff.assign(option=plan.option)
    return plot_standards_curve(curve, staff, plan.question.confidence, scenario, source)


@styled
def plot_standards_curve(
    rows: pd.DataFrame, staff: pd.DataFrame, confidence: float, scenario: Scenario, source: str
) -> Figure:
    """Draw the same from the tables plan_curve and plan_staff, the rows of one situation."""
    option = str(staff["option"].iloc[0])
    total, now = float(staff["fte"].sum()), float(staff["fte_now"].sum())
    title = (
        f"{scenario.options[option].title} needs {plain(total)} full-time staff to meet its standards "
        f"in {share(confidence)} of years, and has {plain(now)}"
    )
    figure, axes = panels(1, 1, 3.9, title, source)
    ax, marks = axes[0, 0], []
    names = [*(name for name in dict.fromkeys(rows["standard"]) if name != ALL_STANDARDS), ALL_STANDARDS]
    colours = [*(METHOD_COLOURS[i % len(METHOD_COLOURS)] for i in range(len(names) - 1)), INK]
    for i, (name, colour) in enumerate(zip(names, colours, strict=True)):
        own = rows[rows["standard"] == name].sort_values("fte")
        is_all = i == len(names) - 1
        label = (
            "All of them in the same year (band: 90% interval)"
            if is_all
            else parse_standards([name])[0].title
        )
        if is_all:
            half = _TWO_SIDED_90 * own["standard_error"]
            band = np.clip([own["probability"] - half, own["probability"] + half], 0, 1)
            ax.fill_between(own["fte"], *band, color=colour, alpha=0.10, linewidth=0)
        style = "-" if is_all else (0, (4, 1 + i))
        marks += ax.plot(own["fte"], own["probability"], color=colour, label=label, linestyle=style)
        marks[-1].set_linewidth(2.2 if is_all else 1.4)
    ax.axhline(confidence, color=QUIET, linewidth=0.8)
    ax.axvline(total, color=QUIET, linewidth=0.8, linestyle=":")
    ax.annotate("plan", (total, 0.02), xytext=(3, 0), textcoords="offset points", color=QUIET)
    beside = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "va": "center"}
    ax.annotate(f"{share(confidence)}\nasked for", (1, confidence), xytext=(4, 0), color=QUIET, **beside)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("Full-time staff of all roles, in the proportions of the plan")
    ax.set_ylabel("Share of years in which it is met")
    ax.grid(visible=True, axis="y")
    legend_below(figure, marks, columns=1)
    return figure


@styled
def plot_grant_frontier(plan: GrantPlan, scenario: Scenario, source: str) -> Figure:
    """Draw the victims in need supported by the best plan for each grant, and what the next 10,000 brings."""
    return plot_frontier_of_grants(plan.frontier, plan.grants, scenario, source)


@styled
def plot_frontier_of_grants(
    frontier: pd.DataFrame, grants: pd.DataFrame, scenario: Scenario, source: str
) -> Figure:
    """Draw the same from the tables `GrantPlan.frontier` and `GrantPlan.grants`."""
    rows, answered = frontier.sort_values("grant_gbp"), grants
    figure, axes = panels(2, 1, 5.4, _title(rows), source, height_ratios=[3, 2], sharex=True)
    above, below = axes[:, 0]
    levels = rows["grant_gbp"].to_numpy() / 1e3
    value, half = rows["supported_in_need"].to_numpy(), _TWO_SIDED_90 * rows["standard_error"].to_numpy()
    above.fill_between(levels, value - half, value + half, color=QUIET, alpha=0.15, linewidth=0)
    above.plot(levels, value, color=QUIET, linewidth=1.2)
    colours, marks = option_colours(scenario), []
    for option in dict.fromkeys(rows["option"]):
        own = (rows["option"] == option).to_numpy()
        name = short_title(scenario.options[option].title, 34, 1)
        marks += above.plot(levels[own], value[own], "o", color=colours[option], markersize=5, label=name)
    asked = answered[answered["is_achievable"].astype(bool)]
    for row in asked.itertuples():
        at = (row.grant_gbp / 1e3, row.supported_in_need)
        text = f"£{row.grant_gbp:,.0f}: {about(row.supported_in_need)}"
        above.annotate(text, at, xytext=(6, -12), textcoords="offset points", color=INK)
    above.set_ylabel("Victims in need supported a year\n(band: 90% interval of the mean)")
    above.grid(visible=True, axis="y")
    gain, error = rows["gain_per_10000"].to_numpy()[:-1], rows["gain_error"].to_numpy()[:-1]
    widths = np.diff(levels)
    below.bar(levels[:-1], gain, widths * 0.96, align="edge", color="#8fbcd1", linewidth=0)
    below.errorbar(
        levels[:-1] + widths / 2, gain, _TWO_SIDED_90 * error, fmt="none", ecolor=INK, elinewidth=1, capsize=2
    )
    below.axhline(0, color=QUIET, linewidth=0.8)
    below.set_ylabel("More victims in need for\neach further £10,000")
    below.set_xlabel("Grant, £ thousand a year")
    below.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    below.grid(visible=True, axis="y")
    legend_below(figure, marks)
    return figure


def _title(rows: pd.DataFrame) -> str:
    """Say what the first and the last pounds of the frontier bring."""
    gains = rows["gain_per_10000"].dropna()
    if not len(gains):
        return "What a grant can do"
    first, last = float(gains.iloc[0]), float(gains.iloc[-1])
    if last < 0.5:
        return (
            f"Each £10,000 supports {about(first)} more victims in need at first, and hardly any at the end"
        )
    return (
        f"Each further £10,000 supports about {about(first)} more victims in need at the small end and "
        f"{about(last)} at the large one"
    )

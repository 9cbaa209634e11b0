"""Figures of the service: who waits, who is busy, and what piles up."""

from __future__ import annotations

from datetime import timedelta

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from victimsmodel.inputs.scenario import PRIORITIES, Scenario
from victimsmodel.records import TASKS, WAITS
from victimsmodel.reporting.formats import about, share
from victimsmodel.reporting.palette import INK, PRIORITY_COLOURS, TASK_COLOURS, option_colours
from victimsmodel.reporting.style import (
    legend_below,
    name_rows,
    nothing_drawn,
    panels,
    present,
    short_title,
    styled,
    tint,
)
from victimsmodel.reporting.words import (
    PRIORITY_TITLES,
    TASK_TITLES,
    WAIT_TITLES,
    in_sentence,
    option_in_sentence,
    role_title,
)


@styled
def plot_waits(waits_summary: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw the share of victims within each standard, by option and priority, with intervals.

    Parameters
    ----------
    waits_summary : DataFrame
        From `tables.waits_summary`.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(waits_summary, scenario)
    found = waits_summary.astype({"option": str, "priority": str, "wait": str})
    found = (
        found.set_index(["wait", "priority", "option"])[["within_standard", "low", "high"]]
        .astype(float)
        .sort_index()
    )
    if found["within_standard"].isna().all():
        return nothing_drawn("Nobody is waited for in any of the simulated years", source)
    standards = scenario.standards
    allowed = dict(
        zip(
            WAITS, (standards.first_attempt_days, standards.contact_days, standards.support_days), strict=True
        )
    )
    title = _waits_title(found.loc[("first_attempt", "enhanced")], allowed["first_attempt"], scenario)
    figure, axes = panels(1, 3, 0.5 * len(options) + 1.8, title, source, sharex=True, sharey=True)
    for ax, wait in zip(axes[0], WAITS, strict=True):
        for priority, shift in zip(PRIORITIES, (-0.15, 0.15), strict=True):
            own = found.loc[(wait, priority)].reindex(options)
            middle, low, high = (own[name].to_numpy() for name in ("within_standard", "low", "high"))
            places = np.arange(len(options)) + shift
            colour = PRIORITY_COLOURS[priority]
            ax.hlines(places, low, high, color=colour, linewidth=2.4, alpha=0.6)
            ax.plot(middle, places, "o" if priority == "enhanced" else "s", color=colour, markersize=6)
        ax.set_title(f"{WAIT_TITLES[wait]}\nwithin {allowed[wait]} days")
        ax.set_xlim(-0.03, 1.03)
        ax.set_xticks([0, 0.5, 1])
        ax.xaxis.set_major_formatter(PercentFormatter(1, 0))
        ax.set_xlabel("Victims within standard (%)")
    name_rows(axes[0, 0], [short_title(scenario.options[name].title) for name in options])
    marks = [
        Line2D(
            [],
            [],
            marker="o" if name == "enhanced" else "s",
            color=PRIORITY_COLOURS[name],
            lw=2.4,
            label=f"{PRIORITY_TITLES[name]} priority, with 90% interval",
        )
        for name in PRIORITIES
    ]
    legend_below(figure, marks, 2)
    return figure


def _waits_title(found: pd.DataFrame, days: int, scenario: Scenario) -> str:
    """State the best and the first option's share of first attempts within the standard."""
    found = found[found["within_standard"].notna()]
    if found.empty:
        return "No victim of enhanced priority comes to a first attempt"
    first = next(name for name in scenario.options if name in found.index)
    best = str(found["within_standard"].idxmax())
    start = (
        f"A first attempt within {days} days: {share(found['within_standard'][first])} of enhanced victims"
    )
    base = option_in_sentence(first, scenario)
    if best == first:
        return f"{start} under {base}, more than under any other option"
    rival = option_in_sentence(best, scenario)
    return f"{start} under {base}, {share(found['within_standard'][best])} under {rival}"


@styled
def plot_staff_use(staff_use: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw hours by task against hours available, by role and option, with utilisation.

    Parameters
    ----------
    staff_use : DataFrame
        From `tables.staff_use`.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(staff_use, scenario)
    found = staff_use.astype({"option": str, "role": str}).set_index(["role", "option"])
    roles = list(dict.fromkeys(found.index.get_level_values("role")))
    found = found.sort_index()
    busiest = max(roles, key=lambda role: float(found.loc[(role, options[0]), "utilisation"]))
    title = _staff_title(busiest, found.loc[busiest, "utilisation"], options, scenario)
    figure, axes = panels(1, len(roles), 0.48 * len(options) + 1.9, title, source, sharey=True)
    for ax, role in zip(axes[0], roles, strict=True):
        _staff_panel(ax, found.loc[role].reindex(options))
        ax.set_title(short_title(role_title(role, scenario), 28, 1))
    name_rows(axes[0, 0], [short_title(scenario.options[name].title) for name in options])
    tasks = [task for task in TASKS if f"hours_{task}" in found and found[f"hours_{task}"].sum() > 0]
    marks: list[Patch | Line2D] = [Patch(color=TASK_COLOURS[task], label=TASK_TITLES[task]) for task in tasks]
    marks.append(
        Line2D([], [], color=INK, lw=1.8, ls="", marker="|", ms=11, mew=1.8, label="Hours available")
    )
    legend_below(figure, marks)
    return figure


def _staff_title(role: str, used: pd.Series[float], options: list[str], scenario: Scenario) -> str:
    if not used.fillna(0).any():
        return f"{role_title(role, scenario)} have no work at all, and no other role has more"
    start = (
        f"{role_title(role, scenario)} are the busiest: {share(used[options[0]])} of their productive time"
    )
    title = f"{start} is used under {option_in_sentence(options[0], scenario)}"
    others = [float(used[name]) for name in options[1:] if name in used.index]
    if not others:
        return title
    return f"{title}, {share(min(others))} to {share(max(others))} under other options"


def _staff_panel(ax: Axes, own: pd.DataFrame) -> None:
    left = np.zeros(len(own))
    for task in TASKS:
        if f"hours_{task}" in own:
            hours = own[f"hours_{task}"].fillna(0).to_numpy()
            ax.barh(range(len(own)), hours, 0.64, left, color=TASK_COLOURS[task])
            left = left + hours
    available = own["hours_available"].to_numpy()
    for row, (end, part) in enumerate(zip(available, own["utilisation"], strict=True)):
        ax.plot([end, end], [row - 0.38, row + 0.38], color=INK, linewidth=1.8)
        text = "" if np.isnan(part) else share(part)
        place = (max(end, left[row]), row)
        ax.annotate(text, place, (5, 0), textcoords="offset points", va="center", fontsize=8)
    ax.set_xlim(0, 1.24 * np.nanmax([*available, *left, 1]))
    ax.xaxis.set_major_locator(MaxNLocator(3, min_n_ticks=3))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    ax.set_xlabel("Hours a year")


@styled
def plot_backlog(daily: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw the victims who wait for contact officers over the year, mean and 90 % range of runs.

    Parameters
    ----------
    daily : DataFrame
        ``result.daily``.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    role = scenario.assessment.role
    rows = (daily["measure"] == "backlog") & (daily["role"] == role)
    found = daily[rows].astype({"option": str}).sort_values("day")
    options = present(found, scenario)
    means = found.groupby("option")["mean"].mean()
    most, least = str(means.idxmax()), str(means.idxmin())
    words = in_sentence(role_title(role, scenario))
    title = (
        f"On an average day {about(means[most])} victims wait for {words} under "
        f"{option_in_sentence(most, scenario)}"
    )
    if most != least:
        title += f", {about(means[least])} under {option_in_sentence(least, scenario)}"
    if not found["high"].any():
        title = f"Nobody waits for {words} on any day of nine runs in ten, under any option"
    columns = min(3, len(options))
    n_rows = -(-len(options) // columns)
    figure, axes = panels(n_rows, columns, 1.85 * n_rows + 0.7, title, source, sharex=True, sharey=True)
    for ax, name in zip(axes.flat, options, strict=False):
        own, colour = found[found["option"] == name], option_colours(scenario)[name]
        dates = [scenario.period.start + timedelta(days=int(day)) for day in own["day"]]
        ax.fill_between(dates, own["low"], own["high"], color=tint(colour, 0.3), linewidth=0)
        ax.plot(dates, own["mean"], color=colour, linewidth=1.6)
        ax.set_title(short_title(scenario.options[name].title, 30, 1))
        ax.grid(True, axis="y")
        ax.grid(False, axis="x")
    _date_axes(axes, len(options), columns, scenario)
    axes[0, 0].set_ylim(0, None if found["high"].any() else 1)
    if not found["high"].any():
        axes[0, 0].set_yticks([0, 1])
    marks = [
        Line2D([], [], color=tint(INK, 0.8), lw=1.6, label="mean of all runs"),
        Patch(color=tint(INK, 0.3), label="nine runs in ten"),
    ]
    legend_below(figure, marks, 2)
    return figure


def _date_axes(axes: np.ndarray, n_panels: int, columns: int, scenario: Scenario) -> None:
    for ax in axes[:, 0]:
        ax.set_ylabel("Victims waiting")
    axes[0, 0].set_xlim(scenario.period.start, scenario.period.end)
    axes[0, 0].yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    months = max(1, round(scenario.period.days / 365.25 * 3))
    axes[0, 0].xaxis.set_major_locator(mdates.MonthLocator(interval=months))
    axes[0, 0].xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    for i, ax in enumerate(axes.flat):
        if i >= n_panels:
            ax.set_axis_off()
        elif i + columns >= n_panels:
            ax.tick_params(labelbottom=True)
            ax.set_xlabel("Month")

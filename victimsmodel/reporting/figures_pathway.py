"""Figures of victims: how many there are, where they are lost, and who is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, PRIORITIES, Scenario
from victimsmodel.reporting.formats import about, count, share
from victimsmodel.reporting.nobody_words import NOBODY_REFERRED
from victimsmodel.reporting.palette import EXIT_COLOURS, INK, PRIORITY_COLOURS, QUIET, option_colours
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
    EXIT_TITLES,
    LOSS_PHRASES,
    PRIORITY_TITLES,
    STAGE_TITLES,
    option_in_sentence,
    without_intervals,
)

#: Stages of the funnel figure, each a part of the one before.
FUNNEL_STAGES = ("referred", "attempted", "contacted", "consented", "assessed", "accepted", "supported")

_WIDE_ENOUGH = 0.045  # a part of a bar that holds a label


@styled
def plot_demand(demand_summary: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw victims and victims in need by crime type and priority, with the 90 % interval of need.

    Parameters
    ----------
    demand_summary : DataFrame
        From `tables.demand_summary`.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    by_type = demand_summary[demand_summary["crime_type"] != "all"]
    cells = by_type.set_index(["crime_type", "priority"])
    totals = (
        by_type[by_type["priority"] == "all"].set_index("crime_type").sort_values("in_need", ascending=False)
    )
    crimes = list(totals.index)
    titles = {name: crime.title for name, crime in scenario.demand.crime_types.items()}
    if not totals["in_need"].any():
        return nothing_drawn("Nobody is expected to need support: no victims come", source)
    title = _demand_title(totals["in_need"], titles[crimes[0]])
    figure, axes = panels(1, 2, 0.4 * len(crimes) + 1.5, title, source, sharey=True)
    for ax, column, label in zip(
        axes[0], ("victims", "in_need"), ("Victims a year", "Victims in need a year"), strict=True
    ):
        left = np.zeros(len(crimes))
        for priority in PRIORITIES:
            sizes = np.array([cells.loc[(crime, priority), column] for crime in crimes], float)
            ax.barh(crimes, sizes, 0.66, left, color=PRIORITY_COLOURS[priority])
            left += sizes
        ends = left if column == "victims" else totals["in_need_high"].to_numpy()
        if column == "in_need":
            gaps = np.abs(totals[["in_need_low", "in_need_high"]].to_numpy().T - left)
            ax.errorbar(left, crimes, xerr=gaps, fmt="none", ecolor=INK, elinewidth=1, capsize=2.5)
        for row, (end, size) in enumerate(zip(ends, left, strict=True)):
            ax.annotate(about(size), (end, row), (4, 0), textcoords="offset points", va="center", fontsize=8)
        ax.set_xlim(0, 1.17 * max(ends))
        _count_axis(ax, label)
    name_rows(axes[0, 0], [short_title(titles[crime], 26) for crime in crimes])
    marks: list[Patch | Line2D] = [
        Patch(color=PRIORITY_COLOURS[name], label=f"{PRIORITY_TITLES[name]} priority") for name in PRIORITIES
    ]
    marks.append(Line2D([], [], color=INK, lw=1, marker="|", label="90% interval of need"))
    axes[0, 1].legend(handles=marks, loc="lower right")
    return figure


def _demand_title(in_need: pd.Series[float], lead: str) -> str:
    """State what part of all need the first crime type brings."""
    part, every = share(float(in_need.iloc[0] / in_need.sum())), float(in_need.sum())
    if every < 1:
        return f"Fewer than 1 victim a year needs support; {lead} brings {part} of that need"
    return f"{lead} brings {part} of the {about(every)} victims a year who need support"


@styled
def plot_funnel(funnel_summary: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw the way from referral to support for each option, and the part of it that is in need.

    Parameters
    ----------
    funnel_summary : DataFrame
        From `tables.counts_summary` of the funnel.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(funnel_summary, scenario)
    victims = funnel_summary.astype({"option": str, "stage": str, "who": str}).set_index(
        ["option", "who", "stage"]
    )
    found = victims["victims"].astype(float)
    most = max(found[name, "all", "referred"] for name in options)
    if not most:
        return nothing_drawn(NOBODY_REFERRED, source)
    reached = {
        name: _ratio(found[name, "in_need", "supported"], found[name, "in_need", "in_need"])
        for name in options
    }
    columns = min(3, len(options))
    rows = -(-len(options) // columns)
    title = _funnel_title(reached, found, scenario)
    figure, axes = panels(rows, columns, 2.35 * rows + 0.8, title, source, sharex=True, sharey=True)
    for ax, name in zip(axes.flat, options, strict=False):
        _funnel_panel(ax, found[name], option_colours(scenario)[name])
        ax.set_title(short_title(scenario.options[name].title, 32, 2), pad=17)
        note = f"{share(reached[name])} of victims in need supported"
        note = "nobody in need" if np.isnan(reached[name]) else note
        ax.annotate(note, (0, 1), (0, 4), xycoords="axes fraction", textcoords="offset points", fontsize=8)
    axes[0, 0].set_xlim(0, 1.5 * most)
    name_rows(axes[0, 0], [STAGE_TITLES[stage] for stage in FUNNEL_STAGES])
    for ax in list(axes.flat)[max(0, len(options) - columns) : len(options)]:
        _count_axis(ax, "Victims a year")
        ax.tick_params(labelbottom=True)
    for ax in list(axes.flat)[len(options) :]:
        ax.set_axis_off()
    marks = [Patch(color=tint(INK, 0.75), label="in need"), Patch(color=tint(INK, 0.3), label="not in need")]
    spare = axes.flat[-1]
    place = "center" if len(options) < axes.size else "lower right"
    spare.legend(handles=marks, loc=place, title="Referrals, with share of referred", alignment="left")
    return figure


def _funnel_title(reached: dict[str, float], found: pd.Series[float], scenario: Scenario) -> str:
    base = BUSINESS_AS_USUAL
    best = max(reached, key=lambda name: reached[name])
    if np.isnan(reached[best]):  # of all: victims in need are the same under every option
        return "Nobody of those who come is in need of support"
    if base not in reached:
        return f"{scenario.options[best].title} supports {share(reached[best])} of victims in need"
    part = _ratio(found[base, "all", "supported"], found[base, "all", "referred"])
    start = (
        f"{scenario.options[base].title} supports {'none' if np.isnan(part) else share(part)} of referrals"
    )
    if best == base:
        return f"{start}, and no option supports more than its {share(reached[base])} of victims in need"
    rival = option_in_sentence(best, scenario)
    return f"{start} and {share(reached[base])} of victims in need; {rival} {share(reached[best])} of them"


def _ratio(part: float, whole: float) -> float:
    """Return the share of a whole; missing where there is none."""
    return part / whole if whole > 0 else float("nan")


def _funnel_panel(ax: Axes, found: pd.Series[float], colour: str) -> None:
    every = [found["all", stage] for stage in FUNNEL_STAGES]
    in_need = [found["in_need", stage] for stage in FUNNEL_STAGES]
    places = range(len(FUNNEL_STAGES))
    ax.barh(places, every, 0.7, color=tint(colour, 0.38))
    ax.barh(places, in_need, 0.7, color=colour)
    for row, size in enumerate(every):
        is_whole = row == 0 or not every[0]
        label = count(size) if is_whole else f"{count(size)}  ({share(size / every[0])})"
        ax.annotate(label, (size, row), (4, 0), textcoords="offset points", va="center", fontsize=7.5)


@styled
def plot_exits(exits_summary: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw where referrals end, as shares of all referrals of each option.

    Parameters
    ----------
    exits_summary : DataFrame
        From `tables.counts_summary` of the exits.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(exits_summary, scenario)
    every = exits_summary[exits_summary["who"] == "all"].astype({"option": str, "exit": str})
    found = every.pivot(index="option", columns="exit", values="victims").loc[options].astype(float)
    ended = found.sum(axis=1)
    if not ended.any():
        return nothing_drawn(NOBODY_REFERRED, without_intervals(source))
    shares = found.div(ended.where(ended > 0), axis=0).fillna(0)
    title = _exits_title(shares.loc[ended > 0, list(LOSS_PHRASES)], scenario)
    figure, axes = panels(1, 1, 0.5 * len(options) + 2.3, title, without_intervals(source))
    ax = axes[0, 0]
    left = np.zeros(len(options))
    occurring = {name: colour for name, colour in EXIT_COLOURS.items() if found[name].any()}
    for name, colour in occurring.items():
        sizes = shares[name].to_numpy()
        ax.barh(range(len(options)), sizes, 0.68, left, color=colour, edgecolor="white", linewidth=0.6)
        for row in np.flatnonzero(sizes >= _WIDE_ENOUGH):
            ink = "white" if sum(tint(colour, 1)) < 1.45 else INK
            ax.text(left[row] + sizes[row] / 2, row, f"{sizes[row]:.0%}", ha="center", va="center", color=ink)
        left += sizes
    name_rows(ax, [short_title(scenario.options[name].title) for name in options])
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(PercentFormatter(1, 0))
    ax.set_xlabel("Share of referrals (%)")
    ax.grid(False)
    marks = [Patch(color=colour, label=EXIT_TITLES[name]) for name, colour in occurring.items()]
    legend_below(figure, marks)
    return figure


def _exits_title(lost: pd.DataFrame, scenario: Scenario) -> str:
    """State the greatest loss of the first option, and of the option that differs most from it."""
    first, worst = str(lost.index[0]), lost.idxmax(axis=1)
    words = f"{share(lost.loc[first, worst[first]])} of referrals {LOSS_PHRASES[worst[first]]}"
    title = f"Under {option_in_sentence(first, scenario)} {words}"
    others = lost[worst != worst[first]]
    if others.empty:
        return title
    rival = str(others.max(axis=1).idxmax())
    words = f"{share(lost.loc[rival, worst[rival]])} {LOSS_PHRASES[worst[rival]]}"
    return f"{title}; under {option_in_sentence(rival, scenario)} {words}"


@styled
def plot_coverage(group_coverage: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw the share of victims in need who are supported, by crime type and priority.

    Parameters
    ----------
    group_coverage : DataFrame
        From `tables.group_coverage`.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(group_coverage, scenario)
    found = group_coverage.astype({"option": str, "group": str}).set_index(["option", "group"])
    if not found["in_need"].any():
        return nothing_drawn("Nobody is in need in any of the simulated years", without_intervals(source))
    colours = option_colours(scenario)
    crimes = list(scenario.demand.crime_types)
    figure, axes = panels(
        1,
        2,
        0.36 * len(crimes) + 1.9,
        _coverage_title(found, options[0], scenario),
        without_intervals(source),
        sharex=True,
        sharey=True,
    )
    shifts = np.linspace(-0.24, 0.24, len(options)) if len(options) > 1 else np.zeros(1)
    for ax, priority in zip(axes[0], PRIORITIES, strict=True):
        for shift, name in zip(shifts, options, strict=True):
            values = [found.loc[(name, f"{crime}_{priority}"), "coverage"] for crime in crimes]
            marker = "D" if name == BUSINESS_AS_USUAL else "o"
            ax.plot(values, np.arange(len(crimes)) + shift, marker, color=colours[name], markersize=4.5)
        ax.set_title(f"{PRIORITY_TITLES[priority]} priority")
        ax.xaxis.set_major_formatter(PercentFormatter(1, 0))
        ax.set_xlabel("Victims in need who are supported (%)")
        for edge in np.arange(0.5, len(crimes) - 1):
            ax.axhline(edge, color=tint(QUIET, 0.25), linewidth=0.5)
    axes[0, 0].set_xlim(left=0)
    name_rows(axes[0, 0], [short_title(scenario.demand.crime_types[crime].title, 26) for crime in crimes])
    marks = [
        Line2D(
            [],
            [],
            ls="",
            marker="D" if name == BUSINESS_AS_USUAL else "o",
            color=colours[name],
            label=short_title(scenario.options[name].title, 40, 1),
        )
        for name in options
    ]
    legend_below(figure, marks)
    return figure


def _coverage_title(found: pd.DataFrame, option: str, scenario: Scenario) -> str:
    """State what share of each priority is covered under one option; a priority without need is left out."""
    parts = []
    for priority in PRIORITIES:
        own = found.loc[[(option, group.name) for group in scenario.groups if group.priority == priority]]
        part = _ratio(float(own["supported"].sum()), float(own["in_need"].sum()))
        parts += [] if np.isnan(part) else [f"{share(part)} of {priority} victims in need"]
    return f"{scenario.options[option].title} supports {' and '.join(parts)}"


def _count_axis(ax: Axes, label: str) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(4, min_n_ticks=3))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    ax.set_xlabel(label)

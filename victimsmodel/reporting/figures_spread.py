"""Figures of where money goes and whom it reaches: costs by activity, and who is served."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, PercentFormatter

from victimsmodel.appraisal.activity_costs import ACTIVITIES, IDLE
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.formats import pounds_about, share
from victimsmodel.reporting.nobody_words import NOBODY_REFERRED
from victimsmodel.reporting.palette import RULE, TASK_COLOURS, option_colours
from victimsmodel.reporting.style import (
    legend_below,
    name_rows,
    nothing_drawn,
    panels,
    present,
    short_title,
    styled,
)
from victimsmodel.reporting.words import (
    PRIORITY_TITLES,
    TASK_TITLES,
    in_sentence,
    option_in_sentence,
    sentence_case,
)

_COLOURS = {**TASK_COLOURS, IDLE: "#c8ced4"}
_LABELS = {**TASK_TITLES, IDLE: "No work waiting"}
_SPREAD = 0.62  # of a row, over which the options' dots are spread


@styled
def plot_activity_costs(activity_costs: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw what staff are paid for under each option, time without work included.

    Parameters
    ----------
    activity_costs : DataFrame
        The table of a run: option, role, activity, cost_gbp.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(activity_costs, scenario)
    found = activity_costs.astype({"option": str, "activity": str})
    wide = found.pivot_table(index="option", columns="activity", values="cost_gbp", aggfunc="sum").loc[
        options
    ]
    idle = wide[IDLE] / wide.sum(axis=1)
    most = str(idle.idxmax())
    least = f"under {option_in_sentence(str(idle.idxmin()), scenario)}, {share(idle.min())}"
    is_same = share(idle.min()) == share(idle.max())
    most = "under every option" if is_same else f"under {option_in_sentence(most, scenario)}"
    title = f"{sentence_case(most)}, {share(idle.max())} of pay goes on time in which no work waits"
    title += "" if is_same else f"; {least}"
    figure, axes = panels(1, 1, 0.5 * len(options) + 1.7, title, source)
    ax = axes[0, 0]
    left = np.zeros(len(options))
    for activity in ACTIVITIES:
        sizes = wide[activity].to_numpy()
        ax.barh(range(len(options)), sizes, 0.62, left, color=_COLOURS[activity], linewidth=0)
        left += sizes
    for row, end in enumerate(left):
        ax.annotate(pounds_about(end), (end, row), (5, 0), textcoords="offset points", va="center")
    name_rows(ax, [short_title(scenario.options[name].title) for name in options])
    ax.set_xlim(0, 1.14 * left.max())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"£{x:,.0f}"))
    ax.set_xlabel(f"Pay of the year, volunteers' expenses included (£, {scenario.price_year} prices)")
    legend_below(figure, [Patch(color=_COLOURS[name], label=_LABELS[name]) for name in ACTIVITIES])
    return figure


@styled
def plot_equity(equity: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw reach and coverage by priority and crime type under every option.

    Parameters
    ----------
    equity : DataFrame
        From `equity`.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    found = equity[equity["kind"].isin(["priority", "crime_type"])].astype({"option": str})
    names = list(dict.fromkeys(found["name"]))
    options = present(found, scenario)
    if found[["reach", "coverage"]].isna().all(axis=None):
        return nothing_drawn(NOBODY_REFERRED, source)
    figure, axes = panels(1, 2, 0.42 * len(names) + 1.9, _equity_title(found, scenario), source, sharey=True)
    colours = option_colours(scenario)
    shifts = np.linspace(-_SPREAD / 2, _SPREAD / 2, len(options)) if len(options) > 1 else np.zeros(1)
    for ax, measure in zip(axes[0], ("reach", "coverage"), strict=True):
        for option, shift in zip(options, shifts, strict=True):
            own = found[found["option"] == option].set_index("name").loc[names]
            rows = np.arange(len(names)) + shift
            ax.hlines(
                rows, own[f"{measure}_low"], own[f"{measure}_high"], color=colours[option], linewidth=1.1
            )
            ax.plot(own[measure], rows, "o", color=colours[option], markersize=4)
        name_rows(ax, [short_title(_name(name, scenario), 30, 2) for name in names])
        for row in range(len(names) - 1):
            ax.axhline(row + 0.5, color=RULE, linewidth=0.5)
        ax.set_xlim(left=0)
        ax.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes[0, 0].set_title("Reach: contacted, of those referred")
    axes[0, 1].set_title("Coverage: supported, of those in need")
    marks = [
        Line2D(
            [],
            [],
            color=colours[name],
            marker="o",
            ms=4,
            lw=1.1,
            label=short_title(scenario.options[name].title, 40, 1),
        )
        for name in options
    ]
    legend_below(figure, marks)
    return figure


def _name(name: str, scenario: Scenario) -> str:
    if name in PRIORITY_TITLES:
        return f"{PRIORITY_TITLES[name]} priority"
    crime_type = scenario.demand.crime_types.get(name)
    return sentence_case(name.replace("_", " ")) if crime_type is None else crime_type.title


def _equity_title(found: pd.DataFrame, scenario: Scenario) -> str:
    """Say which crime type is furthest behind under the option compared with."""
    own = found[(found["kind"] == "crime_type") & (found["option"] == scenario.against)].set_index("name")
    own = own[own["coverage"].notna()]
    if own.empty:
        return "Who is reached and who is supported"
    worst, best = str(own["coverage_gap"].idxmax()), str(own["coverage_gap"].idxmin())
    base = option_in_sentence(scenario.against, scenario)
    least, most = (f"{share(own.loc[name, 'coverage'])}" for name in (worst, best))
    names = [in_sentence(_name(name, scenario)) for name in (worst, best)]
    return f"Under {base}, {least} of victims in need are supported after {names[0]}, {most} after {names[1]}"

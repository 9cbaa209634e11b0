"""Figures of value for money: what the options cost, and what is got for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from victimsmodel.appraisal.costs import COST_LINES
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.formats import about, pounds_about
from victimsmodel.reporting.palette import COST_COLOURS, INK, QUIET, option_colours
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
from victimsmodel.reporting.words import COST_LINE_TITLES, option_in_sentence


@styled
def plot_costs(costs_summary: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw the cost of the year by line for each option, against the grant.

    Parameters
    ----------
    costs_summary : DataFrame
        From `tables.costs_summary`.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(costs_summary, scenario)
    found = costs_summary.astype({"option": str, "line": str}).set_index(["option", "line"])
    totals = found.xs("total", level="line").loc[options]
    within = int((totals["cost_gbp"] <= scenario.grant_gbp).sum())
    grant = f"£{scenario.grant_gbp:,.0f}"
    some = {0: "No option", len(options): "Every option"}.get(within, f"{within} of {len(options)} options")
    verb = "cost" if 1 < within < len(options) else "costs"
    title = f"{some} {verb} less than the grant of {grant} on average"
    figure, axes = panels(1, 1, 0.5 * len(options) + 1.7, title, source)
    ax = axes[0, 0]
    left = np.zeros(len(options))
    for line in COST_LINES:
        sizes = np.array([found.loc[(name, line), "cost_gbp"] for name in options], float)
        ax.barh(range(len(options)), sizes, 0.6, left, color=COST_COLOURS[line])
        left += sizes
    gaps = np.abs(totals[["low", "high"]].to_numpy().T - left)
    ax.errorbar(left, range(len(options)), xerr=gaps, fmt="none", ecolor=INK, elinewidth=1, capsize=3)
    for row, (end, size) in enumerate(zip(totals["high"], left, strict=True)):
        place = (max(end, scenario.grant_gbp), row)
        ax.annotate(pounds_about(size), place, (6, 0), textcoords="offset points", va="center")
    ax.axvline(scenario.grant_gbp, color=INK, linewidth=1.3, linestyle=(0, (4, 2)))
    ax.set_xlim(0, 1.14 * max(*totals["high"], scenario.grant_gbp))
    ax.xaxis.set_major_formatter(FuncFormatter(_pounds_tick))
    ax.set_xlabel(f"Cost of the year (£, {scenario.price_year} prices)")
    name_rows(ax, [short_title(scenario.options[name].title) for name in options])
    marks: list[Patch | Line2D] = [
        Patch(color=COST_COLOURS[line], label=COST_LINE_TITLES[line]) for line in COST_LINES
    ]
    marks.append(Line2D([], [], color=INK, lw=1.3, ls=(0, (4, 2)), label=f"Grant of {grant}"))
    marks.append(Line2D([], [], color=INK, lw=1, marker="|", label="90% interval of the total"))
    legend_below(figure, marks)
    return figure


@styled
def plot_cost_effectiveness(draws: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw each draw's difference from the option compared with: cost against victims in need supported.

    Parameters
    ----------
    draws : DataFrame
        Columns option, draw, incremental_cost (GBP), incremental_effect (victims in need supported).
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(draws, scenario)
    found = draws.astype({"option": str})
    columns = ["incremental_effect", "incremental_cost"]
    means = found.groupby("option")[columns].mean().loc[options]
    if not found[columns].any(axis=None):
        base = option_in_sentence(scenario.against, scenario)
        return nothing_drawn(f"Every option costs and does what {base} does", source)
    figure, axes = panels(1, 1, 4.3, _value_title(means, scenario), source)
    ax = axes[0, 0]
    base = option_in_sentence(scenario.against, scenario)
    colours = option_colours(scenario)
    for name in options:
        own = found[found["option"] == name]
        ax.scatter(own[columns[0]], own[columns[1]], 13, color=colours[name], alpha=0.4, linewidths=0)
    for name in options:
        ax.scatter(*means.loc[name], s=95, color=colours[name], edgecolor="white", linewidth=1.3, zorder=4)
    ax.axhline(0, color=QUIET, linewidth=1)
    ax.axvline(0, color=QUIET, linewidth=1)
    ax.set_xlim(*_around_zero(found[columns[0]]))
    ax.set_ylim(*_around_zero(found[columns[1]]))
    ax.grid(True, axis="both")
    _label_quadrants(ax)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _signed_tick(x, "")))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: _signed_tick(x, "£")))
    ax.yaxis.set_major_locator(MaxNLocator(7))
    ax.set_xlabel(f"Additional victims in need supported a year, against {base} (victims)")
    ax.set_ylabel("Additional cost a year (£)")
    marks = [
        Line2D(
            [],
            [],
            ls="",
            marker="o",
            ms=7,
            color=colours[name],
            label=short_title(scenario.options[name].title, 40, 1),
        )
        for name in options
    ]
    marks.append(
        Line2D([], [], ls="", marker="o", ms=3.5, color=tint(QUIET, 0.7), label="one draw of the inputs")
    )
    legend_below(figure, marks)
    return figure


def _value_title(means: pd.DataFrame, scenario: Scenario) -> str:
    best = str(means["incremental_effect"].idxmax())
    base = option_in_sentence(scenario.against, scenario)
    effect, cost = (float(value) for value in means.loc[best])
    title = scenario.options[best].title
    if effect <= 0:
        return f"No option supports more victims in need than {base}"
    money = f"{pounds_about(abs(cost))} {'less' if cost < 0 else 'more'}"
    return f"{title} supports {about(effect)} more victims in need than {base} and costs {money}"


def _around_zero(values: pd.Series[float]) -> tuple[float, float]:
    """Return limits with room for the labels of the quadrants on both sides of zero."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    size = max(high - low, 1e-9)
    return min(low - 0.08 * size, -0.3 * size), max(high + 0.08 * size, 0.3 * size)


def _label_quadrants(ax: Axes) -> None:
    words = (
        (0.012, 0.985, "left", "top", "fewer supported, costs more"),
        (0.988, 0.985, "right", "top", "more supported, costs more"),
        (0.012, 0.015, "left", "bottom", "fewer supported, costs less"),
        (0.988, 0.015, "right", "bottom", "more supported, costs less"),
    )
    for x, y, ha, va, text in words:
        ax.text(x, y, text, ha=ha, va=va, transform=ax.transAxes, color=QUIET)


def _pounds_tick(x: float, _: int) -> str:
    return f"£{x:,.0f}"


def _signed_tick(x: float, unit: str) -> str:
    sign = "" if x == 0 else "+" if x > 0 else "\N{MINUS SIGN}"
    return f"{sign}{unit}{abs(x):,.0f}"

"""Figures of a decision: the frontier, how often each option is the best buy, what being wrong would cost."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from victimsmodel.appraisal.frontier import FRONTIER
from victimsmodel.inputs.appraisal import Appraisal
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.formats import pounds, pounds_about, share
from victimsmodel.reporting.palette import INK, QUIET, option_colours
from victimsmodel.reporting.style import legend_below, panels, present, short_title, styled
from victimsmodel.reporting.value_words import POSITIONS
from victimsmodel.reporting.words import option_in_sentence, sentence_case, without_intervals

_THRESHOLD = "Worth paying for each further victim in need supported (£, a choice)"


@styled
def plot_frontier(frontier: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw cost and effect of every option, the frontier and what each step up it costs.

    Parameters
    ----------
    frontier : DataFrame
        From `frontier_table`.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    found = frontier.astype({"option": str}).set_index("option")
    steps = found[found["position"] == FRONTIER]
    figure, axes = panels(1, 1, 4.2, _frontier_title(found, scenario), without_intervals(source))
    ax, colours = axes[0, 0], option_colours(scenario)
    ax.plot(steps["effect"], steps["cost"], color=INK, linewidth=1.3, zorder=2)
    for name, row in found.iterrows():
        on = row["position"] == FRONTIER
        face = colours[str(name)] if on else "white"
        ax.scatter(
            row["effect"], row["cost"], 70, face, edgecolor=colours[str(name)], linewidth=1.8, zorder=3
        )
    for before, after in zip(steps.index, steps.index[1:], strict=False):
        middle = steps.loc[[before, after], ["effect", "cost"]].mean()
        text = f"{pounds(steps.loc[after, 'icer'])} for each further victim"
        ax.annotate(text, tuple(middle), (8, -22), textcoords="offset points", ha="left", color=QUIET)
    ax.margins(0.12, 0.2)
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.grid(True, axis="both")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"£{x:,.0f}"))
    years = _years(scenario)
    ax.set_xlabel(f"Victims in need supported in {years}, discounted")
    ax.set_ylabel(f"Full cost of {years}, present value")
    marks = []
    for name, row in found.iterrows():
        label = f"{short_title(scenario.options[str(name)].title, 40, 1)} ({POSITIONS[row['position']]})"
        face = colours[str(name)] if row["position"] == FRONTIER else "white"
        dot = Line2D([], [], ls="", marker="o", ms=7, mew=1.6, mfc=face, mec=colours[str(name)], label=label)
        marks.append(dot)
    legend_below(figure, marks, columns=2)
    return figure


def _years(scenario: Scenario) -> str:
    n = scenario.appraisal.years if scenario.appraisal is not None else 1
    return "the year" if n == 1 else f"{n} years"


def _frontier_title(found: pd.DataFrame, scenario: Scenario) -> str:
    steps = found[found["position"] == FRONTIER]
    last = sentence_case(option_in_sentence(str(steps.index[-1]), scenario))
    if len(steps) == 1:
        return f"{last} does most and costs least: no other option is worth considering"
    left = len(found) - len(steps)
    text = f"{last} does most, at {pounds(steps['icer'].iloc[-1])} for each further victim in need supported"
    verb = "is" if left == 1 else "are"
    if not left:
        return text
    return f"{text}; on average {left} of {len(found)} options {verb} bettered at any price"


@styled
def plot_acceptability(curves: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw how often each option is the best buy, and how often the one to be chosen is.

    Parameters
    ----------
    curves : DataFrame
        From `curves_table`.
    scenario : Scenario
        With an appraisal.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    found = curves.astype({"option": str})
    row = _central(found, scenario)
    quoted = option_in_sentence(str(row["option"]), scenario)
    title = (
        f"At {pounds(row['threshold'])} a victim, {quoted} is the best buy on average, and in "
        f"{share(row['probability_best'])} of draws"
    )
    figure, axes = panels(1, 1, 3.9, title, without_intervals(source))
    ax = axes[0, 0]
    marks = _option_lines(ax, found, "probability_best", scenario)
    chosen = found[found["is_chosen"]]
    marks.append(_broad_line(ax, chosen, "probability_best", "The best buy on average"))
    _mark_central(ax, scenario)
    ax.set_ylim(-0.02, 1.02)
    ax.grid(True, axis="y")
    ax.yaxis.set_major_formatter(PercentFormatter(1, 0))
    ax.set_xlabel(_THRESHOLD)
    ax.set_ylabel("Draws in which it is the best buy")
    legend_below(figure, marks)
    return figure


@styled
def plot_expected_loss(curves: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw what each option is expected to lose for want of knowing; the least is what knowing is worth.

    Parameters
    ----------
    curves : DataFrame
        From `curves_table`.
    scenario : Scenario
        With an appraisal.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    found = curves.astype({"option": str})
    row = _central(found, scenario)
    title = (
        f"At {pounds(row['threshold'])} a victim, being sure before deciding would be worth "
        f"{pounds_about(row['perfect_information'])} over {_years(scenario)}"
    )
    figure, axes = panels(1, 1, 3.9, title, without_intervals(source))
    ax = axes[0, 0]
    marks = _option_lines(ax, found, "expected_loss", scenario)
    least = found.drop_duplicates("threshold")
    marks.append(_broad_line(ax, least, "perfect_information", "Value of perfect information"))
    _mark_central(ax, scenario)
    ax.set_ylim(bottom=0)
    ax.grid(True, axis="y")
    ax.yaxis.set_major_formatter(FuncFormatter(_millions))
    ax.set_xlabel(_THRESHOLD)
    ax.set_ylabel(f"Expected loss of choosing it, {_years(scenario)}")
    legend_below(figure, marks)
    return figure


def _option_lines(ax: Axes, curves: pd.DataFrame, column: str, scenario: Scenario) -> list[Line2D]:
    """Draw a column over the thresholds, a line for each option, and return what the legend shows."""
    colours, marks = option_colours(scenario), []
    for name in present(curves, scenario):
        own = curves[curves["option"] == name]
        ax.plot(own["threshold"], own[column], color=colours[name], linewidth=1.6)
        label = short_title(scenario.options[name].title, 40, 1)
        marks.append(Line2D([], [], color=colours[name], lw=1.6, label=label))
    return marks


def _broad_line(ax: Axes, rows: pd.DataFrame, column: str, label: str) -> Line2D:
    """Draw a column over the thresholds behind the options' lines, and return what the legend shows."""
    ax.plot(rows["threshold"], rows[column], color=INK, linewidth=4.5, alpha=0.25, zorder=1)
    return Line2D([], [], color=INK, lw=4.5, alpha=0.25, label=label)


def _millions(x: float, _: int) -> str:
    return "£0" if x == 0 else f"£{x / 1e6:g}m"


def _appraisal(scenario: Scenario) -> Appraisal:
    assert scenario.appraisal is not None  # there are no curves without one
    return scenario.appraisal


def _central(curves: pd.DataFrame, scenario: Scenario) -> pd.Series:
    """Return the row of the option to be chosen at the threshold nearest to the central one."""
    gap = (curves["threshold"] - _appraisal(scenario).thresholds.central).abs()
    own = curves[(gap == gap.min()) & curves["is_chosen"]]
    return own.iloc[0]


def _mark_central(ax: Axes, scenario: Scenario) -> None:
    at = _appraisal(scenario).thresholds.central
    ax.axvline(at, color=QUIET, linewidth=1, linestyle=(0, (4, 2)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"£{x:,.0f}"))

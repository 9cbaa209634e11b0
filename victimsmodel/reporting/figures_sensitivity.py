"""Figures of what a decision hangs on: the swing of each input, and what knowing it would be worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from victimsmodel.inputs.draws import uncertain_inputs
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.formats import about, pounds_about, share
from victimsmodel.reporting.palette import INK, METHOD_COLOURS, PRIORITY_COLOURS, QUIET
from victimsmodel.reporting.style import legend_below, name_rows, panels, short_title, styled
from victimsmodel.reporting.words import UNIT_TITLES, in_sentence, input_title, option_in_sentence

_LOW, _HIGH = PRIORITY_COLOURS["standard"], PRIORITY_COLOURS["enhanced"]
_MOST_ROWS = 12
_LEAST_SWING = 0.01  # of the widest; less cannot be seen


@styled
def plot_tornado(tornado: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw what the difference between two options becomes at each end of each input.

    Parameters
    ----------
    tornado : DataFrame
        From `tornado` on victims in need supported, with columns option and against.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    found = tornado[tornado["swing"] > _LEAST_SWING * tornado["swing"].max()].head(_MOST_ROWS)
    option, against = str(found["option"].iloc[0]), str(found["against"].iloc[0])
    top = found.iloc[0]
    adds = (
        f"what {option_in_sentence(option, scenario)} adds by {about(top['swing'])} victims in need supported"
    )
    title = f"{input_title(top['input'], scenario)} matters most: it moves {adds} a year"
    figure, axes = panels(1, 1, 0.36 * len(found) + 1.8, title, source)
    ax = axes[0, 0]
    rows = np.arange(len(found))
    for ends, colour in (("at_low", _LOW), ("at_high", _HIGH)):
        ax.barh(rows, found[ends] - found["central"], 0.62, found["central"], color=colour, linewidth=0)
    ax.axvline(float(top["central"]), color=INK, linewidth=1.2)
    units = uncertain_inputs(scenario)
    names = [
        f"{short_title(input_title(row.input, scenario), 46, 2)}\n{_range(row, units[row.input].unit)}"
        for row in found.itertuples()
    ]
    name_rows(ax, names)
    ax.tick_params(axis="y", labelsize=7)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:+,.0f}" if x else "0"))
    base = option_in_sentence(against, scenario)
    ax.set_xlabel(f"Victims in need supported a year, more than {base} (all else at the median)")
    marks = [
        Patch(color=_LOW, label="input at its 5th percentile"),
        Patch(color=_HIGH, label="input at its 95th percentile"),
    ]
    legend_below(figure, marks)
    return figure


def _range(row: Any, unit: str) -> str:
    low, high = row.input_low, row.input_high
    if unit == "probability":
        return f"{share(low)} to {share(high)}"
    word = UNIT_TITLES[unit]
    low, high = (f"{x:,.0f}" if abs(x) >= 100 else f"{x:.3g}" for x in (low, high))
    return f"{low} to {high}{'' if unit in ('correlation', 'odds ratio') else f' {word}'}"


@styled
def plot_information(information: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw what it would be worth to know each input before deciding.

    Parameters
    ----------
    information : DataFrame
        From `information_table`.
    scenario : Scenario
        With an appraisal.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    perfect = float(information.loc[information["known"] == "everything", "value"].iloc[0])
    single = information[information["known"] == information["inputs"]]
    found = single.sort_values("value", ascending=False, kind="stable").head(_MOST_ROWS)
    top = found.iloc[0]
    worth = f"{pounds_about(top['value'])} of the {pounds_about(perfect)} that knowing everything is worth"
    first = in_sentence(input_title(str(top["known"]), scenario))
    title = f"Worth finding out first: {first}, {worth}"
    if top["value"] <= 0:
        title = "No single input is worth finding out before deciding"
    figure, axes = panels(1, 1, 0.32 * len(found) + 1.8, title, source)
    ax = axes[0, 0]
    rows = np.arange(len(found))
    ax.barh(rows, found["value"], 0.6, color=METHOD_COLOURS[0], linewidth=0)
    error = np.minimum(found["standard_error"], found["value"]), found["standard_error"]
    ax.errorbar(found["value"], rows, xerr=error, fmt="none", ecolor=QUIET, elinewidth=1.2, capsize=2.5)
    ax.axvline(perfect, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    name_rows(ax, [short_title(input_title(name, scenario), 46, 2) for name in found["known"]])
    ax.set_xlim(0, 1.06 * max(perfect, float((found["value"] + found["standard_error"]).max()), 1.0))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"£{x / 1000:,.0f}k" if x else "£0"))
    n_years = scenario.appraisal.years if scenario.appraisal is not None else 1
    ax.set_xlabel(f"Value of knowing it before deciding, over {n_years} years")
    marks = [
        Line2D([], [], color=QUIET, lw=1.2, marker="|", label="one standard error"),
        Line2D([], [], color=INK, lw=1.2, ls=(0, (4, 2)), label="value of knowing everything"),
    ]
    legend_below(figure, marks)
    return figure

"""Figures of what to mend first, and of why an option differs from business as usual."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from victimsmodel.appraisal.explain import END, START
from victimsmodel.appraisal.levers import UNKNOWN
from victimsmodel.appraisal.outcomes import MEASURES
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.findings import MEASURE_FORMATS
from victimsmodel.reporting.formats import FORMATS, about
from victimsmodel.reporting.lever_words import (
    ENOUGH_DRAWS,
    LEAK_TITLES,
    is_cost_known,
    part_title,
    whole_pounds,
)
from victimsmodel.reporting.palette import INK, QUIET
from victimsmodel.reporting.style import (
    legend_below,
    name_rows,
    nothing_drawn,
    panels,
    short_title,
    styled,
    tint,
)
from victimsmodel.reporting.waterfall_words import adding_up
from victimsmodel.reporting.words import in_sentence, option_in_sentence, sentence_case

_BLUE, _ORANGE = "#0072b2", "#d55e00"


@styled
def plot_levers(table: pd.DataFrame, source: str) -> Figure:
    """Draw what each lever adds, the best at the top, and beside it what it would with ample staff.

    Parameters
    ----------
    table : DataFrame
        From `rank_levers`.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    rows = np.arange(len(table))
    source = f"{source} {_resting(int(table['n_draws'].iloc[0]))}"
    if not table[["extra", "ample"]].any(axis=None):
        return nothing_drawn("No lever changes how many victims in need are supported", source)
    figure, axes = panels(1, 1, 0.48 * len(table) + 1.7, _levers_title(table), source)
    ax = axes[0, 0]
    ax.axvline(0, color=QUIET, linewidth=1)
    ax.hlines(
        rows, table["extra"], table["ample"], color=tint(_BLUE, 0.35), linewidth=1, linestyle=(0, (1, 2))
    )
    ax.hlines(rows, table["low"], table["high"], color=_BLUE, linewidth=2.2)
    ax.plot(table["ample"], rows, "o", ms=7, mfc="white", mec=_BLUE, mew=1.3, zorder=3)
    ax.plot(table["extra"], rows, "o", ms=7, color=_BLUE, zorder=4)
    names = [
        f"{textwrap.fill(row.title, 34)}\n{LEAK_TITLES[row.stage]}" for row in table.itertuples(index=False)
    ]
    name_rows(ax, names)
    for row, each in enumerate(table.to_dict("records")):
        ax.annotate(
            _price(each),
            (1.02, row),
            xycoords=("axes fraction", "data"),
            va="center",
            color=INK if each["remark"] == "" else QUIET,
        )
    ax.annotate("£ per extra victim", (1.02, -0.75), xycoords=("axes fraction", "data"), color=QUIET)
    ax.xaxis.set_major_formatter(FuncFormatter(_signed))
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.set_xlabel("Victims in need supported a year, against business as usual (victims)")
    marks = [
        Line2D(
            [],
            [],
            color=_BLUE,
            marker="o",
            ms=6,
            lw=2.2,
            label=f"with queues; {_interval(table)}",
        ),
        Line2D([], [], ls="", marker="o", ms=6, mfc="white", mec=_BLUE, label="if staff were ample"),
    ]
    legend_below(figure, marks)
    return figure


def _interval(table: pd.DataFrame) -> str:
    """Return what the bars are: percentiles need draws enough to be told."""
    n_draws = int(table["n_draws"].iloc[0])
    return "90% interval of the mean" if n_draws >= ENOUGH_DRAWS else f"range over {n_draws} draws"


def _levers_title(table: pd.DataFrame) -> str:
    first, ample = table.iloc[0], table.loc[table["ample"].idxmax()]
    if first["low"] <= 0:
        return "No single lever clearly supports more victims in need"
    text = f"{first['title']} would support about {about(first['extra'])} more victims in need on average"
    if ample["lever"] != first["lever"] and ample["ample"] > first["extra"]:
        text += f"; with ample staff, {in_sentence(ample['title'])} would do most"
    return text


def _price(row: dict[Any, Any]) -> str:
    if row["remark"] == "":
        return whole_pounds(row["cost_per_extra"]) if is_cost_known(row) else "not known well"
    return "unknown" if row["remark"] == UNKNOWN else str(row["remark"])


@styled
def plot_waterfall(explained: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw the way from business as usual to an option, part by part.

    Parameters
    ----------
    explained : DataFrame
        From `explain_option`.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    measure = next(each for each in MEASURES if each.name == explained["measure"].iloc[0])
    plain, signed = (FORMATS[name] for name in MEASURE_FORMATS[measure.unit])
    parts = explained[explained["kind"] == "part"]
    start, end = (explained[explained["kind"] == kind].iloc[0] for kind in (START, END))
    shown = [float(start["value"]), *parts["value"], float(end["value"])]
    if measure.unit == "victims":
        shown = adding_up(shown[0], parts["value"].to_numpy(), shown[-1])
    title = _waterfall_title(parts, shown, measure, scenario)
    if not (parts["value"].any() or start["value"]):
        return nothing_drawn(title, source)
    source = f"{source} {_resting(int(explained['n_draws'].iloc[0]))}"
    figure, axes = panels(1, 1, 0.42 * len(explained) + 1.8, title, source)
    ax = axes[0, 0]
    level = float(start["value"])
    for row, (each, number) in enumerate(zip(parts.to_dict("records"), shown[1:-1], strict=True), 1):
        _draw_part(ax, row, level, each)
        ax.annotate(signed(number), (1.02, row), xycoords=("axes fraction", "data"), va="center")
        level += each["value"]
        ax.vlines(level, row, row + 1, color=QUIET, linewidth=0.8)
    ax.vlines(float(start["value"]), 0, 1, color=QUIET, linewidth=0.8)
    for row, each in ((0, start), (len(parts) + 1, end)):
        ax.plot(each["value"], row, "D", ms=7, color=INK, zorder=4)
        place = (1.02, row)
        ax.annotate(
            plain(each["value"]), place, xycoords=("axes fraction", "data"), va="center", weight="bold"
        )
    named = [short_title(scenario.options[each["part"]].title, 28, 2) for each in (start, end)]
    name_rows(ax, [named[0], *(textwrap.fill(part_title(part), 30) for part in parts["part"]), named[1]])
    ax.use_sticky_edges = False
    ax.margins(x=0.06)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: plain(x)))
    ax.xaxis.set_major_locator(MaxNLocator(6))
    unit = "£" if measure.unit == "GBP" else measure.unit
    ax.set_xlabel(f"{measure.title} ({unit}); the axis does not start at zero")
    falls = bool((parts["value"] < 0).any())
    legend_below(figure, _waterfall_marks(falls, int(explained["n_draws"].iloc[0])), columns=2)
    return figure


def _draw_part(ax: Axes, row: int, level: float, part: dict[Any, Any]) -> None:
    """Draw a contribution from where the last one ended, with its interval and its range over orders."""
    colour = _BLUE if part["value"] >= 0 else _ORANGE
    ax.barh(row, part["most"] - part["least"], 0.72, level + part["least"], color=tint(QUIET, 0.22))
    ax.barh(row, part["value"], 0.42, level, color=colour)
    if part["n_draws"] > 1:
        ax.hlines(row, level + part["low"], level + part["high"], color=INK, linewidth=1, zorder=3)


def _waterfall_marks(has_falls: bool, n_draws: int) -> list[Any]:
    interval = "90% interval of the mean" if n_draws >= ENOUGH_DRAWS else f"range over {n_draws} draws"
    marks = [
        Patch(color=_BLUE, label="adds, mean over all orders"),
        *([Patch(color=_ORANGE, label="takes away")] if has_falls else []),
        Patch(color=tint(QUIET, 0.22), label="from the least to the most favourable order"),
    ]
    return marks if n_draws == 1 else [*marks, Line2D([], [], color=INK, lw=1, label=interval)]


def _resting(n_draws: int) -> str:
    """Say what simulated numbers rest on, where a figure has fewer draws than the rest of a run."""
    return "Every input at its median." if n_draws == 1 else f"{n_draws} draws of the inputs."


def _waterfall_title(parts: pd.DataFrame, shown: list[Any], measure: Any, scenario: Scenario) -> str:
    signed = FORMATS[MEASURE_FORMATS[measure.unit][1]]
    option = option_in_sentence(str(parts["option"].iloc[0]), scenario) if len(parts) else "The option"
    what = in_sentence(measure.title)
    if not parts["value"].any():
        return f"{sentence_case(option)} changes nothing in {what}"
    largest = int(parts["value"].abs().to_numpy().argmax())
    moved = f"{signed(shown[1 + largest])} of {signed(shown[-1] - shown[0])}"
    found = f"{part_title(parts['part'].iloc[largest])} matters most in {option}"
    return f"{found}: {moved} {what}" if measure.unit == "victims" else f"{found}: {moved} ({what})"


def _signed(x: float, _: int) -> str:
    sign = "" if x == 0 else "+" if x > 0 else "\N{MINUS SIGN}"
    return f"{sign}{abs(x):,.0f}"

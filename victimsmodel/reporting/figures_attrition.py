"""Figure of attrition under every definition that a return allows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from victimsmodel.inputs.people_table import refuse_people
from victimsmodel.pathway.attrition_definitions import DEFINITIONS, OVERALL
from victimsmodel.reporting.formats import share, share1
from victimsmodel.reporting.palette import INK, QUIET
from victimsmodel.reporting.style import legend_below, name_rows, panels, styled, tint

_POINT, _BOUND = "#14506e", "#e69f00"
_ROW_HEIGHT, _AROUND = 0.36, 1.75  # inches
_BAR = 0.3  # half the height of a bar of bounds, rows


@styled
def plot_attrition_definitions(table: pd.DataFrame, source: str) -> Figure:
    """Draw attrition under each definition: a dot with its interval, or a bar between bounds.

    Parameters
    ----------
    table : DataFrame
        From `attrition_definitions`. Single periods are drawn as small dots.
    source : str
        What stands under the figure, before a note on how to read it.

    Returns
    -------
    Figure
    """
    refuse_people(table, "plot_attrition_definitions")
    known = {definition.name: definition for definition in DEFINITIONS}
    drawn = table[table["kind"].isin(["point", "bound"])]
    overall = drawn[drawn["period"] == OVERALL].set_index("definition")
    names = [name for name in known if name in overall.index]
    height = _ROW_HEIGHT * max(len(names), 3) + _AROUND
    is_whole = _is_whole(table, names)
    note = _note(overall.loc[names], is_whole)
    figure, axes = panels(1, 1, height, _title(overall, names), f"{source} {note}")
    ax = axes[0, 0]
    for i, name in enumerate(names):
        row = overall.loc[name]
        single = drawn[(drawn["definition"] == name) & (drawn["period"] != OVERALL)]
        if row["kind"] == "bound":
            ax.barh(
                i,
                row["high"] - row["low"],
                2 * _BAR,
                row["low"],
                color=tint(_BOUND, 0.55),
                edgecolor=_BOUND,
                linewidth=0.8,
            )
            text, end = (
                _span(row["low"], row["high"]),
                np.nanmax([row["high"], single["value"].max()]),
            )
        else:
            ax.plot([row["low"], row["high"]], [i, i], color=_POINT, linewidth=2.2, solid_capstyle="butt")
            ax.plot(row["value"], i, "o", color=_POINT, markersize=6.5, markeredgecolor="white", zorder=3)
            text, end = share(row["value"]), max(row["high"], single["value"].max())
        points = single[single["kind"] == "point"]
        ax.plot(points["value"], [i] * len(points), "|", color=QUIET, markersize=8, markeredgewidth=1)
        ax.annotate(text, (end, i), (7, 0), textcoords="offset points", va="center", fontsize=8, color=INK)
    labels = [f"{known[name].words.capitalize()}" for name in names]
    name_rows(ax, labels)
    ax.set_xlim(0, 1.14)
    ax.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("Share of victims or cases lost between the two steps")
    legend_below(figure, _legend(overall.loc[names], drawn, is_whole), 3)
    return figure


def _span(low: float, high: float) -> str:
    """Return both ends of bounds, with a decimal where they would look the same."""
    form = share1 if share(low) == share(high) else share
    return f"{form(low)} to {form(high)}"


def _is_whole(table: pd.DataFrame, names: list[str]) -> bool:
    """Say whether every period counts: none contradicts itself, or lacks the start of a definition."""
    single = table[(table["period"] != OVERALL) & table["definition"].isin(names)]
    says_nothing = (single["kind"] == "bound") & (single["low"] <= 0) & (single["high"] >= 1)
    return not bool((single["kind"] == "impossible").any() or says_nothing.any())


def _note(overall: pd.DataFrame, is_whole: bool) -> str:
    """Say what lines and bars are, of those that are drawn, and that periods were left out."""
    line = "Line: 5th to 95th percentile of the overall share, sampling error only."
    together = "all periods together" if is_whole else "the periods used together"
    bar = f"Bar: the least and the most that hidden or missing counts allow, {together}, without sampling"
    bar += " error."
    left_out = "Periods whose counts contradict each other, or lack the first of the two steps, are left out."
    kinds = set(overall["kind"])
    told = [text for kind, text in (("point", line), ("bound", bar)) if kind in kinds]
    return " ".join([*told, *([] if is_whole else [left_out])])


def _title(overall: pd.DataFrame, names: list[str]) -> str:
    """Say how far the answers differ."""
    if not names:
        return "The return allows no definition of attrition"
    points = overall.loc[names][overall.loc[names, "kind"] == "point"]
    if len(points) > 1:
        low, high = points["value"].min(), points["value"].max()
        ends = f"{share(low)} to {share(high)}"
        return f"Attrition is {ends}, depending on which of {len(names)} definitions is used"
    first = overall.loc[names[0]]
    words = next(definition.words for definition in DEFINITIONS if definition.name == names[0])
    if first["kind"] == "point":
        return f"{share(first['value'])} were {words}"
    return f"{_span(first['low'], first['high'])} were {words}: hidden or missing counts allow no more"


def _legend(overall: pd.DataFrame, drawn: pd.DataFrame, is_whole: bool) -> list[Line2D | Patch]:
    marks: list[Line2D | Patch] = []
    if (overall["kind"] == "point").any():
        marks.append(
            Line2D(
                [],
                [],
                color=_POINT,
                marker="o",
                linewidth=2.2,
                markeredgecolor="white",
                label=f"{'All periods' if is_whole else 'The periods used'}, with interval",
            )
        )
    if ((drawn["period"] != OVERALL) & (drawn["kind"] == "point")).any():
        marks.append(Line2D([], [], color=QUIET, marker="|", linestyle="", markersize=8, label="One period"))
    if (overall["kind"] == "bound").any():
        marks.append(Patch(facecolor=tint(_BOUND, 0.55), edgecolor=_BOUND, label="Between bounds"))
    return marks

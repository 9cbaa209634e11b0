"""Figures of how the service is doing: control charts, and areas within a funnel."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from victimsmodel.monitoring.charts import ControlChart
from victimsmodel.monitoring.funnel_plot import FunnelPlot
from victimsmodel.monitoring.limits import CHART_TITLES
from victimsmodel.reporting.formats import share1
from victimsmodel.reporting.palette import INK, QUIET
from victimsmodel.reporting.style import legend_below, panels, styled, tint

_LINE, _SIGNAL, _HIGHLIGHT = "#14506e", "#b84a00", "#009e73"
_MOST_NAMES, _LEVEL_NAMES = 24, 10  # periods whose names fit below an axis: slanted, level
_MOST_LABELS = 8  # areas named in a funnel plot, the farthest from the target
#: Which signal a title tells of: the loudest, of these the last.
_LOUDNESS = {"two_of_three": 0, "beyond": 1, "trend": 2, "run": 3}
_SPREAD_WORDS = {
    "chance": "binomial chance only",
    "multiplicative": "chance, widened by the dispersion between areas",
    "additive": "chance, and differences between areas as they usually are",
}


@styled
def plot_control_chart(chart: ControlChart, measure: str, source: str, unit: str = "") -> Figure:
    """Draw a control chart; points that are part of a signal stand out.

    Parameters
    ----------
    chart : ControlChart
    measure : str
        What is charted, as the title begins, for example ``Attrition``.
    source : str
        What stands under the figure.
    unit : str
        Of values that are no shares.

    Returns
    -------
    Figure
    """
    points = chart.points
    is_share = "trials" in points.columns
    note = (
        f"{source} {CHART_TITLES[chart.chart]}: centre and three-sigma limits. {' '.join(chart.remarks[:-1])}"
    )
    figure, axes = panels(1, 1, 3.6, _chart_title(chart, measure), note)
    ax = axes[0, 0]
    x = np.arange(len(points))
    for _, own in points.groupby("phase"):
        place = own.index.to_numpy()
        edges = np.concatenate([place - 0.5, place[-1:] + 0.5])
        for column, style in (("lower", (0, (4, 2))), ("upper", (0, (4, 2))), ("centre", "-")):
            level = own[column].to_numpy(np.float64)
            ax.step(edges, np.append(level, level[-1]), where="post", color=_LINE, lw=1, ls=style)
        low, high = own["lower"].to_numpy(np.float64), own["upper"].to_numpy(np.float64)
        ax.fill_between(
            edges,
            np.append(low, low[-1]),
            np.append(high, high[-1]),
            step="post",
            color=tint(_LINE, 0.08),
            linewidth=0,
        )
        if place[0]:
            ax.axvline(place[0] - 0.5, color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)))
    values = points["value"].to_numpy(np.float64)
    ax.plot(x, values, color=QUIET, linewidth=0.9, zorder=3)
    marked = points["signals"].to_numpy() != ""
    ax.scatter(x[~marked], values[~marked], 24, color=INK, zorder=4)
    ax.scatter(x[marked], values[marked], 38, color=_SIGNAL, marker="D", zorder=5)
    name_periods(ax, list(points["period"]))
    ax.set_ylabel(f"{measure} (%)" if is_share else f"{measure} ({unit})" if unit else measure)
    if is_share:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}"))
    legend_below(figure, _chart_legend(len(chart.phases) > 1, bool(marked.any())), columns=5)
    return figure


def name_periods(ax: Axes, names: list[str]) -> None:
    """Name periods below the axis, as many as fit, the last one always."""
    step = -(-len(names) // _MOST_NAMES)
    shown = list(range(len(names) - 1, -1, -step))[::-1]
    slant, side = (45, "right") if len(shown) > _LEVEL_NAMES else (0, "center")
    ax.set_xticks(shown, [names[i] for i in shown], rotation=slant, ha=side, rotation_mode="anchor")
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.grid(visible=False, axis="x")
    ax.grid(visible=True, axis="y")
    ax.yaxis.set_major_locator(MaxNLocator(6))


def _chart_title(chart: ControlChart, measure: str) -> str:
    last, found = chart.points["period"].iloc[-1], chart.signals
    centre = chart.phases["centre"].iloc[-1]
    level = share1(centre) if "trials" in chart.points.columns else f"{centre:.3g}"
    if not len(found):
        return f"{measure}: no signal of change up to {last}, only chance around {level}"
    own = found[found["period"].isin(chart.points.loc[~chart.points["is_baseline"], "period"])]
    ranked = (own if len(own) else found).assign(rank=lambda rows: rows["rule"].map(_LOUDNESS))
    loudest = ranked.sort_values("rank", kind="stable").iloc[-1]["words"]
    more = f" ({len(found)} signals)" if len(found) > 1 else ""
    return f"{measure} changed by more than chance: {loudest}{more}"


def _chart_legend(has_phases: bool, has_signals: bool) -> list[Line2D | Patch]:
    marks: list[Line2D | Patch] = [
        Line2D([], [], color=QUIET, marker="o", ms=5, mfc=INK, mec=INK, label="Observed"),
        Line2D([], [], color=_LINE, linewidth=1, label="Centre"),
        Line2D([], [], color=_LINE, linewidth=1, linestyle=(0, (4, 2)), label="Three-sigma limits"),
    ]
    if has_signals:
        marks.insert(1, Line2D([], [], ls="", color=_SIGNAL, marker="D", ms=6, label="Part of a signal"))
    if has_phases:
        marks.append(Line2D([], [], color=QUIET, lw=0.9, ls=(0, (1, 2)), label="Limits recalculated"))
    return marks


@styled
def plot_areas_funnel(plot: FunnelPlot, measure: str, source: str, highlight: str = "") -> Figure:
    """Draw areas against limits that narrow with size.

    Parameters
    ----------
    plot : FunnelPlot
    measure : str
        What is compared, as the title begins.
    source : str
        What stands under the figure.
    highlight : str
        The area that the reader asks about.

    Returns
    -------
    Figure
    """
    areas, limits = plot.areas, plot.limits
    note = f"{source} Limits: {_SPREAD_WORDS[plot.spread]}. {plot.words[0]}"
    figure, axes = panels(1, 1, 3.9, _funnel_title(plot, measure, highlight), note)
    ax = axes[0, 0]
    for name, style in (("95", (0, (4, 2))), ("998", "-")):
        for side in ("low", "high"):
            ax.plot(limits["trials"], limits[f"{side}_{name}"], color=_LINE, linewidth=1, linestyle=style)
    ax.axhline(plot.target, color=QUIET, linewidth=1)
    outside = (areas["verdict"] != "within").to_numpy()
    own = (areas["area"] == highlight).to_numpy()
    for which, colour, marker, size in (
        (~outside & ~own, INK, "o", 24),
        (outside & ~own, _SIGNAL, "D", 36),
        (own, _HIGHLIGHT, "s", 52),
    ):
        ax.scatter(areas["trials"][which], areas["share"][which], size, color=colour, marker=marker, zorder=4)
    farthest = areas["z_adjusted"].abs().where(outside).rank(ascending=False) <= _MOST_LABELS
    for row in areas[farthest | own].itertuples():
        ax.annotate(
            str(row.area),
            (row.trials, row.share),
            (-7, 5),
            textcoords="offset points",
            ha="right",
            fontsize=8,
            zorder=5,
        )
    ax.set_xscale("log")
    ax.tick_params(axis="x", which="both", length=0, pad=4)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    ax.xaxis.set_minor_formatter(FuncFormatter(_between))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}"))
    ax.set_xlim(limits["trials"].min() * 0.95, limits["trials"].max() * 1.25)
    ax.set_xlabel("Victims in the area's count (log scale)")
    ax.set_ylabel(f"{measure} (%)")
    ax.grid(visible=True, axis="both")
    legend_below(figure, _funnel_legend(plot, highlight, bool((outside & ~own).any())), columns=4)
    return figure


def _between(x: float, _: int) -> str:
    """Name twos and fives between powers of ten."""
    first = float(f"{x:e}"[0])
    return f"{x:,.0f}" if first in (2, 5) else ""


def _funnel_legend(plot: FunnelPlot, highlight: str, has_outside: bool) -> list[Line2D]:
    marks = [Line2D([], [], ls="", color=INK, marker="o", ms=5, label="Within the 95% limits")]
    if has_outside:
        marks.append(Line2D([], [], ls="", color=_SIGNAL, marker="D", ms=6, label="Outside them"))
    if highlight:
        marks.append(Line2D([], [], ls="", color=_HIGHLIGHT, marker="s", ms=7, label=highlight))
    return [
        *marks,
        Line2D([], [], color=QUIET, linewidth=1, label=f"Target {share1(plot.target)}"),
        Line2D([], [], color=_LINE, linewidth=1, linestyle=(0, (4, 2)), label="95% limits"),
        Line2D([], [], color=_LINE, linewidth=1, label="99.8% limits"),
    ]


def _funnel_title(plot: FunnelPlot, measure: str, highlight: str) -> str:
    own: pd.DataFrame = plot.areas[plot.areas["area"] == highlight]
    n_outside = int((plot.areas["verdict"] != "within").sum())
    if not len(own):
        verb = "lies" if n_outside == 1 else "lie"
        some = f"{n_outside} of {len(plot.areas)} areas"
        return f"{measure}: {some} {verb} outside the 95% limits around {share1(plot.target)}"
    row = own.iloc[0]
    within = "within what chance allows"
    if plot.spread != "chance":
        within = "within what chance and usual differences allow"
    verdict = within if row["verdict"] == "within" else row["verdict"]
    return f"{measure} in {highlight} is {share1(row['share'])} against {share1(plot.target)}: {verdict}"

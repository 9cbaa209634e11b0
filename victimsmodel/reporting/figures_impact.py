"""Figures of a change: what it did to a series, and how likely that was to be seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from victimsmodel.monitoring.interrupted import Impact
from victimsmodel.monitoring.power import PlannedSeries
from victimsmodel.reporting.figures_monitoring import name_periods
from victimsmodel.reporting.formats import points
from victimsmodel.reporting.palette import INK, METHOD_COLOURS, QUIET
from victimsmodel.reporting.style import legend_below, panels, styled, tint

_FITTED, _WITHOUT, _CHANGE = "#14506e", "#b84a00", "#5a6672"
_WANTED_POWER = 0.8


@styled
def plot_interrupted_series(impact: Impact, measure: str, source: str) -> Figure:
    """Draw what was observed, what was fitted, and what would have been without the change.

    Parameters
    ----------
    impact : Impact
    measure : str
        What the series is of, as the title begins.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    series = impact.series
    is_share = impact.is_share
    note = f"{source} {' '.join(impact.words[1:])}"
    figure, axes = panels(1, 1, 3.7, _impact_title(impact, measure), note)
    ax = axes[0, 0]
    x = np.arange(len(series))
    after = series["is_after"].to_numpy()
    first = int(np.flatnonzero(~series["is_used"].to_numpy() | after)[0])
    ax.axvspan(first - 0.5, len(series) - 0.4, color="#f1f3f5", linewidth=0, zorder=0)
    low, high = (series[f"counterfactual_{end}"].to_numpy() for end in ("low", "high"))
    ax.fill_between(x[after], low[after], high[after], color=tint(_WITHOUT, 0.2), linewidth=0)
    ax.plot(x[after], series["counterfactual"][after], color=_WITHOUT, linewidth=1.4, linestyle=(0, (4, 2)))
    for side in (x < first, after):
        ax.plot(x[side], series["fitted"].to_numpy()[side], color=_FITTED, linewidth=1.6)
    used = series["is_used"].to_numpy()
    ax.scatter(x[used], series["observed"][used], 22, color=INK, zorder=4)
    ax.scatter(x[~used], series["observed"][~used], 22, facecolor="white", edgecolor=QUIET, zorder=4)
    ax.axvline(first - 0.5, color=_CHANGE, linewidth=1, linestyle=(0, (1, 2)))
    name_periods(ax, list(series["period"]))
    ax.set_ylabel(f"{measure} (%)" if is_share else measure)
    if is_share:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g}"))
    legend_below(figure, _impact_legend(bool((~used).any())), columns=5)
    return figure


def _impact_legend(has_transition: bool) -> list[Line2D | Patch]:
    marks: list[Line2D | Patch] = [
        Line2D([], [], ls="", color=INK, marker="o", ms=5, label="Observed"),
        Line2D([], [], color=_FITTED, lw=1.6, label="Fitted"),
        Line2D([], [], color=_WITHOUT, lw=1.4, ls=(0, (4, 2)), label="Without the change"),
        Patch(color=tint(_WITHOUT, 0.2), linewidth=0, label="95% interval of its mean"),
    ]
    if has_transition:
        left_out = Line2D(
            [], [], ls="", mec=QUIET, mfc="white", marker="o", ms=5, label="Left out: transition"
        )
        marks.append(left_out)
    return marks


def _impact_title(impact: Impact, measure: str) -> str:
    middle, low, high = (points(x) if impact.is_share else f"{x:+.3g}" for x in impact.average)
    unit = " percentage points" if impact.is_share else ""
    interval = f"95% interval {low} to {high}"
    if impact.average[1] <= 0 <= impact.average[2]:
        return f"{measure}: no change is shown, {middle}{unit} on average ({interval})"
    verb = "higher" if impact.average[0] > 0 else "lower"
    size = middle.lstrip("+-\N{MINUS SIGN}")
    return f"{measure} is {size}{unit} {verb} on average than without the change ({interval})"


@styled
def plot_power(curve: pd.DataFrame, planned: PlannedSeries, source: str) -> Figure:
    """Draw power against how many periods one waits, a line for each size of effect.

    Parameters
    ----------
    curve : DataFrame
        From `power_curve`.
    planned : PlannedSeries
        What the curve was made from.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    note = (
        f"{source} {planned.periods_before} periods before, {planned.trials:,} victims each,"
        f" {100 * planned.share:.0f}% without the change; dispersion {planned.dispersion:g}, autocorrelation"
        f" {planned.autocorrelation:g}. Bars: 95% interval of the simulation. Dotted: how often an effect is"
        " claimed where there is none (nominal 5%)."
    )
    figure, axes = panels(1, 1, 3.7, _power_title(curve), note)
    ax = axes[0, 0]
    marks = []
    for (change, own), colour in zip(curve.groupby("level_change", sort=False), METHOD_COLOURS, strict=False):
        x, power = own["periods_after"].to_numpy(), own["power"].to_numpy()
        gaps = np.abs(own[["power_low", "power_high"]].to_numpy().T - power)
        ax.errorbar(x, power, yerr=gaps, color=colour, linewidth=1.4, marker="o", ms=4, capsize=2)
        label = f"Effect of {points(float(change))} points"
        marks.append(Line2D([], [], color=colour, marker="o", ms=4, lw=1.4, label=label))
    null = curve.groupby("periods_after")["type_1_error"].mean()
    ax.plot(null.index, null, color=QUIET, linewidth=1.2, linestyle=(0, (1, 2)))
    marks.append(Line2D([], [], color=QUIET, lw=1.2, ls=(0, (1, 2)), label="No effect"))
    ax.axhline(_WANTED_POWER, color=QUIET, linewidth=0.9, linestyle=(0, (4, 2)))
    marks.append(Line2D([], [], color=QUIET, lw=0.9, ls=(0, (4, 2)), label="80%"))
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.0f}"))
    ax.set_xticks(sorted(set(curve["periods_after"])))
    ax.set_xlabel("Periods after the change")
    ax.set_ylabel("Series that show an effect (%)")
    ax.grid(visible=True, axis="y")
    legend_below(figure, marks, columns=5)
    return figure


def _power_title(curve: pd.DataFrame) -> str:
    """Say how long one has to wait for each effect, or that no wait is long enough."""
    told = []
    for change, own in curve.groupby("level_change", sort=False):
        enough = own.loc[own["power"] >= _WANTED_POWER, "periods_after"]
        longest = f"more than {int(own['periods_after'].max())} periods"
        wait = f"{int(enough.min())} periods" if len(enough) else longest
        told.append(f"{points(float(change))} points takes {wait}")
    return "To see an effect in 4 of 5 cases: " + "; ".join(told)

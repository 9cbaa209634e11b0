"""Figures of a calibration: what moved, and whether the totals are reproduced."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, PercentFormatter
from scipy.special import ndtri

from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.calibration_tables import MOVED, UNTOUCHED
from victimsmodel.pathway.kept_back import AFTER_YEAR, NEXT, PUBLISHED
from victimsmodel.reporting.formats import share1
from victimsmodel.reporting.hold_out_words import KINDS, span, total_name
from victimsmodel.reporting.palette import INK, QUIET
from victimsmodel.reporting.readable_calibration import input_value
from victimsmodel.reporting.style import legend_below, name_rows, panels, short_title, styled
from victimsmodel.reporting.words import in_sentence, input_title, sentence_case

_PRIOR, _POSTERIOR = "#9aa5af", "#0072b2"
_ROW, _AROUND = 0.36, 1.45  # inches
_KEPT_COLOURS = {PUBLISHED: "#9aa5af", NEXT: "#0072b2", AFTER_YEAR: "#d55e00"}
_LIMIT = float(-ndtri(TAIL))
_NAMED_UNITS = ("minutes", "days", "sessions")


@styled
def plot_calibrated_inputs(inputs: pd.DataFrame, scenario: Scenario, source: str, most: int = 10) -> Figure:
    """Draw stated and calibrated intervals of the inputs that moved most, in prior standard deviations.

    Parameters
    ----------
    inputs : DataFrame
        `Calibration.inputs`.
    scenario : Scenario
    source : str
        What stands under the figure, before a note on how to read it.
    most : int
        Inputs that are drawn.
    """
    table = inputs[inputs["verdict"] != UNTOUCHED].head(most)
    note = "Bars: 90% intervals, points: medians; the numbers are medians before and after."
    height = _ROW * len(table) + _AROUND
    figure, axes = panels(1, 1, height, _inputs_title(inputs, scenario), f"{source} {note}")
    ax = axes[0, 0]
    for i, row in enumerate(table.itertuples()):
        _bar(ax, i - 0.14, (-_LIMIT, 0.0, _LIMIT), _PRIOR)
        _bar(ax, i + 0.14, (row.score_low, row.score_median, row.score_high), _POSTERIOR)
        text = f"{input_value(row.prior_median, row.unit)} → {input_value(row.posterior_median, row.unit)}"
        text += f" {row.unit}" if row.unit in _NAMED_UNITS else ""
        ax.text(1.01, i, text, transform=ax.get_yaxis_transform(), va="center", fontsize=8, color=QUIET)
    name_rows(ax, [short_title(input_title(name, scenario), 42, 2) for name in table["input"]])
    reach = max(2.1, 0.2 + float(np.abs(ax.dataLim.intervalx).max()))
    ax.set_xlim(-reach, reach)
    ax.set_xlabel("Distance from the stated median, in prior standard deviations (normal scores)")
    legend_below(figure, _legend(("Stated (prior)", _PRIOR), ("Calibrated (posterior)", _POSTERIOR)))
    return figure


@styled
def plot_calibrated_fit(fit: pd.DataFrame, source: str) -> Figure:
    """Draw each observed total beside what the stated and the calibrated inputs predict.

    Parameters
    ----------
    fit : DataFrame
        `Calibration.fit`.
    source : str
        What stands under the figure, before a note on how to read it.
    """
    parts = [part for part in (fit[fit["is_share"]], fit[~fit["is_share"]]) if len(part)]
    note = "Bars: 90% intervals; that of an observed total is what the figure may stand for. "
    height = 0.62 * len(fit) + 0.5 * (len(parts) - 1) + _AROUND
    ratios = {"height_ratios": [len(part) + 0.3 for part in parts]}
    figure, axes = panels(len(parts), 1, height, _fit_title(fit), f"{source} {note}", gridspec_kw=ratios)
    kinds = (("observed", INK, -0.24), ("prior", _PRIOR, 0.0), ("posterior", _POSTERIOR, 0.24))
    for ax, part in zip(axes[:, 0], parts, strict=True):
        for i, row in enumerate(part.itertuples()):
            for name, colour, offset in kinds:
                middle = row.observed if name == "observed" else getattr(row, f"{name}_median")
                ends = (getattr(row, f"{name}_low"), middle, getattr(row, f"{name}_high"))
                _bar(ax, i + offset, ends, colour, "D" if name == "observed" else "o")
        name_rows(ax, [short_title(label[:1].upper() + label[1:], 26) for label in part["observation"]])
        is_share = bool(part["is_share"].iloc[0])
        ax.set_xlabel("Share of the earlier stage" if is_share else "Persons a year")
        ax.xaxis.set_major_formatter(
            PercentFormatter(1, decimals=0) if is_share else FuncFormatter(lambda x, _: f"{x:,.0f}")
        )
    words = (("Observed", INK), ("Stated inputs", _PRIOR), ("Calibrated inputs", _POSTERIOR))
    legend_below(figure, _legend(*words))
    return figure


@styled
def plot_hold_out(table: pd.DataFrame, source: str) -> Figure:
    """Draw what was foretold of totals that were kept back: published ones, and a next quarter.

    Parameters
    ----------
    table : DataFrame
        From `kept_back`.
    source : str
        What stands under the figure, before a note on how to read it.
    """
    parts = [part for part in (table[table["is_share"]], table[~table["is_share"]]) if len(part)]
    note = (
        "Bars: 90% intervals of what would be counted. Quarters: invented returns of the service's size, "
        "medians over them."
    )
    ratios = {"height_ratios": [len(part) + 0.3 for part in parts]}
    height = 0.46 * len(table) + 0.5 * (len(parts) - 1) + _AROUND
    source = f"{source} {note}"
    figure, axes = panels(len(parts), 1, height, _hold_out_title(table), source, gridspec_kw=ratios)
    for ax, part in zip(axes[:, 0], parts, strict=True):
        for i, row in enumerate(part.to_dict("records")):
            _bar(ax, i, (row["low"], row["median"], row["high"]), _KEPT_COLOURS[row["kind"]])
            if row["kind"] == PUBLISHED:
                ax.plot(row["observed"], i, "D", color=INK, markersize=6, markeredgecolor="white", zorder=4)
            held = f"; held {row['covered']:.0%}" if row["kind"] == AFTER_YEAR else ""
            text = f"{span(row)}{held}"
            ax.text(1.01, i, text, transform=ax.get_yaxis_transform(), va="center", fontsize=8, color=QUIET)
        several = table["observation"].nunique() > 1
        names = [
            KINDS[row.kind] + (f":\n{short_title(total_name(row.observation), 34, 1)}" if several else "")
            for row in part.itertuples()
        ]
        name_rows(ax, names)
        is_share = bool(part["is_share"].iloc[0])
        what = total_name(str(part["observation"].iloc[0]))
        ax.set_xlabel(sentence_case(what) if is_share and not several else "Share" if is_share else "Persons")
        form = PercentFormatter(1, decimals=0) if is_share else FuncFormatter(lambda x, _: f"{x:,.0f}")
        ax.xaxis.set_major_formatter(form)
    legend_below(figure, _hold_out_marks(), 2)
    return figure


def _hold_out_title(table: pd.DataFrame) -> str:
    published, after = (table[table["kind"] == kind] for kind in (PUBLISHED, AFTER_YEAR))
    n, within = len(published), int(published["is_within"].sum())
    one = "the published figure is" if within else "the published figure is not"
    first = f"Kept back, {one if n == 1 else f'{within} of {n} published figures are'} foretold"
    least, most = after["covered"].min(), after["covered"].max()
    shares = f"{least:.0%}" if round(least, 2) == round(most, 2) else f"{least:.0%} to {most:.0%}"
    return f"{first}; 90% intervals hold {shares} of invented next quarters"


def _hold_out_marks() -> list[Line2D]:
    marks = _legend(
        ("Foretold without it", _KEPT_COLOURS[PUBLISHED]),
        ("Foretold from the calibrated inputs", _KEPT_COLOURS[NEXT]),
        ("Foretold from them and four quarters", _KEPT_COLOURS[AFTER_YEAR]),
    )
    published = Line2D([], [], ls="", marker="D", color=INK, markersize=5, label="Published")
    return [marks[0], published, *marks[1:]]


def _bar(ax: Axes, y: float, ends: tuple[float, float, float], colour: str, marker: str = "o") -> None:
    ax.plot([ends[0], ends[2]], [y, y], color=colour, linewidth=2.6, solid_capstyle="butt")
    ax.plot(
        [ends[1]], [y], marker, color=colour, markersize=4.6, markeredgecolor="white", markeredgewidth=0.8
    )


def _legend(*kinds: tuple[str, str]) -> list[Line2D]:
    return [
        Line2D(
            [],
            [],
            color=colour,
            linewidth=2.6,
            marker="D" if colour == INK else "o",
            markersize=4.6,
            label=label,
        )
        for label, colour in kinds
    ]


def _inputs_title(table: pd.DataFrame, scenario: Scenario) -> str:
    moved = table[table["verdict"] == MOVED]
    if moved.empty:
        return f"The observed totals move none of {len(table)} inputs: they agree with what was stated"
    first = moved.iloc[0]
    text = f"{len(moved)} of {len(table)} inputs move when calibrated; most"
    largest = in_sentence(input_title(first["input"], scenario))
    change = abs(first["shift"])
    return f"{text}, by {change:.1f} standard deviations: {largest}"


def _fit_title(table: pd.DataFrame) -> str:
    middle, n = table["posterior_median"], len(table)
    outside = int(((middle < table["observed_low"]) | (middle > table["observed_high"])).sum())
    if outside:
        return f"{outside} of {n} observed totals cannot be reproduced by calibrating the inputs"
    row = table.iloc[0]
    if n == 1 and row["is_share"]:
        what = row["observation"].partition(",")[0]
        shown = [share1(row[name]) for name in ("posterior_median", "observed", "prior_median")]
        return (
            f"Calibrated, the model gives {shown[0]} for {what}, where {shown[1]} was observed and "
            f"the stated inputs give {shown[2]}"
        )
    return f"Calibrated inputs reproduce {'the observed total' if n == 1 else f'all {n} observed totals'}"


def calibration_figures(
    tables: Mapping[str, pd.DataFrame], scenario: Scenario, source: str
) -> dict[str, Figure]:
    """Return the figures of a calibration by file name; none where nothing was observed of the service.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of the stage ``attrition``.
    scenario : Scenario
    source : str
        The line under each figure.
    """
    if "calibration_fit" not in tables:
        return {}
    return {
        "calibration_fit": plot_calibrated_fit(tables["calibration_fit"], source),
        "calibration_inputs": plot_calibrated_inputs(tables["calibration_inputs"], scenario, source),
    }

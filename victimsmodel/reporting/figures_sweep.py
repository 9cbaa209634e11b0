"""The picture of a sweep: a line for one varied input, a heat map for two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from victimsmodel.appraisal.outcomes import MEASURES
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.formats import about
from victimsmodel.reporting.palette import INK, option_colours
from victimsmodel.reporting.style import legend_below, panels, present, short_title, styled
from victimsmodel.reporting.words import in_sentence, input_title, role_title

_MOST_PANELS = 6
_DARK = 0.45  # part of the scale above which numbers are white


@styled
def plot_sweep(
    table: pd.DataFrame, vary: Sequence[str], measure: str, scenario: Scenario, source: str
) -> Figure:
    """Draw a measure over the grid of a sweep.

    Parameters
    ----------
    table : DataFrame
        From `victimsmodel.sweeps.sweep`.
    vary : sequence of str
        The fields that were varied; one is drawn as lines with their 90 % intervals, the first two as
        a heat map for each option, at the first value of any further one.
    measure : str
    scenario : Scenario
    source : str

    Returns
    -------
    Figure
    """
    rows = table[table["measure"] == measure]
    for name in vary[2:]:
        rows = rows[rows[name] == rows[name].iloc[0]]
    about_measure = next(one for one in MEASURES if one.name == measure)
    titles = {name: varied_title(name, scenario) for name in vary}
    fixed = "".join(f"; {in_sentence(titles[name])} {_text(rows[name].iloc[0])}" for name in vary[2:])
    best = _best(rows, titles, about_measure.better, scenario)
    title = f"{about_measure.title}: {best}{fixed}"
    drawn = _lines if len(vary) == 1 else _maps
    return drawn(rows, titles, f"{about_measure.title} ({about_measure.unit})", scenario, title, source)


def varied_title(name: str, scenario: Scenario) -> str:
    """Return the title of a field that a sweep varies: of an input, of staff, or the words of its name."""
    parts = name.split(".")
    end = {"value": "", "low": ", 5th percentile", "high": ", 95th percentile"}
    if parts[-1] in end:
        return input_title(".".join(parts[:-1]), scenario) + end[parts[-1]]
    if parts[0] == "staff" and len(parts) == 3:
        kinds = {
            "fte": "full-time staff",
            "caseload_cap": "open cases each",
            "hours_per_week": "hours a week",
        }
        return f"{role_title(parts[1], scenario)}, {kinds.get(parts[2], parts[2].replace('_', ' '))}"
    return input_title(name, scenario)


def _best(rows: pd.DataFrame, titles: Mapping[str, str], better: str, scenario: Scenario) -> str:
    """Say where in the grid the measure is best, or how far it ranges where neither direction is better."""
    if not better:
        return f"{_shown(rows['estimate'].min())} to {_shown(rows['estimate'].max())}"
    i = rows["estimate"].idxmax() if better == "higher" else rows["estimate"].idxmin()
    at = " and ".join(f"{in_sentence(titles[name])} {_text(rows.loc[i, name])}" for name in list(titles)[:2])
    option = scenario.options[str(rows.loc[i, "option"])].title
    return f"best with {option} at {at} ({_shown(rows.loc[i, 'estimate'])})"


def _lines(
    rows: pd.DataFrame, titles: Mapping[str, str], label: str, scenario: Scenario, title: str, source: str
) -> Figure:
    vary, (figure, axes) = list(titles), panels(1, 1, 3.6, title, source)
    ax, colours = axes[0, 0], option_colours(scenario)
    values = list(dict.fromkeys(rows[vary[0]]))
    is_number = all(isinstance(value, float) for value in values)
    places = values if is_number else range(len(values))
    marks = []
    for option in present(rows, scenario):
        own = rows[rows["option"] == option].set_index(vary[0]).loc[values]
        ax.fill_between(places, own["low"], own["high"], color=colours[option], alpha=0.10, linewidth=0)
        name = short_title(scenario.options[option].title, 34, 1)
        marks += ax.plot(
            places, own["estimate"], marker="o", markersize=3.5, color=colours[option], label=name
        )
    ax.set_xticks(list(places), [_text(value) for value in values])
    ax.set_xlabel(titles[vary[0]])
    ax.set_ylabel(label)
    ax.grid(visible=True, axis="y")
    legend_below(figure, marks)
    return figure


def _maps(
    rows: pd.DataFrame, titles: Mapping[str, str], label: str, scenario: Scenario, title: str, source: str
) -> Figure:
    vary, options = list(titles), present(rows, scenario)[:_MOST_PANELS]
    columns = min(3, len(options))
    n_rows = -(-len(options) // columns)
    figure, axes = panels(n_rows, columns, 2.5 * n_rows + 0.9, title, source)
    low, high = rows["estimate"].min(), rows["estimate"].max()
    for ax, option in zip(axes.flat, options, strict=False):
        own = rows[rows["option"] == option]
        grid = own.pivot(index=vary[0], columns=vary[1], values="estimate")
        grid = grid.loc[list(dict.fromkeys(own[vary[0]])), list(dict.fromkeys(own[vary[1]]))]
        image = ax.imshow(grid, cmap="cividis_r", vmin=low, vmax=high, aspect="auto", origin="lower")
        for (i, j), value in np.ndenumerate(grid.to_numpy()):
            dark = high > low and (value - low) / (high - low) > _DARK
            ax.text(j, i, _shown(value), ha="center", va="center", fontsize=7, color="white" if dark else INK)
        ax.set_xticks(range(grid.shape[1]), [_text(value) for value in grid.columns])
        ax.set_yticks(range(grid.shape[0]), [_text(value) for value in grid.index])
        ax.set_title(short_title(scenario.options[option].title, 28, 2))
        ax.grid(visible=False)
    for ax in axes.flat[len(options) :]:
        ax.set_visible(False)
    for ax in axes[-1]:
        ax.set_xlabel(short_title(titles[vary[1]], 34, 2))
    for ax in axes[:, 0]:
        ax.set_ylabel(short_title(titles[vary[0]], 30, 2))
    figure.colorbar(image, ax=axes, label=label, shrink=0.8, pad=0.01)
    return figure


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 10 else about(value)

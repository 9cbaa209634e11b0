"""Figure of a forecast: what was recorded, and a fan of what may come, total and by crime type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from victimsmodel.demand.backtest import TOTAL
from victimsmodel.demand.series import PANDEMIC
from victimsmodel.inputs.history import LevelShift
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.formats import about
from victimsmodel.reporting.palette import INK
from victimsmodel.reporting.style import legend_below, panels, styled, tint

_FAN = "#14506e"
_LEVELS = ((95, 0.16), (80, 0.34), (50, 0.58))  # per cent, and strength of the colour
_BREAK = "#b84a00"
_COLUMNS = 4
_TOTAL_HEIGHT, _ROW_HEIGHT, _AROUND = 2.5, 1.4, 1.15  # inches
_QUARTERS_A_YEAR = 4


@styled
def plot_forecast(tables: Mapping[str, pd.DataFrame], scenario: Scenario, source: str) -> Figure:
    """Draw a fan chart of the total and one of each crime type.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of the stage ``forecast``.
    scenario : Scenario
        States the history that the forecast was made from.
    source : str
        What stands under the figure, before a note on how to read it.

    Returns
    -------
    Figure
    """
    stated = scenario.demand.history
    assert stated is not None
    history, table = stated.counts(), tables["forecast"]
    crime_types = list(history)
    n_rows = -(-len(crime_types) // _COLUMNS)
    heights = [_TOTAL_HEIGHT, *[_ROW_HEIGHT] * n_rows]
    title = _title(tables["forecast_years"], scenario.area.name)
    line = f"{source} {_note(tables['forecast_coverage'])}"
    ratios = {"height_ratios": heights}
    figure, axes = panels(n_rows + 1, _COLUMNS, sum(heights) + _AROUND, title, line, gridspec_kw=ratios)
    grid = axes[0, 0].get_gridspec()
    for ax in axes[0]:
        ax.remove()
    whole = figure.add_subplot(grid[0, :])
    # A sum in which one crime type is missing would be lower for no reason: it is left out.
    _draw(whole, history.sum(axis=1, skipna=False), table, TOTAL)
    whole.set_title("Total, thousand offences a quarter")
    whole.set_xlabel("Calendar year")
    _mark(whole, stated.level_shifts)
    for ax, name in zip(axes[1:].flat, crime_types, strict=False):
        _draw(ax, history[name], table, name)
        ax.set_title(scenario.demand.crime_types[name].title)
        _mark(ax, [shift for shift in stated.level_shifts if shift.crime_type == name])
    for ax in list(axes[1:].flat)[len(crime_types) :]:
        ax.remove()
    legend_below(
        figure, _legend(bool(stated.level_shifts), bool(history.index.isin(PANDEMIC).any())), columns=7
    )
    return figure


def _draw(ax: Axes, recorded: pd.Series, table: pd.DataFrame, name: str) -> None:
    """Draw the history of one series and its fan, in thousands."""
    own = table[table["crime_type"] == name]
    quarters = pd.PeriodIndex(recorded.index)
    times, counts = _years(quarters), recorded.to_numpy() / 1000
    ahead = _years(pd.PeriodIndex(own["quarter"].astype(str), freq="Q-DEC"))
    if quarters.isin(PANDEMIC).any():
        shown = _years(pd.PeriodIndex(PANDEMIC))
        ax.axvspan(shown[0] - 0.125, shown[-1] + 0.125, color="#eef1f3", linewidth=0, zorder=0)
    # The fan opens at the last count, if there is one: what is known has no width.
    is_known = bool(np.isfinite(counts[-1]))
    start = times[-1:] if is_known else times[:0]
    x = np.concatenate([start, ahead])
    for level, strength in _LEVELS:
        low, high = (
            np.concatenate(
                [counts[-1:] if is_known else counts[:0], own[f"{side}_{level}"].to_numpy() / 1000]
            )
            for side in ("low", "high")
        )
        ax.fill_between(x, low, high, color=tint(_FAN, strength), linewidth=0)
    ax.plot(ahead, own["median"].to_numpy() / 1000, color="white", linewidth=1.1)
    ax.plot(times, counts, color=INK, linewidth=1.1)
    ax.set_xlim(times[0] - 0.25, x[-1] + 0.25)
    top = float(own["high_95"].max()) / 1000
    ax.set_ylim(0, 1.04 * np.nanmax([top, *counts]))
    ax.grid(axis="y")
    ax.grid(visible=False, axis="x")
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_locator(MaxNLocator(12 if name == TOTAL else 4, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def _mark(ax: Axes, shifts: Sequence[LevelShift]) -> None:
    """Mark level shifts that were modelled, at the start of their quarter."""
    for quarter in sorted({shift.quarter for shift in shifts}):
        start = _years(pd.PeriodIndex([quarter], freq="Q-DEC"))[0] - 0.5 / _QUARTERS_A_YEAR
        ax.axvline(start, color=_BREAK, linewidth=0.9, linestyle=(0, (3, 2)))


def _years(quarters: pd.PeriodIndex) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the middle of quarters as years."""
    return np.asarray(quarters.year + (quarters.quarter - 0.5) / _QUARTERS_A_YEAR, dtype=np.float64)


def _legend(has_breaks: bool, has_pandemic: bool) -> list[Line2D | Patch]:
    """Return what the marks mean."""
    marks: list[Line2D | Patch] = [
        Line2D([], [], color=INK, linewidth=1.1, label="Recorded"),
        *(
            Patch(color=tint(_FAN, strength), linewidth=0, label=f"{level}% interval")
            for level, strength in reversed(_LEVELS)
        ),
    ]
    if has_pandemic:
        marks.append(Patch(color="#eef1f3", linewidth=0, label="Pandemic restrictions"))
    if has_breaks:
        marks.append(Line2D([], [], color=_BREAK, linewidth=0.9, linestyle=(0, (3, 2)), label="Level shift"))
    return marks


def _title(years: pd.DataFrame, area: str) -> str:
    """State the total of the first and the last year forecast, beside the last year recorded."""
    total = years[years["crime_type"] == TOTAL].set_index("year")
    ahead, past = total[total["median"].notna()], total["observed"].dropna()
    first, last = ahead.iloc[0], ahead.iloc[-1]
    text = f"{area}: {about(first['median'])} offences against people in {ahead.index[0]}"
    text += f" ({about(first['low_80'])} to {about(first['high_80'])})"
    if len(past):
        text += f", after {about(past.iloc[-1])} in {past.index[-1]}"
    if len(ahead) > 1:
        text += f"; {about(last['low_80'])} to {about(last['high_80'])} in {ahead.index[-1]}"
    return text


def _note(covered: pd.DataFrame) -> str:
    """Say how to read the fan."""
    own = covered[(covered["crime_type"] == TOTAL) & (covered["level"] == 0.8)]
    text = "Median in white; ranges in the title are 80% intervals. Thousand offences a quarter."
    if not len(own):
        return f"{text} The history is too short to test the intervals on its own past."
    share, n = f"{100 * float(own['covered'].iloc[0]):.0f}%", int(own["n"].iloc[0])
    return f"{text} Of {n} past outcomes of the total up to a year ahead, 80% intervals held {share}."

"""Figure of funding: money by year beside a share by residents, and per victim in need."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from victimsmodel.reporting.formats import pounds, share
from victimsmodel.reporting.palette import COST_COLOURS, INK, METHOD_COLOURS, QUIET
from victimsmodel.reporting.style import legend_below, name_rows, panels, styled

_TITLES = {"all_services": "All victim services", "contact_service": "Contact, referral and assessment"}
_COLOURS = {"all_services": COST_COLOURS["fixed"], "contact_service": METHOD_COLOURS[1]}
_DARK = {"all_services": INK, "contact_service": METHOD_COLOURS[1]}
_HEIGHT = 0.34  # of a bar, rows one apart
_NEAR = 0.1  # of the longest bar: a mark so near its end would strike through the label


@styled
def plot_funding(table: pd.DataFrame, checks: pd.DataFrame, source: str) -> Figure:
    """Draw the money of each year and what it is per victim in need.

    Parameters
    ----------
    table : DataFrame
        From `funding_table`.
    checks : DataFrame
        From `funding_checks`; years whose tables contradict themselves are marked.
    source : str
        What stands under the figure, before a note on how to read it.

    Returns
    -------
    Figure
    """
    years = sorted(table["year"].unique())
    doubtful = set(checks.loc[checks["agrees"].eq(False).fillna(False), "year"])
    figure, axes = panels(
        1, 2, 1.6 + 0.55 * len(years), _title(table), f"{source} {_note(table, doubtful)}", sharey=True
    )
    money, per_head = axes[0]
    paired = set(table.loc[table["series"] == "contact_service", "year"])
    for series in _TITLES:
        own = table[table["series"] == series]
        rows = [years.index(year) + _shift(series, year in paired) for year in own["year"]]
        _bars(money, own, rows, series)
        _intervals(per_head, own, rows, series)
    names = [f"{year}*" if year in doubtful else year for year in years]
    name_rows(money, names)
    money.set_title("Money, £ million, prices of the year")
    per_head.set_title("£ per victim in need a year")
    ends = [table["amount_gbp"].max(), table["per_victim_in_need_high"].max()]
    if np.isnan(ends[1]):
        per_head.text(0.02, 0.5, "Nobody is in need.", transform=per_head.transAxes, color=QUIET)
        ends[1] = 1.0
    for ax, step, end in zip((money, per_head), (1e6, 1), ends, strict=True):
        ax.set_xlim(0, 1.18 * end)  # room for the last label
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _, step=step: f"{value / step:g}"))
    legend_below(figure, _legend(), columns=3)
    return figure


def _shift(series: str, is_paired: bool) -> float:
    if not is_paired:
        return 0.0
    return -_HEIGHT / 2 if series == "all_services" else _HEIGHT / 2


def _bars(ax: Axes, own: pd.DataFrame, rows: list[float], series: str) -> None:
    """Draw amounts, and across each what a share by residents would have been, where that is known."""
    ax.barh(rows, own["amount_gbp"], height=_HEIGHT, color=_COLOURS[series], linewidth=0)
    ends = own["amount_gbp"].to_numpy(copy=True)
    for i, (row, mark) in enumerate(zip(rows, own["population_allocation_gbp"], strict=True)):
        if pd.notna(mark):
            span = [row - 0.65 * _HEIGHT, row + 0.65 * _HEIGHT]
            ax.plot([mark, mark], span, color=METHOD_COLOURS[0], linewidth=2.2)
            is_near = 0 <= mark - ends[i] < _NEAR * ends.max()
            ends[i] = mark if is_near else ends[i]
    for row, end, amount in zip(rows, ends, own["amount_gbp"], strict=True):
        text = f"{amount / 1e6:.2f}"
        ax.annotate(text, (end, row), (5, 0), textcoords="offset points", va="center", fontsize=7.5)


def _intervals(ax: Axes, own: pd.DataFrame, rows: list[float], series: str) -> None:
    ends = own["per_victim_in_need_low"], own["per_victim_in_need_high"]
    ax.hlines(rows, *ends, color=_DARK[series], linewidth=1.6)
    ax.plot(own["per_victim_in_need"], rows, "o", color=_DARK[series], markersize=5)
    for row, value, high in zip(rows, own["per_victim_in_need"], ends[1], strict=True):
        if np.isnan(value):
            continue
        ax.annotate(pounds(value), (high, row), (4, 0), textcoords="offset points", va="center", fontsize=7.5)


def _title(table: pd.DataFrame) -> str:
    """State how the contact service's money per victim changed, first year to last."""
    own = table[table["series"] == "contact_service"].sort_values("year")
    what = "Money for contact, referral and assessment"
    if own.empty:
        own, what = table[table["series"] == "all_services"].sort_values("year"), "Money for victim services"
    first, last = own.iloc[0], own.iloc[-1]
    is_of_nobody = np.isnan(first["per_victim"])
    if len(own) == 1:
        amount = pounds(first["amount_gbp"]) if is_of_nobody else f"{pounds(first['per_victim'])} per victim"
        return f"{what} was {amount} in {first['year']}"
    change = last["amount_gbp"] / first["amount_gbp"] - 1
    verb = "fell" if change < 0 else "rose"
    found = f"{what} {verb} by {share(abs(change))} from {first['year']} to {last['year']}"
    if is_of_nobody:
        return f"{found}; no victims are expected whom it could be shared among"
    return f"{found}: {pounds(first['per_victim'])} to {pounds(last['per_victim'])} per victim"


def _note(table: pd.DataFrame, doubtful: set[str]) -> str:
    """Say how to read the figure, and what is not alike in the series of its title."""
    text = "Victims as estimated for the evaluated year, in every year; lines: 90 % intervals."
    own = table[(table["series"] == "contact_service") & (table["remark"] != "")]
    remarks = [f"{row.year}: {row.remark}" for row in own.itertuples()]
    marked = ["* Printed figures of this year contradict one another."] if doubtful else []
    return " ".join([text, *remarks, *marked])


def _legend() -> list[Patch | Line2D]:
    marks: list[Patch | Line2D] = [
        Patch(color=_COLOURS[name], linewidth=0, label=title) for name, title in _TITLES.items()
    ]
    return [*marks, Line2D([], [], color=METHOD_COLOURS[0], linewidth=2.2, label="Share by residents")]

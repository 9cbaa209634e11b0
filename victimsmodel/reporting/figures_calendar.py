"""The utilisation calendar: how full each role's days are, week by week over the year."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.reporting.formats import share
from victimsmodel.reporting.palette import RULE
from victimsmodel.reporting.style import legend_below, panels, styled, tint
from victimsmodel.reporting.words import in_sentence, option_in_sentence, role_title

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL = 0.98  # of the minutes available: the rest is too little for another task
_STEPS = (0, 0.2, 0.4, 0.6, 0.8, _FULL, 1.5)  # an overrun of yesterday may take a little more than there is
_EMPTY, _BUSY, _TOO_BUSY = "#e8f1f6", "#14506e", "#b84a00"  # lightness carries the scale, orange the limit
_OFF = "#ffffff"
_WEEKS_A_LABEL = 4


class _Days(NamedTuple):
    """The days of one role: share of the available time that is used, NaN where nobody works."""

    dates: list[pd.Timestamp]
    used: NDArray[np.float64]


@styled
def plot_utilisation_calendar(
    daily: pd.DataFrame, scenario: Scenario, source: str, option: str | None = None
) -> Figure:
    """Draw the part of each day's staff time that is used: one row a weekday, one column a week.

    Parameters
    ----------
    daily : DataFrame
        ``result.daily``: option, day, role, measure (``minutes_used`` and ``minutes_available``), mean.
    scenario : Scenario
    source : str
        What stands under the figure.
    option : str, optional
        The option drawn; business as usual, or else the first of the table, unless stated.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If no time is available to anyone in the option.
    """
    present = list(dict.fromkeys(daily["option"].astype(str)))
    chosen = option or (BUSINESS_AS_USUAL if BUSINESS_AS_USUAL in present else present[0])
    found = _by_role(daily, scenario, chosen)
    if not found:
        raise ValueError(f"no staff time is available under {chosen}")
    figure, axes = panels(len(found), 1, 1.38 * len(found) + 1.25, _title(found, scenario, chosen), source)
    for ax, (role, days) in zip(axes[:, 0], found.items(), strict=True):
        _draw(ax, days)
        ax.set_title(role_title(role, scenario))
    axes[-1, 0].set_xlabel("Week that begins on; colours are means of all runs")
    marks = [Patch(facecolor=colour, edgecolor=RULE, label=label) for colour, label in _legend()]
    marks.append(Patch(facecolor=_OFF, edgecolor=RULE, label="nobody at work"))
    legend_below(figure, marks, 4)
    return figure


def _legend() -> list[tuple[tuple[float, float, float] | str, str]]:
    labels = [f"{100 * low:.0f}–{100 * high:.0f}% of time used" for low, high in pairwise(_STEPS[:-1])]
    return list(zip(_colours(), [*labels, f"full: over {100 * _FULL:.0f}%"], strict=True))


def _colours() -> list[tuple[float, float, float] | str]:
    strengths = np.linspace(0.12, 0.95, len(_STEPS) - 2)
    return [*(tint(_BUSY, float(strength)) for strength in strengths), _TOO_BUSY]


def _by_role(daily: pd.DataFrame, scenario: Scenario, option: str) -> dict[str, _Days]:
    rows = daily[(daily["option"].astype(str) == option) & daily["day"].between(0, scenario.period.days - 1)]
    wide = rows.astype({"role": str, "measure": str}).pivot_table(
        "mean", ["role", "day"], "measure", observed=True, sort=False
    )
    found = {}
    for role in dict.fromkeys(wide.index.get_level_values("role")):
        own = wide.xs(role, level="role").sort_index()
        available = own["minutes_available"].to_numpy(dtype=np.float64)
        if not (available > 0).any():
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            used = np.where(available > 0, own["minutes_used"].to_numpy(dtype=np.float64) / available, np.nan)
        start = pd.Timestamp(scenario.period.start)
        found[str(role)] = _Days([start + timedelta(days=int(day)) for day in own.index], used)
    return found


def _title(found: dict[str, _Days], scenario: Scenario, option: str) -> str:
    """State who is full on most days, or who is busiest if nobody ever is."""
    full = {role: float((days.used[~np.isnan(days.used)] > _FULL).mean()) for role, days in found.items()}
    where = option_in_sentence(option, scenario)
    most = max(full, key=lambda role: full[role])
    if full[most] > 0:
        never = [in_sentence(role_title(role, scenario)) for role, part in full.items() if part == 0]
        others = f", {' and '.join(never)} on none" if never else ""
        words = role_title(most, scenario)
        return f"{words} are full on {share(full[most])} of their days under {where}{others}"
    mean = {role: float(np.nanmean(days.used)) for role, days in found.items()}
    busiest = max(mean, key=lambda role: mean[role])
    words = in_sentence(role_title(busiest, scenario))
    part = share(mean[busiest])
    return f"Under {where} no role is ever full; {words} are busiest, with {part} of their time used"


def _draw(ax: Axes, days: _Days) -> None:
    """Fill a grid of weekdays and weeks, and name the weeks."""
    first = days.dates[0] - timedelta(days=days.dates[0].weekday())
    weeks = np.array([(date - first).days // 7 for date in days.dates])
    weekdays = np.array([date.weekday() for date in days.dates])
    grid = np.full((len(_DAYS), int(weeks.max()) + 1), np.nan)
    grid[weekdays, weeks] = days.used
    shown = [row for row in range(len(_DAYS)) if np.isfinite(grid[row]).any()]
    _mesh(ax, grid[shown])
    ax.set_yticks(np.arange(len(shown)) + 0.5, [_DAYS[row] for row in shown], fontsize=7.5)
    ax.invert_yaxis()
    places = np.arange(0, grid.shape[1], _WEEKS_A_LABEL * max(1, round(grid.shape[1] / 53)))
    names = [first + timedelta(days=7 * int(week)) for week in places]
    ax.set_xticks(places + 0.5, [f"{day.day} {day:%b}" for day in names], fontsize=7.5)
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)


def _mesh(ax: Axes, grid: NDArray[np.float64]) -> QuadMesh:
    colours = ListedColormap(_colours()).with_extremes(bad=_OFF)
    norm = BoundaryNorm(_STEPS, colours.N)
    return ax.pcolormesh(
        np.ma.masked_invalid(grid), cmap=colours, norm=norm, edgecolors="white", linewidth=0.6
    )

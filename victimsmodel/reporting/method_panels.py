"""The panels of the figure of a contact methodology: reach, attempts in time, staff time, value."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.method import MethodCurve
from victimsmodel.reporting.formats import decimal1, pounds, pounds_about, share
from victimsmodel.reporting.palette import CHANNEL_MARKERS, INK, QUIET
from victimsmodel.reporting.style import name_rows, short_title, tint
from victimsmodel.reporting.words import CHANNEL_TITLES, sentence_case

_SETTLED = 0.985  # the time axis ends when this part of all contacts has come
_LEAST_DAYS = 7
_LABEL_GAP = 0.11  # between the labels at the ends of curves, part of the axis
_AXIS_POINTS = 320  # width of the wide panels, without the names of rows
_LARGEST_MARK = 13  # points
_WINDOW_POINTS = 34  # between attempts whose times of day are labelled apart
_LETTER_POINTS = 3.2  # width of a letter of such a label
_CELL_POINTS = 76  # widest cell of the last panel
_ONE_LINE_POINTS = 44  # a cell that holds both of its numbers on one line
_SMALL = 0.095  # contacts per 100 referrals, below which two decimals are printed
_ALL_POINTS, _NEED_POINTS = 58, 38  # its last two columns


class Method(NamedTuple):
    """A contact method as it is drawn; its numbers are those of its largest group."""

    name: str  # letter and title; no letter where it is the only one
    letter: str
    colour: str
    who: str  # gets it
    groups: pd.DataFrame  # of them those that are shown, most in need first
    largest: pd.Series[float]  # the group with the most referrals
    attempts: pd.DataFrame
    days: pd.DataFrame


class _Row(NamedTuple):
    """A row of the last panel."""

    label: str
    colour: str
    is_whole: bool  # all contacts of a method, not those of a group in need
    need: float  # share of referrals
    attempts: pd.DataFrame
    gained: pd.Series[float]  # contacts per 100 referrals by attempt


def made(attempts: pd.DataFrame) -> pd.DataFrame:
    """Return the attempts that are ever made: a stop rule can come before the last."""
    return attempts[(attempts["made"] > 0) & attempts["calendar_day"].notna()]


def draw_reach(ax: Axes, methods: list[Method]) -> None:
    """Draw the share of referrals contacted by day, and in the end."""
    last, ends = _last_day(methods), []
    for i, method in enumerate(methods):
        days = method.days[method.days["day"] <= last]
        width = 1.8 if len(methods) == 1 else (3.2, 2.0, 1.5, 1.2)[i]  # of two on each other both are seen
        ax.step(days["day"], days["reach"], where="post", color=method.colour, linewidth=width)
        ends.append(float(method.largest["reach"]))
    top = 1.12 * max([*ends, 0.05])
    places = _spread([end / top for end in ends])
    for method, end, place in zip(methods, ends, places, strict=True):
        ax.annotate(
            f"{method.letter}  {share(end)}".strip(),
            (1, place),
            (5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=method.colour,
            fontweight="bold",
        )
    ax.set_xlim(0, last)
    ax.set_ylim(0, top)
    ax.yaxis.set_major_formatter(PercentFormatter(1, 0))
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.set_ylabel("Contacted (%)")
    ax.grid(True, axis="y")
    ax.tick_params(labelbottom=False)


def _last_day(methods: list[Method]) -> int:
    """Return the day at which the time axis ends: nearly all contacts have come."""
    last = _LEAST_DAYS
    for method in methods:
        settled = method.days["reach"] >= _SETTLED * method.largest["reach"]
        settled_day = (
            int(method.days["day"][settled].min()) if settled.any() else int(method.days["day"].max())
        )
        attempt_days = method.attempts["calendar_day"].max() if len(method.attempts) else 0
        last = max(last, settled_day + 1, int(attempt_days) + 2)
    return last


def _spread(places: list[float]) -> list[float]:
    """Return places from the top down that leave a gap between labels; the lowest stays on the axis."""
    found = list(places)
    for i in range(1, len(found)):
        found[i] = min(found[i], found[i - 1] - _LABEL_GAP)
    least = 0.02
    for i in reversed(range(len(found))):
        found[i] = max(found[i], least)
        least = found[i] + _LABEL_GAP
    return found


def draw_lanes(ax: Axes, methods: list[Method]) -> None:
    """Draw every attempt on the day on which it falls due on average, numbered, by channel."""
    points = _AXIS_POINTS / _last_day(methods)
    gaps = [gap for m in methods for gap in m.attempts["calendar_day"].diff().dropna()]
    size = float(np.clip(0.85 * points * min(gaps, default=_LARGEST_MARK), 6, _LARGEST_MARK))
    text: dict[str, Any] = {"ha": "center", "va": "center", "textcoords": "offset points", "zorder": 4}
    for row, method in enumerate(methods):
        ax.axhline(row, color=tint(method.colour, 0.35), linewidth=1, zorder=1)
        for _, one in method.attempts.iterrows():
            place, marker = (one["calendar_day"], row), CHANNEL_MARKERS[one["channel"]]
            ax.plot(*place, marker, color=method.colour, markersize=size, clip_on=False, zorder=3)
            number = str(one["attempt"])
            ax.annotate(number, place, (0, -0.5), color="white", fontsize=0.58 * size, weight="bold", **text)
        for day, label in _windows(method.attempts, points):
            ax.annotate(label, (day, row), (0, -11), color=QUIET, fontsize=6.5, **text)
    labels = [f"{_two_lines(method.name)}\n{method.who}" for method in methods]
    name_rows(ax, labels)
    for title, method in zip(ax.get_yticklabels(), methods, strict=True):
        title.set(color=method.colour, fontsize=7.5, linespacing=1.15)
    ax.set_xlabel("Calendar days since the referral; an attempt stands on the mean day on which it falls due")
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    used = {channel for method in methods for channel in method.attempts["channel"]}
    marks = [
        Line2D([], [], ls="", marker=CHANNEL_MARKERS[c], color=QUIET, label=sentence_case(CHANNEL_TITLES[c]))
        for c in CHANNELS
        if c in used
    ]
    ax.legend(
        handles=marks, loc="lower left", bbox_to_anchor=(0, 1), ncols=5, borderaxespad=0, handletextpad=0.1
    )


def _windows(attempts: pd.DataFrame, points: float) -> list[tuple[float, str]]:
    """Return the labels of times of day and where they stand; attempts near each other share one."""
    near: list[list[pd.Series[Any]]] = []
    for _, one in attempts[attempts["window"].notna()].iterrows():
        if near and (one["calendar_day"] - near[-1][-1]["calendar_day"]) * points < _WINDOW_POINTS:
            near[-1].append(one)
        else:
            near.append([one])
    labels = []
    for some in near:
        by_window: dict[str, list[str]] = {}
        for one in some:
            by_window.setdefault(str(one["window"]).replace("_", " "), []).append(str(one["attempt"]))
        parts = [f"{', '.join(numbers)}: {window}" for window, numbers in by_window.items()]
        label = "; ".join(parts) if len(some) > 1 else str(some[0]["window"]).replace("_", " ")
        middle = (some[0]["calendar_day"] + some[-1]["calendar_day"]) / 2
        labels.append((max(middle, len(label) * _LETTER_POINTS / 2 / points), label))
    return labels


def _two_lines(name: str) -> str:
    """Return a name on one line, or on two of about the same length."""
    return name if len(name) <= 36 else short_title(name, max(28, len(name) // 2 + 4), 2)


def draw_parts(ax: Axes, methods: list[Method], column: str) -> None:
    """Draw staff minutes or cost per referral: a bar for each method, a part of it for each attempt."""
    is_money = column == "cost_gbp"
    most = max(float(method.attempts[column].sum()) for method in methods)
    for row, method in enumerate(methods):
        left, strengths = 0.0, np.linspace(1, 0.3, max(2, len(method.attempts)))
        for (_, one), strength in zip(method.attempts.iterrows(), strengths, strict=False):
            size = float(one[column])
            colour, place = tint(method.colour, strength), (left + size / 2, row)
            ax.barh(row, size, 0.62, left, color=colour, edgecolor="white", lw=0.6)
            if size > 0.05 * most:
                ax.text(*place, str(one["attempt"]), ha="center", va="center", color=_text_on(colour), size=7)
            left += size
        total = pounds(left) if is_money else decimal1(left)
        is_automatic = len(method.attempts) > 0 and method.attempts["role"].isna().all()
        note = "0: sent automatically" if is_automatic and not is_money else total
        ax.annotate(note, (left, row), (4, 0), textcoords="offset points", va="center", fontsize=7.5)
    name_rows(ax, [method.letter for method in methods])
    ax.set_xlim(0, 1.22 * max(most, 0.1))
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    pence = 2 if most < 3 else 0
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"£{x:,.{pence}f}" if is_money else f"{x:g}"))
    ax.set_xlabel(
        "Cost per referral (£), by attempt" if is_money else "Staff minutes per referral, by attempt"
    )


def is_wide(methods: list[Method]) -> bool:
    """Whether a cell of the last panel holds both of its numbers on one line."""
    return _cell_points(methods) >= _ONE_LINE_POINTS


def _cell_points(methods: list[Method]) -> float:
    """Return the width of a cell of the last panel."""
    return min(_CELL_POINTS, (_AXIS_POINTS - _ALL_POINTS - _NEED_POINTS) / _columns(methods))


def _columns(methods: list[Method]) -> int:
    return max([1, *(int(n) for method in methods for n in method.attempts["attempt"])])


def _rows(methods: list[Method], curve: MethodCurve) -> list[_Row]:
    """Return the rows of the last panel: all contacts of a method, then those in need of its groups."""
    rows = []
    for method in methods:
        own, people = method.attempts, method.groups["referrals_per_year"]
        need = float(np.average(method.groups["need"], weights=people)) if people.sum() else 0.0
        label = f"All contacts   {method.letter}".rstrip()
        rows.append(_Row(label, method.colour, True, need, own, own["contacts_per_100"]))
        for _, group in method.groups.iterrows():
            own = made(curve.attempts[curve.attempts["group"] == group["group"]])
            title = str(group["title"]) if len(curve.groups) > 1 else "With victims in need"
            label = f"{short_title(title, 38, 1)}   {method.letter}".rstrip()
            rows.append(
                _Row(label, method.colour, False, group["need"], own, own["contacts_in_need_per_100"])
            )
    return rows


def draw_added(ax: Axes, methods: list[Method], curve: MethodCurve) -> None:
    """Draw what each attempt adds: the stronger the colour the more, with the cost of each contact."""
    rows, cell, columns = _rows(methods, curve), _cell_points(methods), _columns(methods)
    most = max([1e-9, *(gain for row in rows for gain in row.gained)])
    between = "  " if is_wide(methods) else "\n"
    every, need = columns + _ALL_POINTS / 2 / cell, columns + (_ALL_POINTS + _NEED_POINTS / 2) / cell
    for y, row in enumerate(rows):
        style: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "fontsize": 6.8,
            "weight": "bold" if row.is_whole else "normal",
        }
        costs = 100 * row.attempts["cost_gbp"]
        for n, gained, cost in zip(row.attempts["attempt"], row.gained, costs, strict=True):
            colour, text = (
                tint(row.colour, 0.06 + 0.94 * gained / most),
                _gain_and_cost(gained, cost, between),
            )
            ax.barh(y, 0.97, 0.9, n - 0.985, color=colour)
            ax.text(n - 0.5, y, text, color=_text_on(colour), **style)
        ax.text(every, y, _gain_and_cost(row.gained.sum(), costs.sum(), between), **style)
        ax.text(need, y, share(row.need), **style)
        if row.is_whole and y > 0:
            ax.axhline(y - 0.5, color=INK, linewidth=0.6)
    name_rows(ax, [row.label for row in rows])
    for label, row in zip(ax.get_yticklabels(), rows, strict=True):
        label.set(fontsize=7.5, fontweight="bold" if row.is_whole else "normal")
    heads = [*(f"Attempt {n + 1}" if columns <= 6 else f"{n + 1}" for n in range(columns))]
    ax.set_xticks([*(n + 0.5 for n in range(columns)), every, need], [*heads, "All attempts", "In need"])
    ax.tick_params(axis="x", length=0, labelsize=7.5, labeltop=True, labelbottom=False)
    ax.set_xlim(0, _AXIS_POINTS / cell)
    ax.set_ylim(len(rows) - 0.45, -0.55)
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)


def _gain_and_cost(gained: float, cost: float, between: str) -> str:
    digits = 2 if 0 < gained < _SMALL else 1
    price = pounds if "\n" not in between else pounds_about  # no pence from 10 pounds where it is narrow
    return f"{gained:.{digits}f}{between}{price(cost / gained) if gained > 0 else '–'}"


def _text_on(colour: tuple[float, float, float]) -> str:
    """Return the colour of text that contrasts more with a colour (WCAG 2.2, relative luminance)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "white" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.06 else INK

"""Figure of survey answers: bars that part at the middle of the scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from victimsmodel.monitoring.counted import Floats
from victimsmodel.monitoring.feedback import Feedback
from victimsmodel.reporting.palette import INK, QUIET
from victimsmodel.reporting.style import legend_below, name_rows, panels, short_title, styled, tint

_LEAST, _MOST, _MIDDLE = "#b84a00", "#14506e", "#c4ccd3"
_HATCHED: dict[str, Any] = {"facecolor": "#eef1f3", "edgecolor": QUIET, "hatch": "///", "linewidth": 0.4}
_LABEL_FROM = 0.055  # shares whose number fits into the bar
_BRIGHTNESS, _LIGHT = (0.299, 0.587, 0.114), 0.6  # ITU-R BT.601; letters on brighter bars are dark

Colour = tuple[float, float, float]


@styled
def plot_feedback(feedback: Feedback, question: str, source: str) -> Figure:
    """Draw the answers to each item as bars that part at the middle of the scale.

    Parameters
    ----------
    feedback : Feedback
    question : str
        Who was asked, as the title begins, for example ``Partners``.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
        Items in the order of their favourable share; those whose answers are hidden at the end.
    """
    items = feedback.items.sort_values("favourable", ascending=False, na_position="last", kind="stable")
    answers = list(feedback.answers.sort_values("position")["answer"].drop_duplicates())
    colours = scale_colours(len(answers))
    note = (
        f"{source} Bars part at the middle of the scale. Hatched: added up, because single numbers are small."
    )
    figure, axes = panels(1, 1, 0.46 * len(items) + 1.7, _title(feedback, question), note)
    ax = axes[0, 0]
    for row, found in enumerate(items.itertuples()):
        own = feedback.answers[feedback.answers["item"] == found.item].sort_values("position")
        _draw_item(ax, row, found, own["share"].to_numpy(np.float64), colours)
    ax.axvline(0, color=QUIET, linewidth=0.9)
    ax.set_xlim(-1, 1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * abs(x):.0f}"))
    ax.set_xlabel("Answers (%): less favourable to the left, more favourable to the right")
    labels = [f"{short_title(str(r.item), 30, 2)}\n({r.base_words} answers)" for r in items.itertuples()]
    name_rows(ax, labels)
    marks = [Patch(color=colour, label=answer) for answer, colour in zip(answers, colours, strict=True)]
    if feedback.answers["share"].isna().any():
        marks.append(Patch(**_HATCHED, label="Hidden: small numbers"))
    legend_below(figure, marks, columns=min(len(marks), 4))
    return figure


def _draw_item(ax: Axes, row: int, found: Any, shares: Floats, colours: list[Colour]) -> None:
    """Draw one item; answers of a side that are hidden are one hatched stretch at its end."""
    if np.isnan(found.net_score):
        text = "not shown: numbers are small"
        if np.isfinite(found.favourable):
            text = f"{100 * found.favourable:.0f}% favourable, the rest hidden"
        ax.text(0.02, row, text, va="center", color=QUIET)
        return
    place = np.arange(len(shares)) - (len(shares) - 1) / 2
    sums = {-1: found.favourable - found.net_score, 1: found.favourable}
    middle = max(1 - sums[-1] - sums[1], 0.0)
    if (place == 0).any() and middle > 0:
        _bar(ax, row, -middle / 2, middle, colours[len(shares) // 2])
    for direction, side in ((-1, np.flatnonzero(place < 0)[::-1]), (1, np.flatnonzero(place > 0))):
        end = middle / 2
        for i in side[np.isfinite(shares[side])]:
            _bar(ax, row, end if direction > 0 else -end - shares[i], shares[i], colours[i])
            end += shares[i]
        left_over = sums[direction] - float(np.nansum(shares[side]))
        if np.isnan(shares[side]).any() and left_over > 0:
            start = end if direction > 0 else -end - left_over
            ax.barh(row, left_over, 0.64, start, **_HATCHED)
            paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            middle_of_bar = (start + left_over / 2, row)
            label = f"{100 * left_over:.0f}"
            ax.text(*middle_of_bar, label, ha="center", va="center", color=INK, fontsize=8, bbox=paper)


def _bar(ax: Axes, row: int, start: float, width: float, colour: Colour) -> None:
    ax.barh(row, width, 0.64, start, color=[colour], linewidth=0)
    if width >= _LABEL_FROM:
        light = sum(part * weight for part, weight in zip(to_rgb(colour), _BRIGHTNESS, strict=True))
        ink = INK if light > _LIGHT else "white"
        ax.text(start + width / 2, row, f"{100 * width:.0f}", ha="center", va="center", color=ink, fontsize=8)


def scale_colours(n_answers: int) -> list[Colour]:
    """Return colours from the least to the most favourable answer: orange, grey in the middle, blue."""
    half = n_answers // 2
    strengths = np.linspace(1, 0.45, half) if half > 1 else np.ones(half)
    least, most = ([tint(colour, float(s)) for s in strengths] for colour in (_LEAST, _MOST))
    return [*least, *([to_rgb(_MIDDLE)] if n_answers % 2 else []), *most[::-1]]


def _title(feedback: Feedback, question: str) -> str:
    """State the best and the worst item that can be shown."""
    shown = feedback.items.dropna(subset=["favourable"])
    if not len(shown):
        return f"{question}: too few answers to be shown"
    best, worst = (shown.loc[shown["favourable"].agg(which)] for which in ("idxmax", "idxmin"))
    text = f"{question}: “{best['item']}” {100 * best['favourable']:.0f}% favourable"
    if best["item"] == worst["item"]:
        return text
    return f"{text}, “{worst['item']}” {100 * worst['favourable']:.0f}%"

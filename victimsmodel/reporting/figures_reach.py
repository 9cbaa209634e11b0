"""Reach by attempt from a contact log: what the model finds beside contacts divided by attempts."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from victimsmodel.pathway.attrition import AttritionEstimates
from victimsmodel.pathway.released_attrition import released_attrition
from victimsmodel.reporting.palette import INK, METHOD_COLOURS, QUIET
from victimsmodel.reporting.style import legend_below, panels, styled

_HEIGHT = 3.1  # inches
_OFFSET = 0.09  # of an attempt, so that marks stand side by side
_FEW = 5  # contacts, as shown, below which a channel has no panel
_NOTE = (
    "Bars are 90% intervals. By attempt: of those not contacted before; regression: in office hours. Contact "
    "model: on the day of the crime, in office hours, with replies that nobody waited for; it tells "
    "difficulty from repetition. Channels and attempts with few contacts are left out; plain shares are "
    "those of rounded counts."
)


@styled
def plot_reach(found: AttritionEstimates, source: str = "") -> Figure:
    """Draw reach by attempt, a panel for each channel.

    What may be shown is drawn (`released_attrition`): no point where a count is small.

    Parameters
    ----------
    found : AttritionEstimates
    source : str
        What stands under the figure, before a note on how to read it.

    Returns
    -------
    Figure
    """
    released = released_attrition(found)
    steps = released.by_attempt
    counted = steps.groupby("channel", sort=False)["reached"].sum()
    channels = [str(channel) for channel in counted.index[counted >= _FEW]] or [str(counted.index[0])]
    rows = released.table.set_index("name")
    title = _title(rows, channels)
    figure, axes = panels(1, len(channels), _HEIGHT, title, f"{source or found.source} {_NOTE}")
    for ax, channel in zip(axes[0], channels, strict=True):
        own = steps[steps["channel"] == channel]
        _draw(ax, own, rows, f"contact.channels.{channel}.reach")
        ax.set_title(f"{channel.capitalize()}, {int(own['n_attempts'].sum()):,} attempts")
    axes[0, 0].set_ylabel("Contacts per attempt made")
    legend_below(figure, _legend(), columns=4)
    return figure


def _draw(ax: Axes, own: pd.DataFrame, rows: pd.DataFrame, name: str) -> None:
    attempt = own["attempt"].to_numpy()
    naive = own["naive"].astype("Float64").to_numpy(float, na_value=float("nan"))
    ax.scatter(attempt - _OFFSET, naive, marker="x", color=INK, s=22, linewidth=1.2, zorder=3)
    errors = [own["reach"] - own["low"], own["high"] - own["reach"]]
    ax.errorbar(
        attempt + _OFFSET,
        own["reach"],
        errors,
        fmt="o",
        color=METHOD_COLOURS[0],
        markersize=4.5,
        linewidth=1.3,
    )
    if name in rows.index and rows.loc[name, ["value", "naive"]].notna().all():
        row = rows.loc[name]
        around = [[row["value"] - row["low"]], [row["high"] - row["value"]]]
        at = float(attempt[0]) - 3 * _OFFSET
        ax.errorbar(
            [at], [row["value"]], around, fmt="D", color=METHOD_COLOURS[1], markersize=5, linewidth=1.3
        )
        ax.axhline(row["naive"], color=QUIET, linewidth=1.1, linestyle=(0, (4, 3)), zorder=1)
    middle, half = (attempt.min() + attempt.max()) / 2, max((attempt.max() - attempt.min()) / 2 + 0.6, 1.4)
    ax.set_xlim(middle - half, middle + half)
    ax.set_ylim(bottom=0)
    ax.grid(axis="y")
    ax.grid(visible=False, axis="x")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.set_xlabel("Attempt, of all channels")


def _legend() -> list[Line2D]:
    first = Line2D([], [], marker="D", color=METHOD_COLOURS[1], markersize=5, linestyle="none")
    model = Line2D([], [], marker="o", color=METHOD_COLOURS[0], markersize=4.5, linestyle="none")
    plain = Line2D([], [], marker="x", color=INK, markersize=5, linestyle="none")
    pooled = Line2D([], [], color=QUIET, linewidth=1.1, linestyle=(0, (4, 3)))
    labels = (
        *("First attempt, contact model", "By attempt, regression"),
        *("By attempt, as counted", "All attempts, as counted"),
    )
    marks = [first, model, plain, pooled]
    for mark, label in zip(marks, labels, strict=True):
        mark.set_label(label)
    return marks


def _title(rows: pd.DataFrame, channels: list[str]) -> str:
    """State first-attempt reach of the channel used most, beside what dividing contacts by attempts gives."""
    names = {c: f"contact.channels.{c}.reach" for c in channels}
    stated = [
        c for c, n in names.items() if n in rows.index and rows.loc[n, ["value", "naive"]].notna().all()
    ]
    if not stated:
        return "Too few contacts in any channel to show what an attempt reaches"
    channel = max(stated, key=lambda c: rows.loc[f"contact.channels.{c}.reach", "n_attempts"])
    row = rows.loc[f"contact.channels.{channel}.reach"]
    text = f"A first {_ATTEMPTS[channel]} reaches {row['value']:.0%} ({row['low']:.0%} to {row['high']:.0%})"
    difference = row["value"] - row["naive"]
    if abs(difference) < (row["high"] - row["low"]) / 2:
        return f"{text}, about what contacts divided by attempts give ({row['naive']:.0%})"
    return f"{text}; contacts divided by attempts would say {row['naive']:.0%}"


_ATTEMPTS = {"phone": "call", "text": "text", "letter": "letter", "email": "e-mail", "visit": "visit"}

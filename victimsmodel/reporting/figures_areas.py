"""A map of the boroughs: need per resident, deprivation and outreach venues."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from victimsmodel.inputs.outlines import Boundaries
from victimsmodel.reporting.formats import about
from victimsmodel.reporting.palette import INK, TASK_COLOURS
from victimsmodel.reporting.style import legend_below, panels, styled, tint

#: Dark ends of the two scales: blue and brown differ for every colour vision, and lightness alone
#: carries the values.
_NEED_COLOUR, _DEPRIVATION_COLOUR = "#0b3c5d", "#7a3803"
_VENUE_COLOUR = TASK_COLOURS["specialist"]
_LIGHTEST = 0.12
_DARK = 0.55  # part of the scale above which letters are white
_PANEL_WIDTH, _LETTER_WIDTH = 245, 3.9  # points, near enough to tell long names in narrow areas
_GRID = 30  # points tried each way for the middle of an area
_SMALLEST = 0.1  # of victims in need per 1,000 residents that is printed
_MOST_CORNERS = 200  # of its border, to measure distances from


@styled
def plot_areas(table: pd.DataFrame, shapes: Boundaries, source: str) -> Figure:
    """Draw need per 1,000 residents with outreach venues, and deprivation beside it, by area.

    Parameters
    ----------
    table : DataFrame
        From `need_by_area`.
    shapes : dict of str to list of ndarray
        From `read_boundaries`, an outline for every area of the table.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    rows = table.set_index("area")
    rows = rows.loc[[name for name in rows.index if name in shapes]]
    figure, axes = panels(1, 2, 3.5, _title(rows), source)
    need, deprivation = axes[0]
    _choropleth(need, rows, shapes, "per_1000", _NEED_COLOUR)
    _choropleth(deprivation, rows, shapes, "imd_score", _DEPRIVATION_COLOUR)
    need.set_title("Victims in need per 1,000 residents a year")
    deprivation.set_title("Deprivation: average score, IMD 2019")
    _venues(need, rows, shapes)
    mark = Line2D(
        [], [], ls="", marker="o", ms=9, mfc=_VENUE_COLOUR, mec=INK, label="Number of outreach venues"
    )
    none = Line2D([], [], ls="", marker="o", ms=9, mfc="white", mec=INK, label="No outreach venue")
    legend_below(figure, [mark, none], 2)
    return figure


def _title(rows: pd.DataFrame) -> str:
    """State the area with most need per resident, and who has no venue."""
    if not rows["per_1000"].any():
        return "No victims are expected in any borough"
    most = rows["per_1000"].astype(float).idxmax()
    need = float(rows.loc[most, "per_1000"])
    number = f"{need:.1f}" if need >= _SMALLEST else f"fewer than {_SMALLEST}"
    start = f"{rows.loc[most, 'title']} has most victims in need: {number} per 1,000"
    without = rows[rows["venues"] == 0]
    if without.empty:
        return f"{start} residents a year"
    *first, last = without["title"]
    names = f"{', '.join(first)} and {last}" if first else str(last)
    verb = "have" if first else "has"
    return f"{start} residents a year; {names}, with {about(without['in_need'].sum())}, {verb} no venue"


def _choropleth(ax: Axes, rows: pd.DataFrame, shapes: Boundaries, column: str, colour: str) -> None:
    """Fill the areas by a column of the table, and write its name and value into each."""
    values = rows[column].to_numpy(dtype=np.float64)
    scale = Normalize(0.9 * values.min(), values.max())
    colours = LinearSegmentedColormap.from_list("own", [(0, tint(colour, _LIGHTEST)), (1, colour)])
    patches, filled = [], []
    for name, value in zip(rows.index, values, strict=True):
        patches += [Polygon(ring) for ring in shapes[name]]
        filled += [colours(scale(value))] * len(shapes[name])
    ax.add_collection(PatchCollection(patches, facecolors=filled, edgecolors="white", linewidths=1.0))
    everything = np.concatenate([ring for name in rows.index for ring in shapes[name]])
    for name, value in zip(rows.index, values, strict=True):
        x, y = _middle(shapes[name])
        ink = "white" if scale(value) > _DARK else INK
        text = f"{rows.loc[name, 'title']}\n{value:.1f}"
        letters = ax.text(x, y, text, ha="center", va="center", fontsize=7, color=ink, linespacing=1.1)
        width = np.ptp(np.concatenate(shapes[name])[:, 0]) / np.ptp(everything[:, 0]) * _PANEL_WIDTH
        if _LETTER_WIDTH * len(rows.loc[name, "title"]) > width:
            # A name wider than its area stays readable where it crosses the border.
            letters.set_path_effects([withStroke(linewidth=1.8, foreground=colours(scale(value)))])
    ax.autoscale_view()
    ax.set_aspect(1 / np.cos(np.radians(everything[:, 1].mean())))
    ax.set_axis_off()


def _venues(ax: Axes, rows: pd.DataFrame, shapes: Boundaries) -> None:
    """Mark the number of outreach venues under the name of each area; none is an empty circle."""
    for name, count in rows["venues"].items():
        x, y = _middle(shapes[str(name)])
        face = _VENUE_COLOUR if count else "white"
        circle = {"boxstyle": "circle,pad=0.22", "facecolor": face, "edgecolor": INK, "linewidth": 0.7}
        ax.annotate(
            str(count), (x, y), (0, -15), textcoords="offset points", ha="center", va="center",
            fontsize=6.5, color=INK, bbox=circle,
        )  # fmt: skip


def _middle(rings: list[NDArray[np.float64]]) -> tuple[float, float]:
    """Return the point of the largest ring that is farthest from its border, on a grid."""
    ring = max(rings, key=lambda points: float(np.ptp(points[:, 0]) * np.ptp(points[:, 1])))
    ring = np.vstack([ring[:: -(-len(ring) // _MOST_CORNERS)], ring[-1:]])  # enough to place a name
    axes = [np.linspace(low, high, _GRID) for low, high in zip(ring.min(0), ring.max(0), strict=True)]
    points = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    points = points[Path(ring).contains_points(points)]
    narrow = np.array([np.cos(np.radians(ring[:, 1].mean())), 1])
    start, along = ring[:-1] * narrow, np.diff(ring, axis=0) * narrow
    offset = points[:, None] * narrow - start
    length = np.maximum((along**2).sum(-1), 1e-18)
    part = np.clip((offset * along).sum(-1) / length, 0, 1)
    distance = np.linalg.norm(offset - part[..., None] * along, axis=-1).min(axis=1)
    x, y = points[distance.argmax()]
    return float(x), float(y)

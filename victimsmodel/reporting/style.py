"""The look of every figure: type, title, source line, legend."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.palette import INK, QUIET, RULE
from victimsmodel.reporting.typeface import typeface
from victimsmodel.reporting.words import typeset

_P = ParamSpec("_P")

WIDTH = 7.2  # inches; the text width of an A4 page
_TITLE_SIZE = 11.5
_SOURCE_SIZE = 7
_TITLE_WIDTH = 72 * WIDTH - 28  # points; letters are set a little wider on a screen than measured
_EDGE = 0.008  # left edge of title and source line, part of the width


def rc_parameters() -> dict[str, Any]:
    """Return matplotlib's settings for every figure."""
    return {
        "font.family": typeface(),
        "font.size": 8.5,
        "text.color": INK,
        "text.parse_math": False,
        "axes.labelcolor": QUIET,
        "axes.labelsize": 8.5,
        "axes.titlesize": 9,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titley": 1.0,  # no search for room above the axes, where nothing stands: a tenth of the drawing
        "axes.edgecolor": RULE,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.grid": True,
        "axes.grid.axis": "x",
        "axes.axisbelow": True,
        "grid.color": RULE,
        "grid.linewidth": 0.6,
        "xtick.color": QUIET,
        "ytick.color": INK,
        "xtick.bottom": False,
        "ytick.left": False,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "figure.facecolor": "white",
        "figure.dpi": 110,
        "savefig.dpi": 200,
        "svg.fonttype": "path",
        "svg.hashsalt": "victimsmodel",
    }


def styled(plot: Callable[_P, Figure]) -> Callable[_P, Figure]:
    """Draw a figure in our style whatever the caller has set, and leave no setting behind."""

    @wraps(plot)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> Figure:
        with mpl.rc_context(rc_parameters()):
            return plot(*args, **kwargs)

    return drawn


def panels(
    rows: int, columns: int, height: float, title: str, source: str, **options: Any
) -> tuple[Figure, NDArray[Any]]:
    """Return a figure with its title and source line, and its axes, shape (rows, columns).

    The layout engine keeps title, source line, axes and labels apart.
    """
    figure, axes = plt.subplots(
        rows, columns, figsize=(WIDTH, height), squeeze=False, layout="constrained", **options
    )
    lines = textwrap.fill(typeset(source), 130)
    foot = _foot(figure, lines)
    layout: Any = figure.get_layout_engine()
    layout.set(w_pad=0.06, h_pad=0.05, wspace=0.03, hspace=0.05, rect=(0, foot, 1, 1 - foot))
    figure.suptitle(
        _fitted(typeset(title)), x=_EDGE, ha="left", fontsize=_TITLE_SIZE, fontweight="bold", linespacing=1.2
    )
    figure.text(_EDGE, 0.05 / height, lines, ha="left", va="bottom", fontsize=_SOURCE_SIZE, color=QUIET)
    return figure, axes


def nothing_drawn(title: str, source: str) -> Figure:
    """Return a figure that says in the place of a drawing why there is none; `title` is that reason."""
    figure, axes = panels(1, 1, 1.1, title, source)
    axes[0, 0].set_axis_off()
    axes[0, 0].text(0, 0.5, "There is nothing to draw.", transform=axes[0, 0].transAxes, color=QUIET)
    return figure


def _foot(figure: Figure, source: str) -> float:
    """Return the part of the figure's height that the source line takes."""
    points = (source.count("\n") + 1) * _SOURCE_SIZE * 1.3 + 5
    return float(points / 72 / figure.get_figheight())


def legend_below(figure: Figure, marks: Sequence[Artist], columns: int = 3) -> None:
    """Put a legend between the axes and the source line, and move the axes up to make room."""
    foot = _foot(figure, figure.texts[-1].get_text())  # the title may be among the texts too, before it
    legend = figure.legend(
        handles=list(marks),
        loc="lower left",
        bbox_to_anchor=(0, foot),
        ncols=columns,
        columnspacing=1.4,
        handlelength=1.4,
        borderaxespad=0.2,
    )
    legend.set_in_layout(False)
    top = foot + legend.get_window_extent().height / figure.bbox.height
    layout: Any = figure.get_layout_engine()
    layout.set(rect=(0, top, 1, 1 - top))


def _fitted(title: str) -> str:
    """Break a title into lines that fit the width of the figure, measured in its font."""
    font = font_manager.FontProperties(family=typeface(), weight="bold", size=_TITLE_SIZE)
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        width, _, _ = text_to_path.get_text_width_height_descent(longer, font, ismath=False)
        if lines and width <= _TITLE_WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def tint(colour: str, strength: float) -> tuple[float, float, float]:
    """Return a colour mixed with white, of which `strength` remains."""
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(colour))
    return red, green, blue


def short_title(title: str, width: int = 20, lines: int = 3) -> str:
    """Return a title broken into at most so many lines, with an ellipsis if it is longer."""
    return "\n".join(textwrap.wrap(title, width, max_lines=lines, placeholder=" …"))


def name_rows(axes: Axes, labels: list[str]) -> None:
    """Label horizontal rows from the top down, and leave no empty space above and below."""
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)


def present(table: Any, scenario: Scenario) -> list[str]:
    """Return the options of a table in the order of the scenario."""
    found = set(table["option"].astype(str))
    return [name for name in scenario.options if name in found]

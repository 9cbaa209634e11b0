"""Figures as files: the same bytes for the same figure."""

from __future__ import annotations

import io
from typing import NamedTuple

import matplotlib as mpl
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

_DPI = 150
_DIGITS = 9  # of places on a figure, whose width and height are 1


class Pictures(NamedTuple):
    """The files of one figure."""

    svg: bytes
    png: bytes


def figure_title(figure: Figure) -> str:
    """Return the finding that a figure's title states, on one line."""
    return " ".join(figure.get_suptitle().split())


def svg_text(figure: Figure) -> str:
    """Return a figure as SVG, letters as outlines.

    The title of the figure is the title of the document, from which the report takes what a screen
    reader says.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "victimsmodel"}):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Title": figure_title(figure)})
    return buffer.getvalue()


def pictures(figure: Figure) -> Pictures:
    """Return a figure as SVG and as PNG of 150 dots an inch, laid out once.

    The canvases are used themselves: `Figure.savefig` would settle the layout and draw twice for each.
    """
    figure.dpi = _DPI
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    figure.set_layout_engine("none")  # the layout is settled
    _round_places(figure)
    png = io.BytesIO()
    image.imsave(png, canvas.buffer_rgba(), format="png", dpi=_DPI, metadata={"Software": "victimsmodel"})
    return Pictures(svg_text(figure).encode(), png.getvalue())


def _round_places(figure: Figure) -> None:
    """Round where axes stand, which the names of clip paths in an SVG are made of.

    The layout engine adds up in an order that follows addresses in memory, so that the last bit of a place
    differs now and then between processes.
    """
    for axes in figure.axes:
        left, bottom, width, height = (round(x, _DIGITS) for x in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))

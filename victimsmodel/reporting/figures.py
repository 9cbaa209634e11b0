"""Every figure that is handed over: a table in, a matplotlib Figure out, which the caller closes."""

from __future__ import annotations

import io

import matplotlib as mpl
from matplotlib.figure import Figure

from victimsmodel.reporting.figures_method import plot_method
from victimsmodel.reporting.figures_pathway import plot_coverage, plot_demand, plot_exits, plot_funnel
from victimsmodel.reporting.figures_service import plot_backlog, plot_staff_use, plot_waits
from victimsmodel.reporting.figures_value import plot_cost_effectiveness, plot_costs

__all__ = [
    "figure_title",
    "plot_backlog",
    "plot_cost_effectiveness",
    "plot_costs",
    "plot_coverage",
    "plot_demand",
    "plot_exits",
    "plot_funnel",
    "plot_method",
    "plot_staff_use",
    "plot_waits",
    "svg_text",
]


def figure_title(figure: Figure) -> str:
    """Return the finding that a figure's title states, on one line."""
    return " ".join(figure.get_suptitle().split())


def svg_text(figure: Figure) -> str:
    """Return a figure as SVG: the same bytes for the same figure, letters as outlines.

    The title of the figure is the title of the document, from which the report takes what a screen
    reader says.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "victimsmodel"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": figure_title(figure)})
    return buffer.getvalue()

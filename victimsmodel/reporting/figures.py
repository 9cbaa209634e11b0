"""Every figure that is handed over: a table in, a matplotlib Figure out, which the caller closes."""

from __future__ import annotations

from victimsmodel.reporting.figures_method import plot_method
from victimsmodel.reporting.figures_pathway import plot_coverage, plot_demand, plot_exits, plot_funnel
from victimsmodel.reporting.figures_service import plot_backlog, plot_staff_use, plot_waits
from victimsmodel.reporting.figures_value import plot_cost_effectiveness, plot_costs

__all__ = [
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
]

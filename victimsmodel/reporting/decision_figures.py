"""Every figure of a decision, and of plans, that the tables of a stage allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
from matplotlib.figure import Figure

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.figures_decisions import plot_acceptability, plot_expected_loss, plot_frontier
from victimsmodel.reporting.figures_funding import plot_funding
from victimsmodel.reporting.figures_plan import plot_frontier_of_grants, plot_standards_curve
from victimsmodel.reporting.figures_sensitivity import plot_information, plot_tornado

Tables = Mapping[str, pd.DataFrame]

#: Name of each figure, the table that it is drawn from, and what draws it.
_FIGURES: tuple[tuple[str, str, Callable[[pd.DataFrame, Scenario, str], Figure]], ...] = (
    ("frontier", "frontier", plot_frontier),
    ("acceptability", "decision_curves", plot_acceptability),
    ("expected_loss", "decision_curves", plot_expected_loss),
    ("information", "information", plot_information),
    ("tornado", "tornado", plot_tornado),
)


def decision_figures(
    tables: Mapping[str, pd.DataFrame], scenario: Scenario, source: str
) -> dict[str, Figure]:
    """Return the figures of a decision by name, those for which there is a table with rows.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of the stages ``value`` or ``sensitivity``.
    scenario : Scenario
    source : str
        What stands under each figure.
    """
    return {
        name: plot(tables[table], scenario, source) for name, table, plot in _FIGURES if _has(table, tables)
    }


def plan_figures(tables: Tables, scenario: Scenario, source: str, topic: str) -> dict[str, Figure]:
    """Return the figures of the plans that were made, by name: none without the profile full.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of the stage ``plans``; for grants with those of ``value``, for the money that there was.
    scenario : Scenario
    source : str
        What stands under each figure.
    topic : str
        ``standards`` or ``grants``.
    """
    found = {}
    if topic == "standards" and _has("plan_curve", tables) and scenario.plans is not None:
        for situation, curve in tables["plan_curve"].groupby("situation", sort=False):
            staff = tables["plan_staff"][tables["plan_staff"]["situation"] == situation]
            asked = scenario.plans.confidence
            found[f"plan_{situation}"] = plot_standards_curve(curve, staff, asked, scenario, source)
    if topic == "grants" and _has("plan_frontier", tables):
        grants = tables["plan_frontier"], tables["plan_grants"]
        found["plan_grants"] = plot_frontier_of_grants(*grants, scenario, source)
    if topic == "grants" and _has("funding_table", tables):
        where = f"Source: {scenario.area.name}, as printed (parameters/funding)."
        found["funding"] = plot_funding(tables["funding_table"], tables["funding_checks"], where)
    return found


def _has(name: str, tables: Tables) -> bool:
    return name in tables and not tables[name].empty

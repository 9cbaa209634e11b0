"""Victim services: demand, attrition, contact, capacity and value for money.

Names are loaded when they are first used, so that importing the package stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "load_scenario": "inputs.loading",
    "estimate_demand": "demand.victims",
    "expected_pathway": "pathway.expected",
    "simulate": "appraisal.replications",
    "Precision": "appraisal.replications",
    "event_log": "pathway.story",
    "animation_log": "pathway.story",
    "process_log": "pathway.story",
    "one_story": "pathway.story",
    "by_borough": "pathway.boroughs",
    "method_curve": "pathway.method",
    "engine_agreement": "pathway.agreement",
    "compare_options": "appraisal.compare",
    "load_rules": "appraisal.rules",
    "rules_table": "appraisal.rules_table",
    "with_rules": "appraisal.rules",
    "discount_factors": "appraisal.rules",
    "optimism_bias": "appraisal.rules",
    "present_value": "appraisal.present_value",
    "net_present_value": "appraisal.present_value",
    "benefit_cost_ratio": "appraisal.present_value",
    "equivalent_annual_cost": "appraisal.present_value",
    "load_deflators": "appraisal.prices",
    "to_price_year": "appraisal.prices",
    "erlang_b": "appraisal.erlang",
    "erlang_c": "appraisal.erlang",
    "Queue": "appraisal.erlang",
    "queue_measures": "appraisal.erlang",
    "share_served_within": "appraisal.erlang",
    "share_waiting_beyond": "appraisal.erlang",
    "least_staff": "appraisal.erlang",
    "plan_for_standards": "appraisal.staffing",
    "plan_for_grant": "appraisal.grants",
    "standards_sentences": "reporting.plan_words",
    "grant_sentences": "reporting.plan_words",
    "plot_standards_plan": "reporting.figures_plan",
    "plot_grant_frontier": "reporting.figures_plan",
    "load_funding": "inputs.funding",
    "funding_checks": "appraisal.funding",
    "funding_table": "appraisal.funding",
    "plot_funding": "reporting.figures_funding",
    "open_run": "stages",
    "stage_tables": "stages",
    "evaluate": "runs",
    "write_figure": "runs",
    "readable": "reporting.readable",
    "methods_table": "reporting.readable",
    "readable_demand": "reporting.readable_demand",
    "plot_demand": "reporting.figures",
    "plot_funnel": "reporting.figures",
    "plot_exits": "reporting.figures",
    "plot_waits": "reporting.figures",
    "plot_staff_use": "reporting.figures",
    "plot_backlog": "reporting.figures",
    "plot_costs": "reporting.figures",
    "plot_cost_effectiveness": "reporting.figures",
    "plot_coverage": "reporting.figures",
    "plot_method": "reporting.figures",
    "plot_areas": "reporting.figures_areas",
    "plot_forecast": "reporting.figures_forecast",
    "load_recorded_crime": "inputs.crime",
    "load_street_crime": "inputs.street",
    "quarterly_counts": "demand.classification",
    "reconcile": "demand.reconciliation",
    "forecast": "demand.forecast",
    "new_project": "project",
}

__all__ = sorted(_HOMES)

if TYPE_CHECKING:
    from victimsmodel.appraisal.compare import compare_options as compare_options
    from victimsmodel.appraisal.replications import Precision as Precision
    from victimsmodel.appraisal.replications import simulate as simulate
    from victimsmodel.demand.victims import estimate_demand as estimate_demand
    from victimsmodel.inputs.loading import load_scenario as load_scenario
    from victimsmodel.pathway.agreement import engine_agreement as engine_agreement
    from victimsmodel.pathway.boroughs import by_borough as by_borough
    from victimsmodel.pathway.expected import expected_pathway as expected_pathway
    from victimsmodel.pathway.story import animation_log as animation_log
    from victimsmodel.pathway.story import event_log as event_log
    from victimsmodel.pathway.story import one_story as one_story
    from victimsmodel.pathway.story import process_log as process_log
    from victimsmodel.runs import evaluate as evaluate
    from victimsmodel.stages import open_run as open_run
    from victimsmodel.stages import stage_tables as stage_tables


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"victimsmodel.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'victimsmodel' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

"""Victim services: demand, attrition, contact, capacity and value for money.

Names are loaded when they are first used, so that importing the package stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "load_scenario": "inputs.loading",
    "VictimsModelError": "errors",
    "InputError": "errors",
    "PrivacyError": "errors",
    "estimate_demand": "demand.victims",
    "expected_pathway": "pathway.expected",
    "simulate": "appraisal.replications",
    "on_cluster": "cluster.connection",
    "TlsFiles": "cluster.address",
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
    "plan_commands": "reporting.plan_words",
    "plan_sentences": "reporting.readable_decisions",
    "equity_note": "reporting.readable_value",
    "plan_figures": "reporting.decision_figures",
    "standards_sentences": "reporting.plan_words",
    "grant_sentences": "reporting.plan_words",
    "plot_standards_plan": "reporting.figures_plan",
    "plot_grant_frontier": "reporting.figures_plan",
    "load_funding": "inputs.funding",
    "funding_checks": "appraisal.funding",
    "funding_table": "appraisal.funding",
    "plot_funding": "reporting.figures_funding",
    "activity_costs": "appraisal.activity_costs",
    "unit_costs": "appraisal.activity_costs",
    "multi_year": "appraisal.multi_year",
    "present_values": "appraisal.multi_year",
    "yearly_flows": "appraisal.flows",
    "decision_of": "appraisal.decision",
    "frontier_table": "appraisal.decision",
    "curves_table": "appraisal.decision",
    "equity": "appraisal.equity",
    "readable_values": "reporting.readable_value",
    "readable_value": "reporting.readable_value",
    "cost_basis_sentence": "reporting.readable_decisions",
    "decision_figures": "reporting.decision_figures",
    "plot_frontier": "reporting.figures_decisions",
    "plot_acceptability": "reporting.figures_decisions",
    "plot_expected_loss": "reporting.figures_decisions",
    "plot_tornado": "reporting.figures_sensitivity",
    "plot_information": "reporting.figures_sensitivity",
    "plot_activity_costs": "reporting.figures_spread",
    "plot_equity": "reporting.figures_spread",
    "rank_levers": "appraisal.levers",
    "explain_option": "appraisal.explain",
    "explain_options": "appraisal.explain",
    "widest": "reporting.waterfall_words",
    "shapley_values": "appraisal.shapley",
    "open_run": "stages",
    "stage_tables": "stages",
    "evaluate": "runs",
    "write_figure": "runs",
    "write_report": "reporting.report",
    "run_document": "reporting.report",
    "write_pdf": "reporting.pdf",
    "write_word": "reporting.word.writing",
    "write_handouts": "reporting.handouts",
    "readable": "reporting.readable",
    "beside": "reporting.beside",
    "methods_table": "reporting.readable",
    "readable_demand": "reporting.readable_demand",
    "readable_attrition": "reporting.readable_attrition",
    "readable_story": "reporting.readable_story",
    "plot_demand": "reporting.figures",
    "plot_funnel": "reporting.figures",
    "plot_exits": "reporting.figures",
    "plot_waits": "reporting.figures",
    "plot_staff_use": "reporting.figures",
    "plot_backlog": "reporting.figures",
    "plot_utilisation_calendar": "reporting.figures_calendar",
    "plot_cascade": "reporting.figures_cascade",
    "plot_run_differences": "reporting.figures_runs",
    "compare_runs": "run_comparison",
    "write_comparison": "run_comparison",
    "open_kept_run": "kept_runs",
    "stale_reasons": "kept_runs",
    "evaluate_all": "batches",
    "write_assurance": "assuring",
    "assurance_of": "assuring",
    "sign": "assuring",
    "write_index": "batches",
    "plot_costs": "reporting.figures",
    "plot_cost_effectiveness": "reporting.figures",
    "plot_coverage": "reporting.figures",
    "plot_method": "reporting.figures",
    "plot_areas": "reporting.figures_areas",
    "plot_forecast": "reporting.figures_forecast",
    "plot_levers": "reporting.figures_levers",
    "plot_waterfall": "reporting.figures_levers",
    "levers_sentence": "reporting.lever_words",
    "readable_levers": "reporting.lever_words",
    "load_recorded_crime": "inputs.crime",
    "load_street_crime": "inputs.street",
    "load_population": "inputs.population",
    "load_deprivation": "inputs.population",
    "load_area_lookup": "inputs.population",
    "load_boundaries": "inputs.boundaries",
    "police_force_areas": "inputs.official.forces",
    "quarterly_counts": "demand.recorded",
    "reconcile": "demand.reconciliation",
    "forecast": "demand.forecast",
    "load_returns": "inputs.returns.load",
    "propose_mapping": "inputs.returns.propose",
    "questions": "inputs.returns.questions",
    "attrition_definitions": "pathway.attrition_definitions",
    "plot_attrition_definitions": "reporting.figures_attrition",
    "load_contact_log": "inputs.contact_log",
    "estimate_attrition": "pathway.attrition",
    "plot_reach": "reporting.figures_reach",
    "new_project": "project",
    "write_input_workbook": "reporting.input_workbook.writing",
    "write_results_workbook": "reporting.results_workbook.writing",
    "load_input_workbook": "inputs.workbook.loaded",
    "write_loaded": "inputs.workbook.loaded",
    "load_evidence": "inputs.evidence",
    "borrow": "pathway.borrowing",
    "service_funnel": "pathway.published_funnel",
    "compare_services": "pathway.service_comparison",
    "plot_services": "reporting.figures_evidence",
    "control_chart": "monitoring.charts",
    "funnel_plot": "monitoring.funnel_plot",
    "outcome_measures": "monitoring.outcomes",
    "tipping_odds_ratio": "monitoring.outcomes",
    "Segments": "monitoring.segments",
    "interrupted_series": "monitoring.interrupted",
    "PlannedSeries": "monitoring.power",
    "impact_power": "monitoring.power",
    "power_curve": "monitoring.power",
    "Scale": "inputs.survey",
    "AGREEMENT": "inputs.survey",
    "SATISFACTION": "inputs.survey",
    "load_survey": "inputs.survey",
    "Suppression": "monitoring.suppression",
    "summarise_feedback": "monitoring.feedback",
    "plot_control_chart": "reporting.figures_monitoring",
    "plot_areas_funnel": "reporting.figures_monitoring",
    "plot_interrupted_series": "reporting.figures_impact",
    "plot_power": "reporting.figures_impact",
    "plot_feedback": "reporting.figures_feedback",
    "calibrate": "pathway.calibrate",
    "hold_out": "pathway.hold_out",
    "kept_back": "pathway.kept_back",
    "plot_hold_out": "reporting.figures_calibration",
    "load_observed": "inputs.observed",
    "DisclosureRule": "inputs.disclosure_rule",
    "ObservedCounts": "disclosure.observed_counts",
    "Rate": "disclosure.observed_counts",
    "content_hash": "disclosure.observed_counts",
    "release": "disclosure.release",
    "release_together": "disclosure.release",
    "marked": "disclosure.release",
    "released_returns": "disclosure.returns_door",
    "audit": "disclosure.audit",
    "rank_statistics": "pathway.simulation_based",
    "calibration_findings": "reporting.readable_calibration",
    "calibrated_inputs": "reporting.readable_calibration",
    "calibrated_fit": "reporting.readable_calibration",
    "plot_calibrated_inputs": "reporting.figures_calibration",
    "plot_calibrated_fit": "reporting.figures_calibration",
    "calibration_figures": "reporting.figures_calibration",
}

__all__ = sorted(_HOMES)

if TYPE_CHECKING:
    from victimsmodel.appraisal.compare import compare_options as compare_options
    from victimsmodel.appraisal.explain import explain_option as explain_option
    from victimsmodel.appraisal.levers import rank_levers as rank_levers
    from victimsmodel.appraisal.replications import Precision as Precision
    from victimsmodel.appraisal.replications import simulate as simulate
    from victimsmodel.appraisal.shapley import shapley_values as shapley_values
    from victimsmodel.demand.victims import estimate_demand as estimate_demand
    from victimsmodel.inputs.loading import load_scenario as load_scenario
    from victimsmodel.pathway.agreement import engine_agreement as engine_agreement
    from victimsmodel.pathway.boroughs import by_borough as by_borough
    from victimsmodel.pathway.calibrate import calibrate as calibrate
    from victimsmodel.pathway.expected import expected_pathway as expected_pathway
    from victimsmodel.pathway.hold_out import hold_out as hold_out
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

"""The sheets of the results workbook: a new table is one entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from victimsmodel.reporting.words import sentence_case

COMPARED, PATHWAY, CAPACITY, MONEY, DEMAND = (
    "Options compared",
    "From referral to support",
    "Waits and staff",
    "Costs and value for money",
    "Demand",
)
CHANGES, PLANS, INPUTS = "What would change the decision", "Plans", "Inputs"
#: Sections in order, with the colour of their tabs.
SECTIONS = {
    COMPARED: "#14506e",
    PATHWAY: "#009e73",
    CAPACITY: "#e69f00",
    MONEY: "#0072b2",
    DEMAND: "#cc79a7",
    CHANGES: "#d55e00",
    PLANS: "#882255",
    INPUTS: "#525c66",
}


@dataclass(frozen=True)
class Sheet:
    """One table of the run folder as a sheet."""

    name: str
    table: str
    section: str
    lead: str  # what it holds and how to read it
    is_wide: bool = False  # columns mean, low, high for each option
    #: Columns that rows are sorted by, each in the order of the table; if wide, all that name a row.
    order: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()  # names, and what only programs need
    unprinted: int = 0  # columns at the end that are for the screen
    once: tuple[str, ...] = ()  # columns that say the same in every row: said above the table


SHEETS = (
    Sheet(
        "Key measures", "comparison", COMPARED,
        "What a year of each option achieves and costs: mean and 90% interval of the mean.",
        is_wide=True, order=("measure", "unit"),
    ),
    Sheet(
        "Comparison", "comparison", COMPARED,
        "Each option against the one compared with: differences are taken within draws, with the same "
        "victims, so that they are surer than the two means. Differences of shares are percentage points.",
        order=("measure", "option"), left_out=("low", "high"),
    ),
    Sheet(
        "Increments", "incremental", COMPARED,
        "What each option costs and does more than the one compared with, on average over draws.",
    ),
    Sheet(
        "Funnel", "funnel_summary", PATHWAY,
        "How many victims come how far, all and those in need: mean and 90% interval of the mean.",
        is_wide=True, order=("who", "stage"),
    ),
    Sheet(
        "Exits", "exits_summary", PATHWAY,
        "Where referrals end: each in exactly one way.",
        is_wide=True, order=("who", "exit"),
    ),
    Sheet(
        "Attrition", "attrition_definitions", PATHWAY,
        "The share that is lost, by every definition in use: compare only what is defined alike.",
        is_wide=True, order=("who", "words"), left_out=("definition",),
    ),
    Sheet("Attempts", "attempts_summary", PATHWAY, "Attempts at contact and how many reach the victim."),
    Sheet(
        "Coverage", "group_coverage", PATHWAY,
        "Of all victims in need, the share who are supported, by crime type and priority.",
        order=("option", "group"),
    ),
    Sheet(
        "Levers", "levers", PATHWAY,
        "What each realistic improvement of today's service would add by itself.",
        left_out=(
            "lever", "standard_error", "bottleneck_probability", "extra_left",
            "ample_low", "ample_high", "note", "quality",
        ),
        once=("n_draws",),
    ),
    Sheet(
        "Other services", "services", PATHWAY,
        "Attrition of published services that are fed in the same way, with this one among them.",
    ),
    Sheet(
        "Waits", "waits_summary", CAPACITY,
        "Waits in calendar days, and the share within the standard. The interval is that of the share.",
        order=("wait", "priority", "option"),
    ),
    Sheet(
        "Staff use", "staff_use", CAPACITY,
        "Hours worked and available in the year. The interval is that of the time used.",
        order=("role", "option"),
    ),
    Sheet(
        "Costs", "costs_summary", MONEY,
        "The cost of the year by line, beside the grant. Staff are paid whether busy or not.",
        order=("line", "option"),
    ),
    Sheet("Unit costs", "unit_costs", MONEY, "What one unit of each kind costs.", order=("unit", "option")),
    Sheet("Activity costs", "activity_costs", MONEY, "What staff are paid for, by role and activity."),
    Sheet(
        "Equal spend", "equal_spend", MONEY, "What each option achieves for the same money.",
        order=("grant_gbp", "option"),
    ),
    Sheet(
        "By cost counted", "decision_by_cost_basis", MONEY,
        "The best buy by what is counted as cost: the grant's, with one-off costs, with what others bear.",
        order=("basis", "threshold", "option"), once=("rules",),
    ),
    Sheet(
        "Years", "multi_year", MONEY,
        "Costs and effects in each year of the contract, not discounted.",
        order=("item", "option", "year"), once=("rules",),
    ),
    Sheet(
        "Present values", "present_values", MONEY,
        "Costs, effects and benefits over the years of the contract, discounted.",
        order=("item", "option"), once=("rules", "benefits"),
    ),
    Sheet(
        "Frontier", "frontier", MONEY,
        "Options that no other, or mix of others, beats on average.", once=("rules",),
    ),
    Sheet(
        "Best buy", "decision_curves", MONEY,
        "Which option is the best buy, by what supporting a victim in need is taken to be worth.",
        order=("option", "threshold"), once=("rules",),
    ),
    Sheet(
        "Regret", "regret", MONEY,
        "How far each option falls short of the best one of each draw, over the years of the appraisal.",
        once=("threshold",),
    ),
    Sheet("Requirements", "satisficing", MONEY, "How likely each option is to meet what is asked of it."),
    Sheet(
        "Equity", "equity", MONEY, "Who is reached and supported, and who is behind.",
        order=("kind", "option"),
    ),
    Sheet("Funding", "funding_table", MONEY, "Published funding, per victim and by population."),
    Sheet(
        "Demand", "demand_summary", DEMAND,
        "Victims and victims in need in a year, by crime type and priority.",
        order=("priority", "crime_type"),
    ),
    Sheet(
        "Recorded to need", "reconciliation", DEMAND,
        "The steps from recorded crime to victims in need.", left_out=("step",),
    ),
    Sheet("Boroughs", "areas", DEMAND, "Victims in need by borough, beside deprivation.", left_out=("area",)),
    Sheet("Needs", "needs", DEMAND, "Kinds of need; a person may have several.", left_out=("name",)),
    Sheet(
        "Forecast", "forecast_years", DEMAND,
        "Recorded offences against people by financial year, and what may come. Blank: counts not complete.",
        order=("crime_type", "year"),
    ),
    Sheet(
        "Major incidents", "incident_planning", DEMAND,
        "Victims that major incidents bring in a year, and how seldom there are more.",
    ),
    Sheet("Inputs that matter", "ranked_inputs", CHANGES, "Which inputs the choice hangs on most."),
    Sheet("Switching values", "switching", CHANGES, "Where each input would turn the choice."),
    Sheet("Worth of knowing", "information", CHANGES, "What it would be worth to know inputs for certain."),
    Sheet("Where it fails", "discovery", CHANGES, "The region of inputs in which the best option fails."),
    Sheet(
        "Tornado", "tornado", CHANGES,
        "Difference in victims in need supported, as each input goes from low to high.",
    ),
    Sheet("Sobol indices", "sobol", CHANGES, "Shares of the variance of the difference, with interactions."),
    Sheet("Not computed", "sensitivity_notes", CHANGES, "What was not computed, and why."),
    Sheet("Plan in words", "plan_words", PLANS, "What the plans say."),
    Sheet("Plan staff", "plan_staff", PLANS, "The fewest staff that meet the standards.", left_out=("role",)),
    Sheet("Plan standards", "plan_standards", PLANS, "How surely the plan meets each standard."),
    Sheet("Plan first guess", "plan_first_guess", PLANS, "Staff by queueing formulas.", left_out=("role",)),
    Sheet("Plan grants", "plan_grants", PLANS, "The best option and staff for each grant."),
    Sheet("Plan mix", "plan_mix", PLANS, "What each grant is best spent on.", left_out=("name",)),
    Sheet("Plan frontier", "plan_frontier", PLANS, "What grants of any size can do."),
    Sheet("Plan options", "plan_options", PLANS, "The best plan of each option for each grant."),
    Sheet(
        "Inputs and sources", "assumptions", INPUTS,
        "Every uncertain number with its range and source. An option's name: what that option states anew.",
        unprinted=2,
    ),
    Sheet(
        "Appraisal rules", "rules_table", INPUTS, "The rules that were applied, and where they stand.",
        once=("rules",),
    ),
)  # fmt: skip

#: Tables that stay as files, and what they hold.
FILES = {
    "activity": "attempts by channel and minutes by role, a row a run",
    "agreement": "simulation and exact engine compared",
    "beyond_police": "victims whom the police do not know of, by stream",
    "calibration_fit": "observed totals beside what the inputs predict",
    "calibration_inputs": "inputs before and after calibration",
    "calibration_words": "what calibration found, in words",
    "contact_days": "contacted victims by days since referral",
    "daily": "work, staff time and victims waiting by day, mean and 90% range",
    "data_quality": "what is wrong with the official data, and what was done",
    "demand": "victims and victims in need by group, a row a draw",
    "distance": "recorded crime beside the stated number of victims",
    "distance_words": "the same in words",
    "exits": "where referrals end by group, a row a run",
    "forecast": "the forecast by quarter",
    "forecast_coverage": "how often past intervals held what came",
    "forecast_models": "weights of the forecasting models",
    "forecast_remarks": "what was left out of the history",
    "funding_checks": "whether published tables add up",
    "funnel": "victims by stage and group, a row a run",
    "hold_out": "what calibration foretells of totals that were kept back",
    "incremental_draws": "differences in cost and effect, a row a draw",
    "inputs": "quantile of every uncertain input, a row a draw",
    "measures_by_draw": "every measure, a row a draw",
    "precision": "looks at a measure while replications went on",
    "services_words": "attrition beside published services, in words",
    "waterfall": "what each part of an option adds, adding up to the whole",
    "waits": "waits by priority, a row a run",
}
#: Plans that are kept in full as files only.
_KEPT = ("plan_curve", "plan_contenders", "plan_summary")


def sheets_of(tables: Iterable[str]) -> list[Sheet]:
    """Return the sheets that some tables make: the declared ones, then plans that nothing is declared for."""
    found = set(tables)
    known = {sheet.table for sheet in SHEETS} | set(_KEPT)
    others = sorted(name for name in found - known if name.startswith("plan_"))
    undeclared = [
        Sheet(sentence_case(name.replace("_", " "))[:31], name, PLANS, "From the plans.") for name in others
    ]
    every = [sheet for sheet in (*SHEETS, *undeclared) if sheet.table in found]
    return sorted(every, key=lambda sheet: list(SECTIONS).index(sheet.section))

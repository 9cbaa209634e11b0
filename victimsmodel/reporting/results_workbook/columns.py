"""What the columns of result tables are called, mean and are measured in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from victimsmodel.reporting.words import TASK_TITLES, sentence_case

#: The unit is that of the column that the interval belongs to; or it stands in the row's column `unit`.
LIKE, BY_ROW = "like", "row"

_LOW = "5th percentile over draws of the inputs: lower end of the 90% interval of the mean."
_HIGH = "95th percentile over draws of the inputs: upper end of the 90% interval of the mean."


class Column(NamedTuple):
    """One column in words."""

    title: str
    meaning: str
    unit: str = ""  # empty for text; a plus in front where the sign is shown


#: By name; ``table.name`` where a table means something of its own by it.
COLUMNS: Mapping[str, Column] = {
    "option": Column("Option", "What could be commissioned, as the scenario names it."),
    "against": Column("Compared with", "The option that the first one is compared with."),
    "measure": Column("Measure", "What options are compared on."),
    "unit": Column("Unit", "What the numbers of the row are counted in."),
    "estimate": Column("Mean", "Mean over draws of the inputs and simulated years.", BY_ROW),
    "low": Column("Low (5%)", _LOW, LIKE),
    "high": Column("High (95%)", _HIGH, LIKE),
    "year_low": Column(
        "Single years: low", "5th percentile of single years with the inputs at hand: chance alone.", BY_ROW
    ),
    "year_high": Column("Single years: high", "95th percentile of single years: chance alone.", BY_ROW),
    "difference": Column(
        "Difference", "From the option compared with; the same draws and victims in both.", f"+{BY_ROW}"
    ),
    "difference_low": Column("Difference: low (5%)", _LOW, f"+{BY_ROW}"),
    "difference_high": Column("Difference: high (95%)", _HIGH, f"+{BY_ROW}"),
    "probability_better": Column(
        "Probability of being better",
        "Share of draws in which the option does better than the one compared with; blank where neither "
        "direction is better.",
        "probability",
    ),
    "incremental_cost": Column("Additional cost", "Mean difference in the cost of the year.", "+GBP"),
    "incremental_effect": Column(
        "Additional victims in need supported", "Mean difference over the year.", "+victims"
    ),
    "icer": Column(
        "Cost of each additional victim",
        "Additional cost over additional victims; blank where one option does more for less.",
        "GBP",
    ),
    "verdict": Column("Verdict", "How the option stands to the one compared with."),
    "stage": Column("Stage", "How far along the pathway victims come."),
    "who": Column("Of whom", "All victims, or only those in need of support."),
    "exit": Column("Where the case ended", "Each referral ends in exactly one of these."),
    "victims": Column("Victims", "Persons in the period evaluated, mean.", "victims"),
    "in_need": Column("Victims in need", "Persons with need for support, mean.", "victims"),
    "referred": Column("Referred", "Persons referred to the service, mean.", "victims"),
    "supported": Column("Supported", "Persons whose support began, mean.", "victims"),
    "words": Column("Definition", "Who counts as lost, of whom."),
    "incident_planning.words": Column("How seldom", "In how many years there are more."),
    "rules_table.value": Column("Value", "As published; text where it is no number."),
    "attrition": Column("Lost", "Share that is lost on the way, mean.", "share"),
    "channel": Column("Channel", "How victims are contacted."),
    "attempts": Column("Attempts", "Attempts at contact in the period, mean.", "number0"),
    "reached": Column("Reached", "Attempts that reached the victim, mean.", "number0"),
    "success": Column("Success", "Share of attempts that reach the victim, mean.", "share"),
    "group": Column("Group", "Crime type and priority."),
    "coverage": Column("Coverage", "Share of all victims in need who are supported, mean.", "share"),
    "priority": Column("Priority", "Enhanced: most serious, persistently targeted, or vulnerable."),
    "wait": Column("Wait for", "What ends the wait: first attempt, contact, start of support."),
    "mean_days": Column("Mean", "Mean wait in calendar days.", "days"),
    "median_days": Column("Median", "Wait that half of them do not exceed.", "days"),
    "p90_days": Column("Nine in ten within", "Wait that nine in ten do not exceed.", "days"),
    "within_standard": Column(
        "Within the standard", "Share who wait no longer than the standard, mean.", "share"
    ),
    "role": Column("Role", "Kind of staff."),
    **{
        f"hours_{task}": Column(f"Hours: {title[:1].lower()}{title[1:]}", "Hours worked, mean.", "hours")
        for task, title in TASK_TITLES.items()
    },
    "hours_available": Column("Hours available", "Productive hours, after leave and the like.", "hours"),
    "utilisation": Column("Time used", "Hours worked over hours available, mean.", "share"),
    "line": Column("Cost line", "What the money is spent on."),
    "cost_gbp": Column("Cost", "Mean over draws, prices of the scenario's year.", "GBP"),
    "unit_costs.unit": Column("Unit", "What the service produces."),
    "unit_costs.cost_gbp": Column("Cost of one", "Whole cost of the year over its number of units.", "GBP"),
    "units": Column("Units a year", "How many are produced, mean.", "number0"),
    "fixed_share": Column(
        "Fixed part",
        "Share of cost that does not move with victims: staff, fixed costs.",
        "share",
    ),
    "activity": Column("Activity", "What staff are paid for; idle: available and not used."),
    "hours": Column("Hours", "Hours a year, mean.", "hours"),
    "crime_type": Column("Crime type", "As the scenario groups recorded crimes."),
    "title": Column("What", "What the row is about."),
    "change": Column("Change", "What the step adds or takes away, median.", f"+{BY_ROW}"),
    "result": Column("Result", "What is left after the step, median.", BY_ROW),
    "source": Column("Source", "Where the number comes from; assumption where no evidence was found."),
    "note": Column("Note", "What to know about the number."),
    "quality": Column("Quality", "A this service; B a like one; C derived, old or small; D assumed."),
    "share": Column("Share", "Part of the whole, mean.", "share"),
    "residents": Column("Residents", "People who live in the area.", "number0"),
    "imd_score": Column("Deprivation score", "Index of Multiple Deprivation, average score.", "number1"),
    "imd_most_deprived_tenth": Column(
        "In the most deprived tenth", "Neighbourhoods among the most deprived tenth of England.", "share"
    ),
    "venues": Column("Venues", "Places of outreach in the area.", "number0"),
    "per_1000": Column("In need per 1,000 residents", "Victims in need over residents, mean.", "number1"),
    "per_venue": Column("In need per venue", "Victims in need over venues, mean.", "victims"),
    "venue_note": Column("Remark", "Where there is no venue."),
    "kind": Column("Kind", "What the rows are divided by."),
    "name": Column("Part", "Which part of the division, or which service."),
    "year": Column("Year", "Financial year, April to March."),
    "observed": Column("Recorded", "Offences against people that were recorded.", "number0"),
    "median": Column("Forecast", "Median of the forecast.", "number0"),
    "low_80": Column("80% interval: low", "10th percentile of the forecast.", "number0"),
    "high_80": Column("80% interval: high", "90th percentile of the forecast.", "number0"),
    "low_95": Column("95% interval: low", "2.5th percentile of the forecast.", "number0"),
    "high_95": Column("95% interval: high", "97.5th percentile of the forecast.", "number0"),
    "years_below": Column("Years below", "Share of years with fewer victims of incidents.", "share"),
    "multi_year.year": Column("Year of the contract", "0 is the first.", "number0"),
    "first_day": Column("Starts on", "First day of the year."),
    "share_new": Column("Introduced", "Part of the year in which the option is in place.", "share"),
    "discount_factor": Column("Discount factor", "Weight of the year in present values.", "number3"),
    "item": Column("Item", "Cost, effect or benefit."),
    "rules": Column("Rules", "Edition of the Green Book that was applied."),
    "benefits": Column("Benefits valued", "Which benefits are valued in pounds."),
    "cost": Column("Cost", "Mean over draws.", "GBP"),
    "frontier.cost": Column("Full cost", "Present value over the years of the appraisal, mean.", "GBP"),
    "effect": Column("Victims in need supported", "Discounted, over the years, mean.", "victims"),
    "position": Column("Position", "On the frontier, dominated, or within the usual range."),
    "by": Column("By", "Which option, or mix of options, does more for less."),
    "basis": Column("Cost counted", "Which costs enter the choice, from the narrowest to the widest."),
    "decision_by_cost_basis.cost": Column(
        "Cost", "Present value over the years of the appraisal, mean.", "GBP"
    ),
    "is_central": Column("Central value", "Whether this is the value that single answers are given for."),
    "threshold": Column("Value of a victim supported", "What supporting one is taken to be worth.", "GBP"),
    "net_benefit": Column("Net benefit", "Value of the effect less full cost, mean, all years.", "+GBP"),
    "probability_best": Column("Probability of being best", "Share of draws, ties shared.", "probability"),
    "is_chosen": Column("Best on average", "Whether the mean net benefit is the highest."),
    "expected_loss": Column("Expected loss", "Mean shortfall from the best option of each draw.", "GBP"),
    "perfect_information": Column("Value of perfect information", "Least expected loss of all.", "GBP"),
    "mean_regret": Column("Mean regret", "Mean shortfall from the best option of each draw.", "GBP"),
    "bad_regret": Column("Regret in a bad draw", "95th percentile over draws.", "GBP"),
    "most_regret": Column("Largest regret", "Largest over draws.", "GBP"),
    "is_least": Column("Least largest regret", "Whether no option's largest regret is smaller."),
    "requirement": Column("Requirement", "What is asked of the option."),
    "satisficing.share": Column("Probability", "Share of draws that meet it.", "probability"),
    "reach": Column("Reached", "Share of referred victims who are contacted, mean.", "share"),
    "reach_gap": Column("Reach: below the best", "Points below the best part.", "share"),
    "coverage_gap": Column("Coverage: below the best", "Points below the best part.", "share"),
    "is_best_covered": Column("Best covered", "Whether no part of the division is covered better."),
    "regime": Column("Fed by", "How referrals reach the service."),
    "percentile": Column("Percentile", "Place among what published services lead one to expect.", "share"),
    "lever": Column("Lever", "Name of the lever in the scenario."),
    "levers.stage": Column("Where it works", "Part of the pathway."),
    "extra": Column("Extra victims in need supported", "More than today, mean.", "+victims"),
    "probability_positive": Column("Probability of a gain", "Share of draws.", "probability"),
    "levers.probability_best": Column("Probability of being first", "No lever adds more.", "probability"),
    "ample": Column("Extra with ample staff", "More than today if staff did not limit it, mean.", "+victims"),
    "bottleneck": Column("Next bottleneck", "Role used most under the lever, where it is at its ceiling."),
    "bottleneck_use": Column("Its time used", "Mean part of its time or places.", "share"),
    "cost_per_extra": Column("Cost per extra victim", "Ratio of the means.", "GBP"),
    "remark": Column("Remark", "What is missing, and why."),
    "area": Column("Part", "Part of the service that the input belongs to."),
    "input": Column("Input", "The uncertain number in words."),
    "value": Column("Middle", "Median of what is believed of the average.", BY_ROW),
    "assumptions.low": Column("Low (5%)", "5th percentile of what is believed of the average.", BY_ROW),
    "assumptions.high": Column("High (95%)", "95th percentile of what is believed of the average.", BY_ROW),
    "standing": Column("Standing", "Evidence, borrowed from elsewhere, or an assumption."),
    "address": Column("Address", "Where the source can be read."),
    "field": Column("Name in the scenario file", "To change it: evaluate --set NAME=VALUE."),
    "index": Column("Explained part", "Share of the variance that the input explains.", "share"),
    "standard_error": Column("Standard error", "Of the number beside it, from draws.", "number3"),
    "is_clear": Column("Clear", "More than two standard errors above nought."),
    "direction": Column("Direction", "1: higher favours the option; -1: the other.", "+number0"),
    "switches_at": Column("Turns at", "Value of the input at which the choice turns.", "number"),
    "better": Column("Better", "Where the option is the better one."),
    "probability_past": Column("Probability of lying past it", "Share of draws.", "probability"),
    "known": Column("If known", "What would be known for certain."),
    "inputs": Column("Inputs", "Which inputs these are."),
    "information.value": Column("Worth at most", "Value of knowing, all years of the appraisal.", "GBP"),
    "information.standard_error": Column("Standard error", "Of the value of knowing.", "GBP"),
    "share_of_perfect": Column("Part of perfect information", "Of knowing everything.", "share"),
    "side": Column("Side", "Below or above the limit."),
    "limit": Column("Limit", "Value of the input, in its unit.", "number"),
    "fails_in_region": Column("Fails within", "Share of draws within the limits.", "probability"),
    "fails_anywhere": Column("Fails anywhere", "Share of all draws.", "probability"),
    "share_of_failures": Column("Part of the failures", "Failures that lie within the limits.", "share"),
    "n_draws": Column("Draws", "Draws that the numbers rest on.", "number0"),
    "input_low": Column("Input: low", "5th percentile of the input, in its unit.", "number"),
    "input_high": Column("Input: high", "95th percentile of the input, in its unit.", "number"),
    "central": Column("Central", "Difference with every input at its median.", "+victims"),
    "at_low": Column("With the low input", "Difference.", "+victims"),
    "at_high": Column("With the high input", "Difference.", "+victims"),
    "change_low": Column("Change: low", "From the central difference, or 5th percentile.", "+victims"),
    "change_high": Column("Change: high", "From the central difference, or 95th percentile.", "+victims"),
    "reconciliation.change_low": Column("Change: low (5%)", _LOW, f"+{BY_ROW}"),
    "reconciliation.change_high": Column("Change: high (95%)", _HIGH, f"+{BY_ROW}"),
    "swing": Column("Swing", "Largest less smallest of the three.", "victims"),
    "first": Column("By itself", "First-order Sobol index.", "share"),
    "first_half_width": Column("By itself: ±", "Half of the 95% interval.", "share"),
    "total": Column("With interactions", "Total Sobol index.", "share"),
    "total_half_width": Column("With interactions: ±", "Half of the 95% interval.", "share"),
    "has_converged": Column("Converged", "Half-widths of at most 0.1, and half the sample agrees."),
    "topic": Column("About", "What the sentence is about."),
    "sentence": Column("Finding", "In words."),
    "situation": Column("Situation", "The average year, or a surge."),
    "fte": Column("Staff needed", "Full-time workers.", "number1"),
    "fte_now": Column("Staff now", "Full-time workers in post.", "number1"),
    "busy_fte": Column("Staff kept busy", "Full-time workers that the work itself takes.", "number1"),
    "closed_form_fte": Column("By queueing formula", "Full-time workers by Erlang's formulas.", "number1"),
    "central_fte": Column("With every input at its median", "Full-time workers.", "number1"),
    "standard": Column("Standard", "What is to be met."),
    "target": Column("Target", "Share of victims that the standard asks for.", "share"),
    "mean_share": Column("Mean share", "Share of victims within the standard, mean of years.", "share"),
    "probability": Column("Probability", "Share of years that meet it.", "probability"),
    "closed_form": Column("By queueing formula", "Share of victims by Erlang's formulas.", "share"),
    "staff_cost_gbp": Column("Cost of staff", "Pay of the plan, a year.", "GBP"),
    "years": Column("Years tried", "Simulated years that the number rests on.", "number0"),
    "runs": Column("Runs", "Simulated years of all plans tried.", "number0"),
    "grant_gbp": Column("Grant", "Money that may be spent.", "GBP"),
    "amount": Column("Amount", "Full-time workers, or places.", "number1"),
    "amount_now": Column("Amount now", "Full-time workers, or places.", "number1"),
    "next_gain": Column("Gain of the next £10,000", "Victims in need supported more.", "+victims"),
    "next_error": Column("Its standard error", "From simulated years.", "victims"),
    "gain_per_10000": Column("Gain per further £10,000", "Victims in need supported more.", "+victims"),
    "gain_error": Column("Its standard error", "From simulated years.", "victims"),
    "supported_in_need": Column("Victims in need supported", "In the year, mean.", "victims"),
    "behind": Column("Behind the best", "Victims in need supported fewer.", "victims"),
    "mix": Column("Staff and places", "What the money is spent on."),
    "chance_best": Column("Probability of being best", "Among the plans that came close.", "probability"),
    "probability_most": Column("Probability of most supported", "Share of draws.", "probability"),
    "probability_within_grant": Column("Probability within the grant", "Share of draws.", "probability"),
    "series": Column("Series", "All services, or the contact service alone."),
    "includes": Column("Includes", "What the amount pays for."),
    "amount_gbp": Column("Amount", "As published, prices of the year.", "GBP"),
    "real_gbp": Column("In prices of the scenario", "By the GDP deflator.", "GBP"),
    "per_victim": Column("Per victim", "Over victims of the evaluated year, mean.", "GBP"),
    "per_victim_in_need": Column("Per victim in need", "Over victims in need, mean.", "GBP"),
    "per_resident": Column("Per resident", "Over residents.", "GBP"),
    "population_share": Column("Share of population", "Of England and Wales.", "share"),
    "population_allocation_gbp": Column("By population alone", "National total x share.", "GBP"),
    "above_allocation_gbp": Column("Above that", "Amount less the share by population.", "+GBP"),
}

_ENDS = {"low": ("low (5%)", _LOW), "high": ("high (95%)", _HIGH)}
#: Columns that `low` and `high` without a name belong to, the first that is there.
_HELD = (
    "estimate",
    "victims",
    "cost_gbp",
    "success",
    "within_standard",
    "utilisation",
    "coverage",
    "attrition",
    "extra",
    "supported_in_need",
    "value",
)


def column_of(table: str, name: str, data: pd.DataFrame) -> Column:
    """Return a column in words, with its unit; one that nothing is said about gets its name's words."""
    found = COLUMNS.get(f"{table}.{name}") or COLUMNS.get(name)
    stem, _, end = name.rpartition("_")
    if found is None and end in _ENDS and stem in data.columns:
        base = column_of(table, stem, data)
        return Column(f"{base.title}: {_ENDS[end][0]}", _ENDS[end][1], base.unit)
    if found is None:
        is_number = pd.api.types.is_numeric_dtype(data[name]) and not pd.api.types.is_bool_dtype(data[name])
        return Column(sentence_case(name.replace("_", " ")), "", "number" if is_number else "")
    if found.unit != LIKE:
        return found
    held = held_column(data)
    return found._replace(unit=column_of(table, held, data).unit if held else "number")


def held_column(data: pd.DataFrame) -> str:
    """Return the column that `low` and `high` belong to where they carry no name; empty if there is none."""
    return next((name for name in _HELD if name in data.columns), "")

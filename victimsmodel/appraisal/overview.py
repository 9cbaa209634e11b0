"""The tables on value for money of one scenario, as an evaluation keeps them."""

from __future__ import annotations

import pandas as pd

from victimsmodel.appraisal.activity_costs import activity_costs, unit_costs
from victimsmodel.appraisal.cost_basis import decision_by_cost_basis, equal_spend
from victimsmodel.appraisal.decision import (
    Decision,
    curves_table,
    decision_from,
    frontier_table,
    input_values,
)
from victimsmodel.appraisal.equity import equity
from victimsmodel.appraisal.evidence_value import (
    LEAST_DRAWS,
    information_table,
    most_important,
    ranked_inputs,
    switching_table,
)
from victimsmodel.appraisal.flows import appraisal_of, yearly_flows
from victimsmodel.appraisal.funding import funding_checks, funding_table
from victimsmodel.appraisal.multi_year import by_year, totals
from victimsmodel.appraisal.outcomes import measures_by_run
from victimsmodel.appraisal.prices import load_deflators
from victimsmodel.appraisal.robustness import Requirement, regret, satisficing
from victimsmodel.appraisal.rules import load_rules
from victimsmodel.appraisal.rules_table import rules_table
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.records import Result

Tables = dict[str, pd.DataFrame]

_N_LISTED = 15  # inputs whose information is valued


def cost_tables(result: Result, scenario: Scenario, runs: pd.DataFrame | None = None) -> Tables:
    """Return costs by role and activity, costs of units, and who is reached and supported.

    Returns
    -------
    dict of str to DataFrame
        activity_costs (option, role, activity, hours, cost_gbp, low, high), unit_costs (option, unit, units,
        cost_gbp: the average cost of the year over the average units, low, high, fixed_share), equity.
    """
    activities = activity_costs(result, scenario)
    keys = ["option", "role", "activity"]
    by_draw = activities.groupby([*keys, "draw"], observed=True)[["hours", "cost_gbp"]].mean()
    runs = measures_by_run(result, scenario) if runs is None else runs
    units = unit_costs(result, scenario, runs)
    of_unit = units.groupby(["option", "unit"], observed=True)
    costs = _interval(units.set_index(["option", "unit"])["cost_gbp"], ["option", "unit"])
    whole = of_unit[["units", "fixed_share"]].mean()
    spent = runs["total_cost"].groupby(level="option", observed=True).mean()
    spent.index = spent.index.astype(str)
    of_option = whole.index.get_level_values("option").astype(str)
    costs["cost_gbp"] = spent.loc[of_option].to_numpy() / whole["units"].where(whole["units"] > 0)
    return {
        "activity_costs": pd.concat(
            [by_draw["hours"].groupby(keys, observed=True).mean(), _interval(by_draw["cost_gbp"], keys)],
            axis=1,
        ).reset_index(),
        "unit_costs": whole[["units"]].join(costs).join(whole["fixed_share"]).reset_index(),
        "equity": equity(result, scenario),
    }


def _interval(values: pd.Series[float], keys: list[str]) -> pd.DataFrame:
    grouped = values.groupby(keys, observed=True)
    low, high = grouped.quantile(TAIL), grouped.quantile(1 - TAIL)
    return pd.DataFrame({"cost_gbp": grouped.mean(), "low": low, "high": high})


def appraisal_tables(result: Result, scenario: Scenario, runs: pd.DataFrame | None = None) -> Tables:
    """Return what follows from the appraisal that a scenario states; nothing where it states none.

    Returns
    -------
    dict of str to DataFrame
        multi_year, present_values, frontier, decision_curves, decision_by_cost_basis, equal_spend, regret,
        satisficing, rules_table.
    """
    if scenario.appraisal is None:
        return {}
    stated = appraisal_of(scenario)
    rules = load_rules(stated.edition)
    measures = measures_by_run(result, scenario) if runs is None else runs
    flows = yearly_flows(result, scenario, measures)
    decision = decision_from(flows, scenario)
    return {
        "multi_year": by_year(flows, scenario, rules),
        "present_values": totals(flows, stated, rules, scenario.against),
        "frontier": frontier_table(decision),
        "decision_curves": curves_table(decision),
        "decision_by_cost_basis": decision_by_cost_basis(flows, scenario),
        "equal_spend": equal_spend(measures, scenario, _grants(scenario)),
        "regret": regret(decision.options, decision.benefits).assign(threshold=decision.central),
        "satisficing": _satisficing(measures, scenario),
        "rules_table": rules_table(rules),
    }


def _grants(scenario: Scenario) -> list[float]:
    """Return the grants that are planned for, the scenario's own at least."""
    stated = scenario.plans.amounts if scenario.plans is not None else ()
    return sorted({scenario.grant_gbp, *stated})


def _satisficing(runs: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return how often options keep to the grant, and do what the one compared with does on average."""
    measures = runs.groupby(["option", "draw"], observed=True).mean()
    today = float(measures.xs(scenario.against, level="option")["supported_in_need"].mean())
    wanted = [
        Requirement("total_cost", scenario.grant_gbp, "at most"),
        Requirement("supported_in_need", round(today), "at least"),
    ]
    return satisficing(measures, wanted)


def funding_tables(scenario: Scenario, demand: pd.DataFrame) -> Tables:
    """Return the checks of printed funding and money per victim; nothing without a table of funding.

    Returns
    -------
    dict of str to DataFrame
        funding_checks, funding_table.
    """
    if not scenario.funding:
        return {}
    lines = pd.DataFrame([line.model_dump() for line in scenario.funding]).astype({"amount_gbp": "float64"})
    approximate = scenario.appraisal is not None and scenario.appraisal.approximate_financial_years
    deflators = load_deflators().with_financial_years() if approximate else None
    return {
        "funding_checks": funding_checks(lines).astype({"agrees": "float64"}),  # 1, 0 or missing
        "funding_table": funding_table(lines, scenario, demand, deflators=deflators),
    }


def evidence_tables(decision: Decision, result: Result, scenario: Scenario) -> Tables:
    """Return which inputs the decision hangs on, from the draws at hand; nothing below `LEAST_DRAWS`.

    Returns
    -------
    dict of str to DataFrame
        ranked_inputs, switching, information.
    """
    if len(decision.costs) < LEAST_DRAWS or len(decision.options) < 2:
        return {}
    inputs = input_values(result, scenario)
    ranked = ranked_inputs(decision, inputs, scenario.against)
    keys = ["option", "against", "input"]
    switching = switching_table(decision, inputs, scenario.against)
    return {
        "ranked_inputs": ranked,
        "switching": switching.merge(ranked[[*keys, "is_clear"]], on=keys, how="left"),
        "information": information_table(decision, inputs, most_important(ranked, _N_LISTED)).assign(
            rules=decision.rules.label
        ),
    }

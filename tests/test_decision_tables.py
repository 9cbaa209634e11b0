"""Facts of the decision's tables: what they rest on, who is behind, and what the draws can say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.appraisal.decision import Decision, curves_table, decision_of, frontier_table, input_values
from victimsmodel.appraisal.equity import equity
from victimsmodel.appraisal.evidence_value import information_table, most_important, ranked_inputs, rivals
from victimsmodel.appraisal.overview import appraisal_tables, cost_tables, funding_tables
from victimsmodel.appraisal.thorough import sensitivity_tables
from victimsmodel.inputs.draws import draw_points, uncertain_inputs
from victimsmodel.pathway.results import points_of
from victimsmodel.reporting.decision_figures import decision_figures
from victimsmodel.reporting.pictures import figure_title
from victimsmodel.reporting.readable_value import discovery_sentence, readable_value

WEST_MIDLANDS = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
SMALL = {"demand.victims_per_year": 8400, "staff.contact_officer.fte": 1.5, "staff.caseworker.fte": 0.5}


@pytest.fixture(scope="module")
def scenario():
    return vm.load_scenario(WEST_MIDLANDS, SMALL)


@pytest.fixture(scope="module")
def result(scenario):
    return vm.simulate(scenario, n_draws=60, n_replications=1)


@pytest.fixture(scope="module")
def tables(result, scenario):
    found = {**cost_tables(result, scenario), **appraisal_tables(result, scenario)}
    found |= funding_tables(scenario, vm.estimate_demand(scenario, 50, 1))
    return found | sensitivity_tables(result, scenario, is_thorough=False, seed=1)


def test_a_decision_rests_on_present_values_of_full_cost_and_supported_in_need(result, scenario):
    decision = decision_of(result, scenario)
    values = vm.present_values(result, scenario).pivot(index="option", columns="item", values="estimate")
    np.testing.assert_allclose(decision.costs.mean(axis=0), values.loc[decision.options, "full_cost"])
    np.testing.assert_allclose(
        decision.effects.mean(axis=0), values.loc[decision.options, "supported_in_need"]
    )


def test_the_best_buy_of_the_frontier_is_the_option_chosen_at_every_threshold(result, scenario):
    from victimsmodel.appraisal.frontier import best_buy

    decision = decision_of(result, scenario)
    curves = curves_table(decision)
    for row in curves[curves["is_chosen"]].itertuples():
        assert best_buy(frontier_table(decision), row.threshold) == row.option


def test_inputs_that_are_left_out_move_neither_costs_nor_effects(result, scenario):
    used = set(input_values(result, scenario))
    points = draw_points(scenario, 3, 9)
    unused = [name for name in uncertain_inputs(scenario) if name not in used]
    assert len(unused) > 40
    other = result.inputs.assign(
        probability=result.inputs["probability"].where(~result.inputs["input"].isin(unused), 0.123)
    )
    first, second = (decision_of(one, scenario) for one in (result, result._replace(inputs=other)))
    np.testing.assert_array_equal(first.costs, second.costs)
    np.testing.assert_array_equal(first.effects, second.effects)
    from victimsmodel.pathway.plan import build_plans

    moved = {name: np.full(3, 0.9) if name in unused else values for name, values in points.items()}
    for own, changed in zip(*(build_plans(scenario, "phone_first", p) for p in (points, moved)), strict=True):
        kept = [name for name in own.groups.dtype.names if name != "improved"]
        for name in kept:
            np.testing.assert_array_equal(own.groups[name], changed.groups[name], err_msg=name)


def test_values_of_inputs_are_the_quantiles_that_the_draws_used(result, scenario):
    name = "contact.channels.phone.heterogeneity"
    expected = uncertain_inputs(scenario)[name].quantile(points_of(result)[name])
    np.testing.assert_array_equal(input_values(result, scenario)[name], expected)


def test_the_best_option_is_weighed_against_the_named_one_and_the_next_best():
    benefits = np.array([[0.0, 5.0, 3.0]] * 4)
    rules = vm.load_rules()
    decision = Decision(["a", "b", "c"], -benefits, benefits * 0, (0.0, 1.0), 1.0, rules)
    assert rivals(decision, "a") == ("b", ["a", "c"])
    assert rivals(decision, "c") == ("b", ["c"])
    assert rivals(decision, "b") == ("b", ["c"])


def test_information_is_never_worth_more_than_all_nor_less_than_a_part():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 3))
    gain = x @ [1.0, 0.5, 0.0] + 0.3
    decision = Decision(
        ["a", "b"], np.column_stack([0 * gain, -gain]), 0 * x[:, :2], (0.0, 1.0), 1.0, vm.load_rules()
    )
    inputs = {"x": x[:, 0], "y": x[:, 1], "z": x[:, 2]}
    order = most_important(ranked_inputs(decision, inputs, "a"), 3)
    assert order[:2] == ["x", "y"]
    found = information_table(decision, inputs, order).set_index("known")["value"]
    assert found["first 2"] >= max(found["x"], found["y"])
    assert (found <= found["everything"]).all()
    assert (found >= 0).all()


def test_coverage_of_a_priority_is_supported_over_in_need(result, scenario):
    table = equity(result, scenario).set_index(["option", "kind", "name"])
    own = result.funnel[result.funnel["group"].astype(str).str.endswith("_enhanced")]
    sums = own.groupby(["option", "draw", "stage", "who"], observed=True)["victims"].sum()
    wide = sums.unstack(["stage", "who"])
    means = wide.groupby("option", observed=True).mean()
    expected = means["supported", "in_need"] / means["in_need", "in_need"]
    for option, coverage in expected.items():
        assert table.loc[(option, "priority", "enhanced"), "coverage"] == pytest.approx(coverage, rel=1e-12)


def test_the_best_served_of_each_kind_have_no_gap_and_the_others_have(result, scenario):
    table = equity(result, scenario)
    best = table[table["is_best_covered"]]
    assert set(zip(best["option"], best["kind"], strict=True)) == set(
        zip(table["option"], table["kind"], strict=True)
    )
    assert (table["coverage_gap"] >= 0).all()
    of_groups = table[table["kind"] == "group"]
    largest = of_groups.groupby("option", observed=True)["coverage"].transform("max")
    np.testing.assert_allclose(of_groups["coverage"] + of_groups["coverage_gap"], largest)


def test_boroughs_that_share_every_group_alike_have_no_gap(result, scenario):
    table = equity(result, scenario)
    boroughs = table[table["kind"] == "borough"]
    assert set(boroughs["name"]) == set(scenario.demand.boroughs.values)
    assert (boroughs[["coverage_gap", "reach_gap"]] == 0).all(axis=None)


def test_another_option_can_be_the_one_compared_with(result):
    other = vm.load_scenario(WEST_MIDLANDS, {**SMALL, "against": "phone_first"})
    table = vm.present_values(result, other).set_index(["option", "item"])
    assert table.loc[("phone_first", "full_cost"), "difference"] == 0
    gap = table.loc[("business_as_usual", "full_cost"), "estimate"]
    gap -= table.loc[("phone_first", "full_cost"), "estimate"]
    assert table.loc[("business_as_usual", "full_cost"), "difference"] == pytest.approx(gap, rel=1e-9)


def test_every_table_of_the_appraisal_names_the_edition(tables, scenario):
    label = vm.load_rules(scenario.appraisal.edition).label
    for name in ("multi_year", "present_values", "frontier", "decision_curves", "rules_table", "information"):
        assert (tables[name]["rules"] == label).all(), name


def test_the_known_disagreements_of_the_printed_funding_are_told(tables, scenario):
    text = " ".join(readable_value("funding_checks", tables, scenario)["Finding"])
    for amount in ("£52,407", "£219,672", "£1,200,000"):
        assert amount in text


@pytest.mark.parametrize(
    "name", ["unit_costs", "present_values", "frontier", "equity", "satisficing", "switching", "discovery"]
)
def test_tables_are_shown_without_raw_names(tables, scenario, name):
    shown = readable_value(name, tables, scenario)
    text = " ".join([*map(str, shown.index), *map(str, shown.columns), *shown.astype(str).to_numpy().ravel()])
    raw = [*scenario.options, *uncertain_inputs(scenario), "cost_gbp", "_"]
    assert not [word for word in raw if word in text]


def test_with_few_draws_it_is_said_that_they_are_too_few(scenario):
    few = vm.simulate(scenario, ["business_as_usual", "phone_first"], n_draws=3, n_replications=1)
    found = sensitivity_tables(few, scenario, is_thorough=False, seed=1)
    assert list(found) == ["sensitivity_notes"]
    shown = readable_value("switching", found, scenario)
    assert "takes at least 50 draws and two options, and this run has 3 draws" in shown.iloc[0, 0]


def test_a_region_is_told_in_one_sentence(scenario):
    limits = {"input": ["referral.consent_at_report.in_need"], "side": ["below"], "limit": [0.5]}
    numbers = {"fails_in_region": 0.8, "fails_anywhere": 0.2, "share_of_failures": 0.6, "n_draws": 40}
    table = pd.DataFrame({"option": "consent_at_report", **limits, **numbers})
    assert discovery_sentence(table, scenario) == (
        "“Consent at the report” is not the best buy in 80% of draws, instead of 20%, where victims in need "
        "who consent at the report lie below 50.0% (40 draws that the region was not fitted to; it holds 60% "
        "of the failures)."
    )


def test_figures_of_the_decision_state_what_they_show(tables, scenario):
    from matplotlib import pyplot

    found = decision_figures(tables, scenario, "Source: test.")
    assert list(found) == ["frontier", "acceptability", "expected_loss", "information"]
    assert "is the best buy on average, and in" in figure_title(found["acceptability"])
    assert "being sure before deciding would be worth £" in figure_title(found["expected_loss"])
    for figure in found.values():
        pyplot.close(figure)

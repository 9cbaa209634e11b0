"""The choice at its edges: whose costs count, one option alone, one draw, options alike in what they do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.appraisal.cost_basis import BASES, equal_spend
from victimsmodel.appraisal.outcomes import measures_by_run
from victimsmodel.appraisal.overview import appraisal_tables, cost_tables
from victimsmodel.appraisal.thorough import sensitivity_tables
from victimsmodel.reporting.decision_figures import decision_figures
from victimsmodel.reporting.readable_decisions import cost_basis_sentence
from victimsmodel.reporting.readable_value import equity_note, readable_value

PARAMETERS = Path(__file__).parents[1] / "parameters"
SMALL = {"demand.victims_per_year": 8400, "staff.contact_officer.fte": 1.5, "staff.caseworker.fte": 0.5}
WAYS = ("business_as_usual", "in_house", "competitive_tender", "victims_centre")


@pytest.fixture(scope="module")
def scenario():
    return vm.load_scenario(PARAMETERS / "west-midlands-commissioning.yaml", SMALL)


@pytest.fixture(scope="module")
def result(scenario):
    return vm.simulate(scenario, WAYS, n_draws=6, n_replications=1)


@pytest.fixture(scope="module")
def tables(result, scenario):
    return {**cost_tables(result, scenario), **appraisal_tables(result, scenario)}


def test_options_that_differ_in_cost_alone_do_exactly_the_same(result):
    funnel = result.funnel.set_index(["draw", "replication", "group", "stage", "who"])
    by_option = {name: own["victims"] for name, own in funnel.groupby("option", observed=True)}
    for name in ("in_house", "competitive_tender"):
        pd.testing.assert_series_equal(by_option[name], by_option["business_as_usual"])
    assert not by_option["victims_centre"].equals(by_option["business_as_usual"])


def test_options_simulated_together_are_as_each_by_itself(result, scenario):
    alone = vm.simulate(scenario, ["competitive_tender"], n_draws=6, n_replications=1)
    own = result.funnel[result.funnel["option"] == "competitive_tender"]
    assert own["victims"].tolist() == alone.funnel["victims"].tolist()


def test_at_full_cost_the_choice_is_that_of_the_curves(tables):
    by_basis = tables["decision_by_cost_basis"].set_index(["basis", "threshold", "option"])
    curves = tables["decision_curves"].set_index(["threshold", "option"])
    full = by_basis.loc["full_cost"].loc[curves.index]
    for column in ("net_benefit", "probability_best", "expected_loss"):
        assert full[column].to_numpy() == pytest.approx(curves[column].to_numpy(), rel=1e-12, abs=1e-9)
    assert (full["is_chosen"] == curves["is_chosen"]).all()


def test_costs_grow_with_what_is_counted_and_effects_do_not(tables):
    wide = tables["decision_by_cost_basis"].query("is_central").pivot(index="option", columns="basis")
    cost = wide["cost"][list(BASES)]
    assert (cost.diff(axis=1).iloc[:, 1:] >= -1e-9).all(axis=None)
    assert cost.loc["business_as_usual"].nunique() == 1  # nothing comes once, nobody else pays
    assert (cost.loc["competitive_tender"].diff().dropna() > 0).all()
    assert (wide["effect"].nunique(axis=1) == 1).all()


def test_the_sentence_names_both_options_where_they_differ(tables, scenario):
    table = tables["decision_by_cost_basis"].copy()
    assert " both by what the grant pays " in cost_basis_sentence(table, scenario)
    other = table["basis"].eq("grant_cost") & table["is_central"]
    table.loc[other, "is_chosen"] = table.loc[other, "option"].astype(str) == "in_house"
    told = cost_basis_sentence(table, scenario)
    assert "“In-house by police and commissioner” is best by what the grant pays" in told
    assert " by the full cost with what others bear " in told


def test_a_draw_is_shared_by_options_that_support_most_for_the_grant(result, scenario):
    runs = measures_by_run(result, scenario)
    runs["total_cost"] = 900.0
    alike = ("business_as_usual", "in_house", "competitive_tender")
    runs.loc["victims_centre", "supported_in_need"] = 0.0
    found = equal_spend(runs, scenario, [899.0, 900.0]).set_index(["grant_gbp", "option"])
    assert (found.loc[899.0, ["probability_within_grant", "probability_most"]] == 0).all(axis=None)
    assert found.loc[900.0].loc[list(alike), "probability_most"].to_numpy() == pytest.approx(1 / 3)
    assert found.loc[900.0].loc["victims_centre", "probability_most"] == 0


def test_an_option_that_supports_nobody_is_most_only_where_no_other_is_paid_for(result, scenario):
    runs = measures_by_run(result, scenario)[["total_cost", "supported_in_need"]].copy()
    runs["total_cost"], runs["supported_in_need"] = 1_000.0, 50.0
    runs.loc["in_house"] = (10.0, 0.0)
    found = equal_spend(runs, scenario, [100.0]).set_index("option")["probability_most"]
    assert found["in_house"] == 1
    assert found.sum() == 1


def test_boroughs_without_a_gap_are_said_to_be_alike_by_assumption(tables, scenario):
    assert equity_note(tables["equity"]).startswith("No gap is shown by borough: the model gives all of them")
    shown = readable_value("equity", tables, scenario)
    assert (shown.loc["Largest gap by borough"] == "none by assumption").all()
    assert not (shown.loc["Largest gap by priority"] == "none by assumption").any()


NAMES = ("frontier", "decision_by_cost_basis", "equal_spend", "satisficing", "present_values", "equity")


@pytest.mark.parametrize(("options", "n_draws"), [(["business_as_usual"], 1), (list(WAYS), 2)])
def test_one_option_and_one_draw_are_told_without_a_failure(options, n_draws, scenario):
    result = vm.simulate(scenario, options, n_draws=n_draws, n_replications=2)
    tables = {**cost_tables(result, scenario), **appraisal_tables(result, scenario)}
    tables |= sensitivity_tables(result, scenario, is_thorough=True, seed=1)
    assert list(
        tables["decision_curves"].groupby("threshold")["probability_best"].sum().round(12).unique()
    ) == [1]
    assert (tables["regret"]["most_regret"] >= 0).all()
    for name in NAMES:
        assert len(readable_value(name, tables, scenario)) >= 1
    assert "at least 50 draws" in tables["sensitivity_notes"]["note"][0]
    if n_draws == 1:
        figures = decision_figures(tables, scenario, "source")
        assert {"frontier", "acceptability", "expected_loss"} <= set(figures)
        assert np.isclose(tables["decision_curves"]["perfect_information"], 0).all()

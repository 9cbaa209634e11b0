"""Where the money goes: every pound of pay is in one activity, idle time is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import victimsmodel as vm
from victimsmodel.appraisal.activity_costs import activity_costs, unit_costs
from victimsmodel.appraisal.costs import annual_costs
from victimsmodel.appraisal.outcomes import measures_by_run

WEST_MIDLANDS = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
RUN = ["option", "draw", "replication"]


@pytest.fixture(scope="module")
def scenario():
    return vm.load_scenario(WEST_MIDLANDS)


@pytest.fixture(scope="module")
def result(scenario):
    return vm.simulate(scenario, ["business_as_usual", "consent_at_report"], n_draws=3, n_replications=2)


def test_activities_of_all_roles_add_up_to_what_staff_are_paid(result, scenario):
    found = activity_costs(result, scenario).groupby(RUN, observed=True)["cost_gbp"].sum()
    paid = annual_costs(result, scenario).query("line == 'staff'").set_index(RUN)["cost_gbp"]
    np.testing.assert_allclose(found, paid.loc[found.index], rtol=1e-12)


def test_idle_hours_are_the_productive_hours_that_were_not_worked(result, scenario):
    found = activity_costs(result, scenario)
    hours = found.pivot_table(index=[*RUN, "role"], columns="activity", values="hours", observed=True)
    available = (
        result.activity.query("measure == 'minutes_available'").set_index([*RUN, "name"])["amount"] / 60
    )
    worked = hours.drop(columns="idle").sum(axis=1)
    expected = (available.loc[worked.index] - worked).clip(lower=0)
    np.testing.assert_allclose(hours["idle"], expected, atol=1e-9)
    assert (hours["idle"] > 0).any()


def test_a_unit_costs_the_whole_year_over_the_units_of_the_year(result, scenario):
    found = unit_costs(result, scenario).set_index(["option", "draw", "unit"])
    measures = measures_by_run(result, scenario).groupby(["option", "draw"], observed=True).mean()
    expected = measures["total_cost"] / measures["supported_in_need"]
    for (option, draw), cost in expected.items():
        row = found.loc[(option, draw, "supported victim in need")]
        assert row["cost_gbp"] == pytest.approx(cost, rel=1e-12)


def test_the_fixed_share_is_all_but_attempts_and_cases(result, scenario):
    found = unit_costs(result, scenario)
    lines = (
        annual_costs(result, scenario).groupby(["option", "draw", "line"], observed=True)["cost_gbp"].sum()
    )
    wide = lines.unstack("line")
    expected = 1 - (wide["attempts"] + wide["cases"]) / wide.sum(axis=1)
    for unit, own in found.groupby("unit", observed=True):
        shares = own.set_index(["option", "draw"])["fixed_share"]
        np.testing.assert_allclose(shares.loc[expected.index], expected, err_msg=str(unit))
        assert shares.between(0, 1).all()

"""What a result hangs on: against functions whose answer is known, and on the West Midlands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.appraisal.discovery import discover
from victimsmodel.appraisal.points import central_points, measure_at
from victimsmodel.appraisal.robustness import Requirement, regret, satisficing
from victimsmodel.appraisal.sensitivity import given_data_indices, sobol_table, tornado
from victimsmodel.appraisal.switching import switching_values
from victimsmodel.errors import InputError

WEST_MIDLANDS = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
SEED = 20261122
#: First-order and total indices of the Ishigami function with a = 7, b = 0.1 (Saltelli et al. 2008).
ISHIGAMI = {"a": (0.3139, 0.5576), "b": (0.4424, 0.4424), "c": (0.0, 0.2437)}


def ishigami(sample):
    a, b, c = (2 * np.pi * (sample - 0.5)).T
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


@pytest.fixture(scope="module")
def scenario():
    return vm.load_scenario(WEST_MIDLANDS)


def test_sobol_indices_of_the_ishigami_function_agree_with_the_closed_form():
    found = sobol_table(ishigami, list("abc"), 2048, SEED).set_index("input")
    for name, (first, total) in ISHIGAMI.items():
        assert abs(found.loc[name, "first"] - first) < 2 * found.loc[name, "first_half_width"] + 0.01
        assert abs(found.loc[name, "total"] - total) < 2 * found.loc[name, "total_half_width"] + 0.01
    assert found["has_converged"].all()


def test_sobol_indices_from_too_few_points_are_flagged():
    assert not sobol_table(ishigami, list("abc"), 8, SEED)["has_converged"].all()


def test_given_data_indices_agree_with_the_closed_form():
    sample = np.random.default_rng(SEED).random((4_000, 3))
    found = given_data_indices(ishigami(sample), dict(zip("abc", sample.T, strict=True))).set_index("input")
    for name, (first, _) in ISHIGAMI.items():
        assert found.loc[name, "index"] == pytest.approx(
            first, abs=5 * found.loc[name, "standard_error"] + 0.02
        )
    assert not found.loc["c", "is_clear"]
    assert found.loc["a", "is_clear"]


def test_the_direction_of_a_clear_input_is_the_sign_of_its_effect():
    rng = np.random.default_rng(SEED)
    inputs = {name: rng.random(500) for name in "udz"}
    found = given_data_indices(3 * inputs["u"] - 2 * inputs["d"], inputs).set_index("input")
    assert found["direction"].to_dict() == {"u": 1, "d": -1, "z": 0}


def test_a_tornado_leaves_no_chance_between_two_points(scenario):
    points = central_points(scenario, 3)
    values = measure_at(scenario, ["business_as_usual"], points, "supported_in_need")
    assert np.ptp(values) == 0


def test_bars_of_a_tornado_are_what_the_measure_becomes_less_the_central_value(scenario):
    names = ["demand.need", "costs.fixed"]
    found = tornado(scenario, "supported_in_need", "business_as_usual", inputs=names, n_replications=1)
    np.testing.assert_array_equal(found["at_low"] - found["central"], found["change_low"])
    np.testing.assert_array_equal(found["at_high"] - found["central"], found["change_high"])
    by_input = found.set_index("input")
    assert by_input.loc["costs.fixed", "swing"] == 0  # money supports nobody by itself
    assert by_input.loc["demand.need", "at_low"] < by_input.loc["demand.need", "at_high"]
    assert found["input"].iloc[0] == "demand.need"


def test_a_tornado_of_a_difference_is_the_difference_of_two_tornados(scenario):
    names, other = ["demand.need"], "phone_first"
    one, two = (
        tornado(scenario, "supported", option, inputs=names, n_replications=1)
        for option in (other, "business_as_usual")
    )
    both = tornado(scenario, "supported", other, "business_as_usual", inputs=names, n_replications=1)
    for column in ("central", "at_low", "at_high"):
        np.testing.assert_allclose(both[column], one[column] - two[column])


def test_an_unknown_measure_is_refused_with_the_nearest_one(scenario):
    with pytest.raises(InputError, match="Did you mean supported"):
        tornado(scenario, "suported", "business_as_usual", inputs=["demand.need"])


def test_a_decision_turns_where_the_expected_gain_is_nought():
    rng = np.random.default_rng(SEED)
    x, y = rng.random((2, 3_000))
    gain = (x - 0.3) + 0.5 * (y - 0.5)
    found = switching_values(gain, {"x": x, "y": y, "z": rng.random(3_000)}).set_index("input")
    assert found.loc["x", "switches_at"] == pytest.approx(0.3, abs=0.02)
    assert found.loc["x", "better"] == "above"
    assert found.loc["x", "probability_past"] == pytest.approx(0.3, abs=0.03)
    assert found.loc["y", "switches_at"] == pytest.approx(0.1, abs=0.05)  # mean gain 0.2 less 0.5 (0.5 - y)
    assert found.loc["z", "better"] == "everywhere"
    assert found.loc["z", "probability_past"] == 0


def test_discovery_finds_the_corner_in_which_an_option_fails():
    rng = np.random.default_rng(SEED)
    inputs = {name: rng.random(2_000) for name in ("reach", "need", "cost")}
    chance = np.where((inputs["reach"] < 0.3) & (inputs["need"] > 0.6), 0.9, 0.1)
    fails = rng.random(2_000) < chance
    found = discover(fails, inputs)
    limits = {(one.input, one.is_below): one.value for one in found.limits}
    assert limits.keys() == {("reach", True), ("need", False)}
    assert limits["reach", True] == pytest.approx(0.3, abs=0.05)
    assert limits["need", False] == pytest.approx(0.6, abs=0.07)
    assert found.held_density == pytest.approx(0.9, abs=5 * np.sqrt(0.09 / found.n_held))
    assert found.base_rate == fails.mean()


def test_discovery_finds_nothing_where_failures_are_chance():
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        inputs = {name: rng.random(300) for name in "abcdef"}
        found.append(bool(discover(rng.random(300) < 0.3, inputs).limits))
    assert np.mean(found) <= 0.05  # at most 1 % each by construction


def test_discovery_says_nothing_of_a_handful_of_failures():
    fails = np.arange(500) < 10
    assert discover(fails, {"x": np.arange(500) / 500}).limits == ()


def test_minimax_regret_of_savage_on_a_table_by_hand():
    # two states; regrets: a 0 and 6, b 4 and 0, c 2 and 3
    found = regret(["a", "b", "c"], np.array([[10.0, 6.0, 8.0], [1.0, 7.0, 4.0]])).set_index("option")
    assert found["most_regret"].to_dict() == {"a": 6.0, "b": 4.0, "c": 3.0}
    assert found["mean_regret"].to_dict() == {"a": 3.0, "b": 2.0, "c": 2.5}
    assert found["is_least"].to_dict() == {"a": False, "b": False, "c": True}


def test_good_enough_means_every_requirement_in_the_same_draw():
    index = pd.MultiIndex.from_product([["a", "b"], range(4)], names=["option", "draw"])
    measures = pd.DataFrame(
        {"coverage": [1, 2, 3, 4, 4, 4, 4, 4], "cost": [9, 1, 1, 9, 9, 9, 1, np.nan]}, index=index
    )
    wanted = [Requirement("coverage", 2, "at least"), Requirement("cost", 5, "at most")]
    found = satisficing(measures, wanted).set_index(["option", "requirement"])["share"]
    assert found["a", "all"] == 0.5
    assert found["a", "coverage at least 2"] == 0.75
    assert found["b", "cost at most 5"] == 0.25

"""Choosing between options: frontier, acceptability, and what it would be worth to know more."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from victimsmodel.appraisal.acceptability import (
    acceptability,
    chosen,
    decision_curves,
    expected_loss,
    net_benefits,
    perfect_information,
)
from victimsmodel.appraisal.frontier import best_buy, frontier
from victimsmodel.appraisal.information import (
    binomial_study,
    growing_information,
    partial_information,
    sample_information,
)

#: HIV screening, Paltiel et al. (2006), Annals of Internal Medicine 145, as worked in the manual of the R
#: package dampack: costs in USD, effects in quality-adjusted life-years.
HIV = {
    "status quo": (26_000, 277.25 / 12),
    "one time": (27_000, 277.57 / 12),
    "every five years": (28_020, 277.78 / 12),
    "every three years": (28_440, 277.83 / 12),
    "every year": (29_440, 277.76 / 12),
}
SEED, N = 20261122, 2_000


def test_the_frontier_agrees_with_the_published_screening_example():
    costs, effects = zip(*HIV.values(), strict=True)
    found = frontier(list(HIV), costs, effects).set_index("option")
    expected = {"one time": 37_500.0, "every five years": 58_285.71, "every three years": 100_800.0}
    for option, icer in expected.items():
        assert found.loc[option, "icer"] == pytest.approx(icer, abs=0.01)
    assert found.loc["every year", "position"] == "dominated"
    assert found.loc["every year", "by"] in {"every five years", "every three years"}
    assert list(found["position"]).count("on the frontier") == 4


def test_an_option_that_a_mixture_of_two_others_beats_is_extendedly_dominated():
    found = frontier(["a", "b", "c"], [0, 60, 100], [0, 10, 40]).set_index("option")
    assert found.loc["b", "position"] == "extendedly dominated"
    assert found.loc["b", "by"] == "a and c"
    assert found.loc["c", "icer"] == 2.5
    assert np.isnan(found.loc["b", "icer"])


def test_options_that_cost_and_do_the_same_are_equal_and_one_stays():
    found = frontier(["a", "b", "c"], [10, 10, 30], [5, 5, 6]).set_index("option")
    assert found.loc["b", "position"] == "equal"
    assert found.loc["b", "by"] == "a"
    assert found.loc["c", "icer"] == 20


@pytest.mark.parametrize(
    ("costs", "effects"),
    [
        ([0, 60, 100], [0, 10, 40]),
        ([50, 20, 90], [3, 3, 9]),
        ([10, 10, 5], [1, 1, 2]),
        ([-5, 0, 7], [-2, 0, 3]),
    ],
)
def test_three_options_in_every_order_give_the_same_decision(costs, effects):
    names = ["grant", "tender", "in-house"]
    for threshold in (0.0, 1.0, 2.4, 2.6, 50.0):
        decisions = set()
        for order in permutations(range(3)):
            table = frontier(*([x[i] for i in order] for x in (names, costs, effects)))
            option = best_buy(table, threshold)
            decisions.add((costs[names.index(option)], effects[names.index(option)]))
        assert len(decisions) == 1


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(-20, 20)), min_size=1, max_size=7),
    st.integers(0, 400).map(lambda x: x / 8 + 1 / 64),
)
def test_ratios_along_the_frontier_and_net_benefit_choose_alike(options, threshold):
    costs, effects = zip(*options, strict=True)
    names = [f"option {i}" for i in range(len(options))]
    table = frontier(names, costs, effects)
    i = names.index(best_buy(table, threshold))
    benefit = threshold * np.array(effects) - np.array(costs)
    assert benefit[i] == pytest.approx(benefit.max(), abs=1e-9)
    steps = table["icer"].dropna().to_numpy()
    assert (np.diff(steps) > 0).all()


def test_costs_that_are_missing_are_refused():
    with pytest.raises(ValueError, match="finite"):
        frontier(["a", "b"], [1, np.nan], [1, 2])
    with pytest.raises(ValueError, match="named once"):
        frontier(["a", "a"], [1, 2], [1, 2])
    with pytest.raises(ValueError, match="finite"):
        net_benefits([[np.inf]], [[1.0]], [1.0])


def test_the_option_to_choose_need_not_be_the_one_that_is_best_most_often():
    benefits = np.array([[0.0, 1.0]] * 6 + [[0.0, -4.0]] * 4)  # better in six draws, far worse in four
    assert acceptability(benefits).tolist() == [0.4, 0.6]
    assert chosen(benefits) == 0
    assert expected_loss(benefits).tolist() == pytest.approx([0.6, 1.6])
    assert perfect_information(benefits) == pytest.approx(0.6)


def test_ties_share_a_draw_equally():
    assert acceptability(np.array([[1.0, 1.0, 0.0]])).tolist() == [0.5, 0.5, 0.0]


def test_curves_hold_one_chosen_option_at_each_threshold_and_probabilities_that_sum_to_one():
    rng = np.random.default_rng(SEED)
    costs, effects = rng.normal(100, 10, (500, 3)), rng.normal([1, 2, 3], 1, (500, 3))
    curves = decision_curves(["a", "b", "c"], costs, effects, [0, 5, 50])
    by_threshold = curves.groupby("threshold")
    assert (by_threshold["is_chosen"].sum() == 1).all()
    np.testing.assert_allclose(by_threshold["probability_best"].sum(), 1.0)
    np.testing.assert_allclose(
        by_threshold["expected_loss"].min(), by_threshold["perfect_information"].first()
    )


def gaussian_value(deviation: float, mean: float = 0.2) -> float:
    """Expected gain of choosing after a normal incremental net benefit's knowable part is known."""
    return float(deviation * norm.pdf(mean / deviation) - mean * norm.cdf(-mean / deviation))


def linear_case(n_draws: int = N):
    """Incremental net benefit 0.2 + x + 2 y with standard normal inputs, and an input without effect."""
    rng = np.random.default_rng(SEED)
    inputs = dict(zip("xyz", rng.standard_normal((3, n_draws)), strict=True))
    gain = 0.2 + inputs["x"] + 2 * inputs["y"]
    return np.column_stack([np.zeros(n_draws), gain]), inputs


@pytest.mark.parametrize(
    ("names", "exact", "printed"),
    [
        ("x", gaussian_value(1.0), 0.30689),
        ("y", gaussian_value(2.0), 0.70187),
        ("xy", gaussian_value(5**0.5), 0.7956),
    ],
)
def test_partial_information_agrees_with_the_closed_form_of_the_linear_gaussian_case(names, exact, printed):
    benefits, inputs = linear_case()
    found = partial_information(benefits, inputs, list(names))
    assert exact == pytest.approx(printed, abs=5e-5)
    assert abs(found.value - exact) < 3 * found.standard_error
    assert found.standard_error < 0.04


def test_perfect_information_agrees_with_the_closed_form():
    benefits, _ = linear_case(100_000)
    gain = benefits[:, 1]
    error = np.maximum(-gain, 0).std() / np.sqrt(len(gain))
    assert abs(perfect_information(benefits) - 0.7956279) < 5 * error


def test_an_input_without_effect_is_worth_nothing_beyond_its_standard_error():
    benefits, inputs = linear_case()
    found = partial_information(benefits, inputs, ["z"])
    assert 0 <= found.value <= 3 * found.standard_error


def test_standard_errors_of_partial_information_say_how_far_it_is_off():
    scores = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x, y = rng.standard_normal((2, 500))
        benefits = np.column_stack([np.zeros(500), 0.2 + x + 2 * y])
        found = partial_information(benefits, {"x": x, "y": y}, ["x"])
        scores.append((found.value - gaussian_value(1.0)) / found.standard_error)
    assert abs(np.mean(scores)) < 4 / np.sqrt(60)
    assert 0.7 < np.std(scores) < 1.35  # a standard deviation of 60 scores has a standard error of 9 %


def test_knowing_more_is_never_worth_less():
    rng = np.random.default_rng(SEED)
    inputs = {name: rng.standard_normal(400) for name in "abcde"}
    benefits = rng.normal(0, 3, (400, 4)) + np.outer(inputs["a"] * inputs["b"], [0, 1, -1, 2])
    for order in ("abcde", "edcba"):
        values = [one.value for one in growing_information(benefits, inputs, list(order))]
        assert (np.diff(values) >= 0).all()
        assert values[0] >= 0
        assert values[-1] <= perfect_information(benefits)


def test_the_order_and_repetition_of_inputs_do_not_matter():
    benefits, inputs = linear_case(500)
    assert partial_information(benefits, inputs, ["x", "y"]) == partial_information(
        benefits, inputs, ["y", "x", "y"]
    )


def test_a_sample_is_worth_less_than_knowing_and_more_the_larger_it_is():
    rng = np.random.default_rng(SEED)
    reach = rng.beta(8, 12, 4_000)
    benefits = np.column_stack([np.zeros(4_000), 100 * (reach - 0.41)])
    known = partial_information(benefits, {"reach": reach}, ["reach"])
    small, large = (
        sample_information(benefits, binomial_study(reach, n_trials, SEED)) for n_trials in (20, 500)
    )
    assert small.value < large.value < known.value + known.standard_error
    # the study's mean shrinks towards the prior by n / (n + a + b): a closed form up to normality
    spread = 100 * np.sqrt(8 * 12 / (20**2 * 21))
    for found, n_trials in ((small, 20), (large, 500)):
        knowable = spread * np.sqrt(n_trials / (n_trials + 20))
        exact = gaussian_value(knowable, abs(100 * (0.4 - 0.41)))
        assert found.value == pytest.approx(exact, abs=4 * found.standard_error + 0.03 * exact)


def test_too_few_draws_and_unknown_inputs_are_refused():
    benefits, inputs = linear_case(20)
    with pytest.raises(ValueError, match="need at least 50 draws; there are 20"):
        partial_information(benefits, inputs, ["x"])
    with pytest.raises(ValueError, match="not among the inputs: reach"):
        partial_information(benefits, inputs, ["reach"])


def test_the_regression_agrees_with_the_additive_model_of_statsmodels():
    from statsmodels.gam.api import BSplines, GLMGam

    from victimsmodel.appraisal.smoothing import fit, smoother_of

    _, inputs = linear_case(400)
    rng = np.random.default_rng(1)
    gains = np.sin(inputs["x"])[:, None] + 0.3 * rng.standard_normal((400, 1))
    smoother = smoother_of(inputs["x"][:, None])
    fitted, kept = fit(smoother, gains)
    penalised = smoother.roughness > 1e-8
    weight = ((1 / kept[penalised, 0] - 1) / smoother.roughness[penalised])[0]
    x = inputs["x"]
    splines = BSplines((x - x.mean()) / x.std(), df=[10], degree=[3])
    second = GLMGam(gains[:, 0], exog=np.ones((400, 1)), smoother=splines, alpha=[weight / 2]).fit()
    np.testing.assert_allclose(second.fittedvalues, fitted[:, 0], atol=2e-3)

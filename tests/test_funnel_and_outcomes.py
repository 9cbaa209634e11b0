"""Funnel limits against exact quantiles and statsmodels; outcome measures against hand computation."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.proportion import proportion_confint

from victimsmodel.errors import InputError
from victimsmodel.monitoring.funnel_plot import binomial_limit, funnel_plot
from victimsmodel.monitoring.outcomes import (
    outcome_measures,
    share_if_others_differ,
    tipping_odds_ratio,
    wilson,
)


def areas(events, trials):
    return pd.DataFrame(
        {"area": [f"area {i}" for i in range(len(events))], "events": events, "trials": trials}
    )


@pytest.mark.parametrize("p", [0.001, 0.025, 0.975, 0.999])
def test_funnel_limits_stand_within_the_exact_binomial_step(p):
    for n in (20, 137, 2_000):
        r = binom.ppf(p, n, 0.11)
        limit = float(binomial_limit(p, [n], 0.11)[0]) * n
        assert max(r - 1, 0) <= limit <= r
        # where the cumulative probability, drawn as a line between counts, is p
        here = np.interp(limit, [r - 1, r], binom.cdf([r - 1, r], n, 0.11))
        assert limit == 0 or here == pytest.approx(p, rel=1e-9)


def test_funnel_limits_are_normal_ones_for_large_areas():
    n, share = 400_000, 0.2
    for p in (0.025, 0.999):
        expected = share + norm.ppf(p) * np.sqrt(share * (1 - share) / n)
        assert binomial_limit(p, [n], share)[0] == pytest.approx(expected, abs=1.5 / n)


def test_tau_is_that_of_dersimonian_and_laird_in_statsmodels():
    rng = np.random.default_rng(2)
    trials = rng.integers(300, 4000, 14)
    table = areas(rng.binomial(trials, np.clip(0.12 + 0.03 * rng.standard_normal(14), 0.01, 1)), trials)
    found = funnel_plot(table, winsorise=0, spread="additive")
    variance = found.target * (1 - found.target) / trials
    other = combine_effects((table["events"] / trials).to_numpy(), variance, method_re="chi2")
    assert found.tau**2 == pytest.approx(other.tau2, rel=1e-10)
    assert found.dispersion * 14 == pytest.approx(other.q, rel=1e-10)
    widths = found.areas["high_95"].to_numpy() - found.target
    assert widths == pytest.approx(1.959964 * np.sqrt(variance + other.tau2), rel=1e-6)


def test_multiplicative_limits_are_wider_by_the_root_of_phi():
    rng = np.random.default_rng(3)
    trials = rng.integers(300, 4000, 14)
    found = funnel_plot(
        areas(rng.binomial(trials, rng.uniform(0.05, 0.2, 14)), trials), spread="multiplicative"
    )
    chance = np.sqrt(found.target * (1 - found.target) / trials)
    assert found.areas["high_998"].to_numpy() - found.target == pytest.approx(
        norm.ppf(0.999) * chance * np.sqrt(found.dispersion)
    )


def test_winsorised_dispersion_is_that_of_clipped_scores():
    trials = np.full(10, 1000)
    events = [100, 101, 99, 100, 102, 98, 100, 97, 103, 300]
    found = funnel_plot(areas(events, trials), target=0.1)
    z = (np.array(events) / 1000 - 0.1) / np.sqrt(0.1 * 0.9 / 1000)
    low, high = np.quantile(z, [0.1, 0.9])
    assert found.dispersion == pytest.approx((np.clip(z, low, high) ** 2).mean())
    assert found.areas["verdict"].iloc[-1] == "above 99.8% limits"


def test_chance_alone_is_advised_chance_limits_and_leaves_them_rarely():
    rng, outside, advised = np.random.default_rng(4), 0, 0
    for _ in range(40):
        trials = rng.integers(200, 5000, 20)
        found = funnel_plot(areas(rng.binomial(trials, 0.3), trials), target=0.3)
        outside += int((found.areas["verdict"] != "within").sum()) if found.spread == "chance" else 0
        advised += found.spread == "chance"
    error = np.sqrt(0.05 * 0.95 / (20 * advised))
    assert advised >= 36
    assert abs(outside / (20 * advised) - 0.05) < 5 * error


def test_funnels_of_few_areas_or_impossible_targets_are_refused():
    with pytest.raises(InputError, match=r"has 2 areas; must have at least 5. \[VM158\]"):
        funnel_plot(areas([1, 2], [10, 10]))
    with pytest.raises(InputError, match=r"target = 1.2: must lie between 0 and 1. \[VM158\]"):
        funnel_plot(areas([1] * 6, [10] * 6), target=1.2)


@pytest.mark.parametrize(("events", "trials"), [(0, 10), (7, 10), (10, 10), (81, 263)])
def test_wilson_intervals_are_those_of_statsmodels_and_of_the_formula(events, trials):
    low, high = wilson(events, trials)
    assert (low, high) == pytest.approx(proportion_confint(events, trials, method="wilson"))
    z, p = norm.ppf(0.975), events / trials
    middle = (p + z**2 / (2 * trials)) / (1 + z**2 / trials)
    reach = z / (1 + z**2 / trials) * np.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2))
    assert (low, high) == pytest.approx((middle - reach, middle + reach))


def test_newcombes_wilson_interval_of_81_in_263():
    low, high = wilson(81, 263)  # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3
    assert (round(float(low), 4), round(float(high), 4)) == (0.2553, 0.3662)


def test_an_odds_ratio_of_one_changes_nothing_and_its_extremes_are_the_bounds():
    p, r = 0.7, 0.4
    assert share_if_others_differ(p, r, 1) == pytest.approx(p)
    assert share_if_others_differ(p, r, 1e-12) == pytest.approx(r * p)
    assert share_if_others_differ(p, r, 1e12) == pytest.approx(r * p + 1 - r)


def test_the_tipping_odds_ratio_leads_to_its_threshold():
    ratio = tipping_odds_ratio(0.7, 0.4, 0.5)
    assert share_if_others_differ(0.7, 0.4, ratio) == pytest.approx(0.5)
    assert np.isnan(tipping_odds_ratio(0.7, 0.4, 0.2))  # below the worst case of 0.28


def test_one_measure_by_hand():
    table = pd.DataFrame({"measure": ["safety"], "eligible": [100], "answered": [40], "improved": [30]})
    row = outcome_measures(table, odds_ratios=[1 / 3]).iloc[0]
    assert (row["share"], row["response"], row["worst"], row["best"]) == (0.75, 0.4, 0.3, 0.9)
    assert row["adjusted"] == pytest.approx(0.4 * 0.75 + 0.6 * 0.5)  # odds 3 become 1
    ends = [float(x) for x in wilson(30, 40)]
    assert [row["adjusted_low"], row["adjusted_high"]] == pytest.approx(
        share_if_others_differ(ends, 0.4, 1 / 3)
    )
    assert row["title"] == "Increased feelings of safety"


def test_groups_are_weighted_by_their_eligible_victims_and_cost_kishs_design_effect():
    table = pd.DataFrame(
        {
            "measure": ["cope", "cope"],
            "group": ["a", "b"],
            "eligible": [100, 200],
            "answered": [50, 20],
            "improved": [40, 10],
        }
    )
    row = outcome_measures(table, odds_ratios=[1]).iloc[0]
    weights = np.repeat([2.0, 10.0], [50, 20])
    assert row["weighted"] == pytest.approx((100 * 0.8 + 200 * 0.5) / 300)
    assert row["design_effect"] == pytest.approx(70 * (weights**2).sum() / weights.sum() ** 2)
    assert row["adjusted"] == pytest.approx(row["weighted"])
    n = 70 / row["design_effect"]
    assert row["weighted_low"] == pytest.approx(float(wilson(0.6 * n, n)[0]))


def test_intervals_of_everyones_share_cover_it_when_the_odds_ratio_is_right():
    rng, repeats, p, ratio = np.random.default_rng(11), 4000, 0.7, 0.5
    answered = rng.binomial(300, 0.4, repeats)
    ends = wilson(rng.binomial(answered, p), answered)
    low, high, truth = (share_if_others_differ(x, answered / 300, ratio) for x in (*ends, p))
    held = ((low <= truth) & (truth <= high)).mean()
    # Wilson's own coverage at 120 answers wanders within 0.01 of 0.95
    assert abs(held - 0.95) < 5 * np.sqrt(0.95 * 0.05 / repeats) + 0.01


def test_impossible_outcomes_are_refused_together():
    table = pd.DataFrame(
        {"measure": ["a", "b"], "eligible": [10, 10], "answered": [11, 0], "improved": [3, 0]}
    )
    with pytest.raises(InputError) as caught:
        outcome_measures(table, odds_ratios=[0])
    assert [problem.code for problem in caught.value.problems] == ["VM159"] * 3
    assert "must be above 0 where victims are eligible" in str(caught.value)

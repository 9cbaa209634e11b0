"""Calibration against a posterior known exactly, simulation-based calibration, and its honesty."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import beta, betabinom, genpareto, nbinom, norm

from victimsmodel.errors import InputError
from victimsmodel.inputs.assumptions import stated_assumptions
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.estimates_file import LinkedEstimates
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.observed import ObservedTotal, load_observed
from victimsmodel.pathway.calibrate import calibrate
from victimsmodel.pathway.calibration_tables import MOVED, UNTOUCHED
from victimsmodel.pathway.capacity import corrected, simulated_years
from victimsmodel.pathway.hold_out import hold_out, return_rows
from victimsmodel.pathway.observing import draw_data, linked, log_density, predicted_totals
from victimsmodel.pathway.predicting import predictor
from victimsmodel.pathway.proposals import drawn, fitted, log_mixture, log_ratio
from victimsmodel.pathway.simulation_based import next_coverage, rank_statistics
from victimsmodel.pathway.weights import fitted_pareto, smoothed, systematic
from victimsmodel.reporting.readable_calibration import (
    calibrated_fit,
    calibrated_inputs,
    calibration_findings,
)

SCENARIO = "parameters/west-midlands.yaml"
OPTION = "business_as_usual"
Z = 5.0  # standard errors


def total(stage, of=None, **numbers):
    return ObservedTotal(stage=stage, of=of, source="assumption", definition="of a test", **numbers)


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO)


@pytest.fixture(scope="module")
def published(scenario):
    return calibrate(scenario, n_draws=1_500, capacity_years=16)


@pytest.fixture(scope="module")
def bank(scenario):
    """Return independent draws of the prior with what they predict of a small return."""
    rows = (
        total("contacted", "referred", events=100, trials=400),
        total("supported", "contacted", events=80, trials=200),
        total("supported", value=19000.0, low=15000.0, high=24000.0),
    )
    own = predictor(scenario, OPTION, rows, with_load=False)
    scores = np.random.default_rng(5).standard_normal((2_000, len(own.names)))
    return rows, own.names, scores, own(scores).totals


@pytest.fixture(scope="module")
def one_unknown(scenario):
    """Return the scenario with one uncertain input: 45 of 50 victims are transferred."""
    fixed = {
        row.input: row.estimate.median
        for row in stated_assumptions(scenario)
        if row.option == OPTION and row.input != "referral.transferred"
    }
    return load_scenario(SCENARIO, fixed)


@pytest.mark.parametrize(
    ("events", "trials"), [(70, 100), pytest.param(8_800, 10_000, marks=pytest.mark.long)]
)
def test_one_binomial_input_has_the_beta_posterior_it_should(one_unknown, events, trials):
    seen = [total("referred", "victims", events=events, trials=trials, correlation=0.0)]
    found = calibrate(one_unknown, OPTION, seen, n_draws=1_000, capacity_years=0)
    assert found.predictor.names == ("referral.transferred",)
    assert found.is_enough
    exact = beta(45.5 + events, 5.5 + trials - events)
    weights, values = found.weights.values, found.totals[:, 0]
    error = np.sqrt(np.square(weights) @ np.square(values - exact.mean()))
    assert abs(weights @ values - exact.mean()) < Z * error
    spread = np.square(values - exact.mean())
    assert abs(weights @ spread - exact.var()) < Z * np.sqrt(
        np.square(weights) @ np.square(spread - exact.var())
    )
    row = found.inputs.iloc[0]
    for name, level in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
        reached = exact.cdf(row[f"posterior_{name}"])  # a quantile's level has a binomial standard error
        assert abs(reached - level) < Z * np.sqrt(level * (1 - level) / found.weights.effective)
    points = found.points(400, seed=3)["referral.transferred"]
    values = one_unknown.referral.transferred.quantile(points)
    assert abs(values.mean() - exact.mean()) < Z * exact.std() / np.sqrt(400)


def test_sharp_data_are_reached_in_further_rounds(one_unknown):
    seen = [total("referred", "victims", events=80_000, trials=100_000, correlation=0.0)]
    found = calibrate(one_unknown, OPTION, seen, n_draws=1_000, capacity_years=0)
    assert len(found.bank.sizes) > 1
    assert found.is_enough
    exact = beta(45.5 + 80_000, 5.5 + 20_000)
    assert abs(found.weights.values @ found.totals[:, 0] - exact.mean()) < Z * exact.std() / np.sqrt(250)


def test_ranks_of_the_truth_are_uniform_and_show_a_posterior_20_per_cent_too_narrow(bank):
    rows, names, scores, totals = bank
    quantities, values = [*names, *(row.label for row in rows)], np.column_stack([scores, totals])
    right = rank_statistics(quantities, values, totals, rows, n_replicates=1_000, seed=1).table()
    assert right["p_value"].min() > 1e-4
    narrow = rank_statistics(quantities, values, totals, rows, n_replicates=1_000, seed=1, narrow=0.8).table()
    assert narrow["p_value"].max() < 1e-4


def test_ranks_are_refused_where_the_bank_is_too_small_for_the_data(bank):
    _, names, scores, totals = bank
    sharp = [total("contacted", "referred", events=30_000, trials=120_000, correlation=0.0)] * 2
    with pytest.raises(InputError, match=r"must leave 100 effective draws or more; \d+ are left.* \[VM144\]"):
        rank_statistics(names, scores, totals[:, [0, 0]], sharp, n_replicates=20)


@pytest.mark.long
def test_intervals_of_a_next_quarter_hold_it_as_often_as_they_say(scenario, bank):
    quarters = ("2018Q1", "2018Q2", "2018Q3", "2018Q4")
    stages = (("referred", 370), ("contacted", 100), ("supported", 43))
    table = pd.DataFrame(
        [(q, stage, value) for q in quarters for stage, value in stages], columns=["period", "stage", "value"]
    )
    small = load_scenario(SCENARIO, {"demand.victims_per_year": 1680})
    rows = return_rows(small, table)
    own = predictor(small, OPTION, tuple(rows), with_load=False)
    totals = own(np.random.default_rng(6).standard_normal((1_000, len(own.names)))).totals
    is_last = np.array([row.period == quarters[-1] for row in rows])
    parts = [
        ([row for row, last in zip(rows, is_last, strict=True) if last == which], totals[:, is_last == which])
        for which in (False, True)
    ]
    found = next_coverage(*parts, level=0.9, n_replicates=200)
    assert (np.abs(found["covered"] - 0.9) < 4 * found["standard_error"]).all()


@pytest.mark.long
def test_a_quarter_kept_back_is_compared_with_what_the_others_foretell(scenario):
    stages = (("referred", 37_000), ("contacted", 10_200), ("assessed", 6_900), ("supported", 4_300))
    table = pd.DataFrame(
        [(f"2018Q{q}", stage, value) for q in (1, 2, 3) for stage, value in stages],
        columns=["period", "stage", "value"],
    )
    found = hold_out(scenario, table, n_draws=500, capacity_years=0)
    assert {row.period for row in found.calibration.observed} == {"2018Q1", "2018Q2"}
    shares = [below / above for (_, above), (_, below) in pairwise(stages)]
    assert found.table["observed"].tolist() == [37_000, *shares]
    assert found.covered == 1.0
    shifted = table.copy()
    shifted.loc[shifted.index[-1], "value"] = 1_000
    surprised = hold_out(scenario, shifted, n_draws=500, capacity_years=0)
    assert surprised.table["is_within"].tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stage": "helped"}, r"stage = helped: is not a stage"),
        ({"period": "spring"}, r"period = spring: must be a calendar quarter such as 2018Q2"),
    ],
)
def test_a_return_that_cannot_be_read_is_refused(scenario, change, message):
    table = pd.DataFrame([{"period": "2018Q1", "stage": "referred", "value": 10} | change])
    with pytest.raises(InputError, match=message):
        hold_out(scenario, table)


def test_queues_are_foreseen_on_draws_that_they_were_not_learnt_from(published):
    own = published.predictor
    scores = np.random.default_rng(11).standard_normal((16, len(own.names)))
    years = simulated_years(own, scores, seed=99)
    left = years.gap - published.correction.gap(years.load)
    assert np.sqrt(np.square(left).mean()) < 2 * published.correction.residual_sd[0]
    assert np.sqrt(np.square(left).mean()) < np.sqrt(np.square(years.gap).mean()) / 3
    assert (corrected(own, own(scores), published.correction) <= own(scores).totals).all()


def test_the_published_attrition_moves_reach_up_with_the_stated_staff_and_down_with_ample_staff(
    scenario, published
):
    ample = calibrate(scenario, n_draws=1_500, capacity_years=0)
    reach = [of.inputs.set_index("input").loc["contact.channels.phone.reach"] for of in (published, ample)]
    assert reach[0]["shift"] > Z * reach[0]["shift_se"]
    assert reach[1]["shift"] < -Z * reach[1]["shift_se"]
    assert (reach[0]["verdict"], reach[1]["verdict"]) == (MOVED, MOVED)


def test_inputs_that_the_totals_do_not_depend_on_keep_their_prior(published):
    table = published.inputs.set_index("input")
    for name in (
        "costs.fixed",
        "outcomes.improved",
        "contact.windows.evening",
        "contact.channels.email.reach",
    ):
        assert table.loc[name, "verdict"] == UNTOUCHED
        assert table.loc[name, "posterior_high"] == table.loc[name, "prior_high"]
    assert (
        published.points(50, 1)["costs.fixed"].tolist()
        == draw_points(published.predictor.scenario, 50, 1)["costs.fixed"].tolist()
    )


def test_a_figure_that_the_inputs_cannot_explain_is_named(scenario):
    found = calibrate(
        scenario, OPTION, [total("supported", "referred", events=30, trials=60)], 400, capacity_years=0
    )
    conflict = [text for text in calibration_findings(found) if text.startswith("Conflict")]
    assert len(conflict) == 1
    assert conflict[0].startswith(
        "Conflict: supported of referred was 50.0%, and the stated inputs foretell "
    )
    assert found.fit["prior_p"].iloc[0] < 0.001


def test_totals_that_contradict_each_other_are_named(scenario):
    seen = [
        total("contacted", "referred", events=280, trials=1_000, correlation=0.0),
        total("supported", "contacted", events=450, trials=1_000, correlation=0.0),
        total("supported", "referred", events=180, trials=1_000, correlation=0.0),
    ]
    found = calibrate(scenario, OPTION, seen, 500, capacity_years=0)
    assert found.fit["posterior_p"].min() < 0.05
    assert any(
        "cannot be reproduced together with the other totals" in text for text in calibration_findings(found)
    )


def test_words_and_tables_name_every_part(published):
    text = " ".join(calibration_findings(published))
    assert "Calibrated to 1 observed total: 1,500 draws in 1 round" in text
    untouched = int((published.inputs["verdict"] == UNTOUCHED).sum())
    assert f"{untouched} have no bearing on the totals" in text
    assert calibrated_fit(published.fit).index.tolist() == ["Supported of referred, 2017/18"]
    assert "Reach of a first call" in calibrated_inputs(published.inputs, published.predictor.scenario).index


def test_a_tail_has_the_shape_it_was_drawn_with():
    for shape in (0.1, 0.5, 0.9):
        n, repeats = 2_000, 20
        found = [
            fitted_pareto(np.sort(genpareto(shape).rvs(n, random_state=seed)))[0] for seed in range(repeats)
        ]
        drawn_in = (n * shape + 10 * 0.5) / (n + 10)  # the prior of ten observations
        assert abs(np.mean(found) - drawn_in) < Z * (1 + shape) / np.sqrt(n * repeats)


def test_smoothed_weights_judge_the_proposal():
    generator = np.random.default_rng(2)
    x = generator.standard_normal(4_000)
    good = smoothed(norm(0, 0.7).logpdf(x) - norm(0, 1).logpdf(x))
    assert good.is_reliable
    assert good.values.sum() == pytest.approx(1)
    exact = 4_000 * 0.7 * np.sqrt(2 - 0.49)  # one over the mean of the squared ratio
    assert good.effective == pytest.approx(exact, rel=0.05)
    bad = smoothed(norm(0, 10).logpdf(x) - norm(0, 1).logpdf(x))
    assert not bad.is_reliable


def test_systematic_resampling_takes_each_draw_its_weight_times():
    weights = np.array([0.5, 0.3, 0.2])
    assert np.bincount(systematic(weights, 10, np.random.default_rng(0))).tolist() == [5, 3, 2]


def test_a_linear_normal_posterior_is_proposed_in_the_direction_that_matters():
    generator = np.random.default_rng(4)
    slope = np.array([2.0, 1.0, 0.0, 0.0, 0.0])
    scores = generator.standard_normal((20_000, 5))
    link = scores @ slope
    likelihood = norm(link, 1.0).logpdf(3.0)
    weights = np.exp(likelihood) / np.exp(likelihood).sum()
    proposal = fitted(scores, link[:, None], weights)
    unit = slope / np.sqrt(5)
    assert np.abs(proposal.directions[:, 0]) == pytest.approx(unit, abs=1e-6)
    error = np.sqrt(1 / 6 / 3_000)  # of a mean with variance 1 / (1 + 5) over the effective draws
    assert abs(proposal.mean[0]) == pytest.approx(np.sqrt(5) * 3 / 6, abs=Z * error)
    more = drawn(proposal, 20_000, generator)
    assert np.abs(more[:, 2:].std(axis=0) - 1).max() < Z / np.sqrt(2 * 20_000)
    assert (
        np.corrcoef(log_ratio(proposal, more), log_ratio(proposal, np.outer(more @ unit, unit)))[0, 1]
        > 1 - 1e-9
    )
    every = np.concatenate([scores, more])
    log_weights = norm(every @ slope, 1.0).logpdf(3.0) - log_mixture([proposal], [20_000, 20_000], every)
    found = smoothed(log_weights)
    assert abs(found.values @ (every @ slope) - 2.5) < Z * np.sqrt(5 / 6 / found.effective)


@pytest.mark.parametrize(
    ("row", "exact"),
    [
        (
            total("referred", "victims", events=7, trials=20, correlation=0.1),
            lambda p: betabinom(20, 9 * p, 9 * (1 - p)),
        ),
        (total("referred", events=7, correlation=0.25, years=0.5), lambda m: nbinom(4, 4 / (4 + m / 2))),
    ],
)
def test_counts_have_the_density_and_the_draws_of_their_distribution(row, exact):
    predicted = np.array([0.2, 0.4, 0.6]) if row.is_share else np.array([10.0, 20.0, 40.0])
    for data in (3, 7):
        found = log_density(row, predicted, data)
        wanted = np.array([exact(x).logpmf(data) for x in predicted])
        assert found - found[0] == pytest.approx(wanted - wanted[0])  # up to a constant of the data
    n = 20_000
    draws = draw_data(row, np.full(n, predicted[1]), np.random.default_rng(8))
    known = exact(predicted[1])
    assert abs(draws.mean() - known.mean()) < Z * known.std() / np.sqrt(n)
    assert draws.var() == pytest.approx(known.var(), rel=0.08)


def test_a_published_share_lies_about_the_prediction_with_its_stated_width():
    row = total("supported", "referred", value=0.115, low=0.10, high=0.14)
    predicted = np.full(40_000, 0.12)
    draws = linked([row], draw_data(row, predicted, np.random.default_rng(9))[:, None])[:, 0]
    low, mid, high = linked([row], np.array([[0.10], [0.115], [0.14]]))[:, 0]
    below, above = (mid - low) / norm.ppf(0.95), (high - mid) / norm.ppf(0.95)
    centre = linked([row], np.array([[0.12]]))[0, 0]
    assert (draws > centre).mean() == pytest.approx(below / (below + above), abs=Z * 0.5 / 200)
    grid = np.linspace(-6, 2, 20_001)
    density = np.exp(log_density(row, np.full(grid.size, 0.12), expit(grid)))
    mean = (grid * density).sum() / density.sum()
    assert abs(draws.mean() - mean) < Z * draws.std() / 200


def test_predicted_totals_are_those_of_the_named_group(scenario):
    rows = [
        total("contacted", "referred", group=name, events=1, trials=2)
        for name in ("robbery", "enhanced", None)
    ]
    own = predictor(scenario, OPTION, tuple(rows), with_load=False)
    shares = own(np.zeros((1, len(own.names)))).totals[0]
    assert len(set(shares.round(6))) == 3
    assert shares.max() == shares[1]  # they are called


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"events": 3}, "observed[0].trials: is missing: a share needs all who came so far. [VM140]"),
        ({"events": 3, "trials": 2}, "observed[0].events = 3: must be at most trials (2). [VM140]"),
        ({}, "observed[0]: must state either events, or value with low and high. [VM140]"),
        (
            {"value": 1.2, "low": 0.1, "high": 0.3},
            "observed[0].value = 1.2: must be a probability",
        ),
    ],
)
def test_an_observed_total_that_makes_no_sense_is_refused_with_its_place(tmp_path, numbers, message):
    row = {"stage": "supported", "of": "referred", "source": "assumption", "definition": "x"} | numbers
    path = tmp_path / "seen.csv"
    path.write_text(f"{','.join(row)}\n{','.join(str(x) for x in row.values())}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_observed(path)
    assert str(caught.value).startswith(f"{path}:2: {message}")


def test_observed_totals_come_from_a_file_too(tmp_path, scenario):
    path = tmp_path / "seen.csv"
    text = "stage,of,value,low,high,source,definition\nsupported,referred,0.115,0.10,0.14,assumption,x\n"
    path.write_text(text, encoding="utf-8")
    found = calibrate(scenario, OPTION, path, n_draws=100, capacity_years=0)
    stated = calibrate(scenario, OPTION, None, n_draws=100, capacity_years=0)
    assert found.weights.values.tolist() == stated.weights.values.tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"observed": []},
            "calibrate: observed: must hold a total. State them in the scenario",
        ),
        ({"n_draws": 10}, "calibrate: n_draws = 10: must be from 100 to 100,000. [VM143]"),
        (
            {"observed": [total("referred", "victims", events=1, trials=2, group="arson")]},
            "calibrate: observed[0].group = arson: is not a group, crime type or priority of this scenario",
        ),
    ],
)
def test_what_cannot_be_calibrated_is_refused(scenario, arguments, message):
    with pytest.raises(InputError) as caught:
        calibrate(scenario, **arguments)
    assert str(caught.value).startswith(message)


def test_totals_of_a_file_name_groups_and_sources_of_the_scenario(tmp_path, scenario):
    path = tmp_path / "seen.csv"
    rows = "supported,referred,0.115,0.10,0.14,asumption,x,robery\n"
    path.write_text("stage,of,value,low,high,source,definition,group\n" + rows, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        calibrate(scenario, OPTION, path, n_draws=100, capacity_years=0)
    told = {problem.code: str(problem) for problem in caught.value.problems}
    assert told["VM021"].startswith(f"{path}:2: observed[0].group = robery: is not a group")
    source = "observed[0].source = asumption: is not in the sources register. Did you mean assumption?"
    assert told["VM020"] == f"{path}:2: {source} [VM020]"


def test_a_total_that_stands_twice_is_refused(tmp_path, scenario):
    path = tmp_path / "seen.csv"
    row = "supported,referred,169,1000,assumption,x\n"
    path.write_text(f"stage,of,events,trials,source,definition\n{row}{row}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        calibrate(scenario, OPTION, path, n_draws=100, capacity_years=0)
    told = "observed[1]: states the same total as observed[0] once more, which would count it twice."
    assert str(caught.value) == f"{path}:3: {told} Leave one of them out. [VM140]"


def test_counts_that_no_tool_holds_exactly_are_refused(tmp_path):
    path = tmp_path / "seen.csv"
    path.write_text(
        f"stage,of,events,trials,source,definition\nsupported,referred,1,{2**53 + 1},assumption,x\n"
    )
    with pytest.raises(
        InputError, match=r":2: observed\[0\].trials = 9007199254740993: must be from 1 to 2\^53"
    ):
        load_observed(path)
    with pytest.raises(InputError, match="must be from 1 to"):
        load_scenario(SCENARIO, {"observed.0.trials": 10**25})


def test_calibration_of_a_queue_without_end_is_refused_unless_staff_are_ample(scenario):
    desk = {"contact.patience_working_days": 250, "staff.contact_officer.fte": 0.5}
    loaded = load_scenario(SCENARIO, desk)
    with pytest.raises(InputError, match="VM290"):
        calibrate(loaded, n_draws=100)
    assert calibrate(loaded, n_draws=100, capacity_years=0).correction is None


def test_predictions_are_the_exact_engines(scenario):
    from victimsmodel.pathway.expected import expected_counters_of

    rows = (total("supported", "referred", events=1, trials=2), total("referred", events=10))
    own = predictor(scenario, OPTION, rows, with_load=False)
    scores = np.random.default_rng(1).standard_normal((3, len(own.names)))
    counters = expected_counters_of(scenario, OPTION, own.points(scores))
    assert own(scores).totals == pytest.approx(predicted_totals(scenario, counters, rows), rel=1e-12)


def test_inputs_that_were_estimated_together_are_calibrated_together(scenario):
    names = ("contact.channels.phone.reach", "screening.excluded")
    matrix = ((1.0, 0.8), (0.8, 1.0))
    linked_inputs = LinkedEstimates(file="estimates.yaml", names=names, matrix=matrix)
    both = scenario.model_copy(update={"estimates": linked_inputs})
    rows = [total("contacted", "referred", value=0.30, low=0.28, high=0.32)]
    apart, together = (calibrate(one, OPTION, rows, 1_000, 1, 0) for one in (scenario, both))
    prior = together.predictor.input_scores(together.bank.scores[:1_000])
    i, j = (together.predictor.names.index(name) for name in names)
    assert np.corrcoef(prior[:, i], prior[:, j])[0, 1] == pytest.approx(0.8, abs=5 * 0.36 / np.sqrt(1_000))
    # more excluded victims lower contact: what moves reach up moves it down by itself, and up when linked
    shifts = [one.inputs.set_index("input").loc[names[1], "shift"] for one in (apart, together)]
    assert shifts[0] < 0 < shifts[1]


def test_a_posterior_that_is_worth_next_to_no_draws_is_not_written(scenario, tmp_path):
    rows = [
        total("contacted", "referred", value=0.90, low=0.899, high=0.901),
        total("supported", "contacted", value=0.010, low=0.0099, high=0.0101),
    ]
    found = calibrate(scenario, OPTION, rows, 200, 1, 0)
    assert found.weights.effective < 50
    with pytest.raises(InputError, match=r"at least 50 are needed. .*contradict.* \[VM147\]"):
        found.write_posterior(tmp_path / "posterior.csv")
    assert not list(tmp_path.iterdir())

"""Plans: standards as they are stated, the fewest staff, the best use of a grant; brute force agrees."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import victimsmodel as vm
from victimsmodel.appraisal.closed_staffing import closed_lines, closed_share, closed_staff
from victimsmodel.appraisal.grant_search import Budget, Candidate, GrantSearch
from victimsmodel.appraisal.mixes import LEAST_GIVEN, Mixes
from victimsmodel.appraisal.plans_overview import make_plans
from victimsmodel.appraisal.priced import central_pay, priced_service
from victimsmodel.appraisal.selection import (
    Limits,
    Margins,
    Trial,
    best_correct,
    cheapest_correct,
    posterior_shares,
)
from victimsmodel.appraisal.staff_search import Bounds, cheaper_neighbours, cheapest_staff
from victimsmodel.appraisal.staff_trials import Trials
from victimsmodel.appraisal.standards import (
    Standard,
    counted_in_working_days,
    default_standards,
    parse_standards,
    shares_met,
)
from victimsmodel.appraisal.trial_years import TrialYears
from victimsmodel.cli import app
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.records import EXITS, STAGES, WAITS
from victimsmodel.reporting.plan_words import plan_table

WEST_MIDLANDS = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
SMALL = {
    "demand.victims_per_year": 8400,
    "staff.contact_officer.fte": 1,
    "staff.caseworker.fte": 0.25,
    "staff.volunteer.fte": 0.25,
    "costs.fixed": 3000,
}
ENHANCED = "enhanced first_attempt 2 working days 90%"
SUPPORT = "all support 15 days 80%"


@pytest.fixture(scope="module")
def small():
    return vm.load_scenario(WEST_MIDLANDS, SMALL)


@pytest.fixture(scope="module")
def years(small):
    standards = parse_standards([ENHANCED, SUPPORT])
    working = counted_in_working_days(standards)
    return TrialYears(small, "business_as_usual", draw_points(small, 8, 3), 3, working)


def test_a_standard_reads_back_as_it_was_written():
    texts = [ENHANCED, "standard contact 5 days 87.5% of all", "all support 15 days 90%"]
    assert [str(standard) for standard in parse_standards(texts)] == texts


def test_standards_of_the_scenario_hold_for_nine_in_ten(small):
    silent = small.model_copy(update={"plans": None})
    assert [str(standard) for standard in default_standards(silent)] == [
        "enhanced first_attempt 2 days 90%",
        "enhanced contact 5 days 90%",
        "all support 15 days 90%",
    ]


def test_standards_that_a_scenario_plans_for_go_before_its_service_standards(small):
    assert [str(standard) for standard in default_standards(small)] == list(small.plans.standards)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "enhanced attempt 2 days 90%",
            "--standard: enhanced attempt 2 days 90%: the wait must be one of first_attempt, contact, "
            "support. Did you mean first_attempt? [VM181]",
        ),
        (
            "everyone contact 2 days 90%",
            "--standard: everyone contact 2 days 90%: who is meant must be one of all, enhanced, standard. "
            "[VM181]",
        ),
        (
            "all contact 2 weeks 90%",
            "--standard: all contact 2 weeks 90%: must read like: enhanced first_attempt 2 working days 90%. "
            "[VM181]",
        ),
        (
            "all contact 2.5 days 90%",
            "--standard: all contact 2.5 days 90%: the days must be a whole number from 0 to 119. [VM181]",
        ),
        (
            "all contact 2 days 100%",
            "--standard: all contact 2 days 100%: the share must be above 0 % and below 100 %. [VM181]",
        ),
        (
            "all support 2 days 90% of all",
            "--standard: all support 2 days 90% of all: only a contact may be stated of all; attempts and "
            "support always are. [VM181]",
        ),
    ],
)
def test_what_is_no_standard_is_told_what_one_is(text, message):
    with pytest.raises(InputError) as error:
        parse_standards([text])
    assert str(error.value) == message


def test_all_wrong_standards_are_named_at_once():
    with pytest.raises(InputError) as error:
        parse_standards(["nonsense", ENHANCED, "all support 15 days"])
    assert [problem.field for problem in error.value.problems] == ["nonsense", "all support 15 days"]


def test_one_wait_is_not_counted_in_two_kinds_of_days():
    with pytest.raises(InputError) as error:
        parse_standards([ENHANCED, "standard first_attempt 5 days 80%"])
    assert str(error.value) == (
        "--standard: first_attempt: must be counted in working days by all standards, or in days of the "
        "calendar by all. [VM182]"
    )


def test_waits_in_working_days_are_those_of_the_calendar_less_days_not_worked(small):
    points = draw_points(small, 1, 1)
    by_kind = [
        next(TrialYears(small, "business_as_usual", points, 1, np.full(3, kind)).run((2.0, 1.0, 1.0), [0]))
        for kind in (0, 1)
    ]
    calendar, working = (made.waits.sum(axis=0) for made in by_kind)
    assert (calendar.sum(axis=1) == working.sum(axis=1)).all()
    # on every level of waiting, working days have at least as many who have been served
    assert (working.cumsum(axis=1) >= calendar.cumsum(axis=1)).all()
    # three calls are due after 1, 2 and 4 working days; nobody waits with ample staff
    ample = TrialYears(small, "business_as_usual", points, 1, np.ones(3, int)).ample([0])[0]
    enhanced = [group.priority == "enhanced" for group in small.groups]
    assert set(np.flatnonzero(ample.waits[enhanced, WAITS.index("first_attempt")].sum(axis=0))) == {1}
    contact = ample.waits[enhanced, WAITS.index("contact")].sum(axis=0)
    assert {1, 2, 4} <= set(np.flatnonzero(contact))
    assert contact[3] == 0


def test_who_left_before_the_first_attempt_counts_against_the_standard(small):
    years = TrialYears(small, "business_as_usual", draw_points(small, 1, 1), 1, np.ones(3, int))
    few = next(years.run((0.4, 0.25, 0.25), [0]))
    ample = years.ample([0])[0]
    standard = Standard("enhanced", "first_attempt", 119, True, 0.9)
    share = shares_met([standard], small, few, ample)[0]
    enhanced = [group.priority == "enhanced" for group in small.groups]
    stages, exits = few.funnel[enhanced, 0].sum(axis=0), few.exits[enhanced, 0].sum(axis=0)
    barred = sum(exits[EXITS.index(name)] for name in ("excluded", "unsafe", "no_details"))
    entitled = stages[STAGES.index("referred")] - barred
    assert share == stages[STAGES.index("attempted")] / entitled
    assert exits[EXITS.index("reneged")] > 0
    assert share < 1


def test_a_contact_of_all_is_kept_for_no_more_than_are_reached(small):
    years = TrialYears(small, "business_as_usual", draw_points(small, 1, 1), 1, np.ones(3, int))
    ample = years.ample([0])[0]
    of_all = Standard("enhanced", "contact", 119, True, 0.9, of_all=True)
    of_reached = of_all._replace(of_all=False)
    shares = shares_met([of_all, of_reached], small, ample, ample)
    assert shares[0] < 0.8
    assert shares[1] == 1


def test_more_staff_keep_standards_for_no_fewer_victims(years):
    trials = Trials(years, parse_standards([ENHANCED, SUPPORT]), 0.25)
    few, more, most = (trials.shares(plan, range(4)) for plan in ((4, 1, 1), (5, 2, 2), (10, 6, 6)))
    assert (few <= more + 0.01).all()
    assert (more <= most + 0.01).all()
    assert (most > 0.95).all()


def test_the_search_finds_the_cheapest_staff_of_brute_force(years):
    standards = parse_standards([ENHANCED, SUPPORT])
    bounds = Bounds((4, 1, 1), (8, 4, 4), (7875.0, 8625.0, 1500.0))
    found = cheapest_staff(Trials(years, standards, 0.25), bounds, (4, 1, 1), 0.75)
    every, met = Trials(years, standards, 0.25), {}
    for plan in product(*(range(a, b + 1) for a, b in zip(bounds.least, bounds.most, strict=True))):
        shares = every.shares(plan, range(8))
        met[plan] = (shares >= [standard.share for standard in standards]).all(axis=1).mean()
    cost = {plan: np.dot(plan, bounds.prices) for plan, share in met.items() if share >= 0.75}
    assert met[found.plan] >= 0.75
    assert found.plan == min(cost, key=cost.get)


def test_cheaper_neighbours_are_cheaper_and_within_the_bounds():
    bounds = Bounds((4, 1, 1), (9, 5, 5), (7875.0, 8625.0, 1500.0))
    plan = (6, 2, 3)
    neighbours = list(cheaper_neighbours(plan, bounds))
    assert (5, 2, 3) in neighbours
    assert (7, 1, 3) in neighbours
    assert (5, 2, 5) in neighbours
    for one in neighbours:
        assert np.dot(one, bounds.prices) < np.dot(plan, bounds.prices)
        inside = zip(bounds.least, one, bounds.most, strict=True)
        assert all(a <= x <= b for a, x, b in inside)


def test_a_plan_is_given_with_its_closed_form_and_its_standard_error(small):
    plan = vm.plan_for_standards(small, [ENHANCED, SUPPORT], confidence=0.75, step=0.25, most_years=8)
    assert plan.is_achievable()
    row = plan.summary.iloc[0]
    assert row["probability"] >= 0.75
    assert row["standard_error"] > 0
    assert 0 <= row["correct_exactly"] <= row["correct_within_indifference"] <= 1
    assert (plan.staff["closed_form_fte"] > 0).all()
    assert vm.plot_standards_plan(plan, small, "source").get_axes()[0].get_ylim()[1] > 1
    sentences = vm.standards_sentences(plan, small)
    assert sentences[0].startswith("In an average year, Business as usual meets all stated standards in ")
    more = plan.curve[plan.curve["standard"] == "all standards"].set_index("factor")["probability"]
    assert more.loc[1.2] >= more.loc[1.0] >= more.loc[0.8]


def test_a_standard_beyond_reach_is_said_to_be_not_achievable_and_why(small):
    plan = vm.plan_for_standards(small, ["enhanced contact 5 working days 90% of all"], most_years=8)
    assert not plan.is_achievable()
    assert plan.staff.empty
    (obstacle,) = plan.obstacles["average"]
    assert obstacle.cause == "reach"
    assert 0.4 < obstacle.reached < 0.9
    (sentence,) = vm.standards_sentences(plan, small)
    assert "is not achievable" in sentence
    assert "however many staff there are" in sentence


def test_a_standard_before_the_first_attempt_is_due_fails_by_the_method(small):
    plan = vm.plan_for_standards(small, ["enhanced first_attempt 0 working days 90%"], most_years=8)
    (obstacle,) = plan.obstacles["average"]
    assert obstacle.cause == "method"
    assert obstacle.most_share == 0


def test_a_surge_takes_more_staff(small):
    plan = vm.plan_for_standards(
        small, [ENHANCED, SUPPORT], confidence=0.75, step=0.25, surge=0.5, most_years=8
    )
    staff = plan.staff.groupby("situation")["cost_gbp"].sum()
    assert staff["surge"] > 1.2 * staff["average"]


def test_a_surge_that_the_scenario_does_not_state_is_refused(small):
    with pytest.raises(InputError) as error:
        vm.plan_for_standards(small, [ENHANCED], surge="scenario")
    assert str(error.value) == (
        "--surge: west-midlands states neither demand.surges nor demand.incidents. Give the size of the "
        "surge, for example --surge-percent 20. [VM184]"
    )


def test_numbers_out_of_range_are_refused(small):
    with pytest.raises(InputError, match=r"plan: confidence = 1: must be from 0.5 to 0.99. \[VM183\]"):
        vm.plan_for_standards(small, [ENHANCED], confidence=1.0)
    with pytest.raises(InputError) as error:
        vm.plan_for_grant(small, [5.0, -1.0])
    assert str(error.value).splitlines() == [
        "plan: grant = 5: must be from GBP 1,000 to 1,000,000,000. [VM185]",
        "plan: grant = -1: must be from GBP 1,000 to 1,000,000,000. [VM185]",
    ]


@pytest.fixture(scope="module")
def grant_search(small):
    points = draw_points(small, 8, 3)
    options = ("business_as_usual", "needs_flagged")
    mixes = {name: Mixes(TrialYears(small, name, points, 3), 0.25) for name in options}
    return GrantSearch(mixes)


def test_the_best_use_of_a_grant_is_that_of_brute_force(grant_search):
    budget, years = Budget(48_000.0, 0.75), range(8)
    found = grant_search.best(budget)
    values = {}
    for option, own in grant_search.mixes.items():
        variable = own.variable(found.chosen.mix if option == found.chosen.option else (4, 1, 1), years)
        for casework, volunteers in product(range(3), range(1, 6)):
            mix = grant_search.filled(option, (0, casework, volunteers), budget, variable)
            if mix is None:
                continue
            tried = own.tried(mix, years)
            is_paid = (tried.cost <= budget.grant).mean() >= budget.confidence
            if is_paid and tried.given.mean(axis=0).min() >= LEAST_GIVEN:
                values[Candidate(option, mix)] = tried.supported.mean(), -tried.cost.mean()
    assert found.chosen == max(values, key=values.get)


@pytest.mark.long
def test_the_best_use_of_a_grant_is_that_of_a_whole_grid_of_staff(grant_search):
    budget, years = Budget(48_000.0, 0.75), range(8)
    found = grant_search.best(budget)
    values = {}
    for option, own in grant_search.mixes.items():
        for mix in product(range(9), range(4), range(6)):
            if not own.affordable(mix, 0.0, budget.confidence, budget.grant):
                continue  # pay alone is more than the grant
            tried = own.tried(mix, years)
            is_paid = (tried.cost <= budget.grant).mean() >= budget.confidence
            if is_paid and tried.given.mean(axis=0).min() >= LEAST_GIVEN:
                values[Candidate(option, mix)] = tried.supported.mean(), -tried.cost.mean()
    assert found.chosen == max(values, key=values.get)
    assert {one.option for one in found.by_option} <= {"business_as_usual", "needs_flagged"}
    assert found.chosen in found.by_option


@pytest.mark.long
def test_a_larger_grant_supports_no_fewer_and_the_next_pounds_are_worth_something(small):
    plan = vm.plan_for_grant(small, [40_000, 55_000], n_years=16, step=0.25)
    frontier = plan.frontier.sort_values("grant_gbp")
    assert (frontier["supported_in_need"].diff().dropna() >= 0).all()
    assert (plan.grants["probability_within_grant"] >= 0.75).all()
    assert (plan.grants["support_given"] >= LEAST_GIVEN).all()
    assert plan.mix.groupby("grant_gbp")["next_gain"].max().min() > 0
    assert plan.contenders.groupby("grant_gbp")["chance_best"].sum().max() <= 1 + 1e-9
    assert len(vm.plot_grant_frontier(plan, small, "source").get_axes()) == 2
    assert vm.grant_sentences(plan, small)[0].startswith("With £40,000, ")


def test_the_staff_of_the_closed_forms_keep_their_standards_by_the_closed_forms(small):
    standards = parse_standards(["enhanced first_attempt 3 working days 90%", SUPPORT])
    working = counted_in_working_days(standards)
    centre = TrialYears(small, "business_as_usual", draw_points(small, 1, 1), 1, working)
    lines = closed_lines(centre)
    staff = closed_staff(lines, standards, centre)
    for standard in standards:
        assert closed_share(standard, lines, staff, centre) >= standard.share
    fewer = closed_share(standards[0], lines, staff - 1, centre)
    assert fewer < standards[0].share


def test_a_place_that_is_paid_for_costs_what_it_is_stated_to_whether_used_or_not():
    from victimsmodel.appraisal.costs import annual_costs

    every = WEST_MIDLANDS.parent / "every-feature.yaml"
    place = "support.specialist.services.counselling.cost_per_place"
    few = {"demand.victims_per_year": 8400, "opening.waiting": 80, "opening.open_cases": 4}
    costs = []
    for price in (10, 60):
        scenario = vm.load_scenario(every, {**few, place: price})
        result = vm.simulate(scenario, ["business_as_usual"], n_replications=2)
        costs.append(annual_costs(result, scenario)["cost_gbp"].sum() / 2)  # of two replications
    assert costs[1] - costs[0] == pytest.approx(1200 * 50 * scenario.period.years)


def test_no_plan_is_given_for_a_grant_below_fixed_costs(small):
    plan = vm.plan_for_grant(small, [1_500], ["business_as_usual"], n_years=16)
    assert not plan.grants["is_achievable"].iloc[0]
    assert plan.mix.empty
    (sentence,) = vm.grant_sentences(plan, small)
    assert sentence.startswith("£1,500 is not enough for any option")


def test_identical_plans_leave_the_choice_to_chance_and_clear_ones_do_not():
    values = np.random.default_rng(4).normal(100, 10, (1, 64))
    limits, margins = Limits(0.8, 0.9), Margins(0.5, 0.05, 0.02)

    def correct_of(values, given=1.0):
        shares = np.ones((2, 64, 1)) * np.array([1.0, given])[:, None, None]
        trial = Trial(values, np.ones((2, 64), bool), shares)
        return best_correct(trial, 0, limits, margins)

    clear, chances = correct_of(np.vstack([values, values - 1]))
    assert clear == (1.0, 1.0)
    assert chances.tolist() == [1.0, 0.0]
    assert correct_of(np.vstack([values, values + 0.4]))[0] == (0.0, 1.0)  # better by what does not matter
    assert correct_of(np.vstack([values, values + 1]))[0] == (0.0, 0.0)
    assert correct_of(np.vstack([values, values + 1]), given=0.8)[0] == (1.0, 1.0)  # but it starves support
    verdicts = np.stack([np.arange(100) < 85, np.arange(100) < 60])
    correct = cheapest_correct(verdicts, 0, 0.8, 0.05)
    assert correct.exactly < correct.within_indifference
    assert correct.within_indifference > 0.98


def test_the_posterior_of_one_plan_is_the_beta_of_jeffreys():
    from scipy.stats import beta

    verdicts = (np.arange(40) < 31)[None, :]
    shares = posterior_shares(verdicts)[:, 0]
    expected = beta(31.5, 9.5)
    error = expected.std() / np.sqrt(len(shares))
    assert abs(shares.mean() - expected.mean()) < 5 * error
    assert abs(shares.std() / expected.std() - 1) < 0.06


def test_the_command_answers_in_json_and_refuses_what_does_not_go_together():
    sets = [part for key, value in SMALL.items() for part in ("--set", f"{key}={value}")]
    asked = ["plan", str(WEST_MIDLANDS), "--standard", "enhanced contact 5 days 99% of all", "--json", *sets]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    found = json.loads(done.stdout)
    assert found["standards"][0]["probability"] == 0
    assert "not achievable" in found["sentences"][0]
    with pytest.raises(InputError) as error:
        CliRunner().invoke(
            app,
            ["plan", str(WEST_MIDLANDS), "--grant", "948920", "--standard", ENHANCED],
            catch_exceptions=False,
        )
    assert str(error.value) == (
        "--grant: cannot be asked together with standards or a surge: run the command twice. [VM186]"
    )


@pytest.mark.parametrize("name", ["west-midlands.yaml", "every-feature.yaml"])
def test_the_cost_of_a_mix_is_that_of_the_cost_table(name):
    from victimsmodel.appraisal.costs import annual_costs
    from victimsmodel.pathway.results import tabulated
    from victimsmodel.pathway.simulate import stacked

    few = {"demand.victims_per_year": 8400}
    if name == "every-feature.yaml":
        few |= {"opening.waiting": 80, "opening.open_cases": 4}
    scenario = vm.load_scenario(WEST_MIDLANDS.parent / name, few)
    option, points = "business_as_usual", draw_points(scenario, 3, 3)
    own = Mixes(TrialYears(scenario, option, points, 3), 0.25)
    mix = tuple(range(4, 4 + len(own.levers)))
    staff, places = own.amounts(mix)
    staffed = own.years.staffed(staff, places)
    made = list(own.years.run(staff, range(3), places))
    runs = stacked([stacked([one._replace(waits=None, cases=None)]) for one in made])
    table = annual_costs(tabulated(staffed, {option: runs}, points), staffed)
    expected = table.groupby("draw")["cost_gbp"].sum().to_numpy()
    assert own.tried(mix, range(3)).cost == pytest.approx(expected, rel=1e-12)


def test_plans_pay_posts_with_on_costs_and_overhead(tmp_path):
    path = tmp_path / "x.yaml"
    share = "{value: 0.2, low: 0.2, high: 0.2, unit: probability, source: assumption}"
    path.write_text(
        f"extends: {WEST_MIDLANDS.as_posix()}\n"
        f"staff: {{caseworker: {{on_cost: {share}, overhead: {share}}}}}\n"
    )
    plain, dearer = (vm.load_scenario(file, SMALL) for file in (WEST_MIDLANDS, path))
    prices = []
    for scenario in (plain, dearer):
        points = draw_points(scenario, 2, 1)
        own = Mixes(TrialYears(scenario, "business_as_usual", points, 1), 0.5)
        prices.append([own.levers[1].prices[0], central_pay(scenario, "business_as_usual")["caseworker"]])
    assert prices[1][1] == pytest.approx(1.44 * prices[0][1])
    assert prices[1][1] == pytest.approx(1.44 * 34_500)
    # the draws of pay differ, for the inputs do; each is its post with both on top
    scenario_pay = priced_service(dearer, "business_as_usual", draw_points(dearer, 2, 1)).staff["caseworker"]
    assert prices[1][0] == pytest.approx(scenario_pay.cost_per_fte[0] * 1.44 * 0.5)


@pytest.fixture
def stated_plans(tmp_path):
    def load(text):
        path = tmp_path / "x.yaml"
        path.write_text(f"extends: {WEST_MIDLANDS.as_posix()}\nplans:\n{text}")
        return vm.load_scenario(path)

    return load


def test_everything_wrong_with_plans_is_told_at_its_line(stated_plans, tmp_path):
    with pytest.raises(InputError) as error:
        stated_plans(
            "  standards: [nonsense, all support 15 days 90%, enhanced support 5 working days 90%]\n"
            "  grants:\n"
            "    - {title: a, amount_gbp: 5000, source: assumption}\n"
            "    - {title: b, amount_gbp: 5000, source: assumption}\n"
        )
    assert str(error.value).replace(f"{tmp_path}/", "").splitlines() == [
        "x.yaml:3: plans.standards[0] = nonsense: must read like: enhanced first_attempt 2 working days 90%. "
        "[VM206]",
        "x.yaml:3: plans.standards[2] = enhanced support 5 working days 90%: must count support in the same "
        "days as the standard above: all working days, or none. [VM207]",
        "x.yaml:6: plans.grants[1].amount_gbp = 5000: is stated twice. [VM208]",
    ]
    with pytest.raises(InputError, match=r"plans.grants\[0\].source = x: is not in the sources register"):
        stated_plans(
            "  grants:\n    - {title: a, amount_gbp: 5000, source: x}\n"
            "    - {title: b, amount_gbp: 9000, source: assumption}\n"
        )
    with pytest.raises(InputError, match=r"x.yaml:3: plans.option = nobody: is not a named option"):
        stated_plans("  option: nobody\n")


@pytest.mark.parametrize(
    "text", [ENHANCED, SUPPORT, "standard contact 5 days 87.5% of all", "all contact 0 days 1%"]
)
def test_what_a_scenario_may_state_is_what_the_command_takes(text, stated_plans):
    stated = stated_plans(f"  standards: [{text}]\n")
    assert [str(one) for one in parse_standards(stated.plans.standards)] == [text]


def test_without_a_thorough_profile_there_is_a_first_guess_and_the_command(small):
    made = make_plans(small, is_thorough=False, seed=1)
    table = made.tables["plan_first_guess"].set_index("role")
    assert list(made.tables) == ["plan_first_guess"]
    assert (table[["busy_fte", "closed_form_fte"]] > 0).all(axis=None)
    words = plan_table(made, small)
    assert list(words["topic"]) == ["standards", "grants"]
    assert words["sentence"][1] == (
        "The best use of a grant takes a search by simulation, which this quick run left out. The analyst "
        "gets it by `victimsmodel plan parameters/west-midlands.yaml --grant 948920 --grant 1385000`."
    )
    silent = small.model_copy(update={"plans": None})
    told = plan_table(make_plans(silent, is_thorough=True, seed=1), silent)
    assert told["sentence"][0] == (
        "How many staff would meet the service standards was not worked out: the scenario does not say which "
        "standards to plan for. Whoever keeps the scenario can add them."
    )


@pytest.mark.long
def test_a_thorough_profile_makes_every_plan_of_the_scenario(stated_plans, small):
    grants = [small.plans.grants[0].model_copy(update={"amount_gbp": 65_000.0})]
    plans = small.plans.model_copy(update={"grants": tuple(grants), "standards": (SUPPORT,)})
    scenario = small.model_copy(
        update={
            "plans": plans,
            "options": {k: small.options[k] for k in ("business_as_usual", "needs_flagged")},
        }
    )
    made = make_plans(scenario, is_thorough=True, seed=1)
    words = plan_table(made, scenario)
    assert set(words["topic"]) == {"standards", "grants"}
    assert made.tables["plan_options"]["behind"].min() == 0
    for topic in ("standards", "grants"):
        figures = vm.plan_figures(made.tables, scenario, "source", topic)
        assert list(figures) == [{"standards": "plan_average", "grants": "plan_grants"}[topic]]
    names = ("plan_staff", "plan_standards", "plan_mix", "plan_options")
    assert len(vm.readable_values(names, made.tables, scenario)) == 4

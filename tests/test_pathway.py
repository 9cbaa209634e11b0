"""Facts of the pathway: who is counted where, and what more staff or attempts can do."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from victimsmodel.appraisal.replications import simulate
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.scenario import PRIORITIES
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.simulate import run_replications
from victimsmodel.records import COLUMNS, EXITS, STAGES

SCENARIO = "parameters/west-midlands.yaml"
SMALL = {"demand.victims_per_year": 8400, "staff.contact_officer.fte": 1.0, "staff.caseworker.fte": 0.25}


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, {**SMALL, "staff.volunteer.fte": 0.3})


@pytest.fixture(scope="module")
def result(scenario):
    return simulate(scenario, n_draws=4, n_replications=3, seed=5)


def totals(table, column):
    keys = ["option", "draw", "replication", "group", "who", column]
    return table.groupby(keys, observed=True)["victims"].sum().unstack(column)


def test_referrals_are_exits_or_completed_or_open(result):
    referred = totals(result.funnel, "stage")["referred"]
    ended = totals(result.exits, "exit").sum(axis=1)
    assert (referred == ended).all()
    assert result.funnel["victims"].dtype == np.int64


def test_each_stage_holds_no_more_than_the_one_before(result):
    funnel = totals(result.funnel, "stage")[[s for s in STAGES if s != "in_need"]]
    assert (np.diff(funnel.to_numpy(), axis=1) <= 0).all()


def test_victims_in_need_are_a_part_of_all_victims(result):
    funnel = totals(result.funnel, "stage").xs("in_need", level="who")
    every = totals(result.funnel, "stage").xs("all", level="who")
    assert (funnel <= every).all(axis=None)
    assert (funnel["victims"] == every["in_need"]).all()


def test_stages_and_exits_balance(result):
    funnel, exits = totals(result.funnel, "stage"), totals(result.exits, "exit")
    screened = exits[["excluded", "unsafe", "no_details"]].sum(axis=1)
    waits_for_attempt = funnel["referred"] - screened - funnel["attempted"]
    assert (waits_for_attempt >= 0).all()
    not_recognised = funnel["assessed"] - funnel["need_recognised"]
    assert (not_recognised == exits["need_missed"] + exits["not_in_need"]).all()
    assert (funnel["completed"] == exits["completed"]).all()
    assert (funnel["supported"] >= exits["completed"] + exits["withdrew"]).all()


def test_not_in_need_holds_nobody_in_need_and_need_missed_only_them(result):
    exits = totals(result.exits, "exit")
    every, in_need = exits.xs("all", level="who"), exits.xs("in_need", level="who")
    assert (in_need["not_in_need"] == 0).all()
    assert (in_need["need_missed"] == every["need_missed"]).all()


def test_every_option_meets_the_same_victims(result):
    keys = ["draw", "replication", "group", "who"]
    victims = result.funnel[result.funnel["stage"].isin(["victims", "in_need"])]
    wide = victims.pivot_table(index=[*keys, "stage"], columns="option", values="victims", observed=True)
    assert (wide.nunique(axis=1) == 1).all()


def test_leaving_options_out_changes_nothing_in_the_others(scenario, result):
    alone = simulate(scenario, ["phone_first"], n_draws=4, n_replications=3, seed=5)
    together = result.funnel[result.funnel["option"] == "phone_first"]
    assert (alone.funnel["victims"].to_numpy() == together["victims"].to_numpy()).all()


@pytest.mark.long  # test_same_bytes.py holds the same of fewer options
def test_workers_do_not_change_a_number(scenario):
    runs = [simulate(scenario, n_draws=3, n_replications=2, seed=9, n_jobs=jobs) for jobs in (1, 2, 5)]
    for name in COLUMNS:
        for other in runs[1:]:
            pd.testing.assert_frame_equal(getattr(runs[0], name), getattr(other, name), check_exact=True)


def test_another_seed_brings_other_victims(scenario):
    first, second = (simulate(scenario, ["business_as_usual"], n_replications=2, seed=s) for s in (1, 2))
    assert (first.funnel["victims"] != second.funnel["victims"]).any()


def test_arrivals_are_poisson_about_their_mean(scenario):
    n = 60
    plan = build_plans(scenario, "business_as_usual", draw_points(scenario, 1, 1))[0]
    runs = run_replications(plan, 3, range(n))
    victims = runs.funnel[:, :, 0, STAGES.index("victims")].sum(axis=1)
    numbers = plan.numbers[0]
    mean = plan.profile[numbers["first_day"] : numbers["last_day"], 0].sum() * plan.sources["per_day"].sum()
    assert mean == pytest.approx(8400, rel=1e-9)
    assert abs(victims.mean() - mean) < 5 * np.sqrt(mean / n)
    # the variance of a sample variance of n Poisson counts is about 2 mean^2 / (n - 1)
    assert abs(victims.var(ddof=1) - mean) < 5 * mean * np.sqrt(2 / (n - 1))


def counts(overrides, stage, option="business_as_usual"):
    found = load_scenario(SCENARIO, {**SMALL, **overrides})
    funnel = simulate(found, [option], n_replications=4, seed=2).funnel
    return (
        funnel[(funnel["stage"] == stage) & (funnel["who"] == "all")].groupby("replication")["victims"].sum()
    )


def test_more_officers_attempt_no_fewer_victims():
    attempted = [counts({"staff.contact_officer.fte": fte}, "attempted") for fte in (0.3, 0.6, 1.2, 2.4)]
    for fewer, more in pairwise(attempted):
        assert (more >= fewer).all()
    assert (attempted[-1] > attempted[0]).all()


def test_with_ample_officers_more_reach_contacts_no_fewer_victims():
    ample = {"staff.contact_officer.fte": 100}
    contacted = [
        counts({**ample, "contact.channels.phone.reach": reach}, "contacted") for reach in (0.2, 0.35, 0.5)
    ]
    assert (contacted[0] < contacted[1]).all()
    assert (contacted[1] < contacted[2]).all()


def test_no_staff_means_no_attempts_by_staff_and_every_such_case_reneges():
    found = load_scenario(SCENARIO, {**SMALL, "staff.contact_officer.fte": 0})
    exits = simulate(found, ["phone_first"], n_replications=2).exits
    ended = exits[exits["who"] == "all"].groupby("exit", observed=True)["victims"].sum()
    assert ended["reneged"] > 0
    reached_nobody = ["unreachable", "declined", "need_missed", "withdrew", "not_in_need", "completed"]
    assert ended[reached_nobody].sum() == 0


def test_open_cases_never_exceed_the_caseload_cap():
    found = load_scenario(SCENARIO, {**SMALL, "staff.contact_officer.fte": 20, "staff.caseworker.fte": 0.2})
    daily = simulate(found, ["business_as_usual"], n_replications=2).daily
    open_cases = daily[daily["measure"] == "open_cases"]["high"]
    assert open_cases.max() == int(0.2 * 35)


def test_staff_work_no_longer_than_their_day_but_for_one_overrun(scenario):
    plan = build_plans(scenario, "phone_first", draw_points(scenario, 1, 1))[0]
    daily = run_replications(plan, 1, range(1)).daily[0]
    used, available = daily[:, 0].sum(axis=1), daily[:, 1].sum(axis=1)
    workers = np.ceil(plan.staff.max(axis=0))
    longest_piece = 60 * plan.tables["service_time"].max()
    assert (used <= available + workers * longest_piece).all()
    officers = 0
    assert used[officers] / available[officers] > 0.98  # phoning everyone overloads them


def test_nobody_is_worked_for_on_a_day_off(scenario):
    plan = build_plans(scenario, "business_as_usual", draw_points(scenario, 1, 1))[0]
    daily = run_replications(plan, 1, range(1)).daily[0]
    first, last = plan.numbers["first_day"][0], plan.numbers["last_day"][0]
    is_free = np.diff(plan.days["working_index"])[first:last] == 0
    assert daily[:, 0, is_free].sum() == 0
    dates = pd.date_range(scenario.period.start, scenario.period.end)
    assert is_free[dates.get_loc("2019-12-25")]
    assert is_free[dates.get_loc("2019-04-22")]  # Easter Monday
    assert is_free[dates.day_of_week >= 5].all()
    assert (~is_free).sum() == 254  # working days in England, 2019/20


def test_enhanced_victims_are_served_first(result):
    waits = result.waits[
        (result.waits["option"] == "phone_first") & (result.waits["wait"] == "first_attempt")
    ]
    mean = waits.groupby("priority", observed=True)["mean_days"].mean()
    assert mean[PRIORITIES[0]] < mean[PRIORITIES[1]]


def test_steps_of_the_day_leave_the_work_done_unchanged_when_staff_are_ample():
    ample = {"staff.contact_officer.fte": 50, "staff.caseworker.fte": 50, "staff.volunteer.fte": 50}
    found = [counts({**ample, "period.steps_per_day": n}, "attempted") for n in (1, 4, 8)]
    assert (found[0] == found[1]).all()
    assert (found[1] == found[2]).all()


@pytest.mark.parametrize(
    ("options", "sizes"),
    [(["phone_frist"], {}), (None, {"n_draws": 0}), (None, {"n_replications": 0}), (None, {"seed": -1})],
)
def test_impossible_requests_are_refused(scenario, options, sizes):
    with pytest.raises(InputError):
        simulate(scenario, options, **sizes)


def test_an_unknown_option_is_named_with_the_likely_one(scenario):
    with pytest.raises(InputError, match=r"phone_frist: is not an option .* Did you mean phone_first\?"):
        simulate(scenario, ["phone_frist"])


def test_exits_cover_what_the_table_lists(result):
    assert list(result.exits["exit"].cat.categories) == list(EXITS)

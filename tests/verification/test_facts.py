"""Facts that hold whatever the numbers: more staff, more attempts, like groups, nobody lost."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from engines import plan_of, run_kernel
from random_plans import random_plan

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.arrays import NEVER, Plan
from victimsmodel.pathway.plan import build_plans
from victimsmodel.records import EXITS, STAGES, WAITS

SCENARIO = Path("parameters/west-midlands.yaml").resolve()
OFFICER = 0
Z = 5  # standard errors
STAGE = {name: s for s, name in enumerate(STAGES)}
EXIT = {name: x for x, name in enumerate(EXITS)}


@pytest.fixture(scope="module")
def scenario():
    size = {"demand.victims_per_year": 6000, "staff.contact_officer.fte": 0.7, "staff.caseworker.fte": 0.15}
    return load_scenario(SCENARIO, {**size, "staff.volunteer.fte": 0.1})


@pytest.fixture(scope="module")
def plan(scenario):
    return plan_of(scenario, "text_then_call")


def changed(plan, **arrays):
    """Return a copy of a plan; its arrays may be changed."""
    return Plan(*(array.copy() for array in plan))._replace(**arrays)


# -- conservation, and Little's law ---------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_nobody_is_lost_and_every_wait_is_accounted_for(plan, seed):
    out = run_kernel(random_plan(plan, seed), seed)
    funnel, exits, pools = out.groups["funnel"], out.groups["exits"], out.pools
    assert (funnel[..., STAGE["referred"]] == exits.sum(axis=-1)).all()
    assert (funnel[..., STAGE["completed"]] == exits[..., EXIT["completed"]]).all()
    not_recognised = exits[..., EXIT["need_missed"]] + exits[..., EXIT["not_in_need"]]
    assert (funnel[..., STAGE["assessed"]] - funnel[..., STAGE["need_recognised"]] == not_recognised).all()
    # Little (1961): the area under the queue length is the sum of the waits, to the last step
    assert (pools["area"] == pools["waited"].sum(axis=1) + pools["left_waited"]).all()
    assert (pools["at_once"] <= pools["served"]).all()
    contacts = out.groups["waits"][:, WAITS.index("contact")].sum(axis=-1)
    assert (contacts == funnel[:, 0, STAGE["contacted"]]).all()


@pytest.mark.parametrize("seed", range(6))
def test_with_one_step_a_day_the_steps_waited_are_the_sum_of_the_daily_backlogs(plan, seed):
    own = random_plan(plan, seed)
    own.numbers["steps"] = 1
    out = run_kernel(own, seed)
    assert (out.days["backlog"].sum(axis=0)[: out.pools.size] == out.pools["area"]).all()


# -- more staff, more attempts ----------------------------------------------------------------------


def calls_only(plan):
    """Return one call each, equally long whoever answers, no consent and endless patience."""
    own = changed(plan)
    own.numbers["patience_working_days"] = 250
    own.numbers["consent"] = 0.0
    own.numbers["minutes_reached"] = own.numbers["minutes_attempt"] = 10.0
    own.tables["service_time"] = 1.0
    own.groups["n_attempts"], own.groups["gap"][:, 0] = 1, 1
    own.groups["channel"][:, 0], own.groups["pool"][:, 0] = 0, OFFICER
    return own


@pytest.mark.parametrize("replication", range(3))
def test_one_more_officer_never_lengthens_the_wait_for_the_first_attempt(plan, replication):
    own, outs = calls_only(plan), []
    for fte in (0.5, 0.6, 0.8, 1.0, 1.3, 2.0, 3.0):
        staff = own.staff.copy()
        staff[:, OFFICER] = fte * (staff[:, OFFICER] > 0)
        roles = own.roles.copy()
        roles["first_worker"] = (0, 10, 20)
        outs.append(run_kernel(own._replace(staff=staff, roles=roles), replication=replication))
    for fewer, more in pairwise(outs):
        assert (more.pools["left"] == 0).all()  # nobody reneges
        assert more.pools["area"][OFFICER] <= fewer.pools["area"][OFFICER]
        assert (more.days["backlog"][:, OFFICER] <= fewer.days["backlog"][:, OFFICER]).all()
        served = [out.pools["served"][OFFICER].sum() for out in (fewer, more)]
        assert served[0] <= served[1]
    assert outs[0].pools["area"][OFFICER] > 10 * outs[-1].pools["area"][OFFICER]


@pytest.mark.parametrize("option", ["business_as_usual", "phone_first", "text_then_call"])
def test_an_added_attempt_contacts_no_fewer_victims_when_staff_are_ample(scenario, option):
    ample = plan_of(scenario, option, ample_staff=True)
    longest = int(ample.groups["n_attempts"].max())
    contacted = []
    for most in range(1, longest + 1):
        own = changed(ample)
        own.groups["n_attempts"] = np.minimum(own.groups["n_attempts"], most)
        contacted.append(run_kernel(own).groups["funnel"][:, 0, STAGE["contacted"]])
    for fewer, more in pairwise(contacted):
        assert (more >= fewer).all()
    assert contacted[-1].sum() > contacted[0].sum()


def test_a_stop_rule_beyond_the_list_changes_nothing_and_a_stricter_one_contacts_no_more(scenario):
    ample = plan_of(scenario, "phone_first", ample_staff=True)
    contacted = []
    for most in (NEVER, 12, 2, 1):
        own = changed(ample)
        own.groups["stop_attempts"] = most
        contacted.append(run_kernel(own).groups["funnel"][:, 0, STAGE["contacted"]])
    assert (contacted[0] == contacted[1]).all()
    assert (contacted[1] >= contacted[2]).all()
    assert (contacted[2] >= contacted[3]).all()


# -- groups -----------------------------------------------------------------------------------------


def test_groups_with_the_same_parameters_fare_alike(plan):
    # Staff keep up, so that the order of the groups within a day does not decide who waits a day.
    own = changed(plan)
    own.staff[:] *= 3
    own.roles["first_worker"] = (0, 10, 20)
    own.groups[:] = own.groups[0]
    own.sources[:] = own.sources[0]
    own.sources["group"] = np.arange(own.sources.size)
    own.sources["per_day"] = plan.sources["per_day"].mean()
    n_replications, n_groups = 40, own.groups.size
    runs = [run_kernel(own, replication=r).groups for r in range(n_replications)]
    counts = np.array([np.hstack([run["funnel"][:, 0], run["exits"][:, 0]]) for run in runs])
    difference = counts[:, 1:] - counts[:, :1]  # (replications, groups - 1, counts)
    error = difference.std(axis=0, ddof=1) / np.sqrt(n_replications)
    assert counts.shape[1] == n_groups
    assert (np.abs(difference.mean(axis=0)) <= Z * error).all()


# -- options ----------------------------------------------------------------------------------------


def test_an_unused_option_changes_no_draw_of_the_others(tmp_path):
    path = tmp_path / "more.yaml"
    path.write_text(
        f"extends: {SCENARIO}\noptions:\n  spare:\n    title: Spare\n    summary: Never run.\n"
        "    changes:\n      contact:\n        channels:\n          visit:\n"
        "            reach: {value: 0.7, low: 0.5, high: 0.85, unit: probability, source: assumption}\n"
        "            heterogeneity: {value: 0.2, low: 0.1, high: 0.3, unit: correlation,\n"
        "              source: assumption}\n"
    )
    size = {"demand.victims_per_year": 2000}
    with_spare, without = (load_scenario(file, size) for file in (path, SCENARIO))
    assert set(with_spare.options) - set(without.options) == {"spare"}
    for draw in range(3):
        ours, other = (
            build_plans(s, "text_then_call", draw_points(s, 3, seed=7))[draw] for s in (with_spare, without)
        )
        for mine, yours in zip(ours, other, strict=True):
            assert np.array_equal(mine, yours)
        logs = [run_kernel(p, log_share=1.0).log for p in (ours, other)]
        assert np.array_equal(*logs)

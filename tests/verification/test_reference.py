"""The kernel against a second engine in plain Python: every counter and every event."""

from pathlib import Path

import keyed
import numpy as np
import pytest
from engines import assert_same, left_support_queue, plan_of, run_both, run_kernel
from random_plans import random_plan
from reference_books import EXIT_EVENTS, OTHER_EVENTS, STAGE_EVENTS

from victimsmodel import rng
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.arrays import N_CHANNELS
from victimsmodel.records import EVENTS

SCENARIO = Path("parameters/west-midlands.yaml").resolve()
EVERY_FEATURE = Path(__file__).with_name("every_feature.yaml")
OPTIONS = ("business_as_usual", "phone_first", "text_then_call", "consent_at_report")
VICTIMS = 3000
#: Full-time workers for 3,000 victims a year: too few, so that most wait and leave; more than needed.
STAFF = {"long queues": (0.15, 0.09, 0.05), "short queues": (2.5, 0.8, 0.7)}
#: Pools of the service with every feature.
OFFICER, CASEWORKER, VOLUNTEER, CASELOAD, ADVOCATES, COUNSELLING, REFUGE = range(7)


def west_midlands(queues):
    fte = zip(("contact_officer", "caseworker", "volunteer"), STAFF[queues], strict=True)
    overrides = {f"staff.{role}.fte": workers for role, workers in fte}
    return load_scenario(SCENARIO, {"demand.victims_per_year": VICTIMS, **overrides})


@pytest.fixture(scope="module")
def scenarios():
    return {queues: west_midlands(queues) for queues in STAFF}


@pytest.fixture(scope="module")
def every_feature(tmp_path_factory):
    """Return a function that loads the scenario with every feature and some changes."""
    path = tmp_path_factory.mktemp("scenario") / "every-feature.yaml"
    path.write_text(f"extends: {SCENARIO}\n{EVERY_FEATURE.read_text()}")

    def plan(**changes):
        overrides = {name.replace("__", "."): value for name, value in changes.items()}
        return plan_of(load_scenario(path, {"demand.victims_per_year": 2500, **overrides}))

    return plan


@pytest.fixture(scope="module")
def feature_plan(every_feature):
    return every_feature()


@pytest.mark.parametrize("queues", STAFF)
@pytest.mark.parametrize("option", OPTIONS)
def test_both_engines_tell_the_same_year(scenarios, option, queues):
    twins = run_both(plan_of(scenarios[queues], option))
    assert_same(twins)
    waited, served = twins.kernel.pools["waited"].sum(), twins.kernel.pools["served"].sum()
    assert (waited > 4 * served) == (queues == "long queues")  # 4 steps: a day


@pytest.mark.parametrize("after_patience", ["close", "retry", "other_channel"])
@pytest.mark.parametrize("same_call", [True, False])
def test_both_engines_agree_on_every_feature(every_feature, after_patience, same_call):
    plan = every_feature(contact__after_patience=after_patience, assessment__same_call=same_call)
    assert_same(run_both(plan, seed=2))


def test_both_engines_agree_without_appointments(feature_plan):
    numbers = feature_plan.numbers.copy()
    numbers["booked_gap"], numbers["same_call"] = 0, 0
    twins = run_both(feature_plan._replace(numbers=numbers))
    assert_same(twins)
    assert (twins.kernel.pools["served"][OFFICER, :4] > 0).all()  # call backs and assessments, each priority


def test_the_plan_with_every_feature_uses_them(feature_plan):
    out = run_kernel(feature_plan, log_share=1.0)
    event, pool, channel = (out.log[name] for name in ("event", "pool", "channel"))
    assert (np.bincount(event, minlength=len(EVENTS)) > 0).all()
    assert set(channel[event == OTHER_EVENTS["attempt"]]) == set(range(N_CHANNELS))
    assert {OFFICER, CASEWORKER} <= set(pool[event == OTHER_EVENTS["specialist"]])  # the caseworker helps
    assert {OFFICER, VOLUNTEER} <= set(pool[event == OTHER_EVENTS["practical"]])
    assert (out.pools["served"].sum(axis=1) > 0).tolist() == [True] * 5 + [False, True]  # ample counselling
    assert (out.log["arrival"] < 0).any()  # in hand at the opening
    for source_entry in np.unique(feature_plan.sources["entry"]):
        of_entry = np.flatnonzero(feature_plan.sources["entry"] == source_entry)
        assert np.isin(out.log["source"], of_entry).any()
    is_free = np.diff(feature_plan.days["working_index"])[: out.days.size] == 0
    worked = out.days["used"][is_free].sum(axis=0) > 0
    assert worked[[OFFICER, CASEWORKER, VOLUNTEER]].tolist() == [True, False, True]


@pytest.mark.parametrize("seed", range(24))
def test_both_engines_agree_on_random_plans(feature_plan, seed):
    assert_same(run_both(random_plan(feature_plan, seed), seed=seed))


def test_a_sample_of_stories_holds_the_same_stories(feature_plan):
    every, some = (run_kernel(feature_plan, log_share=share).log for share in (1.0, 0.2))
    other = run_both(feature_plan, log_share=0.2)
    assert_same(other)
    assert 0 < np.unique(some["key"]).size < np.unique(every["key"]).size / 4
    assert np.array_equal(every[np.isin(every["key"], some["key"])], some)


def test_victims_who_leave_a_queue_for_support_do_so_no_later_than_the_kernel_finds_out(feature_plan):
    ours, other = run_both(feature_plan)
    by_key = [log[np.argsort(log["key"], kind="stable")] for log in (ours.log, other.log)]
    late, on_time = (log["step"][left_support_queue(log)] for log in by_key)
    assert late.size > 20
    assert (late >= on_time).all()


@pytest.mark.parametrize(("seed", "replication"), [(0, 0), (1, 0), (1, 999_999), (2**63 - 1, 3)])
def test_both_generators_give_the_same_keys_and_numbers(seed, replication):
    key = keyed.replication_key(seed, replication)
    assert key == int(rng.replication_key(seed, replication))
    for source, date, ordinal in [(0, 0, -1), (0, 18_000, 0), (300, 25_000, 4999)]:
        victim = keyed.victim_key(key, source, date, ordinal)
        assert victim == int(rng.victim_key(np.uint64(key), source, date, ordinal))
        for decision, place in [(0, 0), (7, 11), (16, 129), (21, 255)]:
            number = keyed.uniform(victim, 256 * decision, place)
            assert number == rng.uniform(np.uint64(victim), decision, place)


@pytest.mark.parametrize("mean", [0.0, 1e-9, 0.3, 17.0, 400.0, 401.0, 5000.0])
def test_both_generators_give_the_same_counts(mean):
    decision = keyed.ARRIVALS // 256
    keys = [keyed.victim_key(keyed.replication_key(4, 0), 0, day, -1) for day in range(100)]
    assert [keyed.poisson(key, mean) for key in keys] == [
        rng.poisson(np.uint64(key), decision, mean) for key in keys
    ]


def test_events_have_the_numbers_that_the_reference_gives_them():
    numbers = [*STAGE_EVENTS.values(), *EXIT_EVENTS.values(), *OTHER_EVENTS.values()]
    assert numbers == list(range(len(EVENTS)))

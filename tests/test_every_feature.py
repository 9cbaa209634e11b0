"""The engines agree with every feature on, and each feature does what it says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from victimsmodel.appraisal.replications import simulate
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.agreement import engine_agreement
from victimsmodel.pathway.boroughs import by_borough
from victimsmodel.pathway.expected import expected_counters, expected_pathway
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.plan_staff import fte_by_day
from victimsmodel.pathway.simulate import run_replications
from victimsmodel.records import AGREEMENT_LIMIT, EXITS, STAGES, WAITS

SCENARIO = "parameters/every-feature.yaml"
OPTION = "business_as_usual"
N = 40


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO)


@pytest.fixture(scope="module")
def engines(scenario):
    small = load_scenario(SCENARIO, {"demand.victims_per_year": 42000})
    plans = build_plans(small, OPTION, draw_points(small, 1, 0), ample_staff=True)
    return expected_counters(plans), run_replications(plans[0], 6, range(N))


def test_counts_agree_in_every_option(scenario):
    z = engine_agreement(scenario, n_replications=10, seed=4)["z"]
    assert z.abs().max() < AGREEMENT_LIMIT


def test_minutes_agree(engines):
    exact, runs = engines
    error = runs.minutes.std(axis=0, ddof=1) / np.sqrt(N)
    assert (np.abs(runs.minutes.mean(axis=0) - exact.minutes[0, 0]) <= AGREEMENT_LIMIT * error + 1e-9).all()


@pytest.mark.parametrize("field", ["attempts", "informed"])
def test_attempts_and_information_sent_agree(engines, field):
    exact, runs = (getattr(counters, field) for counters in engines)
    expected, found = exact[0, 0], runs.sum(axis=0)  # Poisson counts
    assert (np.abs(found - N * expected) <= AGREEMENT_LIMIT * np.sqrt(N * expected) + 1e-9).all()


def test_the_days_to_contact_agree(engines):
    exact, runs = (counters.waits[..., WAITS.index("contact"), :] for counters in engines)
    expected, found = N * exact[0, 0].sum(axis=0), runs.sum(axis=(0, 1))
    often = expected > 10
    z = (found - expected)[often] / np.sqrt(expected[often])
    assert often.sum() > 12
    assert np.abs(z).max() < AGREEMENT_LIMIT
    assert 0.3 < (z**2).mean() < 2.0


def test_many_draws_at_once_are_the_same_as_one_by_one(scenario):
    points = draw_points(scenario, 5, seed=2)
    plans = build_plans(scenario, "phone_first", points, ample_staff=True)
    together = expected_counters(plans, with_days=False)
    for draw in range(5):
        own = {name: values[draw : draw + 1] for name, values in points.items()}
        alone = expected_counters(build_plans(scenario, "phone_first", own, ample_staff=True))
        assert together.funnel[draw] == pytest.approx(alone.funnel[0], rel=1e-9)
        assert together.exits[draw] == pytest.approx(alone.exits[0], rel=1e-9)
        assert together.minutes[draw] == pytest.approx(alone.minutes[0], rel=1e-9)


def test_boroughs_add_up_to_the_area(scenario):
    result = expected_pathway(scenario)
    table = by_borough(result, scenario)
    keys = ["group", "stage", "who"]
    whole = result.funnel.groupby(keys, observed=True)["victims"].sum()
    parts = table.groupby(keys, observed=True)["victims"].sum()
    assert parts.to_dict() == pytest.approx(whole.to_dict())
    victims = table[(table["stage"] == "victims") & (table["who"] == "all")]
    shares = victims.groupby("borough", observed=True)["victims"].sum() / victims["victims"].sum()
    assert shares["birmingham"] == pytest.approx(0.46)


def test_boroughs_that_are_not_stated_cannot_be_counted():
    plain = load_scenario("parameters/west-midlands.yaml")
    demand = plain.demand.model_copy(update={"boroughs": None})
    plain = plain.model_copy(update={"demand": demand})
    with pytest.raises(InputError, match=r"demand\.boroughs"):
        by_borough(expected_pathway(plain), plain)


def total(scenario, column, name, option=OPTION):
    """Return the victims at a stage or exit, all replications of a small simulation together."""
    result = simulate(scenario, [option], n_replications=2, seed=4)
    table = result.funnel if column == "stage" else result.exits
    return table[(table[column] == name) & (table["who"] == "all")]["victims"].sum()


SMALL = {"demand.victims_per_year": 8400, "opening.waiting": 80, "opening.open_cases": 4}


def test_more_places_in_specialist_services_support_more():
    name = "support.specialist.services.counselling.places_per_year"
    few, many = (load_scenario(SCENARIO, {**SMALL, name: n}) for n in (5, 500))
    assert total(few, "stage", "supported") < total(many, "stage", "supported")


def test_those_who_never_come_are_never_assessed_unless_on_the_call():
    never = load_scenario(SCENARIO, {**SMALL, "assessment.booked.not_attended": 0.999999})
    assert total(never, "exit", "not_attended") > 0
    changes = {
        "assessment.booked.not_attended": 0.999999,
        "assessment.same_call": False,
        "demand.streams.transfers.victims_per_year": 1e-6,  # whom another service has assessed
    }
    result = simulate(load_scenario(SCENARIO, {**SMALL, **changes}), [OPTION], n_replications=2)
    funnel = result.funnel[result.funnel["who"] == "all"].groupby("stage", observed=True)["victims"].sum()
    assert funnel["consented"] > 1000
    assert funnel["assessed"] <= 1


def test_staff_from_a_date_on_are_there_from_that_date(scenario):
    role = scenario.options[OPTION].service.staff["contact_officer"]
    fte = fte_by_day(role, pd.date_range("2019-09-30", "2019-10-01"))
    assert fte.tolist() == [20.0, 23.5]


def test_saturdays_and_bank_holidays_are_worked_by_those_who_do(scenario):
    plan = build_plans(scenario, OPTION, draw_points(scenario, 1, 1))[0]
    roles = list(scenario.options[OPTION].service.staff)
    saturday, boxing_day = 5, 269  # 6 April, 26 December 2019; the period starts on 1 April
    assert plan.staff[saturday, roles.index("volunteer")] == 5
    assert plan.staff[boxing_day, roles.index("volunteer")] == 5
    assert plan.staff[saturday, roles.index("contact_officer")] == 0
    assert plan.staff[boxing_day, roles.index("contact_officer")] == 0


def test_a_surge_brings_its_victims_in_its_days(scenario):
    plan = build_plans(scenario, OPTION, draw_points(scenario, 1, 0))[0]
    sources = plan.sources[plan.sources["profile"] == 1]
    assert sources["per_day"].sum() * plan.profile[:, 1].sum() == pytest.approx(900)
    assert np.flatnonzero(plan.profile[:, 1]).tolist() == list(range(217, 227))  # from 4 November


def test_the_opening_backlog_delays_first_attempts_and_is_not_counted():
    quick, slow = (
        load_scenario(SCENARIO, {**SMALL, "staff.contact_officer.fte": 1, "opening.waiting": n})
        for n in (0, 900)
    )
    assert total(quick, "stage", "victims") == total(slow, "stage", "victims")
    assert total(quick, "exit", "reneged") < total(slow, "exit", "reneged")


def test_a_stop_rule_ends_attempts_and_an_ending_sends_information(scenario):
    found = simulate(scenario, [OPTION], n_replications=2).activity
    informed = found[(found["measure"] == "informed") & (found["name"] == "letter")]["amount"].sum()
    assert informed > 1000
    points = draw_points(scenario, 1, 0)
    plans = build_plans(scenario, OPTION, points, ample_staff=True)
    groups = plans.groups.copy()
    groups["stop_attempts"] = 1
    once = expected_counters(replace(plans, groups=groups))
    usual = expected_counters(plans)
    contacted, attempted = STAGES.index("contacted"), STAGES.index("attempted")
    unreachable = EXITS.index("unreachable")
    assert once.funnel[..., contacted].sum() < usual.funnel[..., contacted].sum()
    assert once.exits[..., unreachable].sum() > usual.exits[..., unreachable].sum()
    # those who refer themselves have passed the attempts without one
    assert once.attempts[..., 0].sum() == pytest.approx(once.funnel[..., 0, attempted].sum(), rel=0.05)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"period.warm_up_days": 91}, "must be 0 when opening states what is in hand at the start"),
        ({"demand.surges.incident.start": "2031-01-01"}, "must lie within what is simulated"),
        ({"demand.surges.incident.crime_type": "arson"}, "is not a crime type"),
        ({"support.specialist.services.advice.share": 0.6}, "must have shares that sum to 1"),
        ({"contact.methods.messages_then_a_call.fallback": "phone"}, "that information can be sent in"),
        (
            {"contact.methods.calls_and_a_visit.fallback": "letter"},
            "is not a safe channel for violence_enhanced",
        ),
        ({"contact.after_patience": "wait"}, "after_patience = wait"),
    ],
)
def test_what_cannot_be_is_told(changes, message):
    with pytest.raises(InputError) as error:
        load_scenario(SCENARIO, changes)
    assert message in str(error.value)

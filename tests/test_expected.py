"""The exact engine against closed forms, and the kernel against the exact engine."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import beta as beta_function

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.agreement import engine_agreement
from victimsmodel.pathway.arrays import N_CELLS
from victimsmodel.pathway.cells import beta_cells, session_cells
from victimsmodel.pathway.contact_chances import chances_by_source
from victimsmodel.pathway.expected import expected_counters, expected_pathway
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.simulate import run_replications
from victimsmodel.records import AGREEMENT_LIMIT, STAGES

SCENARIO = "parameters/west-midlands.yaml"


@pytest.fixture(scope="module")
def plans():
    scenario = load_scenario(SCENARIO, {"demand.victims_per_year": 16800})
    return build_plans(scenario, "needs_flagged", draw_points(scenario, 1, 1), ample_staff=True)


def contact_of_calls(plans, chances):
    """Return contact by one call a working day of the given chances, details always known."""
    n = len(chances)
    groups, numbers, tables = plans.groups.copy(), plans.numbers.copy(), plans.tables.copy()
    groups["n_attempts"], groups["gap"], groups["channel"] = n, 1, 0
    groups["table"][..., :n] = np.arange(n)
    tables["reach"][0, :n] = chances
    numbers["missing"], numbers["fade_days"] = 0.0, 1e12
    changed = replace(plans, groups=groups, numbers=numbers, tables=tables)
    return chances_by_source(changed, with_days=True)[0]


def test_reach_and_attempts_of_six_calls_without_heterogeneity(plans):
    chances = [0.25, 0.20, 0.15, 0.05, 0.03, 0.02]
    contact = contact_of_calls(plans, [np.full(N_CELLS, p) for p in chances])
    spoken = contact.by_channel[0].sum()
    assert spoken == pytest.approx(0.5394343, abs=5e-8)
    assert contact.made.sum() == pytest.approx(3.814465, abs=5e-7)
    assert contact.reached.sum() == pytest.approx(spoken, rel=1e-12)
    assert contact.days.sum() == pytest.approx(spoken, rel=1e-12)


def test_later_calls_follow_the_beta_geometric(plans):
    mean, total = 0.35, 4.0  # a + b = 4
    a, b = mean * total, (1 - mean) * total
    cells = beta_cells(mean, 1 / (total + 1))
    contact = contact_of_calls(plans, [cells] * 3)
    survival = [beta_function(a, b + n) / beta_function(a, b) for n in range(4)]
    assert contact.by_channel[0, 0] == pytest.approx(1 - survival[3], rel=2e-4)  # cells are a grid of 256
    chance = contact.reached[0, :3] / contact.made[0, :3]
    assert chance[:3] == pytest.approx([0.35, 0.28, 0.2333], abs=2e-4)


def test_cells_keep_the_mean_and_nearly_all_the_variance():
    for mean, correlation in [(0.42, 0.2), (0.03, 0.1), (0.6, 0.35)]:
        cells = beta_cells(mean, correlation)
        assert cells.mean() == pytest.approx(mean, rel=1e-9)
        assert (np.diff(cells) >= 0).all()
        assert cells.var() == pytest.approx(mean * (1 - mean) * correlation, rel=0.01)


def test_sessions_have_the_stated_mean_and_at_least_one():
    cells = session_cells(4.5, 2.0)
    assert cells.min() == 1
    assert cells.mean() == pytest.approx(4.5, rel=0.02)


def test_simulation_agrees_with_the_exact_engine_when_staff_are_ample():
    scenario = load_scenario(SCENARIO, {"demand.victims_per_year": 42000})
    table = engine_agreement(scenario, n_replications=40, seed=4)
    assert table["z"].abs().max() < AGREEMENT_LIMIT
    # many independent counts: squared deviates average one
    assert 0.6 < (table["z"] ** 2).mean() < 1.5


def test_a_fault_in_the_exact_engine_would_be_seen():
    scenario = load_scenario(SCENARIO, {"demand.victims_per_year": 42000})
    wrong = load_scenario(SCENARIO, {"demand.victims_per_year": 42000, "contact.channels.phone.reach": 0.44})
    points = draw_points(scenario, 1, 0)
    runs = run_replications(build_plans(scenario, "phone_first", points, ample_staff=True)[0], 4, range(20))
    exact = expected_counters(build_plans(wrong, "phone_first", points, ample_staff=True))
    stage = STAGES.index("contacted")
    simulated = runs.funnel[:, :, 0, stage].sum(axis=1).mean()
    assert abs(simulated - exact.funnel[0, 0, :, 0, stage].sum()) / np.sqrt(simulated / 20) > AGREEMENT_LIMIT


def test_staff_minutes_agree_with_the_exact_engine():
    scenario = load_scenario(SCENARIO, {"demand.victims_per_year": 42000})
    for option in scenario.options:
        plans = build_plans(scenario, option, draw_points(scenario, 1, 0), ample_staff=True)
        exact = expected_counters(plans).minutes[0, 0]
        runs = run_replications(plans[0], 6, range(40)).minutes
        error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
        assert (np.abs(runs.mean(axis=0) - exact) <= AGREEMENT_LIMIT * error + 1e-9).all()


def test_replies_and_calls_share_the_contacts():
    scenario = load_scenario(SCENARIO)
    plans = build_plans(scenario, "text_then_call", draw_points(scenario, 1, 0), ample_staff=True)
    for contact in chances_by_source(plans, with_days=False):
        phone, text = contact.by_channel[0, :2]
        assert 0 <= text < phone
        assert contact.no_details[0] + phone + text < 1


def test_exact_results_have_the_shape_of_a_simulation():
    scenario = load_scenario(SCENARIO)
    result = expected_pathway(scenario, "phone_first")
    stages = result.funnel.groupby(["stage", "who"], observed=True)["victims"].sum()
    assert stages["victims", "all"] == pytest.approx(168000, rel=1e-9)
    assert stages["in_need", "all"] == pytest.approx(42000, rel=1e-9)
    ended = result.exits[result.exits["who"] == "all"]["victims"].sum()
    assert ended == pytest.approx(stages["referred", "all"], rel=1e-12)
    assert result.waits.empty


def test_cells_stay_probabilities_when_nearly_everyone_is_reached():
    for mean, correlation in [(0.9, 0.5), (0.8, 0.6), (0.999, 0.5)]:
        cells = beta_cells(mean, correlation)
        assert cells.mean() == pytest.approx(mean, rel=1e-9)
        assert (np.diff(cells) >= 0).all()
        assert 0 <= cells.min() <= cells.max() <= 1


def test_engines_agree_on_long_cases_and_several_roles():
    scenario = load_scenario(
        SCENARIO,
        {
            "demand.victims_per_year": 16800,
            "support.casework.interval_working_days": 45,
            "contact.methods.three_calls.attempts.3.role": "volunteer",
            "contact.methods.three_calls.attempts.1.role": "caseworker",
        },
    )
    assert (
        engine_agreement(scenario, 20, seed=8, options=["business_as_usual"])["z"].abs().max()
        < AGREEMENT_LIMIT
    )
    plans = build_plans(scenario, "business_as_usual", draw_points(scenario, 1, 0), ample_staff=True)
    exact = expected_counters(plans).minutes[0, 0]
    runs = run_replications(plans[0], 6, range(40)).minutes
    error = runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
    assert (np.abs(runs.mean(axis=0) - exact) <= AGREEMENT_LIMIT * error + 1e-9).all()

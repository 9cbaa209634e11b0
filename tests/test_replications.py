"""Replications to a precision: sound where means are negative or zero, and honest about early stops."""

import numpy as np
import pytest
from scipy.stats import binom

from victimsmodel.appraisal import replications
from victimsmodel.appraisal.replications import Precision, simulate
from victimsmodel.errors import InputError
from victimsmodel.inputs.loading import load_scenario

SCENARIO = "parameters/west-midlands.yaml"
SMALL = {
    "demand.victims_per_year": 1500,
    "period.warm_up_days": 0,
    "period.run_out_days": 30,
    "staff.contact_officer.fte": 0.3,
    "staff.caseworker.fte": 0.1,
    "staff.volunteer.fte": 0.1,
}


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, SMALL)


@pytest.fixture(scope="module")
def result(scenario):
    return simulate(scenario, ["business_as_usual"], precision=Precision("supported", half_width=5.0))


def test_replications_go_on_until_the_interval_is_narrow_enough(result):
    looks = result.precision
    assert looks["is_reached"].tolist() == [False] * (len(looks) - 1) + [True]
    assert looks["half_width"].iloc[-1] <= 5.0 < looks["half_width"].iloc[0]
    assert result.funnel["replication"].nunique() == looks["replications"].iloc[-1]
    assert (looks["confidence"].diff().dropna() > 0).all()


def test_more_replications_are_the_first_ones_and_further_ones(scenario, result):
    n = result.funnel["replication"].nunique()
    plain = simulate(scenario, ["business_as_usual"], n_replications=n)
    assert (plain.funnel["victims"].to_numpy() == result.funnel["victims"].to_numpy()).all()


def test_a_paired_difference_needs_fewer_than_its_parts_and_may_be_negative(scenario):
    wanted = Precision("attempted", 16.0, option="needs_flagged", against="business_as_usual")
    result = simulate(scenario, [], precision=wanted)
    assert result.precision["mean"].iloc[-1] < 0
    assert bool(result.precision["is_reached"].iloc[-1])
    assert set(result.funnel["option"].unique()) == {"needs_flagged", "business_as_usual"}


def test_a_difference_of_nothing_stops_at_the_first_look(scenario):
    wanted = Precision("supported", 0.01, option="business_as_usual", against="business_as_usual")
    looks = simulate(scenario, [], precision=wanted).precision
    assert len(looks) == 1
    assert looks["mean"].iloc[0] == looks["half_width"].iloc[0] == 0


def test_what_cannot_be_reached_is_said_not_to_be(scenario):
    wanted = Precision("supported", half_width=1e-6, most_replications=50)
    looks = simulate(scenario, [], precision=wanted).precision
    assert looks["replications"].iloc[-1] == 50
    assert not looks["is_reached"].any()


@pytest.mark.long
def test_stopping_early_does_not_flatter_the_interval():
    # means of zero; looks go on until the interval is narrow, as in `simulate`
    rng = np.random.default_rng(5)
    wanted = Precision("supported", half_width=0.35)
    n_trials, covered = 2_000, 0
    for _ in range(n_trials):
        values, n, number = rng.standard_normal(200), 10, 1
        while True:
            look = replications._look(values[:n], wanted, number)
            if look["is_reached"] or n >= 200:
                break
            n, number = min(int(np.ceil(1.5 * n)), 200), number + 1
        covered += abs(look["mean"]) <= look["half_width"]
    # at least the stated 95 %: fewer would be an accident of less than one in a thousand
    assert covered >= binom.ppf(0.001, n_trials, 0.95)


@pytest.mark.parametrize(
    ("wanted", "sizes", "message"),
    [
        (Precision("suported", 1.0), {}, "Did you mean supported?"),
        (Precision("supported", 0.0), {}, "half_width = 0.0: must be above 0"),
        (Precision("supported", 1.0, confidence=1.0), {}, "confidence = 1.0"),
        (Precision("supported", 1.0, option="phone_frist"), {}, "Did you mean phone_first?"),
        (Precision("supported", 1.0), {"seed": -1}, "seed = -1"),
        (Precision("supported", 1.0), {"n_draws": 5}, "n_draws = 5: must be 1"),
        (Precision("supported", 1.0), {"n_replications": 1}, "n_replications = 1: must be at least 2"),
    ],
)
def test_impossible_precision_is_refused(scenario, wanted, sizes, message):
    with pytest.raises(InputError) as error:
        simulate(scenario, precision=wanted, **sizes)
    assert message in str(error.value)

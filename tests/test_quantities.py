from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit
from scipy.stats import beta

from victimsmodel.inputs.quantities import (
    UNIT_INTERVAL,
    Correlation,
    Days,
    Estimate,
    Minutes,
    OddsRatio,
    Points,
    Pounds,
    PoundsPerYear,
    Probability,
    Sessions,
    Unit,
    Victims,
    VictimsPerYear,
    Years,
    estimates_in,
)
from victimsmodel.inputs.service import Agreement

UNITS = get_args(Unit)
GRID = np.linspace(0.001, 0.999, 9_981)
LOG_ODDS_95 = logit(0.95)


def triplet(low, value, high, unit="probability", **more):
    year = {"price_year": "2019/20"} if unit.startswith("GBP") else {}
    return Estimate(low=low, value=value, high=high, unit=unit, source="assumption", **year, **more)


def counts(events, trials, unit="probability"):
    return Estimate(events=events, trials=trials, unit=unit, source="assumption")


def problems_of(**fields):
    """Return what an estimate is refused for, as (field, value, allowed, code, hint)."""
    with pytest.raises(ValidationError) as caught:
        Estimate(**{"unit": "probability", "source": "assumption", **fields})
    return [tuple(problem.values()) for problem in caught.value.errors()[0]["ctx"]["problems"]]


def free(x, unit):
    return logit(x) if unit in UNIT_INTERVAL else np.log(x)


def bound(x, unit):
    return expit(x) if unit in UNIT_INTERVAL else np.exp(x)


def metalog(y, low, value, high):
    """Return the three-term metalog through three points: Keelin's basis, solved as linear equations."""

    def basis(p):
        log_odds = logit(np.asarray(p))
        return np.stack([np.ones_like(log_odds), log_odds, (p - 0.5) * log_odds], axis=-1)

    weights = np.linalg.solve(basis(np.array([0.05, 0.5, 0.95])), [low, value, high])
    return basis(y) @ weights


def least_feasible_ratio():
    """Return the least (median - low) / (high - low) at which the metalog still rises everywhere.

    With tails of 5 % its slope is positive where 0.45 > |1 - 2 r| g(y) for all y, with
    g(y) = y (1 - y) logit(y) + y - 1/2.
    """
    found = minimize_scalar(
        lambda y: -(y * (1 - y) * logit(y) + y - 0.5), bounds=(0.8, 0.99), options={"xatol": 1e-12}
    )
    return (1 + 0.45 / found.fun) / 2


# The distribution


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("skew", [0.2, 0.5, 0.75])
def test_quantiles_pass_through_low_value_and_high(unit, skew):
    low, high = (0.08, 0.55) if unit in UNIT_INTERVAL else (3.0, 40.0)
    value = float(bound(free(low, unit) + skew * (free(high, unit) - free(low, unit)), unit))
    found = triplet(low, value, high, unit).quantile([0.05, 0.5, 0.95])
    np.testing.assert_allclose(found, [low, value, high], rtol=1e-13)


@pytest.mark.parametrize("unit", ["probability", "minutes"])
@pytest.mark.parametrize("skew", [0.13, 0.3, 0.6, 0.87])
def test_quantiles_agree_with_the_metalog_solved_as_linear_equations(unit, skew):
    low, high = (0.08, 0.55) if unit in UNIT_INTERVAL else (3.0, 40.0)
    start, end = free(low, unit), free(high, unit)
    middle = start + skew * (end - start)
    expected = bound(metalog(GRID, start, middle, end), unit)
    found = triplet(low, float(bound(middle, unit)), high, unit).quantile(GRID)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


@given(
    low=st.floats(0.01, 0.9),
    width=st.floats(0.01, 0.99),
    skew=st.floats(0.126, 0.874),
    probability=st.floats(1e-4, 1 - 1e-4),
)
def test_probabilities_stay_between_0_and_1(low, width, skew, probability):
    high = low + width * (0.99 - low)
    value = float(expit(logit(low) + skew * (logit(high) - logit(low))))
    drawn = triplet(low, value, high).quantile(probability)
    assert 0 < drawn < 1


def test_a_triplet_symmetric_in_log_odds_is_the_logistic_distribution():
    middle, reach = logit(0.3), 0.8
    estimate = triplet(*(float(expit(middle + step * reach)) for step in (-1, 0, 1)))
    expected = expit(middle + reach * logit(GRID) / LOG_ODDS_95)
    np.testing.assert_allclose(estimate.quantile(GRID), expected, rtol=1e-12)


def test_a_triplet_symmetric_in_logarithms_is_the_log_logistic_distribution():
    estimate = triplet(20.0, 30.0, 45.0, "minutes")
    expected = 30 * 1.5 ** (logit(GRID) / LOG_ODDS_95)
    np.testing.assert_allclose(estimate.quantile(GRID), expected, rtol=1e-12)


@pytest.mark.parametrize(("events", "trials"), [(31, 37), (3, 4), (0, 13), (13, 13), (604, 3814)])
def test_counts_give_the_beta_posterior_of_the_jeffreys_prior(events, trials):
    expected = beta(events + 0.5, trials - events + 0.5).ppf(GRID)
    np.testing.assert_allclose(counts(events, trials).quantile(GRID), expected, rtol=1e-9)


def test_31_of_37_counts_for_more_than_3_of_4():
    (low_many, high_many), (low_few, high_few) = counts(31, 37).interval, counts(3, 4).interval
    assert low_few < low_many < high_many < high_few


def test_quantiles_keep_the_shape_of_the_probabilities():
    estimate = triplet(0.2, 0.25, 0.3)
    assert estimate.quantile(np.full((2, 3), 0.5)).shape == (2, 3)
    assert estimate.quantile(0.5).shape == ()


def test_median_and_interval_of_a_triplet_are_the_stated_numbers():
    estimate = triplet(0.2, 0.25, 0.3)
    assert estimate.median == pytest.approx(0.25, rel=1e-14)
    assert estimate.interval == pytest.approx((0.2, 0.3), rel=1e-14)


# Triplets that no metalog passes through


RANGES = [("probability", 0.25, 0.6), ("correlation", 0.001, 0.02), ("minutes", 5.0, 60.0)]


@pytest.mark.parametrize(("unit", "low", "high"), RANGES)
@pytest.mark.parametrize("end", ["low", "high"])
def test_a_triplet_just_inside_the_feasible_range_rises_everywhere(unit, low, high, end):
    edge = least_feasible_ratio() + 1e-4
    ratio = edge if end == "low" else 1 - edge
    value = float(bound(free(low, unit) + ratio * (free(high, unit) - free(low, unit)), unit))
    fine = np.linspace(0.0005, 0.9995, 99_901)
    assert (np.diff(triplet(low, value, high, unit).quantile(fine)) > 0).all()


@pytest.mark.parametrize(("unit", "low", "high"), RANGES)
@pytest.mark.parametrize("end", ["low", "high"])
def test_a_triplet_just_outside_the_feasible_range_would_fall_and_is_refused(unit, low, high, end):
    edge = least_feasible_ratio() - 1e-4
    ratio = edge if end == "low" else 1 - edge
    start, stop = free(low, unit), free(high, unit)
    middle = start + ratio * (stop - start)
    fine = np.linspace(0.0005, 0.9995, 99_901)
    assert (np.diff(metalog(fine, start, middle, stop)) < 0).any()
    ((field, _, allowed, code, _),) = problems_of(
        unit=unit, low=low, value=float(bound(middle, unit)), high=high
    )
    assert (field, code) == ("value", "VM013")
    assert allowed.startswith("is too near one end of its range")


def test_an_infeasible_triplet_is_refused_with_the_feasible_range():
    allowed = "is too near one end of its range: with low 0.25 and high 0.6 it must lie from 0.2869 to 0.5541"
    assert problems_of(low=0.25, value=0.26, high=0.6) == [("value", "0.26", allowed, "VM013", "")]


# What is refused


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (1.2, "Did you mean 0.12?"),
        (25, "Did you mean 0.25?"),
        (-0.1, "Did you mean 0.1?"),
        (0, ""),
        (1, ""),
        (250, ""),
    ],
)
def test_a_number_that_is_no_probability_is_refused_with_the_likely_intention(value, hint):
    allowed = "must be a probability from 0 to 1 (exclusive)"
    expected = [("value", f"{value:g}", allowed, "VM012", hint)]
    assert problems_of(low=0.05, value=value, high=0.3) == expected


def test_every_number_outside_the_range_is_named():
    found = problems_of(low=-0.2, value=1.2, high=30.0, unit="correlation")
    assert [(field, value) for field, value, *_ in found] == [
        ("value", "1.2"),
        ("low", "-0.2"),
        ("high", "30"),
    ]
    assert {allowed for _, _, allowed, *_ in found} == {"must be a correlation from 0 to 1 (exclusive)"}


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_a_quantity_of_zero_or_less_is_refused(value):
    found = problems_of(low=10.0, value=value, high=30.0, unit="minutes")
    assert found == [("value", f"{value:g}", "must be above 0 (minutes)", "VM012", "")]


@pytest.mark.parametrize("value", [0.1, 0.2, 0.4, 0.5])
def test_a_value_outside_its_own_interval_is_refused(value):
    allowed = "must lie between low (0.2) and high (0.4)"
    assert problems_of(low=0.2, value=value, high=0.4) == [("value", f"{value:g}", allowed, "VM013", "")]


@pytest.mark.parametrize("fields", [{}, {"value": 0.2, "events": 3}, {"low": 0.1, "trials": 4}])
def test_exactly_one_of_the_two_forms_is_stated(fields):
    allowed = "must state either value, low and high, or events and trials"
    assert problems_of(**fields) == [("", "", allowed, "VM011", "")]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"value": 0.2}, ["low", "high"]),
        ({"low": 0.1, "high": 0.3}, ["value"]),
        ({"events": 3}, ["trials"]),
        ({"trials": 3}, ["events"]),
    ],
)
def test_the_missing_parts_of_a_form_are_named(fields, missing):
    assert problems_of(**fields) == [(name, "", "is missing", "VM010", "") for name in missing]


def test_more_events_than_trials_are_refused():
    assert problems_of(events=5, trials=4) == [("events", "5", "must be at most trials (4)", "VM012", "")]


def test_counts_of_anything_but_a_probability_are_refused():
    allowed = "must be probability for events and trials"
    assert problems_of(events=3, trials=4, unit="minutes") == [("unit", "minutes", allowed, "VM011", "")]


@pytest.mark.parametrize("missing", ["unit", "source"])
def test_a_number_without_unit_or_source_is_refused(missing):
    fields = {"low": 0.2, "value": 0.25, "high": 0.3, "unit": "probability", "source": "assumption"}
    del fields[missing]
    with pytest.raises(ValidationError, match=missing):
        Estimate(**fields)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.25", True])
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ValidationError, match="value"):
        triplet(0.2, value, 0.3)


QUANTITIES = {
    "probability": Probability,
    "correlation": Correlation,
    "minutes": Minutes,
    "days": Days,
    "odds ratio": OddsRatio,
    "sessions": Sessions,
    "victims/year": VictimsPerYear,
    "victims": Victims,
    "GBP": Pounds,
    "GBP/year": PoundsPerYear,
    "points": Points,
    "years": Years,
}


def test_every_unit_has_a_quantity():
    assert set(QUANTITIES) == set(UNITS)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("due", UNITS)
def test_a_quantity_takes_its_own_unit_alone(unit, due):
    estimate = triplet(0.2, 0.25, 0.3, unit)
    adapter = TypeAdapter(QUANTITIES[due])
    if unit == due:
        assert adapter.validate_python(estimate) == estimate
        return
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(estimate)
    (problem,) = caught.value.errors()[0]["ctx"]["problems"]
    assert tuple(problem.values()) == ("unit", unit, f"must be {due}", "VM014", "")


# Numbers that are fixed on purpose


@pytest.mark.parametrize(("value", "unit"), [(0.25, "probability"), (14.0, "minutes")])
def test_equal_low_value_and_high_give_that_number_in_every_draw(value, unit):
    estimate = triplet(value, value, value, unit)
    assert estimate.is_fixed
    assert (estimate.quantile(GRID) == value).all()


def test_an_interval_and_counts_are_not_fixed():
    assert not triplet(0.2, 0.25, 0.3).is_fixed
    assert not counts(3, 4).is_fixed


# Estimates inside a description


def test_estimates_are_found_by_dotted_name_in_the_order_of_the_fields():
    first, second, third = triplet(0.2, 0.25, 0.3), counts(3, 4), triplet(2.0, 3.0, 5.0, "days")
    model = {"consent": Agreement(in_need=first, not_in_need=second), "waits": (third, 4), "title": "text"}
    found = estimates_in(model)
    assert list(found.items()) == [
        ("consent.in_need", first),
        ("consent.not_in_need", second),
        ("waits.0", third),
    ]
    assert list(estimates_in(model, "x")) == ["x.consent.in_need", "x.consent.not_in_need", "x.waits.0"]
    assert estimates_in(third, "alone") == {"alone": third}

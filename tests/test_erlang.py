"""Erlang B, C and A against published values and an independent solution of the Markov chain."""

import numpy as np
import pytest
from scipy.linalg import expm

from victimsmodel.appraisal.erlang import (
    Queue,
    erlang_b,
    erlang_c,
    least_staff,
    queue_measures,
    share_served_within,
    share_waiting_beyond,
)

#: arrivals, mean service time, staff, mean patience
IMPATIENT = [
    (5.0, 1.0, 6, 2.0),
    (5.0, 1.0, 4, 0.5),
    (0.3, 10.0, 3, 40.0),
    (20.0, 1.0, 12, 1.5),
    (48.0, 0.5, 25, 0.1),
    (0.2, 1.0, 1, 30.0),
    (3.0, 1.0, 9, 8.0),
]


def stationary(arrivals, service, staff, patience, n_states=300):
    """Solve for the distribution of the number present from the whole generator, by linear algebra."""
    n = np.arange(n_states)
    leaving = np.minimum(n, staff) / service + np.maximum(n - staff, 0) / patience
    generator = np.diag(np.full(n_states - 1, arrivals), 1) + np.diag(leaving[1:], -1)
    generator -= np.diag(generator.sum(axis=1))
    equations = np.vstack([generator.T[1:], np.ones(n_states)])
    return np.linalg.solve(equations, np.eye(n_states)[-1])


def test_probability_of_waiting_for_load_5_on_6_staff():
    assert erlang_c(5, 6) == pytest.approx(0.5875164504606128, rel=1e-12)


def test_erlang_b_has_its_closed_form():
    # load^n / n! over the sum of such terms; load 2 on 3: (8/6) / (1 + 2 + 2 + 8/6) = 4/19
    assert erlang_b(2, 3) == pytest.approx(4 / 19, rel=1e-14)
    assert erlang_b(5, 0) == 1.0
    assert erlang_b(0, 4) == 0.0


def test_erlang_b_keeps_its_digits_for_a_thousand_staff():
    # from the sum of a Poisson distribution, in scipy
    from scipy.stats import poisson

    expected = poisson.pmf(1000, 950.0) / poisson.cdf(1000, 950.0)
    assert erlang_b(950.0, 1000) == pytest.approx(expected, rel=1e-9)


def test_one_server_waits_as_in_m_m_1():
    queue = Queue(arrival_rate=0.8, service_time=1.0, n_staff=1)
    found = queue_measures(queue)
    assert found.probability_of_waiting == pytest.approx(0.8)
    assert found.mean_wait == pytest.approx(0.8 / 0.2)
    assert share_waiting_beyond(queue, 3.0) == pytest.approx(0.8 * np.exp(-0.2 * 3.0))


def test_a_queue_without_spare_staff_never_ends():
    found = queue_measures(Queue(6.0, 1.0, 6))
    assert (found.probability_of_waiting, found.mean_wait) == (1.0, np.inf)
    assert share_served_within(Queue(6.0, 1.0, 6), 100.0) == 0.0


@pytest.mark.parametrize("case", IMPATIENT)
def test_erlang_a_is_the_birth_death_chain(case):
    arrivals, _service, staff, patience = case
    chance = stationary(*case)
    waiting = np.maximum(np.arange(len(chance)) - staff, 0)
    found = queue_measures(Queue(*case))
    assert found.probability_of_waiting == pytest.approx(chance[staff:].sum(), rel=1e-10, abs=1e-10)
    mean_waiting = waiting @ chance
    assert found.mean_wait == pytest.approx(mean_waiting / arrivals, rel=1e-10, abs=1e-10)
    leaving = mean_waiting / patience / arrivals
    assert found.probability_of_abandoning == pytest.approx(leaving, rel=1e-10, abs=1e-10)
    busy = np.minimum(np.arange(len(chance)), staff) @ chance / staff
    assert found.utilisation == pytest.approx(busy, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("case", IMPATIENT)
@pytest.mark.parametrize("wait", [0.0, 0.3, 2.0])
def test_waits_of_erlang_a_are_those_of_a_person_followed_through_the_line(case, wait):
    """A person with j others ahead in line: states j, j - 1, ... 0 ahead, then served, or gone."""
    _arrivals, service, staff, patience = case
    chance = stationary(*case)[staff:]
    n_ahead = int(np.nonzero(np.cumsum(chance[::-1]) > 1e-15)[0][0])
    n_ahead = len(chance) - n_ahead  # positions in line that matter
    ahead = np.arange(n_ahead)
    moving = staff / service + ahead / patience
    generator = np.zeros((n_ahead + 2, n_ahead + 2))  # then: served, gone
    generator[ahead, ahead] = -moving - 1 / patience
    generator[ahead[1:], ahead[:-1]] = moving[1:]
    generator[0, n_ahead] = moving[0]
    generator[ahead, n_ahead + 1] = 1 / patience
    moved = chance[:n_ahead] @ expm(generator * wait)[:n_ahead]
    none = 1 - chance.sum()
    queue = Queue(*case)
    assert share_waiting_beyond(queue, wait) == pytest.approx(moved[:n_ahead].sum(), rel=1e-8, abs=1e-11)
    assert share_served_within(queue, wait) == pytest.approx(none + moved[n_ahead], rel=1e-9, abs=1e-11)


def test_erlang_a_tends_to_erlang_c_as_patience_grows():
    patient, endless = Queue(5.0, 1.0, 7, patience=1e6), Queue(5.0, 1.0, 7)
    # the effect of patience is of the order of the mean wait over it
    for name in ("probability_of_waiting", "mean_wait"):
        assert getattr(queue_measures(patient), name) == pytest.approx(
            getattr(queue_measures(endless), name), rel=1e-5
        )
    assert share_served_within(patient, 0.5) == pytest.approx(share_served_within(endless, 0.5), rel=1e-5)


def test_with_patience_equal_to_the_service_time_the_number_present_is_poisson():
    from scipy.stats import poisson

    found = queue_measures(Queue(9.0, 1.0, 8, patience=1.0))
    assert found.probability_of_waiting == pytest.approx(poisson.sf(7, 9.0), rel=1e-12)


@pytest.mark.parametrize("patience", [np.inf, 3.0])
@pytest.mark.parametrize(("share", "within"), [(0.8, 0.25), (0.9, 2.0), (0.99, 0.0)])
def test_least_staff_meet_the_target_and_one_fewer_do_not(patience, share, within):
    queue = Queue(arrival_rate=12.0, service_time=1.0, n_staff=0, patience=patience)
    n = least_staff(queue, share, within)
    assert share_served_within(Queue(12.0, 1.0, n, patience), within) >= share
    assert share_served_within(Queue(12.0, 1.0, n - 1, patience), within) < share


def test_a_limit_on_those_who_leave_asks_for_more_staff():
    queue = Queue(12.0, 1.0, 0, patience=0.5)
    few, many = least_staff(queue, 0.5, 1.0), least_staff(queue, 0.5, 1.0, most_abandoning=0.01)
    assert many > few
    assert queue_measures(Queue(12.0, 1.0, many, 0.5)).probability_of_abandoning <= 0.01
    assert queue_measures(Queue(12.0, 1.0, many - 1, 0.5)).probability_of_abandoning > 0.01


def test_a_target_beyond_the_staff_there_are_is_refused():
    with pytest.raises(ValueError, match="10 staff do not meet the target"):
        least_staff(Queue(12.0, 1.0, 0), 0.8, 0.1, most_staff=10)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((-1.0, 1.0, 2), "arrival_rate must be above 0"),
        ((1.0, np.inf, 2), "service_time must be above 0 and finite"),
        ((1.0, 1.0, -2), "n_staff must be a whole number"),
        ((1.0, 1.0, 2, 0.0), "patience must be above 0"),
    ],
)
def test_what_is_no_queue_is_refused(numbers, message):
    with pytest.raises(ValueError, match=message):
        Queue(*numbers)


def test_a_load_of_thousands_has_finite_measures():
    found = queue_measures(Queue(5000.0, 1.0, 4900, patience=5.0))
    # fluid limit: those beyond the staff leave
    assert found.probability_of_abandoning == pytest.approx(100 / 5000, rel=0.02)
    assert 0 <= share_served_within(Queue(5000.0, 1.0, 4900, patience=5.0), 0.2) <= 1

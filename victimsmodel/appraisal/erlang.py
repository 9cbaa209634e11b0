"""Closed forms of staffing: Erlang B and C, and Erlang A where people who wait lose patience."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

#: Terms of the series of Erlang A beyond which patience is so long that it may as well be endless.
_MOST_TERMS = 5_000_000
_MOST_STAFF = 1_000_000


def erlang_b(load: float, n_staff: int) -> float:
    """Return the probability that all staff are busy where nobody waits (Erlang 1917).

    Parameters
    ----------
    load : float
        Offered load: arrivals per unit of time x mean service time, 0 or more.
    n_staff : int

    Returns
    -------
    float
        By the recursion over n_staff, which loses no digits.
    """
    _check(load, n_staff)
    blocked = 1.0
    for n in range(1, n_staff + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, n_staff: int) -> float:
    """Return the probability of waiting where everybody waits as long as it takes (Erlang 1917).

    Returns
    -------
    float
        1 where the load is not below the staff, for the queue then grows without end.
    """
    _check(load, n_staff)
    if load >= n_staff:
        return 1.0
    blocked = erlang_b(load, n_staff)
    return blocked / (1 - load / n_staff * (1 - blocked))


@dataclass(frozen=True)
class Queue:
    """Work that arrives by chance (Poisson), exponential service times, one line, equal staff.

    All times in one unit, for example minutes. Closed forms are a first guess for staffing and a check on
    the simulation; they know no working hours, priorities or repeated attempts.
    """

    arrival_rate: float  # per unit of time
    service_time: float  # mean
    n_staff: int
    patience: float = math.inf  # mean, exponential; endless: Erlang C

    def __post_init__(self) -> None:
        """Refuse what is no queue."""
        for name in ("arrival_rate", "service_time", "patience"):
            value = getattr(self, name)
            if not value > 0 or (math.isinf(value) and name != "patience"):
                raise ValueError(f"{name} must be above 0 and finite; it is {value}")
        _check(self.load, self.n_staff)

    @property
    def load(self) -> float:
        """Offered load, in staff."""
        return self.arrival_rate * self.service_time


@dataclass(frozen=True)
class QueueMeasures:
    """Long-run measures of a queue; waits are averaged over all who arrive, also those who leave."""

    probability_of_waiting: float
    probability_of_abandoning: float
    mean_wait: float
    utilisation: float


def queue_measures(queue: Queue) -> QueueMeasures:
    """Return the probability of waiting and of abandoning, the mean wait and the utilisation.

    Without patience Erlang C; with it Erlang A (M/M/n+M): with x = n_staff x patience / service_time and
    y = arrival_rate x patience, the number waiting, given that all staff are busy, is j with weight
    y^j / ((x + 1) ... (x + j)).

    References
    ----------
    Palm (1957), Research on telephone traffic carried by full availability groups, Tele 1, 107. Garnett,
    Mandelbaum and Reiman (2002), Designing a call center with impatient customers, Manufacturing and
    Service Operations Management 4, 208-227, section 2.
    """
    if math.isinf(queue.patience):
        spare = queue.n_staff - queue.load
        waits = erlang_c(queue.load, queue.n_staff)
        mean = waits * queue.service_time / spare if spare > 0 else math.inf
        return QueueMeasures(waits, 0.0, mean, min(queue.load / queue.n_staff, 1.0) if queue.n_staff else 1.0)
    x, y = _shape(queue)
    log_weights = _log_weights(x, y)
    waiting = np.arange(len(log_weights)) * np.exp(log_weights - log_weights.max())
    mean_waiting = float(waiting.sum() / np.exp(log_weights - log_weights.max()).sum())
    waits = _probability_of_waiting(queue)
    mean = waits * mean_waiting / queue.arrival_rate  # Little's law
    abandons = mean / queue.patience
    served = queue.load * (1 - abandons)
    return QueueMeasures(waits, abandons, mean, served / queue.n_staff if queue.n_staff else 1.0)


def share_served_within(queue: Queue, wait: float) -> float:
    """Return the share of all who arrive that is served after at most so long a wait.

    Who leaves is not served: with patience the share tends to 1 less the probability of abandoning.

    References
    ----------
    Mandelbaum and Zeltyn (2007), Service engineering in action: the Palm/Erlang-A queue, with
    applications to call centers, in Advances in Services Innovations, 17-45.
    """
    measures = queue_measures(queue)
    if math.isinf(queue.patience):
        return 1 - share_waiting_beyond(queue, wait)
    return 1 - measures.probability_of_abandoning - _served_beyond(queue, wait)


def share_waiting_beyond(queue: Queue, wait: float) -> float:
    """Return the probability that an arrival is still waiting after so long: neither served nor gone."""
    if wait < 0:
        return 1.0
    if math.isinf(queue.patience):
        spare = queue.n_staff - queue.load
        waits = erlang_c(queue.load, queue.n_staff)
        return waits * math.exp(-spare * wait / queue.service_time) if spare > 0 else 1.0
    x, y = _shape(queue)
    left = math.exp(-wait / queue.patience)
    fall = x * math.log(left) + _log_growth(y, wait / queue.patience)
    fall += _log_sum(x, y * left) - _log_sum(x, y)
    return _probability_of_waiting(queue) * left * math.exp(fall)


def least_staff(
    queue: Queue, share: float, within: float, most_abandoning: float = 1.0, most_staff: int = _MOST_STAFF
) -> int:
    """Return the fewest staff with whom a share of all who arrive is served within a time.

    Parameters
    ----------
    queue : Queue
        Its own number of staff does not matter.
    share : float
        Of all who arrive, from 0 to below 1.
    within : float
        Longest wait that counts, in the queue's unit of time, 0 or more.
    most_abandoning : float
        Highest share of all who arrive that may leave.
    most_staff : int
        Where the search ends.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If the target is no target, or is not met by `most_staff`.
    """
    if not 0 <= share < 1 or within < 0 or not 0 < most_abandoning <= 1:
        raise ValueError("share must be from 0 to below 1, within 0 or more, most_abandoning above 0 to 1")

    def is_met(n_staff: int) -> bool:
        tried = replace(queue, n_staff=n_staff)
        leaving = queue_measures(tried).probability_of_abandoning
        return share_served_within(tried, within) >= share and leaving <= most_abandoning

    low, high = -1, 1
    while not is_met(min(high, most_staff)):
        if high >= most_staff:
            raise ValueError(f"{most_staff} staff do not meet the target")
        low, high = high, 2 * high
    high = min(high, most_staff)
    while high - low > 1:  # the measures rise with every member of staff
        middle = (low + high) // 2
        low, high = (low, middle) if is_met(middle) else (middle, high)
    return high


def _check(load: float, n_staff: int) -> None:
    if not (math.isfinite(load) and load >= 0):
        raise ValueError(f"load must be 0 or more and finite; it is {load}")
    if n_staff < 0 or n_staff != int(n_staff):
        raise ValueError(f"n_staff must be a whole number, 0 or more; it is {n_staff}")


def _shape(queue: Queue) -> tuple[float, float]:
    return queue.n_staff * queue.patience / queue.service_time, queue.arrival_rate * queue.patience


def _log_weights(x: float, y: float) -> NDArray[np.float64]:
    """Return log(y^j / ((x + 1) ... (x + j))) for j from 0 until the terms no longer count."""
    n_terms = math.ceil(max(y - x, 0) + 12 * math.sqrt(max(x, y)) + 100)
    if n_terms > _MOST_TERMS:
        raise ValueError("patience is so long beside the service time that endless patience says the same")
    return np.concatenate([[0.0], np.cumsum(np.log(y / (x + np.arange(1, n_terms))))]) if y else np.zeros(1)


def _log_sum(x: float, y: float) -> float:
    """Return the log of the sum of the weights: A(x, y) of Palm, x exp(y) y^-x times the lower gamma."""
    weights = _log_weights(x, y)
    top = weights.max()
    return float(top + np.log(np.exp(weights - top).sum()))


def _log_growth(y: float, time: float) -> float:
    """Return y (1 - exp(-time)) without losing digits where the time is short."""
    return -y * math.expm1(-time)


def _probability_of_waiting(queue: Queue) -> float:
    """Return A B / (1 + (A - 1) B), with B of Erlang B, from the odds of finding all staff busy."""
    blocked = erlang_b(queue.load, queue.n_staff)
    if blocked == 0:
        return 0.0
    log_odds = _log_sum(*_shape(queue)) + math.log(blocked)
    free = 1 - blocked
    return 1 / (1 + free * math.exp(-log_odds))


def _served_beyond(queue: Queue, wait: float) -> float:
    """Return the probability that an arrival is served after a longer wait."""
    if wait < 0:
        wait = 0.0
    x, y = _shape(queue)
    left = math.exp(-wait / queue.patience)
    fall = (x + 1) * math.log(left) + _log_growth(y, wait / queue.patience) if left else -math.inf
    fall += _log_sum(x + 1, y * left) - _log_sum(x, y)
    return _probability_of_waiting(queue) * x / (x + 1) * math.exp(fall)

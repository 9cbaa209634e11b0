"""The cheapest staff with whom all standards are met in a stated share of years, coarse to fine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from victimsmodel.appraisal.selection import Correct, cheapest_correct
from victimsmodel.appraisal.staff_trials import Steps, Trials

#: A share of years that lies so near to the confidence counts as equal to it: a choice.
INDIFFERENCE = 0.05
_GOAL = 0.9  # probability of correct selection at which no more years are tried
_FIRST_YEARS = 16
_MORE_YEARS = 2.25
_MOST_FACTOR, _LEVELS = 3.0, 16  # of the scale on which all roles are raised together
_STRIDES = (4, 2, 1)  # steps by which a role is lowered
_SPARE_YEARS = 2  # that fail narrowly and are looked at beyond those that are needed


class Bounds(NamedTuple):
    """Where the search goes, and what a step of each role costs."""

    least: Steps
    most: Steps
    prices: tuple[float, ...]  # GBP a year of one step


class Found(NamedTuple):
    """The cheapest plan, the years it was tried in, and how sure that is."""

    plan: Steps
    years: tuple[int, ...]
    rivals: tuple[Steps, ...]  # cheaper plans that it was held against
    correct: Correct


def first_years(trials: Trials) -> tuple[int, ...]:
    """Return the years in which a search begins."""
    return tuple(range(min(_FIRST_YEARS, trials.years.n_years)))


def cheapest_staff(trials: Trials, bounds: Bounds, start: Steps, confidence: float) -> Found:
    """Return the cheapest plan, sure enough or held against its rivals in all years there are.

    A common factor on `start` is raised until the standards are met; then roles are lowered one by one,
    first in coarse steps, and exchanged for each other while that is cheaper. Then years are added and the
    neighbourhood is looked at again, until the selection is correct with probability 0.9 but for an
    indifference of 5 points in the share of years.

    Raises
    ------
    LookupError
        If even the most staff are not enough.
    """
    years = first_years(trials)
    plan = _lowered(trials, bounds, _scaled(trials, bounds, start, years, confidence), years, confidence)
    while True:
        rivals = tuple(cheaper_neighbours(plan, bounds))
        verdicts = np.array([trials.verdicts(one, years) for one in (plan, *rivals)])
        correct = cheapest_correct(verdicts, 0, confidence, INDIFFERENCE)
        if correct.within_indifference >= _GOAL or len(years) >= trials.years.n_years:
            trials.shares(plan, years)  # what was implied is simulated
            if trials.is_enough(plan, years, confidence):
                return Found(plan, years, rivals, correct)
        else:
            years = tuple(range(min(int(len(years) * _MORE_YEARS), trials.years.n_years)))
        plan = _lowered(trials, bounds, _raised(trials, bounds, plan, years, confidence), years, confidence)


def cheaper_neighbours(plan: Steps, bounds: Bounds) -> Iterator[Steps]:
    """Yield the cheaper plans next to a plan.

    They have a step less of one role; or, for as much of another role as the step was worth and a little
    less, that much more of it; or a step more of one role for a little more than it is worth of another.
    """
    for role, price in enumerate(bounds.prices):
        if plan[role] <= bounds.least[role]:
            continue
        yield _moved(plan, role, -1)
        for other, its_price in enumerate(bounds.prices):
            if other == role or its_price <= 0:
                continue
            more = min(int(np.ceil(price / its_price - 1e-9)) - 1, bounds.most[other] - plan[other])
            fewer = int(np.floor(its_price / price + 1e-9)) + 1 if price > 0 else 0
            if more > 0:
                yield _moved(_moved(plan, role, -1), other, more)
            elif 1 < fewer <= plan[role] - bounds.least[role] and plan[other] < bounds.most[other]:
                yield _moved(_moved(plan, role, -fewer), other, 1)


def _scaled(trials: Trials, bounds: Bounds, start: Steps, years: Sequence[int], confidence: float) -> Steps:
    """Return the least multiple of a plan, on a coarse scale, that is enough."""

    def scaled(level: int) -> Steps:
        factor = _MOST_FACTOR ** (level / _LEVELS)
        return _capped(tuple(int(np.ceil(steps * factor)) for steps in start), bounds)

    low, high = -1, 1
    while not trials.is_enough(scaled(high), years, confidence):
        if scaled(high) == bounds.most:
            raise LookupError("not enough with the most staff")
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if trials.is_enough(scaled(middle), years, confidence) else (middle, high)
    return scaled(high)


def _raised(trials: Trials, bounds: Bounds, start: Steps, years: Sequence[int], confidence: float) -> Steps:
    """Return a plan raised step by step until it is enough, by the role that helps most for its money."""
    plan, needed = start, int(np.ceil(confidence * len(years) - 1e-9))
    while not trials.is_enough(plan, years, confidence):
        if plan == bounds.most:
            raise LookupError("not enough with the most staff")
        is_met = trials.verdicts(plan, years)
        failing = [year for year, met in zip(years, is_met, strict=True) if not met]
        short = trials.shortage(plan, failing)
        nearest = np.argsort(short, kind="stable")[: needed - int(is_met.sum()) + _SPARE_YEARS]
        asked = [failing[i] for i in nearest]
        best, most_worth = None, 0.0
        for role, price in enumerate(bounds.prices):
            raised = _moved(plan, role, 1)
            if raised[role] <= bounds.most[role]:
                gain = float(short[nearest].sum() - trials.shortage(raised, asked).sum())
                if gain > 0 and gain / max(price, 1.0) > most_worth:
                    best, most_worth = raised, gain / max(price, 1.0)
        plan = best or _capped(tuple(steps + 1 for steps in plan), bounds)  # or no role alone helps
    return plan


def _lowered(trials: Trials, bounds: Bounds, start: Steps, years: Sequence[int], confidence: float) -> Steps:
    """Return a plan lowered, and its roles exchanged, as long as that is cheaper and still enough."""
    plan, dearest = start, np.argsort(-np.array(bounds.prices), kind="stable")
    for stride in _STRIDES:
        is_lower = True
        while is_lower:
            is_lower = False
            for role in dearest:
                lowered = _moved(plan, int(role), -stride)
                if lowered[role] >= bounds.least[role] and trials.is_enough(lowered, years, confidence):
                    plan, is_lower = lowered, True
    for rival in cheaper_neighbours(plan, bounds):
        if trials.is_enough(rival, years, confidence):
            return _lowered(trials, bounds, rival, years, confidence)
    return plan


def _moved(plan: Steps, role: int, by: int) -> Steps:
    return (*plan[:role], plan[role] + by, *plan[role + 1 :])


def _capped(plan: Steps, bounds: Bounds) -> Steps:
    return tuple(min(steps, most) for steps, most in zip(plan, bounds.most, strict=True))

"""The cheapest staff with whom all standards are met in a stated share of years: coarse to fine, then surer."""

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
_MORE_YEARS = 1.5
_STRIDE = 0.1  # of a role's staff, first
_GAIN = 1e-4  # of the shortage, below which a role makes no difference


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
    """Return the cheapest plan from `start` upwards and downwards, sure enough or in all years there are.

    Coarse strides first climb until the standards are met, each time with the role that takes away most of
    the shortage for its money, then descend. Then years are added and the neighbourhood of the plan is
    looked at again, until the selection is correct with probability 0.9 but for an indifference of 5
    points in the share of years.

    Raises
    ------
    LookupError
        If even the most staff are not enough.
    """
    years = first_years(trials)
    plan = _climbed(trials, bounds, start, years, confidence, _STRIDE)
    plan = _descended(trials, bounds, plan, years, confidence)
    while True:
        rivals = tuple(cheaper_neighbours(plan, bounds))
        verdicts = np.array([trials.verdicts(one, years) for one in (plan, *rivals)])
        correct = cheapest_correct(verdicts, 0, confidence, INDIFFERENCE)
        if correct.within_indifference >= _GOAL or len(years) >= trials.years.n_years:
            trials.shares(plan, years)
            if trials.is_enough(plan, years, confidence):  # what was implied is now simulated
                return Found(plan, years, rivals, correct)
        else:
            years = tuple(range(min(int(len(years) * _MORE_YEARS), trials.years.n_years)))
        plan = _climbed(trials, bounds, plan, years, confidence, 0.0)
        plan = _descended(trials, bounds, plan, years, confidence)


def cheaper_neighbours(plan: Steps, bounds: Bounds) -> Iterator[Steps]:
    """Yield the cheaper plans next to a plan.

    They have a step less of one role; or, for as much of another role as the step was worth and a little
    less, that much more of it. Anything in between has no more staff than one of these.
    """
    for role, price in enumerate(bounds.prices):
        if plan[role] <= bounds.least[role]:
            continue
        yield _moved(plan, role, -1)
        for other, its_price in enumerate(bounds.prices):
            if other == role or its_price <= 0:
                continue
            more = int(np.ceil(price / its_price - 1e-9)) - 1
            more = min(more, bounds.most[other] - plan[other])
            if more > 0:
                yield _moved(_moved(plan, role, -1), other, more)


def _climbed(
    trials: Trials, bounds: Bounds, start: Steps, years: Sequence[int], confidence: float, stride: float
) -> Steps:
    plan = start
    while not trials.is_enough(plan, years, confidence):
        if plan == bounds.most:
            raise LookupError("not enough with the most staff")
        strides = [max(1, round(stride * steps)) for steps in plan]
        short = trials.shortage(plan, years, confidence)
        best, best_gain = None, 0.0
        for role, price in enumerate(bounds.prices):
            raised = _capped(_moved(plan, role, strides[role]), bounds)
            if raised == plan:
                continue
            gain = short - trials.shortage(raised, years, confidence)
            worth = gain / max(price * (raised[role] - plan[role]), 1e-9)
            if gain > _GAIN * short and worth > best_gain:
                best, best_gain = raised, worth
        if best is None:  # no role alone helps
            best = _capped(tuple(p + s for p, s in zip(plan, strides, strict=True)), bounds)
        plan = best
    return plan


def _descended(
    trials: Trials, bounds: Bounds, start: Steps, years: Sequence[int], confidence: float
) -> Steps:
    plan = start
    dearest = np.argsort(-np.array(bounds.prices), kind="stable")
    for stride in (4, 2, 1):
        is_lower = True
        while is_lower:
            is_lower = False
            for role in dearest:
                lowered = _moved(plan, int(role), -stride)
                if lowered[role] >= bounds.least[role] and trials.is_enough(lowered, years, confidence):
                    plan, is_lower = lowered, True
    for rival in cheaper_neighbours(plan, bounds):
        if trials.is_enough(rival, years, confidence):
            return _descended(trials, bounds, rival, years, confidence)
    return plan


def _moved(plan: Steps, role: int, by: int) -> Steps:
    return (*plan[:role], plan[role] + by, *plan[role + 1 :])


def _capped(plan: Steps, bounds: Bounds) -> Steps:
    return tuple(min(steps, most) for steps, most in zip(plan, bounds.most, strict=True))

"""A week in which nothing is left to chance but who comes: small enough to be worked out by hand."""

from __future__ import annotations

from typing import NamedTuple

import keyed
import numpy as np
from reference_support import ANY_CLASS

from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.arrays import (
    AUTOMATIC,
    CLOSE,
    DAYS,
    GROUPS,
    NEVER,
    NUMBERS,
    ROLES,
    SOURCES,
    TABLES,
    Plan,
)

PHONE, TEXT = CHANNELS.index("phone"), CHANNELS.index("text")
OFFICER, CASEWORKER, ROOM = range(3)
ALWAYS_REACHED, NEVER_REACHED = range(2)
N_DAYS, N_STEPS_A_DAY, HOLIDAY = 5, 2, 2
_EPOCH_DAY = 18_000


class Week(NamedTuple):
    """A plan, and the repetition in which the right victims come."""

    plan: Plan
    replication: int
    keys: tuple[int, int, int]  # of two enhanced victims and a standard one, who come on day 0


def tiny_week() -> Week:
    """Return a week of five days of two steps; day 2 is a holiday.

    Every probability is 0 or 1 and every piece of work takes its mean. Enhanced victims are called
    on the day. Standard ones get a text, which they answer two days later, and a call on the next
    working day, which they never take. All need, want and get two sessions of casework, for which
    there is one place.
    """
    plan = Plan(
        numbers=_numbers(),
        tables=_tables(),
        groups=_groups(),
        sources=np.zeros(2, SOURCES),
        roles=np.zeros(2, ROLES),
        days=_days(),
        profile=np.zeros((N_DAYS, 1)),
        staff=np.ones((N_DAYS, 2)),
    )
    plan.profile[0] = 1.0  # they come on day 0, none later
    plan.staff[HOLIDAY] = 0.0
    plan.roles["minutes"] = (60.0, 40.0)  # 30 and 20 a step
    plan.roles["first_worker"] = (0, 1)
    plan.roles["help_kinds"] = ANY_CLASS  # of nobody: n_helps is 0
    plan.sources["group"], plan.sources["per_day"], plan.sources["need"] = (0, 1), (2.0, 1.0), 1.0
    replication = next(r for r in range(1000) if _comers(r) == (2, 1))
    key = keyed.replication_key(1, replication)
    who = ((0, 0), (0, 1), (1, 0))
    return Week(plan, replication, tuple(keyed.victim_key(key, s, _EPOCH_DAY, n) for s, n in who))


def _comers(replication: int) -> tuple[int, int]:
    key = keyed.replication_key(1, replication)
    days = [keyed.victim_key(key, source, _EPOCH_DAY, -1) for source in range(2)]
    return keyed.poisson(days[0], 2.0), keyed.poisson(days[1], 1.0)


def _numbers() -> np.ndarray:
    numbers = np.zeros(1, NUMBERS)
    certain = ("referred", "recognised", "accepted", "consent", "casework_share", "improved", "same_call")
    for name in certain:
        numbers[name] = 1
    numbers["epoch_day"], numbers["n_days"], numbers["steps"] = _EPOCH_DAY, N_DAYS, N_STEPS_A_DAY
    numbers["last_day"] = numbers["last_booked_day"] = N_DAYS
    numbers["n_roles"] = 2
    numbers["spoken"][0, PHONE] = 1
    numbers["minutes_reached"], numbers["minutes_attempt"] = 10.0, 4.0
    numbers["assessment_minutes"], numbers["casework_minutes"] = 25.0, 15.0
    numbers["assessment_pool"], numbers["casework_pool"] = OFFICER, CASEWORKER
    numbers["casework_interval"] = 1
    numbers["fade_days"], numbers["patience_days"] = 1e300, 1e300
    numbers["patience_working_days"], numbers["after_patience"] = 10, CLOSE
    return numbers


def _tables() -> np.ndarray:
    tables = np.zeros(1, TABLES)
    tables["service_time"] = 1.0
    tables["sessions"] = 2
    tables["reach"][0, ALWAYS_REACHED] = 1.0
    tables["reply"][0, :, 2:] = 1.0  # all replies come on the second day
    return tables


def _groups() -> np.ndarray:
    groups = np.zeros(2, GROUPS)
    groups["priority"] = (0, 1)
    groups["n_attempts"] = (1, 2)
    groups["stop_attempts"] = groups["stop_days"] = NEVER
    groups["fallback"] = -1
    groups["channel"][:, :2] = [[PHONE, 0], [TEXT, PHONE]]
    groups["gap"][:, :2] = [[0, 0], [0, 1]]
    groups["pool"][:, :2] = [[OFFICER, 0], [AUTOMATIC, OFFICER]]
    groups["table"][:, :2] = [[ALWAYS_REACHED, 0], [ALWAYS_REACHED, NEVER_REACHED]]
    return groups


def _days() -> np.ndarray:
    is_worked = np.arange(N_DAYS + 40) != HOLIDAY
    days = np.zeros(is_worked.size, DAYS)
    days["working_index"] = np.concatenate([[0], is_worked.cumsum()[:-1]])
    worked = np.flatnonzero(is_worked)
    days["working_day"][: worked.size] = worked
    days["slots"] = 1
    return days

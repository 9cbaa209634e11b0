"""Plans with random staff, rules and lists of attempts: what no scenario would state, engines must bear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from victimsmodel.pathway.arrays import AUTOMATIC, N_CLASSES, NEVER, Plan

_N_DAYS, _FIRST_DAY, _LAST_DAY = 130, 20, 100


def random_plan(plan: Plan, seed: int) -> Plan:
    """Return a shorter plan with the same sources and tables, and random everything else."""
    random = np.random.default_rng(seed)
    own = Plan(*(array.copy() for array in plan))._replace(
        profile=plan.profile[:_N_DAYS].copy(), staff=_staff(plan, random)
    )
    _change_numbers(own, random)
    _change_groups(own, random)
    for role in own.roles:
        role["minutes"] = random.choice([60.0, 240.0, 420.0])
        role["n_helps"] = random.integers(3)
        role["help_pool"][:2] = random.integers(own.roles.size, size=2)
        role["help_kinds"][:2] = random.integers(2**N_CLASSES, size=2)
    workers = np.ceil(own.staff.max(axis=0)).astype(int)
    own.roles["first_worker"] = np.concatenate([[0], workers.cumsum()[:-1]])
    own.days["slots"] = random.integers(40, size=own.days.size)  # below the cases open on many a day
    own.sources["opening"][:] = random.integers(6, size=own.sources.size)
    own.sources["opening_days"] = random.integers(20)
    return own


def _staff(plan: Plan, random: np.random.Generator) -> NDArray[np.float64]:
    """Return full-time workers who come and go in spells, some of them in part-time."""
    n_roles = plan.roles.size
    spells = random.choice([0.0, 0.3, 1.0, 1.7, 4.0], size=(_N_DAYS // 10 + 1, n_roles))
    works = random.random((_N_DAYS, n_roles)) < 0.7
    return np.repeat(spells, 10, axis=0)[:_N_DAYS] * works


def _change_numbers(plan: Plan, random: np.random.Generator) -> None:
    numbers = plan.numbers
    numbers["n_days"], numbers["first_day"], numbers["last_day"] = _N_DAYS, _FIRST_DAY, _LAST_DAY
    numbers["first_booked_day"], numbers["last_booked_day"] = random.integers([1, 60], [50, _N_DAYS])
    numbers["steps"] = random.choice([1, 2, 3, 8])
    numbers["handicap"] = random.choice([0, -1, -5, -40, -(2**26)], size=N_CLASSES)
    numbers["patience_working_days"] = random.integers(1, 8)
    numbers["after_patience"] = random.integers(3)
    numbers["booked_gap"] = random.choice([0, 0, 1, 4])
    numbers["rebookings"], numbers["same_call"] = random.integers(4), random.integers(2)
    numbers["patience_days"] = random.choice([0.5, 5.0, 40.0])
    numbers["casework_interval"] = random.integers(1, 8)
    numbers["service_places"][0, :3] = random.choice([-1.0, 0.0, 0.08, 0.4], size=3)
    for name in ("assessment_pool", "practical_pool", "specialist_pool", "casework_pool"):
        numbers[name] = random.integers(plan.roles.size)


def _change_groups(plan: Plan, random: np.random.Generator) -> None:
    """Give each group a list of attempts of its own; spoken ones need staff."""
    is_spoken = plan.numbers["spoken"][0] == 1
    for group in plan.groups:
        n = random.integers(1, 7)
        channel = random.choice(np.unique(plan.groups["channel"]), size=n)
        group["n_attempts"], group["channel"][:n] = n, channel
        group["gap"][:n] = random.integers([0] + [1] * (n - 1), 5)
        pool = random.integers(plan.roles.size, size=n)
        group["pool"][:n] = np.where(is_spoken[channel] | (random.random(n) < 0.4), pool, AUTOMATIC)
        group["table"][:n] = random.integers(5, size=n)
        group["priority"], group["opening_cases"] = random.integers(2), random.integers(4)
        group["stop_attempts"] = random.choice([1, 3, NEVER])
        group["stop_days"] = random.choice([2, 9, 30, NEVER])
        group["fallback"] = random.integers(-1, 5)

"""What the kernel counts, and the addresses of its random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from victimsmodel.compiled import compiled
from victimsmodel.pathway.arrays import MOST_WAIT_DAYS, N_CELLS, Floats, Ints, Records
from victimsmodel.records import EXITS, STAGES, TASKS, WAITS
from victimsmodel.rng import uniform

# Decisions of a victim: the second part of the address of a random number.
NEED, REFERRED, EXCLUDED, UNSAFE, DETAILS, REACHABILITY, ATTEMPT, REPLY, CONSENT = range(9)
RECOGNISED, ACCEPTED, ROUTE, PATIENCE, SESSIONS, WITHDRAWAL, IMPROVED, TIME, ARRIVALS = range(9, 18)
#: Ordinals of TIME: attempts from 0, then these; sessions from TIME_SESSION on.
TIME_ASSESSMENT, TIME_PRACTICAL, TIME_SPECIALIST, TIME_SESSION = 20, 21, 22, 30

S_VICTIMS, S_IN_NEED, S_REFERRED, S_ATTEMPTED, S_CONTACTED, S_CONSENTED, S_ASSESSED = range(7)
S_NEED_RECOGNISED, S_ACCEPTED, S_SUPPORTED, S_COMPLETED, S_IMPROVED = range(7, len(STAGES))
X_EXCLUDED, X_UNSAFE, X_NO_DETAILS, X_RENEGED, X_UNREACHABLE, X_DECLINED = range(6)
X_NEED_MISSED, X_WITHDREW, X_NOT_IN_NEED, X_COMPLETED, X_OPEN = range(6, len(EXITS))
W_FIRST_ATTEMPT, W_CONTACT, W_SUPPORT = range(len(WAITS))
T_ATTEMPT, T_ASSESSMENT, T_PRACTICAL, T_CASEWORK, T_SPECIALIST = range(len(TASKS))


@compiled
def count(victim: Any, stage: int, funnel: Ints) -> None:
    """Count a victim at a stage."""
    if victim.counted:
        funnel[victim.group, 0, stage] += 1
        funnel[victim.group, 1, stage] += victim.need


@compiled
def record_wait(victim: Any, wait: int, days: int, waits: Ints) -> None:
    """Count a wait in calendar days: the difference of two dates."""
    if victim.counted:
        waits[victim.group, wait, min(days, MOST_WAIT_DAYS)] += 1


@compiled
def handling_time(key: np.uint64, ordinal: int, mean: float, cells: Records) -> float:
    """Draw how long a piece of work takes, in minutes."""
    return mean * cells[int(uniform(key, TIME, ordinal) * N_CELLS)].service_time


@compiled
def book(minutes: float, pool: int, task: int, day: int, numbers: Any, booked: Floats) -> float:
    """Book minutes, and return them."""
    if numbers.first_booked_day <= day < numbers.last_booked_day:
        booked[pool, task] += minutes
    return minutes

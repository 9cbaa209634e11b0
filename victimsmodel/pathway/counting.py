"""What the kernel counts and writes down, and the addresses of its random numbers."""

from __future__ import annotations

import numpy as np

from victimsmodel.compiled import compiled_part, inlined_part
from victimsmodel.pathway.arrays import MOST_WAIT_DAYS, N_CELLS, N_TAILS, Record, World
from victimsmodel.records import EVENTS, EXITS, STAGES, TASKS, WAITS
from victimsmodel.rng import uniform

# Decisions of a victim: the second part of the address of a random number.
D_NEED, D_REFERRED, D_EXCLUDED, D_UNSAFE, D_DETAILS, D_REACHABILITY, D_ATTEMPT, D_REPLY, D_CONSENT = range(9)
D_RECOGNISED, D_ACCEPTED, D_ROUTE, D_PATIENCE, D_SESSIONS, D_WITHDRAWAL, D_IMPROVED, D_TIME = range(9, 17)
D_ARRIVALS, D_ATTENDED, D_SERVICE, D_OPENING, D_LOGGED, D_ORDER = range(17, 23)
#: Ordinals of D_TIME: attempts from 0, then these; sessions from TIME_SESSION on.
TIME_ASSESSMENT, TIME_PRACTICAL, TIME_SPECIALIST, TIME_MISSED, TIME_SESSION = 20, 21, 22, 23, 30

S_VICTIMS, S_IN_NEED, S_REFERRED, S_ATTEMPTED, S_CONTACTED, S_CONSENTED, S_ASSESSED = range(7)
S_NEED_RECOGNISED, S_ACCEPTED, S_SUPPORTED, S_COMPLETED, S_IMPROVED = range(7, len(STAGES))
X_EXCLUDED, X_UNSAFE, X_NO_DETAILS, X_RENEGED, X_UNREACHABLE, X_DECLINED = range(6)
X_NOT_ATTENDED, X_NEED_MISSED, X_WITHDREW, X_NOT_IN_NEED, X_COMPLETED, X_OPEN = range(6, len(EXITS))
W_FIRST_ATTEMPT, W_CONTACT, W_SUPPORT = range(len(WAITS))
T_ATTEMPT, T_ASSESSMENT, T_PRACTICAL, T_CASEWORK, T_SPECIALIST = range(len(TASKS))
E_EXITS, E_TASKS = len(STAGES), len(STAGES) + len(EXITS)
E_REPLIED, E_MISSED, E_PLACE_GIVEN, E_INFORMED = range(E_TASKS + len(TASKS), len(EVENTS))
NOBODY = -1


@compiled_part
def write_down(world: World, victim: Record, event: int, pool: int, channel: int, minutes: float) -> None:
    """Add an event to the log, if this victim's story is wanted."""
    if not victim.is_logged:
        return
    n = world.header.n_logged
    world.header.n_logged = n + 1
    if n < world.header.most_logged:
        entry = world.log[n]
        entry.key = victim.key
        entry.step = world.header.step
        entry.arrival = victim.arrival
        entry.source = victim.source
        entry.event = event
        entry.pool = pool
        entry.channel = channel
        entry.minutes = minutes


@inlined_part
def count(world: World, victim: Record, stage: int) -> None:
    """Count a victim at a stage."""
    if victim.counted:
        funnel = world.group_counts[victim.group].funnel
        funnel[0, stage] += 1
        funnel[1, stage] += victim.need
    write_down(world, victim, stage, NOBODY, NOBODY, 0.0)


@inlined_part
def count_exit(world: World, victim: Record, exit_: int) -> None:
    """Count where a case ended."""
    if victim.counted:
        exits = world.group_counts[victim.group].exits
        exits[0, exit_] += 1
        exits[1, exit_] += victim.need
    write_down(world, victim, E_EXITS + exit_, NOBODY, NOBODY, 0.0)


@inlined_part
def record_wait(world: World, victim: Record, wait: int, since: int) -> None:
    """Count a wait since a day: the difference of two dates, or the working days after the first of them."""
    if victim.counted:
        day = world.header.step // world.numbers.steps
        days = day - since
        if world.numbers.working_waits[wait]:
            days = world.days[day + 1].working_index - world.days[since + 1].working_index
        world.group_counts[victim.group].waits[wait, min(days, MOST_WAIT_DAYS)] += 1


@inlined_part
def handling_time(key: np.uint64, ordinal: int, mean: float, tables: Record) -> float:
    """Draw how long a piece of work takes, in minutes."""
    place = uniform(key, D_TIME, ordinal) * N_CELLS
    level, cell = 0, int(place)
    while cell == N_CELLS - 1 and level < N_TAILS - 1:
        place = (place - cell) * N_CELLS
        level, cell = level + 1, int(place)
    return mean * tables.service_time[level, cell]


@inlined_part
def book(world: World, victim: Record, pool: int, task: int, channel: int, minutes: float) -> float:
    """Book minutes of a pool, write the work down, and return the minutes."""
    day = world.header.step // world.numbers.steps
    if pool != NOBODY and world.numbers.first_booked_day <= day < world.numbers.last_booked_day:
        world.pool_counts[pool].minutes[task] += minutes
    write_down(world, victim, E_TASKS + task, pool, channel, minutes)
    return minutes

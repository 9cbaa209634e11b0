"""The contact stage and casework in continuous time: what the day clock of the kernel approximates.

The same victims, chances and handling times as in the kernel (same keys), but no steps: whoever is
free takes the next piece of work that is due at that moment. The clock counts working days; officers
work through the productive minutes of each, and work that outlasts a day goes on the next. Written
for clearness, with heaps; only the numbers behind a key are shared with the kernel.
"""

from __future__ import annotations

import heapq
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway import counting as at
from victimsmodel.pathway.arrays import ENTER_ACCEPTED, N_CELLS, N_TAILS, Floats, Ints, Plan
from victimsmodel.pathway.plan import build_plans
from victimsmodel.rng import poisson, uniform, victim_key

_SCENARIO = Path(__file__).resolve().parents[2] / "parameters" / "west-midlands.yaml"
_PHONE = 0
_TIME_OF_DAY = 200  # a decision that the kernel does not take: when in the day a victim is referred
NOT_YET = -1


class Victims(NamedTuple):
    """The victims of a repetition of the year, in the order of arrival."""

    key: Ints
    day: Ints
    group: Ints


def calls_plan(officers: int, steps: int) -> Plan:
    """Return the plan of phone first, without support after the call, with some officers."""
    scenario = load_scenario(_SCENARIO)
    plan = build_plans(scenario, "phone_first", draw_points(scenario, 1, 0))[0]
    plan = plan._replace(**{name: getattr(plan, name).copy() for name in plan._fields})
    plan.numbers["steps"], plan.numbers["accepted"] = steps, 0.0
    pool = plan.groups["pool"][0, 0]
    plan.staff[:, pool] = np.where(plan.staff[:, pool] > 0, officers, 0)
    workers = np.ceil(plan.staff.max(axis=0)).astype(np.int64)
    plan.roles["first_worker"] = np.concatenate([[0], workers.cumsum()[:-1]])
    return plan


def casework_plan(a_day: float, steps: int) -> Plan:
    """Return the plan of the caseworkers, to whom so many victims a day come at once."""
    plan = calls_plan(1, steps)
    plan.sources["entry"] = ENTER_ACCEPTED
    plan.sources["per_day"] *= a_day / plan.sources["per_day"].sum()
    plan.numbers["casework_share"], plan.numbers["specialist_share"] = 1.0, 0.0
    return plan


def victims_of(plan: Plan, key: np.uint64) -> Victims:
    """Return the victims whom the kernel would draw with this key."""
    means = plan.sources["per_day"] * plan.profile[:, plan.sources["profile"]]
    return Victims(*_victims(means, key, int(plan.numbers["epoch_day"][0])))


@njit(nogil=True)
def _victims(means: Floats, key: np.uint64, epoch_day: int) -> tuple[Ints, Ints, Ints]:
    keys, days, groups = [np.uint64(0)], [0], [0]
    for day in range(means.shape[0]):
        for source in range(means.shape[1]):
            own = victim_key(key, source, epoch_day + day, -1)
            for ordinal in range(poisson(own, at.D_ARRIVALS, means[day, source])):
                keys.append(victim_key(key, source, epoch_day + day, ordinal))
                days.append(day)
                groups.append(source)
    return np.array(keys)[1:], np.array(days)[1:], np.array(groups)[1:]


@njit
def _time(key: np.uint64, ordinal: int, table: Floats) -> float:
    """Return how long a piece of work takes, relative to the mean."""
    place = uniform(key, at.D_TIME, ordinal)
    for row in range(N_TAILS):
        place *= N_CELLS
        cell = int(place)
        if cell < N_CELLS - 1 or row == N_TAILS - 1:
            return table[row, cell]
        place -= cell
    return 0.0


@njit
def _is_called(plan: Plan, key: np.uint64, group: int) -> bool:
    numbers, need = plan.numbers[0], int(uniform(key, at.D_NEED, 0) < plan.sources[group].need)
    return (
        uniform(key, at.D_REFERRED, 0) < numbers.referred[need]
        and uniform(key, at.D_EXCLUDED, 0) >= numbers.excluded
        and uniform(key, at.D_UNSAFE, 0) >= plan.groups[group].unsafe
        and uniform(key, at.D_DETAILS, _PHONE) >= numbers.missing[_PHONE]
    )


@njit
def _attempt(plan: Plan, key: np.uint64, group: int, attempt: int, waited: int) -> tuple[float, bool]:
    """Return the minutes of a call and whether the victim was reached."""
    numbers, tables = plan.numbers[0], plan.tables[0]
    cell = int(uniform(key, at.D_REACHABILITY, 0) * N_CELLS)
    chance = tables.reach[plan.groups[group].table[attempt], cell] * np.exp(-waited / numbers.fade_days)
    if uniform(key, at.D_ATTEMPT, attempt) >= chance:
        return numbers.minutes_attempt[_PHONE] * _time(key, attempt, tables.service_time), False
    minutes = numbers.minutes_reached[_PHONE] * _time(key, attempt, tables.service_time)
    need = int(uniform(key, at.D_NEED, 0) < plan.sources[group].need)
    if uniform(key, at.D_CONSENT, 0) < numbers.consent[need, _PHONE]:
        minutes += numbers.assessment_minutes * _time(key, at.TIME_ASSESSMENT, tables.service_time)
    return minutes, True


@njit
def _first_calls(plan: Plan, is_spread: bool, victims: Victims) -> list[tuple[float, int, int]]:
    """Return when the first attempts are due on the clock of working days, with victim and attempt."""
    due = [(0.0, 0, 0) for _ in range(0)]
    for i in range(victims.key.size):
        day = victims.day[i]
        gap = plan.groups[victims.group[i]].gap[0]
        today, tomorrow = plan.days[day].working_index, plan.days[day + 1].working_index
        if not _is_called(plan, victims.key[i], victims.group[i]):
            continue
        start = float(today if gap == 0 else tomorrow + gap - 1)
        if is_spread and tomorrow > today:  # who comes on a free day counts from its end
            start = today + gap + uniform(victims.key[i], _TIME_OF_DAY, 0)
        due.append((start, i, 0))
    heapq.heapify(due)
    return due


@njit(nogil=True)
def call_victims(plan: Plan, is_spread: bool, victims: Victims) -> tuple[Ints, Ints]:
    """Return the days until the first attempt and until contact, `NOT_YET` where there was none.

    With `is_spread` victims come at any hour and gaps are counted from hour to hour; otherwise, as in
    the kernel, what is due on a day is due at its start.
    """
    numbers, pool = plan.numbers[0], plan.groups[0].pool[0]
    first = np.full(victims.key.size, NOT_YET)
    reached = np.full(victims.key.size, NOT_YET)
    coming = _first_calls(plan, is_spread, victims)
    ready = [(0, 0.0, False, 0, 0) for _ in range(0)]  # priority, due, is a repetition, victim, attempt
    free = [0.0 for _ in range(int(plan.staff[:, pool].max()))]
    while len(coming) + len(ready) > 0:
        now = max(free[0], ready[0][1] if len(ready) > 0 else coming[0][0])
        while len(coming) > 0 and coming[0][0] <= now:
            due, i, attempt = heapq.heappop(coming)
            heapq.heappush(ready, (plan.groups[victims.group[i]].priority, due, attempt > 0, i, attempt))
        _, due, _, i, attempt = heapq.heappop(ready)
        day = plan.days[int(now)].working_day
        if day >= numbers.n_days:
            break
        if now >= due + numbers.patience_working_days:
            continue
        waited = day - victims.day[i]
        if attempt == 0:
            first[i] = waited
        minutes, is_reached = _attempt(plan, victims.key[i], victims.group[i], attempt, waited)
        heapq.heapreplace(free, now + minutes / plan.roles[pool].minutes)
        if is_reached:
            reached[i] = waited
        elif attempt + 1 < plan.groups[victims.group[i]].n_attempts:
            gap = plan.groups[victims.group[i]].gap[attempt + 1]
            heapq.heappush(coming, ((now if is_spread else float(int(now))) + gap, i, attempt + 1))
    return first, reached


@njit(nogil=True)
def hold_casework(plan: Plan, holds_to_end: bool, victims: Victims) -> tuple[Ints, Ints]:
    """Return the days until the first session, `NOT_YET` where there was none, and who completed.

    With `holds_to_end` a place is free when the last session ends; otherwise, as in the kernel, when
    it begins.
    """
    numbers = plan.numbers[0]
    role = plan.roles[numbers.casework_pool]
    first = np.full(victims.key.size, NOT_YET)
    completed = np.zeros(victims.key.size, np.int64)
    events = [(float(plan.days[victims.day[i]].working_index), i, NOT_YET) for i in range(victims.key.size)]
    heapq.heapify(events)  # when on the clock of working days, victim (or `NOT_YET`: a place), session
    room = [(0, 0, 0) for _ in range(0)]  # priority, since when, victim
    ready = [(0, 0.0, 0, 0) for _ in range(0)]  # priority, due, victim, session
    free = [0.0 for _ in range(int(plan.staff[:, numbers.casework_pool].max()))]
    places = plan.days[0].slots
    while len(events) + len(ready) > 0:
        if len(ready) == 0 or (len(events) > 0 and events[0][0] <= free[0]):
            now = events[0][0]
            while len(events) > 0 and events[0][0] == now:
                places += _note(plan, victims, room, ready, heapq.heappop(events))
            places -= _give_places(plan, victims, room, ready, now, places)
            continue
        now = max(free[0], ready[0][1])
        _, _, i, session = heapq.heappop(ready)
        day = plan.days[int(now)].working_day
        if day >= numbers.n_days:
            break
        if session == 0:
            first[i] = day - victims.day[i]
        minutes, completed[i], is_over = _session(plan, victims.key[i], session)
        end = now + minutes / role.minutes
        heapq.heapreplace(free, end)
        if is_over:
            heapq.heappush(events, (end if holds_to_end else now, NOT_YET, 0))
        else:
            heapq.heappush(events, (float(int(now) + numbers.casework_interval), i, session + 1))
    return first, completed


@njit
def _session(plan: Plan, key: np.uint64, session: int) -> tuple[float, bool, bool]:
    """Return the minutes of a session, whether it completes the case, and whether it is the last."""
    numbers, tables = plan.numbers[0], plan.tables[0]
    minutes = numbers.casework_minutes * _time(key, at.TIME_SESSION + session, tables.service_time)
    is_complete = session + 1 >= tables.sessions[int(uniform(key, at.D_SESSIONS, 0) * N_CELLS)]
    return minutes, is_complete, is_complete or uniform(key, at.D_WITHDRAWAL, session) < numbers.withdrawal


@njit
def _note(
    plan: Plan,
    victims: Victims,
    room: list[tuple[int, int, int]],
    ready: list[tuple[int, float, int, int]],
    event: tuple[float, int, int],
) -> int:
    """Let a victim join the room or the queue for a session; return the places that are free again."""
    now, i, session = event
    if i == NOT_YET:
        return 1
    if session == NOT_YET:
        heapq.heappush(room, (plan.groups[victims.group[i]].priority, victims.day[i], i))
    else:
        heapq.heappush(ready, (plan.groups[victims.group[i]].priority, now, i, session))
    return 0


@njit
def _give_places(
    plan: Plan,
    victims: Victims,
    room: list[tuple[int, int, int]],
    ready: list[tuple[int, float, int, int]],
    now: float,
    places: int,
) -> int:
    """Give free places to those who still wait; return how many."""
    today = plan.days[int(now)].working_day + now - int(now)
    given = 0
    while given < places and len(room) > 0:
        priority, since, i = heapq.heappop(room)
        if since - plan.numbers[0].patience_days * np.log(uniform(victims.key[i], at.D_PATIENCE, 0)) > today:
            heapq.heappush(ready, (priority, now, i, 0))
            given += 1
    return given

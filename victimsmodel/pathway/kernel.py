"""Event simulation of one year on typed arrays; no files, tables or parameters.

The clock runs in steps of a day. Referrals arrive at the start of each day; work is done on working
days, by priority, then in the order in which it fell due. Every chance is addressed by victim,
decision and ordinal, so that it does not depend on what else happens.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from victimsmodel.compiled import compiled, compiled_entry
from victimsmodel.pathway.arrays import (
    ASSESSMENT_DUE,
    ATTEMPT_DUE,
    AUTOMATIC,
    CASE_DUE,
    ENDED,
    MOST_WAIT_DAYS,
    N_CELLS,
    PRACTICAL_DUE,
    SESSION_DUE,
    SPECIALIST_DUE,
    Floats,
    Ints,
    Output,
    Plan,
    Records,
    Workspace,
)
from victimsmodel.pathway.queues import NEVER, end, enqueue, pop, schedule, working_day
from victimsmodel.records import EXITS, STAGES, TASKS, WAITS
from victimsmodel.rng import poisson, uniform, victim_key

# Decisions of a victim: the second part of the address of a random number.
NEED, REFERRED, EXCLUDED, UNSAFE, DETAILS, REACHABILITY, ATTEMPT, REPLY, CONSENT = range(9)
RECOGNISED, ACCEPTED, ROUTE, PATIENCE, SESSIONS, WITHDRAWAL, IMPROVED, TIME, ARRIVALS = range(9, 18)
#: Ordinals of TIME: attempts from 0, then these; sessions from _TIME_SESSION on.
_TIME_ASSESSMENT, _TIME_PRACTICAL, _TIME_SPECIALIST, _TIME_SESSION = 20, 21, 22, 30

_VICTIMS, _IN_NEED, _REFERRED, _ATTEMPTED, _CONTACTED, _CONSENTED, _ASSESSED = range(7)
_NEED_RECOGNISED, _ACCEPTED, _SUPPORTED, _COMPLETED, _IMPROVED = range(7, len(STAGES))
_X_EXCLUDED, _X_UNSAFE, _X_NO_DETAILS, _X_RENEGED, _X_UNREACHABLE, _X_DECLINED = range(6)
_X_NEED_MISSED, _X_WITHDREW, _X_NOT_IN_NEED, _X_COMPLETED, _X_OPEN = range(6, len(EXITS))
_W_FIRST_ATTEMPT, _W_CONTACT, _W_SUPPORT = range(len(WAITS))
_T_ATTEMPT, _T_ASSESSMENT, _T_PRACTICAL, _T_CASEWORK, _T_SPECIALIST = range(len(TASKS))

#: Status codes of `run_year`.
DONE, TOO_MANY_VICTIMS = 0, 1


@compiled_entry
def run_year(plan: Plan, key: np.uint64, work: Workspace, out: Output) -> int:
    """Simulate one repetition of the year and add to the counters of `out`.

    Parameters
    ----------
    plan : Plan
    key : uint64
        From `replication_key`.
    work : Workspace
        Memory of this thread, `cleared`.
    out : Output
        From `new_output`.

    Returns
    -------
    int
        `DONE`, or `TOO_MANY_VICTIMS` when the workspace is too small.
    """
    steps = plan.numbers.steps
    n_pools, n_days = plan.capacity.shape
    n_victims = 0
    for day in range(n_days):
        n_victims = _arrive(plan, key, day, n_victims, work, out)
        if n_victims < 0:
            return TOO_MANY_VICTIMS
        is_working = plan.days[day + 1].working_index > plan.days[day].working_index
        for step in range(day * steps, (day + 1) * steps):
            for pool in range(n_pools + 1):
                work.pools[pool].length -= work.leaving[pool, step]
            _fire(plan, step, day, work)
            if is_working:
                _start_cases(plan, step, day, work, out)
            for turn in range(n_pools + 1):  # what needs no staff first, on every day
                pool = turn - 1 if turn > 0 else n_pools + 1
                if turn == 0 or is_working:
                    _serve(plan, pool, step, day, work, out)
        for pool in range(n_pools):
            out.backlog[pool, day] = work.pools[pool].length
        out.cases[day, 0] = work.pools[n_pools].length
        out.cases[day, 1] = work.pools[n_pools].open_cases
    for i in range(n_victims):
        victim = work.victims[i]
        if victim.state != ENDED:  # left a queue that was never reached again, or still open
            has_left = victim.leave_step < min(n_days * steps, victim.reply_step)
            end(victim, _X_RENEGED if has_left else _X_OPEN, out.exits)
    return DONE


# --- counters -----------------------------------------------------------------------------------


@compiled
def _count(victim: Any, stage: int, funnel: Ints) -> None:
    if victim.counted:
        funnel[victim.group, 0, stage] += 1
        funnel[victim.group, 1, stage] += victim.need


@compiled
def _record_wait(victim: Any, wait: int, days: int, waits: Ints) -> None:
    """Count a wait in calendar days: the difference of two dates."""
    if victim.counted:
        waits[victim.group, wait, min(days, MOST_WAIT_DAYS)] += 1


@compiled
def _time(key: np.uint64, ordinal: int, mean: float, cells: Records) -> float:
    return mean * cells[int(uniform(key, TIME, ordinal) * N_CELLS)].service_time


@compiled
def _book(minutes: float, pool: int, task: int, day: int, numbers: Any, booked: Floats) -> float:
    """Book minutes, and return them."""
    if numbers.first_booked_day <= day < numbers.last_booked_day:
        booked[pool, task] += minutes
    return minutes


# --- arrivals and contact -----------------------------------------------------------------------


@compiled
def _arrive(plan: Plan, key: np.uint64, day: int, n: int, work: Workspace, out: Output) -> int:
    """Bring the victims of a day; return how many there are by now, or -1 if they do not fit."""
    date = plan.numbers.epoch_day + day
    for group in range(plan.groups.size):
        count = poisson(victim_key(key, group, date, -1), ARRIVALS, plan.arrival_rate[day, group])
        if n + count > work.victims.size:
            return -1
        for i in range(n, n + count):
            victim = work.victims[i]
            victim.key = victim_key(key, group, date, i - n)
            victim.group = group
            victim.arrival = day
            victim.counted = plan.numbers.first_day <= day < plan.numbers.last_day
            if _is_referred(plan, victim, out):
                _plan_attempt(plan, i, 0, day, day * plan.numbers.steps, work, out)
        n += count
    return n


@compiled
def _is_referred(plan: Plan, victim: Any, out: Output) -> bool:
    """Draw need, refer and screen a victim; whether an attempt will be made."""
    key, group = victim.key, victim.group
    victim.need = uniform(key, NEED, 0) < plan.groups[group].need
    victim.state = ENDED
    victim.reply_step = NEVER
    victim.leave_step = NEVER
    _count(victim, _VICTIMS, out.funnel)
    if victim.need:
        _count(victim, _IN_NEED, out.funnel)
    if uniform(key, REFERRED, 0) >= plan.needs[victim.need].referred:
        return False
    _count(victim, _REFERRED, out.funnel)
    available = 0
    for attempt in range(plan.groups[group].n_attempts):
        channel = plan.attempts[group, attempt].channel
        if uniform(key, DETAILS, channel) >= plan.channels[channel].missing:
            available |= 1 << channel
    victim.available = available
    if uniform(key, EXCLUDED, 0) < plan.numbers.excluded:
        end(victim, _X_EXCLUDED, out.exits)
    elif uniform(key, UNSAFE, 0) < plan.groups[group].unsafe:
        end(victim, _X_UNSAFE, out.exits)
    elif available == 0:
        end(victim, _X_NO_DETAILS, out.exits)
    else:
        victim.state = ATTEMPT_DUE
        return True
    return False


@compiled
def _next_attempt(victim: Any, first: int, plan: Plan) -> int:
    """Return the first attempt from `first` on in a channel with details."""
    attempt = first
    while attempt < plan.groups[victim.group].n_attempts:
        if victim.available >> plan.attempts[victim.group, attempt].channel & 1:
            break
        attempt += 1
    return attempt


@compiled
def _plan_attempt(
    plan: Plan, i: int, first: int, day: int, earliest: int, work: Workspace, out: Output
) -> None:
    """Schedule the next possible attempt, or a reply that comes before it; else give up."""
    victim = work.victims[i]
    attempt = _next_attempt(victim, first, plan)
    due = NEVER
    if attempt < plan.groups[victim.group].n_attempts:
        gap = plan.attempts[victim.group, attempt].gap
        due = max(working_day(plan, day, gap) * plan.numbers.steps, earliest)
    elif victim.reply_step == NEVER:
        end(victim, _X_UNREACHABLE, out.exits)
        return
    victim.attempt = attempt
    schedule(i, min(due, victim.reply_step), work.victims, work.calendar)


@compiled
def _fire(plan: Plan, step: int, day: int, work: Workspace) -> None:
    """Put what is due in a step into the queue of those who do it."""
    i = work.calendar[step].head
    while i >= 0:
        victim = work.victims[i]
        following = victim.next
        pool, patience = plan.capacity.shape[0] + 1, NEVER
        if victim.state == SESSION_DUE:
            pool = plan.numbers.casework_pool
        elif victim.reply_step > step:
            attempt = plan.attempts[victim.group, victim.attempt]
            if attempt.pool != AUTOMATIC:
                pool = attempt.pool
                last = working_day(plan, day, plan.numbers.patience_working_days)
                patience = min(last * plan.numbers.steps, victim.reply_step)
        enqueue(i, pool, patience, plan.groups, work)
        i = following


@compiled
def _try(plan: Plan, i: int, step: int, day: int, work: Workspace, out: Output) -> bool:
    """Make an attempt; whether the victim was spoken to."""
    victim = work.victims[i]
    key, attempt, waited = victim.key, victim.attempt, day - victim.arrival
    tried = plan.attempts[victim.group, attempt]
    if attempt == _next_attempt(victim, 0, plan):
        _count(victim, _ATTEMPTED, out.funnel)
        _record_wait(victim, _W_FIRST_ATTEMPT, waited, out.waits)
    cell = int(uniform(key, REACHABILITY, 0) * N_CELLS)
    reach = plan.reach[tried.table, cell] * math.exp(-waited / plan.numbers.fade_days)
    is_reached = uniform(key, ATTEMPT, attempt) < reach
    if victim.counted:
        out.attempts[victim.group, attempt, 0] += 1
        out.attempts[victim.group, attempt, 1] += is_reached
    if is_reached and plan.channels[tried.channel].spoken:
        return True
    if is_reached:
        chance, delay = uniform(key, REPLY, attempt), 1
        while plan.reply[tried.channel, delay] <= chance:
            delay += 1
        victim.reply_step = min(victim.reply_step, (day + delay) * plan.numbers.steps)
    _plan_attempt(plan, i, attempt + 1, day, step + 1, work, out)
    return False


@compiled
def _consents(plan: Plan, victim: Any, replied: int, day: int, out: Output) -> bool:
    """Count a contact and ask for consent to an assessment."""
    _count(victim, _CONTACTED, out.funnel)
    _record_wait(victim, _W_CONTACT, day - victim.arrival, out.waits)
    victim.reply_step = NEVER
    if uniform(victim.key, CONSENT, 0) >= plan.needs[victim.need].consent[replied]:
        end(victim, _X_DECLINED, out.exits)
        return False
    _count(victim, _CONSENTED, out.funnel)
    victim.state = ASSESSMENT_DUE
    return True


# --- assessment and support ---------------------------------------------------------------------


@compiled
def _assess(plan: Plan, i: int, step: int, day: int, work: Workspace, out: Output) -> None:
    """Recognise need, offer support and route the victim."""
    victim = work.victims[i]
    key, needs, numbers = victim.key, plan.needs[victim.need], plan.numbers
    _count(victim, _ASSESSED, out.funnel)
    if uniform(key, RECOGNISED, 0) >= needs.recognised:
        end(victim, _X_NEED_MISSED if victim.need else _X_NOT_IN_NEED, out.exits)
        return
    _count(victim, _NEED_RECOGNISED, out.funnel)
    if uniform(key, ACCEPTED, 0) >= needs.accepted:
        end(victim, _X_DECLINED, out.exits)
        return
    _count(victim, _ACCEPTED, out.funnel)
    victim.accepted_day = day
    route, pool = uniform(key, ROUTE, 0), numbers.practical_pool
    victim.state = PRACTICAL_DUE
    if route < numbers.casework_share:
        victim.state, pool = CASE_DUE, plan.capacity.shape[0]
    elif route < numbers.casework_share + numbers.specialist_share:
        victim.state, pool = SPECIALIST_DUE, numbers.specialist_pool
    patience = -numbers.patience_days * math.log(uniform(key, PATIENCE, 0))
    leave_step = step + 1 + int(min(patience * numbers.steps, 1e8))
    enqueue(i, pool, leave_step, plan.groups, work)


@compiled
def _start_cases(plan: Plan, step: int, day: int, work: Workspace, out: Output) -> None:
    """Give free caseload places to those who wait longest, enhanced victims first."""
    waiting = plan.capacity.shape[0]
    while work.pools[waiting].open_cases < plan.days[day].slots:
        i = pop(waiting, step, work, out.exits)
        if i < 0:
            return
        work.pools[waiting].open_cases += 1
        work.victims[i].state = SESSION_DUE
        work.victims[i].attempt = 0
        enqueue(i, plan.numbers.casework_pool, NEVER, plan.groups, work)


@compiled
def _hold_session(plan: Plan, i: int, day: int, work: Workspace, out: Output) -> None:
    """Hold a session of casework; the place is free again from the next step after the last."""
    victim = work.victims[i]
    session = victim.attempt
    if session == 0:
        _support(victim, day, out)
    victim.attempt = session + 1
    if session + 1 >= plan.cells[int(uniform(victim.key, SESSIONS, 0) * N_CELLS)].sessions:
        work.pools[plan.capacity.shape[0]].open_cases -= 1
        _complete(victim, plan.numbers.improved, out)
    elif uniform(victim.key, WITHDRAWAL, session) < plan.numbers.withdrawal:
        work.pools[plan.capacity.shape[0]].open_cases -= 1
        end(victim, _X_WITHDREW, out.exits)
    else:
        due = working_day(plan, day, plan.numbers.casework_interval)
        schedule(i, due * plan.numbers.steps, work.victims, work.calendar)


@compiled
def _support(victim: Any, day: int, out: Output) -> None:
    _count(victim, _SUPPORTED, out.funnel)
    _record_wait(victim, _W_SUPPORT, day - victim.accepted_day, out.waits)


@compiled
def _complete(victim: Any, improved: float, out: Output) -> None:
    _count(victim, _COMPLETED, out.funnel)
    if uniform(victim.key, IMPROVED, 0) < improved:
        _count(victim, _IMPROVED, out.funnel)
    end(victim, _X_COMPLETED, out.exits)


# --- staff --------------------------------------------------------------------------------------


@compiled
def _serve(plan: Plan, pool: int, step: int, day: int, work: Workspace, out: Output) -> None:
    """Let a pool work while minutes remain; an overrun is taken from its next step."""
    has_staff = pool < plan.capacity.shape[0]
    budget = 1.0  # of those who need no staff: never used up
    if has_staff:
        budget = min(work.pools[pool].budget, 0.0) + plan.capacity[pool, day] / plan.numbers.steps
    while budget > 0.0:
        i = pop(pool, step, work, out.exits)
        if i < 0:
            break
        minutes = _work(plan, i, pool, step, day, work, out)
        if has_staff:
            budget -= minutes
            out.used[pool, day] += minutes
    work.pools[pool].budget = budget


@compiled
def _work(plan: Plan, i: int, pool: int, step: int, day: int, work: Workspace, out: Output) -> float:
    """Do what a victim waits for; return the minutes of staff."""
    victim = work.victims[i]
    key, numbers, cells = victim.key, plan.numbers, plan.cells
    if victim.state == ATTEMPT_DUE and victim.reply_step <= step:
        # a reply to an earlier message; it may have come while the next attempt was queued
        if _consents(plan, victim, 1, victim.reply_step // numbers.steps, out):
            enqueue(i, numbers.assessment_pool, NEVER, plan.groups, work)
        return 0.0
    minutes = 0.0
    if victim.state == ATTEMPT_DUE:
        ordinal = victim.attempt
        channel = plan.channels[plan.attempts[victim.group, ordinal].channel]
        is_spoken_to = _try(plan, i, step, day, work, out)
        if pool > plan.capacity.shape[0]:
            return 0.0
        mean = channel.minutes_reached if is_spoken_to else channel.minutes_attempt
        minutes = _book(_time(key, ordinal, mean, cells), pool, _T_ATTEMPT, day, numbers, out.minutes)
        if not is_spoken_to or not _consents(plan, victim, 0, day, out):
            return minutes
        if not numbers.same_call:
            enqueue(i, numbers.assessment_pool, NEVER, plan.groups, work)
            return minutes
    task, ordinal, mean = _T_ASSESSMENT, _TIME_ASSESSMENT, numbers.assessment_minutes
    if victim.state == ASSESSMENT_DUE:
        _assess(plan, i, step, day, work, out)
    elif victim.state == SESSION_DUE:
        ordinal = _TIME_SESSION + victim.attempt
        task, mean = _T_CASEWORK, numbers.casework_minutes
        _hold_session(plan, i, day, work, out)
    else:
        task, ordinal, mean = _T_PRACTICAL, _TIME_PRACTICAL, numbers.practical_minutes
        if victim.state == SPECIALIST_DUE:
            task, ordinal, mean = _T_SPECIALIST, _TIME_SPECIALIST, numbers.specialist_minutes
        _support(victim, day, out)
        _complete(victim, numbers.improved, out)
    return minutes + _book(_time(key, ordinal, mean, cells), pool, task, day, numbers, out.minutes)

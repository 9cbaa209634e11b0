"""Event simulation of one year on typed arrays; no files, tables or parameters.

The clock runs in steps of a day. Referrals arrive at the start of each day; work is done on working
days, by priority, then in the order in which it fell due. Every chance is addressed by victim,
decision and ordinal, so that it does not depend on what else happens.
"""

from __future__ import annotations

import numpy as np

from victimsmodel.compiled import compiled, compiled_entry
from victimsmodel.pathway.arrays import (
    ASSESSMENT_DUE,
    ATTEMPT_DUE,
    AUTOMATIC,
    ENDED,
    SESSION_DUE,
    SPECIALIST_DUE,
    Output,
    Plan,
    Workspace,
)
from victimsmodel.pathway.contact import consents, is_referred, make_attempt, plan_attempt
from victimsmodel.pathway.counting import (
    ARRIVALS,
    T_ASSESSMENT,
    T_ATTEMPT,
    T_CASEWORK,
    T_PRACTICAL,
    T_SPECIALIST,
    TIME_ASSESSMENT,
    TIME_PRACTICAL,
    TIME_SESSION,
    TIME_SPECIALIST,
    X_OPEN,
    X_RENEGED,
    book,
    handling_time,
)
from victimsmodel.pathway.queues import NEVER, end, enqueue, pop, working_day
from victimsmodel.pathway.support import assess, begin_support, complete, hold_session, start_cases
from victimsmodel.rng import poisson, victim_key

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
                start_cases(plan, step, day, work, out)
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
            end(victim, X_RENEGED if has_left else X_OPEN, out.exits)
    return DONE


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
            if is_referred(plan, victim, out):
                plan_attempt(plan, i, 0, day, day * plan.numbers.steps, work, out)
        n += count
    return n


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
        if consents(plan, victim, 1, victim.reply_step // numbers.steps, out):
            enqueue(i, numbers.assessment_pool, NEVER, plan.groups, work)
        return 0.0
    minutes = 0.0
    if victim.state == ATTEMPT_DUE:
        ordinal = victim.attempt
        channel = plan.channels[plan.attempts[victim.group, ordinal].channel]
        is_spoken_to = make_attempt(plan, i, step, day, work, out)
        if pool > plan.capacity.shape[0]:
            return 0.0
        mean = channel.minutes_reached if is_spoken_to else channel.minutes_attempt
        minutes = book(handling_time(key, ordinal, mean, cells), pool, T_ATTEMPT, day, numbers, out.minutes)
        if not is_spoken_to or not consents(plan, victim, 0, day, out):
            return minutes
        if not numbers.same_call:
            enqueue(i, numbers.assessment_pool, NEVER, plan.groups, work)
            return minutes
    task, ordinal, mean = T_ASSESSMENT, TIME_ASSESSMENT, numbers.assessment_minutes
    if victim.state == ASSESSMENT_DUE:
        assess(plan, i, step, day, work, out)
    elif victim.state == SESSION_DUE:
        ordinal = TIME_SESSION + victim.attempt
        task, mean = T_CASEWORK, numbers.casework_minutes
        hold_session(plan, i, day, work, out)
    else:
        task, ordinal, mean = T_PRACTICAL, TIME_PRACTICAL, numbers.practical_minutes
        if victim.state == SPECIALIST_DUE:
            task, ordinal, mean = T_SPECIALIST, TIME_SPECIALIST, numbers.specialist_minutes
        begin_support(victim, day, out)
        complete(victim, numbers.improved, out)
    return minutes + book(handling_time(key, ordinal, mean, cells), pool, task, day, numbers, out.minutes)

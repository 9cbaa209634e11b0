"""From the needs assessment to the end of support."""

from __future__ import annotations

import math
from typing import Any

from victimsmodel.compiled import compiled
from victimsmodel.pathway.arrays import (
    CASE_DUE,
    N_CELLS,
    PRACTICAL_DUE,
    SESSION_DUE,
    SPECIALIST_DUE,
    Output,
    Plan,
    Workspace,
)
from victimsmodel.pathway.counting import (
    ACCEPTED,
    IMPROVED,
    PATIENCE,
    RECOGNISED,
    ROUTE,
    S_ACCEPTED,
    S_ASSESSED,
    S_COMPLETED,
    S_IMPROVED,
    S_NEED_RECOGNISED,
    S_SUPPORTED,
    SESSIONS,
    W_SUPPORT,
    WITHDRAWAL,
    X_COMPLETED,
    X_DECLINED,
    X_NEED_MISSED,
    X_NOT_IN_NEED,
    X_WITHDREW,
    count,
    record_wait,
)
from victimsmodel.pathway.queues import NEVER, end, enqueue, pop, schedule, working_day
from victimsmodel.rng import uniform


@compiled
def assess(plan: Plan, i: int, step: int, day: int, work: Workspace, out: Output) -> None:
    """Recognise need, offer support and route the victim."""
    victim = work.victims[i]
    key, needs, numbers = victim.key, plan.needs[victim.need], plan.numbers
    count(victim, S_ASSESSED, out.funnel)
    if uniform(key, RECOGNISED, 0) >= needs.recognised:
        end(victim, X_NEED_MISSED if victim.need else X_NOT_IN_NEED, out.exits)
        return
    count(victim, S_NEED_RECOGNISED, out.funnel)
    if uniform(key, ACCEPTED, 0) >= needs.accepted:
        end(victim, X_DECLINED, out.exits)
        return
    count(victim, S_ACCEPTED, out.funnel)
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
def start_cases(plan: Plan, step: int, day: int, work: Workspace, out: Output) -> None:
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
def hold_session(plan: Plan, i: int, day: int, work: Workspace, out: Output) -> None:
    """Hold a session of casework; the place is free again from the next step after the last."""
    victim = work.victims[i]
    session = victim.attempt
    if session == 0:
        begin_support(victim, day, out)
    victim.attempt = session + 1
    if session + 1 >= plan.cells[int(uniform(victim.key, SESSIONS, 0) * N_CELLS)].sessions:
        work.pools[plan.capacity.shape[0]].open_cases -= 1
        complete(victim, plan.numbers.improved, out)
    elif uniform(victim.key, WITHDRAWAL, session) < plan.numbers.withdrawal:
        work.pools[plan.capacity.shape[0]].open_cases -= 1
        end(victim, X_WITHDREW, out.exits)
    else:
        due = working_day(plan, day, plan.numbers.casework_interval)
        schedule(i, due * plan.numbers.steps, work.victims, work.calendar)


@compiled
def begin_support(victim: Any, day: int, out: Output) -> None:
    """Count the beginning of support and the wait for it."""
    count(victim, S_SUPPORTED, out.funnel)
    record_wait(victim, W_SUPPORT, day - victim.accepted_day, out.waits)


@compiled
def complete(victim: Any, improved: float, out: Output) -> None:
    """Count a completed case, and whether the victim improved."""
    count(victim, S_COMPLETED, out.funnel)
    if uniform(victim.key, IMPROVED, 0) < improved:
        count(victim, S_IMPROVED, out.funnel)
    end(victim, X_COMPLETED, out.exits)

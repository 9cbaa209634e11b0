"""From referral to consent: screening, attempts, replies."""

from __future__ import annotations

import math
from typing import Any

from victimsmodel.compiled import compiled
from victimsmodel.pathway.arrays import ASSESSMENT_DUE, ATTEMPT_DUE, ENDED, N_CELLS, Output, Plan, Workspace
from victimsmodel.pathway.counting import (
    ATTEMPT,
    CONSENT,
    DETAILS,
    EXCLUDED,
    NEED,
    REACHABILITY,
    REFERRED,
    REPLY,
    S_ATTEMPTED,
    S_CONSENTED,
    S_CONTACTED,
    S_IN_NEED,
    S_REFERRED,
    S_VICTIMS,
    UNSAFE,
    W_CONTACT,
    W_FIRST_ATTEMPT,
    X_DECLINED,
    X_EXCLUDED,
    X_NO_DETAILS,
    X_UNREACHABLE,
    X_UNSAFE,
    count,
    record_wait,
)
from victimsmodel.pathway.queues import NEVER, end, schedule, working_day
from victimsmodel.rng import uniform


@compiled
def is_referred(plan: Plan, victim: Any, out: Output) -> bool:
    """Draw need, refer and screen a victim; whether an attempt will be made."""
    key, group = victim.key, victim.group
    victim.need = uniform(key, NEED, 0) < plan.groups[group].need
    victim.state = ENDED
    victim.reply_step = NEVER
    victim.leave_step = NEVER
    count(victim, S_VICTIMS, out.funnel)
    if victim.need:
        count(victim, S_IN_NEED, out.funnel)
    if uniform(key, REFERRED, 0) >= plan.needs[victim.need].referred:
        return False
    count(victim, S_REFERRED, out.funnel)
    available = 0
    for attempt in range(plan.groups[group].n_attempts):
        channel = plan.attempts[group, attempt].channel
        if uniform(key, DETAILS, channel) >= plan.channels[channel].missing:
            available |= 1 << channel
    victim.available = available
    if uniform(key, EXCLUDED, 0) < plan.numbers.excluded:
        end(victim, X_EXCLUDED, out.exits)
    elif uniform(key, UNSAFE, 0) < plan.groups[group].unsafe:
        end(victim, X_UNSAFE, out.exits)
    elif available == 0:
        end(victim, X_NO_DETAILS, out.exits)
    else:
        victim.state = ATTEMPT_DUE
        return True
    return False


@compiled
def next_attempt(victim: Any, first: int, plan: Plan) -> int:
    """Return the first attempt from `first` on in a channel with details."""
    attempt = first
    while attempt < plan.groups[victim.group].n_attempts:
        if victim.available >> plan.attempts[victim.group, attempt].channel & 1:
            break
        attempt += 1
    return attempt


@compiled
def plan_attempt(
    plan: Plan, i: int, first: int, day: int, earliest: int, work: Workspace, out: Output
) -> None:
    """Schedule the next possible attempt, or a reply that comes before it; else give up."""
    victim = work.victims[i]
    attempt = next_attempt(victim, first, plan)
    due = NEVER
    if attempt < plan.groups[victim.group].n_attempts:
        gap = plan.attempts[victim.group, attempt].gap
        due = max(working_day(plan, day, gap) * plan.numbers.steps, earliest)
    elif victim.reply_step == NEVER:
        end(victim, X_UNREACHABLE, out.exits)
        return
    victim.attempt = attempt
    schedule(i, min(due, victim.reply_step), work.victims, work.calendar)


@compiled
def make_attempt(plan: Plan, i: int, step: int, day: int, work: Workspace, out: Output) -> bool:
    """Make an attempt; whether the victim was spoken to."""
    victim = work.victims[i]
    key, attempt, waited = victim.key, victim.attempt, day - victim.arrival
    tried = plan.attempts[victim.group, attempt]
    if attempt == next_attempt(victim, 0, plan):
        count(victim, S_ATTEMPTED, out.funnel)
        record_wait(victim, W_FIRST_ATTEMPT, waited, out.waits)
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
    plan_attempt(plan, i, attempt + 1, day, step + 1, work, out)
    return False


@compiled
def consents(plan: Plan, victim: Any, replied: int, day: int, out: Output) -> bool:
    """Count a contact and ask for consent to an assessment."""
    count(victim, S_CONTACTED, out.funnel)
    record_wait(victim, W_CONTACT, day - victim.arrival, out.waits)
    victim.reply_step = NEVER
    if uniform(victim.key, CONSENT, 0) >= plan.needs[victim.need].consent[replied]:
        end(victim, X_DECLINED, out.exits)
        return False
    count(victim, S_CONSENTED, out.funnel)
    victim.state = ASSESSMENT_DUE
    return True

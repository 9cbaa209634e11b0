"""From referral to consent: screening, attempts, replies."""

from __future__ import annotations

import math

from victimsmodel.compiled import compiled_part, inlined_part
from victimsmodel.pathway.arrays import (
    ASSESSMENT,
    ATTEMPT,
    AUTOMATIC,
    CALL_BACK,
    ENDED,
    FIRST_ATTEMPT,
    N_CELLS,
    NEVER,
    OTHER_CHANNEL,
    REPLY,
    RETRY,
    Record,
    World,
)
from victimsmodel.pathway.counting import (
    D_ATTEMPT,
    D_CONSENT,
    D_DETAILS,
    D_EXCLUDED,
    D_REACHABILITY,
    D_REPLY,
    D_UNSAFE,
    E_INFORMED,
    E_REPLIED,
    NOBODY,
    S_ATTEMPTED,
    S_CONSENTED,
    S_CONTACTED,
    T_ATTEMPT,
    W_CONTACT,
    W_FIRST_ATTEMPT,
    X_DECLINED,
    X_EXCLUDED,
    X_NO_DETAILS,
    X_RENEGED,
    X_UNREACHABLE,
    X_UNSAFE,
    book,
    count,
    handling_time,
    record_wait,
    write_down,
)
from victimsmodel.pathway.queues import end, enqueue, leave_queue, schedule, working_day
from victimsmodel.rng import uniform


@inlined_part
def screen(world: World, victim: Record) -> bool:
    """Screen a referral; whether an attempt will be made."""
    key, group, numbers = victim.key, world.groups[victim.group], world.numbers
    available = in_plan = 0
    for attempt in range(group.n_attempts):
        channel = group.channel[attempt]
        if uniform(key, D_DETAILS, channel) >= numbers.missing[channel]:
            in_plan |= 1 << channel
    available = in_plan
    if group.fallback >= 0 and uniform(key, D_DETAILS, group.fallback) >= numbers.missing[group.fallback]:
        available |= 1 << group.fallback
    victim.available = available
    if uniform(key, D_EXCLUDED, 0) < numbers.excluded:
        end(world, victim, X_EXCLUDED)
    elif uniform(key, D_UNSAFE, 0) < group.unsafe:
        end(world, victim, X_UNSAFE)
    elif in_plan == 0:
        end(world, victim, X_NO_DETAILS)
    else:
        victim.state = FIRST_ATTEMPT
        return True
    return False


@inlined_part
def next_attempt(world: World, victim: Record, first: int) -> int:
    """Return the first attempt from `first` on in a channel with details."""
    group = world.groups[victim.group]
    attempt = first
    while attempt < group.n_attempts and not victim.available >> group.channel[attempt] & 1:
        attempt += 1
    return attempt


@inlined_part
def plan_attempt(world: World, i: int, first: int, day: int, earliest: int) -> None:
    """Schedule the next possible attempt, or give up."""
    victim = world.victims[i]
    group = world.groups[victim.group]
    attempt = next_attempt(world, victim, first)
    is_over = attempt >= group.n_attempts or victim.made >= group.stop_attempts
    if not is_over:
        due = working_day(world.days, day, group.gap[attempt])
        is_over = not _falls_due(world, i, attempt, due, earliest)
    if is_over:
        give_up(world, victim, X_UNREACHABLE)


@inlined_part
def _falls_due(world: World, i: int, attempt: int, due: int, earliest: int) -> bool:
    """Schedule an attempt, unless it would fall due after the last day for attempts."""
    victim = world.victims[i]
    if due - victim.arrival > world.groups[victim.group].stop_days:
        return False
    victim.attempt = attempt
    schedule(world, i, max(due * world.numbers.steps, earliest))
    return True


@compiled_part
def give_up(world: World, victim: Record, exit_: int) -> None:
    """Close a case that was not contacted, unless a reply is still to come; send information."""
    if victim.reply < NEVER:
        return
    fallback = world.groups[victim.group].fallback
    if fallback >= 0 and victim.available >> fallback & 1:
        if victim.counted:
            world.group_counts[victim.group].informed += 1
        write_down(world, victim, E_INFORMED, NOBODY, fallback, 0.0)
    end(world, victim, exit_)


@compiled_part
def lose_patience(world: World, i: int, day: int) -> None:
    """Decide what follows when an attempt has waited too long for staff."""
    victim = world.victims[i]
    group, numbers = world.groups[victim.group], world.numbers
    if numbers.after_patience == RETRY and victim.tries == 0:
        victim.tries = 1
        gap = max(group.gap[victim.attempt], 1)
        if _falls_due(world, i, victim.attempt, working_day(world.days, day, gap), 0):
            return
    if numbers.after_patience == OTHER_CHANNEL:
        attempt = victim.attempt
        while attempt < group.n_attempts and group.channel[attempt] == group.channel[victim.attempt]:
            attempt = next_attempt(world, victim, attempt + 1)
        if attempt < group.n_attempts:
            due = working_day(world.days, day, group.gap[attempt])
            if _falls_due(world, i, attempt, due, 0):
                return
    give_up(world, victim, X_RENEGED)


@inlined_part
def make_attempt(world: World, i: int, pool: int) -> tuple[float, bool]:
    """Make an attempt; return the minutes of staff, and whether the victim was spoken to."""
    victim, numbers = world.victims[i], world.numbers
    group, step = world.groups[victim.group], world.header.step
    key, attempt, day = victim.key, victim.attempt, step // numbers.steps
    waited, channel = day - victim.arrival, group.channel[attempt]
    if victim.made == 0:
        count(world, victim, S_ATTEMPTED)
        record_wait(world, victim, W_FIRST_ATTEMPT, victim.arrival)
    victim.made += 1
    victim.state = ATTEMPT
    cell = int(uniform(key, D_REACHABILITY, 0) * N_CELLS)
    reach = world.tables.reach[group.table[attempt], cell] * math.exp(-waited / numbers.fade_days)
    is_reached = uniform(key, D_ATTEMPT, attempt) < reach
    is_spoken = is_reached and numbers.spoken[channel] == 1
    if victim.counted:
        made = world.group_counts[victim.group].attempts
        made[attempt, 0] += 1
        made[attempt, 1] += is_reached
    minutes = 0.0
    if pool != AUTOMATIC:
        mean = numbers.minutes_reached[channel] if is_spoken else numbers.minutes_attempt[channel]
        minutes = handling_time(key, attempt, mean, world.tables)
    book(world, victim, pool, T_ATTEMPT, channel, minutes)
    if is_spoken:
        victim.channel = channel
    else:
        if is_reached:
            _will_reply(world, i, attempt, channel, day)
        plan_attempt(world, i, attempt + 1, day, step + 1)
    return minutes, is_spoken


@compiled_part
def _will_reply(world: World, i: int, attempt: int, channel: int, day: int) -> None:
    """Enter the reply to a message, if it is the first to come: an event with a record of its own."""
    victims, reply = world.victims, world.tables.reply
    chance, delay = uniform(victims[i].key, D_REPLY, attempt), 1
    while reply[channel, delay] <= chance:
        delay += 1
    step = (day + delay) * world.numbers.steps
    if step >= victims[i].reply:
        return
    victims[i].reply = step
    if step >= world.header.n_steps or world.header.n_victims >= world.header.most_victims:
        return
    twin = world.header.n_victims
    world.header.n_victims = twin + 1
    victims[twin] = victims[i]
    victims[twin].twin = i
    victims[twin].state = REPLY
    victims[twin].channel = channel
    schedule(world, twin, step)


@compiled_part
def take_reply(world: World, i: int) -> None:
    """Take a reply: what is due to the victim takes the place of further attempts."""
    step, reply = world.header.step, world.victims[i]
    victim = world.victims[reply.twin]
    reply.state = ENDED
    if victim.state != FIRST_ATTEMPT and victim.state != ATTEMPT:
        return  # contacted or closed before
    if victim.reply != step:
        return  # another reply came before
    victim.state = ENDED
    if victim.is_queued:
        pool = world.groups[victim.group].pool[victim.attempt]
        world.pools[pool].length -= 1
        leave_queue(world, victim, pool, step)
    write_down(world, reply, E_REPLIED, NOBODY, reply.channel, 0.0)
    if consents(world, reply, False):
        await_assessment(world, i, CALL_BACK)


@inlined_part
def consents(world: World, victim: Record, is_given: bool) -> bool:
    """Count a contact and ask for consent to an assessment, unless it is given already."""
    numbers = world.numbers
    count(world, victim, S_CONTACTED)
    record_wait(world, victim, W_CONTACT, victim.arrival)
    consent = numbers.consent[victim.need, victim.channel]
    is_known = is_given or victim.has_consented == 1
    if not is_known and uniform(victim.key, D_CONSENT, 0) >= consent:
        end(world, victim, X_DECLINED)
        return False
    count(world, victim, S_CONSENTED)
    return True


@compiled_part
def await_assessment(world: World, i: int, kind: int) -> None:
    """Book an assessment, or put the victim in the queue for one."""
    victim, numbers = world.victims[i], world.numbers
    victim.tries = 0
    if numbers.booked_gap > 0:
        victim.state = ASSESSMENT
        day = working_day(world.days, world.header.step // numbers.steps, numbers.booked_gap)
        schedule(world, i, day * numbers.steps)
    else:
        victim.state = kind
        enqueue(world, i, numbers.assessment_pool, NEVER)

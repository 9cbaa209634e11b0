"""From the needs assessment to the end of support."""

from __future__ import annotations

import math

from victimsmodel.compiled import compiled_part, inlined_part
from victimsmodel.pathway.arrays import N_CELLS, NEVER, PRACTICAL, SESSION, SPECIALIST, Record, World
from victimsmodel.pathway.counting import (
    D_ACCEPTED,
    D_ATTENDED,
    D_IMPROVED,
    D_PATIENCE,
    D_RECOGNISED,
    D_ROUTE,
    D_SERVICE,
    D_SESSIONS,
    D_WITHDRAWAL,
    E_MISSED,
    E_PLACE_GIVEN,
    NOBODY,
    S_ACCEPTED,
    S_ASSESSED,
    S_COMPLETED,
    S_IMPROVED,
    S_NEED_RECOGNISED,
    S_SUPPORTED,
    T_ASSESSMENT,
    T_CASEWORK,
    T_PRACTICAL,
    T_SPECIALIST,
    TIME_ASSESSMENT,
    TIME_MISSED,
    TIME_PRACTICAL,
    TIME_SESSION,
    TIME_SPECIALIST,
    W_SUPPORT,
    X_COMPLETED,
    X_DECLINED,
    X_NEED_MISSED,
    X_NOT_ATTENDED,
    X_NOT_IN_NEED,
    X_WITHDREW,
    book,
    count,
    handling_time,
    record_wait,
    write_down,
)
from victimsmodel.pathway.queues import _ANY, end, enqueue, pop, schedule, working_day
from victimsmodel.rng import uniform


@compiled_part
def attend(world: World, i: int, pool: int) -> float:
    """Meet a victim for the assessment, who may not come; return the minutes."""
    victim, numbers = world.victims[i], world.numbers
    if numbers.booked_gap > 0 and uniform(victim.key, D_ATTENDED, victim.tries) < numbers.not_attended:
        minutes = handling_time(victim.key, TIME_MISSED + victim.tries, numbers.minutes_missed, world.tables)
        book(world, victim, pool, T_ASSESSMENT, NOBODY, minutes)
        write_down(world, victim, E_MISSED, pool, NOBODY, 0.0)
        victim.tries += 1
        if victim.tries > numbers.rebookings:
            end(world, victim, X_NOT_ATTENDED)
        else:
            day = working_day(world.days, world.header.step // numbers.steps, numbers.booked_gap)
            schedule(world, i, day * numbers.steps)
        return minutes
    return assess(world, i, pool)


@compiled_part
def assess(world: World, i: int, pool: int) -> float:
    """Recognise need, offer support and route the victim; return the minutes."""
    victim, numbers = world.victims[i], world.numbers
    minutes = handling_time(victim.key, TIME_ASSESSMENT, numbers.assessment_minutes, world.tables)
    book(world, victim, pool, T_ASSESSMENT, NOBODY, minutes)
    count(world, victim, S_ASSESSED)
    if uniform(victim.key, D_RECOGNISED, 0) >= numbers.recognised[victim.need]:
        end(world, victim, X_NEED_MISSED if victim.need else X_NOT_IN_NEED)
        return minutes
    count(world, victim, S_NEED_RECOGNISED)
    if uniform(victim.key, D_ACCEPTED, 0) >= numbers.accepted[victim.need]:
        end(world, victim, X_DECLINED)
        return minutes
    route(world, i)
    return minutes


@compiled_part
def route(world: World, i: int) -> None:
    """Count an acceptance and put the victim in the queue for what was agreed."""
    victim, numbers = world.victims[i], world.numbers
    step = world.header.step
    count(world, victim, S_ACCEPTED)
    victim.accepted = step // numbers.steps
    chance, pool = uniform(victim.key, D_ROUTE, 0), numbers.practical_pool
    victim.state = PRACTICAL
    if chance < numbers.casework_share:
        victim.state, pool = SESSION, numbers.n_roles
        victim.attempt = 0
    elif chance < numbers.casework_share + numbers.specialist_share:
        victim.state, pool = SPECIALIST, numbers.specialist_pool
        if numbers.n_services > 0:
            service, which = 0, uniform(victim.key, D_SERVICE, 0)
            while service < numbers.n_services - 1 and which >= numbers.service_share[service]:
                service += 1
            if numbers.service_places[service] >= 0:
                pool = numbers.n_roles + 1 + service
    patience = -numbers.patience_days * math.log(uniform(victim.key, D_PATIENCE, 0))
    enqueue(world, i, pool, step + 1 + int(min(patience * numbers.steps, NEVER // 2)))


@compiled_part
def give_places(world: World, day: int) -> None:
    """Give free places to those who wait longest: a caseload place, or one in a specialist service."""
    numbers = world.numbers
    room = world.pools[numbers.n_roles]
    while room.places < world.days[day].slots:
        i = pop(world, numbers.n_roles, _ANY)
        if i < 0:
            break
        room.places += 1
        write_down(world, world.victims[i], E_PLACE_GIVEN, NOBODY, NOBODY, 0.0)
        enqueue(world, i, numbers.casework_pool, NEVER)
    for service in range(numbers.n_services):
        pool = numbers.n_roles + 1 + service
        while world.pools[pool].places >= 1.0:
            i = pop(world, pool, _ANY)
            if i < 0:
                break
            world.pools[pool].places -= 1.0
            write_down(world, world.victims[i], E_PLACE_GIVEN, NOBODY, NOBODY, 0.0)
            enqueue(world, i, numbers.specialist_pool, NEVER)


@compiled_part
def hold_session(world: World, i: int, pool: int) -> float:
    """Hold a session of casework; the place is free again from the next step after the last."""
    victim, numbers = world.victims[i], world.numbers
    session = victim.attempt
    minutes = handling_time(victim.key, TIME_SESSION + session, numbers.casework_minutes, world.tables)
    book(world, victim, pool, T_CASEWORK, NOBODY, minutes)
    if session == 0:
        begin_support(world, victim)
    victim.attempt = session + 1
    sessions = world.tables.sessions[int(uniform(victim.key, D_SESSIONS, 0) * N_CELLS)]
    is_last = session + 1 >= sessions
    if not is_last and uniform(victim.key, D_WITHDRAWAL, session) >= numbers.withdrawal:
        day = working_day(world.days, world.header.step // numbers.steps, numbers.casework_interval)
        schedule(world, i, day * numbers.steps)
        return minutes
    world.pools[numbers.n_roles].places -= 1
    if is_last:
        complete(world, victim)
    else:
        end(world, victim, X_WITHDREW)
    return minutes


@compiled_part
def help_once(world: World, i: int, pool: int) -> float:
    """Give practical help, or refer to a specialist service; return the minutes."""
    victim, numbers = world.victims[i], world.numbers
    task, ordinal, mean = T_PRACTICAL, TIME_PRACTICAL, numbers.practical_minutes
    if victim.state == SPECIALIST:
        task, ordinal, mean = T_SPECIALIST, TIME_SPECIALIST, numbers.specialist_minutes
    minutes = handling_time(victim.key, ordinal, mean, world.tables)
    book(world, victim, pool, task, NOBODY, minutes)
    begin_support(world, victim)
    complete(world, victim)
    return minutes


@inlined_part
def begin_support(world: World, victim: Record) -> None:
    """Count the beginning of support and the wait for it."""
    count(world, victim, S_SUPPORTED)
    record_wait(world, victim, W_SUPPORT, victim.accepted)


@compiled_part
def complete(world: World, victim: Record) -> None:
    """Count a completed case, and whether the victim improved."""
    count(world, victim, S_COMPLETED)
    if uniform(victim.key, D_IMPROVED, 0) < world.numbers.improved:
        count(world, victim, S_IMPROVED)
    end(world, victim, X_COMPLETED)

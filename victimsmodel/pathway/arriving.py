"""Who comes: the victims of each day, and those in hand when the simulation starts."""

from __future__ import annotations

import numpy as np

from victimsmodel.compiled import compiled_part, inlined_part
from victimsmodel.pathway.arrays import (
    AUTOMATIC,
    CALL_BACK,
    ENDED,
    ENTER_ACCEPTED,
    ENTER_CONSENTED,
    ENTER_REFERRED,
    ENTER_REPORTED,
    FIRST_ATTEMPT,
    N_CELLS,
    NEVER,
    SESSION,
    Record,
    Records,
    World,
)
from victimsmodel.pathway.contact import await_assessment, consents, plan_attempt, screen
from victimsmodel.pathway.counting import (
    D_ARRIVALS,
    D_LOGGED,
    D_NEED,
    D_OPENING,
    D_ORDER,
    D_REFERRED,
    D_SESSIONS,
    S_ASSESSED,
    S_ATTEMPTED,
    S_IN_NEED,
    S_NEED_RECOGNISED,
    S_REFERRED,
    S_VICTIMS,
    count,
)
from victimsmodel.pathway.queues import enqueue, schedule, working_day
from victimsmodel.pathway.support import route
from victimsmodel.rng import poisson, uniform, victim_key


@inlined_part
def _new_victim(world: World, origin: Record, source: int, key: np.uint64, day: int) -> Record:
    """Return the record of one more victim."""
    i = world.header.n_victims
    world.header.n_victims = i + 1
    victim = world.victims[i]
    victim.key = key
    victim.arrival = day
    victim.group = origin.group
    victim.source = source
    victim.need = uniform(key, D_NEED, 0) < origin.need
    victim.counted = world.numbers.first_day <= day < world.numbers.last_day
    victim.is_logged = world.numbers.log_share > 0 and uniform(key, D_LOGGED, 0) < world.numbers.log_share
    victim.has_consented = world.numbers.consent_at_report == 1 and origin.entry == ENTER_REPORTED
    victim.leave = NEVER
    victim.reply = NEVER
    victim.state = ENDED
    victim.attempt = victim.made = victim.tries = victim.channel = victim.is_queued = 0
    return victim


@compiled_part
def first_source(key: np.uint64, n_sources: int, date: int) -> int:
    """Return the source whose victims come first on a day, by chance: with few staff it matters."""
    return int(uniform(victim_key(key, n_sources, date, -1), D_ORDER, 0) * n_sources)


@compiled_part
def arrive(world: World, origin: Record, source: int, mean: float, key: np.uint64, day: int) -> None:
    """Bring the victims of a source and day, as far as there is room for them."""
    date = world.numbers.epoch_day + day
    n = poisson(victim_key(key, source, date, -1), D_ARRIVALS, mean)
    if world.header.n_victims + n >= world.header.most_victims:
        world.header.n_victims = world.header.most_victims
        return
    for ordinal in range(n):
        i = world.header.n_victims
        victim = _new_victim(world, origin, source, victim_key(key, source, date, ordinal), day)
        _enter(world, i, victim, origin.entry)


@inlined_part
def _enter(world: World, i: int, victim: Record, entry: int) -> None:
    """Let a victim enter the pathway at the stage where this source brings them."""
    count(world, victim, S_VICTIMS)
    if victim.need:
        count(world, victim, S_IN_NEED)
    if entry == ENTER_REPORTED and uniform(victim.key, D_REFERRED, 0) >= world.numbers.referred[victim.need]:
        return
    count(world, victim, S_REFERRED)
    if entry <= ENTER_REFERRED:
        if screen(world, victim):
            plan_attempt(world, i, 0, victim.arrival, world.header.step)
        return
    count(world, victim, S_ATTEMPTED)
    if consents(world, victim, entry >= ENTER_CONSENTED):
        if entry == ENTER_ACCEPTED:
            count(world, victim, S_ASSESSED)
            count(world, victim, S_NEED_RECOGNISED)
            route(world, i)
        else:
            await_assessment(world, i, CALL_BACK)


@compiled_part
def open_with(world: World, sources: Records, n_sources: int, n_groups: int, key: np.uint64) -> None:
    """Bring those who wait and the cases that are open when the simulation starts; none is counted."""
    numbers, date = world.numbers, world.numbers.epoch_day - 1
    for service in range(numbers.n_services):
        world.pools[numbers.n_roles + 1 + service].places = 1.0
    for source in range(n_sources):
        origin = sources[source]
        for ordinal in range(origin.opening):
            i = world.header.n_victims
            own = victim_key(key, source, date, ordinal)
            victim = _new_victim(world, origin, source, own, -origin.opening_days)
            victim.counted = 0
            victim.available = -1
            victim.state = FIRST_ATTEMPT
            pool = world.groups[victim.group].pool[0]
            if pool == AUTOMATIC:
                schedule(world, i, 0)
            else:
                patience = working_day(world.days, 0, numbers.patience_working_days)
                enqueue(world, i, pool, patience * numbers.steps)
    for group in range(n_groups):
        for ordinal in range(world.groups[group].opening_cases):
            i = world.header.n_victims
            own = victim_key(key, group, date - 1, ordinal)
            victim = _new_victim(world, sources[group], group, own, -1)
            victim.counted = 0
            victim.state = SESSION
            sessions = world.tables.sessions[int(uniform(own, D_SESSIONS, 0) * N_CELLS)]
            victim.attempt = int(uniform(own, D_OPENING, 0) * sessions)
            gap = int(uniform(own, D_OPENING, 1) * numbers.casework_interval)
            world.pools[numbers.n_roles].places += 1
            schedule(world, i, working_day(world.days, 0, gap) * numbers.steps)

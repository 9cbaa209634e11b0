"""Event simulation of one year on typed arrays; no files, tables or parameters.

The clock runs in steps of a day. Referrals arrive at the start of each day; in each step every worker
takes work while minutes of the step remain, and an overrun is taken from the same worker's next
steps. Every chance is addressed by victim, decision and ordinal, so that it does not depend on what
else happens.
"""

from __future__ import annotations

import math

import numpy as np

from victimsmodel.compiled import compiled_entry, compiled_part, inlined_part
from victimsmodel.pathway.arrays import (
    ASSESSMENT,
    ATTEMPT,
    AUTOMATIC,
    ENDED,
    FIRST_ATTEMPT,
    N_CLASSES,
    NEVER,
    REPLY,
    SESSION,
    Floats,
    Output,
    Plan,
    Record,
    Workspace,
    World,
)
from victimsmodel.pathway.arriving import arrive, first_source, open_with
from victimsmodel.pathway.contact import (
    await_assessment,
    consents,
    lose_patience,
    make_attempt,
    take_reply,
)
from victimsmodel.pathway.counting import (
    X_OPEN,
    X_RENEGED,
    count_exit,
)
from victimsmodel.pathway.queues import _ANY, enqueue, pop, sweep, working_day
from victimsmodel.pathway.support import assess, attend, give_places, help_once, hold_session
from victimsmodel.vectors import vector

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
    world = World(
        vector(plan.numbers)[0],
        vector(plan.tables)[0],
        vector(plan.groups),
        vector(plan.days),
        vector(work.victims),
        vector(work.calendar),
        vector(work.pools),
        vector(out.groups),
        vector(out.pools),
        vector(out.log),
        vector(out.header)[0],
    )
    numbers, header, pools = world.numbers, world.header, world.pools
    header.n_victims = header.n_logged = header.step = 0
    header.n_steps, header.n_pools = work.calendar.size, work.pools.size
    header.most_victims, header.most_logged = work.victims.size, out.log.size
    sources, roles, days = vector(plan.sources), vector(plan.roles), vector(out.days)
    open_with(world, sources, plan.sources.size, plan.groups.size, key)
    for day in range(numbers.n_days):
        header.step = day * numbers.steps
        first = first_source(key, plan.sources.size, numbers.epoch_day + day)
        for place in range(plan.sources.size):
            source = (first + place) % plan.sources.size
            mean = sources[source].per_day * plan.profile[day, sources[source].profile]
            arrive(world, sources[source], source, mean, key, day)
        if header.n_victims >= header.most_victims:
            return TOO_MANY_VICTIMS
        for service in range(numbers.n_services):
            pools[numbers.n_roles + 1 + service].places += numbers.service_places[service]
        _sweep(world, day)
        is_working = world.days[day + 1].working_index > world.days[day].working_index
        for step in range(day * numbers.steps, (day + 1) * numbers.steps):
            header.step = step
            for pool in range(header.n_pools):
                pools[pool].length -= world.calendar[step].leaving[pool]
            _fire(world, day)
            if is_working:
                give_places(world, day)
            for pool in range(numbers.n_roles):
                fte = plan.staff[day, pool]
                if fte > 0.0:
                    days[day].used[pool] += _serve(world, roles[pool], fte, pool, work.workers)
            for pool in range(header.n_pools):
                world.pool_counts[pool].area += pools[pool].length
        for pool in range(header.n_pools):
            days[day].backlog[pool] = pools[pool].length
        days[day].open_cases = int(pools[numbers.n_roles].places)
    _close(world)
    return DONE


@compiled_part
def _sweep(world: World, day: int) -> None:
    """Let those leave whose attempt has waited too long."""
    for pool in range(world.numbers.n_roles):
        for class_ in range(2 * FIRST_ATTEMPT, 2 * ATTEMPT + 2):
            i = sweep(world, pool, class_)
            while i >= 0:
                lose_patience(world, i, day)
                i = sweep(world, pool, class_)


@compiled_part
def _fire(world: World, day: int) -> None:
    """Put what is due in this step into the queue of those who do it; send what is sent by itself."""
    numbers, step = world.numbers, world.header.step
    i = world.calendar[step].head
    while i >= 0:
        victim = world.victims[i]
        following = victim.next
        if victim.state == REPLY:
            take_reply(world, i)
        elif victim.state == SESSION:
            enqueue(world, i, numbers.casework_pool, NEVER)
        elif victim.state == ASSESSMENT:
            enqueue(world, i, numbers.assessment_pool, NEVER)
        elif victim.state != ENDED:
            pool = world.groups[victim.group].pool[victim.attempt]
            if pool == AUTOMATIC:
                make_attempt(world, i, AUTOMATIC)
            else:
                last = working_day(world.days, day, numbers.patience_working_days)
                enqueue(world, i, pool, max(last * numbers.steps, step + 1))
        i = following


@compiled_part
def _serve(world: World, role: Record, fte: float, pool: int, workers: Floats) -> float:
    """Let each worker of a pool work through the step; return the minutes of what was begun."""
    minutes, has_work = 0.0, True
    for worker in range(math.ceil(fte)):
        at = role.first_worker + worker
        share = min(fte - worker, 1.0) * role.minutes / world.numbers.steps
        left = min(workers[at], 0.0) + share
        while left > 0.0 and has_work:
            i = pop(world, pool, _ANY)
            helped = 0
            while i < 0 and helped < role.n_helps:
                i = pop(world, role.help_pool[helped], role.help_kinds[helped])
                helped += 1
            if i < 0:
                has_work = False
            else:
                spent = _work(world, i, pool)
                left -= spent
                minutes += spent
        workers[at] = left
    return minutes


@inlined_part
def _work(world: World, i: int, pool: int) -> float:
    """Do what a victim waits for; return the minutes of staff."""
    victim = world.victims[i]
    if victim.state >= FIRST_ATTEMPT:
        minutes, is_spoken = make_attempt(world, i, pool)
        if is_spoken and consents(world, victim, False):
            if world.numbers.same_call:
                return minutes + assess(world, i, pool)
            await_assessment(world, i, ASSESSMENT)
        return minutes
    if victim.state <= ASSESSMENT:
        return attend(world, i, pool)
    if victim.state == SESSION:
        return hold_session(world, i, pool)
    return help_once(world, i, pool)


@compiled_part
def _close(world: World) -> None:
    """Count who left a queue that was never reached again, and who is still open."""
    horizon = world.header.n_steps
    for pool in range(world.header.n_pools):
        for class_ in range(N_CLASSES):
            i = world.pools[pool].head[class_]
            while i >= 0:
                if world.victims[i].is_queued:
                    waited = min(world.victims[i].leave, horizon) - world.victims[i].due
                    world.pool_counts[pool].left_waited += waited
                    world.pool_counts[pool].left += world.victims[i].leave < horizon
                i = world.victims[i].next
    for i in range(world.header.n_victims):
        victim = world.victims[i]
        if victim.state < REPLY:
            if victim.is_queued and victim.leave < horizon and victim.state < FIRST_ATTEMPT:
                count_exit(world, victim, X_RENEGED)
            else:
                count_exit(world, victim, X_OPEN)

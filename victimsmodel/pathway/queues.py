"""The calendar and the queues of the kernel: linked lists that allocate nothing.

A victim has at most one pending event and stands in at most one queue, so that a single ``next``
per victim links every list. A pool has a queue for each class of work (kind and priority), first in,
first out; the class whose head has the earliest due date, corrected by the class's handicap, goes
first, and ties go to the lowest class.

Who leaves an attempt's queue for lack of patience is swept from its head: within a class patience ends
in the order of joining. Patience for support differs between victims; it is known on joining
(``leave``), put on record when the queue reaches the place, and ``leaving`` keeps the length right at
every step. Who has replied meanwhile stays in the list as `ENDED` and is passed over.
"""

from __future__ import annotations

import numpy as np

from victimsmodel.compiled import compiled_part, inlined_part
from victimsmodel.pathway.arrays import (
    ENDED,
    FIRST_ATTEMPT,
    N_CLASSES,
    NEVER,
    Record,
    Records,
    Workspace,
    World,
)
from victimsmodel.pathway.counting import X_RENEGED, count_exit

_ANY = 2**N_CLASSES - 1


@inlined_part
def end(world: World, victim: Record, exit_: int) -> None:
    """End a case and count where."""
    victim.state = ENDED
    count_exit(world, victim, exit_)


@inlined_part
def schedule(world: World, i: int, step: int) -> None:
    """Enter victim `i` in the calendar; past the horizon the case stays open."""
    calendar, victims = world.calendar, world.victims
    if step >= world.header.n_steps:
        return
    entry = calendar[step]
    victims[i].next = -1
    if entry.head < 0:
        entry.head = i
    else:
        victims[entry.tail].next = i
    entry.tail = i


@inlined_part
def enqueue(world: World, i: int, pool: int, leave: int) -> None:
    """Put victim `i` at the end of the queue for what is due, with the step at which patience ends."""
    victims, queue = world.victims, world.pools[pool]
    victim = victims[i]
    victim.due = world.header.step
    victim.leave = leave
    victim.next = -1
    victim.is_queued = 1
    class_ = 2 * victim.state + world.groups[victim.group].priority
    if queue.head[class_] < 0:
        queue.head[class_] = i
        queue.best = -1
    else:
        victims[queue.tail[class_]].next = i
    queue.tail[class_] = i
    queue.length += 1
    if leave < world.header.n_steps and victim.state < FIRST_ATTEMPT:
        world.calendar[leave].leaving[pool] += 1


@inlined_part
def leave_queue(world: World, victim: Record, pool: int, step: int) -> None:
    """Record that a victim leaves a queue unserved; the list still holds the place."""
    victim.is_queued = 0
    counts = world.pool_counts[pool]
    counts.left += 1
    counts.left_waited += step - victim.due


@inlined_part
def _find_best(world: World, queue: Record, classes: int) -> None:
    """Find the class that goes first, and the due date at which another one would."""
    victims, handicap = world.victims, world.numbers.handicap
    queue.best = -1
    first = second = 2 * np.int64(NEVER)
    for class_ in range(N_CLASSES):
        head = queue.head[class_]
        if head >= 0 and classes >> class_ & 1:
            due = victims[head].due + handicap[class_]
            if due < first:
                queue.best, first, second = class_, due, first
            elif due < second:
                second = due
    queue.limit = second


@inlined_part
def pop(world: World, pool: int, classes: int) -> int:
    """Take the next who still waits for work of some classes; -1 when nobody does."""
    victims, queue, step = world.victims, world.pools[pool], world.header.step
    if classes != _ANY:
        queue.best = -1
    while True:
        if queue.best >= 0:
            head = queue.head[queue.best]
            if head < 0 or victims[head].due + world.numbers.handicap[queue.best] >= queue.limit:
                queue.best = -1
        if queue.best < 0:
            _find_best(world, queue, classes)
            if queue.best < 0:
                return -1
        class_ = queue.best
        i = queue.head[class_]
        victim = victims[i]
        queue.head[class_] = victim.next
        if classes != _ANY:
            queue.best = -1
        if not victim.is_queued:
            continue
        if victim.leave <= step:  # only those who wait for support: attempts have been swept
            leave_queue(world, victim, pool, victim.leave)
            end(world, victim, X_RENEGED)
            continue
        victim.is_queued = 0
        queue.length -= 1
        if victim.leave < world.header.n_steps and victim.state < FIRST_ATTEMPT:
            world.calendar[victim.leave].leaving[pool] -= 1
        waited = step - victim.due
        counts = world.pool_counts[pool]
        counts.served[class_] += 1
        counts.at_once[class_] += waited == 0
        counts.waited[class_] += waited
        return i


@compiled_part
def sweep(world: World, pool: int, class_: int) -> int:
    """Take the head of a class of attempts if its patience has ended; -1 when nobody's has."""
    victims, queue = world.victims, world.pools[pool]
    while True:
        i = queue.head[class_]
        if i < 0:
            return -1
        victim = victims[i]
        if victim.is_queued and victim.leave > world.header.step:
            return -1
        queue.head[class_] = victim.next
        queue.best = -1
        if victim.is_queued:
            queue.length -= 1
            leave_queue(world, victim, pool, world.header.step)
            return i


@inlined_part
def working_day(days: Records, day: int, n: int) -> int:
    """Return the n-th working day after a day; for 0 the day itself or the next that is worked."""
    if n == 0:
        return int(days[days[day].working_index].working_day)
    return int(days[days[day + 1].working_index + n - 1].working_day)


def cleared(work: Workspace) -> Workspace:
    """Empty every list of a workspace, for the next replication."""
    work.calendar["head"] = -1
    work.calendar["leaving"] = 0
    work.pools[:] = np.zeros(1, work.pools.dtype)
    work.pools["head"] = -1
    work.pools["best"] = -1
    work.workers[:] = 0
    return work

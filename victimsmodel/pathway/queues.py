"""The calendar and the queues of the kernel: linked lists that allocate nothing.

A victim has at most one pending event and stands in at most one queue, so that a single ``next``
per victim links every list. Queues are first in, first out, for each pool and priority. Who will
leave, for lack of patience or because an earlier message is answered, is known on entry
(``leave_step``); it is put on record when the queue reaches the place, while ``leaving`` keeps the
length right at every step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from victimsmodel.compiled import compiled
from victimsmodel.pathway.arrays import ASSESSMENT_DUE, ENDED, Ints, Plan, Records, Workspace
from victimsmodel.records import EXITS

NEVER = 2**30

_RENEGED = EXITS.index("reneged")


@compiled
def end(victim: Any, exit_: int, exits: Ints) -> None:
    """End a case and count where."""
    victim.state = ENDED
    victim.leave_step = NEVER
    if victim.counted:
        exits[victim.group, 0, exit_] += 1
        exits[victim.group, 1, exit_] += victim.need


@compiled
def schedule(i: int, step: int, victims: Records, calendar: Records) -> None:
    """Enter victim `i` in the calendar; past the horizon the case stays open."""
    if step >= calendar.size:
        return
    victims[i].next = -1
    if calendar[step].head < 0:
        calendar[step].head = i
    else:
        victims[calendar[step].tail].next = i
    calendar[step].tail = i


@compiled
def enqueue(i: int, pool: int, leave_step: int, groups: Records, work: Workspace) -> None:
    """Put victim `i` at the end of a queue, with the step at which patience ends.

    Those who replied and are called back for their assessment go before all first contacts.
    """
    victims, queues = work.victims, work.queues
    victims[i].leave_step = leave_step
    victims[i].next = -1
    priority = groups[victims[i].group].priority + 1
    if victims[i].state == ASSESSMENT_DUE:
        priority = 0  # a queue of their own
    if queues[pool, priority].head < 0:
        queues[pool, priority].head = i
    else:
        victims[queues[pool, priority].tail].next = i
    queues[pool, priority].tail = i
    work.pools[pool].length += 1
    if leave_step < work.calendar.size:
        work.leaving[pool, leave_step] += 1


@compiled
def pop(pool: int, step: int, work: Workspace, exits: Ints) -> int:
    """Take the next who still waits, by priority, and record those who left; -1 when nobody does."""
    victims, queues = work.victims, work.queues
    for priority in range(queues.shape[1]):
        while queues[pool, priority].head >= 0:
            i = queues[pool, priority].head
            queues[pool, priority].head = victims[i].next
            leave_step = victims[i].leave_step
            victims[i].leave_step = NEVER
            if leave_step > step:
                work.pools[pool].length -= 1
                if leave_step < work.calendar.size:
                    work.leaving[pool, leave_step] -= 1
                return i
            if victims[i].reply_step <= leave_step:  # not lost: a reply came first
                return i
            end(victims[i], _RENEGED, exits)
    return -1


@compiled
def working_day(plan: Plan, day: int, n: int) -> int:
    """Return the n-th working day after a day; for 0 the day itself or the next that is worked."""
    if n == 0:
        return int(plan.working_day[plan.days[day].working_index])
    return int(plan.working_day[plan.days[day + 1].working_index + n - 1])


def cleared(work: Workspace) -> Workspace:
    """Empty every list of a workspace, for the next replication."""
    work.calendar["head"] = -1
    work.queues["head"] = -1
    work.pools[:] = np.zeros(1, work.pools.dtype)
    work.leaving[:] = 0
    return work

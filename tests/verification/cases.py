"""Textbook queues and contact lists as plans of the kernel, and what the kernel finds for them.

A kernel day of one step stands for a short time h; the mean service is the unit of time. The arrivals
of a step come at its start, and services end within it. Seen from the middle of its arrivals such a
cycle is symmetric, so that means taken over arrivals are true to the order h^2 (Strang 1968, SIAM
Journal on Numerical Analysis 5, 506-517), once the part of the wait within the last step is added:
half a step for each who does not begin at the start of one. Who waited within the step of arrival is
told from who did not by carrying the next two frequencies on to the first step.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from theory import Estimate, controlled, exponential_cells, mean_of_cells, whole_step_cells

from victimsmodel.pathway.arrays import (
    DAYS,
    ENTER_ACCEPTED,
    ENTER_REFERRED,
    FIRST_ATTEMPT,
    GROUPS,
    NUMBERS,
    PRACTICAL,
    ROLES,
    SOURCES,
    TABLES,
    Floats,
    Ints,
    Output,
    Plan,
    Records,
    Workspace,
)
from victimsmodel.pathway.kernel import DONE, run_year
from victimsmodel.pathway.memory import new_output, new_workspace
from victimsmodel.pathway.queues import cleared
from victimsmodel.records import STAGES
from victimsmodel.rng import replication_key

STEPS = 100_000  # of a replication
_WARM_UP = 0.06  # of the steps of a replication, counted by a run of its own and taken off
_STRICT = 2**26  # steps by which the first class goes before the second
_LONG_DAYS = 1e30
_AMPLE_MINUTES = 1e15
_THREADS = os.cpu_count() or 2


class Queue(NamedTuple):
    """A queue, and how the kernel is to run it."""

    arrivals: tuple[float, ...]  # per mean service time, by class; the first class goes first
    servers: int
    cells: Floats  # service times in units of `step`, (N_TAILS, N_CELLS)
    mean: float  # service in steps
    step: float  # mean service times
    steps: int  # of a replication
    replications: int
    patience: float | None = None  # mean, exponential; 0: who is not served in the step of arrival leaves


class Tally(NamedTuple):
    """Counts after the warm-up, shape (n_replications, n_classes)."""

    arrivals: Ints
    served: Ints
    at_once: Ints  # in the step of arrival
    after_one: Ints  # step
    after_two: Ints
    waited: Ints  # steps of the served
    left: Ints
    left_waited: Ints
    minutes: Floats  # of services begun, in steps


def exponential_queue(arrivals: tuple[float, ...], servers: int, step: float, runs: int) -> Queue:
    """Return a queue with exponential service."""
    return Queue(arrivals, servers, exponential_cells() / step, 1 / step, step, STEPS, runs)


def loss_queue(load: float, servers: int, steps: float, runs: int) -> Queue:
    """Return a loss system; a service of m whole steps keeps a server for m - 1/2 on average."""
    cells = whole_step_cells(steps)
    mean = mean_of_cells(cells)
    return Queue((load,), servers, cells, mean, 1 / (mean - 0.5), STEPS, runs, patience=0.0)


def queue_plan(queue: Queue, steps: int) -> Plan:
    """Return the plan of a queue over a number of steps."""
    n_classes, is_support = len(queue.arrivals), bool(queue.patience)
    numbers = _numbers(steps)
    numbers["handicap"][0, ::2] = -_STRICT
    numbers["patience_working_days"] = 1 if queue.patience == 0 else steps
    numbers["patience_days"] = (queue.patience or 0.0) / queue.step
    numbers["minutes_attempt"] = numbers["practical_minutes"] = 1.0
    tables = _tables()
    tables["service_time"] = queue.cells
    groups = np.zeros(n_classes, GROUPS)
    groups["priority"] = np.arange(n_classes)
    groups["n_attempts"], groups["stop_attempts"], groups["stop_days"] = 1, 1, steps
    groups["fallback"] = -1
    sources = np.zeros(n_classes, SOURCES)
    sources["group"] = sources["profile"] = np.arange(n_classes)
    sources["entry"] = ENTER_ACCEPTED if is_support else ENTER_REFERRED
    sources["per_day"] = np.array(queue.arrivals) * queue.step
    # classes take turns, so that no two of different class arrive at once and are put in order
    turn = np.arange(steps)[:, None] % n_classes == np.arange(n_classes)
    return Plan(
        numbers=numbers,
        tables=tables,
        groups=groups,
        sources=sources,
        roles=_roles(1.0),
        days=every_day(2 * steps + 2),
        profile=turn * float(n_classes),
        staff=np.full((steps, 1), float(queue.servers)),
    )


def _numbers(n_days: int) -> Records:
    """Return the numbers of a service without screening, consent, need or fading."""
    numbers = np.zeros(1, NUMBERS)
    numbers["n_days"] = numbers["last_day"] = numbers["last_booked_day"] = n_days
    numbers["steps"] = numbers["n_roles"] = 1
    numbers["referred"] = 1.0
    numbers["spoken"] = 1
    numbers["fade_days"] = _LONG_DAYS
    return numbers


def _tables() -> Records:
    tables = np.zeros(1, TABLES)
    tables["service_time"] = tables["sessions"] = tables["reply"] = 1
    return tables


def _roles(minutes: float) -> Records:
    roles = np.zeros(1, ROLES)
    roles["minutes"] = minutes
    return roles


def every_day(n_days: int) -> Records:
    """Return a calendar on which every day is worked."""
    days = np.zeros(n_days, DAYS)
    days["working_index"] = days["working_day"] = np.arange(n_days)
    return days


def tally(queue: Queue, seed: int) -> Tally:
    """Run the replications of a queue."""
    warm, whole = int(queue.steps * _WARM_UP), queue.steps
    plans = queue_plan(queue, warm), queue_plan(queue, whole)
    found = in_threads(partial(_one_tally, plans, seed), plans, queue.replications)
    return Tally(*(np.array(counts) for counts in zip(*found, strict=True)))


def in_threads(one: Callable, plans: tuple[Plan, ...], replications: int) -> list:
    """Return `one(memory, replication)` of each replication, each thread with memory of its own."""
    found = [None] * replications

    def share(thread: int) -> None:
        memory = [(new_workspace(plan), new_output(plan)) for plan in plans]
        for replication in range(thread, replications, _THREADS):
            found[replication] = one(memory, replication)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(share, range(_THREADS)))
    return found


def run(plan: Plan, key: np.uint64, memory: tuple[Workspace, Output]) -> Output:
    """Run the kernel once in memory that is used again."""
    work, out = memory
    for counts in (out.groups, out.pools, out.header):
        counts[:] = np.zeros(1, counts.dtype)
    if run_year(plan, key, cleared(work), out) != DONE:
        raise RuntimeError("the workspace is too small")
    return out


def _one_tally(plans: tuple[Plan, ...], seed: int, memory: list, replication: int) -> Tally:
    """Return what comes after the warm-up: the whole run less its own beginning."""
    key = np.uint64(replication_key(seed, replication))
    before, whole = (_counts(plan, run(plan, key, own)) for plan, own in zip(plans, memory, strict=True))
    return Tally(*(w - b for w, b in zip(whole, before, strict=True)))


def _counts(plan: Plan, out: Output) -> Tally:
    n_classes, is_support = plan.groups.size, plan.sources["entry"][0] == ENTER_ACCEPTED
    pool, kind, wait = out.pools[0], PRACTICAL if is_support else FIRST_ATTEMPT, 2 if is_support else 0
    classes = 2 * kind + np.arange(n_classes)
    return Tally(
        out.groups["funnel"][:, 0, 0].copy(),
        *(pool[name][classes].copy() for name in ("served", "at_once")),
        *(out.groups["waits"][:, wait, steps].copy() for steps in (1, 2)),
        pool["waited"][classes].copy(),
        *(np.full(n_classes, pool[name]) for name in ("left", "left_waited")),
        np.full(n_classes, pool["minutes"].sum()),
    )


def waits(queue: Queue, found: Tally) -> list[Estimate]:
    """Return the mean wait of each class, served or not, in mean service times."""
    steps = found.waited + _later(queue, found) / 2
    if queue.patience:
        steps = steps + found.left_waited
    return [_estimate(queue, found, steps[:, c] * queue.step, c) for c in range(len(queue.arrivals))]


def waiting(queue: Queue, found: Tally) -> Estimate:
    """Return the probability of having to wait."""
    return _estimate(queue, found, (found.left * bool(queue.patience) + _later(queue, found))[:, 0], 0)


def leaving(queue: Queue, found: Tally) -> Estimate:
    """Return the probability of leaving without service."""
    return _estimate(queue, found, found.left[:, 0], 0)


def _later(queue: Queue, found: Tally) -> Floats:
    """Return how many of the served do not begin at the start of a step."""
    if (queue.cells == np.rint(queue.cells)).all():
        return np.zeros(found.served.shape)
    return found.served - found.at_once + 2.0 * found.after_one - found.after_two


def _estimate(queue: Queue, found: Tally, totals: Floats, class_: int) -> Estimate:
    """Return a total per expected arrival, with the chance of arrivals and services regressed out.

    Control variates (Lavenberg and Welch 1981, Management Science 27, 322-335): realised arrivals of
    each class, and realised service of those served; the expectations of both are known.
    """
    expected = np.array(queue.arrivals) * queue.step * (queue.steps - int(queue.steps * _WARM_UP))
    service = found.minutes[:, :1] - found.served.sum(axis=1, keepdims=True) * queue.mean
    return controlled(totals / expected[class_], np.hstack([found.arrivals - expected, service]))


class ContactList(NamedTuple):
    """Attempts at victims who never wait, by the cells of reachability of each."""

    reach: Floats  # (n_attempts, N_CELLS)
    a_day: float
    days: int
    replications: int


def contact_plan(contact: ContactList) -> Plan:
    """Return the plan of a list of attempts, one a day, with ample staff."""
    n_attempts = len(contact.reach)
    n_days = contact.days + n_attempts + 1
    numbers, tables, groups = _numbers(n_days), _tables(), np.zeros(1, GROUPS)
    numbers["patience_working_days"] = n_days
    tables["reach"][0, :n_attempts] = contact.reach
    groups["n_attempts"], groups["stop_attempts"], groups["stop_days"] = n_attempts, n_attempts, n_days
    groups["fallback"] = -1
    groups["gap"][0, 1:n_attempts] = 1
    groups["table"] = np.arange(groups["table"].shape[1])
    sources = np.zeros(1, SOURCES)
    sources["entry"], sources["per_day"] = ENTER_REFERRED, contact.a_day
    profile = (np.arange(n_days)[:, None] < contact.days) * 1.0
    staff = np.ones((n_days, 1))
    return Plan(
        numbers, tables, groups, sources, _roles(_AMPLE_MINUTES), every_day(2 * n_days + 2), profile, staff
    )


def reach_and_attempts(contact: ContactList, seed: int) -> list[Estimate]:
    """Return the share reached and the attempts per victim."""
    plan = contact_plan(contact)
    found = np.array(in_threads(partial(_one_contact, plan, seed), (plan,), contact.replications))
    return [controlled(values, np.zeros((len(found), 0))) for values in found.T]


def _one_contact(plan: Plan, seed: int, memory: list, replication: int) -> tuple[float, float]:
    counts = run(plan, np.uint64(replication_key(seed, replication)), memory[0]).groups[0]
    victims = counts["funnel"][0, 0]
    contacted = counts["funnel"][0, STAGES.index("contacted")]
    return contacted / victims, counts["attempts"][:, 0].sum() / victims

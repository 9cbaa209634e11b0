"""What the reference engine works with: a plan as Python objects, cases, queues and counters."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from victimsmodel.pathway.arrays import (
    DAY_COUNTS,
    GROUP_COUNTS,
    LOG,
    MOST_ATTEMPTS,
    MOST_WAIT_DAYS,
    N_CLASSES,
    POOL_COUNTS,
    Plan,
)
from victimsmodel.records import EVENTS, EXITS, KINDS, STAGES, TASKS, WAITS

#: Positions in `EVENTS`, where `completed` stands twice: as a stage and as an exit.
STAGE_EVENTS = {name: i for i, name in enumerate(STAGES)}
EXIT_EVENTS = {name: len(STAGES) + i for i, name in enumerate(EXITS)}
OTHER_EVENTS = {name: EVENTS.index(name) for name in (*TASKS, "replied", "missed", "place_given", "informed")}
NOBODY = -1


@dataclass(frozen=True)
class PlainPlan:
    """A plan in plain numbers and lists."""

    numbers: Any
    groups: list[Any]
    sources: list[Any]
    roles: list[Any]
    reach: list[list[float]]  # by table and cell of reachability
    reply: list[list[float]]  # cumulative, by channel and day
    service_time: list[list[float]]
    sessions: list[int]
    is_worked: list[bool]  # by day
    working_day_from: list[int]  # index in `worked_days` of the first working day on or after a day
    worked_days: list[int]
    slots: list[int]
    profile: list[list[float]]
    staff: list[list[float]]


def plain_plan(plan: Plan) -> PlainPlan:
    """Return a plan as Python numbers."""
    tables, index = plan.tables[0], plan.days["working_index"].tolist()
    n_days = int(plan.numbers["n_days"][0])
    return PlainPlan(
        numbers=_plain(plan.numbers[0]),
        groups=[_plain_group(group, i) for i, group in enumerate(plan.groups)],
        sources=[_plain(source, index=i) for i, source in enumerate(plan.sources)],
        roles=[_plain(role, index=i) for i, role in enumerate(plan.roles)],
        reach=tables["reach"].tolist(),
        reply=tables["reply"].tolist(),
        service_time=tables["service_time"].tolist(),
        sessions=tables["sessions"].tolist(),
        is_worked=[index[day + 1] > index[day] for day in range(n_days)],
        working_day_from=index,
        worked_days=plan.days["working_day"].tolist(),
        slots=plan.days["slots"].tolist(),
        profile=plan.profile.tolist(),
        staff=plan.staff.tolist(),
    )


def _plain(record: Any, **more: object) -> SimpleNamespace:
    return SimpleNamespace(**{name: record[name].tolist() for name in record.dtype.names}, **more)


def _plain_group(record: Any, index: int) -> SimpleNamespace:
    """Return a group, with the channels that its method plans, and those it uses: the fallback too."""
    group = _plain(record, index=index)
    group.planned = frozenset(group.channel[: group.n_attempts])
    group.used = group.planned | ({group.fallback} - {NOBODY})
    return group


@dataclass(slots=True, eq=False)
class Case:
    """A victim on the way through the service."""

    key: int
    arrival: int
    group: Any
    source: int
    need: bool
    is_counted: bool
    is_logged: bool
    has_consented: bool  # before contact
    due: str | None = None  # kind of work that comes next; None before a referral and after the end
    channels: frozenset[int] = frozenset()  # with details
    channel: int = 0  # of contact
    attempt: int = 0  # the next in the plan
    made: int = 0
    was_retried: bool = False
    expects_reply: bool = False  # some message will be answered
    missed: int = 0  # appointments
    sessions_held: int = 0
    accepted: int = 0  # day
    appointment: Entry | None = None  # in the calendar
    place: Place | None = None  # in a queue


@dataclass(slots=True, eq=False)
class Entry:
    """Something in the calendar: what is due to a case, or a reply to a message."""

    case: Case
    reply_channel: int | None = None


@dataclass(slots=True, eq=False)
class Place:
    """A place in a queue, kept until served or left."""

    case: Case
    pool: int
    class_: int
    since: int  # step
    leave: int  # step at which patience ends


@dataclass
class Pool:
    """Work that waits for one role, or victims in one waiting room; and what is counted of it."""

    queues: list[OrderedDict[Place, None]] = field(
        default_factory=lambda: [OrderedDict() for _ in range(N_CLASSES)]
    )
    length: int = 0
    minutes: dict[str, float] = field(default_factory=lambda: dict.fromkeys(TASKS, 0.0))
    served: Counter[int] = field(default_factory=Counter)
    at_once: Counter[int] = field(default_factory=Counter)
    waited: Counter[int] = field(default_factory=Counter)
    left: int = 0
    left_waited: int = 0
    area: int = 0

    def add(self, place: Place) -> None:
        self.queues[place.class_][place] = None
        self.length += 1

    def remove(self, place: Place) -> None:
        del self.queues[place.class_][place]
        self.length -= 1
        place.case.place = None

    def first(self, classes: int, handicap: list[int]) -> Place | None:
        """Return who goes first: due soonest, corrected by the handicap; ties to the lowest class."""
        best, best_due = None, 0
        for class_, queue in enumerate(self.queues):
            if queue and classes >> class_ & 1:
                head = next(iter(queue))
                due = head.since + handicap[class_]
                if best is None or due < best_due:
                    best, best_due = head, due
        return best


@dataclass(frozen=True)
class Found:
    """What a reference run counted, in the arrays of `Output`, and its log (LOG)."""

    groups: NDArray[Any]
    pools: NDArray[Any]
    days: NDArray[Any]
    log: NDArray[Any]


@dataclass
class Books:
    """Counters by name, and the log."""

    funnel: Counter[tuple[int, str, int]] = field(default_factory=Counter)  # group, stage, need
    exits: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    waits: Counter[tuple[int, str, int]] = field(default_factory=Counter)  # group, wait, days
    attempts: Counter[tuple[int, int, bool]] = field(default_factory=Counter)  # group, attempt, reached
    informed: Counter[int] = field(default_factory=Counter)
    used: defaultdict[tuple[int, int], float] = field(  # minutes by day and role
        default_factory=lambda: defaultdict(float)
    )
    backlog: dict[tuple[int, int], int] = field(default_factory=dict)
    open_cases: dict[int, int] = field(default_factory=dict)
    log: list[tuple[int, int, int, int, int, int, int, float]] = field(default_factory=list)

    def as_arrays(self, n_groups: int, pools: list[Pool], n_days: int) -> Found:
        """Return the counters in the arrays of the contract."""
        days = np.zeros(n_days, DAY_COUNTS)
        for (day, pool), minutes in self.used.items():
            days["used"][day, pool] = minutes
        for (day, pool), length in self.backlog.items():
            days["backlog"][day, pool] = length
        for day, n in self.open_cases.items():
            days["open_cases"][day] = n
        log = np.array(self.log, LOG) if self.log else np.zeros(0, LOG)
        return Found(self._group_array(n_groups), _pool_array(pools), days, log)

    def _group_array(self, n_groups: int) -> NDArray[Any]:
        groups = np.zeros(n_groups, GROUP_COUNTS)
        for name, names, counter in (("funnel", STAGES, self.funnel), ("exits", EXITS, self.exits)):
            for (group, what, need), n in counter.items():
                groups[name][group, 0, names.index(what)] += n
                groups[name][group, 1, names.index(what)] += n * need
        for (group, wait, waited), n in self.waits.items():
            groups["waits"][group, WAITS.index(wait), min(waited, MOST_WAIT_DAYS)] += n
        for (group, attempt, is_reached), n in self.attempts.items():
            assert attempt < MOST_ATTEMPTS
            groups["attempts"][group, attempt] += (n, n * is_reached)
        for group, n in self.informed.items():
            groups["informed"][group] = n
        return groups


def _pool_array(pools: list[Pool]) -> NDArray[Any]:
    found = np.zeros(len(pools), POOL_COUNTS)
    for own, pool in zip(found, pools, strict=True):
        for t, task in enumerate(TASKS):
            own["minutes"][t] = pool.minutes[task]
        for name in ("served", "at_once", "waited"):
            for class_, n in getattr(pool, name).items():
                own[name][class_] = n
        own["left"], own["left_waited"], own["area"] = pool.left, pool.left_waited, pool.area
    return found


def class_of(kind: str, priority: int) -> int:
    """Return the queue class of a kind of work for a victim of some priority."""
    return 2 * KINDS.index(kind) + priority

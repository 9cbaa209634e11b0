"""Victims, teams and counts in plain Python, and a plan as plain numbers: what the twins work on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from victimsmodel.pathway.arrays import NEVER, Plan
from victimsmodel.records import EXITS, STAGES, WAITS

#: Slack for clock times that should be whole days but are sums of floats, in days.
SLACK = 1e-7
_TABLED = ("service_time", "sessions", "reach", "reply")


class Team(NamedTuple):
    """The workers of a pool, and the days on which they work."""

    speeds: list[float]  # of each worker, relative to a full-time one
    minutes: float  # of productive time of a full-time worker on a day
    works: list[bool]
    worked_before: list[int]  # days worked before each day
    worked_days: list[int]

    def opens(self, time: float) -> float:
        """Return the first moment from `time` on at which the team works."""
        day = int(time + SLACK)
        if day < len(self.works) and self.works[day]:
            return time
        return self._nth(self.worked_before[min(day, len(self.works))])

    def finish(self, time: float, minutes: float, speed: float = 1.0) -> float:
        """Return when work ends that begins at `time`, when the team works; the rest waits overnight."""
        day = int(time + SLACK)
        worked = self.worked_before[day] + max(time - day, 0.0) + minutes / (self.minutes * speed)
        return self._nth(int(worked)) + worked % 1.0

    def _nth(self, n: int) -> float:
        return self.worked_days[n] if n < len(self.worked_days) else float(NEVER)


class Group(NamedTuple):
    """A group's contact method."""

    unsafe: float
    priority: int
    channels: list[int]
    gaps: list[int]
    pools: list[int]
    tables: list[int]


class Person:
    """A victim for whom an attempt will be made."""

    __slots__ = (
        *("accepted", "arrival", "attempt", "available", "cell", "channel", "counted", "day", "group"),
        *("is_finished", "is_spoken", "made", "need", "reply", "route", "sessions", "sessions_due"),
    )

    def __init__(self, group: Group, need: bool, arrival: int, counted: bool) -> None:
        self.group, self.need, self.arrival, self.counted = group, need, arrival, counted
        self.reply, self.route, self.attempt, self.made, self.sessions = NEVER, -1, 0, 0, 0
        self.is_spoken = self.is_finished = False
        self.channel = self.accepted = self.day = self.cell = self.sessions_due = 0
        self.available: list[bool] = []


class Tally:
    """What a year counts."""

    def __init__(self, n_pools: int) -> None:
        self.stages = {name: [0, 0] for name in STAGES}  # all, in need
        self.exits = {name: [0, 0] for name in EXITS}
        self.waits = {name: [[0, 0], [0, 0]] for name in WAITS}  # by priority: victims, days
        self.attempts = [0, 0]  # made, reached
        self.minutes = [0.0] * n_pools

    def count(self, table: dict[str, list[int]], name: str, person: Person) -> None:
        """Count a counted victim in a table of stages or exits."""
        if person.counted:
            table[name][0] += 1
            table[name][1] += person.need

    def wait(self, name: str, person: Person, days: int) -> None:
        """Count a wait in calendar days."""
        if person.counted:
            waits = self.waits[name][person.group.priority]
            waits[0] += 1
            waits[1] += days


def teams_of(plan: Plan) -> list[Team]:
    """Return the teams of a plan.

    Parameters
    ----------
    plan : Plan
        Each role has one number of workers on all days that it works.

    Returns
    -------
    list of Team
    """
    teams = []
    for r, role in enumerate(plan.roles):
        fte = plan.staff[:, r]
        size = float(fte.max())
        if not np.isin(fte, (0.0, size)).all() or role["n_helps"]:
            raise ValueError("the twins know neither changing staff nor roles that help out")
        speeds = [min(size - worker, 1.0) for worker in range(int(np.ceil(size)))]
        works = (fte > 0).tolist()
        before = np.concatenate([[0], np.cumsum(fte > 0)]).tolist()
        teams.append(Team(speeds, float(role["minutes"]), works, before, np.flatnonzero(fte).tolist()))
    return teams


class Facts:
    """The numbers and tables of a plan as Python numbers and lists: arrays are slow one by one."""

    def __init__(self, plan: Plan) -> None:
        for name in plan.numbers.dtype.names:
            setattr(self, name, plan.numbers[name][0].tolist())
        for name in _TABLED:
            setattr(self, name, plan.tables[name][0].tolist())
        days = np.arange(self.n_days + 1)
        self.fade = np.exp(-days / self.fade_days).tolist()
        self.working_index = plan.days["working_index"].tolist()
        self.working_day = plan.days["working_day"].tolist()
        self.slots = int(plan.days["slots"][0])


def group_of(group: Any) -> Group:
    """Return a group's contact method from its record in a plan."""
    n = int(group["n_attempts"])
    listed = [group[name][:n].tolist() for name in ("channel", "gap", "pool", "table")]
    return Group(float(group["unsafe"]), int(group["priority"]), *listed)

"""The model without queues, vectorised in NumPy: everybody is served on the day that is due.

What is left when staff are never short: comparable with the kernel on a plan with ample staff. Victims
are rows; each stage works on all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from people import Tally

from victimsmodel.pathway.arrays import N_CELLS, NEVER, Plan

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass
class Crowd:
    """All victims of a year, row by row."""

    group: Ints
    need: Ints
    arrival: Ints
    counted: Bools


class Without:
    """One repetition of the year without queues."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan, self.rng = plan, np.random.default_rng(seed)
        self.numbers, self.tables = plan.numbers[0], plan.tables[0]
        self.index, self.days = plan.days["working_index"], plan.days["working_day"]
        self.tally = Tally(len(plan.roles))
        self.crowd = self._arrivals()

    def _arrivals(self) -> Crowd:
        numbers, sources = self.numbers, self.plan.sources
        means = self.plan.profile[:, sources["profile"]] * sources["per_day"]
        coming = self.rng.poisson(means)
        source = np.tile(np.arange(sources.size), len(coming)).repeat(coming.ravel())
        arrival = np.arange(len(coming)).repeat(coming.sum(axis=1))
        need = (self.rng.random(source.size) < sources["need"][source]).astype(np.int64)
        counted = (arrival >= numbers["first_day"]) & (arrival < numbers["last_day"])
        return Crowd(sources["group"][source], need, arrival, counted)

    def count(self, name: str, rows: Ints) -> None:
        """Count victims at a stage."""
        self._add(self.tally.stages[name], rows)

    def end(self, name: str, rows: Ints) -> None:
        """Count where cases ended."""
        self._add(self.tally.exits[name], rows)

    def _add(self, both: list[int], rows: Ints) -> None:
        rows = rows[self.crowd.counted[rows]]
        both[0] += rows.size
        both[1] += int(self.crowd.need[rows].sum())

    def wait(self, name: str, rows: Ints, days: Ints) -> None:
        """Count waits in calendar days."""
        priority = self.plan.groups["priority"][self.crowd.group[rows]]
        for p, waits in enumerate(self.tally.waits[name]):
            chosen = (priority == p) & self.crowd.counted[rows]
            waits[0] += int(chosen.sum())
            waits[1] += int(days[chosen].sum())

    def working_day(self, day: Ints, n: Ints) -> Ints:
        """Return the n-th working day after each day; for 0 the day or the next that is worked."""
        return np.where(n == 0, self.days[self.index[day]], self.days[self.index[day + 1] + n - 1])

    def book(self, pool: Ints | int, means: NDArray[np.float64]) -> None:
        """Draw and book how long pieces of work take; pools below 0 are automatic."""
        place = self.rng.random(means.size) * N_CELLS
        cell = place.astype(np.int64)
        minutes = means * self.tables["service_time"][0][cell]
        for level in range(1, len(self.tables["service_time"])):
            tail = cell == N_CELLS - 1
            place = np.where(tail, (place - cell) * N_CELLS, 0.0)
            cell = place.astype(np.int64)
            minutes = np.where(tail, means * self.tables["service_time"][level][cell], minutes)
        pools = np.broadcast_to(pool, means.shape)
        for p in range(len(self.tally.minutes)):
            self.tally.minutes[p] += float(minutes[pools == p].sum())

    def screened(self) -> tuple[Ints, Bools]:
        """Return the rows for which an attempt will be made, and their attempts with details."""
        crowd, numbers, groups = self.crowd, self.numbers, self.plan.groups
        everyone = np.arange(crowd.group.size)
        self.count("victims", everyone)
        self.count("in_need", everyone[crowd.need == 1])
        rows = everyone[self.rng.random(everyone.size) < numbers["referred"][crowd.need]]
        self.count("referred", rows)
        is_there = self.rng.random((rows.size, len(numbers["missing"]))) >= numbers["missing"]
        channels = groups["channel"][crowd.group[rows]]
        available = np.take_along_axis(is_there, channels, axis=1)
        available &= np.arange(channels.shape[1]) < groups["n_attempts"][crowd.group[rows]][:, None]
        excluded = self.rng.random(rows.size) < numbers["excluded"]
        unsafe = ~excluded & (self.rng.random(rows.size) < groups["unsafe"][crowd.group[rows]])
        missing = ~excluded & ~unsafe & ~available.any(axis=1)
        for name, ended in (("excluded", excluded), ("unsafe", unsafe), ("no_details", missing)):
            self.end(name, rows[ended])
        kept = ~(excluded | unsafe | missing)
        return rows[kept], available[kept]

    def contacted(self, rows: Ints, available: Bools) -> tuple[Ints, Ints, Ints]:
        """Make every attempt; return who was contacted, in which channel and on which day."""
        groups, tables, numbers = self.plan.groups, self.tables, self.numbers
        n_days = int(numbers["n_days"])
        group, arrival = self.crowd.group[rows], self.crowd.arrival[rows]
        cell = (self.rng.random(rows.size) * N_CELLS).astype(np.int64)
        reply = np.full(rows.size, NEVER)
        by = np.full(rows.size, -1)
        last, made = arrival.copy(), np.zeros(rows.size, np.int64)
        trying = np.ones(rows.size, bool)
        for attempt in range(int(groups["n_attempts"].max())):
            which = np.flatnonzero(trying & available[:, attempt])
            due = self.working_day(last[which], groups["gap"][group[which], attempt])
            which, due = which[due < reply[which]], due[due < reply[which]]
            trying[which[due >= n_days]] = False  # open at the end
            which, due = which[due < n_days], due[due < n_days]
            own, channel = group[which], groups["channel"][group[which], attempt]
            first = made[which] == 0
            self.count("attempted", rows[which[first]])
            self.wait("first_attempt", rows[which[first]], (due - arrival[which])[first])
            made[which] += 1
            last[which] = due
            reach = tables["reach"][groups["table"][own, attempt], cell[which]]
            reach = reach * np.exp(-(due - arrival[which]) / numbers["fade_days"])
            reached = self.rng.random(which.size) < reach
            spoken = reached & (numbers["spoken"][channel] == 1)
            means = np.where(spoken, numbers["minutes_reached"][channel], numbers["minutes_attempt"][channel])
            self.book(groups["pool"][own, attempt], means)
            delay = np.where(spoken, 0, self._delays(channel))
            earlier = reached & (due + delay < reply[which])
            reply[which[earlier]], by[which[earlier]] = (due + delay)[earlier], channel[earlier]
            trying[which[spoken]] = False
            counted = self.crowd.counted[rows[which]]
            self.tally.attempts[0] += int(counted.sum())
            self.tally.attempts[1] += int((reached & counted).sum())
        self.end("unreachable", rows[trying & (reply == NEVER)])
        found = reply < n_days
        return rows[found], by[found], reply[found]

    def _delays(self, channel: Ints) -> Ints:
        """Draw the days until messages are answered, by inversion."""
        chance, delays = self.rng.random(channel.size), np.ones(channel.size, np.int64)
        for c in np.unique(channel):
            found = np.searchsorted(self.tables["reply"][c][1:], chance[channel == c], side="right")
            delays[channel == c] = found + 1
        return delays

    def accepted(self, rows: Ints, channel: Ints, day: Ints) -> tuple[Ints, Ints]:
        """Ask for consent, assess, offer support; return who accepted it and when."""
        numbers, need = self.numbers, self.crowd.need
        self.count("contacted", rows)
        self.wait("contact", rows, day - self.crowd.arrival[rows])
        agrees = self.rng.random(rows.size) < numbers["consent"][need[rows], channel]
        self.end("declined", rows[~agrees])
        rows, day = rows[agrees], day[agrees]
        self.count("consented", rows)
        day = self.working_day(day, np.zeros(day.size, np.int64))
        is_met = day < numbers["n_days"]  # who replies on the last days is called back later
        rows, day = rows[is_met], day[is_met]
        self.count("assessed", rows)
        self.book(int(numbers["assessment_pool"]), np.full(rows.size, numbers["assessment_minutes"]))
        seen = self.rng.random(rows.size) < numbers["recognised"][need[rows]]
        for name, having in (("not_in_need", 0), ("need_missed", 1)):
            self.end(name, rows[~seen & (need[rows] == having)])
        rows, day = rows[seen], day[seen]
        self.count("need_recognised", rows)
        accepts = self.rng.random(rows.size) < numbers["accepted"][need[rows]]
        self.end("declined", rows[~accepts])
        self.count("accepted", rows[accepts])
        return rows[accepts], day[accepts]

    def supported(self, rows: Ints, day: Ints) -> None:
        """Give support at once, session by session."""
        numbers = self.numbers
        self.count("supported", rows)
        self.wait("support", rows, np.zeros(rows.size, np.int64))
        which = self.rng.random(rows.size) - numbers["casework_share"]
        for name, chosen in (
            ("specialist", (which >= 0) & (which < numbers["specialist_share"])),
            ("practical", which >= numbers["specialist_share"]),
        ):
            self.book(int(numbers[f"{name}_pool"]), np.full(int(chosen.sum()), numbers[f"{name}_minutes"]))
        self._complete(rows[which >= 0])
        self._casework(rows[which < 0], day[which < 0])

    def _casework(self, rows: Ints, day: Ints) -> None:
        """Hold all sessions of all cases, one session of each at a time."""
        numbers = self.numbers
        left = self.tables["sessions"][(self.rng.random(rows.size) * N_CELLS).astype(np.int64)]
        while rows.size:
            self.book(int(numbers["casework_pool"]), np.full(rows.size, numbers["casework_minutes"]))
            left = left - 1
            self._complete(rows[left == 0])
            withdraws = (left > 0) & (self.rng.random(rows.size) < numbers["withdrawal"])
            self.end("withdrew", rows[withdraws])
            day = self.working_day(day, np.full(day.size, numbers["casework_interval"]))
            goes_on = (left > 0) & ~withdraws & (day < numbers["n_days"])
            rows, day, left = rows[goes_on], day[goes_on], left[goes_on]

    def _complete(self, rows: Ints) -> None:
        self.count("completed", rows)
        self.end("completed", rows)
        self.count("improved", rows[self.rng.random(rows.size) < self.numbers["improved"]])


def run(plan: Plan, seed: int) -> Tally:
    """Let one year pass without queues.

    Parameters
    ----------
    plan : Plan
    seed : int

    Returns
    -------
    Tally
        Its minutes are those of all days, not only of the booked ones.
    """
    year = Without(plan, seed)
    year.supported(*year.accepted(*year.contacted(*year.screened())))
    return year.tally

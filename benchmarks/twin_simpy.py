"""The same model in SimPy: a process for each victim and each worker, in continuous time.

Each pool has a `PriorityStore` of work (a heap; `PriorityResource` would sort all requests at each
new one) and a process for each worker, who takes the first piece of work, whatever the time of day.
A day is its productive time: a worker finishes overnight work on the next day worked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import count

import simpy
from decisions import Year
from people import SLACK, Person, Tally

from victimsmodel.pathway.arrays import ATTEMPT as LATER_ATTEMPT
from victimsmodel.pathway.arrays import CALL_BACK, FIRST_ATTEMPT, NEVER, SESSION, Plan

Process = Generator[simpy.Event, object, None]


class Task:
    """A piece of work that a victim waits for."""

    __slots__ = ("done", "has_begun", "is_cancelled", "work")

    def __init__(self, work: Callable[[int], float], done: simpy.Event) -> None:
        self.work, self.done = work, done
        self.has_begun = self.is_cancelled = False


class Twin:
    """The pathway as SimPy processes.

    Parameters
    ----------
    plan : Plan
    seed : int
    is_late : bool
        What follows a piece of work follows when it ends, not (as in the kernel) when it begins.
    """

    def __init__(self, plan: Plan, seed: int, is_late: bool = False) -> None:
        self.year, self.env, self.is_late = Year(plan, seed), simpy.Environment(), is_late
        self.facts = self.year.facts
        self.work = [simpy.PriorityStore(self.env) for _ in self.year.teams]
        self.places = simpy.PriorityResource(self.env, self.facts.slots)
        self.serial = count()
        self.env.process(self.arrivals())
        for pool, team in enumerate(self.year.teams):
            for speed in team.speeds:
                self.env.process(self.worker(pool, speed))

    def arrivals(self) -> Process:
        """Bring the victims of each day at its start."""
        for day in range(self.facts.n_days):
            for person in self.year.newcomers(day):
                self.env.process(self.contact(person))
            yield self.env.timeout(1)

    def worker(self, pool: int, speed: float) -> Process:
        """Do one piece of work after the other."""
        env, team, queue = self.env, self.year.teams[pool], self.work[pool]
        while True:
            task = (yield queue.get()).item
            if task.is_cancelled:
                continue
            task.has_begun = True
            minutes = task.work(int(env.now + SLACK))
            if not self.is_late:
                task.done.succeed()
            yield env.timeout(team.finish(env.now, minutes, speed) - env.now)
            if self.is_late:
                task.done.succeed()

    def submit(self, person: Person, pool: int, kind: int, work: Callable[[int], float]) -> Task:
        """Put a piece of work into the queue of a pool, which is at work now."""
        task = Task(work, self.env.event())
        class_ = 2 * kind + person.group.priority
        due = self.env.now * self.facts.steps + self.facts.handicap[class_]
        self.work[pool].put(simpy.PriorityItem((due, class_, next(self.serial)), task))
        return task

    def contact(self, person: Person) -> Process:
        """Try to reach a victim until one answers, replies, or nothing is left to try."""
        env, year = self.env, self.year
        due = year.next_due(person, 0, person.arrival)
        while True:
            if person.reply <= due:
                if person.reply == NEVER:
                    year.end(person, "unreachable")
                else:
                    yield env.timeout(person.reply - env.now)
                    yield from self.call_back(person)
                return
            yield env.timeout(max(due - env.now, 0))
            if person.group.pools[person.attempt] < 0:
                year.make_attempt(person, due)
            elif (yield from self.call(person, due)):
                if person.is_spoken:
                    yield from self.support(person)
                    return
            elif person.reply == NEVER:
                year.end(person, "reneged")
                return
            else:
                due = NEVER
                continue
            due = year.next_due(person, person.attempt + 1, person.day)

    def call(self, person: Person, due: int) -> Generator[simpy.Event, object, bool]:
        """Wait for an attempt by staff until patience ends or a reply comes; whether it was made."""
        year = self.year
        last = year.working_day(due, self.facts.patience_working_days)
        kind = LATER_ATTEMPT if person.made else FIRST_ATTEMPT
        pool = person.group.pools[person.attempt]
        task = self.submit(person, pool, kind, lambda day: year.make_attempt(person, day))
        return (yield from self.patiently(task, min(last, person.reply) - self.env.now))

    def patiently(self, task: Task, days: float) -> Generator[simpy.Event, object, bool]:
        """Wait for a piece of work, but not longer than some days; whether it was done."""
        yield task.done | self.env.timeout(days)
        if task.has_begun:
            if not task.done.processed:
                yield task.done
            return True
        task.is_cancelled = True
        return False

    def call_back(self, person: Person) -> Process:
        """Take a reply, and assess those who agree."""
        env, year, pool = self.env, self.year, self.facts.assessment_pool
        if year.consents(person, person.channel, person.reply):
            opens = year.teams[pool].opens(env.now)
            if opens > env.now:
                yield env.timeout(opens - env.now)
            task = self.submit(person, pool, CALL_BACK, lambda day: year.assess(person, day, pool))
            yield task.done
            yield from self.support(person)

    def support(self, person: Person) -> Process:
        """Wait for the support agreed on, if any, and receive it."""
        year = self.year
        if person.route < 0:
            return
        if self.is_late:
            person.accepted = int(self.env.now + SLACK)
        if person.route == SESSION:
            yield from self.casework(person)
            return
        pool = year.support_pool(person)
        task = self.submit(person, pool, person.route, lambda day: year.help_once(person, day))
        if not (yield from self.patiently(task, year.patience())):
            year.end(person, "reneged")

    def casework(self, person: Person) -> Process:
        """Wait for a caseload place, then hold it from the first to the last session."""
        env, year, pool = self.env, self.year, self.facts.casework_pool
        rank = self.facts.handicap[2 * SESSION + person.group.priority]
        with self.places.request(priority=rank) as place:
            yield place | env.timeout(year.patience())
            if not place.triggered:
                year.end(person, "reneged")
                return
            while not person.is_finished:
                task = self.submit(person, pool, SESSION, lambda day: year.hold_session(person, day))
                yield task.done
                if not person.is_finished:
                    due = year.working_day(person.day, self.facts.casework_interval)
                    yield env.timeout(due - env.now)


def run(plan: Plan, seed: int, is_late: bool = False) -> Tally:
    """Simulate one year in SimPy.

    Parameters
    ----------
    plan : Plan
    seed : int
    is_late : bool
        See `Twin`.

    Returns
    -------
    Tally
    """
    twin = Twin(plan, seed, is_late)
    twin.env.run(until=twin.facts.n_days)
    return twin.year.tally

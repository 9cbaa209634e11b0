"""The model in salabim: a component for each victim, a resource for each pool and for caseload places.

Nothing is left out; support is asked for when a call ends. Monitoring of queues is switched off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import salabim as sim
from decisions import Year
from people import SLACK, Person, Tally

from victimsmodel.pathway.arrays import ATTEMPT, CALL_BACK, FIRST_ATTEMPT, NEVER, SESSION, Plan


class Twin:
    """The environment, with its resources."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.year = Year(plan, seed)
        self.facts, self.teams = self.year.facts, self.year.teams
        if any(len(set(team.speeds)) > 1 for team in self.teams):
            raise ValueError("the units of a resource in salabim are alike")
        self.env = sim.Environment(trace=False, random_seed=None, yieldless=False)
        self.staff = [
            sim.Resource("staff", capacity=len(team.speeds), monitor=False, env=self.env)
            for team in self.teams
        ]
        self.places = sim.Resource("places", capacity=self.facts.slots, monitor=False, env=self.env)
        for resource in (*self.staff, self.places):
            resource.requesters().monitor(False)
            resource.claimers().monitor(False)

    def rank(self, person: Person, kind: int, time: float) -> float:
        """Return the priority of work that falls due at `time`, in steps."""
        class_ = 2 * kind + person.group.priority
        return time * self.facts.steps + self.facts.handicap[class_] + class_ * SLACK


class Arrivals(sim.Component):
    """Brings the victims of each day at its start."""

    def setup(self, twin: Twin) -> None:
        """Keep the twin; salabim calls this on creation, and `process` after it."""
        self.twin = twin

    def process(self) -> Iterator[Any]:
        """Go from day to day."""
        for day in range(self.twin.facts.n_days):
            for person in self.twin.year.newcomers(day):
                Victim(twin=self.twin, person=person)
            yield self.hold(1)


class Victim(sim.Component):
    """A victim on the way through the service."""

    def setup(self, twin: Twin, person: Person) -> None:
        """Keep the twin and who this is."""
        self.twin, self.year, self.person = twin, twin.year, person

    def process(self) -> Iterator[Any]:
        """Be tried until one attempt succeeds, a reply is sent, or nothing is left to try."""
        year, person = self.year, self.person
        due = year.next_due(person, 0, person.arrival)
        while True:
            if person.reply <= due:
                if person.reply == NEVER:
                    year.end(person, "unreachable")
                else:
                    yield self.hold(till=person.reply)
                    yield from self.call_back()
                return
            yield self.hold(till=max(due, self.env.now()))
            if person.group.pools[person.attempt] < 0:
                year.make_attempt(person, due)
            else:
                yield from self.call(due)
                if self.failed():
                    if person.reply == NEVER:
                        year.end(person, "reneged")
                        return
                    due = NEVER
                    continue
                if person.is_spoken:
                    yield from self.support()
                    return
            due = year.next_due(person, person.attempt + 1, person.day)

    def call(self, due: int) -> Iterator[Any]:
        """Wait for an attempt by staff until patience ends or a reply comes."""
        person = self.person
        last = min(self.year.working_day(due, self.twin.facts.patience_working_days), person.reply)
        kind = ATTEMPT if person.made else FIRST_ATTEMPT
        yield from self.served(person.group.pools[person.attempt], kind, self.year.make_attempt, last)

    def served(
        self, pool: int, kind: int, work: Callable[[Person, int], float], last: float
    ) -> Iterator[Any]:
        """Wait for a worker, at most until `last`, and keep the worker until the work is done."""
        twin, env, team = self.twin, self.env, self.twin.teams[pool]
        now = env.now()
        staff, rank = twin.staff[pool], twin.rank(self.person, kind, now)
        if team.opens(now) > now:
            yield self.hold(till=team.opens(now))
        yield self.request((staff, 1, rank), fail_at=last)
        if not self.failed():
            minutes = work(self.person, int(env.now() + SLACK))
            yield self.hold(till=team.finish(env.now(), minutes, team.speeds[0]))
            self.release(staff)

    def call_back(self) -> Iterator[Any]:
        """Take a reply, and wait for the assessment."""
        person, pool, year = self.person, self.twin.facts.assessment_pool, self.year
        if year.consents(person, person.channel, person.reply):
            yield from self.served(pool, CALL_BACK, lambda who, day: year.assess(who, day, pool), NEVER)
            yield from self.support()

    def support(self) -> Iterator[Any]:
        """Wait for the support agreed on, if any, and receive it."""
        year, person, now = self.year, self.person, self.env.now()
        if person.route < 0:
            return
        person.accepted, last = int(now + SLACK), now + year.patience()
        if person.route == SESSION:
            yield from self.casework(last)
            return
        yield from self.served(year.support_pool(person), person.route, year.help_once, last)
        if self.failed():
            year.end(person, "reneged")

    def casework(self, last: float) -> Iterator[Any]:
        """Wait for a caseload place, then hold it from the first to the last session."""
        twin, year, person = self.twin, self.year, self.person
        rank = twin.rank(person, SESSION, self.env.now())
        yield self.request((twin.places, 1, rank), fail_at=last)
        if self.failed():
            year.end(person, "reneged")
            return
        while True:
            yield from self.served(twin.facts.casework_pool, SESSION, year.hold_session, NEVER)
            if person.is_finished:
                break
            yield self.hold(till=year.working_day(person.day, twin.facts.casework_interval))
        self.release(twin.places)


def run(plan: Plan, seed: int) -> Tally:
    """Simulate one year in salabim.

    Parameters
    ----------
    plan : Plan
        Its teams are whole workers, or one worker in part.
    seed : int

    Returns
    -------
    Tally
    """
    twin = Twin(plan, seed)
    Arrivals(twin=twin, env=twin.env)
    twin.env.run(till=twin.facts.n_days)
    return twin.year.tally

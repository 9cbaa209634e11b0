"""What Ciw can express of the model: a network of queues with routing, patience and work schedules.

A pool is a node with a server schedule; one more node with unlimited servers is where victims wait
for a date (the next attempt, a reply, the next session). Left out, because a customer is at one node
at a time: the limit on open cases, whose place is held across nodes, and replies that come while
calls go on (business as usual has none: messages stand last). Support is asked for when a call ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import groupby
from typing import Any

import ciw
from decisions import Year
from people import SLACK, Person, Tally

from victimsmodel.pathway.arrays import (
    ATTEMPT,
    CALL_BACK,
    FIRST_ATTEMPT,
    NEVER,
    SESSION,
    Plan,
)


class Twin:
    """The decisions behind the network: what a victim does next."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.year, self.coming = Year(plan, seed), deque[Person]()
        self.facts, self.teams = self.year.facts, self.year.teams
        self.waiting_room = len(self.teams) + 1

    def __deepcopy__(self, memo: object) -> Twin:
        """Return the twin itself: Ciw copies its distributions, which all must ask the same twin."""
        return self

    def network(self) -> Any:
        """Return the network of queues."""
        n_pools = len(self.teams)
        is_staffed = [True] * n_pools + [False]
        return ciw.create_network(
            arrival_distributions=[None] * n_pools + [_Daily()],
            batching_distributions=[ciw.dists.Deterministic(1)] * n_pools + [_Batch(self)],
            service_distributions=[_Work(team.minutes, team.speeds[0]) for team in self.teams] + [_Delay()],
            number_of_servers=[_schedule(team) for team in self.teams] + [float("inf")],
            reneging_time_distributions=[_Patience() if staffed else None for staffed in is_staffed],
            service_disciplines=[
                _first_in_rank if staffed else ciw.disciplines.FIFO for staffed in is_staffed
            ],
            routing=ciw.routing.NetworkRouting([_Router(self) for _ in is_staffed]),
        )

    def wait(self, ind: Any, until: float, then: Callable[[Any], int]) -> int:
        """Let a victim wait for a date; return the node."""
        ind.until, ind.then = until, then
        return self.waiting_room

    def queue(self, ind: Any, pool: int, kind: int, work: Callable[[Person, int], float]) -> int:
        """Put a victim in the queue of a pool; return the node."""
        class_ = 2 * kind + ind.person.group.priority
        now = ind.simulation.current_time
        ind.rank = (now * self.facts.steps + self.facts.handicap[class_], class_)
        ind.work, ind.patience = work, float("inf")
        return pool + 1

    def try_again(self, ind: Any, first: int, day: int) -> int:
        """Let a victim wait for the next attempt or the reply, whichever comes first, or end the case."""
        person = ind.person
        due = self.year.next_due(person, first, day)
        if person.reply <= due and person.reply != NEVER:
            return self.wait(ind, person.reply, self.call_back)
        if due != NEVER:
            return self.wait(ind, due, self.attempt)
        self.year.end(person, "unreachable")
        return -1

    def attempt(self, ind: Any) -> int:
        """Send what is sent automatically, or wait for staff to call."""
        person, year = ind.person, self.year
        day = int(ind.simulation.current_time + SLACK)
        pool = person.group.pools[person.attempt]
        if pool < 0:
            year.make_attempt(person, day)
            return self.try_again(ind, person.attempt + 1, day)
        node = self.queue(ind, pool, ATTEMPT if person.made else FIRST_ATTEMPT, year.make_attempt)
        ind.patience = year.working_day(day, self.facts.patience_working_days) - day
        ind.then = self.after_attempt
        return node

    def after_attempt(self, ind: Any) -> int:
        """Go on to support, or to the next attempt."""
        if ind.person.is_spoken:
            return self.support(ind)
        return self.try_again(ind, ind.person.attempt + 1, ind.person.day)

    def call_back(self, ind: Any) -> int:
        """Take a reply and wait for the assessment."""
        person, pool = ind.person, self.facts.assessment_pool
        if not self.year.consents(person, person.channel, person.reply):
            return -1
        ind.then = self.support
        return self.queue(ind, pool, CALL_BACK, lambda who, day: self.year.assess(who, day, pool))

    def support(self, ind: Any) -> int:
        """Wait for the support agreed on, if any."""
        person, year = ind.person, self.year
        if person.route < 0:
            return -1
        pool, is_casework = year.support_pool(person), person.route == SESSION
        person.accepted = int(ind.simulation.current_time + SLACK)
        node = self.queue(ind, pool, person.route, year.hold_session if is_casework else year.help_once)
        ind.patience = year.patience()
        ind.then = self.after_session if is_casework else _leave
        return node

    def after_session(self, ind: Any) -> int:
        """Wait for the next session, or leave after the last."""
        person = ind.person
        if person.is_finished:
            return -1
        return self.wait(
            ind, self.year.working_day(person.day, self.facts.casework_interval), self.next_session
        )

    def next_session(self, ind: Any) -> int:
        """Queue for the next session."""
        ind.then = self.after_session
        return self.queue(ind, self.facts.casework_pool, SESSION, self.year.hold_session)


def _leave(ind: Any) -> int:
    return -1


def _schedule(team: Any) -> Any:
    """Return the shifts of a team; work that a day's end interrupts is resumed."""
    runs = [(works, len(list(days))) for works, days in groupby(team.works)]
    ends, day = [], 0
    for _, length in runs:
        day += length
        ends.append(float(day))
    numbers = [len(team.speeds) if works else 0 for works, _ in runs]
    return ciw.Schedule(numbers_of_servers=numbers, shift_end_dates=ends, preemption="resume")


def _first_in_rank(individuals: list[Any], t: float) -> Any:
    return min(individuals, key=lambda ind: ind.rank)


class _Daily(ciw.dists.Distribution):
    """An arrival event at the start of each day, the first at once."""

    def __init__(self) -> None:
        self.is_first = True

    def sample(self, t: Any = None, ind: Any = None) -> float:
        if self.is_first:
            self.is_first = False
            return 0.0
        return 1.0


class _Batch(ciw.dists.Distribution):
    """The victims of a day for whom an attempt will be made; who they are waits in line."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    def sample(self, t: Any = None, ind: Any = None) -> int:
        people = list(self.twin.year.newcomers(round(t)))
        self.twin.coming.extend(people)
        return len(people)


class _Delay(ciw.dists.Distribution):
    """The time to the date that a victim waits for; of a newcomer, no time."""

    def sample(self, t: Any = None, ind: Any = None) -> float:
        return max(getattr(ind, "until", 0.0) - t, 0.0)


class _Work(ciw.dists.Distribution):
    """The time that a piece of work takes, in days of productive time."""

    def __init__(self, minutes: float, speed: float) -> None:
        self.per_day = minutes * speed

    def sample(self, t: Any = None, ind: Any = None) -> float:
        return ind.work(ind.person, int(t + SLACK)) / self.per_day


class _Patience(ciw.dists.Distribution):
    """The time that a victim is prepared to wait in a queue."""

    def sample(self, t: Any = None, ind: Any = None) -> float:
        return ind.patience


class _Router(ciw.routing.NodeRouting):
    """Asks the twin where a victim goes next."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin

    def next_node(self, ind: Any) -> Any:
        if not hasattr(ind, "person"):
            ind.person = self.twin.coming.popleft()
            return self.simulation.nodes[self.twin.try_again(ind, 0, ind.person.arrival)]
        return self.simulation.nodes[ind.then(ind)]

    def next_node_for_jockeying(self, ind: Any) -> Any:
        self.twin.year.end(ind.person, "reneged")
        return self.simulation.nodes[-1]


def run(plan: Plan, seed: int) -> Tally:
    """Simulate one year in Ciw.

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
    if any(len(set(team.speeds)) > 1 for team in twin.teams):
        raise ValueError("the servers of a node in Ciw are alike")
    ciw.seed(seed)
    ciw.Simulation(twin.network()).simulate_until_max_time(twin.facts.n_days)
    return twin.year.tally

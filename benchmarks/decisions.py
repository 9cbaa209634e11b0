"""The model's decisions, victim by victim in plain Python, for the twins in other simulation libraries.

A twin decides *when* things happen, with its library's clock and queues; `Year` decides *what*
happens, with ordinary random numbers, and counts it. It reads the same plan as the kernel and knows
what the options of the West Midlands scenario use; a plan that needs more is refused.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from people import Facts, Person, Tally, group_of, teams_of

from victimsmodel.pathway.arrays import (
    CLOSE,
    ENTER_REPORTED,
    N_CELLS,
    N_TAILS,
    NEVER,
    PRACTICAL,
    SESSION,
    SPECIALIST,
    Plan,
)


class Year:
    """One repetition of the year: who comes and what is decided, in the order in which it is asked."""

    def __init__(self, plan: Plan, seed: int) -> None:
        _check(plan)
        self.facts = Facts(plan)
        self.groups = [group_of(group) for group in plan.groups]
        self.teams = teams_of(plan)
        self.tally = Tally(len(self.teams))
        means = plan.profile[: self.facts.n_days][:, plan.sources["profile"]] * plan.sources["per_day"]
        self._coming = np.random.default_rng(seed).poisson(means).tolist()
        self._sources = list(zip(plan.sources["group"].tolist(), plan.sources["need"].tolist(), strict=True))
        self._random = random.Random(seed).random
        self._patience = random.Random(seed + 1).expovariate

    def working_day(self, day: int, n: int) -> int:
        """Return the n-th working day after a day; for 0 the day itself or the next that is worked."""
        index, days = self.facts.working_index, self.facts.working_day
        return days[index[day]] if n == 0 else days[index[day + 1] + n - 1]

    def newcomers(self, day: int) -> Iterator[Person]:
        """Yield the victims of a day who will be attempted; the others are only counted."""
        facts, tally, chance = self.facts, self.tally, self._random
        counted = facts.first_day <= day < facts.last_day
        for number, (which, need) in zip(self._coming[day], self._sources, strict=True):
            group = self.groups[which]
            for _ in range(number):
                person = Person(group, chance() < need, day, counted)
                tally.count(tally.stages, "victims", person)
                if person.need:
                    tally.count(tally.stages, "in_need", person)
                if chance() >= facts.referred[person.need]:
                    continue
                tally.count(tally.stages, "referred", person)
                if self._passes(person):
                    yield person

    def _passes(self, person: Person) -> bool:
        """Screen a referral."""
        chance, group = self._random, person.group
        details = {channel: chance() >= self.facts.missing[channel] for channel in set(group.channels)}
        person.available = [details[channel] for channel in group.channels]
        if chance() < self.facts.excluded:
            self.end(person, "excluded")
        elif chance() < group.unsafe:
            self.end(person, "unsafe")
        elif not any(person.available):
            self.end(person, "no_details")
        else:
            person.cell = int(chance() * N_CELLS)
            return True
        return False

    def next_due(self, person: Person, first: int, day: int) -> int:
        """Return the day of the next possible attempt from `first` on, or `NEVER`."""
        for attempt in range(first, len(person.available)):
            if person.available[attempt]:
                person.attempt = attempt
                return self.working_day(day, person.group.gaps[attempt])
        return NEVER

    def make_attempt(self, person: Person, day: int) -> float:
        """Make an attempt, with the assessment if the victim agrees on the same call; return minutes."""
        facts, tally, group, attempt = self.facts, self.tally, person.group, person.attempt
        waited, channel, pool = day - person.arrival, group.channels[attempt], group.pools[attempt]
        if person.made == 0:
            tally.count(tally.stages, "attempted", person)
            tally.wait("first_attempt", person, waited)
        person.made += 1
        person.day = day
        reach = facts.reach[group.tables[attempt]][person.cell] * facts.fade[waited]
        is_reached = self._random() < reach
        person.is_spoken = is_reached and facts.spoken[channel] == 1
        if person.counted:
            tally.attempts[0] += 1
            tally.attempts[1] += is_reached
        if is_reached and not person.is_spoken:
            self._will_reply(person, channel, day)
        if pool < 0:
            return 0.0
        means = facts.minutes_reached if person.is_spoken else facts.minutes_attempt
        minutes = self.book(pool, day, means[channel])
        if person.is_spoken and self.consents(person, channel, day):
            minutes += self.assess(person, day, pool)
        return minutes

    def _will_reply(self, person: Person, channel: int, day: int) -> None:
        """Draw when a message is answered; the first reply counts."""
        cumulative, chance, delay = self.facts.reply[channel], self._random(), 1
        while cumulative[delay] <= chance:
            delay += 1
        if day + delay < person.reply:
            person.reply, person.channel = day + delay, channel

    def consents(self, person: Person, channel: int, day: int) -> bool:
        """Count a contact and ask for consent to an assessment."""
        self.tally.count(self.tally.stages, "contacted", person)
        self.tally.wait("contact", person, day - person.arrival)
        if self._random() >= self.facts.consent[person.need][channel]:
            self.end(person, "declined")
            return False
        self.tally.count(self.tally.stages, "consented", person)
        return True

    def assess(self, person: Person, day: int, pool: int) -> float:
        """Assess a victim and agree on support (`route`); return minutes."""
        facts, tally, chance = self.facts, self.tally, self._random
        minutes = self.book(pool, day, facts.assessment_minutes)
        tally.count(tally.stages, "assessed", person)
        if chance() >= facts.recognised[person.need]:
            self.end(person, "need_missed" if person.need else "not_in_need")
            return minutes
        tally.count(tally.stages, "need_recognised", person)
        if chance() >= facts.accepted[person.need]:
            self.end(person, "declined")
            return minutes
        tally.count(tally.stages, "accepted", person)
        person.accepted, which = day, chance() - facts.casework_share
        person.route = SESSION if which < 0 else SPECIALIST if which < facts.specialist_share else PRACTICAL
        return minutes

    def patience(self) -> float:
        """Return the days that a victim waits for support."""
        return self._patience(1.0 / self.facts.patience_days)

    def support_pool(self, person: Person) -> int:
        """Return the pool that gives the support agreed on."""
        name = {SESSION: "casework_pool", PRACTICAL: "practical_pool", SPECIALIST: "specialist_pool"}
        return getattr(self.facts, name[person.route])

    def help_once(self, person: Person, day: int) -> float:
        """Give practical help, or refer to a specialist service; return minutes."""
        mean = self.facts.practical_minutes if person.route == PRACTICAL else self.facts.specialist_minutes
        minutes = self.book(self.support_pool(person), day, mean)
        self._begin_support(person, day)
        self._complete(person)
        return minutes

    def hold_session(self, person: Person, day: int) -> float:
        """Hold a session of casework; after the last one the victim `is_finished`. Return minutes."""
        minutes = self.book(self.facts.casework_pool, day, self.facts.casework_minutes)
        if person.sessions == 0:
            self._begin_support(person, day)
            person.sessions_due = self.facts.sessions[int(self._random() * N_CELLS)]
        person.sessions += 1
        person.day = day
        if person.sessions >= person.sessions_due:
            self._complete(person)
            person.is_finished = True
        elif self._random() < self.facts.withdrawal:
            self.end(person, "withdrew")
            person.is_finished = True
        return minutes

    def _begin_support(self, person: Person, day: int) -> None:
        self.tally.count(self.tally.stages, "supported", person)
        self.tally.wait("support", person, day - person.accepted)

    def _complete(self, person: Person) -> None:
        self.tally.count(self.tally.stages, "completed", person)
        if self._random() < self.facts.improved:
            self.tally.count(self.tally.stages, "improved", person)
        self.end(person, "completed")

    def end(self, person: Person, name: str) -> None:
        """Count where a case ended."""
        self.tally.count(self.tally.exits, name, person)

    def book(self, pool: int, day: int, mean: float) -> float:
        """Draw how long a piece of work takes and book it; return minutes."""
        place, level, times = self._random() * N_CELLS, 0, self.facts.service_time
        cell = int(place)
        while cell == N_CELLS - 1 and level < N_TAILS - 1:
            place = (place - cell) * N_CELLS
            level, cell = level + 1, int(place)
        minutes = mean * times[level][cell]
        if self.facts.first_booked_day <= day < self.facts.last_booked_day:
            self.tally.minutes[pool] += minutes
        return minutes


def _check(plan: Plan) -> None:
    """Refuse a plan that uses what the twins do not have."""
    numbers = plan.numbers[0]
    is_known = (
        (plan.sources["entry"] == ENTER_REPORTED).all()
        and (plan.sources["opening"] == 0).all()
        and (plan.groups["opening_cases"] == 0).all()
        and (plan.groups["fallback"] < 0).all()
        and (plan.groups["stop_attempts"] == NEVER).all()
        and (plan.groups["stop_days"] == NEVER).all()
        and numbers["after_patience"] == CLOSE
        and numbers["booked_gap"] == 0
        and numbers["same_call"] == 1
        and numbers["n_services"] == 0
    )
    if not is_known:
        raise ValueError("this plan uses features that the twins do not have")

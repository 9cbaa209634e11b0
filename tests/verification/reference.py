"""A second engine of the pathway: slow, in plain Python, with the same keys.

It says the same as the kernel in another way: objects instead of records, ordered queues that hold only
those who wait, a calendar of entries, counters by name. What both count must be equal to the last
victim, and their logs event for event.
"""

from __future__ import annotations

from collections import defaultdict
from math import ceil
from typing import Any

from keyed import LOGGED, NEED, OPENING, ORDER, REFERRED, SESSIONS, poisson, uniform, victim_key
from reference_books import NOBODY, Case, Found, Place, PlainPlan, plain_plan
from reference_contact import ATTEMPTS, Contact

from victimsmodel.pathway.arrays import (
    AUTOMATIC,
    ENTER_ACCEPTED,
    ENTER_CONSENTED,
    ENTER_REFERRED,
    ENTER_REPORTED,
    N_CELLS,
    Plan,
)


def run_year(plan: Plan, key: int, log_share: float = 0.0) -> Found:
    """Simulate one repetition of the year.

    Parameters
    ----------
    plan : Plan
        From `build_plans`; its own ``log_share`` is not used.
    key : int
        From `replication_key`.
    log_share : float
        Share of victims whose story is written down.

    Returns
    -------
    Found
        Counters in the arrays of `Output`, and the log.
    """
    return Year(plain_plan(plan), int(key), log_share).run()


class Year(Contact):
    """The clock: arrivals, what falls due, staff at work."""

    def __init__(self, plan: PlainPlan, key: int, log_share: float) -> None:
        super().__init__(plan)
        self.key, self.log_share = key, log_share
        self.cases: list[Case] = []
        self.minutes_left: defaultdict[tuple[int, int], float] = defaultdict(float)  # by role and worker

    def run(self) -> Found:
        """Run from the opening to the last step, and return what was counted."""
        numbers, books = self.numbers, self.books
        self._open()
        for day in range(numbers.n_days):
            self.day, self.step = day, day * self.steps
            self._arrivals(day)
            self.places = [n + more for n, more in zip(self.places, numbers.service_places, strict=False)]
            for step in range(day * self.steps, (day + 1) * self.steps):
                self.step = step
                self._work_through_step(day)
            for number, pool in enumerate(self.pools):
                books.backlog[day, number] = pool.length
            books.open_cases[day] = self.open_cases
        self._close()
        return books.as_arrays(len(self.plan.groups), self.pools, numbers.n_days)

    def _work_through_step(self, day: int) -> None:
        self._let_leave()
        for entry in self.calendar.pop(self.step, ()):
            if entry.reply_channel is not None:
                self.take_reply(entry.case, entry.reply_channel)
            elif entry.case.appointment is entry:
                self._fall_due(entry.case)
        if self.plan.is_worked[day]:
            self.give_places()
        for role, fte in zip(self.plan.roles, self.plan.staff[day], strict=True):
            if fte > 0.0:
                self.books.used[day, role.index] += self._serve(role, fte)
        for pool in self.pools:
            pool.area += pool.length

    # -- arrivals -------------------------------------------------------------------------------------

    def _arrivals(self, day: int) -> None:
        date, profile = self.numbers.epoch_day + day, self.plan.profile[day]
        is_counted = self.numbers.first_day <= day < self.numbers.last_day
        n_sources = len(self.plan.sources)
        first = int(uniform(victim_key(self.key, n_sources, date, -1), ORDER) * n_sources)
        for source in (*self.plan.sources[first:], *self.plan.sources[:first]):
            n = poisson(
                victim_key(self.key, source.index, date, -1), source.per_day * profile[source.profile]
            )
            for ordinal in range(n):
                key = victim_key(self.key, source.index, date, ordinal)
                self._enter(self._new_case(key, source, source.index, day, is_counted), source.entry)

    def _new_case(self, key: int, source: Any, number: int, arrival: int, is_counted: bool) -> Case:
        group, need = self.plan.groups[source.group], uniform(key, NEED) < source.need
        is_logged = self.log_share > 0 and uniform(key, LOGGED) < self.log_share
        has_consented = bool(self.numbers.consent_at_report) and source.entry == ENTER_REPORTED
        case = Case(key, arrival, group, number, need, is_counted, is_logged, has_consented)
        self.cases.append(case)
        return case

    def _enter(self, case: Case, entry: int) -> None:
        """Let a victim enter the pathway at the stage where this source brings them."""
        self.count(case, "victims")
        if case.need:
            self.count(case, "in_need")
        if entry == ENTER_REPORTED and uniform(case.key, REFERRED) >= self.numbers.referred[case.need]:
            return
        self.count(case, "referred")
        if entry <= ENTER_REFERRED:
            if self.screen(case):
                self.plan_attempt(case, 0, self.step)
            return
        self.count(case, "attempted")
        if not self.consents(case, entry >= ENTER_CONSENTED):
            return
        if entry < ENTER_ACCEPTED:
            self.await_assessment(case, "call_back")
            return
        self.count(case, "assessed")
        self.count(case, "need_recognised")
        self.route(case)

    def _open(self) -> None:
        """Bring those who wait and the cases that are open when the simulation starts."""
        numbers, date = self.numbers, self.numbers.epoch_day - 1
        for source in self.plan.sources:
            for ordinal in range(source.opening):
                key = victim_key(self.key, source.index, date, ordinal)
                case = self._new_case(key, source, source.index, -source.opening_days, False)
                case.channels, case.due = frozenset(range(len(numbers.spoken))), "first_attempt"
                self.schedule(case, 0)
        for group in self.plan.groups:
            for ordinal in range(group.opening_cases):
                key = victim_key(self.key, group.index, date - 1, ordinal)
                case = self._new_case(key, self.plan.sources[group.index], group.index, -1, False)
                sessions = self.plan.sessions[int(uniform(key, SESSIONS) * N_CELLS)]
                case.due, case.sessions_held = "casework", int(uniform(key, OPENING) * sessions)
                self.open_cases += 1
                gap = int(uniform(key, OPENING, 1) * numbers.casework_interval)
                self.schedule(case, self.working_day(0, gap) * self.steps)

    # -- what falls due -------------------------------------------------------------------------------

    def _let_leave(self) -> None:
        """Let those leave whose patience ends in this step, by pool and class."""
        for place in sorted(self.leaving.pop(self.step, ()), key=_pool_and_class):
            case = place.case
            if case.place is place:  # still waits
                self.leave_unserved(place)
                if case.due in ATTEMPTS:
                    self.lose_patience(case)
                else:
                    self.end(case, "reneged")

    def _fall_due(self, case: Case) -> None:
        """Put a victim in the queue of those who do what is due; send what is sent by itself."""
        numbers = self.numbers
        if case.due == "casework":
            self.join(case, numbers.casework_pool)
        elif case.due == "assessment":
            self.join(case, numbers.assessment_pool)
        else:
            pool = case.group.pool[case.attempt]
            if pool == AUTOMATIC:
                self.make_attempt(case, NOBODY)
            else:
                last = self.working_day(self.day, numbers.patience_working_days)
                self.join(case, pool, max(last * self.steps, self.step + 1))

    # -- staff at work --------------------------------------------------------------------------------

    def _serve(self, role: Any, fte: float) -> float:
        """Let each worker of a role work through the step; return the minutes of what was begun."""
        minutes = 0.0
        for worker in range(ceil(fte)):
            share = min(fte - worker, 1.0) * role.minutes / self.steps
            left = min(self.minutes_left[role.index, worker], 0.0) + share  # an overrun is paid back first
            while left > 0.0:
                case = self._next_for(role)
                if case is None:
                    break
                spent = self._do(case, role.index)
                left -= spent
                minutes += spent
            self.minutes_left[role.index, worker] = left
        return minutes

    def _next_for(self, role: Any) -> Case | None:
        """Return who goes first in the role's own queue, or in one that the role helps with."""
        case = self.take(role.index)
        for pool, classes in zip(role.help_pool[: role.n_helps], role.help_kinds, strict=False):
            if case is not None:
                break
            case = self.take(pool, classes)
        return case

    def _do(self, case: Case, pool: int) -> float:
        """Do what a victim waits for; return the minutes of staff."""
        if case.due in ("call_back", "assessment"):
            return self.attend(case, pool)
        if case.due == "casework":
            return self.hold_session(case, pool)
        if case.due in ("practical", "specialist"):
            return self.help_once(case, pool)
        minutes, is_spoken = self.make_attempt(case, pool)
        if is_spoken and self.consents(case, False):
            if self.numbers.same_call:
                return minutes + self.assess(case, pool)
            self.await_assessment(case, "assessment")
        return minutes

    def _close(self) -> None:
        """Count who still waits, and who is still open."""
        for pool in self.pools:
            for queue in pool.queues:
                pool.left_waited += sum(self.n_steps - place.since for place in queue)
        for case in self.cases:
            if case.due is not None:
                self.end(case, "open")


def _pool_and_class(place: Place) -> tuple[int, int]:
    return place.pool, place.class_

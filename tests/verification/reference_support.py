"""The service desk of the reference engine, and what follows consent: assessment and support.

The desk holds the calendar, the queues and the books. Who loses patience leaves the queue in the very
step in which patience ends, and a reply takes the victim out of the queue at once: nothing is left to
be found later.
"""

from __future__ import annotations

from collections import defaultdict
from math import log

from keyed import (
    ACCEPTED,
    ATTENDED,
    IMPROVED,
    PATIENCE,
    RECOGNISED,
    ROUTE,
    SERVICE,
    SESSIONS,
    TIME,
    WITHDRAWAL,
    uniform,
)
from reference_books import (
    EXIT_EVENTS,
    NOBODY,
    OTHER_EVENTS,
    STAGE_EVENTS,
    Books,
    Case,
    Entry,
    Place,
    PlainPlan,
    Pool,
    class_of,
)

from victimsmodel.pathway.arrays import N_CELLS, N_CLASSES, N_TAILS, NEVER

ANY_CLASS = 2**N_CLASSES - 1
#: Ordinals of handling times that are not attempts.
TIME_ASSESSMENT, TIME_PRACTICAL, TIME_SPECIALIST, TIME_MISSED, TIME_SESSION = 20, 21, 22, 23, 30


class Desk:
    """Calendar, queues and books of a simulated year."""

    def __init__(self, plan: PlainPlan) -> None:
        self.plan, self.numbers = plan, plan.numbers
        self.steps, self.n_roles = self.numbers.steps, self.numbers.n_roles
        self.n_steps = self.numbers.n_days * self.steps
        self.day = self.step = 0
        self.calendar: defaultdict[int, list[Entry]] = defaultdict(list)
        self.leaving: defaultdict[int, list[Place]] = defaultdict(list)
        self.pools = [Pool() for _ in range(self.n_roles + 1 + self.numbers.n_services)]
        self.open_cases = 0
        self.places = [1.0] * self.numbers.n_services  # still to be given; a part of one is carried over
        self.books = Books()

    def working_day(self, day: int, n: int) -> int:
        """Return the n-th working day after a day; for 0 the day itself or the next that is worked."""
        first_index = self.plan.working_day_from
        index = first_index[day] if n == 0 else first_index[day + 1] + n - 1
        return self.plan.worked_days[index]

    # -- books --------------------------------------------------------------------------------------

    def write(
        self, case: Case, event: int, pool: int = NOBODY, channel: int = -1, minutes: float = 0.0
    ) -> None:
        if case.is_logged:
            entry = (case.key, self.step, case.arrival, case.source, event, pool, channel, minutes)
            self.books.log.append(entry)

    def count(self, case: Case, stage: str) -> None:
        if case.is_counted:
            self.books.funnel[case.group.index, stage, case.need] += 1
        self.write(case, STAGE_EVENTS[stage])

    def end(self, case: Case, exit_: str) -> None:
        case.due = None
        if case.is_counted:
            self.books.exits[case.group.index, exit_, case.need] += 1
        self.write(case, EXIT_EVENTS[exit_])

    def record_wait(self, case: Case, wait: str, days: int) -> None:
        if case.is_counted:
            self.books.waits[case.group.index, wait, days] += 1

    def work(self, case: Case, pool: int, task: str, minutes: float, channel: int = -1) -> None:
        """Book minutes of a role; an automatic message has no role and takes none."""
        numbers = self.numbers
        if pool != NOBODY and numbers.first_booked_day <= self.day < numbers.last_booked_day:
            self.pools[pool].minutes[task] += minutes
        self.write(case, OTHER_EVENTS[task], pool, channel, minutes)

    def handling_time(self, case: Case, ordinal: int, mean: float) -> float:
        """Return minutes for a piece of work: the last cell of each table is divided by the next one."""
        place = uniform(case.key, TIME, ordinal) * N_CELLS
        level, cell = 0, int(place)
        while cell == N_CELLS - 1 and level + 1 < N_TAILS:
            place = (place - cell) * N_CELLS
            level, cell = level + 1, int(place)
        return mean * self.plan.service_time[level][cell]

    # -- calendar and queues --------------------------------------------------------------------------

    def schedule(self, case: Case, step: int) -> None:
        case.appointment = Entry(case)
        self.calendar[step].append(case.appointment)

    def join(self, case: Case, pool: int, leave: int = NEVER) -> None:
        place = Place(case, pool, class_of(case.due, case.group.priority), self.step, leave)
        case.appointment, case.place = None, place
        self.pools[pool].add(place)
        if leave < self.n_steps:
            self.leaving[leave].append(place)

    def leave_unserved(self, place: Place) -> None:
        pool = self.pools[place.pool]
        pool.remove(place)
        pool.left += 1
        pool.left_waited += self.step - place.since

    def take(self, pool_number: int, classes: int = ANY_CLASS) -> Case | None:
        """Take who goes first out of a queue."""
        pool = self.pools[pool_number]
        place = pool.first(classes, self.numbers.handicap) if pool.length else None
        if place is None:
            return None
        waited = self.step - place.since
        pool.remove(place)
        pool.served[place.class_] += 1
        pool.at_once[place.class_] += waited == 0
        pool.waited[place.class_] += waited
        return place.case


class Support(Desk):
    """From consent to the end of support."""

    def await_assessment(self, case: Case, kind: str) -> None:
        """Book an assessment, or put the victim in the queue for one."""
        if self.numbers.booked_gap > 0:
            case.due = "assessment"
            self.schedule(case, self.working_day(self.day, self.numbers.booked_gap) * self.steps)
        else:
            case.due = kind
            self.join(case, self.numbers.assessment_pool)

    def attend(self, case: Case, pool: int) -> float:
        """Meet a victim for the assessment, who may not come to an appointment; return the minutes."""
        numbers = self.numbers
        comes = uniform(case.key, ATTENDED, case.missed) >= numbers.not_attended
        if numbers.booked_gap == 0 or comes:
            return self.assess(case, pool)
        minutes = self.handling_time(case, TIME_MISSED + case.missed, numbers.minutes_missed)
        self.work(case, pool, "assessment", minutes)
        self.write(case, OTHER_EVENTS["missed"], pool)
        case.missed += 1
        if case.missed > numbers.rebookings:
            self.end(case, "not_attended")
        else:
            self.schedule(case, self.working_day(self.day, numbers.booked_gap) * self.steps)
        return minutes

    def assess(self, case: Case, pool: int) -> float:
        """Recognise need, offer support and route the victim; return the minutes."""
        numbers = self.numbers
        minutes = self.handling_time(case, TIME_ASSESSMENT, numbers.assessment_minutes)
        self.work(case, pool, "assessment", minutes)
        self.count(case, "assessed")
        if uniform(case.key, RECOGNISED) >= numbers.recognised[case.need]:
            self.end(case, "need_missed" if case.need else "not_in_need")
            return minutes
        self.count(case, "need_recognised")
        if uniform(case.key, ACCEPTED) >= numbers.accepted[case.need]:
            self.end(case, "declined")
        else:
            self.route(case)
        return minutes

    def route(self, case: Case) -> None:
        """Count an acceptance and let the victim wait for what was agreed."""
        numbers = self.numbers
        self.count(case, "accepted")
        case.accepted = self.day
        chance = uniform(case.key, ROUTE)
        if chance < numbers.casework_share:
            case.due, pool = "casework", self.n_roles
        elif chance < numbers.casework_share + numbers.specialist_share:
            case.due, pool = "specialist", self._specialist_pool(case)
        else:
            case.due, pool = "practical", numbers.practical_pool
        patience_steps = -numbers.patience_days * log(uniform(case.key, PATIENCE)) * self.steps
        self.join(case, pool, self.step + 1 + int(min(patience_steps, NEVER // 2)))

    def _specialist_pool(self, case: Case) -> int:
        """Return the waiting room of the service chosen, or the role that refers where places are ample."""
        numbers = self.numbers
        if numbers.n_services == 0:
            return numbers.specialist_pool
        which = uniform(case.key, SERVICE)
        shares = numbers.service_share[: numbers.n_services - 1]  # the last service takes the rest
        service = next((s for s, share in enumerate(shares) if which < share), numbers.n_services - 1)
        is_limited = numbers.service_places[service] >= 0
        return self.n_roles + 1 + service if is_limited else numbers.specialist_pool

    def give_places(self) -> None:
        """Give free places to those who wait longest; from then on nobody loses patience."""
        while self.open_cases < self.plan.slots[self.day]:
            case = self.take(self.n_roles)
            if case is None:
                break
            self.open_cases += 1
            self._give_place(case, self.numbers.casework_pool)
        for service in range(self.numbers.n_services):
            while self.places[service] >= 1.0:
                case = self.take(self.n_roles + 1 + service)
                if case is None:
                    break
                self.places[service] -= 1.0
                self._give_place(case, self.numbers.specialist_pool)

    def _give_place(self, case: Case, pool: int) -> None:
        self.write(case, OTHER_EVENTS["place_given"])
        self.join(case, pool)

    def hold_session(self, case: Case, pool: int) -> float:
        """Hold a session of casework; return the minutes."""
        numbers, held = self.numbers, case.sessions_held
        minutes = self.handling_time(case, TIME_SESSION + held, numbers.casework_minutes)
        self.work(case, pool, "casework", minutes)
        if held == 0:
            self.begin_support(case)
        case.sessions_held = held + 1
        if case.sessions_held >= self.plan.sessions[int(uniform(case.key, SESSIONS) * N_CELLS)]:
            self.open_cases -= 1
            self.complete(case)
        elif uniform(case.key, WITHDRAWAL, held) < numbers.withdrawal:
            self.open_cases -= 1
            self.end(case, "withdrew")
        else:
            self.schedule(case, self.working_day(self.day, numbers.casework_interval) * self.steps)
        return minutes

    def help_once(self, case: Case, pool: int) -> float:
        """Give practical help, or refer to a specialist service; return the minutes."""
        numbers, task = self.numbers, case.due
        is_practical = task == "practical"
        ordinal = TIME_PRACTICAL if is_practical else TIME_SPECIALIST
        mean = numbers.practical_minutes if is_practical else numbers.specialist_minutes
        minutes = self.handling_time(case, ordinal, mean)
        self.work(case, pool, task, minutes)
        self.begin_support(case)
        self.complete(case)
        return minutes

    def begin_support(self, case: Case) -> None:
        self.count(case, "supported")
        self.record_wait(case, "support", self.day - case.accepted)

    def complete(self, case: Case) -> None:
        self.count(case, "completed")
        if uniform(case.key, IMPROVED) < self.numbers.improved:
            self.count(case, "improved")
        self.end(case, "completed")

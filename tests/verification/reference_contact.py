"""Contact in the reference engine: screening, attempts, replies and consent."""

from __future__ import annotations

from math import exp

from keyed import ATTEMPT, CONSENT, DETAILS, EXCLUDED, REACHABILITY, REPLY, UNSAFE, uniform
from reference_books import OTHER_EVENTS, Case, Entry
from reference_support import Support

from victimsmodel.pathway.arrays import AUTOMATIC, N_CELLS, OTHER_CHANNEL, RETRY

ATTEMPTS = ("first_attempt", "attempt")


class Contact(Support):
    """From referral to consent."""

    def screen(self, case: Case) -> bool:
        """Screen a referral; whether an attempt will be made."""
        numbers, group, key = self.numbers, case.group, case.key
        missing = numbers.missing
        case.channels = frozenset([c for c in group.used if uniform(key, DETAILS, c) >= missing[c]])
        if uniform(key, EXCLUDED) < numbers.excluded:
            self.end(case, "excluded")
        elif uniform(key, UNSAFE) < group.unsafe:
            self.end(case, "unsafe")
        elif case.channels.isdisjoint(group.planned):
            self.end(case, "no_details")
        else:
            case.due = "first_attempt"
            return True
        return False

    def plan_attempt(self, case: Case, first: int, earliest: int) -> None:
        """Schedule the first possible attempt from `first` on, or give up."""
        group, attempt = case.group, first
        while attempt < group.n_attempts and group.channel[attempt] not in case.channels:
            attempt += 1
        is_over = attempt == group.n_attempts or case.made >= group.stop_attempts
        if is_over or not self._falls_due(case, attempt, group.gap[attempt], earliest):
            self.give_up(case, "unreachable")

    def _falls_due(self, case: Case, attempt: int, gap: int, earliest: int = 0) -> bool:
        """Schedule an attempt, unless it would fall due after the last day for attempts."""
        due = self.working_day(self.day, gap)
        if due - case.arrival > case.group.stop_days:
            return False
        case.attempt = attempt
        self.schedule(case, max(due * self.steps, earliest))
        return True

    def give_up(self, case: Case, exit_: str) -> None:
        """Close a case that was not contacted, unless a reply is still to come; send information."""
        if case.expects_reply:
            return
        fallback = case.group.fallback
        if fallback in case.channels:
            if case.is_counted:
                self.books.informed[case.group.index] += 1
            self.write(case, OTHER_EVENTS["informed"], channel=fallback)
        self.end(case, exit_)

    def lose_patience(self, case: Case) -> None:
        """Decide what follows when an attempt has waited too long for staff."""
        group, after = case.group, self.numbers.after_patience
        if after == RETRY and not case.was_retried:
            case.was_retried = True
            if self._falls_due(case, case.attempt, max(group.gap[case.attempt], 1)):
                return
        if after == OTHER_CHANNEL:
            others = case.channels - {group.channel[case.attempt]}
            later = (a for a in range(case.attempt + 1, group.n_attempts) if group.channel[a] in others)
            attempt = next(later, None)
            if attempt is not None and self._falls_due(case, attempt, group.gap[attempt]):
                return
        self.give_up(case, "reneged")

    def make_attempt(self, case: Case, pool: int) -> tuple[float, bool]:
        """Make an attempt; return the minutes of staff, and whether the victim was spoken to."""
        numbers, group, attempt = self.numbers, case.group, case.attempt
        channel, waited = group.channel[attempt], self.day - case.arrival
        if case.made == 0:
            self.count(case, "attempted")
            self.record_wait(case, "first_attempt", waited)
        case.made += 1
        case.due = "attempt"
        cell = int(uniform(case.key, REACHABILITY) * N_CELLS)
        reach = self.plan.reach[group.table[attempt]][cell] * exp(-waited / numbers.fade_days)
        is_reached = uniform(case.key, ATTEMPT, attempt) < reach
        is_spoken = is_reached and bool(numbers.spoken[channel])
        if case.is_counted:
            self.books.attempts[group.index, attempt, is_reached] += 1
        minutes = 0.0
        if pool != AUTOMATIC:
            mean = (numbers.minutes_reached if is_spoken else numbers.minutes_attempt)[channel]
            minutes = self.handling_time(case, attempt, mean)
        self.work(case, pool, "attempt", minutes, channel)
        if is_spoken:
            case.channel = channel
            return minutes, True
        if is_reached:
            self._expect_reply(case, attempt, channel)
        self.plan_attempt(case, attempt + 1, self.step + 1)
        return minutes, False

    def _expect_reply(self, case: Case, attempt: int, channel: int) -> None:
        """Enter a reply in the calendar; of several, the first that comes will be taken."""
        chance, cumulative = uniform(case.key, REPLY, attempt), self.plan.reply[channel]
        delay = next(d for d in range(1, len(cumulative)) if cumulative[d] > chance)
        case.expects_reply = True
        self.calendar[(self.day + delay) * self.steps].append(Entry(case, channel))

    def take_reply(self, case: Case, channel: int) -> None:
        """Take a reply: what is due to the victim takes the place of further attempts."""
        if case.due not in ATTEMPTS:
            return  # contacted before
        case.appointment = None
        if case.place is not None:
            self.leave_unserved(case.place)
        case.channel = channel
        self.write(case, OTHER_EVENTS["replied"], channel=channel)
        if self.consents(case, False):
            self.await_assessment(case, "call_back")

    def consents(self, case: Case, is_given: bool) -> bool:
        """Count a contact and ask for consent to an assessment, unless it is given already."""
        self.count(case, "contacted")
        self.record_wait(case, "contact", self.day - case.arrival)
        is_known = is_given or case.has_consented
        if not is_known and uniform(case.key, CONSENT) >= self.numbers.consent[case.need][case.channel]:
            self.end(case, "declined")
            return False
        self.count(case, "consented")
        return True

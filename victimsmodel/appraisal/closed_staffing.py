"""Erlang's closed forms beside the simulated answer: a first guess of the staff that standards take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from victimsmodel.appraisal.erlang import Queue, least_staff, share_served_within
from victimsmodel.appraisal.standards import Standard
from victimsmodel.appraisal.trial_years import Floats, TrialYears, cases_of
from victimsmodel.inputs.scenario import method_of
from victimsmodel.pathway.plan_numbers import DAYS_PER_YEAR
from victimsmodel.records import TASKS

_WORKING_PER_CALENDAR_DAY = 5 / 7


class Line(NamedTuple):
    """Work of one kind that waits in line for one role."""

    role: int
    task: str  # attempt, practical, casework (for a place) or specialist
    rate: float  # pieces a day
    service: float  # days that a server is taken by a piece
    patience: float  # days
    per_fte: float  # servers that a full-time worker is
    calendar: bool  # days are of the calendar, else working days


def closed_lines(years: TrialYears) -> tuple[Line, ...]:
    """Return the lines of a central year: attempts by role, practical help, places, specialist referrals.

    A role that does several kinds of work has one line for each, with all of its work in each: kinds wait
    for each other.
    """
    made, plan, service = years.ample([0])[0], years.plan_of(0), years.service
    numbers, minutes_of_one = plan.numbers[0], years.minutes_of_one(0)
    first, last = int(numbers["first_day"]), int(numbers["last_day"])
    worked = (plan.staff[first:last] > 0).sum(axis=0)
    tries = np.zeros(len(years.roles))
    for group, counted in zip(plan.groups, made.attempts, strict=True):
        for attempt in range(int(group["n_attempts"])):
            if group["pool"][attempt] >= 0:
                tries[group["pool"][attempt]] += counted[attempt, 0]
    pieces = np.zeros((len(years.roles), len(TASKS)))
    pieces[:, TASKS.index("attempt")] = tries
    for task in ("practical", "casework", "specialist"):
        pieces[:, TASKS.index(task)] = made.minutes[:, TASKS.index(task)] / float(numbers[f"{task}_minutes"])
    lines = []
    patience = float(numbers["patience_days"])
    for role, name in enumerate(years.roles):
        total = pieces[role].sum()
        if not total or not worked[role]:
            continue
        rate = total / worked[role]
        busy = made.minutes[role].sum() / total / (minutes_of_one[role] / worked[role])
        for task in ("attempt", "practical", "specialist"):
            if pieces[role, TASKS.index(task)]:
                waits = math.inf if task == "attempt" else patience * _WORKING_PER_CALENDAR_DAY
                lines.append(Line(role, task, rate, busy, waits, 1.0, False))
        cap = service.staff[name].caseload_cap
        if name == service.support.casework.role and cap:
            cases, days = cases_of(made, plan, service.support.casework.interval_working_days)
            if cases:
                lines.append(Line(role, "casework", cases / DAYS_PER_YEAR, days, patience, cap, True))
    return tuple(lines)


def closed_staff(lines: Sequence[Line], standards: Sequence[Standard], years: TrialYears) -> Floats:
    """Return the fewest full-time workers by role of the closed forms; missing without a closed form."""
    found = np.full(len(years.roles), np.nan)
    for standard in standards:
        for line in _lines_of(standard, lines):
            within = _slack(standard, line, years)
            if within is None:
                continue
            servers = least_staff(_queue(line, 1), standard.share, within)
            found[line.role] = np.fmax(found[line.role], servers / line.per_fte)
    return found


def closed_share(
    standard: Standard, lines: Sequence[Line], staff: Sequence[float], years: TrialYears
) -> float:
    """Return the share for whom the closed forms say a standard is kept; missing without a closed form."""
    shares, weights = [], []
    routes = _routes(years)
    for line in _lines_of(standard, lines):
        within = _slack(standard, line, years)
        if within is None:
            return math.nan
        servers = math.floor(staff[line.role] * line.per_fte + 1e-9)
        is_stable = line.patience < math.inf or servers > line.rate * line.service
        shares.append(share_served_within(_queue(line, servers), within) if servers and is_stable else 0.0)
        weights.append(routes.get(line.task, 1.0))
    return float(np.average(shares, weights=weights)) if shares else math.nan


def _lines_of(standard: Standard, lines: Sequence[Line]) -> list[Line]:
    tasks = {"first_attempt": ("attempt",), "support": ("practical", "casework", "specialist")}
    return [line for line in lines if line.task in tasks.get(standard.wait, ())]


def _queue(line: Line, servers: int) -> Queue:
    return Queue(line.rate, line.service, servers, line.patience)


def _slack(standard: Standard, line: Line, years: TrialYears) -> float | None:
    """Return how long a piece of work may wait, in the line's days; None if it is late before it is due."""
    days = float(standard.days)
    if line.calendar:
        return days / _WORKING_PER_CALENDAR_DAY if standard.working else days
    working = days if standard.working else days * _WORKING_PER_CALENDAR_DAY
    if standard.wait != "first_attempt":
        return working
    slack = working - _first_gap(standard, years) + 1  # due in the morning, kept by the evening
    return slack if slack > 0 else None


def _first_gap(standard: Standard, years: TrialYears) -> int:
    """Return the latest first attempt that the contact methods of those meant plan, in working days."""
    contact = years.service.contact
    groups = [group for group in years.scenario.groups if standard.who in ("all", group.priority)]
    methods = [contact.methods[method_of(contact, group)] for group in groups]
    return max(method.attempts[0].after_working_days for method in methods)


def _routes(years: TrialYears) -> dict[str, float]:
    numbers: Any = years.plan_of(0).numbers[0]
    casework, specialist = float(numbers["casework_share"]), float(numbers["specialist_share"])
    return {"casework": casework, "specialist": specialist, "practical": 1 - casework - specialist}

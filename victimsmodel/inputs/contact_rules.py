"""What must hold within contact methods, and between dates and the period."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from victimsmodel.inputs.finding import Finding, unknown
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.service import SPOKEN_CHANNELS, Attempt, ContactMethod, Service

_Path = tuple[str | int, ...]

#: Distinct pairs of channel and time of day that the methods of one option may use.
_MOST_PAIRS = 16


def method_findings(service: Service) -> Iterator[Finding]:
    """Yield what is wrong within the contact methods of a service."""
    contact = service.contact
    for name, method in contact.methods.items():
        for i, attempt in enumerate(method.attempts):
            path: _Path = ("contact", "methods", name, "attempts", i)
            if attempt.channel not in contact.channels:
                yield unknown((*path, "channel"), attempt.channel, contact.channels, "channel with inputs")
                continue
            if i > 0 and attempt.after_working_days == 0:
                allowed = "must be 1 or more: only the first attempt can be made on the day itself"
                yield Finding((*path, "after_working_days"), "0", allowed, "VM027")
            yield from _attempt_findings(service, path, attempt)
        yield from _ending_findings(service, name, method)
    pairs = {(a.channel, a.window) for method in contact.methods.values() for a in method.attempts}
    if len(pairs) > _MOST_PAIRS:
        allowed = f"use {len(pairs)} pairs of channel and time of day; at most {_MOST_PAIRS} are allowed"
        yield Finding(("contact", "methods"), "", allowed, "VM028")


def _attempt_findings(service: Service, path: _Path, attempt: Attempt) -> Iterator[Finding]:
    contact, inputs = service.contact, service.contact.channels[attempt.channel]
    if attempt.channel not in service.screening.missing_details:
        missing = ("screening", "missing_details")
        yield Finding(missing, "", f"lacks {attempt.channel}, which a method uses", "VM022")
    windows = {*contact.windows, *inputs.reach_by_window}
    if attempt.window is not None and attempt.window not in windows:
        yield unknown((*path, "window"), attempt.window, sorted(windows), "time-of-day window")
    is_spoken = attempt.channel in SPOKEN_CHANNELS
    needed = "minutes_reached" if is_spoken else "reply_days"
    channel_path: _Path = ("contact", "channels", attempt.channel)
    if getattr(inputs, needed) is None:
        yield Finding((*channel_path, needed), "", "is missing", "VM010")
    if attempt.role is None:
        if is_spoken:
            allowed = f"is missing: a {attempt.channel} attempt needs staff"
            yield Finding((*path, "role"), "", allowed, "VM022")
    elif attempt.role not in service.staff:
        yield unknown((*path, "role"), attempt.role, service.staff, "role")
    elif inputs.minutes_attempt is None:
        allowed = f"is missing: {attempt.role} makes these attempts"
        yield Finding((*channel_path, "minutes_attempt"), "", allowed, "VM010")


def _ending_findings(service: Service, name: str, method: ContactMethod) -> Iterator[Finding]:
    """Yield what is wrong with the information that is sent when nobody was reached."""
    path: _Path = ("contact", "methods", name, "fallback")
    if method.fallback is None:
        return
    if method.fallback not in service.contact.channels:
        yield unknown(path, method.fallback, service.contact.channels, "channel with inputs")
    elif method.fallback in SPOKEN_CHANNELS:
        allowed = "must be a channel that information can be sent in (text, letter, email)"
        yield Finding(path, method.fallback, allowed, "VM028")
    elif method.fallback not in service.screening.missing_details:
        missing = ("screening", "missing_details")
        yield Finding(missing, "", f"lacks {method.fallback}, which a fallback uses", "VM022")


def date_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield dates that lie outside what is simulated, and an opening that a warm-up would undo."""
    period = scenario.period
    first, last = period.start - timedelta(period.warm_up_days), period.end + timedelta(period.run_out_days)

    def outside(path: _Path, day: date) -> Iterator[Finding]:
        if not first <= day <= last:
            allowed = f"must lie within what is simulated, {first} to {last}"
            yield Finding(path, str(day), allowed, "VM029")

    for name, surge in scenario.demand.surges.items():
        yield from outside(("demand", "surges", name, "start"), surge.start)
    for name, incident in scenario.demand.incidents.items():
        since = (first - incident.date).days - incident.delay_days
        if not since < incident.days or incident.date > last:
            allowed = f"must bring victims within what is simulated, {first} to {last}"
            yield Finding(("demand", "incidents", name, "date"), str(incident.date), allowed, "VM029")
    services = {("options", name): option.service for name, option in scenario.options.items()}
    services |= {("levers", name): lever.service for name, lever in scenario.levers.items()}
    for stated, service in services.items():
        for role, own in service.staff.items():
            for day in own.fte_from:
                yield from outside((*stated, "service", "staff", role, "fte_from", str(day)), day)
    opening = scenario.opening
    if (opening.waiting or opening.open_cases) and period.warm_up_days > 0:
        allowed = "must be 0 when opening states what is in hand at the start"
        yield Finding(("period", "warm_up_days"), str(period.warm_up_days), allowed, "VM029")

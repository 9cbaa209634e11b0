"""What must hold between the fields of a scenario, beyond what each field allows by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from victimsmodel.inputs.quantities import estimates_in
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Group, Scenario, method_of
from victimsmodel.inputs.service import SPOKEN_CHANNELS, ContactMethod, Service

ASSUMPTION = "assumption"
_MOST_NAMES_LISTED = 10  # in a message that suggests one of them


class Finding(NamedTuple):
    """A broken rule and the field that breaks it, as a path from the root of the scenario."""

    path: tuple[str | int, ...]
    value: str
    allowed: str
    code: str
    hint: str = ""


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is nearest to a misspelt one, or an empty text."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known word, or an empty text."""
    close = closest(word, known)
    return f"Did you mean {close}?" if close else ""


def findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield everything that is inconsistent in a scenario whose fields are each valid."""
    yield from _source_findings(scenario)
    if BUSINESS_AS_USUAL not in scenario.options:
        allowed = f"must include {BUSINESS_AS_USUAL}, which the others are compared with"
        yield Finding(("options",), "", allowed, "VM024")
    for name, option in scenario.options.items():
        for finding in _service_findings(option.service, scenario.groups):
            yield finding._replace(path=("options", name, "service", *finding.path))


def _source_findings(scenario: Scenario) -> Iterator[Finding]:
    known = (*scenario.sources, ASSUMPTION)
    used = {path: estimate.source for path, estimate in estimates_in(scenario).items()}
    used["demand.recorded_offences"] = scenario.demand.recorded_offences.source
    used["demand.monthly_profile"] = scenario.demand.monthly_profile.source
    for path, source in used.items():
        if source not in known:
            allowed = "is not in the sources register"
            yield Finding((*path.split("."), "source"), source, allowed, "VM020", did_you_mean(source, known))
    if scenario.grant_source not in known:
        hint = did_you_mean(scenario.grant_source, known)
        allowed = "is not in the sources register"
        yield Finding(("grant_source",), scenario.grant_source, allowed, "VM020", hint)


def _service_findings(service: Service, groups: tuple[Group, ...]) -> Iterator[Finding]:
    yield from _role_findings(service)
    yield from _assignment_findings(service, groups)
    for name, method in service.contact.methods.items():
        yield from _method_findings(service, name, method)
    yield from _share_findings(service)
    group_names = [group.name for group in groups]
    for name in service.screening.unsafe_by_group:
        if name not in group_names:
            path = ("screening", "unsafe_by_group", name)
            yield _unknown(path, name, group_names, "group")


def _unknown(path: tuple[str | int, ...], name: str, known: Iterable[str], noun: str) -> Finding:
    names = list(known)
    hint = did_you_mean(name, names)
    listed = "" if hint and len(names) > _MOST_NAMES_LISTED else f" (known: {', '.join(names)})"
    value = "" if path[-1] == name else name  # a key is named by the path already
    return Finding(path, value, f"is not a {noun} of this scenario{listed}", "VM021", hint)


def _role_findings(service: Service) -> Iterator[Finding]:
    support = service.support
    uses = {
        ("assessment", "role"): service.assessment.role,
        ("support", "practical", "role"): support.practical.role,
        ("support", "casework", "role"): support.casework.role,
        ("support", "specialist", "role"): support.specialist.role,
    }
    for path, role in uses.items():
        if role not in service.staff:
            yield _unknown(path, role, service.staff, "role")
    caseworker = service.staff.get(support.casework.role)
    if caseworker is not None and caseworker.caseload_cap is None:
        path = ("staff", support.casework.role, "caseload_cap")
        yield Finding(path, "", "is missing: this role holds cases", "VM022")


def _assignment_findings(service: Service, groups: tuple[Group, ...]) -> Iterator[Finding]:
    contact = service.contact
    known = {key for group in groups for key in (group.name, group.crime_type, group.priority)}
    for key, method in contact.assigned.items():
        if key not in known:
            yield _unknown(("contact", "assigned", key), key, sorted(known), "group")
        if method not in contact.methods:
            yield _unknown(("contact", "assigned", key), method, contact.methods, "contact method")
    for key in contact.masked_channels:
        if key not in known:
            yield _unknown(("contact", "masked_channels", key), key, sorted(known), "group")
    for group in groups:
        keys = (group.name, group.crime_type, group.priority)
        if not any(key in contact.assigned for key in keys):
            allowed = f"assigns no contact method to {group.name}"
            yield Finding(("contact", "assigned"), "", allowed, "VM023")
            continue
        name = method_of(contact, group)
        masked = {channel for key in keys for channel in contact.masked_channels.get(key, ())}
        attempts = contact.methods[name].attempts if name in contact.methods else ()
        for i, attempt in enumerate(attempts):
            if attempt.channel in masked:
                path = ("contact", "methods", name, "attempts", i, "channel")
                allowed = f"is not a safe channel for {group.name}, which this method is assigned to"
                yield Finding(path, attempt.channel, allowed, "VM025")


def _method_findings(service: Service, name: str, method: ContactMethod) -> Iterator[Finding]:
    contact = service.contact
    for i, attempt in enumerate(method.attempts):
        path = ("contact", "methods", name, "attempts", i)
        if attempt.channel not in contact.channels:
            yield _unknown((*path, "channel"), attempt.channel, contact.channels, "channel with inputs")
            continue
        if attempt.channel not in service.screening.missing_details:
            missing = ("screening", "missing_details")
            yield Finding(missing, "", f"lacks {attempt.channel}, which a method uses", "VM022")
        if i > 0 and attempt.after_working_days == 0:
            allowed = "must be 1 or more: only the first attempt can be made on the day itself"
            yield Finding((*path, "after_working_days"), "0", allowed, "VM027")
        if attempt.window is not None and attempt.window not in contact.windows:
            yield _unknown((*path, "window"), attempt.window, contact.windows, "time-of-day window")
        inputs = contact.channels[attempt.channel]
        spoken = attempt.channel in SPOKEN_CHANNELS
        needed = "minutes_reached" if spoken else "reply_days"
        channel_path = ("contact", "channels", attempt.channel)
        if getattr(inputs, needed) is None:
            yield Finding((*channel_path, needed), "", "is missing", "VM010")
        if attempt.role is None:
            if spoken:
                allowed = f"is missing: a {attempt.channel} attempt needs staff"
                yield Finding((*path, "role"), "", allowed, "VM022")
        elif attempt.role not in service.staff:
            yield _unknown((*path, "role"), attempt.role, service.staff, "role")
        elif inputs.minutes_attempt is None:
            allowed = f"is missing: {attempt.role} makes these attempts"
            yield Finding((*channel_path, "minutes_attempt"), "", allowed, "VM010")


def _share_findings(service: Service) -> Iterator[Finding]:
    support = service.support
    total = support.casework_share.centre + support.specialist_share.centre
    if total >= 1:
        allowed = f"and specialist_share sum to {total:.2f}; practical support needs the rest of 1"
        value = f"{support.casework_share.centre:g}"
        yield Finding(("support", "casework_share"), value, allowed, "VM026")

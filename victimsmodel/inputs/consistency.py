"""What must hold between the fields of a scenario, beyond what each field allows by itself."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from victimsmodel.inputs.appraisal_findings import appraisal_findings
from victimsmodel.inputs.contact_rules import date_findings, method_findings
from victimsmodel.inputs.draws import input_digests
from victimsmodel.inputs.explored import explore_findings
from victimsmodel.inputs.finding import Finding, did_you_mean, unknown
from victimsmodel.inputs.multipliers import multiplied
from victimsmodel.inputs.observed import observed_findings
from victimsmodel.inputs.posterior_file import posterior_findings
from victimsmodel.inputs.projection import projection_findings
from victimsmodel.inputs.quantities import Estimate, estimates_in
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Group, Scenario, keys_of, method_of
from victimsmodel.inputs.service import Service

_SHARES_TOLERANCE = 1e-6  # of one; shares are never scaled to fit
_HIGH_END = 1.645  # standard deviations at the 95th percentile of a normal distribution


def findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield everything that is inconsistent in a scenario whose fields are each valid."""
    yield from _source_findings(scenario)
    if BUSINESS_AS_USUAL not in scenario.options:
        allowed = f"must include {BUSINESS_AS_USUAL}, which the others are compared with"
        yield Finding(("options",), "", allowed, "VM024")
    for name, option in scenario.options.items():
        for finding in service_findings(option.service, scenario.groups):
            yield finding._replace(path=("options", name, "service", *finding.path))
    for name, lever in scenario.levers.items():
        if name in scenario.options:
            yield Finding(("levers", name), "", "must not have the name of an option", "VM152")
        for finding in service_findings(lever.service, scenario.groups):
            yield finding._replace(path=("levers", name, "service", *finding.path))
        for role in lever.extra_fte:
            if role not in lever.service.staff:
                yield unknown(("levers", name, "extra_fte", role), role, lever.service.staff, "role")
    yield from date_findings(scenario)
    yield from appraisal_findings(scenario)
    yield from explore_findings(scenario, scenario.explore)
    yield from observed_findings(scenario.observed, scenario.groups, scenario.known_sources)
    if scenario.posterior is not None:
        yield from posterior_findings(scenario.posterior, input_digests(scenario), scenario.observed)
    projection, period = scenario.demand.projection, scenario.period
    if projection is not None:
        yield from projection_findings(projection, scenario.demand.history, period.start, period.end)


def _source_findings(scenario: Scenario) -> Iterator[Finding]:
    known = scenario.known_sources
    used = {path: estimate.source for path, estimate in estimates_in(scenario).items()}
    used["demand.recorded_offences"] = scenario.demand.recorded_offences.source
    used["demand.monthly_profile"] = scenario.demand.monthly_profile.source
    if scenario.demand.boroughs is not None:
        used["demand.boroughs"] = scenario.demand.boroughs.source
    if scenario.demand.history is not None:
        used["demand.history"] = scenario.demand.history.source
    for name, incident in scenario.demand.incidents.items():
        used[f"demand.incidents.{name}.crime_types"] = incident.crime_types.source
    if scenario.demand.from_crime is not None:
        counted = scenario.demand.from_crime
        for field in ("people", "business", "society"):
            used[f"demand.from_crime.{field}"] = getattr(counted, field).source
        used["demand.from_crime.fraud.reports"] = counted.fraud.reports.source
    for name, stream in scenario.demand.streams.items():
        if stream.crime_types is not None:
            used[f"demand.streams.{name}.crime_types"] = stream.crime_types.source
    if scenario.plans is not None:
        used |= {f"plans.grants.{i}": grant.source for i, grant in enumerate(scenario.plans.grants)}
    used |= {f"levers.{name}": lever.source for name, lever in scenario.levers.items()}
    for path, source in used.items():
        if source not in known:
            allowed = "is not in the sources register"
            yield Finding((*path.split("."), "source"), source, allowed, "VM020", did_you_mean(source, known))
    if scenario.grant_source not in known:
        hint = did_you_mean(scenario.grant_source, known)
        allowed = "is not in the sources register"
        yield Finding(("grant_source",), scenario.grant_source, allowed, "VM020", hint)


def service_findings(service: Service, groups: tuple[Group, ...]) -> Iterator[Finding]:
    """Yield everything that is inconsistent within one service."""
    yield from _role_findings(service)
    yield from _assignment_findings(service, groups)
    yield from method_findings(service)
    yield from _share_findings(service)
    group_names = [group.name for group in groups]
    for name in service.screening.unsafe_by_group:
        if name not in group_names:
            path = ("screening", "unsafe_by_group", name)
            yield unknown(path, name, group_names, "group")


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
            yield unknown(path, role, service.staff, "role")
    for name, own in service.staff.items():
        for helped in own.helps:
            if helped not in service.staff or helped == name:
                others = [other for other in service.staff if other != name]
                yield unknown(("staff", name, "helps", helped), helped, others, "role to help")
    caseworker = service.staff.get(support.casework.role)
    if caseworker is not None and caseworker.caseload_cap is None:
        path = ("staff", support.casework.role, "caseload_cap")
        yield Finding(path, "", "is missing: this role holds cases", "VM022")


def _assignment_findings(service: Service, groups: tuple[Group, ...]) -> Iterator[Finding]:
    contact = service.contact
    known = {key for group in groups for key in keys_of(group)}
    for key, method in contact.assigned.items():
        if key not in known:
            yield unknown(("contact", "assigned", key), key, sorted(known), "group")
        if method not in contact.methods:
            yield unknown(("contact", "assigned", key), method, contact.methods, "contact method")
    for key in contact.masked_channels:
        if key not in known:
            yield unknown(("contact", "masked_channels", key), key, sorted(known), "group")
    for group in groups:
        keys = keys_of(group)
        if not any(key in contact.assigned for key in keys):
            allowed = f"assigns no contact method to {group.name}"
            yield Finding(("contact", "assigned"), "", allowed, "VM023")
            continue
        assigned = method_of(contact, group)
        masked = {channel for key in keys for channel in contact.masked_channels.get(key, ())}
        if assigned not in contact.methods:
            continue
        used, allowed = contact.methods[assigned], "is not a safe channel for "
        allowed += f"{group.name}, which this method is assigned to"
        for i, attempt in enumerate(used.attempts):
            if attempt.channel in masked:
                path = ("contact", "methods", assigned, "attempts", i, "channel")
                yield Finding(path, attempt.channel, allowed, "VM025")
        if used.fallback in masked:
            yield Finding(("contact", "methods", assigned, "fallback"), str(used.fallback), allowed, "VM025")


def _high(share: Estimate) -> float:
    """Return the high end of a share; of counts by the normal approximation, which loads nothing."""
    if share.high is not None:
        return float(multiplied(np.asarray(share.high), share.times, share.times_odds))
    spread = share.centre * (1 - share.centre) / (share.trials or 1)
    return share.centre + _HIGH_END * math.sqrt(spread)


def _share_findings(service: Service) -> Iterator[Finding]:
    support = service.support
    branches = {"casework_share": support.casework_share, "specialist_share": support.specialist_share}
    for which, numbers in (
        ("", {name: share.centre for name, share in branches.items()}),
        (" at their high ends", {name: _high(share) for name, share in branches.items()}),
    ):
        total = sum(numbers.values())
        if total > 1 - _SHARES_TOLERANCE:
            parts = " + ".join(f"{name} {x:.6g}" for name, x in numbers.items())
            allowed = f"must leave the rest of 1 to practical support (within {_SHARES_TOLERANCE:g}); {parts}"
            allowed += f" = {total:.6g}{which}"
            value = f"{support.casework_share.centre:g}"
            yield Finding(("support", "casework_share"), value, allowed, "VM026")
            break
    services = support.specialist.services
    total = sum(service.share.centre for service in services.values())
    if services and abs(total - 1) > _SHARES_TOLERANCE:
        parts = " + ".join(f"{name} {service.share.centre:g}" for name, service in services.items())
        allowed = f"must have shares that sum to 1 (within {_SHARES_TOLERANCE:g}); {parts} = {total:g}"
        yield Finding(("support", "specialist", "services"), "", allowed, "VM026")

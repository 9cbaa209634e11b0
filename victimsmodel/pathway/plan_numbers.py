"""The single numbers of a service as arrays, one record for each draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.service import CHANNELS, SPOKEN_CHANNELS
from victimsmodel.pathway.arrays import (
    CLOSE,
    MOST_SERVICES,
    NUMBERS,
    OTHER_CHANNEL,
    RETRY,
    Ints,
    Records,
)
from victimsmodel.pathway.calendar import Calendar
from victimsmodel.records import KINDS

_AMPLE_PATIENCE_DAYS = 1e9
DAYS_PER_YEAR = 365.25
_AFTER_PATIENCE = {"close": CLOSE, "retry": RETRY, "other_channel": OTHER_CHANNEL}
#: Leads that nothing without one can make up for, in steps; call-backs go before enhanced victims.
_ALWAYS_KIND, _ALWAYS_ENHANCED = 2**28, 2**26


def plan_numbers(
    scenario: Scenario, values: Any, calendar: Calendar, n_draws: int, ample_staff: bool
) -> Records:
    """Return the numbers of each draw, shape (n_draws,)."""
    numbers = np.zeros(n_draws, NUMBERS)
    _fill_clock(numbers, scenario, calendar, ample_staff)
    numbers["handicap"] = _handicaps(values.work_order, scenario.period.steps_per_day)
    _fill_contact(numbers, values)
    _fill_needs(numbers, values)
    _fill_assessment(numbers, values)
    _fill_support(numbers, values, ample_staff)
    return numbers


def _fill_clock(numbers: Records, scenario: Scenario, calendar: Calendar, ample_staff: bool) -> None:
    n_days = len(calendar.days)
    numbers["epoch_day"] = int(calendar.days[0].timestamp() // 86400)
    numbers["n_days"] = n_days
    numbers["first_day"], numbers["last_day"] = calendar.first_day, calendar.last_day
    # with ample staff all work is for counted victims, whenever it is done
    numbers["first_booked_day"] = 0 if ample_staff else calendar.first_day
    numbers["last_booked_day"] = n_days if ample_staff else calendar.last_day
    numbers["steps"] = scenario.period.steps_per_day


def _handicaps(work_order: Any, steps: int) -> Ints:
    """Return by how many steps each queue class comes after its due date."""

    def lead(name: str, always: int) -> int:
        days = getattr(work_order, name)
        return always if days == "always" else round(days * steps)

    enhanced = lead("enhanced", _ALWAYS_ENHANCED)
    kinds = [lead(kind, _ALWAYS_KIND) for kind in KINDS]
    return np.array([[-kind - enhanced, -kind] for kind in kinds], np.int64).ravel()


def _fill_contact(numbers: Records, values: Any) -> None:
    contact = values.contact
    numbers["excluded"] = values.screening.excluded
    numbers["fade_days"] = contact.fade_days
    numbers["patience_working_days"] = contact.patience_working_days
    numbers["after_patience"] = _AFTER_PATIENCE[contact.after_patience]
    for c, channel in enumerate(CHANNELS):
        numbers["missing"][:, c] = values.screening.missing_details.get(channel, 1.0)
        numbers["spoken"][:, c] = channel in SPOKEN_CHANNELS
        inputs = contact.channels.get(channel)
        for name in ("minutes_reached", "minutes_attempt"):
            minutes = getattr(inputs, name, None)
            numbers[name][:, c] = 0.0 if minutes is None else minutes


def _fill_needs(numbers: Records, values: Any) -> None:
    """Fill the probabilities that differ between victims not in need and in need."""
    referral, consent, support = values.referral, values.consent, values.support
    numbers["referred"] = referral.transferred[:, None]
    if referral.flag is not None:
        numbers["referred"] *= np.stack([1 - referral.flag.specificity, referral.flag.sensitivity], axis=-1)
    if referral.consent_at_report is not None:
        numbers["referred"] *= _by_need(referral.consent_at_report)
    numbers["recognised"][:, 0] = 1 - values.assessment.specificity
    numbers["recognised"][:, 1] = values.assessment.sensitivity
    numbers["accepted"] = _by_need(support.accepted)
    for c, channel in enumerate(CHANNELS):
        usual = consent.spoken if channel in SPOKEN_CHANNELS else consent.replied
        numbers["consent"][:, :, c] = _by_need(consent.by_channel.get(channel, usual))
    if referral.consent_at_report is not None:
        numbers["consent_at_report"] = 1


def _by_need(agreement: Any) -> Any:
    return np.stack([agreement.not_in_need, agreement.in_need], axis=-1)


def _fill_assessment(numbers: Records, values: Any) -> None:
    assessment, roles = values.assessment, list(values.staff)
    numbers["assessment_pool"] = roles.index(assessment.role)
    numbers["assessment_minutes"] = assessment.minutes
    numbers["same_call"] = assessment.same_call
    if assessment.booked is not None:
        numbers["booked_gap"] = assessment.booked.after_working_days
        numbers["not_attended"] = assessment.booked.not_attended
        numbers["minutes_missed"] = assessment.booked.minutes_missed
        numbers["rebookings"] = assessment.booked.rebookings


def _fill_support(numbers: Records, values: Any, ample_staff: bool) -> None:
    support, casework, roles = values.support, values.support.casework, list(values.staff)
    numbers["n_roles"] = len(roles)
    # the two stated shares leave the rest to practical support; a draw that leaves none is scaled
    scale = np.maximum(1.0, support.casework_share + support.specialist_share)
    numbers["casework_share"] = support.casework_share / scale
    numbers["specialist_share"] = support.specialist_share / scale
    for name, part in (("practical", support.practical), ("specialist", support.specialist)):
        numbers[f"{name}_pool"], numbers[f"{name}_minutes"] = roles.index(part.role), part.minutes
    numbers["casework_pool"], numbers["casework_minutes"] = roles.index(casework.role), casework.minutes
    numbers["casework_interval"] = casework.interval_working_days
    numbers["withdrawal"] = casework.withdrawal
    numbers["patience_days"] = _AMPLE_PATIENCE_DAYS if ample_staff else casework.patience_days
    numbers["improved"] = values.outcomes.improved
    services = list(support.specialist.services.values())
    numbers["n_services"] = len(services)
    numbers["service_share"], numbers["service_places"] = 1.0, -1.0
    if services:
        shares = np.stack([service.share for service in services], axis=-1).cumsum(axis=-1)
        numbers["service_share"][:, : len(services)] = shares / shares[:, -1:]
    for s, service in enumerate(services[:MOST_SERVICES]):
        if service.places_per_year is not None and not ample_staff:
            numbers["service_places"][:, s] = service.places_per_year / DAYS_PER_YEAR

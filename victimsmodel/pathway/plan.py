"""Scenario + option -> typed arrays: the only door to the engines."""

from __future__ import annotations

from typing import Any

import numpy as np

from victimsmodel.demand.victims import daily_index, group_demand
from victimsmodel.inputs.draws import Points, values_of
from victimsmodel.inputs.scenario import PRIORITIES, Scenario, method_of
from victimsmodel.inputs.service import CHANNELS, SPOKEN_CHANNELS
from victimsmodel.pathway.arrays import (
    ATTEMPTS,
    AUTOMATIC,
    CELLS,
    CHANNEL,
    DAYS,
    GROUPS,
    MOST_REPLY_DAYS,
    N_CELLS,
    NEEDS,
    NUMBERS,
    Floats,
    Plan,
    Records,
)
from victimsmodel.pathway.calendar import WORKING_DAYS_PER_WEEK, Calendar, simulated_calendar
from victimsmodel.pathway.cells import beta_cells, service_time_cells, session_cells

_AMPLE_MINUTES = 1e15  # a day: no demand exhausts them
_AMPLE_SLOTS = 2**40
_AMPLE_PATIENCE_DAYS = 1e9
_MINUTES_PER_HOUR = 60


def build_plans(scenario: Scenario, option: str, points: Points, *, ample_staff: bool = False) -> list[Plan]:
    """Return one plan for each draw of the uncertain inputs.

    Parameters
    ----------
    scenario : Scenario
    option : str
        A key of ``scenario.options``.
    points : dict of str to ndarray, shape (n_draws,)
        From `draw_points`.
    ample_staff : bool
        Lift every limit of capacity and follow every victim to the end: the case that the exact
        engine computes.
    """
    service = scenario.options[option].service
    values = values_of(service, points)
    demand = group_demand(scenario, points)
    longest = _longest_case_days(scenario, option, values) if ample_staff else None
    calendar = simulated_calendar(scenario.period, longest)
    index = daily_index(scenario, calendar.days)
    if ample_staff:  # victims outside the counted days would change nothing
        index[: calendar.first_day] = 0
        index[calendar.last_day :] = 0
    rate_per_day = scenario.period.years / scenario.period.days
    fixed = _fixed_arrays(scenario, option, calendar)
    plans = []
    for draw in range(demand.victims.shape[0]):
        at = _at_draw(values, draw)
        plans.append(
            Plan(
                numbers=_numbers(scenario, option, at, calendar, ample_staff),
                groups=_groups(scenario, option, at, demand.need[draw]),
                channels=_channels(at),
                needs=_needs(at),
                cells=_cells(at),
                days=_days(at, calendar, ample_staff),
                arrival_rate=index[:, None] * (demand.victims[draw] * rate_per_day)[None, :],
                reach=_reach(scenario, option, at),
                reply=_reply(at),
                capacity=_capacity(at, calendar, ample_staff),
                **fixed,
            )
        )
    return plans


def _longest_case_days(scenario: Scenario, option: str, values: Any) -> int:
    """Return days that no case outlasts when nobody waits: attempts, a late reply, all sessions."""
    casework = values.support.casework
    sessions = session_cells(float(np.max(casework.sessions)), casework.session_dispersion).max()
    methods = scenario.options[option].service.contact.methods.values()
    attempts = max(sum(attempt.after_working_days for attempt in method.attempts) for method in methods)
    working_days = attempts + int(sessions) * casework.interval_working_days
    return MOST_REPLY_DAYS + 60 + working_days * 7 // WORKING_DAYS_PER_WEEK * 11 // 10  # holidays, at most


def _at_draw(values: Any, draw: int) -> Any:
    """Return the values of a single draw: arrays become their element."""
    if isinstance(values, np.ndarray):
        return float(values[draw])
    if isinstance(values, dict):
        return {name: _at_draw(child, draw) for name, child in values.items()}
    if hasattr(values, "__dict__") and type(values).__name__ == "SimpleNamespace":
        return type(values)(**{name: _at_draw(child, draw) for name, child in vars(values).items()})
    return values


def _fixed_arrays(scenario: Scenario, option: str, calendar: Calendar) -> dict[str, Any]:
    """Return what no draw changes: the working days, and who is attempted how."""
    contact = scenario.options[option].service.contact
    roles = list(scenario.options[option].service.staff)
    tables = _reach_tables(scenario, option)
    methods = [contact.methods[method_of(contact, group)] for group in scenario.groups]
    attempts = np.zeros((len(methods), max(len(method.attempts) for method in methods)), ATTEMPTS)
    for g, method in enumerate(methods):
        for a, attempt in enumerate(method.attempts):
            attempts[g, a] = (
                CHANNELS.index(attempt.channel),
                attempt.after_working_days,
                AUTOMATIC if attempt.role is None else roles.index(attempt.role),
                tables.index((attempt.channel, attempt.window)),
            )
    working_day = np.flatnonzero(calendar.is_working).astype(np.int64)
    return {"attempts": attempts, "working_day": working_day}


def _reach_tables(scenario: Scenario, option: str) -> list[tuple[str, str | None]]:
    """Return the distinct pairs of channel and time of day that an option uses."""
    contact = scenario.options[option].service.contact
    used = {method_of(contact, group) for group in scenario.groups}
    attempts = [attempt for name in used for attempt in contact.methods[name].attempts]
    return sorted({(a.channel, a.window) for a in attempts}, key=str)


def _numbers(scenario: Scenario, option: str, at: Any, calendar: Calendar, ample_staff: bool) -> Any:
    support, casework = at.support, at.support.casework
    roles = list(scenario.options[option].service.staff)
    # the two stated shares leave the rest to practical support; a draw that leaves none is scaled
    scale = max(1.0, support.casework_share + support.specialist_share)
    numbers = np.zeros(1, NUMBERS)
    numbers[0] = (
        int(calendar.days[0].timestamp() // 86400),
        len(calendar.days),
        calendar.first_day,
        calendar.last_day,
        # with ample staff all work is for counted victims, whenever it is done
        0 if ample_staff else calendar.first_day,
        len(calendar.days) if ample_staff else calendar.last_day,
        scenario.period.steps_per_day,
        len(PRIORITIES) + 1,  # call-backs go first
        at.screening.excluded,
        at.contact.fade_days,
        at.contact.patience_working_days,
        roles.index(at.assessment.role),
        at.assessment.minutes,
        at.assessment.same_call,
        support.casework_share / scale,
        support.specialist_share / scale,
        roles.index(support.practical.role),
        support.practical.minutes,
        roles.index(support.specialist.role),
        support.specialist.minutes,
        roles.index(casework.role),
        casework.minutes,
        casework.interval_working_days,
        casework.withdrawal,
        _AMPLE_PATIENCE_DAYS if ample_staff else casework.patience_days,
        at.outcomes.improved,
    )
    return numbers[0]


def _groups(scenario: Scenario, option: str, at: Any, need: Floats) -> Records:
    contact, screening = scenario.options[option].service.contact, at.screening
    groups = np.zeros(len(scenario.groups), GROUPS)
    for g, group in enumerate(scenario.groups):
        method = contact.methods[method_of(contact, group)]
        unsafe = screening.unsafe_by_group.get(group.name, screening.unsafe)
        groups[g] = (need[g], unsafe, PRIORITIES.index(group.priority), len(method.attempts))
    return groups


def _channels(at: Any) -> Records:
    channels = np.zeros(len(CHANNELS), CHANNEL)
    for c, channel in enumerate(CHANNELS):
        inputs = at.contact.channels.get(channel)
        missing = at.screening.missing_details.get(channel, 1.0)
        minutes = [getattr(inputs, name, None) or 0.0 for name in ("minutes_reached", "minutes_attempt")]
        channels[c] = (missing, *minutes, channel in SPOKEN_CHANNELS)
    return channels


def _needs(at: Any) -> Records:
    """Return the probabilities that differ between victims not in need and in need."""
    referral, consent = at.referral, at.consent
    needs = np.zeros(2, NEEDS)
    needs["referred"] = referral.transferred
    needs["recognised"] = (1 - at.assessment.specificity, at.assessment.sensitivity)
    needs["accepted"] = (at.support.accepted.not_in_need, at.support.accepted.in_need)
    needs["consent"][0] = (consent.spoken.not_in_need, consent.replied.not_in_need)
    needs["consent"][1] = (consent.spoken.in_need, consent.replied.in_need)
    if referral.flag is not None:
        needs["referred"] *= (1 - referral.flag.specificity, referral.flag.sensitivity)
    if referral.consent_at_report is not None:
        needs["referred"] *= (referral.consent_at_report.not_in_need, referral.consent_at_report.in_need)
        needs["consent"] = 1.0  # given already: it is not asked again
    return needs


def _cells(at: Any) -> Records:
    cells = np.zeros(N_CELLS, CELLS)
    cells["service_time"] = service_time_cells()
    casework = at.support.casework
    cells["sessions"] = session_cells(casework.sessions, casework.session_dispersion)
    return cells


def _days(at: Any, calendar: Calendar, ample_staff: bool) -> Records:
    caseworkers = at.staff[at.support.casework.role]
    days = np.zeros(len(calendar.is_working), DAYS)
    days["working_index"] = np.concatenate([[0], np.cumsum(calendar.is_working)[:-1]])
    days["slots"] = _AMPLE_SLOTS if ample_staff else int(caseworkers.fte * caseworkers.caseload_cap + 1e-9)
    return days


def _reach(scenario: Scenario, option: str, at: Any) -> Floats:
    channels = at.contact.channels
    rows = []
    for channel, window in _reach_tables(scenario, option):
        mean = channels[channel].reach
        if window is not None:
            odds = mean / (1 - mean) * at.contact.windows[window]
            mean = odds / (1 + odds)
        rows.append(beta_cells(mean, channels[channel].heterogeneity))
    return np.array(rows)


def _reply(at: Any) -> Floats:
    """Return the cumulative probability of a reply by day 0, 1, ...; geometric, all by the last."""
    reply = np.ones((len(CHANNELS), MOST_REPLY_DAYS + 1))
    for c, channel in enumerate(CHANNELS):
        inputs = at.contact.channels.get(channel)
        if inputs is not None and inputs.reply_days is not None:
            no_reply = 1 - 1 / max(inputs.reply_days, 1.0)
            reply[c, :-1] = 1 - no_reply ** np.arange(MOST_REPLY_DAYS)
    return reply


def _capacity(at: Any, calendar: Calendar, ample_staff: bool) -> Floats:
    working = calendar.is_working[: len(calendar.days)]
    minutes = []
    for role in at.staff.values():
        paid = role.fte * role.hours_per_week * _MINUTES_PER_HOUR / WORKING_DAYS_PER_WEEK
        productive = paid * (1 - role.shrinkage) * role.occupancy
        minutes.append(working * (_AMPLE_MINUTES if ample_staff else productive))
    return np.array(minutes, np.float64)

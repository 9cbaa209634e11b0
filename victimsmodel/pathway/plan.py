"""Scenario + option -> typed arrays: the only door to the engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import pandas as pd

from victimsmodel.demand.sources import REPORTED, Arrivals, Source, arrivals
from victimsmodel.inputs.draws import Points, values_of
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.arrays import (
    MOST_REPLY_DAYS,
    SOURCES,
    TABLES,
    Floats,
    Plan,
    Records,
)
from victimsmodel.pathway.calendar import WORKING_DAYS_PER_WEEK, simulated_calendar
from victimsmodel.pathway.cells import all_beta_cells, all_session_cells, service_time_cells
from victimsmodel.pathway.plan_contact import contact_groups, reach_tables
from victimsmodel.pathway.plan_numbers import plan_numbers
from victimsmodel.pathway.plan_staff import plan_days, plan_roles, staff_by_day

_ENTRIES = (REPORTED, "referred", "contacted", "consented", "accepted")


@dataclass(frozen=True)
class Plans(Sequence[Plan]):
    """The plans of one option, one for each draw; what no draw changes is kept once."""

    numbers: Records  # (n_draws,) NUMBERS; so are the next four
    tables: Records
    groups: Records  # (n_draws, n_groups)
    sources: Records  # (n_draws, n_sources)
    roles: Records  # (n_draws, n_roles)
    days: Records
    profile: Floats
    staff: Floats

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, draw: int) -> Plan: ...
    @overload
    def __getitem__(self, draw: slice) -> Sequence[Plan]: ...
    def __getitem__(self, draw: int | slice) -> Plan | Sequence[Plan]:
        if isinstance(draw, slice):
            return [self[d] for d in range(*draw.indices(len(self)))]
        one = slice(draw, draw + 1)  # single records travel as arrays of one
        return Plan(
            self.numbers[one],
            self.tables[one],
            self.groups[draw],
            self.sources[draw],
            self.roles[draw],
            self.days,
            self.profile,
            self.staff,
        )


def build_plans(
    scenario: Scenario,
    option: str,
    points: Points,
    *,
    ample_staff: bool = False,
    coming: Callable[[Scenario, Points, pd.DatetimeIndex], Arrivals] = arrivals,
) -> Plans:
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
    coming : callable
        `arrivals`, or what remembers them.
    """
    service = scenario.options[option].service
    values = values_of(service, points)
    n_draws = next(iter(points.values())).size
    sessions = all_session_cells(values.support.casework.sessions, values.support.casework.session_dispersion)
    longest = _longest_case_days(values, int(sessions.max())) if ample_staff else None
    calendar = simulated_calendar(scenario.period, longest)
    sources, profile = coming(scenario, points, calendar.days)
    if ample_staff:  # victims outside the counted days would change nothing
        profile = profile.copy()
        profile[: calendar.first_day] = 0
        profile[calendar.last_day :] = 0
    staff = staff_by_day(service, calendar, ample_staff)
    return Plans(
        numbers=plan_numbers(scenario, values, calendar, n_draws, ample_staff),
        tables=_tables(scenario, option, values, sessions),
        groups=contact_groups(scenario, option, values, n_draws, ample_staff),
        sources=_sources(scenario, sources, n_draws, ample_staff),
        roles=plan_roles(values, staff, n_draws, ample_staff),
        days=plan_days(service, calendar, staff, ample_staff),
        profile=profile,
        staff=staff,
    )


def _longest_case_days(values: Any, sessions: int) -> int:
    """Return days that no case outlasts when nobody waits: attempts, a late reply, all appointments."""
    methods = values.contact.methods.values()
    attempts = max(sum(attempt.after_working_days for attempt in method.attempts) for method in methods)
    booked = values.assessment.booked
    appointments = 0 if booked is None else booked.after_working_days * (booked.rebookings + 1)
    working_days = attempts + appointments + sessions * values.support.casework.interval_working_days
    return MOST_REPLY_DAYS + 60 + working_days * 7 // WORKING_DAYS_PER_WEEK * 11 // 10  # holidays, at most


def _tables(scenario: Scenario, option: str, values: Any, sessions: Any) -> Records:
    tables = np.zeros(len(sessions), TABLES)
    tables["service_time"] = service_time_cells()
    tables["sessions"] = sessions
    channels = values.contact.channels
    for t, (channel, window) in enumerate(reach_tables(scenario, option)):
        mean = channels[channel].reach
        if window is not None and window in channels[channel].reach_by_window:
            mean = channels[channel].reach_by_window[window]
        elif window is not None:
            odds = mean / (1 - mean) * values.contact.windows[window]
            mean = odds / (1 + odds)
        tables["reach"][:, t] = all_beta_cells(mean, channels[channel].heterogeneity)
    tables["reply"] = 1.0
    for c, channel in enumerate(CHANNELS):
        inputs = channels.get(channel)
        if inputs is not None and inputs.reply_days is not None:  # geometric from day 1; all by the last
            no_reply = 1 - 1 / np.maximum(inputs.reply_days, 1.0)
            tables["reply"][:, c, :-1] = 1 - no_reply[:, None] ** np.arange(MOST_REPLY_DAYS)
    return tables


def _sources(scenario: Scenario, coming: list[Source], n_draws: int, ample_staff: bool) -> Records:
    sources = np.zeros((n_draws, len(coming)), SOURCES)
    for s, source in enumerate(coming):
        sources["group"][:, s], sources["profile"][:, s] = source.group, source.profile
        sources["entry"][:, s] = _ENTRIES.index(source.entry)
        sources["per_day"][:, s], sources["need"][:, s] = source.per_day, source.need
    if not ample_staff:
        n_groups, opening = len(scenario.groups), scenario.opening
        usual = sources["per_day"][:, :n_groups].cumsum(axis=1)
        usual = np.where(usual[:, -1:] > 0, usual, np.arange(1, n_groups + 1))  # none come: as many of each
        ends = np.rint(usual / usual[:, -1:] * opening.waiting).astype(np.int64)
        sources["opening"][:, :n_groups] = np.diff(ends, axis=1, prepend=0)
        sources["opening_days"] = opening.waited_days
    return sources

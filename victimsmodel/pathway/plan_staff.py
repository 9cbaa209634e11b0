"""Staff as arrays: who works on which day, how long, and for whom else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from victimsmodel.inputs.service import WEEKDAYS, Service
from victimsmodel.pathway.arrays import DAYS, ROLES, Floats, Plan, Records
from victimsmodel.pathway.calendar import Calendar
from victimsmodel.records import KINDS

_AMPLE_MINUTES = 1e15  # a day: no demand exhausts them
_AMPLE_SLOTS = 2**40
_MINUTES_PER_HOUR = 60


def staff_by_day(service: Service, calendar: Calendar, ample_staff: bool) -> Floats:
    """Return full-time workers by day and role; 0 on days on which a role does not work."""
    days = calendar.days
    if ample_staff:
        return np.repeat(calendar.is_working[: len(days), None], len(service.staff), axis=1).astype(
            np.float64
        )
    staff = np.zeros((len(days), len(service.staff)))
    for r, role in enumerate(service.staff.values()):
        works = np.isin(days.day_of_week, [WEEKDAYS.index(day) for day in role.weekdays])
        if not role.works_bank_holidays:
            works &= ~calendar.is_bank_holiday[: len(days)]
        staff[:, r] = works * fte_by_day(role, days)
    return staff


def fte_by_day(role: Any, days: pd.DatetimeIndex) -> Floats:
    """Return the full-time workers in post on each day."""
    fte = np.full(len(days), float(role.fte))
    for start in sorted(role.fte_from):
        fte[days >= pd.Timestamp(start)] = role.fte_from[start]
    return fte


def pay_of_post(role: Any) -> Any:
    """Return what a full-time post costs a year, GBP: with on-costs and overhead where they are apart."""
    on_cost, overhead = role.on_cost, role.overhead
    salary = role.cost_per_fte * (1 if on_cost is None else 1 + on_cost)
    return salary * (1 if overhead is None else 1 + overhead)


def plan_roles(values: Any, staff: Floats, n_draws: int, ample_staff: bool) -> Records:
    """Return the roles of each draw, shape (n_draws, n_roles)."""
    names = list(values.staff)
    roles = np.zeros((n_draws, len(names)), ROLES)
    workers = np.ceil(staff.max(axis=0)).astype(np.int64)
    roles["first_worker"] = np.concatenate([[0], workers.cumsum()[:-1]])
    for r, role in enumerate(values.staff.values()):
        paid = role.hours_per_week * _MINUTES_PER_HOUR / len(role.weekdays)
        productive = paid * (1 - role.shrinkage) * role.occupancy
        roles["minutes"][:, r] = _AMPLE_MINUTES if ample_staff else productive
        roles["n_helps"][:, r] = 0 if ample_staff else len(role.helps)
        for h, (name, kinds) in enumerate(role.helps.items()):
            roles["help_pool"][:, r, h] = names.index(name)
            roles["help_kinds"][:, r, h] = sum(3 << 2 * KINDS.index(kind) for kind in kinds)
    return roles


def plan_days(service: Service, calendar: Calendar, staff: Floats, ample_staff: bool) -> Records:
    """Return the working days and the places for open cases."""
    days = np.zeros(len(calendar.is_working), DAYS)
    working_day = np.flatnonzero(calendar.is_working)
    days["working_index"] = np.concatenate([[0], np.cumsum(calendar.is_working)[:-1]])
    days["working_day"] = working_day[-1]
    days["working_day"][: working_day.size] = working_day
    role = service.staff[service.support.casework.role]
    places = fte_by_day(role, calendar.days) * (role.caseload_cap or 0)
    days["slots"][: len(places)] = _AMPLE_SLOTS if ample_staff else np.floor(places + 1e-9).astype(np.int64)
    return days


def restaffed(unit: Plan, fte: Sequence[float], casework: int, cap: int) -> Plan:
    """Return a plan with other staff, the same all through the year; its numbers may then be changed.

    Parameters
    ----------
    unit : Plan
        With one full-time worker in every role, whose working days stay as they are.
    fte : sequence of float
        By role.
    casework : int
        The role that holds cases.
    cap : int
        Open cases of a full-time worker of that role.
    """
    staff, roles, days = unit.staff * np.asarray(fte, np.float64), unit.roles.copy(), unit.days.copy()
    numbers = unit.numbers.copy()
    workers = np.ceil(staff.max(axis=0)).astype(np.int64)
    roles["first_worker"] = np.concatenate([[0], workers.cumsum()[:-1]])
    days["slots"][: len(staff)] = int(np.floor(fte[casework] * cap + 1e-9))
    return unit._replace(numbers=numbers, staff=staff, roles=roles, days=days)

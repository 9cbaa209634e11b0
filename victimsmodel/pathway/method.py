"""A contact method attempt by attempt: when, how many are reached, what it takes, what one more adds.

Everything is exact and per referral that passes screening: exclusions and victims unsafe to contact
are left out, victims without usable details are in. Nobody waits for staff.

What the n-th attempt adds is the reach of the method cut off after n attempts, less its reach when
cut off after n - 1. Attempts before the n-th are the same in both, so that what it costs is what is
spent on it; what is added sums to the reach of the whole method.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import Points, check_seed, draw_points, values_of
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario, method_of
from victimsmodel.pathway.arrays import MOST_WAIT_DAYS
from victimsmodel.pathway.method_chances import Found, contact_found, days_due, of_group
from victimsmodel.pathway.plan import Plans, build_plans
from victimsmodel.pathway.plan_staff import pay_of_post

_DAYS = 60  # in the table of days, or so many after the last attempt:
_DAYS_AFTER = 14
_RANGE = (0.05, 0.95)
_WEEKS_PER_YEAR = 365.25 / 7
_MINUTES_PER_HOUR = 60
_MOST_NAMES_LISTED = 10


class MethodCurve(NamedTuple):
    """The contact methods of an option: tidy tables, one row for what the first columns name."""

    groups: pd.DataFrame  # option, group: its method, referrals a year, what the whole method does
    attempts: pd.DataFrame  # option, group, attempt: when, how, how many, at what cost
    days: pd.DataFrame  # option, group, day: share of referrals contacted by then


def method_curve(
    scenario: Scenario,
    option: str = BUSINESS_AS_USUAL,
    group: str | None = None,
    n_draws: int = 1,
    seed: int = 1,
) -> MethodCurve:
    """Return what each attempt of an option's contact methods does and costs; no sampling error.

    All is per referral that passes screening: exclusions and victims unsafe to contact are left
    out, victims without usable details are in. Staff are ample, so that attempts are made when they
    fall due.

    Parameters
    ----------
    scenario : Scenario
    option : str
        A key of ``scenario.options``.
    group : str, optional
        Name of a group; all groups by default.
    n_draws : int
        Samples of the uncertain inputs; 1 puts every input at its median.
    seed : int
        Of the samples: the same that `simulate` takes.

    Returns
    -------
    MethodCurve
        ``groups``: option, group, title, method, method_title, referrals_per_year, need (share in
        need), reach (share contacted), attempts (made), staff_minutes, cost_gbp, cost_per_contact_gbp.

        ``attempts``: option, group, method, attempt (from 1), channel, role and window (missing where
        there is none), after_working_days, calendar_day (mean days from the referral until it falls
        due, with details for every channel), made (chance), success (chance, given that it is made,
        of contact or of a reply in time to come), reach (share contacted in the end if the method
        stopped here), staff_minutes, cost_gbp (of this attempt), contacts_per_100 (additional contacts
        per 100 referrals), cost_per_contact_gbp, contacts_in_need_per_100,
        cost_per_contact_in_need_gbp.

        ``days``: option, group, day (calendar days since the referral: 0 to 60, or to two weeks after
        the last attempt), reach.

        With more than one draw every number that depends on an uncertain input is a mean (a cost per
        contact a ratio of means) and has columns ``..._low`` and ``..._high``, its 5th and 95th
        percentile.

    Raises
    ------
    InputError
        For an unknown option or group, or numbers out of range.

    Notes
    -----
    A minute costs what a full-time worker costs divided by productive minutes: contracted hours in
    52.18 weeks, less shrinkage, times occupancy. The assessment on the same call is no cost of
    contact, nor is the information sent when nobody was reached (`fallback`).
    """
    _check(scenario, option, group, n_draws, seed)
    points = draw_points(scenario, n_draws, seed)
    plans = build_plans(scenario, option, points, ample_staff=True)
    chosen = [g for g, known in enumerate(scenario.groups) if group in (None, known.name)]
    found = contact_found(plans, chosen)
    attempts = [
        _attempt_rows(scenario, option, plans, points, g, of_group(found, i)) for i, g in enumerate(chosen)
    ]
    labels = [{"option": option, "group": scenario.groups[g].name} for g in chosen]
    last = max(
        [0.0, *(row["calendar_day"] for rows in attempts for row, _ in rows if row["calendar_day"] > 0)]
    )
    n_days = min(max(_DAYS, int(last) + _DAYS_AFTER) + 1, MOST_WAIT_DAYS)
    by_day = [
        {**label, "day": day, **_summary({"reach": found.by_day[:, i, day]})}
        for i, label in enumerate(labels)
        for day in range(n_days)
    ]
    whole = [_group_row(scenario, option, g, of_group(found, i), attempts[i]) for i, g in enumerate(chosen)]
    spread = [{**row, **_summary(numbers)} for rows in attempts for row, numbers in rows]
    return MethodCurve(pd.DataFrame(whole), pd.DataFrame(spread), pd.DataFrame(by_day))


_Row = tuple[dict[str, Any], dict[str, Any]]  # what is fixed; what depends on the draw


def _attempt_rows(
    scenario: Scenario, option: str, plans: Plans, points: Points, g: int, found: Found
) -> list[_Row]:
    """Return a row for each attempt of a group's method."""
    values = values_of(scenario.options[option].service, points)
    contact, group = scenario.options[option].service.contact, scenario.groups[g]
    name, record, numbers = method_of(contact, group), plans.groups[0, g], plans.numbers
    days = days_due(plans, record)
    rows = []
    for n, attempt in enumerate(contact.methods[name].attempts):
        fixed = {"option": option, "group": group.name, "method": name, "attempt": n + 1}
        fixed |= {"channel": attempt.channel, "role": attempt.role, "window": attempt.window}
        fixed |= {"after_working_days": attempt.after_working_days, "calendar_day": days[n]}
        made, c = found.made[:, n], int(record["channel"][n])
        answered = found.reached[:, n] * numbers["spoken"][:, c]
        minutes = answered * numbers["minutes_reached"][:, c]
        minutes = minutes + (made - answered) * numbers["minutes_attempt"][:, c]
        price, unit_cost = 0.0, values.contact.channels[attempt.channel].unit_cost
        if attempt.role is None:
            minutes = np.zeros_like(minutes)
        else:
            price = cost_per_minute(values.staff[attempt.role])
        cost = minutes * price + made * (0.0 if unit_cost is None else unit_cost)
        gained, in_need = (100 * np.diff(r)[:, n] for r in (found.reach, found.reach_in_need))
        numbers_of = {
            "made": made,
            "success": (found.reached[:, n], made),
            "reach": found.reach[:, n + 1],
            "staff_minutes": minutes,
            "cost_gbp": cost,
            "contacts_per_100": gained,
            "cost_per_contact_gbp": (100 * cost, gained),
            "contacts_in_need_per_100": in_need,
            "cost_per_contact_in_need_gbp": (100 * cost, in_need),
        }
        rows.append((fixed, numbers_of))
    return rows


def _group_row(scenario: Scenario, option: str, g: int, found: Found, attempts: list[_Row]) -> dict[str, Any]:
    """Return what a group's whole method does."""
    group, contact = scenario.groups[g], scenario.options[option].service.contact
    name = method_of(contact, group)
    reach = found.reach[:, -1]
    minutes, cost = (sum(own[key] for _, own in attempts) for key in ("staff_minutes", "cost_gbp"))
    fixed = {"option": option, "group": group.name, "title": group.title}
    fixed |= {"method": name, "method_title": contact.methods[name].title}
    return fixed | _summary(
        {
            "referrals_per_year": found.referrals / scenario.period.years,
            "need": found.need,
            "reach": reach,
            "attempts": found.made.sum(axis=1),
            "staff_minutes": minutes,
            "cost_gbp": cost,
            "cost_per_contact_gbp": (cost, reach),
        }
    )


def cost_per_minute(role: Any) -> Any:
    """Return what a productive minute of a role costs, in GBP; the role's numbers may be arrays."""
    contracted = role.hours_per_week * _WEEKS_PER_YEAR * _MINUTES_PER_HOUR
    return pay_of_post(role) / (contracted * (1 - role.shrinkage) * role.occupancy)


def _summary(numbers: Mapping[str, Any]) -> dict[str, float]:
    """Return the mean over the draws of each number, or ratio of two, and its 5th and 95th percentile."""
    found: dict[str, float] = {}
    for name, value in numbers.items():
        over, under = value if isinstance(value, tuple) else (value, np.ones_like(value))
        by_draw = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
        found[name] = float(over.mean() / under.mean()) if under.mean() > 0 else float("nan")
        if len(by_draw) > 1:
            low, high = np.nanquantile(by_draw, _RANGE) if under.any() else (np.nan, np.nan)
            found[f"{name}_low"], found[f"{name}_high"] = float(low), float(high)
    return found


def _check(scenario: Scenario, option: str, group: str | None, n_draws: int, seed: int) -> None:
    _check_name("option", option, list(scenario.options), scenario)
    if group is not None:
        _check_name("group", group, [known.name for known in scenario.groups], scenario)
    if n_draws < 1:
        raise input_error("method_curve", "must be at least 1", "VM031", field="n_draws", value=str(n_draws))
    check_seed(seed)


def _check_name(noun: str, name: str, known: list[str], scenario: Scenario) -> None:
    if name not in known:
        hint = did_you_mean(name, known)
        listed = "" if hint and len(known) > _MOST_NAMES_LISTED else f" (known: {', '.join(known)})"
        article = "an" if noun[0] in "aeiou" else "a"
        allowed = f"is not {article} {noun} of {scenario.name}{listed}"
        raise input_error(noun, allowed, "VM030", field=name, hint=hint)

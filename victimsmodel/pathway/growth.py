"""Queues that nobody leaves: refused where more work comes than staff can do, unless that is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.draws import Points, draw_points
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Option, Period, Scenario
from victimsmodel.inputs.service import SPOKEN_CHANNELS, Service
from victimsmodel.inputs.stated_place import Stated
from victimsmodel.pathway.arrays import ENTER_REFERRED, Floats
from victimsmodel.records import STAGES, TASKS

_DAYS_A_WEEK, _WORKING_DAYS_A_WEEK = 7, 5
_WEEKS_A_YEAR, _MINUTES_AN_HOUR = 52, 60
#: Patience of half a year, or of half a longer period, empties no queue within it (a choice).
_PART_OF_PERIOD, _HALF_A_YEAR = 0.5, 182
#: The quick bound is trusted below this load; bank holidays and staff from a later date are not in it.
_SURELY_ENOUGH = 0.9
_SMALLEST = 1e-9
_LEVER = "levers."  # before the name of a lever that is looked at as an option
_TITLES = {
    "attempt": "attempts",
    "assessment": "assessments",
    "practical": "practical support",
    "casework": "casework",
    "specialist": "referrals on",
}
_TASK_OF = {
    "call_back": "assessment",
    "assessment": "assessment",
    "casework": "casework",
    "practical": "practical",
    "specialist": "specialist",
    "first_attempt": "attempt",
    "attempt": "attempt",
}


class Overload(NamedTuple):
    """A role whose queue would grow without end: more work that nobody leaves than minutes or places."""

    option: str
    role: str
    fte: float  # mean of the evaluated period
    rho: float  # load over capacity, per unit of time
    needed: float  # full-time workers at which the load is 1
    work: str


def check_growth(
    scenario: Scenario, options: Iterable[str] | None = None, stated: Stated | None = None
) -> None:
    """Refuse options in which a queue that nobody leaves would grow without end.

    Parameters
    ----------
    scenario : Scenario
    options : iterable of str, optional
        Names of options, and of levers as `lever_names` gives them; all of them by default.
    stated : Stated, optional
        What the scenario was loaded from: the message then names file and line of the staff in post.

    Raises
    ------
    InputError
        VM290 for each option and role, with the load and the capacity needed, unless the scenario
        states ``allow_growth: true``. A lever is named only for a role that business as usual does not
        overload already.
    """
    if not scenario.allow_growth:
        found = overloads(scenario, options)
        usual = {overload.role for overload in found if overload.option == BUSINESS_AS_USUAL}
        named = [each for each in found if not (each.option.startswith(_LEVER) and each.role in usual)]
        problems = [_problem(scenario, overload, stated) for overload in named]
        if problems:
            raise InputError(problems)


def overloads(scenario: Scenario, options: Iterable[str] | None = None) -> list[Overload]:
    """Return the roles, by option, that get more work than they can do and that nobody leaves.

    The load is that of the exact engine at the inputs' medians: victims of the evaluated period times
    the minutes they take, over the productive minutes of the period. Counted is what has no patience:
    assessments of those who replied, or who came by another way than the role's own calls, since calls
    that are given up bring no assessments; and attempts or support whose patience is half a year or
    longer. The engine is asked only where a rough bound does not settle it. Levers are looked at as
    options of their own, whose names are those of `lever_names`.
    """
    scenario = _with_levers(scenario)
    chosen = scenario.options if options is None else options
    asked = [name for name in chosen if not _is_surely_enough(scenario, scenario.options[name])]
    return [overload for name in asked for overload in _overloads(scenario, name)]


def lever_names(scenario: Scenario) -> list[str]:
    """Return the names under which the levers of a scenario are looked at, beside its options."""
    return [f"{_LEVER}{name}" for name in scenario.levers]


def _with_levers(scenario: Scenario) -> Scenario:
    """Return the scenario with each lever, put to business as usual, as a further option."""
    if not scenario.levers:
        return scenario
    made = (
        Option.model_construct(title=lever.title, summary="", service=lever.improved)
        for lever in scenario.levers.values()
    )
    options = {**scenario.options, **dict(zip(lever_names(scenario), made, strict=True))}
    return scenario.model_copy(update={"options": options})


def growth_words(overload: Overload) -> str:
    """Return what an overload means, as a clause."""
    kind = "lever" if overload.option.startswith(_LEVER) else "option"
    return (
        f"{overload.work} of {kind} {overload.option.removeprefix(_LEVER)} would wait ever longer for "
        f"{overload.role}, and nobody leaves that queue (rho = {rho_words(overload)}); more than "
        f"{overload.needed:.1f} full-time workers are needed"
    )


def rho_words(overload: Overload) -> str:
    """Return the load of an overload over what its staff can do."""
    return f"{overload.rho:.2f}" if math.isfinite(overload.rho) else "infinite"


def _problem(scenario: Scenario, overload: Overload, stated: Stated | None) -> Problem:
    name, usual = overload.option, f"staff.{overload.role}.fte"
    owner = name if name.startswith(_LEVER) else f"options.{name}"
    changed = usual if name == BUSINESS_AS_USUAL else f"{owner}.changes.{usual}"
    hint = "Let those who wait leave sooner, or state allow_growth: true."
    written = None if stated is None else stated.place(changed, usual)
    where, field = (scenario.name, changed) if written is None else written
    return Problem(where, field, f"{overload.fte:g}", growth_words(overload), "VM290", hint)


def _endless(service: Service, period: Period) -> tuple[bool, bool]:
    """Say whether attempts, and support, wait for longer than can matter within the period."""
    most = max(_PART_OF_PERIOD * period.days, _HALF_A_YEAR)
    attempts = service.contact.patience_working_days * _DAYS_A_WEEK / _WORKING_DAYS_A_WEEK
    return attempts >= most, service.support.casework.patience_days.centre >= most


def _is_surely_enough(scenario: Scenario, option: Any) -> bool:
    """Say whether the assessments that wait are few, by a bound that needs no engine.

    It takes each channel's first reach at every attempt, all victims, and staff at their fewest.
    """
    service, demand = option.service, scenario.demand
    if any(_endless(service, scenario.period)):
        return False
    contact, role = service.contact, service.staff[service.assessment.role]
    reach = [
        sum(_waiting_reach(service, attempt) for attempt in method.attempts)
        for method in contact.methods.values()
    ]
    coming = demand.victims_per_year.centre * service.referral.transferred.centre * min(1.0, max(reach))
    coming += sum(stream.victims_per_year.centre for stream in demand.streams.values())
    extra = sum(surge.victims.centre for surge in demand.surges.values())
    extra += sum(incident.exposed.centre * incident.uptake.centre for incident in demand.incidents.values())
    fewest = min([role.fte, *role.fte_from.values()])
    productive = (1 - role.shrinkage.centre) * role.occupancy.centre
    minutes = fewest * role.hours_per_week * _WEEKS_A_YEAR * _MINUTES_AN_HOUR * productive
    booked = service.assessment.booked
    missed = 0.0 if booked is None else booked.minutes_missed.centre * (booked.rebookings + 1)
    work = (coming + extra / scenario.period.years) * (service.assessment.minutes.centre + missed)
    return bool(work < _SURELY_ENOUGH * minutes)


def _waiting_reach(service: Service, attempt: Any) -> float:
    """Return the chance that an attempt brings an assessment that is not made at once by the caller."""
    if attempt.channel in SPOKEN_CHANNELS:
        is_own = attempt.role == service.assessment.role
        if is_own or service.assessment.same_call:
            return 0.0
        return 1.0
    return service.contact.channels[attempt.channel].reach.centre


def _overloads(scenario: Scenario, name: str) -> Iterator[Overload]:
    """Yield the overloads of an option from the exact engine, which is loaded here alone."""
    from victimsmodel.pathway.calendar import simulated_calendar
    from victimsmodel.pathway.plan_staff import fte_by_day
    from victimsmodel.pathway.predicting import productive_minutes

    service, period = scenario.options[name].service, scenario.period
    points = draw_points(scenario.model_copy(update={"posterior": None}), 1, 1)
    productive = productive_minutes(scenario, name, points)[0]
    minutes, held, places = _work(scenario, name, points)
    counted = slice(period.warm_up_days, period.warm_up_days + period.days)
    days = simulated_calendar(period, None).days[counted]
    for r, (role, own) in enumerate(service.staff.items()):
        fte = float(fte_by_day(own, days).mean())
        per_post = _per_post(scenario, name, role, points)[r]
        waits = {task: work for task, work in held[r].items() if work > 0}
        spare = sum(
            max(0.0, float(productive[h] - minutes[h].sum()))
            for h, helper in enumerate(service.staff.values())
            if any(_TASK_OF[kind] in waits for kind in helper.helps.get(role, ()))
        )
        needed = {"minutes": max(0.0, sum(waits.values()) - spare) / per_post}
        if role == service.support.casework.role and "casework" in waits:
            needed["places"] = places / (own.caseload_cap or 1)
        most = max(needed.values())
        if most > 0 and most >= fte:
            rho = most / fte if fte > 0 else math.inf
            yield Overload(name, role, fte, rho, most, " and ".join(_TITLES[task] for task in waits))


def _per_post(scenario: Scenario, name: str, role: str, points: Points) -> Floats:
    """Return the productive minutes that one full-time worker of a role gives in the evaluated period."""
    from victimsmodel.pathway.predicting import productive_minutes

    option = scenario.options[name]
    one = option.service.staff[role].model_copy(update={"fte": 1.0, "fte_from": {}})
    service = option.service.model_copy(update={"staff": {**option.service.staff, role: one}})
    options = {**scenario.options, name: option.model_copy(update={"service": service})}
    return productive_minutes(scenario.model_copy(update={"options": options}), name, points)[0]


def _work(scenario: Scenario, name: str, points: Points) -> tuple[Floats, list[dict[str, float]], float]:
    """Return minutes by role and task, those that nobody leaves, and the places of cases held at once."""
    from victimsmodel.pathway.expected import expected_counters
    from victimsmodel.pathway.plan import build_plans

    service, period = scenario.options[name].service, scenario.period
    plans = build_plans(scenario, name, points, ample_staff=True)
    found = expected_counters(plans, with_days=False)
    minutes = found.minutes[0, 0]
    attempts, support = _endless(service, period)
    held: list[dict[str, float]] = [{} for _ in service.staff]
    for r, role in enumerate(service.staff):
        for t, task in enumerate(TASKS):
            is_held = attempts if task in ("attempt", "assessment") else support
            if is_held:
                held[r][task] = float(minutes[r, t])
        if role == service.assessment.role and not attempts:
            held[r]["assessment"] = _waiting_assessments(service, plans, minutes, r)
    casework = service.support.casework
    accepted = found.funnel[0, 0, :, 0, STAGES.index("accepted")].sum()
    cases = accepted * service.support.casework_share.centre
    sessions = minutes[:, TASKS.index("casework")].sum() / max(cases * casework.minutes.centre, _SMALLEST)
    stay = max(sessions - 1, 0) * casework.interval_working_days * _DAYS_A_WEEK / _WORKING_DAYS_A_WEEK
    return minutes, held, float(cases * (stay + 1) / period.days)


def _waiting_assessments(service: Service, plans: Any, minutes: Floats, r: int) -> float:
    """Return the minutes of assessments that wait and are not brought by the role's own calls."""
    from victimsmodel.pathway.expected import expected_counters

    t = TASKS.index("assessment")
    callers = {
        attempt.role
        for method in service.contact.methods.values()
        for attempt in method.attempts
        if attempt.channel in SPOKEN_CHANNELS
    }
    if service.assessment.role not in callers:
        return float(minutes[r, t])
    late = plans.sources["entry"][0] > ENTER_REFERRED
    numbers = plans.numbers.copy()
    numbers["consent"][numbers["consent_at_report"] == 1] = 1.0
    numbers["consent_at_report"] = 0
    numbers["consent"] *= 1 - numbers["spoken"][:, None, :]  # nobody whom a call reached goes on
    written = expected_counters(replace(plans, numbers=numbers, sources=plans.sources[:, ~late]), False)
    others = 0.0
    if late.any():
        others = expected_counters(replace(plans, sources=plans.sources[:, late]), False).minutes[0, 0, r, t]
    return float(written.minutes[0, 0, r, t] + others)

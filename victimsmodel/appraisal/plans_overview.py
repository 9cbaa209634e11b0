"""The plans that a scenario asks for, as an evaluation keeps them; a first guess where there is no time."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from victimsmodel.appraisal.closed_staffing import closed_lines, closed_staff
from victimsmodel.appraisal.grants import GrantPlan, plan_for_grant
from victimsmodel.appraisal.priced import central_pay
from victimsmodel.appraisal.staffing import Report, StandardsPlan, plan_for_standards
from victimsmodel.appraisal.standards import counted_in_working_days, parse_standards
from victimsmodel.appraisal.surges import situations
from victimsmodel.appraisal.trial_years import TrialYears
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.plans import Plans
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.results import Progress


class Made(NamedTuple):
    """The plans of a scenario; None where it asks for none, or only a first guess was wanted."""

    staff: StandardsPlan | None
    grants: GrantPlan | None
    tables: dict[str, pd.DataFrame]


def make_plans(scenario: Scenario, is_thorough: bool, seed: int, on_progress: Progress | None = None) -> Made:
    """Return the plans that a scenario asks for in its section ``plans``.

    Parameters
    ----------
    scenario : Scenario
    is_thorough : bool
        Whether plans are searched for, by simulation; without, there is only the first guess.
    seed : int
    on_progress : callable, optional

    Returns
    -------
    Made
        Tables, with standards: plan_first_guess and, thoroughly, plan_staff, plan_standards, plan_summary
        and plan_curve of `StandardsPlan`; with grants, thoroughly: plan_grants, plan_mix, plan_contenders,
        plan_frontier and plan_options of `GrantPlan`.
    """
    stated = scenario.plans
    if stated is None:
        return Made(None, None, {})
    tables = {"plan_first_guess": first_guess(scenario, seed)} if stated.standards else {}
    if not is_thorough:
        return Made(None, None, tables)

    def report(what: str, done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(done, total)

    staff = _staff(scenario, stated, seed, report) if stated.standards else None
    grants = None
    if stated.grants:
        grants = plan_for_grant(
            scenario, stated.amounts, confidence=stated.confidence, seed=seed, report=report
        )
    if staff is not None:
        found = {name: getattr(staff, name) for name in ("staff", "standards", "summary", "curve")}
        tables |= {f"plan_{name}": table.assign(option=staff.option) for name, table in found.items()}
    if grants is not None:
        parts = ("grants", "mix", "contenders", "frontier", "options")
        tables |= {f"plan_{name}": getattr(grants, name) for name in parts}
    return Made(staff, grants, tables)


def _staff(scenario: Scenario, stated: Plans, seed: int, report: Report) -> StandardsPlan:
    surge = None if stated.surge_percent is None else stated.surge_percent / 100
    return plan_for_standards(
        scenario,
        stated.standards,
        stated.option,
        confidence=stated.confidence,
        surge=surge,
        seed=seed,
        report=report,
    )


def first_guess(scenario: Scenario, seed: int = 1) -> pd.DataFrame:
    """Return the staff that Erlang's closed forms take for the standards that a scenario plans for.

    All inputs at their medians, a steady flow, each kind of work in a line of its own: a first guess, which
    knows no weekends, seasons, priorities, repeated attempts or doubt about the inputs.

    Parameters
    ----------
    scenario : Scenario
        With standards under ``plans``.
    seed : int

    Returns
    -------
    DataFrame
        Columns option, role, title, fte_now, busy_fte (staff whom the expected work keeps busy),
        closed_form_fte (missing where no standard has a closed form), cost_gbp (a year of the larger one).
    """
    assert scenario.plans is not None
    option, standards = scenario.plans.option, parse_standards(scenario.plans.standards)
    quiet = situations(scenario, None)[0].scenario
    working = counted_in_working_days(standards)
    centre = TrialYears(quiet, option, draw_points(quiet, 1, seed), seed, working)
    closed = closed_staff(closed_lines(centre), standards, centre)
    pay, roles = central_pay(scenario, option), centre.service.staff
    table = pd.DataFrame(
        {
            "option": option,
            "role": list(roles),
            "title": [role.title for role in roles.values()],
            "fte_now": centre.staff_now,
            "busy_fte": centre.loads([0])[0],
            "closed_form_fte": closed,
        }
    )
    taken = table[["busy_fte", "closed_form_fte"]].max(axis=1)
    return table.assign(cost_gbp=taken * table["role"].map(pay) * scenario.period.years)

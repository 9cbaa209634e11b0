"""The plans that are measured: the West Midlands scenario in other sizes, staffed to match."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Output, Plan, Workspace
from victimsmodel.pathway.kernel import DONE, run_year
from victimsmodel.pathway.memory import new_output, new_workspace
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.queues import cleared
from victimsmodel.rng import replication_key

PARAMETERS = Path(__file__).parents[1] / "parameters"
SCENARIO = PARAMETERS / "west-midlands.yaml"
EVERY_FEATURE = PARAMETERS / "every-feature.yaml"
VICTIMS = 168_000
OPTION, OVERLOADED = "business_as_usual", "phone_first"


def scenario_of(
    victims: int = VICTIMS,
    *,
    staff_for: int | None = None,
    steps: int | None = None,
    is_bare_year: bool = True,
) -> Scenario:
    """Return the scenario in another size.

    Parameters
    ----------
    victims : int
        A year.
    staff_for : int, optional
        Victims that the staff would suffice for as today; as many as come by default.
    steps : int, optional
        Of a day; as in the scenario by default.
    is_bare_year : bool
        Leave out warm-up and run-out: one year and nothing else.

    Returns
    -------
    Scenario
    """
    changes: dict[str, object] = {"demand.victims_per_year": victims}
    share = (staff_for or victims) / VICTIMS
    for name, role in load_scenario(SCENARIO).options[OPTION].service.staff.items():
        changes[f"staff.{name}.fte"] = round(role.fte * share, 9)
    if steps is not None:
        changes["period.steps_per_day"] = steps
    if is_bare_year:
        changes |= {"period.warm_up_days": 0, "period.run_out_days": 0}
    return load_scenario(SCENARIO, changes)


def plan_of(scenario: Scenario, option: str = OPTION, *, ample_staff: bool = False) -> Plan:
    """Return the plan of an option with every input at its median.

    Parameters
    ----------
    scenario : Scenario
    option : str
    ample_staff : bool

    Returns
    -------
    Plan
    """
    return build_plans(scenario, option, draw_points(scenario, 1, 0), ample_staff=ample_staff)[0]


def replicate(plan: Plan, replication: int, work: Workspace | None = None) -> Output:
    """Run the kernel once.

    Parameters
    ----------
    plan : Plan
    replication : int
    work : Workspace, optional
        A new one by default.

    Returns
    -------
    Output
    """
    out = new_output(plan)
    key = np.uint64(replication_key(1, replication))
    if run_year(plan, key, cleared(work or new_workspace(plan)), out) != DONE:
        raise RuntimeError("the workspace is too small for this plan")
    return out


def without_limit(plan: Plan) -> Plan:
    """Return a plan in which caseworkers may have any number of open cases.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Plan
    """
    days = plan.days.copy()
    days["slots"] = 2**30
    return plan._replace(days=days)

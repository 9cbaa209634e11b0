"""What the page shows of an option: the same measures of exact counters and of simulated years."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from victimsmodel.explorer.rates import cost_rates, staff_minutes
from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.results import Counters
from victimsmodel.records import EXITS, STAGES, WAITS
from victimsmodel.reporting.words import STAGE_TITLES, WAIT_MEANINGS, role_title

Panel = Literal["funnel", "waits", "staff", "cost"]
#: Stages of the funnel that a workshop looks at.
_STAGES = ("victims", "referred", "contacted", "assessed", "supported")
_WAITS = {"first_attempt": "First attempt", "contact": "Contact", "support": "Support begun"}
_SUPPORTED, _IN_NEED = STAGES.index("supported"), STAGES.index("in_need")


class Row(NamedTuple):
    """One line of the page: a measure of every option."""

    name: str
    title: str
    panel: Panel
    form: Literal["count", "share", "pounds"]
    scale: str  # rows with the same scale are drawn to the same length
    full: float = 0.0  # what the scale reaches at least
    limit: float | None = None  # a mark on the scale: the grant, all of the time
    note: str = ""


def rows_of(scenario: Scenario) -> tuple[Row, ...]:
    """Return the lines of the page, in order."""
    standards, waits = scenario.standards, []
    for wait in WAITS:
        days = getattr(standards, f"{wait}_days")
        title = _WAITS[wait]
        note = WAIT_MEANINGS[wait]
        waits.append(
            Row(f"within_{wait}", f"{title} within {days} days", "waits", "share", "share", 1, None, note)
        )
    roles = [
        Row(f"load.{role}", role_title(role, scenario), "staff", "share", "load", 1, 1.0)
        for role in scenario.staff
    ]
    funnel = [Row(stage, STAGE_TITLES[stage], "funnel", "count", "victims") for stage in _STAGES]
    coverage = "Coverage: victims in need who are supported"
    grant = scenario.grant_gbp
    return (
        *funnel,
        Row("supported_in_need", "Victims in need supported", "funnel", "count", "supported"),
        Row("coverage", coverage, "funnel", "share", "coverage"),
        *waits,
        Row("reneged", "Closed or left while waiting", "waits", "count", "reneged"),
        *roles,
        Row("cost", "Cost of the year", "cost", "pounds", "cost", grant, grant),
        Row("cost_per_supported_in_need", "Cost per victim in need supported", "cost", "pounds", "each"),
    )


def measured(scenario: Scenario, option: str, counters: Counters, points: Points) -> dict[str, Floats]:
    """Return every measure of an option, by replication.

    Parameters
    ----------
    scenario : Scenario
    option : str
    counters : Counters
        Of one draw, from either engine; dimensions draw and replication first.
    points : dict of str to ndarray, shape (1,)

    Returns
    -------
    dict of str to ndarray, shape (n_replications,)
        By the names of the rows; what the exact engine cannot say is missing. ``load`` is the work that
        would come over the time that staff can give, or the part of that time that is used.
    """
    stages = counters.funnel[0].sum(axis=1).astype(np.float64)  # (n_replications, 2 who, n_stages)
    found: dict[str, Floats] = {stage: stages[:, 0, STAGES.index(stage)] for stage in _STAGES}
    found["supported_in_need"] = stages[:, 1, _SUPPORTED]
    in_need = stages[:, 1, _IN_NEED]
    found["coverage"] = stages[:, 1, _SUPPORTED] / np.where(in_need > 0, in_need, np.nan)
    found |= _waits(scenario, counters)
    found |= _loads(scenario, option, counters, points)
    found["cost"] = _cost(scenario, option, counters, points)
    supported = found["supported_in_need"]
    found["cost_per_supported_in_need"] = found["cost"] / np.where(supported > 0, supported, np.nan)
    return found


def _waits(scenario: Scenario, counters: Counters) -> dict[str, Floats]:
    """Return shares within the standards; without queues, only contact takes any time."""
    if counters.waits is None:
        return {}
    is_exact = counters.available is None
    found = {}
    for w, wait in enumerate(WAITS):
        if is_exact and wait != "contact":
            continue
        days = counters.waits[0, :, :, w].sum(axis=1)  # (n_replications, n_days)
        within = days[:, : getattr(scenario.standards, f"{wait}_days") + 1].sum(axis=1)
        n = days.sum(axis=1)
        found[f"within_{wait}"] = within / np.where(n > 0, n, np.nan)
    reneged = counters.exits[0, :, :, 0, EXITS.index("reneged")].sum(axis=1)
    return found if is_exact else found | {"reneged": reneged.astype(np.float64)}


def _loads(scenario: Scenario, option: str, counters: Counters, points: Points) -> dict[str, Floats]:
    used = counters.minutes[0].sum(axis=-1)  # (n_replications, n_roles)
    able = staff_minutes(scenario, option, points) if counters.available is None else counters.available[0]
    share = used / np.where(able > 0, able, np.nan)
    return {f"load.{role}": share[:, r] for r, role in enumerate(scenario.options[option].service.staff)}


def _cost(scenario: Scenario, option: str, counters: Counters, points: Points) -> Floats:
    rates = cost_rates(scenario, option, points)
    cases = rates.supported * counters.funnel[0, :, :, 0, _SUPPORTED].sum(axis=1)
    attempts = (rates.attempt * counters.attempts[0, ..., 0]).sum(axis=(1, 2))
    informed = (rates.informed * counters.informed[0]).sum(axis=1)
    return np.asarray(rates.in_any_case + cases + attempts + informed)

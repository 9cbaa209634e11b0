"""The years in which plans are tried: every plan meets the same victims in the same draws of the inputs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Ints
from victimsmodel.pathway.pieces import Piece, others
from victimsmodel.pathway.plan import Plans, build_plans
from victimsmodel.pathway.plan_numbers import DAYS_PER_YEAR
from victimsmodel.pathway.plan_staff import restaffed
from victimsmodel.pathway.results import Counters
from victimsmodel.pathway.simulate import run_piece
from victimsmodel.records import STAGES, TASKS

Floats = NDArray[np.float64]
#: Full-time workers by role, in the order of the option's staff.
Staff = tuple[float, ...]

_CALENDAR_DAYS_PER_WORKING_DAY = 7 / 5


@dataclass(frozen=True)
class TrialYears:
    """One option's years: each is one draw of the uncertain inputs and one repetition of the year in it.

    Years are what a service meets: they differ by what is not known and by chance. A year's victims are
    those that `simulate` meets in the same draw, seed and first replication.
    """

    scenario: Scenario
    option: str
    points: Points
    seed: int
    working_waits: Ints | None = None  # by wait, 1: counted in working days
    volume: float = 1.0  # victims relative to the scenario's
    _memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n_years(self) -> int:
        """Number of years that there are."""
        return int(next(iter(self.points.values())).size)

    @property
    def service(self) -> Any:
        """The option's service as the scenario states it."""
        return self.scenario.options[self.option].service

    @property
    def roles(self) -> tuple[str, ...]:
        """Names of the roles."""
        return tuple(self.service.staff)

    @property
    def staff_now(self) -> Staff:
        """Full-time workers that the scenario states, before any change by date."""
        return tuple(float(role.fte) for role in self.service.staff.values())

    def staffed(self, staff: Staff, places: Mapping[str, float] | None = None) -> Scenario:
        """Return the scenario with this staff in the option, and places in specialist services."""
        service = self.service
        roles = {
            name: role.model_copy(update={"fte": fte, "fte_from": {}})
            for (name, role), fte in zip(service.staff.items(), staff, strict=True)
        }
        specialist = service.support.specialist
        services = {
            name: one.model_copy(update={"places_per_year": (places or {}).get(name, one.places_per_year)})
            for name, one in specialist.services.items()
        }
        specialist = specialist.model_copy(update={"services": services})
        support = service.support.model_copy(update={"specialist": specialist})
        option = self.scenario.options[self.option]
        service = service.model_copy(update={"staff": roles, "support": support})
        changed = option.model_copy(update={"service": service})
        return self.scenario.model_copy(update={"options": {**self.scenario.options, self.option: changed}})

    def run(
        self, staff: Staff, years: Sequence[int], places: Mapping[str, float] | None = None
    ) -> Iterator[Counters]:
        """Simulate years with this staff; yield the counters of each year in order."""
        casework = self.service.support.casework.role
        which, cap = self.roles.index(casework), self.service.staff[casework].caseload_cap or 0
        plans = self._plans(False)
        changed = [restaffed(plans[year], staff, which, cap) for year in years]
        services = list(self.service.support.specialist.services)
        for name, number in (places or {}).items():
            for plan in changed:
                plan.numbers["service_places"][:, services.index(name)] = number / DAYS_PER_YEAR
        yield from self._simulated(changed, years)

    def ample(self, years: Sequence[int]) -> list[Counters]:
        """Return the counters of years in which nobody waits for staff or places; each is run once."""
        known = self._memo.setdefault("ample_runs", {})
        missing = [year for year in years if year not in known]
        plans = self._plans(True)
        known.update(zip(missing, self._simulated([plans[year] for year in missing], missing), strict=True))
        return [known[year] for year in years]

    def _plans(self, ample: bool) -> Plans:
        """Return the plans of all years, with a full-time worker in each role or with ample staff."""
        key = "ample_plans" if ample else "plans"
        if key not in self._memo:
            one_each = self.staffed((1.0,) * len(self.roles))
            plans = build_plans(one_each, self.option, self.points, ample_staff=ample)
            plans.sources["per_day"] *= self.volume
            if self.working_waits is not None:
                plans.numbers["working_waits"] = self.working_waits
            self._memo[key] = plans
        found: Plans = self._memo[key]
        return found

    def _simulated(self, plans: Sequence[Any], years: Sequence[int]) -> Iterator[Counters]:
        pieces = [
            Piece(self.option, plan, self.seed, range(1), year, left_out=("daily",))
            for plan, year in zip(plans, years, strict=True)
        ]
        compute = others()
        made = _threads().map(run_piece, pieces) if compute is None else compute(pieces)
        for counters in made:
            yield Counters._make(None if part is None else part[0] for part in counters)

    def loads(self, years: Sequence[int]) -> Floats:
        """Return the staff that the work of each year would keep busy, shape (n_years, n_roles).

        In full-time workers; for the holders of cases also as places, whichever is more.
        """
        ample = self.ample(years)
        plans, service = self._plans(False), self.service
        casework = service.support.casework
        which, cap = self.roles.index(casework.role), service.staff[casework.role].caseload_cap
        found = np.zeros((len(years), len(self.roles)))
        for i, (year, made) in enumerate(zip(years, ample, strict=True)):
            found[i] = made.minutes.sum(axis=1) / self.minutes_of_one(year)
            if cap:
                cases, days = cases_of(made, plans[year], casework.interval_working_days)
                found[i, which] = max(found[i, which], cases * days / DAYS_PER_YEAR / cap)
        return found

    def minutes_of_one(self, year: int) -> Floats:
        """Return the productive minutes of a full-time worker of each role in the counted days."""
        plan = self._plans(False)[year]
        first, last = int(plan.numbers["first_day"][0]), int(plan.numbers["last_day"][0])
        return np.asarray(plan.staff[first:last].sum(axis=0) * plan.roles["minutes"])

    def plan_of(self, year: int) -> Any:
        """Return the arrays of a year, with one full-time worker in each role."""
        return self._plans(False)[year]


@cache
def _threads() -> ThreadPoolExecutor:
    """Return the threads that all years run in; they are kept, because each holds memory for a year."""
    return ThreadPoolExecutor(os.cpu_count())


def cases_of(made: Counters, plan: Any, interval: int) -> tuple[float, float]:
    """Return the cases that begin in a year, and the calendar days that one holds its place on average."""
    accepted = float(made.funnel[:, 0, STAGES.index("accepted")].sum())
    cases = accepted * float(plan.numbers["casework_share"][0])
    minutes = float(made.minutes[:, TASKS.index("casework")].sum())
    sessions = minutes / float(plan.numbers["casework_minutes"][0]) / cases if cases else 0.0
    return cases, max(sessions - 1, 0.0) * interval * _CALENDAR_DAYS_PER_WORKING_DAY + 1

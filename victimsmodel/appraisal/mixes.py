"""What a grant can be spent on: mixes of staff and of places in specialist services, and what they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from victimsmodel.appraisal.costs import is_bought, moving_costs
from victimsmodel.appraisal.priced import priced_service
from victimsmodel.appraisal.trial_years import Floats, TrialYears
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.plan_staff import pay_of_post
from victimsmodel.pathway.results import Counters, attempts_by_channel
from victimsmodel.pathway.simulate import stacked
from victimsmodel.records import STAGES, TASKS

#: Amounts of all levers in whole steps: staff by role, then places by service.
Mix = tuple[int, ...]

#: Support of each of these kinds that must be given, of what was agreed, in an average year: a choice.
LEAST_GIVEN = 0.9
_MOST_LOAD = 1.5  # of the work there is in the heaviest year: more staff would have nothing to do
_PLACES_STEPS = 20  # a service's places are varied in twentieths of what the scenario states


class Lever(NamedTuple):
    """Something to spend on."""

    name: str
    title: str
    is_role: bool
    step: float  # full-time workers, or places a year
    now: float
    prices: Floats  # GBP a year of one step, by year


class Tried(NamedTuple):
    """What a mix does in some years; shape (n_years,)."""

    supported: Floats  # victims in need
    cost: Floats  # GBP
    given: Floats  # (n_years, n_kinds) support that is given of what was agreed


class Mixes:
    """Memory of what each mix of one option does in each year."""

    def __init__(self, years: TrialYears, step: float, report: Callable[[int], None] | None = None) -> None:
        self.years, self._report = years, report
        self.n_roles = len(years.roles)
        self._prices = priced_service(years.scenario, years.option, years.points)
        self.levers = _levers(years, step, self._prices)
        self._steps = np.stack([lever.prices for lever in self.levers])
        self.fixed = np.asarray(self._prices.costs.fixed) * years.scenario.period.years
        self._known: dict[tuple[float, ...], dict[int, tuple[float, float, Floats]]] = {}

    def tried(self, mix: Sequence[float], years: Sequence[int]) -> Tried:
        """Return what a mix does; amounts in steps, which may be parts of one."""
        known = self._known.setdefault(tuple(mix), {})
        missing = [year for year in years if year not in known]
        if missing:
            staff, places = self.amounts(mix)
            made = list(self.years.run(staff, missing, places))
            given = self._given(made, missing)
            stage = STAGES.index("supported")
            in_need = [float(one.funnel[:, 1, stage].sum()) for one in made]
            cost = self._held(mix)[missing] + self._moving(made, missing)
            known.update(zip(missing, zip(in_need, cost.tolist(), given, strict=True), strict=True))
            if self._report is not None:
                self._report(len(missing))
        rows = [known[year] for year in years]
        supported, costs, shares = zip(*rows, strict=True)
        return Tried(np.array(supported), np.array(costs), np.array(shares))

    def _held(self, mix: Sequence[float]) -> Floats:
        """Return what a mix costs whatever happens, shape (n_years,): fixed costs, pay and places."""
        return np.asarray(self.fixed + np.asarray(mix, np.float64) @ self._steps)

    def _moving(self, made: Sequence[Counters], years: Sequence[int]) -> Floats:
        """Return what attempts and cases cost in each of some years, beside what is `_held`."""
        runs = stacked([stacked([one._replace(waits=None, cases=None)]) for one in made])
        scenario, option = self.years.scenario, self.years.option
        sent = {}
        for channel in CHANNELS:
            attempts, _, informed = attempts_by_channel(scenario, option, runs, channel)
            sent[channel] = (attempts + informed)[:, 0]
        supported = runs.funnel[:, 0, :, 0, STAGES.index("supported")].sum(axis=1)
        return np.asarray(sum(moving_costs(sent, supported, self._prices, list(years))))

    def amounts(self, mix: Sequence[float]) -> tuple[tuple[float, ...], dict[str, float]]:
        """Return full-time workers by role, and places by service."""
        held = [steps * lever.step for steps, lever in zip(mix, self.levers, strict=True)]
        places = dict(
            zip([lever.name for lever in self.levers[self.n_roles :]], held[self.n_roles :], strict=True)
        )
        return tuple(round(fte, 6) for fte in held[: self.n_roles]), places

    def _given(self, made: Sequence[Any], years: Sequence[int]) -> Floats:
        """Return how much support of each kind is given, relative to what those who accept are promised."""
        kinds = ["practical", "casework"]
        if not self.years.service.support.specialist.services:
            kinds.append("specialist")
        tasks, accepted = [TASKS.index(kind) for kind in kinds], STAGES.index("accepted")
        found = []
        for one, ample in zip(made, self.years.ample(years), strict=True):
            promised = ample.minutes.sum(axis=0)[tasks] / max(ample.funnel[:, 0, accepted].sum(), 1)
            given = one.minutes.sum(axis=0)[tasks] / max(one.funnel[:, 0, accepted].sum(), 1)
            found.append(np.where(promised > 0, given / np.where(promised > 0, promised, 1), 1.0))
        return np.array(found)

    def balanced(self, years: Sequence[int]) -> tuple[Floats, Mix]:
        """Return the levers at the work of an average year, and as much as any year could use; in steps."""
        loads = self.years.loads(years)
        steps = np.array([lever.step for lever in self.levers])
        now = np.array([lever.now for lever in self.levers[self.n_roles :]])
        usual = np.concatenate([loads.mean(axis=0), now]) / steps
        most = np.concatenate([_MOST_LOAD * loads.max(axis=0), 2 * now]) / steps
        return usual, tuple(int(x) for x in np.ceil(most))

    def affordable(self, mix: Sequence[float], variable: float, confidence: float, grant: float) -> bool:
        """Return whether a mix costs no more than the grant in that share of all years.

        Pay, prices of places and fixed costs are those of each year; what is spent on attempts and cases
        is taken as known from years that were simulated.
        """
        return bool((self._held(mix) + variable <= grant).mean() >= confidence - 1e-9)

    def variable(self, mix: Sequence[float], years: Sequence[int]) -> float:
        """Return what attempts and cases cost in the mean of some years, GBP."""
        return float((self.tried(mix, years).cost - self._held(mix)[list(years)]).mean())


def _levers(years: TrialYears, step: float, prices: Any) -> tuple[Lever, ...]:
    length = years.scenario.period.years
    ones = np.ones(years.n_years)
    roles = [
        Lever(name, role.title, True, step, float(role.fte), ones * pay_of_post(role) * step * length)
        for name, role in prices.staff.items()
    ]
    services = []
    for name, service in prices.support.specialist.services.items():
        if is_bought(service) and service.places_per_year > 0:
            places = max(service.places_per_year / _PLACES_STEPS, 1.0)
            price = ones * service.cost_per_place * places * length
            now = float(service.places_per_year)
            services.append(Lever(name, service.title, False, places, now, price))
    return (*roles, *services)

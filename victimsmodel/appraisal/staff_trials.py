"""What is known of each plan in each year: simulated, or implied because more staff never serve worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from victimsmodel.appraisal.standards import Standard, shares_met
from victimsmodel.appraisal.trial_years import Floats, Staff, TrialYears

#: Staff by role in whole steps.
Steps = tuple[int, ...]
Report = Callable[[int], None]

_CHUNK = 4  # years that are simulated before it is asked whether the answer is known


class Trials:
    """Memory of the shares that each plan met in each year.

    A plan is taken to meet all standards in a year if one with no more of any role does, and to fail if one
    with no less of any role does. That is how a service behaves but for rare cases in which more contact
    brings more work to others; the plan that is chosen is simulated in every year.
    """

    def __init__(
        self, years: TrialYears, standards: Sequence[Standard], step: float, report: Report | None = None
    ) -> None:
        self.years, self.standards, self.step = years, tuple(standards), step
        self.n_runs = 0
        self._report = report
        self._targets = np.array([standard.share for standard in standards])
        self._known: dict[int, dict[Steps, Floats]] = {}

    def staff(self, plan: Steps) -> Staff:
        """Return the full-time workers of a plan."""
        return tuple(round(steps * self.step, 6) for steps in plan)

    def shares(self, plan: Steps, years: Sequence[int]) -> Floats:
        """Return the share of victims for whom each standard is kept, shape (n_years, n_standards)."""
        missing = [year for year in years if plan not in self._known.get(year, {})]
        if missing:
            made = self.years.run(self.staff(plan), missing)
            for year, counters, ample in zip(missing, made, self.years.ample(missing), strict=True):
                met = shares_met(self.standards, self.years.scenario, counters, ample)
                self._known.setdefault(year, {})[plan] = met
            self.n_runs += len(missing)
            if self._report is not None:
                self._report(self.n_runs)
        return np.array([self._known[year][plan] for year in years])

    def verdicts(self, plan: Steps, years: Sequence[int]) -> NDArray[np.bool_]:
        """Return whether the plan meets all standards, shape (n_years,); what is implied is not simulated."""
        self.shares(plan, [year for year in years if self._implied(plan, year) is None])
        return np.array([self._implied(plan, year) for year in years], bool)

    def is_enough(self, plan: Steps, years: Sequence[int], confidence: float) -> bool:
        """Return whether the plan meets all standards in that share of the years, with no run too many."""
        needed = int(np.ceil(confidence * len(years) - 1e-9))
        known = {year: self._implied(plan, year) for year in years}
        unknown = [year for year in years if known[year] is None]
        while True:
            met = sum(value is True for value in known.values())
            if met >= needed or met + len(unknown) < needed:
                return met >= needed
            part, unknown = unknown[:_CHUNK], unknown[_CHUNK:]
            self.shares(plan, part)
            known.update({year: self._implied(plan, year) for year in part})

    def shortage(self, plan: Steps, years: Sequence[int]) -> Floats:
        """Return by how much a plan misses its standards in each year, added up; shape (n_years,)."""
        return np.asarray(np.maximum(self._targets - self.shares(plan, years), 0.0).sum(axis=1))

    def _implied(self, plan: Steps, year: int) -> bool | None:
        known = self._known.get(year, {})
        if plan in known:
            return self._is_met(known[plan])
        for other, shares in known.items():
            is_met = self._is_met(shares)
            if is_met and all(a <= b for a, b in zip(other, plan, strict=True)):
                return True
            if not is_met and all(a >= b for a, b in zip(other, plan, strict=True)):
                return False
        return None

    def _is_met(self, shares: Floats) -> bool:
        return bool((shares >= self._targets).all())

"""The best use of a grant: option, staff and places together, and what more money would bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from victimsmodel.appraisal.grant_search import Best, Budget, Candidate, GrantSearch
from victimsmodel.appraisal.mixes import Mixes
from victimsmodel.appraisal.selection import standard_error
from victimsmodel.appraisal.trial_years import Floats, TrialYears
from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.draws import check_seed, draw_points
from victimsmodel.inputs.messages import number_hint
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.simulate import checked_options

Report = Callable[[str, int, int], None]

#: Years that there are; the search begins with few of them.
N_YEARS = 64
#: Money whose value is asked for, GBP.
NEXT = 10_000.0
_FRONTIER = (0.6, 1.3)  # from that part of the smallest grant to that of the largest
_FRONTIER_POINTS = 5
_RUNS_PER_GRANT, _RUNS_PER_POINT = 900, 350  # that a progress bar expects
_LEAST_GRANT, _MOST_GRANT = 1_000.0, 1e9


@dataclass(frozen=True)
class GrantPlan:
    """The best plan for each grant, and the frontier of what grants can do."""

    confidence: float
    grants: pd.DataFrame  # a row for each grant asked about; option empty where it pays for no plan
    mix: pd.DataFrame  # grant_gbp, name, title, kind, amount, amount_now, cost_gbp, next_gain, next_error
    contenders: pd.DataFrame  # grant_gbp, option, mix, supported_in_need, standard_error, chance_best
    frontier: pd.DataFrame  # grant_gbp, option, supported_in_need, standard_error, gain_per_10000, its error
    options: pd.DataFrame  # grant_gbp, option, supported_in_need, behind, standard_error, years, mix


def plan_for_grant(
    scenario: Scenario,
    grants: Iterable[float] | None = None,
    options: Iterable[str] | None = None,
    *,
    confidence: float = 0.8,
    step: float = 0.5,
    n_years: int = N_YEARS,
    seed: int = 1,
    report: Report | None = None,
) -> GrantPlan:
    """Return the option, staff and places that support most victims in need for a grant.

    The expected number of victims in need supported in the year is as high as possible, while the year
    costs no more than the grant in a stated share of years, and at least 90 % of the support of each kind
    that was agreed is given in the mean of years: otherwise the most victims would be supported by
    leaving undone what takes longest. All plans meet the same years (draws of the uncertain inputs, with
    one repetition of the year each). Places in specialist services are varied where the scenario states
    what one costs.

    Parameters
    ----------
    scenario : Scenario
    grants : iterable of float, optional
        GBP; the scenario's grant by default.
    options : iterable of str, optional
        All by default.
    confidence : float
        From 0.5 to 0.99.
    step : float
        Full-time workers by which plans differ.
    n_years : int
        From 16 to 1,000.
    seed : int
    report : callable, optional

    Returns
    -------
    GrantPlan

    Raises
    ------
    InputError
        VM030 for an unknown option, VM183 for a number out of range, VM185 for a grant that is none.
    """
    asked = _checked([scenario.grant_gbp] if grants is None else grants)
    chosen = checked_options(scenario, options)
    _check_numbers(confidence, step, n_years, seed)
    points = draw_points(scenario, n_years, seed)
    counter = _Counter(report, len(asked))
    mixes = {name: Mixes(TrialYears(scenario, name, points, seed), step, counter.count) for name in chosen}
    search = GrantSearch(mixes)
    levels = sorted(
        {*asked, *np.linspace(_FRONTIER[0] * asked[0], _FRONTIER[1] * asked[-1], _FRONTIER_POINTS)}
    )
    found: dict[float, Best | None] = {}
    good: list[Candidate] = []
    for level in levels:
        best = search.best(Budget(float(level), confidence), good, roughly=level not in asked)
        found[level] = best
        good = [] if best is None else [best.chosen]
    reached = {level: best for level, best in found.items() if best is not None}
    useful = [grant for grant in asked if grant in reached]
    plan = GrantPlan(
        confidence,
        pd.DataFrame([_grant_row(grant, found[grant], mixes, scenario) for grant in asked]),
        pd.DataFrame([row for grant in useful for row in _mix_rows(grant, reached[grant], mixes)]),
        pd.DataFrame([row for grant in useful for row in _rivals(grant, reached[grant], mixes)]),
        _frontier(reached, mixes),
        pd.DataFrame(
            [row for grant in useful for row in _option_rows(grant, reached[grant], mixes, search.first)]
        ),
    )
    counter.finish()
    return plan


def _grant_row(
    grant: float, best: Best | None, mixes: dict[str, Mixes], scenario: Scenario
) -> dict[str, Any]:
    """Return what the best plan for a grant does, and how sure the choice is."""
    if best is None:
        return {"grant_gbp": grant, "option": "", "title": "", "is_achievable": False}
    own, years = mixes[best.chosen.option], best.years
    tried = own.tried(best.chosen.mix, years)
    low, high = np.quantile(tried.supported, (TAIL, 1 - TAIL))
    return {
        "grant_gbp": grant,
        "option": best.chosen.option,
        "title": scenario.options[best.chosen.option].title,
        "is_achievable": True,
        "supported_in_need": tried.supported.mean(),
        "standard_error": standard_error(tried.supported),
        "year_low": low,
        "year_high": high,
        "cost_gbp": tried.cost.mean(),
        "probability_within_grant": float((tried.cost <= grant).mean()),
        "support_given": float(tried.given.mean(axis=0).min()),
        "correct_exactly": best.correct.exactly,
        "correct_within_indifference": best.correct.within_indifference,
        "contenders": len(best.contenders),
        "years": len(years),
        "at_edge": ", ".join(best.at_edge),
        "grant_is_spent": best.grant_is_spent,
    }


def _mix_rows(grant: float, best: Best, mixes: dict[str, Mixes]) -> list[dict[str, Any]]:
    """Return the amount of each lever, and what the next 10,000 spent on it would bring."""
    own, mix = mixes[best.chosen.option], best.chosen.mix
    years = best.years[: len(best.years) // 2]
    usual = own.tried(mix, years).supported
    rows = []
    for i, (lever, steps) in enumerate(zip(own.levers, mix, strict=True)):
        price = float(lever.prices.mean())
        more = (*mix[:i], steps + NEXT / price, *mix[i + 1 :])
        gain = own.tried(more, years).supported - usual
        rows.append(
            {
                "grant_gbp": grant,
                "name": lever.name,
                "title": lever.title,
                "kind": "staff" if lever.is_role else "places",
                "amount": steps * lever.step,
                "amount_now": lever.now,
                "cost_gbp": steps * price,
                "next_gain": float(gain.mean()),
                "next_error": standard_error(gain),
            }
        )
    return rows


def _rivals(grant: float, best: Best, mixes: dict[str, Mixes]) -> list[dict[str, Any]]:
    rows = []
    for one, chance in zip(best.contenders, best.chances, strict=True):
        own = mixes[one.option]
        supported = own.tried(one.mix, best.years).supported
        rows.append(
            {
                "grant_gbp": grant,
                "option": one.option,
                "mix": _amounts(one, own),
                "supported_in_need": float(supported.mean()),
                "standard_error": standard_error(supported),
                "chance_best": chance,
            }
        )
    return sorted(rows, key=lambda row: -row["supported_in_need"])


def _amounts(one: Candidate, own: Mixes) -> str:
    held = zip(one.mix, own.levers, strict=True)
    return ", ".join(f"{steps * lever.step:g} {lever.name}" for steps, lever in held)


def _option_rows(
    grant: float, best: Best, mixes: dict[str, Mixes], years: Sequence[int]
) -> list[dict[str, Any]]:
    """Return how far the best plan of each option falls behind the chosen one, in the same years."""
    most = mixes[best.chosen.option].tried(best.chosen.mix, years).supported
    rows = []
    for one in best.by_option:
        supported = mixes[one.option].tried(one.mix, years).supported
        rows.append(
            {
                "grant_gbp": grant,
                "option": one.option,
                "supported_in_need": float(supported.mean()),
                "behind": float((most - supported).mean()),
                "standard_error": 0.0 if one == best.chosen else standard_error(most - supported),
                "years": len(years),
                "mix": _amounts(one, mixes[one.option]),
            }
        )
    return sorted(rows, key=lambda row: -row["supported_in_need"])


def _frontier(reached: dict[float, Best], mixes: dict[str, Mixes]) -> pd.DataFrame:
    """Return the victims in need supported by grant, and what each further 10,000 brings up to the next."""
    levels = sorted(reached)
    values = {level: _supported(reached[level], mixes) for level in levels}
    rows = []
    for level, following in zip_longest(levels, levels[1:]):
        gain = error = float("nan")
        if following is not None:
            n = min(len(values[level]), len(values[following]))
            steps = (following - level) / NEXT
            change = (values[following][:n] - values[level][:n]) / steps
            gain, error = float(change.mean()), standard_error(change)
        rows.append(
            {
                "grant_gbp": level,
                "option": reached[level].chosen.option,
                "supported_in_need": float(values[level].mean()),
                "standard_error": standard_error(values[level]),
                "gain_per_10000": gain,
                "gain_error": error,
            }
        )
    columns = ["grant_gbp", "option", "supported_in_need", "standard_error", "gain_per_10000", "gain_error"]
    return pd.DataFrame(rows, columns=columns)


def _supported(best: Best, mixes: dict[str, Mixes]) -> Floats:
    return mixes[best.chosen.option].tried(best.chosen.mix, best.years).supported


class _Counter:
    """Runs that were made, of those that are usual."""

    def __init__(self, report: Report | None, n_grants: int) -> None:
        self._report, self._done = report, 0
        self._usual = n_grants * _RUNS_PER_GRANT + _FRONTIER_POINTS * _RUNS_PER_POINT

    def count(self, more: int) -> None:
        self._done += more
        if self._report is not None:
            self._report("years simulated", min(self._done, self._usual - 1), self._usual)

    def finish(self) -> None:
        if self._report is not None:
            self._report("years simulated", self._usual, self._usual)


def _checked(grants: Iterable[Any]) -> list[float]:
    """Return the grants in order, each once; refuse what is none."""
    asked = list(grants)
    problems = [
        Problem("plan", "grant", str(grant), "must be a number", "VM185", number_hint(str(grant)))
        for grant in asked
        if not isinstance(grant, Real)
    ] or [
        Problem("plan", "grant", f"{grant:g}", "must be from GBP 1,000 to 1,000,000,000", "VM185")
        for grant in asked
        if not _LEAST_GRANT <= grant <= _MOST_GRANT
    ]
    if problems:
        raise InputError(problems)
    if not asked:
        raise input_error("plan", "needs at least one grant", "VM185")
    return sorted({float(grant) for grant in asked})


def _check_numbers(confidence: float, step: float, n_years: int, seed: int) -> None:
    check_seed(seed)
    ranges = {
        "confidence": (0.5 <= confidence <= 0.99, "must be from 0.5 to 0.99", confidence),
        "step": (0.05 <= step <= 10, "must be from 0.05 to 10 full-time workers", step),
        "n_years": (16 <= n_years <= 1_000, "must be from 16 to 1,000", n_years),
    }
    for name, (is_right, allowed, value) in ranges.items():
        if not is_right:
            raise input_error("plan", allowed, "VM183", field=name, value=f"{value:g}")

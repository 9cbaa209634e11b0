"""The fewest staff by role that meet stated standards with stated confidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.appraisal.closed_staffing import closed_lines, closed_share, closed_staff
from victimsmodel.appraisal.priced import central_pay
from victimsmodel.appraisal.staff_search import Bounds, Found, cheapest_staff, first_years
from victimsmodel.appraisal.staff_trials import Steps, Trials
from victimsmodel.appraisal.standards import (
    Standard,
    counted_in_working_days,
    default_standards,
    parse_standards,
)
from victimsmodel.appraisal.surges import Situation, situations
from victimsmodel.appraisal.trial_years import TrialYears
from victimsmodel.appraisal.unmet import Obstacle, obstacles
from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import check_seed, draw_points
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway.simulate import checked_options

#: Called with what is done, how far, of how much.
Report = Callable[[str, int, int], None]

#: Years that a search may use, and runs that a progress bar expects.
MOST_YEARS = 80
_USUAL_RUNS = 1_000
_MORE_THAN_AMPLE = 3.0  # times the highest load of the first years
_CURVE = (0.8, 0.9, 1.0, 1.1, 1.2)  # staff relative to the plan


class Question(NamedTuple):
    """What the staff are to achieve, and how finely they are counted."""

    standards: tuple[Standard, ...]
    confidence: float = 0.8  # share of years, inputs and chance both uncertain, that meet all standards
    step: float = 0.5  # full-time workers


@dataclass(frozen=True)
class StandardsPlan:
    """The answer in every situation asked for; where a situation has no plan, the obstacles say why."""

    option: str
    question: Question
    staff: pd.DataFrame  # situation, role, title, fte, fte_now, cost_gbp, closed_form_fte, central_fte
    standards: (
        pd.DataFrame
    )  # situation, standard, target, mean_share, probability, standard_error, closed_form
    summary: pd.DataFrame  # a row for each situation
    curve: pd.DataFrame  # situation, factor, fte, standard, probability, standard_error
    obstacles: Mapping[str, tuple[Obstacle, ...]]  # by situation

    def is_achievable(self, situation: str = "average") -> bool:
        """Return whether there is a plan."""
        return not self.obstacles[situation]


def plan_for_standards(
    scenario: Scenario,
    standards: Iterable[str | Standard] | None = None,
    option: str = BUSINESS_AS_USUAL,
    *,
    confidence: float = 0.8,
    step: float = 0.5,
    surge: str | float | None = None,
    most_years: int = MOST_YEARS,
    seed: int = 1,
    report: Report | None = None,
) -> StandardsPlan:
    """Return the cheapest staff with whom an option meets all standards in a stated share of years.

    A year is one draw of the uncertain inputs and one repetition of the year. All plans meet the same
    years. Every role has at least the staff that its expected work keeps busy, so that no standard is met
    by leaving one kind of support undone. Staff stay the same all through the year. Present staff with
    whom a queue would grow without end are no error here: they are what a plan is asked for.

    Parameters
    ----------
    scenario : Scenario
    standards : iterable of str or Standard, optional
        For example ``enhanced first_attempt 2 working days 90%``; the scenario's, for 90 %, by default.
    option : str
    confidence : float
        From 0.5 to 0.99.
    step : float
        Full-time workers by which plans differ.
    surge : str or float, optional
        ``"scenario"`` plans also for the surges and incidents that the scenario states; a number for so
        many times the usual victims more (0.2: a fifth).
    most_years : int
        The most years that the plans may be tried in.
    seed : int
    report : callable, optional

    Returns
    -------
    StandardsPlan

    Raises
    ------
    InputError
        VM181 and VM182 for standards, VM183 for a number out of range, VM184 for a surge that is none.
    """
    stated = tuple(default_standards(scenario) if standards is None else standards)
    asked = [str(standard) for standard in stated]
    question = Question(parse_standards(asked), confidence, step)
    (chosen,) = checked_options(scenario, [option])
    _check(question, most_years, seed)
    answers = [_answer(of, chosen, question, most_years, seed, report) for of in situations(scenario, surge)]
    tables = {
        name: pd.concat([getattr(answer, name) for answer in answers], ignore_index=True)
        for name in ("staff", "standards", "summary", "curve")
    }
    unmet = {answer.name: answer.obstacles for answer in answers}
    return StandardsPlan(chosen, question, **tables, obstacles=unmet)


class _Answer(NamedTuple):
    name: str
    staff: pd.DataFrame
    standards: pd.DataFrame
    summary: pd.DataFrame
    curve: pd.DataFrame
    obstacles: tuple[Obstacle, ...]


def _answer(
    situation: Situation, option: str, question: Question, most_years: int, seed: int, report: Report | None
) -> _Answer:
    def advance(n_runs: int) -> None:
        if report is not None:
            report(f"years simulated ({situation.name})", min(n_runs, _USUAL_RUNS), _USUAL_RUNS)

    working = counted_in_working_days(question.standards)
    points = draw_points(situation.scenario, most_years, seed)
    years = TrialYears(situation.scenario, option, points, seed, working, situation.volume)
    centre = TrialYears(
        situation.scenario, option, draw_points(situation.scenario, 1, seed), seed, working, situation.volume
    )
    trials = Trials(years, question.standards, question.step, advance)
    least, most, start = _range(years, centre, trials, question)
    unmet = obstacles(trials, most, question.confidence)
    if unmet:
        answer = _refused(situation, trials, most, question, unmet)
    else:
        bounds = Bounds(least, most, _prices(years, question.step))
        found = cheapest_staff(trials, bounds, start, question.confidence)
        alone = Trials(centre, question.standards, question.step)
        central = cheapest_staff(alone, bounds, least, 1.0)
        answer = _planned(situation, trials, found, question, alone.staff(central.plan), centre)
    if report is not None:
        report(f"years simulated ({situation.name})", _USUAL_RUNS, _USUAL_RUNS)
    return answer


def _range(
    years: TrialYears, centre: TrialYears, trials: Trials, question: Question
) -> tuple[Steps, Steps, Steps]:
    """Return the least staff, more than ample staff, and those with whom the search begins."""
    loads = years.loads(first_years(trials))
    central = centre.loads([0])[0]
    least = np.ceil(central / question.step - 1e-9).astype(int)
    usual = np.quantile(loads, question.confidence, axis=0)
    start = np.maximum(np.ceil(usual / question.step), least).astype(int)
    now = np.ceil(np.array(years.staff_now) / question.step)
    most = np.ceil(_MORE_THAN_AMPLE * np.maximum(loads.max(axis=0) / question.step, now)).astype(int)
    return _steps(least), _steps(most + 10), _steps(start)


def _planned(
    situation: Situation,
    trials: Trials,
    found: Found,
    question: Question,
    central: Sequence[float],
    centre: TrialYears,
) -> _Answer:
    years, fte = trials.years, trials.staff(found.plan)
    lines = closed_lines(centre)
    roles = years.service.staff
    costs = np.array(_prices(years, 1.0))
    staff = pd.DataFrame(
        {
            "situation": situation.name,
            "role": list(roles),
            "title": [role.title for role in roles.values()],
            "fte": fte,
            "fte_now": years.staff_now,
            "cost_gbp": np.array(fte) * costs,
            "closed_form_fte": closed_staff(lines, question.standards, centre),
            "central_fte": central,
        }
    )
    shares = trials.shares(found.plan, found.years)
    standards = _standards_table(situation.name, question, shares)
    standards["closed_form"] = [closed_share(one, lines, fte, centre) for one in question.standards]
    is_met = (shares >= _targets(question)).all(axis=1)
    summary = _summary(situation, trials, is_met, staff["cost_gbp"].sum())
    summary["correct_exactly"] = found.correct.exactly
    summary["correct_within_indifference"] = found.correct.within_indifference
    summary["rivals"] = len(found.rivals)
    curve = _curve(situation.name, trials, found, question)
    summary["runs"] = trials.n_runs
    return _Answer(situation.name, staff, standards, summary, curve, ())


def _refused(
    situation: Situation, trials: Trials, most: Steps, question: Question, unmet: tuple[Obstacle, ...]
) -> _Answer:
    """Return what more than ample staff would meet; there is no plan."""
    years = first_years(trials)
    shares = trials.shares(most, years)
    standards = _standards_table(situation.name, question, shares)
    is_met = (shares >= _targets(question)).all(axis=1)
    summary = _summary(situation, trials, is_met, float("nan"))
    return _Answer(situation.name, pd.DataFrame(), standards, summary, pd.DataFrame(), unmet)


def _standards_table(name: str, question: Question, shares: Any) -> pd.DataFrame:
    met = shares >= _targets(question)
    probability = met.mean(axis=0)
    return pd.DataFrame(
        {
            "situation": name,
            "standard": [str(standard) for standard in question.standards],
            "target": _targets(question),
            "mean_share": shares.mean(axis=0),
            "probability": probability,
            "standard_error": _error(probability, len(shares)),
        }
    )


def _summary(situation: Situation, trials: Trials, is_met: Any, cost: float) -> pd.DataFrame:
    probability = float(is_met.mean())
    return pd.DataFrame(
        {
            "situation": [situation.name],
            "title": [situation.title],
            "staff_cost_gbp": [cost],
            "probability": [probability],
            "standard_error": [float(_error(probability, len(is_met)))],
            "years": [len(is_met)],
            "runs": [trials.n_runs],
        }
    )


def _curve(name: str, trials: Trials, found: Found, question: Question) -> pd.DataFrame:
    """Return how often each standard is met with more and with less of all staff."""
    frames, years = [], found.years
    for factor in _CURVE:
        plan = tuple(max(round(steps * factor), 0) for steps in found.plan)
        shares = trials.shares(plan, years)
        table = _standards_table(name, question, shares)
        every = (shares >= _targets(question)).all(axis=1).mean()
        row = {"situation": name, "standard": "all standards", "probability": every}
        table.loc[len(table)] = {**row, "standard_error": float(_error(every, len(years)))}
        table.insert(1, "factor", factor)
        table.insert(2, "fte", sum(trials.staff(plan)))
        frames.append(table[["situation", "factor", "fte", "standard", "probability", "standard_error"]])
    return pd.concat(frames, ignore_index=True)


def _prices(years: TrialYears, step: float) -> tuple[float, ...]:
    pay = central_pay(years.scenario, years.option)
    return tuple(pay[role] * step * years.scenario.period.years for role in years.roles)


def _targets(question: Question) -> Any:
    return np.array([standard.share for standard in question.standards])


def _error(probability: Any, n: int) -> Any:
    """Return the standard error of a share of years; with the rule of succession it is never nought."""
    smoothed = (np.asarray(probability) * n + 1) / (n + 2)
    return np.sqrt(smoothed * (1 - smoothed) / n)


def _steps(values: Any) -> Steps:
    return tuple(int(value) for value in values)


def _check(question: Question, most_years: int, seed: int) -> None:
    check_seed(seed)
    ranges = {
        "confidence": (0.5 <= question.confidence <= 0.99, "must be from 0.5 to 0.99", question.confidence),
        "step": (0.05 <= question.step <= 10, "must be from 0.05 to 10 full-time workers", question.step),
        "most_years": (8 <= most_years <= 1_000, "must be from 8 to 1,000", most_years),
    }
    for name, (is_right, allowed, value) in ranges.items():
        if not is_right:
            raise input_error("plan", allowed, "VM183", field=name, value=f"{value:g}")

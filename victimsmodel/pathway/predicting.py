"""What the exact engine predicts for observed totals, as a function of the inputs that matter for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from victimsmodel.inputs.draws import PROJECTION_POINT, Points, stratified_points, uncertain_inputs, values_of
from victimsmodel.inputs.estimates_file import linked_root
from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.calendar import simulated_calendar
from victimsmodel.pathway.expected import MOST_DRAWS_WITH_DAYS, expected_counters, expected_counters_of
from victimsmodel.pathway.observing import predicted_totals
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.plan_staff import plan_roles, staff_by_day

_EDGE = 1e-9  # cumulative probabilities stay inside
_TRIED = (0.05, 0.95)  # where an input is put to see whether a total depends on it
_CHANGE = 1e-10  # relative; less is rounding


class Predictions(NamedTuple):
    """Predicted totals with ample staff, and how far the stated staff would be loaded."""

    totals: Floats  # (n_draws, n_observed)
    load: Floats  # (n_draws, n_roles) minutes of work that would come over productive minutes


@dataclass(frozen=True)
class Predictor:
    """From independent normal scores to predicted totals, by way of the inputs that matter.

    Inputs whose estimates were made together are combinations of the scores (a Gaussian copula).
    """

    scenario: Scenario  # without a posterior: scores are those of the prior
    option: str
    observed: tuple[ObservedTotal, ...]
    names: tuple[str, ...]  # inputs that a total, or the load, depends on
    others: tuple[str, ...]  # uncertain inputs that change neither

    def points(self, scores: Floats) -> Points:
        """Return the points of scores, shape (n_draws, n_names); all other inputs at their median."""
        return self.input_points(self.input_scores(scores))

    def input_scores(self, scores: Floats) -> Floats:
        """Return the inputs' own normal scores under their priors, shape (n_draws, n_names)."""
        return np.asarray(scores @ self._root.T)

    @cached_property
    def _root(self) -> Floats:
        return linked_root(self.scenario.estimates, self.names)

    def input_points(self, input_scores: Floats) -> Points:
        """Return the points of the inputs' own scores; all other inputs at their median."""
        found = {name: np.full(input_scores.shape[0], 0.5) for name in self.others}
        inside = np.clip(ndtr(input_scores), _EDGE, 1 - _EDGE)
        return found | {name: inside[:, i] for i, name in enumerate(self.names)}

    def first_scores(self, n_draws: int, seed: int) -> Floats:
        """Return a Latin hypercube of the prior as normal scores."""
        return np.stack([ndtri(stratified_points(seed, name, n_draws)) for name in self.names], axis=-1)

    def __call__(self, scores: Floats) -> Predictions:
        """Return predictions of every draw."""
        return predictions(self.scenario, self.option, self.observed, self.points(scores))


def predictions(
    scenario: Scenario, option: str, observed: Sequence[ObservedTotal], points: Points
) -> Predictions:
    """Return predicted totals and loads from the exact engine."""
    if next(iter(points.values())).size <= MOST_DRAWS_WITH_DAYS:  # days to contact are not asked for
        plans = build_plans(scenario, option, points, ample_staff=True)
        counters = expected_counters(plans, with_days=False)
    else:
        counters = expected_counters_of(scenario, option, points)
    totals = predicted_totals(scenario, counters, observed)
    work = counters.minutes[:, 0].sum(axis=-1)
    return Predictions(totals, work / np.maximum(productive_minutes(scenario, option, points), _EDGE))


def predictor(
    scenario: Scenario, option: str, observed: tuple[ObservedTotal, ...], with_load: bool
) -> Predictor:
    """Return the predictor of totals: which inputs matter is found by moving them one at a time.

    Parameters
    ----------
    scenario : Scenario
        Its posterior is set aside.
    option : str
    observed : tuple of ObservedTotal
    with_load : bool
        Whether inputs that only the load depends on matter too.
    """
    prior = scenario.model_copy(update={"posterior": None})
    names = [name for name, estimate in uncertain_inputs(prior).items() if not estimate.is_fixed]
    names += [PROJECTION_POINT] if prior.demand.projection else []
    fixed = [name for name in uncertain_inputs(prior) if name not in set(names)]
    n_tried = 1 + len(_TRIED) * len(names)
    points = {name: np.full(n_tried, 0.5) for name in [*names, *fixed]}
    for i, name in enumerate(names):
        points[name][1 + len(_TRIED) * i : 1 + len(_TRIED) * (i + 1)] = _TRIED
    found = predictions(prior, option, observed, points)
    values = np.concatenate([found.totals, found.load], axis=1) if with_load else found.totals
    moved = np.abs(values[1:] - values[0]) > _CHANGE * np.abs(values[0])
    matters = moved.reshape(len(names), -1).any(axis=1)
    chosen = tuple(name for name, does in zip(names, matters, strict=True) if does)
    others = tuple(name for name, does in zip(names, matters, strict=True) if not does)
    return Predictor(prior, option, observed, chosen, (*others, *fixed))


def productive_minutes(scenario: Scenario, option: str, points: Points) -> Floats:
    """Return the minutes that the stated staff can give in the evaluated year, shape (n_draws, n_roles)."""
    service = scenario.options[option].service
    calendar = simulated_calendar(scenario.period, None)
    staff = staff_by_day(service, calendar, ample_staff=False)
    n_draws = next(iter(points.values())).size
    values = SimpleNamespace(staff=values_of(service.staff, points, "staff"))
    roles = plan_roles(values, staff, n_draws, ample_staff=False)
    worked = staff[calendar.first_day : calendar.last_day].sum(axis=0)
    return np.asarray(roles["minutes"] * worked)

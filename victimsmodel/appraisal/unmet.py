"""Why standards cannot be met however many staff there are."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from victimsmodel.appraisal.staff_search import first_years
from victimsmodel.appraisal.staff_trials import Steps, Trials
from victimsmodel.appraisal.standards import Standard, shares_met
from victimsmodel.pathway.results import Counters
from victimsmodel.records import STAGES

Cause = Literal["reach", "method", "places", "uncertain"]

_MORE_YEARS = 3  # times the first ones, before a standard is called out of reach


class Obstacle(NamedTuple):
    """A standard that more than ample staff do not meet in enough years, and what stands in the way."""

    standard: Standard
    probability: float  # share of years in which ample staff meet it
    most_share: float  # of victims for whom it is kept then, mean over years
    reached: float  # share of those attempted who are ever contacted with ample staff
    cause: Cause


def obstacles(trials: Trials, most: Steps, confidence: float) -> tuple[Obstacle, ...]:
    """Return what keeps more than ample staff from meeting all standards; empty when nothing does.

    The cause is found by lifting limits: if the standard is met when places in specialist services and
    days without work are lifted too, *places*; else, for contacts counted of all, *reach*; else the
    *method*: its attempts, and replies to its messages, come too late. *Uncertain* where each standard is
    met often enough by itself, but not all of them in the same years.
    """
    years = first_years(trials)
    if trials.is_enough(most, years, confidence):
        return ()
    years = tuple(range(min(len(years) * _MORE_YEARS, trials.years.n_years)))
    if trials.is_enough(most, years, confidence):
        return ()
    shares = trials.shares(most, years)
    ample = trials.years.ample(years)
    lifted = np.array([shares_met(trials.standards, trials.years.scenario, made, made) for made in ample])
    found, every = [], []
    for s, standard in enumerate(trials.standards):
        probability = float((shares[:, s] >= standard.share).mean())
        reached = float(np.mean([_reached(made, standard, trials) for made in ample]))
        is_lifted = float((lifted[:, s] >= standard.share).mean()) >= confidence
        if standard.wait == "contact" and standard.of_all and reached < standard.share:
            cause: Cause = "reach"
        else:
            cause = "places" if is_lifted else "method"
        obstacle = Obstacle(standard, probability, float(shares[:, s].mean()), reached, cause)
        every.append(obstacle)
        if probability < confidence:
            found.append(obstacle)
    return tuple(found) or tuple(one._replace(cause="uncertain") for one in every)


def _reached(made: Counters, standard: Standard, trials: Trials) -> float:

    groups = [standard.who in ("all", group.priority) for group in trials.years.scenario.groups]
    stages = made.funnel[groups, 0].sum(axis=0)
    return float(stages[STAGES.index("contacted")] / max(stages[STAGES.index("attempted")], 1))

"""Simulated years: a stated number, or as many as a measure needs to be known to a stated precision."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from victimsmodel.appraisal.outcomes import measures_by_run, measures_of
from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway import simulate as engine
from victimsmodel.pathway.growth import check_growth
from victimsmodel.pathway.results import Counters, Progress, tabulated
from victimsmodel.pathway.sizes import check_sizes
from victimsmodel.records import Result

#: How many times more replications at each further look.
_GROWTH = 1.5


@dataclass(frozen=True)
class Precision:
    """How well the mean of a measure, or of a paired difference, is to be known.

    The interval of the mean over replications is to be no wider than ``half_width`` on either side, in
    the unit of the measure: so the rule holds for means that are negative or zero too.
    """

    measure: str
    half_width: float
    option: str = BUSINESS_AS_USUAL
    against: str | None = None  # an option: the measure is the difference, year by year on the same victims
    confidence: float = 0.95
    most_replications: int = 2_000


def simulate(
    scenario: Scenario,
    options: Iterable[str] | None = None,
    n_draws: int = 1,
    n_replications: int = 20,
    seed: int = 1,
    n_jobs: int | None = None,
    on_progress: Progress | None = None,
    precision: Precision | None = None,
) -> Result:
    """Simulate the year for each option, draw of the uncertain inputs and replication.

    With `precision`, replications go on until the measure is known well enough. They are looked at
    after `n_replications` and whenever there are half as many again. Look k uses the confidence level
    1 - (1 - confidence) / (k (k + 1)); the chances of error add up to no more than 1 - confidence over
    all looks, so that stopping early does not flatter the interval (a Bonferroni bound over looks).

    Parameters
    ----------
    scenario : Scenario
    options : iterable of str, optional
        Keys of ``scenario.options``; all of them by default. Those that the precision names are added.
    n_draws : int
        Samples of the uncertain inputs; 1 puts every input at its median.
    n_replications : int
        Repetitions of the year in each draw (one alone has no spread); with `precision`, the number at
        the first look.
    seed : int
        From 0 to 2^63 - 1. The same seed gives the same tables whatever `n_jobs`.
    n_jobs : int, optional
        Threads; the number of processors by default.
    on_progress : callable, optional
        Called from this thread as runs finish.
    precision : Precision, optional
        Needs ``n_draws=1``: replications do not tell what uncertain inputs do.

    Returns
    -------
    Result
        With `precision`, its table ``precision`` has a row for each look: measure, option, against,
        replications, mean, half_width (in the measure's unit), confidence, is_reached.

    Raises
    ------
    InputError
        For an unknown option or measure, numbers out of range, or a queue that nobody leaves and that
        grows without end (VM290).
    InvariantError
        If a run loses or doubles a victim.
    """
    check_sizes(n_draws, n_replications, seed)
    if precision is None:
        chosen = engine.checked_options(scenario, options)
        check_growth(scenario, chosen)
        points = draw_points(scenario, n_draws, seed)
        counted = range(n_replications)
        made = engine.simulated_counters(scenario, chosen, points, seed, counted, n_jobs, on_progress)
        return tabulated(scenario, made, points)
    chosen = _checked(scenario, precision, options, n_draws, n_replications)
    check_growth(scenario, chosen)
    points = draw_points(scenario, 1, seed)
    runs: dict[str, Counters] = {}
    looks: list[dict[str, Any]] = []
    done, due = 0, min(n_replications, precision.most_replications)
    while not looks or (not looks[-1]["is_reached"] and done < precision.most_replications):
        replications = range(done, due)
        more = engine.simulated_counters(scenario, chosen, points, seed, replications, n_jobs, on_progress)
        runs = {name: _longer(runs.get(name), counters) for name, counters in more.items()}
        result = tabulated(scenario, runs, points)
        looks.append(_look(_values(result, scenario, precision), precision, len(looks) + 1))
        done, due = due, min(math.ceil(due * _GROWTH), precision.most_replications)
    return result._replace(precision=pd.DataFrame(looks))


def _longer(before: Counters | None, more: Counters) -> Counters:
    """Return counters with further replications (the second dimension)."""
    if before is None:
        return more
    pairs = zip(before, more, strict=True)
    return Counters._make(a if a is None else np.concatenate([a, b], axis=1) for a, b in pairs)


def _values(result: Result, scenario: Scenario, precision: Precision) -> np.ndarray:
    """Return the measure, or the difference, of every replication."""
    table = measures_by_run(result, scenario)[precision.measure]
    values = table.xs(precision.option, level="option")
    if precision.against is not None:
        values = values - table.xs(precision.against, level="option")
    return values.to_numpy(np.float64)


def _look(values: np.ndarray, precision: Precision, number: int) -> dict[str, Any]:
    from scipy.stats import t

    error = (1 - precision.confidence) / (number * (number + 1))
    half_width = t.isf(error / 2, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size)
    return {
        "measure": precision.measure,
        "option": precision.option,
        "against": precision.against or "",
        "replications": values.size,
        "mean": values.mean(),
        "half_width": half_width,
        "confidence": 1 - error,
        "is_reached": bool(half_width <= precision.half_width),
    }


def _checked(
    scenario: Scenario, precision: Precision, options: Iterable[str] | None, n_draws: int, first: int
) -> list[str]:
    """Return the options to run; refuse what cannot be simulated."""
    known = [measure.name for measure in measures_of(scenario)]
    if precision.measure not in known:
        allowed = f"is not a measure (known: {', '.join(known)})"
        hint = did_you_mean(precision.measure, known)
        raise input_error("precision", allowed, "VM035", field=precision.measure, hint=hint)
    if n_draws != 1:
        allowed = "must be 1 with a precision: replications do not tell what uncertain inputs do"
        raise input_error("precision", allowed, "VM035", field="n_draws", value=str(n_draws))
    if first < 2:
        allowed = "must be at least 2 with a precision"
        raise input_error("precision", allowed, "VM035", field="n_replications", value=str(first))
    ranges = {
        "half_width": (precision.half_width > 0, "must be above 0"),
        "confidence": (0.5 <= precision.confidence < 1, "must be from 0.5 to less than 1"),
        "most_replications": (2 <= precision.most_replications <= 1_000_000, "must be 2 to 1,000,000"),
    }
    for name, (is_right, allowed) in ranges.items():
        if not is_right:
            value = str(getattr(precision, name))
            raise input_error("precision", allowed, "VM035", field=name, value=value)
    named = [name for name in (precision.option, precision.against) if name is not None]
    every = [*(scenario.options if options is None else options), *named]
    return list(engine.checked_options(scenario, every))

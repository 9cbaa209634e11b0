"""Services that are no options of the scenario, measured on the same victims as business as usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from victimsmodel.appraisal.outcomes import COUNTED, measures_by_run
from victimsmodel.appraisal.shapley import Floats
from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.scenario import Option, Scenario
from victimsmodel.inputs.service import Service
from victimsmodel.pathway.expected import expected_counters_of
from victimsmodel.pathway.results import Counters, Progress, tabulated
from victimsmodel.pathway.simulate import simulated_counters
from victimsmodel.records import STAGES, WHO

#: Draws times options that are simulated together.
_BUSY = 16


def with_services(scenario: Scenario, services: Mapping[str, Service]) -> Scenario:
    """Return the scenario with these services as its only options."""
    options = {
        name: Option.model_construct(title=name, summary="", service=service)
        for name, service in services.items()
    }
    return scenario.model_copy(update={"options": options})


def simulated(
    scenario: Scenario,
    points: Points,
    seed: int,
    n_replications: int,
    n_jobs: int | None = None,
    on_progress: Progress | None = None,
) -> Iterable[tuple[str, Counters]]:
    """Yield each option with its counters; every option meets the same victims and the same queues.

    A few options at a time, enough to keep the threads busy, so that the caller can let go of what it
    does not need.
    """
    n_draws, names = next(iter(points.values())).size, list(scenario.options)
    total, replications = len(names) * n_draws * n_replications, range(n_replications)
    at_once = max(1, _BUSY // n_draws)
    for start in range(0, len(names), at_once):
        chosen = names[start : start + at_once]
        yield from simulated_counters(scenario, chosen, points, seed, replications, n_jobs).items()
        if on_progress is not None:
            on_progress((start + len(chosen)) * n_draws * n_replications, total)


def expected(scenario: Scenario, points: Points) -> Iterable[tuple[str, Counters]]:
    """Yield each option with its expected counters when staff are ample."""
    for name in scenario.options:
        yield name, expected_counters_of(scenario, name, points, with_days=False)


def counts_alone(counters: Counters) -> Counters:
    """Return counters without what is kept by day, which is most of them."""
    return counters._replace(waits=None, daily=None, cases=None)


def measures_by_draw(scenario: Scenario, points: Points, runs: Mapping[str, Counters]) -> pd.DataFrame:
    """Return every measure of every draw, replications averaged.

    Parameters
    ----------
    scenario : Scenario
    points : dict of str to ndarray, shape (n_draws,)
    runs : mapping of str to Counters
        By option of the scenario.

    Returns
    -------
    DataFrame
        Index option, draw; a column for each of `outcomes.MEASURES`.
    """
    lean = {name: counts_alone(counters) for name, counters in runs.items()}
    by_run = measures_by_run(tabulated(scenario, lean, points), scenario)
    return by_run.groupby(["option", "draw"], observed=True, sort=False).mean()


def measure_by_draw(scenario: Scenario, points: Points, runs: Mapping[str, Counters], name: str) -> Floats:
    """Return one measure of every draw, replications averaged, shape (n_options, n_draws).

    What is counted on the way is read off the counters, in the order of summation of `measures_by_draw`
    and without its costs.

    Parameters
    ----------
    scenario, points, runs :
        As for `measures_by_draw`.
    name : str
        Of one of `outcomes.MEASURES`.
    """
    if name not in COUNTED:
        found = measures_by_draw(scenario, points, runs)[name]
        return np.stack([found.xs(option, level="option").to_numpy() for option in runs])
    who, stage = COUNTED[name]
    at = WHO.index(who), STAGES.index(stage)
    return np.stack([each.funnel[:, :, :, *at].sum(axis=2).mean(axis=1) for each in runs.values()])

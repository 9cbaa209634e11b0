"""Services that are no options of the scenario, measured on the same victims as business as usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from victimsmodel.appraisal.outcomes import measures_by_run
from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.scenario import Option, Scenario
from victimsmodel.inputs.service import Service
from victimsmodel.pathway.expected import expected_counters_of
from victimsmodel.pathway.results import Counters, Progress, tabulated
from victimsmodel.pathway.simulate import simulated_counters


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

    One option at a time, so that the caller can let go of what it does not need.
    """
    n_draws = next(iter(points.values())).size
    total, replications = len(scenario.options) * n_draws * n_replications, range(n_replications)
    for i, name in enumerate(scenario.options):
        yield name, simulated_counters(scenario, [name], points, seed, replications, n_jobs)[name]
        if on_progress is not None:
            on_progress((i + 1) * n_draws * n_replications, total)


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

"""Measures at chosen points of the inputs: the same simulated victims at every point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from victimsmodel.appraisal.outcomes import measures_by_run, measures_of
from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import Points, uncertain_inputs
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.pieces import Piece
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.results import Progress, tabulated
from victimsmodel.pathway.simulate import checked_options, others_or_threads, stacked

Floats = NDArray[np.float64]

#: Points whose counters are in memory at once.
_CHUNK = 200

_LEFT_OUT = ("waits", "daily", "cases")  # no measure is made of them


def measure_at(
    scenario: Scenario,
    options: Sequence[str],
    points: Points,
    measure: str,
    *,
    n_replications: int = 1,
    seed: int = 1,
    on_progress: Progress | None = None,
) -> Floats:
    """Return a measure of some options at given points of the inputs, averaged over replications.

    The replications are the same at every point and for every option, so that two points differ by their
    inputs alone: what a sensitivity analysis compares has no chance left in it.

    Parameters
    ----------
    scenario : Scenario
    options : sequence of str
    points : dict of str to ndarray, shape (n_points,)
        Cumulative probabilities of every uncertain input; see `central_points`.
    measure : str
        Name of one of `measures_of`.
    n_replications, seed : int
    on_progress : callable, optional

    Returns
    -------
    ndarray, shape (n_points, n_options)

    Raises
    ------
    InputError
        VM030 for an unknown option, VM035 for an unknown measure.
    """
    check_measure(measure, scenario)
    chosen = checked_options(scenario, options)
    n_points = next(iter(points.values())).size
    found = np.empty((n_points, len(chosen)))
    years, done = (seed, range(n_replications), 0), 0
    for start in range(0, n_points, _CHUNK):
        part = {name: values[start : start + _CHUNK] for name, values in points.items()}
        runs = {}
        for option in chosen:
            plans = build_plans(scenario, option, part)
            pieces = [Piece(option, plan, *years, start + i, _LEFT_OUT) for i, plan in enumerate(plans)]
            with closing(others_or_threads(pieces)) as made:
                runs[option] = stacked(list(made))
            done += len(pieces)
            if on_progress is not None:
                on_progress(done, n_points * len(chosen))
        table = measures_by_run(tabulated(scenario, runs, part), scenario)[measure]
        means = table.groupby(["option", "draw"], observed=True).mean().unstack("option")
        found[start : start + _CHUNK] = means[list(chosen)].to_numpy()
    return found


def central_points(scenario: Scenario, n_points: int) -> Points:
    """Return points with every uncertain input at its median."""
    return {name: np.full(n_points, 0.5) for name in uncertain_inputs(scenario)}


def check_measure(name: str, scenario: Scenario) -> None:
    """Refuse the name of a measure that is not known, or that the scenario states no estimate for."""
    known = [measure.name for measure in measures_of(scenario)]
    if name not in known:
        allowed = f"is not a measure (known: {', '.join(known)})"
        raise input_error("measure", allowed, "VM035", field=name, hint=did_you_mean(name, known))


def difference(values: Floats, options: Sequence[str], against: str | None) -> Floats:
    """Return the values of the first option, or how far they are above those of another."""
    return values[:, 0] - values[:, list(options).index(against)] if against else values[:, 0]


def asked(option: str, against: str | None) -> list[str]:
    """Return the options to run for a measure of one, or for its difference from another."""
    return list(dict.fromkeys(_present([option, against])))


def _present(names: Iterable[str | None]) -> Iterable[str]:
    return (name for name in names if name is not None)

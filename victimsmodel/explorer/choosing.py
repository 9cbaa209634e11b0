"""Which inputs the page shows: as asked, as the scenario says, by a finished run, or by the exact engine."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.draws import Points, draw_points, uncertain_inputs
from victimsmodel.inputs.explored import explore_findings, staff_inputs
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.expected import expected_counters
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.predicting import productive_minutes
from victimsmodel.records import STAGES

#: Sliders beside those of staff; of those that a ranking gives, so many are for the load on staff.
MOST_INPUTS = 10
_FOR_LOAD = 2
_SUPPORTED = STAGES.index("supported")
_ASKED = "--inputs"
_DRAWS_AT_ONCE = 64
_EDGE = 1e-9  # in place of nought below a fraction line


class Chosen(NamedTuple):
    """The inputs of a page, and the sentence that says why these."""

    names: tuple[str, ...]
    why: str


def chosen_inputs(scenario: Scenario, asked: Iterable[str], outputs: Path) -> Chosen:
    """Return the inputs that a page shows; staff in post are always among them.

    Parameters
    ----------
    scenario : Scenario
    asked : iterable of str
        Names; empty: the scenario's ``explore``, else the sensitivity of a current run folder under
        `outputs`, else a ranking by the exact engine.
    outputs : Path

    Raises
    ------
    InputError
        VM240 for a name that is no movable input.
    """
    names = tuple(asked)
    problems = [
        Problem(_ASKED, found.value, "", found.allowed, found.code, found.hint)
        for found in explore_findings(scenario, names, _ASKED)
    ]
    if problems:
        raise InputError(problems)
    staff = staff_inputs(scenario)
    if names:
        return Chosen(_joined(staff, names), "Inputs as asked for.")
    if scenario.explore:
        return Chosen(_joined(staff, scenario.explore), "Inputs as the scenario names them.")
    run = current_run(scenario, outputs)
    if run is not None:
        why = f"Inputs that explain most of the difference between options in run {run.name}."
        return Chosen(_joined(staff, _of_run(run, scenario)), why)
    return Chosen(_joined(staff, ranked_inputs(scenario)), _RANKED)


_RANKED = (
    "Inputs that move victims in need supported, or the difference between options, most within their range; "
    f"and the {_FOR_LOAD} more that move the work for staff most (one at a time, exact engine)."
)


def _joined(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def ranked_inputs(scenario: Scenario, n_inputs: int = MOST_INPUTS) -> tuple[str, ...]:
    """Return the inputs that matter most, one at a time from the 5th to the 95th percentile.

    All but two by the widest swing of victims in need supported by any option, or of the difference of
    two options; the others by the widest relative swing of the work for any role. Staff are ample, so that
    what matters through queues alone shows in the work.
    """
    prior = scenario.model_copy(update={"posterior": None, "levers": {}})
    uncertain = uncertain_inputs(prior)
    names = [name for name, estimate in uncertain.items() if not estimate.is_fixed]
    points = {name: np.full(2 * len(names) + 1, 0.5) for name in draw_points(prior, 1, 1)}
    for i, name in enumerate(names):
        points[name][2 * i + 1 : 2 * i + 3] = TAIL, 1 - TAIL
    supported, loads = [], []
    for option in scenario.options:
        parts = [_supported_and_load(prior, option, part) for part in _parts(points)]
        supported.append(np.concatenate([part[0] for part in parts]))
        loads.append(np.concatenate([part[1] for part in parts]))
    results = np.stack(supported, axis=-1)
    pairs = [results[:, i] - results[:, j] for i in range(results.shape[1]) for j in range(i)]
    by_result = _swings(np.concatenate([results, *(pair[:, None] for pair in pairs)], axis=1))
    work = np.concatenate(loads, axis=1)
    by_load = _swings(work / np.maximum(work[0], _EDGE))
    first = [
        names[i] for i in np.argsort(-by_result, kind="stable")[: n_inputs - _FOR_LOAD] if by_result[i] > 0
    ]
    second = [
        names[i] for i in np.argsort(-by_load, kind="stable") if names[i] not in first and by_load[i] > 0
    ]
    return (*first, *second[: n_inputs - len(first)])


def _parts(points: Points) -> Iterator[Points]:
    """Yield a few draws at a time: together they would take memory that the page never needs again."""
    n_draws = next(iter(points.values())).size
    for start in range(0, n_draws, _DRAWS_AT_ONCE):
        yield {name: values[start : start + _DRAWS_AT_ONCE] for name, values in points.items()}


def _supported_and_load(scenario: Scenario, option: str, points: Points) -> tuple[Floats, Floats]:
    """Return victims in need supported, and the work for each role over the time that it can give."""
    counters = expected_counters(build_plans(scenario, option, points, ample_staff=True), with_days=False)
    able = np.maximum(productive_minutes(scenario, option, points), _EDGE)
    load = counters.minutes[:, 0].sum(axis=-1) / able
    return counters.funnel[:, 0, :, 1, _SUPPORTED].sum(axis=1), load


def _swings(values: Floats) -> Floats:
    """Return the widest swing of any column by each input: central case, low and high of each in turn."""
    ends = values[1:].reshape(-1, 2, values.shape[1])
    central = values[0]
    high, low = np.maximum(ends.max(axis=1), central), np.minimum(ends.min(axis=1), central)
    return np.asarray((high - low).max(axis=1))


def current_run(scenario: Scenario, outputs: Path) -> Path | None:
    """Return the newest finished run folder of this very scenario and code that ranks inputs."""
    finished = [
        path
        for path in outputs.glob(f"{scenario.name}-*/manifest.json")
        if (path.parent / "tables" / "ranked_inputs.csv").is_file()
    ]
    if not finished:
        return None
    from victimsmodel.origins import run_key

    found = []
    for path in finished:
        try:
            manifest = json.loads(path.read_text())
            if manifest["key"] == run_key(scenario, manifest["profile"], manifest["seed"]):
                found.append((str(manifest["created"]), path.parent))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return max(found)[1] if found else None


def _of_run(folder: Path, scenario: Scenario) -> list[str]:
    """Return the inputs by the largest share of a gain that they explain, as a run's table says."""
    shares: dict[str, float] = {}
    with (folder / "tables" / "ranked_inputs.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            shares[row["input"]] = max(float(row["index"]), shares.get(row["input"], 0.0))
    known = uncertain_inputs(scenario)
    names = [name for name in shares if name in known and not known[name].is_fixed]
    return sorted(names, key=lambda name: -shares[name])[:MOST_INPUTS]

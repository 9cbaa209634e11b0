"""Counters of many runs -> tidy result tables (columns in `records.COLUMNS`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.scenario import PRIORITIES, Scenario, method_of
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.records import COLUMNS, EXITS, STAGES, TASKS, WAITS, WHO, Result

_RANGE = (0.05, 0.95)


class Counters(NamedTuple):
    """The counters of one run: whole numbers from the kernel, expectations from the exact engine."""

    funnel: NDArray[Any]  # (n_groups, 2 who, n_stages)
    exits: NDArray[Any]  # (n_groups, 2 who, n_exits)
    waits: NDArray[Any] | None  # (n_groups, n_waits, days)
    attempts: NDArray[Any]  # (n_groups, n_attempts_max, 2)
    minutes: NDArray[np.float64]  # (n_pools, n_tasks)
    available: NDArray[np.float64] | None  # (n_pools,) minutes of the counted days
    daily: NDArray[np.float32] | None  # (n_pools, 3 measures, n_counted_days)
    cases: NDArray[np.float32] | None  # (2, n_counted_days)


#: Called with the number of finished runs and of all runs.
Progress = Callable[[int, int], None]

#: Runs of every option: options -> draws -> replications.
Runs = Mapping[str, Sequence[Sequence[Counters]]]


def tabulated(scenario: Scenario, runs: Runs, points: Points) -> Result:
    """Return the tidy tables of all runs."""
    groups = [group.name for group in scenario.groups]
    who = list(WHO)
    return Result(
        funnel=_counts(runs, "funnel", groups, STAGES, "stage", who),
        exits=_counts(runs, "exits", groups, EXITS, "exit", who),
        waits=_concatenated("waits", [_waits(scenario, option, of) for option, of in runs.items()]),
        daily=_concatenated("daily", [_daily(scenario, option, of) for option, of in runs.items()]),
        activity=_concatenated("activity", [_activity(scenario, option, of) for option, of in runs.items()]),
        inputs=_inputs(points),
    )


def _concatenated(table: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    columns = list(COLUMNS[table])
    filled = [frame for frame in frames if not frame.empty]
    if not filled:
        return pd.DataFrame({name: [] for name in columns})
    found = pd.concat(filled, ignore_index=True)[columns]
    texts = [name for name in columns if not pd.api.types.is_numeric_dtype(found[name])]
    for name in texts:
        found[name] = pd.Categorical(found[name], categories=list(dict.fromkeys(found[name])))
    return found


def _grid(dimensions: dict[str, Sequence[Any]]) -> dict[str, Any]:
    """Return the columns of a full grid, the last dimension fastest."""
    sizes = [len(values) for values in dimensions.values()]
    columns: dict[str, Any] = {}
    for i, (name, values) in enumerate(dimensions.items()):
        inner, outer = int(np.prod(sizes[i + 1 :])), int(np.prod(sizes[:i]))
        codes = np.tile(np.repeat(np.arange(len(values)), inner), outer)
        is_text = isinstance(values[0], str)
        columns[name] = (
            pd.Categorical.from_codes(codes, list(values)) if is_text else np.asarray(values)[codes]
        )
    return columns


def _counts(
    runs: Runs, field: str, groups: list[str], names: tuple[str, ...], column: str, who: list[str]
) -> pd.DataFrame:
    found = np.array([[[getattr(run, field) for run in draw] for draw in option] for option in runs.values()])
    found = found.swapaxes(-1, -2)  # stage before who
    n_draws, n_replications = found.shape[1:3]
    columns = _grid(
        {
            "option": list(runs),
            "draw": range(n_draws),
            "replication": range(n_replications),
            "group": groups,
            column: list(names),
            "who": who,
        }
    )
    return pd.DataFrame({**columns, "victims": found.ravel()})


def _waits(scenario: Scenario, option: str, draws: Sequence[Sequence[Counters]]) -> pd.DataFrame:
    """Return mean, median, 90th percentile and share within the standard, by priority."""
    standards = scenario.standards
    within = dict(
        zip(
            WAITS, (standards.first_attempt_days, standards.contact_days, standards.support_days), strict=True
        )
    )
    members: dict[str, list[int]] = {
        p: [i for i, g in enumerate(scenario.groups) if g.priority == p] for p in PRIORITIES
    }
    members["all"] = list(range(len(scenario.groups)))
    rows = []
    for d, draw in enumerate(draws):
        for r, run in enumerate(draw):
            if run.waits is None:
                continue
            for priority, indices in members.items():
                for w, wait in enumerate(WAITS):
                    histogram = run.waits[indices, w].sum(axis=0)
                    rows.append((option, d, r, priority, wait, *_wait_summary(histogram, within[wait])))
    return pd.DataFrame(rows, columns=list(COLUMNS["waits"]))


def _wait_summary(histogram: NDArray[Any], standard: int) -> tuple[int, float, float, float, float]:
    n = int(histogram.sum())
    if n == 0:
        return 0, np.nan, np.nan, np.nan, np.nan
    by_day = histogram.cumsum() / n
    mean = float(histogram @ np.arange(histogram.size) / n)
    median, p90 = (float(np.searchsorted(by_day, level - 1e-12)) for level in (0.5, 0.9))
    return n, mean, median, p90, float(by_day[min(standard, histogram.size - 1)])


def _daily(scenario: Scenario, option: str, draws: Sequence[Sequence[Counters]]) -> pd.DataFrame:
    """Return mean and range over all runs of each day's minutes, work and victims waiting."""
    runs = [run for draw in draws for run in draw if run.daily is not None and run.cases is not None]
    if not runs:
        return pd.DataFrame()
    staff = np.stack([run.daily for run in runs if run.daily is not None])
    cases = np.stack([run.cases for run in runs if run.cases is not None])
    roles = list(scenario.options[option].service.staff)
    days = np.arange(staff.shape[-1])
    caseworker = scenario.options[option].service.support.casework.role
    series = {
        (role, measure): staff[:, p, m]
        for p, role in enumerate(roles)
        for m, measure in enumerate(("minutes_used", "minutes_available", "backlog"))
    }
    series |= {(caseworker, "victims_waiting"): cases[:, 0], (caseworker, "open_cases"): cases[:, 1]}
    frames = []
    for (role, measure), values in series.items():
        low, high = np.quantile(values, _RANGE, axis=0)
        columns = {"option": option, "day": days, "role": role, "measure": measure}
        frames.append(pd.DataFrame({**columns, "mean": values.mean(axis=0), "low": low, "high": high}))
    return pd.concat(frames, ignore_index=True)


def _activity(scenario: Scenario, option: str, draws: Sequence[Sequence[Counters]]) -> pd.DataFrame:
    """Return attempts by channel and minutes by role."""
    service = scenario.options[option].service
    methods = [service.contact.methods[method_of(service.contact, group)] for group in scenario.groups]
    rows: list[tuple[str, int, int, str, str, str, float]] = []
    for d, draw in enumerate(draws):
        for r, run in enumerate(draw):
            for channel in CHANNELS:
                used = [
                    (g, a)
                    for g, m in enumerate(methods)
                    for a, t in enumerate(m.attempts)
                    if t.channel == channel
                ]
                made, reached = sum((run.attempts[g, a] for g, a in used), np.zeros(2))
                rows.append((option, d, r, "channel", channel, "attempts", float(made)))
                rows.append((option, d, r, "channel", channel, "reached", float(reached)))
            for p, role in enumerate(service.staff):
                for t, task in enumerate(TASKS):
                    rows.append((option, d, r, "role", role, f"minutes_{task}", float(run.minutes[p, t])))
                if run.available is not None:
                    rows.append((option, d, r, "role", role, "minutes_available", float(run.available[p])))
    return pd.DataFrame(rows, columns=list(COLUMNS["activity"]))


def _inputs(points: Points) -> pd.DataFrame:
    names = list(points)
    values = np.stack([points[name] for name in names], axis=-1)
    columns = _grid({"draw": range(values.shape[0]), "input": names})
    return pd.DataFrame({**columns, "probability": values.ravel()})


def points_of(result: Result) -> Points:
    """Return the sampled inputs of a result as they were given to the engines."""
    wide = result.inputs.pivot(index="draw", columns="input", values="probability")
    return {str(name): wide[name].to_numpy() for name in wide.columns}

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
    """The counters of an option's runs: whole numbers from the kernel, or exact expectations.

    Every array begins with the dimensions draw and replication.
    """

    funnel: NDArray[Any]  # (..., n_groups, 2 who, n_stages)
    exits: NDArray[Any]  # (..., n_groups, 2 who, n_exits)
    waits: NDArray[Any] | None  # (..., n_groups, n_waits, days)
    attempts: NDArray[Any]  # (..., n_groups, n_attempts_max, 2)
    informed: NDArray[Any]  # (..., n_groups)
    minutes: NDArray[np.float64]  # (..., n_roles, n_tasks)
    available: NDArray[np.float64] | None  # (..., n_roles) minutes of the counted days
    daily: NDArray[np.float32] | None  # (..., n_roles, 3 measures, n_counted_days)
    cases: NDArray[np.float32] | None  # (..., 3 measures, n_counted_days)


def joined(parts: Sequence[Counters]) -> Counters:
    """Return the counters of several parts as those of one: the first dimension grows."""
    columns = zip(*parts, strict=True)
    return Counters._make(None if column[0] is None else np.concatenate(column) for column in columns)


#: Called with the number of finished runs and of all runs.
Progress = Callable[[int, int], None]

#: Runs of every option.
Runs = Mapping[str, Counters]


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
        contact_days=_concatenated("contact_days", [_contact_days(groups, o, of) for o, of in runs.items()]),
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
    found = np.stack([getattr(of, field) for of in runs.values()])
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


def _waits(scenario: Scenario, option: str, runs: Counters) -> pd.DataFrame:
    """Return mean, median, 90th percentile and share within the standard, by priority."""
    if runs.waits is None or runs.daily is None:  # the exact engine: nobody waits
        return pd.DataFrame()
    standards = scenario.standards
    within = (standards.first_attempt_days, standards.contact_days, standards.support_days)
    members: dict[str, list[int]] = {
        p: [i for i, g in enumerate(scenario.groups) if g.priority == p] for p in PRIORITIES
    }
    members["all"] = list(range(len(scenario.groups)))
    by_priority = {name: runs.waits[:, :, indices].sum(axis=2) for name, indices in members.items()}
    rows = [
        (option, d, r, priority, wait, *_wait_summary(histograms[d, r, w], within[w]))
        for d, r in np.ndindex(runs.waits.shape[:2])
        for priority, histograms in by_priority.items()
        for w, wait in enumerate(WAITS)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS["waits"]))


def _contact_days(groups: list[str], option: str, runs: Counters) -> pd.DataFrame:
    """Return contacted victims by days since referral and group, the mean of all runs."""
    if runs.waits is None:
        return pd.DataFrame()
    victims = runs.waits[:, :, :, WAITS.index("contact")].mean(axis=(0, 1))
    columns = _grid({"option": [option], "group": groups, "days": range(victims.shape[-1])})
    return pd.DataFrame({**columns, "victims": victims.ravel()})


def _wait_summary(histogram: NDArray[Any], standard: int) -> tuple[int, float, float, float, float]:
    n = int(histogram.sum())
    if n == 0:
        return 0, np.nan, np.nan, np.nan, np.nan
    by_day = histogram.cumsum() / n
    mean = float(histogram @ np.arange(histogram.size) / n)
    median, p90 = (float(np.searchsorted(by_day, level - 1e-12)) for level in (0.5, 0.9))
    return n, mean, median, p90, float(by_day[min(standard, histogram.size - 1)])


def _daily(scenario: Scenario, option: str, runs: Counters) -> pd.DataFrame:
    """Return mean and range over all runs of each day's minutes, work and victims waiting."""
    if runs.daily is None or runs.cases is None:
        return pd.DataFrame()
    service = scenario.options[option].service
    staff, cases = (field.reshape(-1, *field.shape[2:]) for field in (runs.daily, runs.cases))
    series = {
        (role, measure): staff[:, p, m]
        for p, role in enumerate(service.staff)
        for m, measure in enumerate(("minutes_used", "minutes_available", "backlog"))
    }
    holder = service.support.casework.role
    series |= {(holder, "victims_waiting"): cases[:, 0], (holder, "open_cases"): cases[:, 1]}
    if service.support.specialist.services:
        series[service.support.specialist.role, "waiting_for_specialist"] = cases[:, 2]
    days = np.arange(staff.shape[-1])
    frames = []
    for (role, measure), values in series.items():
        low, high = np.quantile(values, _RANGE, axis=0)
        columns = {"option": option, "day": days, "role": role, "measure": measure}
        frames.append(pd.DataFrame({**columns, "mean": values.mean(axis=0), "low": low, "high": high}))
    return pd.concat(frames, ignore_index=True)


def _activity(scenario: Scenario, option: str, runs: Counters) -> pd.DataFrame:
    """Return attempts by channel, information sent, and minutes by role."""
    service = scenario.options[option].service
    rows: dict[tuple[str, str, str], Any] = {}
    for channel in CHANNELS:
        made, reached, informed = attempts_by_channel(scenario, option, runs, channel)
        rows["channel", channel, "attempts"], rows["channel", channel, "reached"] = made, reached
        rows["channel", channel, "informed"] = informed
    for p, role in enumerate(service.staff):
        for t, task in enumerate(TASKS):
            rows["role", role, f"minutes_{task}"] = runs.minutes[:, :, p, t]
        if runs.available is not None:
            rows["role", role, "minutes_available"] = runs.available[:, :, p]
    names = np.array(list(rows))
    n_draws, n_replications = runs.minutes.shape[:2]
    n_runs = n_draws * n_replications
    columns = _grid({"option": [option], "draw": range(n_draws), "replication": range(n_replications)})
    repeated = {name: np.repeat(np.asarray(values), len(rows)) for name, values in columns.items()}
    amounts = np.stack([np.asarray(values, np.float64) for values in rows.values()], axis=-1)
    texts = {
        name: pd.Categorical.from_codes(np.tile(codes, n_runs), list(found))
        for name, (codes, found) in zip(
            ("kind", "name", "measure"), (pd.factorize(column) for column in names.T), strict=True
        )
    }
    return pd.DataFrame({**repeated, **texts, "amount": amounts.ravel()})


def attempts_by_channel(
    scenario: Scenario, option: str, runs: Counters, channel: str
) -> tuple[Any, Any, Any]:
    """Return attempts made, attempts that succeeded and information sent in a channel, by run."""
    contact = scenario.options[option].service.contact
    made = np.zeros((*runs.minutes.shape[:2], 2))
    informed = np.zeros(runs.minutes.shape[:2])
    for g, group in enumerate(scenario.groups):
        method = contact.methods[method_of(contact, group)]
        own = [a for a, attempt in enumerate(method.attempts) if attempt.channel == channel]
        made += runs.attempts[:, :, g, own].sum(axis=2)
        if method.fallback == channel:
            informed += runs.informed[:, :, g]
    return made[..., 0], made[..., 1], informed


def _inputs(points: Points) -> pd.DataFrame:
    names = list(points)
    values = np.stack([points[name] for name in names], axis=-1)
    columns = _grid({"draw": range(values.shape[0]), "input": names})
    return pd.DataFrame({**columns, "probability": values.ravel()})


def points_of(result: Result) -> Points:
    """Return the sampled inputs of a result as they were given to the engines."""
    wide = result.inputs.pivot(index="draw", columns="input", values="probability")
    return {str(name): wide[name].to_numpy() for name in wide.columns}

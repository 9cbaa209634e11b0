"""The event log: what happened to each victim of a simulated year, in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import check_seed, draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.arrays import Output, Plan
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.simulate import checked_options, run_once
from victimsmodel.records import EVENTS, TASKS
from victimsmodel.rng import replication_key

#: The working day that steps are spread over.
_OPENS, _HOURS = 9.0, 7.5
_EVENTS_AT_FIRST = 100_000


def event_log(
    scenario: Scenario,
    option: str = "business_as_usual",
    share: float = 0.01,
    seed: int = 1,
    replication: int = 0,
    victim: str | None = None,
) -> pd.DataFrame:
    """Replay a year and write down what happens to a sample of victims, or to one.

    Inputs stand at their medians: it is the year that ``simulate(..., n_draws=1, seed=seed)`` counts
    as this replication. Writing down changes nothing in what happens.

    Parameters
    ----------
    scenario : Scenario
    option : str
    share : float
        Of victims whose story is told, above 0 up to 1; the same victims in every option.
    seed, replication : int
    victim : str, optional
        Only this one, named as in the column `victim`; then every victim is looked at, whatever `share`.

    Returns
    -------
    DataFrame
        A row for each event, in order. The first four columns are what process-mining tools call
        case, activity, timestamp and resource:

        victim : the number that all chances of this simulated victim come from, hexadecimal
        event : one of `records.EVENTS`: stages, exits (``closed_...``), tasks, and news such as `replied`
        time : start of the step; steps are spread over 9:00 to 16:30
        role : who worked, or missing
        minutes : of staff
        channel : of an attempt, a reply or information sent, or missing
        group, stream, day : kind of victim, how they came, calendar days since referral
    """
    checked_options(scenario, [option])
    check_seed(seed)
    if not 0 < share <= 1:
        raise input_error(
            "event_log", "must be above 0 and at most 1", "VM037", field="share", value=str(share)
        )
    plan = build_plans(scenario, option, draw_points(scenario, 1, seed))[0]
    plan.numbers["log_share"] = 1.0 if victim is not None else share
    log = _written(plan, replication_key(seed, replication)).log
    if victim is not None:
        log = log[log["key"] == _key_of(victim)]
        if not log.size:
            raise input_error(
                "event_log", "is no victim of this year and option", "VM037", field="victim", value=victim
            )
    return _readable(log, plan, scenario, option)


def _key_of(victim: str) -> np.uint64:
    try:
        return np.uint64(int(victim, 16))
    except (ValueError, OverflowError):
        allowed = "must be 16 hexadecimal digits, as in the column victim"
        raise input_error("event_log", allowed, "VM037", field="victim", value=victim) from None


def _written(plan: Plan, key: np.uint64) -> Output:
    """Return the run with all its events: a second run where the first had too little room."""
    out = run_once(plan, key, _EVENTS_AT_FIRST)
    n = int(out.header["n_logged"][0])
    if n > _EVENTS_AT_FIRST:
        return run_once(plan, key, n)
    return out._replace(log=out.log[:n])


def _readable(log: Any, plan: Plan, scenario: Scenario, option: str) -> pd.DataFrame:
    steps, first = int(plan.numbers["steps"][0]), int(plan.numbers["epoch_day"][0])
    roles = list(scenario.options[option].service.staff)
    days = log["step"] // steps
    hours = _OPENS + (log["step"] % steps) * _HOURS / steps
    time = pd.to_datetime(days + first, unit="D") + pd.to_timedelta(hours, unit="h")
    groups = [group.name for group in scenario.groups]
    return pd.DataFrame(
        {
            "victim": [f"{key:016x}" for key in log["key"].tolist()],
            "event": pd.Categorical.from_codes(log["event"], list(EVENTS)),
            "time": time,
            "role": pd.Categorical.from_codes(log["pool"], roles),
            "minutes": log["minutes"],
            "channel": pd.Categorical.from_codes(log["channel"], list(CHANNELS)),
            "group": pd.Categorical.from_codes(plan.sources["group"][log["source"]], groups),
            "stream": _streams(scenario)[log["source"]],
            "day": days - log["arrival"],
        }
    )


def _streams(scenario: Scenario) -> np.ndarray:
    """Return the way by which the victims of each source come, in the order of the sources."""
    demand, n_groups = scenario.demand, len(scenario.groups)
    names = ["reported"] * n_groups
    for name in demand.streams:
        names += [name] * n_groups
    for name, surge in demand.surges.items():
        names += [name] * sum(group.crime_type == surge.crime_type for group in scenario.groups)
    return np.array(names)


def one_story(log: pd.DataFrame, victim: str | None = None) -> pd.DataFrame:
    """Return the events of one victim, of the one with the most events unless named; none of an empty log."""
    columns = ["time", "event", "channel", "role", "minutes"]
    if log.empty:
        return log[columns]
    chosen = log["victim"].value_counts().idxmax() if victim is None else victim
    return log.loc[log["victim"] == chosen, columns].reset_index(drop=True)


def process_log(log: pd.DataFrame) -> pd.DataFrame:
    """Return a log with the standard names that process-mining tools look for (IEEE 1849, XES)."""
    names = {
        "victim": "case:concept:name",
        "event": "concept:name",
        "time": "time:timestamp",
        "role": "org:resource",
        "group": "case:group",
        "stream": "case:stream",
    }
    return log.rename(columns=names)


def animation_log(log: pd.DataFrame) -> pd.DataFrame:
    """Return a log in the shape that animations of queues read.

    Parameters
    ----------
    log : DataFrame
        From `event_log`.

    Returns
    -------
    DataFrame
        Columns entity_id, pathway (the group), event_type, event, time (minutes since the first
        event), resource_id. Event types are arrival_departure (events arrival and depart),
        resource_use and resource_use_end for staff time, and queue for all else.
    """
    minutes = (log["time"] - log["time"].min()).dt.total_seconds() / 60
    base = pd.DataFrame(
        {
            "entity_id": log["victim"],
            "pathway": log["group"],
            "event_type": "queue",
            "event": log["event"].astype(str),
            "time": minutes,
            "resource_id": log["role"],
            "order": np.arange(len(log)) * 4.0,
        }
    )
    is_work = log["event"].isin(TASKS) & log["role"].notna()
    base.loc[is_work, "event_type"] = "resource_use"
    ended = base[is_work].assign(
        event_type="resource_use_end", time=minutes[is_work] + log["minutes"][is_work]
    )
    ended["order"] += 1
    edges = base.groupby("entity_id", sort=False)
    arrival = edges.head(1).assign(event_type="arrival_departure", event="arrival", resource_id=None)
    arrival["order"] -= 1
    depart = edges.tail(1).assign(event_type="arrival_departure", event="depart", resource_id=None)
    depart["order"] += 2
    found = pd.concat([arrival, base, ended, depart], ignore_index=True)
    return found.sort_values("order", ignore_index=True).drop(columns="order")

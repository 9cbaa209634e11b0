"""Names, columns and types of every result table: what all floors speak."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

#: Stages of the pathway in order. Each is also counted for victims in need.
STAGES = (
    "victims",
    "in_need",
    "referred",
    "attempted",
    "contacted",
    "consented",
    "assessed",
    "need_recognised",
    "accepted",
    "supported",
    "completed",
    "improved",
)

#: Where a referral ends; `completed`, `not_in_need` and `open` are no failure of the service.
EXITS = (
    "excluded",
    "unsafe",
    "no_details",
    "reneged",
    "unreachable",
    "declined",
    "not_attended",
    "need_missed",
    "withdrew",
    "not_in_need",
    "completed",
    "open",
)

#: What a wait is measured between, in calendar days.
WAITS = ("first_attempt", "contact", "support")

#: What staff time is spent on.
TASKS = ("attempt", "assessment", "practical", "casework", "specialist")

#: Kinds of work that wait for staff; among work that is due alike, the first kind goes first.
KINDS = ("call_back", "assessment", "casework", "practical", "specialist", "first_attempt", "attempt")

#: What a victim's story is told in: stages reached, where it ended, work done and news.
EVENTS = (
    *STAGES,
    *(f"closed_{exit_}" for exit_ in EXITS),
    *TASKS,
    "replied",
    "missed",
    "place_given",
    "informed",
)

#: `all` victims, or only those `in_need`.
WHO = ("all", "in_need")

#: Standard errors between simulation and exact engine beyond which a run fails.
AGREEMENT_LIMIT = 5.0

#: Columns of each table, in order.
COLUMNS = {
    "funnel": ("option", "draw", "replication", "group", "stage", "who", "victims"),
    "exits": ("option", "draw", "replication", "group", "exit", "who", "victims"),
    "waits": (
        "option",
        "draw",
        "replication",
        "priority",
        "wait",
        "victims",
        "mean_days",
        "median_days",
        "p90_days",
        "within_standard",
    ),
    "daily": ("option", "day", "role", "measure", "mean", "low", "high"),
    "activity": ("option", "draw", "replication", "kind", "name", "measure", "amount"),
    "contact_days": ("option", "group", "days", "victims"),
    "inputs": ("draw", "input", "probability"),
}


class Result(NamedTuple):
    """What a simulation, or the exact engine, returns: tidy tables (columns in `COLUMNS`)."""

    funnel: pd.DataFrame  # persons by stage
    exits: pd.DataFrame  # persons by where their case ended
    waits: pd.DataFrame  # calendar days; empty from the exact engine
    daily: pd.DataFrame  # staff minutes, work and victims waiting; empty from the exact engine
    activity: pd.DataFrame  # attempts by channel, minutes by role
    contact_days: pd.DataFrame  # contacted victims by calendar days since referral, mean of all runs
    inputs: pd.DataFrame  # cumulative probability of each uncertain input in each draw
    precision: pd.DataFrame | None = None  # looks at a measure while replications went on

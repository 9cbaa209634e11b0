"""The typed arrays that both engines read and the kernel fills: the contract between them.

Index conventions: groups as in ``Scenario.groups``; channels, stages, exits, waits and tasks as in
their tuples; pools are the roles of the scenario in order; need is 1 for victims in need, else 0;
``who`` is 0 for all victims and 1 for those in need.

What belongs together stands in one array of records: the compiler carries each array along as some
ten values, so that few arrays compile many times faster than many.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.records import EXITS, STAGES, TASKS, WAITS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Records = Any  # an array of records: their fields are known to the compiler, not to the type checker

#: Cells of a tabulated quantile function: a uniform number picks one.
N_CELLS = 256
#: Longest reply and wait that is told apart, in days.
MOST_REPLY_DAYS = 60
MOST_WAIT_DAYS = 120
#: Pool number of an attempt that is sent automatically.
AUTOMATIC = -1

#: What a victim's pending event or queued work is.
ENDED, ATTEMPT_DUE, ASSESSMENT_DUE, PRACTICAL_DUE, SPECIALIST_DUE, CASE_DUE, SESSION_DUE = range(7)

_F, _I = np.float64, np.int64

NUMBERS = np.dtype(
    [
        ("epoch_day", _I),  # days from 1970-01-01 to day 0
        ("n_days", _I),
        ("first_day", _I),  # the counted victims arrive from here ...
        ("last_day", _I),  # ... to the day before this one
        ("first_booked_day", _I),  # staff time is booked from here ...
        ("last_booked_day", _I),  # ... to the day before this one
        ("steps", _I),  # steps of a day
        ("n_priorities", _I),
        ("excluded", _F),
        ("fade_days", _F),
        ("patience_working_days", _I),
        ("assessment_pool", _I),
        ("assessment_minutes", _F),
        ("same_call", _I),
        ("casework_share", _F),
        ("specialist_share", _F),
        ("practical_pool", _I),
        ("practical_minutes", _F),
        ("specialist_pool", _I),
        ("specialist_minutes", _F),
        ("casework_pool", _I),
        ("casework_minutes", _F),
        ("casework_interval", _I),  # working days
        ("withdrawal", _F),
        ("patience_days", _F),
        ("improved", _F),
    ]
)
GROUPS = np.dtype([("need", _F), ("unsafe", _F), ("priority", _I), ("n_attempts", _I)])
ATTEMPTS = np.dtype([("channel", _I), ("gap", _I), ("pool", _I), ("table", _I)])
CHANNEL = np.dtype([("missing", _F), ("minutes_reached", _F), ("minutes_attempt", _F), ("spoken", _I)])
NEEDS = np.dtype(
    [("referred", _F), ("recognised", _F), ("accepted", _F), ("consent", _F, (2,))]  # spoken, replied
)
CELLS = np.dtype([("service_time", _F), ("sessions", _I)])
DAYS = np.dtype([("working_index", _I), ("slots", _I)])  # working days before; places for open cases

VICTIM = np.dtype(
    [
        ("key", np.uint64),
        ("arrival", np.int32),
        ("reply_step", np.int32),
        ("leave_step", np.int32),
        ("accepted_day", np.int32),
        ("next", np.int32),
        ("group", np.int16),
        ("need", np.int8),
        ("counted", np.int8),
        ("state", np.int8),
        ("attempt", np.int8),  # next attempt, or sessions held
        ("available", np.int8),  # a bit for each channel with details
    ],
    align=True,
)
LIST = np.dtype([("head", np.int32), ("tail", np.int32)])
POOL = np.dtype([("length", _I), ("open_cases", _I), ("budget", _F)])  # budget below 0: an overrun


class Plan(NamedTuple):
    """One option in one draw, as numbers."""

    numbers: Any  # a record of NUMBERS
    groups: Records  # (n_groups,) GROUPS
    attempts: Records  # (n_groups, n_attempts_max) ATTEMPTS
    channels: Records  # (n_channels,) CHANNEL
    needs: Records  # (2,) NEEDS, not in need and in need
    cells: Records  # (N_CELLS,) CELLS
    days: Records  # (n_days + margin,) DAYS
    working_day: Ints  # the days that are worked, in order, margin included
    arrival_rate: Floats  # (n_days, n_groups) mean victims a day
    reach: Floats  # (n_tables, N_CELLS) success on the day of the crime by cell of reachability
    reply: Floats  # (n_channels, MOST_REPLY_DAYS + 1) cumulative probability of a reply by day
    capacity: Floats  # (n_pools, n_days) minutes


class Output(NamedTuple):
    """What a replication counts; only victims who arrive from `first_day` to `last_day`."""

    funnel: Ints  # (n_groups, 2 who, n_stages)
    exits: Ints  # (n_groups, 2 who, n_exits)
    waits: Ints  # (n_groups, n_waits, MOST_WAIT_DAYS + 1) victims by calendar days waited
    attempts: Ints  # (n_groups, n_attempts_max, 2: made, reached)
    minutes: Floats  # (n_pools, n_tasks) worked on the booked days, for whomever
    used: Floats  # (n_pools, n_days) minutes worked
    backlog: Ints  # (n_pools, n_days) pieces of work waiting at the end of the day
    cases: Ints  # (n_days, 2) accepted victims waiting for a caseworker; open cases; end of the day


class Workspace(NamedTuple):
    """Memory of one thread: a record for each victim, and the lists that link them."""

    victims: Records  # (n_victims_max,) VICTIM
    calendar: Records  # (n_steps,) LIST
    queues: Records  # (n_pools + 2, n_priorities) LIST; after the pools: waiting for a caseworker,
    pools: Records  # (n_pools + 2,) POOL;               and what needs no staff
    leaving: NDArray[np.int32]  # (n_pools + 2, n_steps) how many will leave a queue when


def new_output(plan: Plan) -> Output:
    """Return counters at zero, of the shapes that a plan needs."""
    n_groups, n_attempts = plan.attempts.shape
    n_pools, n_days = plan.capacity.shape
    return Output(
        funnel=np.zeros((n_groups, 2, len(STAGES)), np.int64),
        exits=np.zeros((n_groups, 2, len(EXITS)), np.int64),
        waits=np.zeros((n_groups, len(WAITS), MOST_WAIT_DAYS + 1), np.int64),
        attempts=np.zeros((n_groups, n_attempts, 2), np.int64),
        minutes=np.zeros((n_pools, len(TASKS)), np.float64),
        used=np.zeros((n_pools, n_days), np.float64),
        backlog=np.zeros((n_pools, n_days), np.int64),
        cases=np.zeros((n_days, 2), np.int64),
    )


def new_workspace(plan: Plan) -> Workspace:
    """Return memory for every victim that a plan can bring, but for chances below 1e-15.

    It fits every plan with the same `workspace_shape`.
    """
    mean = float(workspace_shape(plan)[0])
    n_pools, n_days = plan.capacity.shape
    n_steps = n_days * int(plan.numbers["steps"])
    return Workspace(
        victims=np.empty(int(mean + 8 * mean**0.5 + 64), VICTIM),
        calendar=np.empty(n_steps, LIST),
        queues=np.empty((n_pools + 2, int(plan.numbers["n_priorities"])), LIST),
        pools=np.empty(n_pools + 2, POOL),
        leaving=np.empty((n_pools + 2, n_steps), np.int32),
    )


def workspace_shape(plan: Plan) -> tuple[int, ...]:
    """Return what decides the size of a workspace: victims up to a power of two, pools, days, steps."""
    victims = 1 << int(plan.arrival_rate.sum()).bit_length()
    return (victims, *plan.capacity.shape, int(plan.numbers["steps"]))

"""Counters and memory of the sizes that a plan needs."""

from __future__ import annotations

import numpy as np

from victimsmodel.pathway.arrays import (
    DAY_COUNTS,
    GROUP_COUNTS,
    HEADER,
    LOG,
    MOST_ATTEMPTS,
    POOL,
    POOL_COUNTS,
    STEP,
    VICTIM,
    Floats,
    Output,
    Plan,
    Workspace,
)


def n_pools(plan: Plan) -> int:
    """Return the number of pools: roles, caseload places, specialist services."""
    return int(plan.numbers["n_roles"][0] + 1 + plan.numbers["n_services"][0])


def new_output(plan: Plan, n_events: int = 0) -> Output:
    """Return counters at zero, of the shapes that a plan needs, and room for a log."""
    return Output(
        groups=np.zeros(plan.groups.size, GROUP_COUNTS),
        pools=np.zeros(n_pools(plan), POOL_COUNTS),
        days=np.zeros(int(plan.numbers["n_days"][0]), DAY_COUNTS),
        log=np.zeros(n_events, LOG),
        header=np.zeros(1, HEADER),
    )


def new_workspace(plan: Plan) -> Workspace:
    """Return memory for every victim and reply that a plan can bring, but for chances below 1e-15.

    It fits every plan with the same `workspace_shape`.
    """
    n_victims, pools, n_days, steps, n_workers = workspace_shape(plan)
    return Workspace(
        victims=np.empty(n_victims, VICTIM),
        calendar=np.empty(n_days * steps, STEP),
        pools=np.empty(pools, POOL),
        workers=np.empty(n_workers, np.float64),
    )


def workspace_shape(plan: Plan) -> tuple[int, int, int, int, int]:
    """Return victims and replies (rounded up to a 64th), pools, days, steps of a day and workers."""
    volume = plan.profile.sum(axis=0)[plan.sources["profile"]] * plan.sources["per_day"]
    replies = _replies_per_victim(plan)[plan.sources["group"]]
    mean = float((volume * (1 + replies)).sum())
    opening = int(plan.sources["opening"].sum() * 2 + plan.groups["opening_cases"].sum())
    needed = int(mean + 8 * mean**0.5) + opening + 64
    grain = max(needed // 64, 1)
    last = plan.roles[-1]
    workers = int(last["first_worker"] + np.ceil(plan.staff[:, -1].max()))
    return (
        -(-needed // grain) * grain,
        n_pools(plan),
        int(plan.numbers["n_days"][0]),
        int(plan.numbers["steps"][0]),
        max(workers, 1),
    )


def _replies_per_victim(plan: Plan) -> Floats:
    """Return the most replies that a victim of each group sends on average."""
    groups = plan.groups
    is_used = np.arange(MOST_ATTEMPTS) < groups["n_attempts"][:, None]
    is_message = is_used & (plan.numbers["spoken"][0][groups["channel"]] == 0)
    reach = plan.tables["reach"][0].mean(axis=1)[groups["table"]]
    return np.asarray((is_message * reach).sum(axis=1))

"""The limit: only as many random draws as a replication takes, addressed in the same way."""

from __future__ import annotations

import numpy as np
from numba import njit

from victimsmodel.pathway.arrays import AUTOMATIC, SESSION, Output, Plan
from victimsmodel.records import EXITS, STAGES
from victimsmodel.rng import uniform, victim_key


@njit(nogil=True)
def only_draws(replication: np.uint64, n_victims: int, n_draws: int) -> float:
    """Make the key of each victim, draw `n_draws` numbers of them in equal parts, and add them up.

    Parameters
    ----------
    replication : uint64
        From `replication_key`.
    n_victims, n_draws : int

    Returns
    -------
    float
    """
    total = 0.0
    each, over = n_draws // n_victims, n_draws % n_victims
    for i in range(n_victims):
        key = victim_key(replication, 0, 0, i)
        for decision in range(each + (1 if i < over else 0)):
            total += uniform(key, decision, 0)
    return total


def number_of_draws(plan: Plan, out: Output) -> int:
    """Return how many random numbers a replication took in which every victim was counted.

    Parameters
    ----------
    plan : Plan
    out : Output

    Returns
    -------
    int
    """
    groups, numbers = plan.groups, plan.numbers[0]
    stage = dict(zip(STAGES, out.groups["funnel"][:, 0].sum(axis=0).tolist(), strict=True))
    ended = dict(zip(EXITS, out.groups["exits"][:, 0].sum(axis=0).tolist(), strict=True))
    attempts = out.groups["attempts"]
    by_staff = groups["pool"] != AUTOMATIC
    messages = numbers["spoken"][groups["channel"]] == 0
    sessions = int(out.pools["served"][:, 2 * SESSION : 2 * SESSION + 2].sum())
    places = int(out.pools["served"][numbers["n_roles"], 2 * SESSION : 2 * SESSION + 2].sum())
    referred = out.groups["funnel"][:, 0, STAGES.index("referred")]
    n = int(numbers["n_days"]) * plan.sources.size  # arrivals
    n += 2 * stage["victims"]  # need, referral
    n += int((referred * (groups["n_attempts"] + 1)).sum())  # details of each attempt, exclusion
    n += stage["referred"] - ended["excluded"]  # safety
    n += 2 * int(attempts[..., 0].sum())  # reachability, success
    n += int(attempts[..., 0][by_staff].sum()) + int(attempts[..., 1][messages].sum())  # time, reply
    n += stage["contacted"] + 2 * stage["assessed"] + stage["need_recognised"]
    n += 2 * stage["accepted"] + stage["supported"] - places + stage["completed"]
    return n + 3 * (sessions - places)  # time, number and withdrawal

"""Exact expected values of the same arrays that the kernel runs on, when no one waits for staff.

Given reachability u, attempts succeed independently. A victim is not contacted before attempt n with
probability  prod_{j<n} (1 - p_j(u) F_j(t_n - t_j)),  where F is the share of replies that have come
(1 at once for calls and visits); contact ever has probability  1 - prod_j (1 - p_j(u)). Both are
averaged over the cells of u, the channels with details, and the arrival days.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import AUTOMATIC, MOST_REPLY_DAYS, Floats, Ints, Plan
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.results import Counters, tabulated
from victimsmodel.records import EXITS, STAGES, TASKS, Result

_NEED = np.array([0, 1])


class GroupContact(NamedTuple):
    """Contact of one group, per referral that is attempted or has no details."""

    no_details: float
    spoken: float
    replied: float
    made: Floats  # (n_attempts_max,) expected attempts
    reached: Floats  # (n_attempts_max,) of them successful


def expected_pathway(scenario: Scenario, option: str = "business_as_usual") -> Result:
    """Return expected counts of an option when staff are ample; no sampling error.

    Uncertain inputs stand at their medians. Waits and daily tables are empty: nobody waits.
    """
    points = draw_points(scenario, 1, seed=0)
    plan = build_plans(scenario, option, points, ample_staff=True)[0]
    return tabulated(scenario, {option: [[expected_counters(plan)]]}, points)


def expected_counters(plan: Plan) -> Counters:
    """Return the expected counters of a plan with ample staff."""
    n_groups, n_attempts = plan.attempts.shape
    n_pools = plan.capacity.shape[0]
    funnel = np.zeros((n_groups, 2, len(STAGES)))
    exits = np.zeros((n_groups, 2, len(EXITS)))
    attempts = np.zeros((n_groups, n_attempts, 2))
    minutes = np.zeros((n_pools, len(TASKS)))
    for g in range(n_groups):
        victims = plan.arrival_rate[plan.numbers["first_day"] : plan.numbers["last_day"], g].sum()
        by_need = victims * np.array([1 - plan.groups["need"][g], plan.groups["need"][g]])
        contact = group_contact(plan, g)
        stages, ends, made = _by_need(plan, g, contact)
        funnel[g] = _all_and_in_need(by_need, stages)
        exits[g] = _all_and_in_need(by_need, ends)
        attempts[g] = (by_need @ made) * np.stack([contact.made, contact.reached], axis=-1)
        minutes += _minutes(plan, g, contact, by_need, stages, made)
    return Counters(funnel, exits, None, attempts, minutes, None, None, None)


def _all_and_in_need(by_need: Floats, rates: Floats) -> Floats:
    """Return counts of all victims and of those in need; rates have shape (2, n)."""
    counts = by_need[:, None] * rates
    return np.stack([counts.sum(axis=0), counts[1]])


def group_contact(plan: Plan, g: int) -> GroupContact:
    """Return the chances of contact of a group, averaged over details, arrival days and cells."""
    n = int(plan.groups["n_attempts"][g])
    used = plan.attempts[g, :n]
    channels = sorted(set(used["channel"].tolist()))
    missing = plan.channels["missing"]
    no_details = spoken = replied = 0.0
    made, reached = np.zeros(plan.attempts.shape[1]), np.zeros(plan.attempts.shape[1])
    for has in product([False, True], repeat=len(channels)):
        chance = np.prod([1 - missing[c] if h else missing[c] for c, h in zip(channels, has, strict=True)])
        chosen = [a for a in range(n) if has[channels.index(used["channel"][a])]]
        if not chosen:
            no_details += chance
            continue
        patterns, weights = _attempt_days(plan, g, chosen)
        success = _success(plan, used[chosen], patterns)
        not_before = _not_contacted_before(plan, used[chosen], patterns, success)
        weight = chance * weights[:, None, None] / success.shape[-1]
        made[chosen] += (weight * not_before).sum(axis=(0, 2))
        reached[chosen] += (weight * not_before * success).sum(axis=(0, 2))
        is_spoken = plan.channels["spoken"][used["channel"][chosen]].astype(bool)
        by_speech = (weight * not_before * success)[:, is_spoken].sum()
        ever = (weight[:, 0] * (1 - np.prod(1 - success, axis=1))).sum()
        spoken += by_speech
        replied += ever - by_speech
    return GroupContact(no_details, spoken, replied, made, reached)


def _attempt_days(plan: Plan, g: int, chosen: list[int]) -> tuple[Ints, Floats]:
    """Return the distinct patterns of days from arrival to each attempt, and their weights."""
    first, last = plan.numbers["first_day"], plan.numbers["last_day"]
    arrival = np.arange(first, last)
    index = plan.days["working_index"]
    day, elapsed = arrival, []
    for a in chosen:
        gap = plan.attempts["gap"][g, a]
        position = index[day] if gap == 0 else index[day + 1] + gap - 1
        day = plan.working_day[position]
        elapsed.append(day - arrival)
    patterns, which = np.unique(np.stack(elapsed, axis=-1), axis=0, return_inverse=True)
    rate = plan.arrival_rate[first:last, g]
    total = max(rate.sum(), 1e-300)
    weights = np.bincount(which.ravel(), weights=rate / total, minlength=len(patterns))
    return np.asarray(patterns), np.asarray(weights, np.float64)


def _success(plan: Plan, used: np.ndarray, patterns: Ints) -> Floats:
    """Return the chance that each attempt succeeds, shape (n_patterns, n_attempts, N_CELLS)."""
    fade = np.exp(-patterns / plan.numbers["fade_days"])
    return np.asarray(plan.reach[used["table"]][None, :, :] * fade[:, :, None])


def _not_contacted_before(plan: Plan, used: np.ndarray, patterns: Ints, success: Floats) -> Floats:
    """Return the chance that each attempt is made, same shape as `success`."""
    chance = np.ones_like(success)
    for n in range(1, len(used)):
        for j in range(n):
            channel = used["channel"][j]
            days = np.minimum(patterns[:, n] - patterns[:, j], MOST_REPLY_DAYS)
            known = 1.0 if plan.channels["spoken"][channel] else plan.reply[channel, days][:, None]
            chance[:, n] *= 1 - success[:, j] * known
    return chance


def _by_need(plan: Plan, g: int, contact: GroupContact) -> tuple[Floats, Floats, Floats]:
    """Return stages and exits per victim, and the share that enters contact, by need."""
    numbers, needs = plan.numbers, plan.needs
    unsafe = plan.groups["unsafe"][g]
    referred = needs["referred"]
    screened = referred * (1 - numbers["excluded"]) * (1 - unsafe)
    contacted = screened * (contact.spoken + contact.replied)
    consent = needs["consent"]
    consented = screened * (contact.spoken * consent[:, 0] + contact.replied * consent[:, 1])
    recognised = consented * needs["recognised"]
    accepted = recognised * needs["accepted"]
    casework = numbers["casework_share"]
    stays = ((1 - numbers["withdrawal"]) ** (plan.cells["sessions"] - 1)).mean()
    completed = accepted * (1 - casework + casework * stays)
    one = np.ones(2)
    attempted = screened * (1 - contact.no_details)
    stages = [
        one,
        _NEED,
        referred,
        attempted,
        contacted,
        consented,
        consented,
        recognised,
        accepted,
        accepted,
    ]
    stages += [completed, completed * numbers["improved"]]
    ends = {
        "excluded": referred * numbers["excluded"],
        "unsafe": referred * (1 - numbers["excluded"]) * unsafe,
        "no_details": screened * contact.no_details,
        "unreachable": attempted - contacted,
        "declined": contacted - consented + recognised - accepted,
        "need_missed": (consented - recognised) * _NEED,
        "not_in_need": (consented - recognised) * (1 - _NEED),
        "withdrew": accepted - completed,
        "completed": completed,
    }
    return (
        np.stack([np.asarray(s, np.float64) for s in stages], axis=-1),
        np.stack([np.asarray(ends.get(name, 0.0 * one), np.float64) for name in EXITS], axis=-1),
        screened,
    )


def _minutes(
    plan: Plan, g: int, contact: GroupContact, by_need: Floats, stages: Floats, made: Floats
) -> Floats:
    """Return the expected staff minutes of a group by pool and task."""
    numbers = plan.numbers
    minutes = np.zeros((plan.capacity.shape[0], len(TASKS)))
    consent = plan.needs["consent"]
    entered = by_need @ made
    consenting = float((by_need * made) @ consent[:, 0]) if numbers["same_call"] else 0.0
    on_call = 0.0
    for a in range(int(plan.groups["n_attempts"][g])):
        used = plan.attempts[g, a]
        if used["pool"] == AUTOMATIC:
            continue
        channel = plan.channels[used["channel"]]
        answered = contact.reached[a] if channel["spoken"] else 0.0
        spent = (
            answered * channel["minutes_reached"] + (contact.made[a] - answered) * channel["minutes_attempt"]
        )
        minutes[used["pool"], TASKS.index("attempt")] += entered * spent
        on_call += consenting * answered
        minutes[used["pool"], TASKS.index("assessment")] += (
            consenting * answered * numbers["assessment_minutes"]
        )
    assessed = float(by_need @ stages[:, STAGES.index("assessed")])
    task = TASKS.index("assessment")
    minutes[numbers["assessment_pool"], task] += (assessed - on_call) * numbers["assessment_minutes"]
    accepted = float(by_need @ stages[:, STAGES.index("accepted")])
    casework, specialist = numbers["casework_share"], numbers["specialist_share"]
    held = _sessions_held(plan)
    work = {
        "practical": (1 - casework - specialist) * numbers["practical_minutes"],
        "specialist": specialist * numbers["specialist_minutes"],
        "casework": casework * held * numbers["casework_minutes"],
    }
    for name, spent in work.items():
        minutes[numbers[f"{name}_pool"], TASKS.index(name)] += accepted * spent
    return minutes


def _sessions_held(plan: Plan) -> float:
    """Return the mean number of sessions of a case, withdrawals counted."""
    stay = 1 - plan.numbers["withdrawal"]
    return float(((1 - stay ** plan.cells["sessions"]) / (1 - stay)).mean())

"""Contact of every group by the first attempts of its method, exact: what `method_curve` tabulates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from victimsmodel.pathway.arrays import ENTER_REFERRED, ENTER_REPORTED, MOST_ATTEMPTS, Floats, Ints, Record
from victimsmodel.pathway.contact_chances import chances_by_source
from victimsmodel.pathway.plan import Plans


class Found(NamedTuple):
    """What the exact engine says of each group, per referral that passes screening."""

    referrals: Floats  # (n_draws, n_groups) that pass screening, in the period
    need: Floats  # (n_draws, n_groups) share of them in need
    made: Floats  # (n_draws, n_groups, MOST_ATTEMPTS)
    reached: Floats  # (n_draws, n_groups, MOST_ATTEMPTS) of those made
    reach: Floats  # (n_draws, n_groups, MOST_ATTEMPTS + 1) contact by the first 0, 1, 2 ... attempts
    reach_in_need: Floats  # of the same shape: contacts with victims in need
    by_day: Floats  # (n_draws, n_groups, MOST_WAIT_DAYS + 1) contact by then; the last for ever


def reach_after(plans: Plans) -> list[Floats]:
    """Return the reach of every source's method cut off after 0, 1, 2 ... attempts.

    Parameters
    ----------
    plans : Plans
        Whose sources all enter before contact.

    Returns
    -------
    list of ndarray, shape (n_draws, MOST_ATTEMPTS + 1)
        Contact ever, by calls, visits and the replies to messages; it stays as it is from the
        method's own last attempt on.
    """
    n_sources = plans.sources.shape[1]
    reach = np.zeros((n_sources, len(plans), MOST_ATTEMPTS + 1))
    for n in range(1, MOST_ATTEMPTS + 1):
        if (plans.groups["n_attempts"] < n).all():
            reach[:, :, n] = reach[:, :, n - 1]
            continue
        groups = plans.groups.copy()
        groups["n_attempts"] = np.minimum(groups["n_attempts"], n)
        for s, chances in enumerate(chances_by_source(replace(plans, groups=groups), with_days=False)):
            reach[s, :, n] = 0.0 if chances is None else chances.by_channel.sum(axis=1)
    return list(reach)


def contact_found(plans: Plans, chosen: Iterable[int]) -> Found:
    """Ask the exact engine for groups; those who come by several ways are averaged by their number."""
    is_asked = np.isin(plans.sources["group"][0], list(chosen)) & (
        plans.sources["entry"][0] <= ENTER_REFERRED
    )
    plans = replace(plans, sources=plans.sources[:, is_asked])
    chances, reach = chances_by_source(plans, with_days=True), reach_after(plans)
    entering = [_entering(plans, s) for s in range(len(chances))]
    columns: list[tuple[Floats, ...]] = []
    for g in chosen:
        own = np.flatnonzero(plans.sources["group"][0] == g)
        people = np.stack([entering[s] for s in own], axis=1)  # draw, source, need
        total = people.sum(axis=(1, 2))
        part = people / np.where(total > 0, total, 1.0)[:, None, None]
        part[total <= 0, :, 0] = 1 / len(own)  # nobody comes: the ways count alike
        everyone, in_need = part.sum(axis=2), part[:, :, 1]
        of = [chances[s] for s in own]
        assert all(one is not None for one in of)  # who enters after contact was left out above
        columns.append(
            (
                total,
                in_need.sum(axis=1),
                _average(everyone, [one.made for one in of if one]),
                _average(everyone, [one.reached for one in of if one]),
                _average(everyone, [reach[s] for s in own]),
                _average(in_need, [reach[s] for s in own]),
                _average(everyone, [one.days for one in of if one]).cumsum(axis=1),
            )
        )
    return Found(*(np.stack(column, axis=1) for column in zip(*columns, strict=True)))


def _average(weights: Floats, values: list[Any]) -> Floats:
    """Return values of several sources as one: weights (n_draws, n_sources), values (n_draws, n) each."""
    return np.asarray(np.einsum("ds,dsn->dn", weights, np.stack(values, axis=1)))


def _entering(plans: Plans, s: int) -> Floats:
    """Return who enters contact by a source in the period, by need; shape (n_draws, 2)."""
    source, numbers = plans.sources[:, s], plans.numbers
    first, last = numbers["first_day"][0], numbers["last_day"][0]
    victims = source["per_day"] * plans.profile[first:last, source["profile"][0]].sum()
    by_need = victims[:, None] * np.stack([1 - source["need"], source["need"]], axis=-1)
    if source["entry"][0] == ENTER_REPORTED:
        by_need = by_need * numbers["referred"]
    unsafe = plans.groups["unsafe"][:, source["group"][0]]
    return np.asarray(by_need * ((1 - numbers["excluded"]) * (1 - unsafe))[:, None])


def of_group(found: Found, i: int) -> Found:
    """Return what was found of one group, without the dimension of groups."""
    return Found(*(column[:, i] for column in found))


def days_due(plans: Plans, method: Record) -> Floats:
    """Return mean calendar days from the referral until each attempt falls due, all details known.

    Referrals count by the profile of the police's reports; NaN where the days that the stop rule allows
    are over on whichever day the referral comes.
    """
    numbers = plans.numbers[0]
    arrival = np.arange(numbers["first_day"], numbers["last_day"])
    rate = plans.profile[numbers["first_day"] : numbers["last_day"], 0]
    day, means = arrival, np.full(MOST_ATTEMPTS, np.nan)
    for n in range(int(method["n_attempts"])):
        day = _next_due(plans.days, day, int(method["gap"][n]))
        weights = rate * (day - arrival <= method["stop_days"])
        if weights.sum() > 0:
            means[n] = ((day - arrival) * weights).sum() / weights.sum()
    return means


def _next_due(days: Record, day: Ints, gap: int) -> Ints:
    """Return the day so many working days later; with a gap of 0 the next that is worked, or the same."""
    index = days["working_index"]
    return np.asarray(days["working_day"][index[day] if gap == 0 else index[day + 1] + gap - 1])

"""Chances of contact of every group, exact, for many draws at once: what `reached` is asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from victimsmodel.pathway.arrays import (
    ENTER_REFERRED,
    MOST_ATTEMPTS,
    MOST_WAIT_DAYS,
    N_CELLS,
    N_CHANNELS,
    Floats,
    Ints,
    Record,
)
from victimsmodel.pathway.plan import Plans
from victimsmodel.pathway.reached import add_contact_days, add_contacts


class Chances(NamedTuple):
    """Contact of one group by one way, for each victim whom screening lets pass; a row for each draw."""

    no_details: Floats  # (n_draws,)
    by_channel: Floats  # (n_draws, N_CHANNELS) contact
    made: Floats  # (n_draws, MOST_ATTEMPTS) expected attempts
    reached: Floats  # (n_draws, MOST_ATTEMPTS) of them successful
    informed: Floats  # (n_draws,) sent information in the fallback channel
    days: Floats | None  # (n_draws, MOST_WAIT_DAYS + 1) contact by day


class _Case(NamedTuple):
    """The attempts that a combination of known details leaves, and when they fall due."""

    chance: Floats  # (n_draws,) of this combination
    chosen: list[int]
    elapsed: Ints  # (n_patterns, n_chosen) days from arrival; -1 where a stop rule holds
    weights: Floats  # (n_patterns,)
    is_informed: Floats  # (n_draws,) chance of details in the fallback channel


def chances_by_source(plans: Plans, with_days: bool) -> list[Chances | None]:
    """Return the chances of every source; None for those who enter after contact.

    Groups that share a method and a daily profile share the calculation.
    """
    found: dict[tuple[bytes, int], Chances] = {}
    result: list[Chances | None] = []
    for source in plans.sources[0]:
        if source["entry"] > ENTER_REFERRED:
            result.append(None)
            continue
        method = plans.groups[0, source["group"]].copy()
        method["unsafe"] = method["priority"] = method["opening_cases"] = 0
        key = (method.tobytes(), int(source["profile"]))
        if key not in found:
            found[key] = _chances_once(plans, method, key[1], with_days)
        result.append(found[key])
    return result


class _Asked:
    """Chances of contact in a single draw; the same as others that follow from the same numbers."""

    def __init__(self, plans: Plans, method: Record, profile: int, with_days: bool) -> None:
        days, tables, numbers = plans.days, plans.tables, plans.numbers
        arrays = (method, days["working_index"], days["working_day"], plans.profile[:, profile])
        numbers_used = (numbers["missing"], numbers["fade_days"], numbers["first_day"], numbers["last_day"])
        self._key = (
            with_days,
            *(x.tobytes() for x in (*arrays, *numbers_used, tables["reach"], tables["reply"])),
        )
        self._given: tuple[Plans, Record, int, bool] | None = (plans, method, profile, with_days)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self._key == other._key

    def answer(self) -> Chances:
        """Return the chances, and keep no longer what they are computed from."""
        assert self._given is not None
        given, self._given = self._given, None
        return _chances(*given)


def _chances_once(plans: Plans, method: Record, profile: int, with_days: bool) -> Chances:
    """Return the chances; those of single draws are kept, as a workshop moves mostly other inputs."""
    if len(plans) > 1:
        return _chances(plans, method, profile, with_days)
    return _kept(_Asked(plans, method, profile, with_days))


@lru_cache(maxsize=64)
def _kept(asked: _Asked) -> Chances:
    return asked.answer()


def _chances(plans: Plans, method: Record, profile: int, with_days: bool) -> Chances:
    n_draws = len(plans)
    total = Chances(
        np.zeros(n_draws),
        np.zeros((n_draws, N_CHANNELS)),
        np.zeros((n_draws, MOST_ATTEMPTS)),
        np.zeros((n_draws, MOST_ATTEMPTS)),
        np.zeros(n_draws),
        np.zeros((n_draws, MOST_WAIT_DAYS + 1)) if with_days else None,
    )
    for case in _cases(plans, method, profile):
        if not case.chosen:
            total.no_details[:] += case.chance
        else:
            _add_case(plans, method, case, total)
    return total


def _cases(plans: Plans, method: Record, profile: int) -> Iterator[_Case]:
    """Yield every combination of channels with details."""
    n, missing, fallback = int(method["n_attempts"]), plans.numbers["missing"], int(method["fallback"])
    used = method["channel"][:n]
    channels = sorted(set(used.tolist()))
    for has in product([False, True], repeat=len(channels)):
        chance = np.ones(len(plans))
        for channel, known in zip(channels, has, strict=True):
            chance = chance * (1 - missing[:, channel] if known else missing[:, channel])
        chosen = [a for a in range(n) if has[channels.index(used[a])]][: int(method["stop_attempts"])]
        informed = np.zeros(len(plans))
        if fallback in channels:
            informed += has[channels.index(fallback)]
        elif fallback >= 0:
            informed += 1 - missing[:, fallback]
        patterns, weights = _patterns(plans, method, chosen, profile)
        yield _Case(chance, chosen, patterns, weights, informed)


def _patterns(plans: Plans, method: Record, chosen: list[int], profile: int) -> tuple[Ints, Floats]:
    """Return the distinct patterns of days from arrival to each attempt, and their weights."""
    counted = slice(int(plans.numbers["first_day"][0]), int(plans.numbers["last_day"][0]))
    return _patterns_of(
        tuple(method["gap"][chosen].tolist()),
        int(method["stop_days"]),
        counted.start,
        plans.days["working_index"].tobytes(),
        plans.days["working_day"].tobytes(),
        plans.profile[counted, profile].tobytes(),
    )


@lru_cache(maxsize=256)
def _patterns_of(
    gaps: tuple[int, ...], stop_days: int, first_day: int, *arrays: bytes
) -> tuple[Ints, Floats]:
    """Return `_patterns` of attempts so many working days apart: few of them, for all draws and options.

    `arrays` are ``working_index`` and ``working_day`` of `DAYS`, and the profile of the counted days.
    """
    index, working_day = (np.frombuffer(array, np.int64) for array in arrays[:2])
    rate = np.frombuffer(arrays[2], np.float64)
    arrival = first_day + np.arange(rate.size)
    day, elapsed = arrival, np.zeros((len(arrival), len(gaps)), np.int64)
    stopped = np.zeros(len(arrival), bool)
    for n, gap in enumerate(gaps):
        day = working_day[index[day] if gap == 0 else index[day + 1] + gap - 1]
        stopped |= day - arrival > stop_days
        elapsed[:, n] = np.where(stopped, -1, day - arrival)
    patterns, which = np.unique(elapsed, axis=0, return_inverse=True)
    weights = np.bincount(which.ravel(), rate / max(rate.sum(), 1e-300), len(patterns))
    return patterns.astype(np.int64), weights.astype(np.float64)


def _add_case(plans: Plans, method: Record, case: _Case, total: Chances) -> None:
    chosen, channel = case.chosen, method["channel"][case.chosen]
    n_draws, n = len(plans), len(chosen)
    reach = np.ascontiguousarray(plans.tables["reach"][:, method["table"][chosen]])
    reply = np.ascontiguousarray(plans.tables["reply"][:, channel])
    fade = np.ascontiguousarray(plans.numbers["fade_days"])
    spoken = np.ascontiguousarray(plans.numbers["spoken"][0, channel])
    inputs = (reach, reply, fade, spoken, case.elapsed, case.weights)
    made, reached, ever = np.zeros((n_draws, n)), np.zeros((n_draws, n)), np.zeros(n_draws)
    memory = np.empty((3 * n + 2, N_CELLS))
    add_contacts(*inputs, made, reached, ever, memory)
    total.made[:, chosen] += case.chance[:, None] * made
    total.reached[:, chosen] += case.chance[:, None] * reached
    total.informed[:] += case.chance * (1 - ever) * case.is_informed
    messages = sorted(set(channel[spoken == 0].tolist()))
    by_attempt = np.where(spoken == 1, reached, 0.0)
    if len(messages) > 1 or total.days is not None:
        by_day = np.zeros((n_draws, n, MOST_WAIT_DAYS + 1))
        add_contact_days(*inputs, by_day, memory)
        by_attempt = by_day.sum(axis=2)
        if total.days is not None:
            total.days[:] += case.chance[:, None] * by_day.sum(axis=1)
    elif messages:  # the replies to one channel are all contacts that no call made
        first = int(np.flatnonzero(spoken == 0)[0])
        by_attempt[:, first] = ever - by_attempt.sum(axis=1)
    for a in range(n):
        total.by_channel[:, channel[a]] += case.chance * by_attempt[:, a]

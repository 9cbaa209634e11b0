"""Exact expected values of the same arrays that the kernel runs on, when no one waits for staff."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from victimsmodel.inputs.draws import Points, draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import (
    AUTOMATIC,
    ENTER_ACCEPTED,
    ENTER_CONSENTED,
    ENTER_REFERRED,
    ENTER_REPORTED,
    MOST_ATTEMPTS,
    MOST_WAIT_DAYS,
    N_CHANNELS,
    Floats,
    Record,
)
from victimsmodel.pathway.contact_chances import Chances, chances_by_source
from victimsmodel.pathway.plan import Plans, build_plans
from victimsmodel.pathway.results import Counters, joined, tabulated
from victimsmodel.pathway.simulate import checked_options
from victimsmodel.records import EXITS, STAGES, TASKS, WAITS, Result

#: Draws whose plans are in memory at once.
_CHUNK = 250
#: Up to so many draws the days to contact are computed too; they take far longer than the counts.
MOST_DRAWS_WITH_DAYS = 100


class _Flow(NamedTuple):
    """Stages and exits of one source, per victim who comes; shape (n_draws, 2 need, ...)."""

    stages: Floats
    exits: Floats
    passed: Floats  # (n_draws, 2) who enters contact
    on_call: Floats  # (n_draws, 2) share of those spoken to who are assessed on the call
    appointments: Floats  # (n_draws, 2) appointments missed
    entry: int


def expected_pathway(
    scenario: Scenario, option: str = "business_as_usual", n_draws: int = 1, seed: int = 1
) -> Result:
    """Return expected counts of an option when staff are ample; no sampling error.

    Parameters
    ----------
    scenario : Scenario
    option : str
    n_draws : int
        Samples of the uncertain inputs; 1 puts every input at its median.
    seed : int
        Of the samples: the same that `simulate` takes.

    Returns
    -------
    Result
        Waits and daily tables are empty: nobody waits. Days to contact are given for up to
        `MOST_DRAWS_WITH_DAYS` draws.

    Raises
    ------
    InputError
        VM030 for an unknown option, VM267 and VM031 for draws and a seed out of range.
    """
    (option,) = checked_options(scenario, [option])
    points = draw_points(scenario, n_draws, seed)
    return tabulated(scenario, {option: expected_counters_of(scenario, option, points)}, points)


def expected_counters_of(
    scenario: Scenario, option: str, points: Points, with_days: bool | None = None
) -> Counters:
    """Return the expected counters of every draw, with one replication; draws run in threads.

    Days to contact are computed unless there are many draws, or as `with_days` says.
    """
    n_draws = next(iter(points.values())).size
    if with_days is None:
        with_days = n_draws <= MOST_DRAWS_WITH_DAYS

    def of_chunk(start: int) -> Counters:
        own = {name: values[start : start + _CHUNK] for name, values in points.items()}
        return expected_counters(build_plans(scenario, option, own, ample_staff=True), with_days)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        chunks = list(pool.map(of_chunk, range(0, n_draws, _CHUNK)))
    return joined(chunks)


def expected_counters(plans: Plans, with_days: bool = True) -> Counters:
    """Return the expected counters of plans with ample staff, shape (n_draws, 1, ...)."""
    n_draws, n_groups, n_roles = len(plans), plans.groups.shape[1], plans.roles.shape[1]
    funnel = np.zeros((n_draws, n_groups, 2, len(STAGES)))
    exits = np.zeros((n_draws, n_groups, 2, len(EXITS)))
    attempts = np.zeros((n_draws, n_groups, MOST_ATTEMPTS, 2))
    informed = np.zeros((n_draws, n_groups))
    minutes = np.zeros((n_draws, n_roles, len(TASKS)))
    waits = np.zeros((n_draws, n_groups, len(WAITS), MOST_WAIT_DAYS + 1)) if with_days else None
    stays, held = _sessions(plans)
    for members, chances in _alike(plans, chances_by_source(plans, with_days)):
        flow = _flow(plans, members[0], chances, stays)
        together = np.zeros((n_draws, 2))
        for s in members:
            g = int(plans.sources["group"][0, s])
            victims = _victims_by_need(plans, s)
            together += victims
            funnel[:, g] += _all_and_in_need(victims, flow.stages)
            exits[:, g] += _all_and_in_need(victims, flow.exits)
            entered = (victims * flow.passed).sum(axis=1)
            if chances is not None:
                attempts[:, g, :, 0] += entered[:, None] * chances.made
                attempts[:, g, :, 1] += entered[:, None] * chances.reached
                informed[:, g] += entered * chances.informed
                if waits is not None and chances.days is not None:
                    waits[:, g, WAITS.index("contact")] += entered[:, None] * chances.days
            elif waits is not None:
                waits[:, g, WAITS.index("contact"), 0] += victims.sum(axis=1)
        minutes += _minutes(plans, g, chances, together, flow, held)
    found = Counters(funnel, exits, waits, attempts, informed, minutes, None, None, None)
    return Counters._make(None if field is None else field[:, None] for field in found)


def _alike(plans: Plans, by_source: Sequence[Chances | None]) -> Iterator[tuple[list[int], Chances | None]]:
    """Yield sources to whom the same happens, and their chances: groups differ mostly in how many come."""
    found: dict[tuple[int, int, bytes], list[int]] = {}
    for s, chances in enumerate(by_source):
        source = plans.sources[0, s]
        unsafe = plans.groups["unsafe"][:, source["group"]].tobytes()
        found.setdefault((id(chances), int(source["entry"]), unsafe), []).append(s)
    for members in found.values():
        yield members, by_source[members[0]]


def _victims_by_need(plans: Plans, s: int) -> Floats:
    source, numbers = plans.sources[:, s], plans.numbers[0]
    days = plans.profile[numbers["first_day"] : numbers["last_day"], source["profile"][0]]
    need = np.stack([1 - source["need"], source["need"]], axis=-1)
    return np.asarray(source["per_day"][:, None] * days.sum() * need)


def _all_and_in_need(victims: Floats, rates: Floats) -> Floats:
    """Return counts of all victims and of those in need; rates have shape (n_draws, 2, n)."""
    counts = victims[:, :, None] * rates
    return np.stack([counts.sum(axis=1), counts[:, 1]], axis=1)


def _flow(plans: Plans, s: int, chances: Chances | None, stays: Floats) -> _Flow:
    """Return stages and exits per victim of a source, by need."""
    numbers, entry = plans.numbers, int(plans.sources["entry"][0, s])
    ends = {name: np.zeros((len(plans), 2)) for name in EXITS}
    one = np.ones((len(plans), 2))
    referred = numbers["referred"] if entry == ENTER_REPORTED else one
    attempted = contacted = passed = referred
    by_channel = np.zeros((len(plans), 2, N_CHANNELS))
    if chances is not None:
        unsafe = plans.groups["unsafe"][:, plans.sources["group"][0, s], None]
        excluded = numbers["excluded"][:, None]
        ends["excluded"] = referred * excluded
        ends["unsafe"] = referred * (1 - excluded) * unsafe
        passed = referred * (1 - excluded) * (1 - unsafe)
        ends["no_details"] = passed * chances.no_details[:, None]
        attempted = passed - ends["no_details"]
        by_channel = passed[:, :, None] * chances.by_channel[:, None, :]
        contacted = by_channel.sum(axis=2)
        ends["unreachable"] = attempted - contacted
    else:
        by_channel[:, :, 0] = one
    consent = _consent(numbers, entry)
    spoken = numbers["spoken"][:, None, :] * (entry <= ENTER_REFERRED)
    agreed = by_channel * consent
    consented = agreed.sum(axis=2)
    ends["declined"] = contacted - consented
    at_once = (agreed * spoken).sum(axis=2) * numbers["same_call"][:, None]
    assessed, missed = _attended(numbers, consented, at_once, entry)
    ends["not_attended"] = consented - assessed
    stages = [one, one * [0, 1], referred, attempted, contacted, consented, assessed]
    stages += _support(plans, assessed, ends, entry == ENTER_ACCEPTED, stays)
    return _Flow(
        np.stack(stages, -1),
        np.stack(list(ends.values()), -1),
        passed,
        at_once,
        missed,
        entry,
    )


def _consent(numbers: Record, entry: int) -> Floats:
    """Return the probability of consent by need and channel; 1 where it was given before contact."""
    is_given = (numbers["consent_at_report"] == 1) & (entry == ENTER_REPORTED) | (entry >= ENTER_CONSENTED)
    return np.where(is_given[:, None, None], 1.0, numbers["consent"])


def _attended(numbers: Record, consented: Floats, at_once: Floats, entry: int) -> tuple[Floats, Floats]:
    """Return who is assessed, and the appointments missed."""
    is_booked = (numbers["booked_gap"] > 0) & (entry != ENTER_ACCEPTED)
    missing = np.where(is_booked, numbers["not_attended"], 0.0)[:, None]
    offers = numbers["rebookings"][:, None] + 1
    waiting = consented - at_once
    gone = missing**offers
    return at_once + waiting * (1 - gone), waiting * missing * (1 - gone) / (1 - missing)


def _support(
    plans: Plans, assessed: Floats, ends: dict[str, Floats], is_sure: bool, stays: Floats
) -> list[Floats]:
    """Return the stages after the assessment, and fill their exits."""
    numbers = plans.numbers
    recognised = assessed * (1.0 if is_sure else numbers["recognised"])
    accepted = recognised * (1.0 if is_sure else numbers["accepted"])
    in_need = np.array([0.0, 1.0])
    ends["need_missed"] = (assessed - recognised) * in_need
    ends["not_in_need"] = (assessed - recognised) * (1 - in_need)
    ends["declined"] = ends["declined"] + recognised - accepted
    casework = numbers["casework_share"][:, None]
    completed = accepted * (1 - casework + casework * stays[:, None])
    ends["withdrew"] = accepted - completed
    ends["completed"] = completed
    return [recognised, accepted, accepted, completed, completed * numbers["improved"][:, None]]


def _minutes(
    plans: Plans, g: int, chances: Chances | None, victims: Floats, flow: _Flow, held: Floats
) -> Floats:
    """Return the expected staff minutes of a source by pool and task, shape (n_draws, n_roles, n_tasks)."""
    numbers = plans.numbers
    minutes = np.zeros((len(plans), plans.roles.shape[1], len(TASKS)))
    assessing = TASKS.index("assessment")
    at_once = (victims * flow.on_call).sum(axis=1)
    if chances is not None:
        entered = (victims * flow.passed).sum(axis=1)
        is_spoken = numbers["spoken"]
        asked = _consent(numbers, flow.entry)
        consent = (victims[:, :, None] * flow.passed[:, :, None] * asked).sum(axis=1)
        on_call = consent * is_spoken * numbers["same_call"][:, None]
        for a in range(int(plans.groups["n_attempts"][0, g])):
            used = plans.groups[0, g]
            channel, pool = int(used["channel"][a]), int(used["pool"][a])
            if pool == AUTOMATIC:
                continue
            answered = chances.reached[:, a] * is_spoken[:, channel]
            spent = answered * numbers["minutes_reached"][:, channel]
            spent += (chances.made[:, a] - answered) * numbers["minutes_attempt"][:, channel]
            minutes[:, pool, TASKS.index("attempt")] += entered * spent
            minutes[:, pool, assessing] += on_call[:, channel] * answered * numbers["assessment_minutes"]
    stage = {name: (victims * flow.stages[:, :, i]).sum(axis=1) for i, name in enumerate(STAGES)}
    missed = (victims * flow.appointments).sum(axis=1) * numbers["minutes_missed"]
    done = 0.0 if flow.entry == ENTER_ACCEPTED else stage["assessed"] - at_once
    minutes[:, int(numbers["assessment_pool"][0]), assessing] += done * numbers["assessment_minutes"] + missed
    casework, specialist = numbers["casework_share"], numbers["specialist_share"]
    work = {
        "practical": (1 - casework - specialist) * numbers["practical_minutes"],
        "specialist": specialist * numbers["specialist_minutes"],
        "casework": casework * held * numbers["casework_minutes"],
    }
    for name, spent in work.items():
        pool = int(numbers[f"{name}_pool"][0])
        minutes[:, pool, TASKS.index(name)] += stage["accepted"] * spent
    return minutes


def _sessions(plans: Plans) -> tuple[Floats, Floats]:
    """Return the chance that a case reaches its last session, and the mean number of sessions held."""
    stay = 1 - plans.numbers["withdrawal"][:, None]
    sessions = plans.tables["sessions"]
    powers = stay[:, :, None] ** np.arange(sessions.max() + 1)[None, None, :]
    left = np.take_along_axis(powers[:, 0], sessions, axis=1)
    held = (1 - left.mean(axis=1)) / (1 - stay[:, 0])
    return (left / stay).mean(axis=1), held

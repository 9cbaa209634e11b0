"""What the engine promises, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import races
from agreement import LIMIT, Clock, Match
from races import Finish

MOST_MILLISECONDS, MOST_TIMES_DRAWS, MOST_GROWTH, MOST_MEGABYTES = 40.0, 15.0, 12.0, 30.0
LEAST_TIMES = {races.SIMPY: 400.0, races.SALABIM: 1_500.0, races.CIW: 1_500.0, races.PLAIN: 20.0}
MOST_FIRST, MOST_LATER, MOST_ALL_OPTIONS = 10.0, 1.0, 180.0


class Measured(NamedTuple):
    """All that a run of the benchmarks found."""

    finishes: list[Finish]
    growth: float  # of the time, for ten times the victims
    every_feature: tuple[float, float]  # victims and seconds of the year that uses every feature
    matches: list[Match]
    clocks: list[Clock]
    is_identical: bool
    first: dict[str, float]  # seconds of the first process
    later: dict[str, float]
    memory: dict[str, float]  # megabytes
    all_options: tuple[float, float]  # seconds at the full number: processor time of a thread, wall
    n_replications: int  # that were run of each option


class Bar(NamedTuple):
    """A promise."""

    what: str
    limit: str
    found: str
    is_kept: bool


def bars(measured: Measured) -> list[Bar]:
    """Return every promise with what was measured.

    Parameters
    ----------
    measured : Measured

    Returns
    -------
    list of Bar
    """
    year = next(finish for finish in measured.finishes if finish.race.title == "168,000")
    found = [
        _most("One replication, one thread", year.seconds[races.KERNEL] * 1e3, MOST_MILLISECONDS, " ms"),
        _most(
            f"The same with every feature used, {measured.every_feature[0]:,.0f} victims",
            measured.every_feature[1] * 1e3,
            MOST_MILLISECONDS,
            " ms",
        ),
        _most("Against the draws alone", 1 / year.ratio(races.DRAWS), MOST_TIMES_DRAWS, " times"),
    ]
    for engine, least in LEAST_TIMES.items():
        finish = _largest_with(measured.finishes, engine)
        ratio = finish.ratio(engine)
        what = f"Against {engine}, {finish.race.title} victims"
        found.append(Bar(what, f"≥ {least:,.0f} times", f"{ratio:,.0f} times", ratio >= least))
    first, later = measured.first, measured.later
    return [
        *found,
        _most("Growth from 168,000 to 1,680,000 victims", measured.growth, MOST_GROWTH, " times"),
        _most("Memory beyond the inputs", max(measured.memory.values()), MOST_MEGABYTES, " MB"),
        _most("First year after an install, compiled", first["year"], MOST_FIRST, " s"),
        _most("First year of a later process", later["year"], MOST_LATER, " s"),
        _most("6 options × 1,000 replications", measured.all_options[0], MOST_ALL_OPTIONS, " s"),
        _agreement(measured.matches),
        Bar(
            "Counts equal to the plain Python loop's",
            "all",
            _yes(measured.is_identical),
            measured.is_identical,
        ),
    ]


def _agreement(matches: Sequence[Match]) -> Bar:
    worst = max(match.worst().z for match in matches if match.engine == races.SIMPY)
    return Bar("Agreement with SimPy", f"≤ {LIMIT:.0f} s.e.", f"{worst:.1f} s.e.", worst <= LIMIT)


def _most(what: str, found: float, limit: float, unit: str) -> Bar:
    return Bar(what, f"≤ {limit:,.0f}{unit}", f"{found:,.{1 if found < 100 else 0}f}{unit}", found <= limit)


def _yes(is_so: bool) -> str:
    return "all" if is_so else "not all"


def _largest_with(finishes: Sequence[Finish], engine: str) -> Finish:
    """Return the race of the usual option and staff at the largest size up to a year's that an engine ran."""
    usual = [f for f in finishes if f.race.title in ("16,800", "168,000") and engine in f.seconds]
    return usual[-1]

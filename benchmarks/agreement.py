"""Whether the engines mean the same: independent replications of each, compared output by output."""

from __future__ import annotations

import importlib
import os
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

import no_queues
import numpy as np
import races
import sizes
import summary
from summary import Difference, Summary

from victimsmodel.pathway.arrays import Plan
from victimsmodel.pathway.memory import new_workspace

LIMIT = 5.0
_STEPS, _N_CLOCK, _N_SIMPY = (1, 2, 4, 8, 24, 48), 200, 40
#: What the table of clocks shows.
CLOCKED = (
    "wait first_attempt, enhanced",
    "wait contact, enhanced",
    "wait support, enhanced",
    "exit reneged, all",
)


class Match(NamedTuple):
    """Kernel against another engine."""

    engine: str
    title: str
    n: tuple[int, int]  # replications of both
    differences: list[Difference]
    remark: str

    def worst(self) -> Difference:
        """Return the output in which they differ most."""
        return max(self.differences, key=lambda one: one.z)


class Clock(NamedTuple):
    """Means with some steps of a day."""

    title: str
    n: int
    means: dict[str, float]


class _Case(NamedTuple):
    """What a process needs to build the plan of a match by itself."""

    victims: int
    option: str
    is_bare_year: bool = False
    has_limit: bool = True
    has_ample_staff: bool = False
    is_late: bool = False  # what follows a piece of work waits for its end (SimPy)

    def plan(self) -> Plan:
        scenario = sizes.scenario_of(self.victims, is_bare_year=self.is_bare_year)
        plan = sizes.plan_of(scenario, self.option, ample_staff=self.has_ample_staff)
        return plan if self.has_limit else sizes.without_limit(plan)


def matches(is_quick: bool) -> Iterable[Match]:
    """Yield all matches.

    Parameters
    ----------
    is_quick : bool
        Leave out the one of full size.

    Yields
    ------
    Match
    """
    tenth, usual, calls = sizes.VICTIMS // 10, sizes.OPTION, sizes.OVERLOADED
    yield _match(races.SIMPY, _Case(tenth, usual), 20, "")
    yield _match(races.SIMPY, _Case(tenth, calls), 20, "everyone called: overloaded")
    yield _match(races.SIMPY, _Case(tenth, "text_then_call"), 20, "replies come while calls go on")
    yield _match(races.SIMPY, _Case(tenth, usual, is_late=True), 20, "what follows a call waits for its end")
    if not is_quick:
        yield _match(races.SIMPY, _Case(sizes.VICTIMS, usual), 8, "full size")
    yield _match(races.SALABIM, _Case(tenth, usual, is_bare_year=True), 6, "")
    no_limit = _Case(tenth, usual, is_bare_year=True, has_limit=False)
    yield _match(races.CIW, no_limit, 6, "no limit on open cases in either")
    ample = _Case(tenth, usual, has_ample_staff=True)
    yield _match(races.NUMPY, ample, 40, "ample staff", lambda name: "role" not in name)


def _match(
    engine: str, case: _Case, n: int, remark: str, is_shared: Callable[[str], bool] = lambda name: True
) -> Match:
    plan, n_kernel = case.plan(), max(5 * n, 60)
    work = new_workspace(plan)
    first = _first_seed(engine, case)
    own = [summary.of_output(plan, sizes.replicate(plan, first + r, work)) for r in range(n_kernel)]
    other = _twin_years(engine, case, n)
    found = [one for one in summary.differences(own, other) if is_shared(one.name)]
    return Match(engine, f"{case.victims:,}, {case.option}", (n_kernel, n), found, remark)


def _first_seed(engine: str, case: _Case) -> int:
    """Return a seed of the match's own, so that chance does not show in all matches alike."""
    return zlib.crc32(f"{engine} {case}".encode())


def _twin_years(engine: str, case: _Case, n: int) -> list[Summary]:
    """Return the summaries of `n` years, from as many processes as there are processors."""
    jobs = [(engine, case, _first_seed(engine, case) + r) for r in range(n)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return list(pool.map(_twin_year, jobs))


def _twin_year(job: tuple[str, _Case, int]) -> Summary:
    engine, case, seed = job
    plan = case.plan()
    twin = no_queues if engine == races.NUMPY else importlib.import_module(f"twin_{engine.lower()}")
    options = {"is_late": True} if case.is_late else {}
    return summary.of_tally(plan, twin.run(plan, seed, **options))


def clocks() -> list[Clock]:
    """Return the waits by steps of a day, with common random numbers, and SimPy's.

    Returns
    -------
    list of Clock
    """
    found = []
    for steps in _STEPS:
        scenario = sizes.scenario_of(sizes.VICTIMS // 10, steps=steps, is_bare_year=False)
        plan = sizes.plan_of(scenario)
        work = new_workspace(plan)
        years = [summary.of_output(plan, sizes.replicate(plan, r, work)) for r in range(_N_CLOCK)]
        found.append(Clock(str(steps), _N_CLOCK, _means(years)))
    twins = _twin_years(races.SIMPY, _Case(sizes.VICTIMS // 10, sizes.OPTION), _N_SIMPY)
    return [*found, Clock("continuous: SimPy", _N_SIMPY, _means(twins))]


def _means(years: list[Summary]) -> dict[str, float]:
    return {name: float(np.mean([year[name] for year in years])) for name in CLOCKED}

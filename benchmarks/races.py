"""Which engines are timed at which size, and how often."""

from __future__ import annotations

import importlib
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import draws
import no_queues
import numpy as np
import sizes
from timing import Contestant, interleaved

from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.arrays import Output, Plan, Workspace
from victimsmodel.pathway.memory import new_workspace
from victimsmodel.rng import replication_key

#: The plain Python loop of the same algorithm is the tests' second engine.
_PLAIN = Path(__file__).parents[1] / "tests" / "verification"
KERNEL, DRAWS, NUMPY, PLAIN = "this model", "draws alone", "NumPy, no queues", "plain Python loop"
SIMPY, CIW, SALABIM = "SimPy", "Ciw", "salabim"
ENGINES = (KERNEL, DRAWS, NUMPY, PLAIN, SIMPY, SALABIM, CIW)
_FAST_ROUNDS, _NUMPY_ROUNDS = 5, 2


class Race(NamedTuple):
    """A size, and how many rounds each of the slow engines runs in it."""

    title: str
    victims: int
    staff_for: int
    option: str
    slow: dict[str, int]


class Finish(NamedTuple):
    """Median seconds by engine."""

    race: Race
    n_draws: int
    seconds: dict[str, float]

    def ratio(self, engine: str, to: str = KERNEL) -> float:
        """Return how many times as long an engine takes as another."""
        return self.seconds[engine] / self.seconds[to]


def races(is_quick: bool) -> list[Race]:
    """Return the races, smallest first.

    Parameters
    ----------
    is_quick : bool
        Leave the slow engines at the smallest size.

    Returns
    -------
    list of Race
    """
    size, tenth, tenfold = sizes.VICTIMS, sizes.VICTIMS // 10, sizes.VICTIMS * 10
    full = {} if is_quick else {PLAIN: 3, SIMPY: 3}
    once = {} if is_quick else {PLAIN: 1, SIMPY: 1}
    usual, calls = sizes.OPTION, sizes.OVERLOADED
    every = {PLAIN: 3, SIMPY: 3, SALABIM: 3, CIW: 3}
    return [
        Race("16,800", tenth, tenth, usual, every),
        Race("16,800, staff for a tenth", tenth, tenth // 10, usual, {PLAIN: 3, SIMPY: 3}),
        Race("168,000", size, size, usual, full),
        Race("168,000, everyone called", size, size, calls, once),
        Race("168,000, staff for a tenth", size, tenth, usual, once),
        Race("1,680,000", tenfold, tenfold, usual, {} if is_quick else {SIMPY: 1}),
    ]


def run(race: Race) -> Finish:
    """Time all engines of a race.

    Parameters
    ----------
    race : Race

    Returns
    -------
    Finish
    """
    plan = sizes.plan_of(sizes.scenario_of(race.victims, staff_for=race.staff_for), race.option)
    work = new_workspace(plan)
    out = sizes.replicate(plan, 0, work)
    n_victims, n_draws = int(out.groups["funnel"][:, 0, 0].sum()), draws.number_of_draws(plan, out)
    key = np.uint64(replication_key(1, 0))
    draws.only_draws(key, 1, 1)
    fast = [
        Contestant(KERNEL, partial(_replicate, plan, work), _FAST_ROUNDS),
        Contestant(DRAWS, lambda turn: draws.only_draws(key, n_victims, n_draws), _FAST_ROUNDS),
        Contestant(NUMPY, partial(no_queues.run, plan), _NUMPY_ROUNDS),
    ]
    slow = [Contestant(name, partial(_slow(name), plan), rounds) for name, rounds in race.slow.items()]
    return Finish(race, n_draws, interleaved(fast, slow))


def growth() -> float:
    """Return how many times as long the kernel takes for ten times the victims, in turns."""
    calls = []
    for victims in (sizes.VICTIMS, sizes.VICTIMS * 10):
        plan = sizes.plan_of(sizes.scenario_of(victims))
        call = partial(_replicate, plan, new_workspace(plan))
        call(0)
        calls.append(Contestant(f"{victims:,}", call, _FAST_ROUNDS))
    small, large = interleaved(calls).values()
    return large / small


def every_feature() -> tuple[float, float]:
    """Return victims of, and median seconds for, the year in which every feature of the pathway is used."""
    scenario = load_scenario(sizes.EVERY_FEATURE, {"period.run_out_days": 0})
    plan = sizes.plan_of(scenario)
    work = new_workspace(plan)
    victims = sizes.replicate(plan, 0, work).groups["funnel"][:, 0, 0].sum()
    found = interleaved([Contestant(KERNEL, partial(_replicate, plan, work), 2 * _FAST_ROUNDS)])
    return float(victims), found[KERNEL]


def _replicate(plan: Plan, work: Workspace, turn: int) -> Output:
    return sizes.replicate(plan, turn, work)


def _slow(engine: str) -> Any:
    """Return the function of a plan and a round that runs a slow engine once."""
    if engine == PLAIN:
        plain = plain_loop()
        return lambda plan, turn: plain.run_year(plan, replication_key(1, turn))
    return importlib.import_module(f"twin_{engine.lower()}").run


def plain_loop() -> ModuleType:
    """Return the module of the plain Python loop, whose own modules stand beside it."""
    if str(_PLAIN) not in sys.path:
        sys.path.append(str(_PLAIN))
    return importlib.import_module("reference")


def is_identical_to_plain_loop(plan: Plan) -> bool:
    """Return whether kernel and plain loop count the same, to the last victim.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    bool
    """
    out, found = sizes.replicate(plan, 0), plain_loop().run_year(plan, replication_key(1, 0))
    names = ("funnel", "exits", "waits", "attempts")
    return all(np.array_equal(out.groups[name], found.groups[name]) for name in names)

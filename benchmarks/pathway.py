"""The same model in other engines, beside each other: speed, agreement and memory, in one run.

Run by `make bench`, which takes about twenty minutes; `--quick` leaves the slow engines at the smallest
size and takes about five, on an idle machine. Writes `docs/performance.md`, or what ``--out`` names.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import agreement
import races
import sizes
from bars import Measured, bars
from page import bar_table, page
from timing import MEMORY, ROOT, fresh_processes, in_fresh_process

from victimsmodel.appraisal.replications import simulate

_N_REPLICATIONS = 1_000
_N_OPTIONS = 6  # that are promised; the time of the scenario's own is reckoned up to them
_N_THREADS = 2


def all_options(n_replications: int) -> tuple[float, float]:
    """Return the seconds that all options take, reckoned for the full number of replications.

    Parameters
    ----------
    n_replications : int
        That are run.

    Returns
    -------
    tuple of float
        Processor time of each thread, and time on the wall: more, where others use the processors.
    """
    scenario = sizes.scenario_of(is_bare_year=False)
    simulate(scenario, n_replications=2, n_jobs=_N_THREADS)
    start, wall = time.process_time(), time.perf_counter()
    simulate(scenario, n_replications=n_replications, n_jobs=_N_THREADS)
    share = _N_REPLICATIONS / n_replications * _N_OPTIONS / len(scenario.options)
    return (time.process_time() - start) / _N_THREADS * share, (time.perf_counter() - wall) * share


def measure(is_quick: bool) -> Measured:
    """Run everything and tell about it."""
    _tell("first and later processes")
    first, later = fresh_processes()
    memory = in_fresh_process(MEMORY)
    finishes = []
    for race in races.races(is_quick):
        _tell(f"speed: {race.title}")
        finishes.append(races.run(race))
    _tell("growth")
    growth, every_feature = races.growth(), races.every_feature()
    _tell("agreement")
    matches = []
    for match in agreement.matches(is_quick):
        _tell(f"  {match.engine}, {match.title}: {match.worst().z:.1f} standard errors")
        matches.append(match)
    clocks = agreement.clocks()
    is_identical = races.is_identical_to_plain_loop(sizes.plan_of(sizes.scenario_of(sizes.VICTIMS // 10)))
    n_replications = _N_REPLICATIONS // 10 if is_quick else _N_REPLICATIONS
    _tell(f"6 options with {n_replications} replications")
    seconds = all_options(n_replications)
    return Measured(
        finishes,
        growth,
        every_feature,
        matches,
        clocks,
        is_identical,
        first,
        later,
        memory,
        seconds,
        n_replications,
    )


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {what}", flush=True)


def main() -> None:
    """Measure, write the page and print the promises."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="slow engines at the smallest size only")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance.md", help="page to write")
    chosen = parser.parse_args()
    measured = measure(chosen.quick)
    chosen.out.write_text(page(measured), encoding="utf-8")
    print(bar_table(bars(measured)))


if __name__ == "__main__":
    main()

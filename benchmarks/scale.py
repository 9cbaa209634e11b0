"""What workers compute a second, and what a national run would take: the figures of docs/scale.md.

Run it with ``python benchmarks/scale.py`` (needs the extra ``cluster``; some minutes): every police force
area with every option, at 1/100 of a national run, on two local workers. It writes the part of the page
between its marks.
"""

from __future__ import annotations

import math
import os
import platform
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import psutil
from distributed import LocalCluster

import victimsmodel as vm
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.parquet import parquet_bytes
from victimsmodel.pathway.results import Counters
from victimsmodel.pathway.simulate import simulated_counters

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scale.md"
_MARKS = "<!-- written by benchmarks/scale.py -->", "<!-- end -->"
_POPULATION = ROOT / "victimsmodel" / "inputs" / "force_population.csv"
_HOME, _VICTIMS = "West Midlands", 168_000
_STAFF = {"contact_officer": 20.0, "caseworker": 4.0, "volunteer": 5.0}
_SIXTH = "more_officers"  # business as usual with a quarter more contact officers: a size, not a proposal
_WORKERS, _DRAWS, _YEARS, _SEED, _PART = 2, 1_000, 2, 1, 100
_THREADS = (2, 16, 64, 256)
_PART_OF_PAGE = """
Measured with `python benchmarks/scale.py`: {n_forces} forces x {n_options} options x {n_draws} draws x
{n_years} years = {years:,} simulated years, {victims:,.0f} victims a year on average, on {n_workers} local
workers of one thread ({machine}). The tables of the smallest force were those of threads, byte for byte.

| measured | |
|---|---|
{measured}

The national run is {total:,} years: {theirs:.1f} hours of one thread of the workers, and {here:.1f} hours of
the command with the scheduler. On paper, for processors as here, wall time is the longer of the two:

| threads of workers | workers | command | the run | what limits it |
|---|---|---|---|---|
{rows}

More than {most} threads would wait for a single command. Beyond that, start several commands, each with some
of the forces: scenarios do not depend on each other. The counters of one force are {gigabytes:.2f} GB in
memory, and forces are computed one after the other.
""".strip()


class Used(NamedTuple):
    """What the run at 1/100 used."""

    years: int
    workers_seconds: float  # of processor time
    here_seconds: float  # of processor time: plans, scheduler, joining
    wall_seconds: float
    mean_victims: float
    bytes_of_year: float  # of counters
    peak_mb: float


def national() -> dict[str, Scenario]:
    """Return a scenario of the size of each force: victims and staff of the West Midlands by residents."""
    table = pd.read_csv(_POPULATION).set_index("force")["population"]
    home = vm.load_scenario(ROOT / "parameters" / "west-midlands.yaml")
    assert set(_STAFF) <= set(home.options["business_as_usual"].service.staff)
    return {force: _sized(residents / table[_HOME]) for force, residents in table.items()}


def _sized(share: float) -> Scenario:
    changes: dict[str, object] = {"demand.victims_per_year": round(_VICTIMS * share)}
    changes |= {f"staff.{role}.fte": max(0.25, round(fte * share, 2)) for role, fte in _STAFF.items()}
    scenario = vm.load_scenario(ROOT / "parameters" / "west-midlands.yaml", changes)
    usual = scenario.options["business_as_usual"]
    officers = usual.service.staff["contact_officer"]
    more = officers.model_copy(update={"fte": officers.fte * 1.25})
    staff = {**usual.service.staff, "contact_officer": more}
    option = usual.model_copy(update={"service": usual.service.model_copy(update={"staff": staff})})
    return scenario.model_copy(update={"options": {**scenario.options, _SIXTH: option}})


@contextmanager
def workers(n_workers: int) -> Iterator[LocalCluster]:
    """Start workers of one thread each that listen on this machine alone."""
    kwargs = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    env = {"NUMBA_NUM_THREADS": "1"}
    with LocalCluster(n_workers=n_workers, processes=True, env=env, silence_logs=50, **kwargs) as cluster:
        yield cluster


def _seconds_of_workers() -> float:
    children = psutil.Process().children(recursive=True)
    return sum(sum(child.cpu_times()[:2]) for child in children)


def measured(scenarios: dict[str, Scenario]) -> Used:
    """Compute 1/100 of the national run on local workers; check one force against threads."""
    n_draws = _DRAWS // _PART
    with workers(_WORKERS) as cluster, vm.on_cluster(cluster.scheduler_address):
        first = next(iter(scenarios.values()))
        vm.simulate(first, n_draws=1, n_replications=_WORKERS, seed=_SEED)  # loads the kernel in the workers
        before = _seconds_of_workers(), time.process_time(), time.perf_counter()
        years, n_bytes = 0, 0
        for force, scenario in scenarios.items():
            made = _computed(scenario, n_draws)
            years += len(scenario.options) * n_draws * _YEARS
            n_bytes += sum(_bytes(one) for one in made.values())
            print(f"{force}: {time.perf_counter() - before[2]:.0f} s", file=sys.stderr)
        after = _seconds_of_workers(), time.process_time(), time.perf_counter()
        small = min(scenarios.values(), key=lambda one: one.demand.victims_per_year.value)
        on_workers = vm.simulate(small, n_draws=n_draws, n_replications=_YEARS, seed=_SEED)
    here = vm.simulate(small, n_draws=n_draws, n_replications=_YEARS, seed=_SEED)
    for table, same in zip(on_workers, here, strict=True):
        assert table is None or parquet_bytes(table) == parquet_bytes(same)
    spent = [end - start for start, end in zip(before, after, strict=True)]
    victims = [one.demand.victims_per_year.value for one in scenarios.values()]
    peak = max(psutil.Process().memory_info().rss, 0) / 1e6
    return Used(years, *spent, sum(victims) / len(victims), n_bytes / years, peak)


def _computed(scenario: Scenario, n_draws: int) -> dict[str, Counters]:
    points = draw_points(scenario, n_draws, _SEED)
    return simulated_counters(scenario, list(scenario.options), points, _SEED, range(_YEARS))


def _bytes(made: Counters) -> int:
    return sum(part.nbytes for part in made if part is not None)


def text(used: Used, n_forces: int, n_options: int) -> str:
    """Return the part of the page that is measured."""
    total = n_forces * n_options * _DRAWS * _YEARS
    a_year, here = used.workers_seconds / used.years, used.here_seconds / used.years
    a_force = n_options * _DRAWS * _YEARS * used.bytes_of_year
    measured_rows = {
        "processor time of the workers": f"{used.workers_seconds:,.0f} s, {a_year * 1e3:.1f} ms a year",
        "processor time of the command (plans, joining) with the scheduler": (
            f"{used.here_seconds:,.0f} s, {here * 1e3:.1f} ms a year"
        ),
        "wall time, other programs at work too": f"{used.wall_seconds:,.0f} s",
        "counters that travel back": f"{used.bytes_of_year / 1e3:.0f} kB a year",
        "memory of the command at the end": f"{used.peak_mb:,.0f} MB",
    }
    return _PART_OF_PAGE.format(
        n_forces=n_forces,
        n_options=n_options,
        n_draws=_DRAWS // _PART,
        n_years=_YEARS,
        years=used.years,
        victims=used.mean_victims,
        n_workers=_WORKERS,
        machine=_machine(),
        measured="\n".join(f"| {name} | {value} |" for name, value in measured_rows.items()),
        total=total,
        theirs=total * a_year / 3600,
        here=total * here / 3600,
        rows="\n".join(_row(threads, total * a_year, total * here) for threads in _THREADS),
        most=math.ceil(a_year / here),
        gigabytes=a_force / 1e9,
    )


def _row(threads: int, workers_seconds: float, here_seconds: float) -> str:
    theirs = workers_seconds / threads
    limit = "workers" if theirs > here_seconds else "the command"
    return (
        f"| {threads} | {theirs / 60:,.0f} min | {here_seconds / 60:,.0f} min | "
        f"{max(theirs, here_seconds) / 60:,.0f} min | {limit} |"
    )


def _machine() -> str:
    names = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba", "distributed"))
    return f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}, {names}"


def written(page: str, part: str) -> str:
    """Return a page with the part between the marks exchanged."""
    start, end = map(re.escape, _MARKS)
    block = f"{_MARKS[0]}\n\n{part}\n\n{_MARKS[1]}"
    found, n = re.subn(f"{start}.*{end}", lambda _: block, page, flags=re.DOTALL)
    assert n == 1
    return found


def main(arguments: Sequence[str]) -> None:
    """Measure, and write the page."""
    scenarios = national()
    n_forces = int(arguments[0]) if arguments else len(scenarios)
    used = measured(dict(list(scenarios.items())[:n_forces]))
    part = text(used, n_forces, len(next(iter(scenarios.values())).options))
    if not arguments:
        PAGE.write_text(written(PAGE.read_text("utf-8"), part), "utf-8")
    print(part)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The page `docs/performance.md`."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version

import races
from agreement import CLOCKED, Clock, Match
from bars import Bar, Measured, bars
from races import Finish

_LIBRARIES = ("numpy", "numba", "simpy", "salabim", "ciw")
_OPENING = """# Performance

Written by `make bench`; nothing here is edited by hand. Times are processor time of one thread, medians of
turns: fast engines before and after every turn of a slow one. Read the ratios, for times depend on the
machine: {machine}.

One replication is a year of business as usual for 168,000 victims with every feature of the scenario on,
without warm-up and run-out days; the staff are scaled with the victims where nothing else is said. The year
with every feature used is that of `parameters/every-feature.yaml`.
"""
_ENGINES = """
- **Draws alone**: the same number of keyed random numbers, and nothing else. The limit.
- **NumPy, no queues**: whole columns at a time; everybody is served on the day that is due, and nobody
  waits.
- **Plain Python loop**: the same algorithm on objects, the second engine of the tests.
- **SimPy**: a process for each victim and each worker, a heap of work for each pool, continuous time; every
  feature that the scenario's options use.
- **salabim**: a component for each victim, a resource for each pool, continuous time; nothing is left out,
  but support is asked for when a call ends, not when it begins. Monitors are off.
- **Ciw**: a network of queues with work schedules and patience, continuous time. Left out: the limit on
  open cases, because a place is held across nodes, and replies that come while calls go on, which business
  as usual does not have. Support is asked for when a call ends.
"""
_AGREEMENT = """
Independent replications of both, with random numbers of their own. The difference of the means is given in
its own standard errors (s.e.), for all stages and exits (all victims, and those in need), attempts, mean
waits in calendar days by priority, and utilisations (minutes used of those available) of all roles. The
twins' clocks are continuous, with a working day spread over the whole of its date; the kernel divides it
into the scenario's steps. What follows a piece of work follows in the kernel when it begins; one match lets
it wait for the end.
"""
_CLOCK = """
The kernel with other steps of a day, all with the same random numbers, and SimPy's continuous clock, for
16,800 victims. Mean waits in calendar days of enhanced victims; coarse steps let the next in line be served
a little earlier within a day.
"""


def page(measured: Measured) -> str:
    """Return the page.

    Parameters
    ----------
    measured : Measured

    Returns
    -------
    str
        Markdown.
    """
    machine = f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()},\n"
    machine += ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    opening = _OPENING.format(machine=machine)
    parts = [
        opening,
        "## What is promised\n",
        bar_table(bars(measured)),
        "\n## Speed\n",
        speed_table(measured.finishes),
        "\nTimes as long as this model:\n",
        ratio_table(measured.finishes),
        _ENGINES,
        "\n## Agreement\n" + _AGREEMENT,
        match_table(measured.matches),
        "\n" + _identical(measured.is_identical),
        "\n### Largest differences from SimPy\n",
        worst_table(next(m for m in measured.matches if m.engine == races.SIMPY)),
        "\n## Steps of a day\n" + _CLOCK,
        clock_table(measured.clocks),
        "\n## Starting, memory, and the main run\n",
        _rest(measured),
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


def bar_table(found: Sequence[Bar]) -> str:
    """Return the table of promises."""
    rows = [(bar.what, bar.limit, bar.found, "yes" if bar.is_kept else "**no**") for bar in found]
    return _table(("Promise", "Limit", "Measured", "Kept"), rows)


def speed_table(finishes: Sequence[Finish]) -> str:
    """Return median times by engine and size."""
    head = ("Engine", *(finish.race.title for finish in finishes))
    return _table(head, [(e, *(_time(finish.seconds.get(e)) for finish in finishes)) for e in races.ENGINES])


def ratio_table(finishes: Sequence[Finish]) -> str:
    """Return times relative to the kernel's by engine and size."""
    head = ("Engine", *(finish.race.title for finish in finishes))
    rows = [
        (e, *(_times(finish.ratio(e)) if e in finish.seconds else "–" for finish in finishes))
        for e in races.ENGINES
        if e != races.KERNEL
    ]
    return _table(head, rows)


def match_table(matches: Iterable[Match]) -> str:
    """Return the agreement by engine and case."""
    head = (
        "Engine",
        "Victims, option",
        "Replications: model, twin",
        "Outputs",
        "Largest difference",
        "Remark",
    )
    rows = []
    for match in matches:
        worst = match.worst()
        largest = f"{worst.z:.1f} s.e. ({worst.name})"
        n = f"{match.n[0]}, {match.n[1]}"
        rows.append((match.engine, match.title, n, str(len(match.differences)), largest, match.remark))
    return _table(head, rows)


def worst_table(match: Match, n: int = 12) -> str:
    """Return the outputs that differ most, with the waits and utilisations."""
    by_size = sorted(match.differences, key=lambda one: -one.z)[:n]
    always = [one for one in match.differences if one.name.startswith(("wait", "utilisation"))]
    chosen = by_size + [one for one in always if one not in by_size]
    rows = [(d.name, _amount(d.a), _amount(d.b), _amount(d.error), f"{d.z:.1f}") for d in chosen]
    return _table(("Output", "This model", match.engine, "s.e. of the difference", "s.e. apart"), rows)


def _identical(is_identical: bool) -> str:
    said = "counts the same, to the last victim" if is_identical else "does **not** count the same"
    return f"With the same key the plain Python loop {said}."


def clock_table(clocks: Sequence[Clock]) -> str:
    """Return what the steps of a day do to the waits."""
    head = ("Steps of a day", "Replications", "First attempt", "Contact", "Support", "Reneged")
    rows = []
    for clock in clocks:
        found = [f"{clock.means[name]:.4g}" for name in CLOCKED]
        rows.append((clock.title, str(clock.n), *found))
    return _table(head, rows)


def _rest(measured: Measured) -> str:
    first, later, memory = measured.first, measured.later, measured.memory
    processor, wall = measured.all_options
    names = {"imports": "Imports", "plan": "Reading the scenario, building a plan", "year": "First year"}
    rows = [(title, f"{first[name]:.2f} s", f"{later[name]:.2f} s") for name, title in names.items()]
    return f"""{_table(("", "First process after an install: compiles", "Later processes"), rows)}

A replication needs {memory["arrays_mb"]:.1f} MB of arrays beyond its inputs; resident memory rises by
{memory["resident_mb"]:.1f} MB.

Six options with {measured.n_replications:,} replications each, warm-up and run-out included, through
`simulate` on two threads, reckoned for 1,000: {processor:.0f} s of processor time of each thread,
{wall:.0f} s on the wall."""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:,.1f} s" if seconds >= 1 else f"{_three(seconds * 1e3)} ms"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}"


def _three(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"

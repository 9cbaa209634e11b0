"""Write docs/verification.md: the kernel against closed forms and against continuous time.

Run by `make verify`; takes minutes. Ends with status 1 when a case fails.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import continuous
import numpy as np
import theory
from cases import (
    STEPS,
    ContactList,
    Queue,
    Tally,
    exponential_queue,
    in_threads,
    leaving,
    loss_queue,
    reach_and_attempts,
    run,
    tally,
    waiting,
    waits,
)
from continuous import NOT_YET, Victims
from theory import Estimate, Row, extrapolated

from victimsmodel.pathway.arrays import N_CELLS, N_TAILS, Floats, Ints, Plan
from victimsmodel.pathway.cells import beta_cells, lognormal_cells
from victimsmodel.records import STAGES, WAITS
from victimsmodel.rng import replication_key

_ROOT = Path(__file__).resolve().parents[2]
_SEED = 20260101
_WAIT = "mean wait"
_SMALL_CHANCES = (0.25, 0.20, 0.15, 0.05, 0.03, 0.02)
_STEPS_A_DAY = (1, 2, 4, 8, 16)

_HEAD = """# Verification

Written by `make verify` (`tests/verification/report.py`); every number here comes from that command.

## The kernel against closed forms

Plans are built by hand so that the kernel becomes a textbook queue: one role, one attempt that never
succeeds, no screening. A day of one step stands for a short time h, in mean service times; every worker is
modelled, with services that begin and end within steps. Waits are in the queue, in mean service times. The
first 6 % of each replication are taken off. A case agrees when it lies within 5 standard errors and 0.5 % of
theory.

*What a day clock cannot represent, and what was done.* The arrivals of a step come at its start and waits
are counted in whole steps. Half a step is added for each who begins within a step rather than at its start;
then, as the cycle of arrivals and services is symmetric about its arrivals, what is left is of the order h²
(M/D/1 with service of a whole step: nothing). Two classes arrive in turn, every other step, so that no two
of different class come at once and are put in order. In Erlang B services take whole steps, or a server that
frees within a step would take who should have been turned away; a service of m steps then keeps a server for
m - 1/2. In Erlang A patience ends at the end of a step, an error of the order h, which two values of h take
away. Standard errors come from independent replications, with realised arrivals and service times regressed
out. Closed forms and sources: `tests/verification/theory.py`.
"""
_CLOCK = """
## The error of the day clock

The same victims, chances and handling times in continuous time (`tests/verification/continuous.py`): whoever
is free takes what is due. Option phone first of `parameters/west-midlands.yaml` with every input at its
median, 168,000 victims a year, no support after the call. Officers are short of what is needed (34), just
enough (46), or 4 % more (48). Then casework alone, with 4 caseworkers, 140 places and patience of 45 days.
Waits are differences of dates. Errors are against `continuous`, with the standard error of the paired
difference. The last line of each table changes the model, not the clock: it shows what a rule of the model
is worth.
"""


class Case(NamedTuple):
    """A queue with known answers; the second of two queues has half the step of the first."""

    name: str
    how: str
    queues: tuple[Queue, ...]
    answers: dict[str, float]  # by quantity
    found: Callable[[Queue, Tally], list[Estimate]]


def single_server_cases() -> list[Case]:
    """Return the queues with one server."""
    steady = Queue((0.8,), 1, np.ones((N_TAILS, N_CELLS)), 1.0, 1.0, STEPS, 300)
    varied = Queue((0.7,), 1, lognormal_cells(1.5) / 0.25, 4.0, 0.25, STEPS, 3000)
    exact, lacking = "h = 1: exact, for service takes a whole step", "h = 0.25; cells lack 0.1 % of variance"
    mm1, md1, ln1 = (theory.wait_with_any_service(*of) for of in ((0.8, 1, 1), (0.8, 1, 0), (0.7, 1, 1.5)))
    first, second = theory.waits_with_priorities(1, (0.3, 0.5))
    classes, turns = {"mean wait, first": first, "mean wait, second": second}, "h = 0.1, classes take turns"
    priorities = exponential_queue((0.3, 0.5), 1, 0.1, 2700)
    return [
        Case("M/M/1, load 0.8", "h = 0.2", (exponential_queue((0.8,), 1, 0.2, 1700),), {_WAIT: mm1}, waits),
        Case("M/D/1, load 0.8", exact, (steady,), {_WAIT: md1}, waits),
        Case("M/LN/1, load 0.7, cv 1.5", lacking, (varied,), {_WAIT: ln1}, waits),
        Case("M/M/1, priorities 0.3, 0.5", turns, (priorities,), classes, waits),
    ]


def several_server_cases() -> list[Case]:
    """Return the queues with several servers."""
    three, ten = exponential_queue((2.4,), 3, 0.05, 2500), exponential_queue((9.0,), 10, 0.03, 3750)
    known = {"P(wait)": theory.erlang_c(3, 2.4), _WAIT: theory.wait_with_servers(3, 2.4)}
    first, second = theory.waits_with_priorities(3, (0.8, 1.6))
    classes, turns = {"mean wait, first": first, "mean wait, second": second}, "h = 0.04, classes take turns"
    priorities = exponential_queue((0.8, 1.6), 3, 0.04, 2800)
    b, whole = {"P(turned away)": theory.erlang_b(5, 4.0)}, "h = 0.025, service in whole steps"
    a = theory.erlang_a(8, 10.0, 1.0, 2.0)
    patient = {"P(wait)": a.waits, "P(abandon)": a.abandons, _WAIT: a.wait}
    limit, loss = "h = 0.01 and 0.005, carried on to 0", loss_queue(4.0, 5, 40.0, 500)
    steps = tuple(exponential_queue((10.0,), 8, h, 1000)._replace(patience=2.0) for h in (0.01, 0.005))

    def all_of(*x: Any) -> list[Estimate]:
        return [waiting(*x), leaving(*x), *waits(*x)]

    return [
        Case("M/M/3, arrivals 2.4", "h = 0.05", (three,), known, lambda *x: [waiting(*x), *waits(*x)]),
        Case("M/M/10, arrivals 9", "h = 0.03", (ten,), {_WAIT: theory.wait_with_servers(10, 9.0)}, waits),
        Case("M/M/3, priorities 0.8, 1.6", turns, (priorities,), classes, waits),
        Case("Erlang B, 5 servers, load 4", whole, (loss,), b, lambda *x: [leaving(*x)]),
        Case("Erlang A, 8 servers, arrivals 10, patience 2", limit, steps, patient, all_of),
    ]


def queue_rows(case: Case, share: float = 1.0) -> list[Row]:
    """Return the lines of a queue, run for a share of the replications."""
    found = []
    for n, queue in enumerate(case.queues):
        shorter = queue._replace(replications=max(20, round(queue.replications * share)))
        found.append(case.found(shorter, tally(shorter, _SEED + n)))
    kernel = found[0] if len(found) == 1 else [extrapolated(*pair) for pair in zip(*found, strict=True)]
    rows = zip(case.answers.items(), kernel, strict=True)
    return [Row(case.name, name, float(known), own, case.how) for (name, known), own in rows]


def contact_rows(share: float = 1.0) -> list[Row]:
    """Return the lines of lists of attempts that wait for nobody."""
    same = np.repeat(np.array(_SMALL_CHANCES)[:, None], N_CELLS, axis=1)
    differ = np.repeat(beta_cells(0.35, 0.2)[None, :], 6, axis=0)
    rows = []
    for name, reach, known in (
        ("Contact, p = (.25, .20, .15, .05, .03, .02)", same, theory.contact(_SMALL_CHANCES)),
        ("Beta-geometric, mean 0.35, a + b = 4, six calls", differ, theory.beta_geometric(0.35, 0.2, 6)),
    ):
        found = reach_and_attempts(ContactList(reach, 1000.0, 100, max(20, round(100 * share))), _SEED)
        for quantity, value, own in zip(("reach", "attempts per victim"), known, found, strict=True):
            rows.append(Row(name, quantity, float(value), own, "as it is: a call a day, ample staff"))
    return rows


class Comparison(NamedTuple):
    """A plan for each number of steps a day, and the same in continuous time."""

    title: str
    plan: Callable[[int], Plan]
    wait: str
    stage: str
    engines: dict[str, Callable]  # of a plan and victims: days until the wait ends, and who is done
    runs: int


def _calls(is_spread: bool, plan: Plan, victims: Victims) -> tuple[Ints, Ints]:
    first, reached = continuous.call_victims(plan, is_spread, victims)
    return first, reached > NOT_YET


def _casework(holds_to_end: bool, plan: Plan, victims: Victims) -> tuple[Ints, Ints]:
    return continuous.hold_casework(plan, holds_to_end, victims)


def comparisons() -> Iterator[Comparison]:
    """Return the comparisons with continuous time."""
    calls = {
        "continuous": partial(_calls, False),
        "continuous, and referrals at any hour": partial(_calls, True),
    }
    casework = {
        "continuous": partial(_casework, False),
        "continuous, and a place held to the end of the last session": partial(_casework, True),
    }
    for officers in (34, 46, 48):
        title, plan = f"First attempts, {officers} officers", partial(continuous.calls_plan, officers)
        yield Comparison(title, plan, "first_attempt", "contacted", calls, 8)
    for a_day in (4.0, 6.0):
        title, plan = f"Casework, {a_day:g} victims a day", partial(continuous.casework_plan, a_day)
        yield Comparison(title, plan, "support", "completed", casework, 60)


def clocks(compared: Comparison) -> dict[str, Floats]:
    """Return mean wait, per cent of waits of 3 days or more, and victims of the stage, by clock and run."""
    found = {}
    for steps in _STEPS_A_DAY:
        plan = compared.plan(steps)
        found[f"{steps}"] = np.array(in_threads(partial(_by_kernel, compared, plan), (plan,), compared.runs))
    for name, engine in compared.engines.items():
        with ThreadPoolExecutor() as pool:
            runs = pool.map(partial(_by_hand, plan, engine), range(compared.runs))
            found[name] = np.array(list(runs))
    return found


def _by_kernel(compared: Comparison, plan: Plan, memory: list, replication: int) -> list[float]:
    out = run(plan, np.uint64(replication_key(_SEED, replication)), memory[0])
    days = out.groups["waits"][:, WAITS.index(compared.wait)].sum(axis=0)
    return _measures(days, out.groups["funnel"][:, 0, STAGES.index(compared.stage)].sum())


def _by_hand(plan: Plan, engine: Callable, replication: int) -> list[float]:
    victims = continuous.victims_of(plan, np.uint64(replication_key(_SEED, replication)))
    first, is_done = engine(plan, victims)
    is_counted = (victims.day >= plan.numbers["first_day"]) & (victims.day < plan.numbers["last_day"])
    return _measures(np.bincount(first[is_counted & (first > NOT_YET)]), is_done[is_counted].sum())


def _measures(days: Ints, victims: int) -> list[float]:
    return [days @ np.arange(days.size) / days.sum(), 100 * days[3:].sum() / days.sum(), float(victims)]


def table_of_rows(rows: list[Row]) -> list[str]:
    """Return the table of the closed forms."""
    lines = [
        "| case | quantity | theory | kernel | SE | difference, SE | difference, % | verdict | how |",
        "|---|---|---:|---:|---:|---:|---:|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row.case} | {row.quantity} | {row.theory:.6f} | {row.kernel.value:.6f} "
            f"| {row.kernel.error:.6f} | {row.errors:+.1f} | {row.per_cent:+.3f} "
            f"| {'agrees' if row.agrees else '**fails**'} | {row.how} |"
        )
    return lines


def table_of_clocks(compared: Comparison) -> list[str]:
    """Return the table of the day clock against continuous time; the error with its standard error."""
    found = clocks(compared)
    truth, runs = found["continuous"], compared.runs
    lines = [
        f"\n**{compared.title}** ({runs} repetitions)\n",
        "| steps a day | mean wait, days | error, % | 3 days or more, % | error, points "
        f"| {compared.stage} | error, % |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, values in found.items():
        error = (values - truth) / np.where([True, False, True], truth.mean(axis=0) / 100, 1.0)
        off, spread = error.mean(axis=0), error.std(axis=0, ddof=1) / runs**0.5
        wait, late, done = values.mean(axis=0)
        errors = [f"{o:+.2f} ± {s:.2f}" for o, s in zip(off, spread, strict=True)]
        lines.append(
            f"| {name} | {wait:.3f} | {errors[0]} | {late:.2f} | {errors[1]} | {done:,.0f} | {errors[2]} |"
        )
    return lines


def main() -> int:
    """Write the page; return 1 when a case fails."""
    rows = []
    for case in (*single_server_cases(), *several_server_cases()):
        rows += queue_rows(case)
        print(*table_of_rows(rows[-len(case.answers) :])[2:], sep="\n", flush=True)
    rows += contact_rows()
    lines = [_HEAD, *table_of_rows(rows), _CLOCK.rstrip()]
    for compared in comparisons():
        lines += table_of_clocks(compared)
    page = _ROOT / "docs" / "verification.md"
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    n_failed = sum(not row.agrees for row in rows)
    print(f"{page.relative_to(_ROOT)}: {len(rows)} quantities, {n_failed} fail")
    return min(n_failed, 1)


if __name__ == "__main__":
    sys.exit(main())

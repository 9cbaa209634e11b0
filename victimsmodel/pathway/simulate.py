"""Options x draws x replications: every option meets the same victims in the same draws."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from victimsmodel.errors import InvariantError, input_error
from victimsmodel.inputs.consistency import did_you_mean
from victimsmodel.inputs.draws import check_seed, draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Output, Plan, Workspace, new_output, new_workspace, workspace_shape
from victimsmodel.pathway.kernel import TOO_MANY_VICTIMS, run_year
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.queues import cleared
from victimsmodel.pathway.results import Counters, Progress, tabulated
from victimsmodel.records import STAGES, Result
from victimsmodel.rng import replication_key

_REFERRED = STAGES.index("referred")
_MOST_RUNS = 1_000_000

_local = threading.local()


def simulate(
    scenario: Scenario,
    options: Iterable[str] | None = None,
    n_draws: int = 1,
    n_replications: int = 20,
    seed: int = 1,
    n_jobs: int | None = None,
    on_progress: Progress | None = None,
) -> Result:
    """Simulate the year for each option, draw of the uncertain inputs and replication.

    Parameters
    ----------
    scenario : Scenario
    options : iterable of str, optional
        Keys of ``scenario.options``; all of them by default.
    n_draws : int
        Samples of the uncertain inputs; 1 puts every input at its median.
    n_replications : int
        Repetitions of the year in each draw.
    seed : int
        From 0 to 2^63 - 1. The same seed gives the same tables whatever `n_jobs`.
    n_jobs : int, optional
        Threads; the number of processors by default.
    on_progress : callable, optional
        Called from this thread as runs finish.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        For an unknown option or numbers out of range.
    InvariantError
        If a run loses or doubles a victim.
    """
    chosen = _checked_options(scenario, options)
    _check_sizes(n_draws, n_replications, seed)
    points = draw_points(scenario, n_draws, seed)
    total = len(chosen) * n_draws * n_replications
    jobs = n_jobs or os.cpu_count() or 1
    runs: dict[str, list[list[Counters]]] = {}
    finished = 0
    with ThreadPoolExecutor(jobs) as pool:
        waiting: list[tuple[str, Future[list[Counters]]]] = []
        for option in chosen:
            runs[option] = []
            for draw, plan in enumerate(build_plans(scenario, option, points)):
                waiting.append((option, pool.submit(run_replications, plan, n_replications, seed, draw)))
        for option, future in waiting:
            runs[option].append(future.result())
            finished += n_replications
            if on_progress is not None:
                on_progress(finished, total)
    return tabulated(scenario, runs, points)


def run_replications(plan: Plan, n_replications: int, seed: int, draw: int = 0) -> list[Counters]:
    """Run a plan in this thread, once for each replication.

    Each draw has replications of its own, so that the chances of single years are not the same in
    every draw; options share them.
    """
    work, first = _workspace(plan), draw * _MOST_RUNS
    return [_run(plan, replication_key(seed, first + r), work) for r in range(n_replications)]


def _run(plan: Plan, key: np.uint64, work: Workspace) -> Counters:
    out = new_output(plan)
    if run_year(plan, np.uint64(key), cleared(work), out) == TOO_MANY_VICTIMS:
        raise InvariantError("more victims arrived than their mean allows; the draws are broken")
    _check_conservation(out)
    counted = slice(int(plan.numbers["first_day"]), int(plan.numbers["last_day"]))
    staff = np.stack([out.used[:, counted], plan.capacity[:, counted], out.backlog[:, counted]], axis=1)
    return Counters(
        funnel=out.funnel,
        exits=out.exits,
        waits=out.waits,
        attempts=out.attempts,
        minutes=out.minutes,
        available=plan.capacity[:, counted].sum(axis=1),
        daily=staff.astype(np.float32),
        cases=out.cases[counted].T.astype(np.float32),
    )


def _check_conservation(out: Output) -> None:
    """Every referral is in exactly one exit, completed or open; for each group and need."""
    referred, ended = out.funnel[:, :, _REFERRED], out.exits.sum(axis=-1)
    if not np.array_equal(referred, ended):
        raise InvariantError(f"referrals {referred.sum()} are not exits + completed + open {ended.sum()}")


def _workspace(plan: Plan) -> Workspace:
    """Return this thread's memory, renewed when a plan needs more or other lists."""
    needed = workspace_shape(plan)
    if getattr(_local, "shapes", None) != needed:
        _local.work, _local.shapes = new_workspace(plan), needed
    work: Workspace = _local.work
    return work


def _checked_options(scenario: Scenario, options: Iterable[str] | None) -> Sequence[str]:
    chosen = list(scenario.options) if options is None else list(dict.fromkeys(options))
    for name in chosen:
        if name not in scenario.options:
            known = list(scenario.options)
            allowed = f"is not an option of {scenario.name} (known: {', '.join(known)})"
            raise input_error("option", allowed, "VM030", field=name, hint=did_you_mean(name, known))
    return chosen


def _check_sizes(n_draws: int, n_replications: int, seed: int) -> None:
    for name, number in (("n_draws", n_draws), ("n_replications", n_replications)):
        if number < 1 or n_draws * n_replications > _MOST_RUNS:
            allowed = f"must be at least 1, and runs at most {_MOST_RUNS:,}"
            raise input_error("simulate", allowed, "VM031", field=name, value=str(number))
    check_seed(seed)

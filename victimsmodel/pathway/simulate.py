"""Options x draws x replications: every option meets the same victims in the same draws."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import fields
from itertools import islice
from typing import Any

import numpy as np

from victimsmodel.errors import InvariantError, input_error
from victimsmodel.inputs.draws import Points
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Floats, Output, Plan, Workspace
from victimsmodel.pathway.kernel import TOO_MANY_VICTIMS, run_year
from victimsmodel.pathway.memory import new_output, new_workspace, workspace_shape
from victimsmodel.pathway.pieces import Piece, computed_by, others
from victimsmodel.pathway.plan import Plans, build_plans
from victimsmodel.pathway.queues import cleared
from victimsmodel.pathway.results import Counters, Progress, joined
from victimsmodel.pathway.sizes import MOST_RUNS, check_jobs
from victimsmodel.records import STAGES
from victimsmodel.rng import replication_key

_REFERRED = STAGES.index("referred")
_REPLICATIONS_PER_TASK = 25

_local = threading.local()


def simulated_counters(
    scenario: Scenario,
    options: Sequence[str],
    points: Points,
    seed: int,
    replications: range,
    n_jobs: int | None = None,
    on_progress: Progress | None = None,
) -> dict[str, Counters]:
    """Run every option, draw and replication, in threads or by others; return the counters of each option.

    Each draw has replications of its own, so that the chances of single years are not the same in
    every draw; options share them. Options with the same plans, which differ in cost alone, are run once
    and share their counters.
    """
    check_jobs(n_jobs)
    tasks = [
        range(start, min(start + _REPLICATIONS_PER_TASK, replications.stop))
        for start in range(replications.start, replications.stop, _REPLICATIONS_PER_TASK)
    ]
    n_draws = next(iter(points.values())).size
    same: dict[str, str] = {}  # digest of the plans, by option
    distinct: list[str] = []

    def pieces() -> Iterator[Piece]:
        for option in options:
            plans = build_plans(scenario, option, points)
            same[option] = _digest(plans)
            if same[option] not in distinct:
                distinct.append(same[option])
                for draw, plan in enumerate(plans):
                    for task in tasks:
                        yield Piece(option, plan, seed, task, draw)

    runs: dict[str, Counters] = {}
    with closing(others_or_threads(pieces(), n_jobs)) as results:
        draws: list[Counters] = []
        while parts := list(islice(results, len(tasks))):
            draws.append(joined(parts))
            if on_progress is not None:
                finished = len(runs) * n_draws + len(draws)
                on_progress(finished * len(replications), len(distinct) * n_draws * len(replications))
            if len(draws) == n_draws:  # which frees the memory of what is stacked
                runs[distinct[len(runs)]] = stacked(draws)
                draws = []
    return {option: runs[same[option]] for option in options}


def others_or_threads(pieces: Iterable[Piece], n_jobs: int | None = None) -> Generator[Counters, None, None]:
    """Compute pieces where that is asked for, or in threads; yield their counters in order."""
    compute = others()
    if compute is not None:
        yield from compute(pieces)
        return
    with _stoppable(n_jobs) as pool:
        yield from _in_pool(pool, pieces)


@contextmanager
def in_threads(n_jobs: int) -> Iterator[None]:
    """Let so many threads compute all pieces that are asked for meanwhile."""
    check_jobs(n_jobs)
    with _stoppable(n_jobs) as pool, computed_by(lambda pieces: _in_pool(pool, pieces)):
        yield


def _in_pool(pool: ThreadPoolExecutor, pieces: Iterable[Piece]) -> Iterator[Counters]:
    waiting = deque([pool.submit(run_piece, piece) for piece in pieces])
    while waiting:
        yield waiting.popleft().result()


def run_piece(piece: Piece) -> Counters:
    """Compute a piece in this thread."""
    made = run_replications(piece.plan, piece.seed, piece.replications, piece.draw)
    nothing: dict[str, Any] = dict.fromkeys(piece.left_out)
    return made._replace(**nothing)


def _digest(plans: Plans) -> str:
    """Return a hash of all that the kernel reads."""
    digest = hashlib.sha256()
    for field in fields(plans):
        digest.update(getattr(plans, field.name).tobytes())
    return digest.hexdigest()


@contextmanager
def _stoppable(n_jobs: int | None) -> Iterator[ThreadPoolExecutor]:
    """Hold threads that do not begin what waits once something is raised, such as by Ctrl-C."""
    pool = ThreadPoolExecutor(n_jobs or os.cpu_count())
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def run_replications(plan: Plan, seed: int, replications: range, draw: int = 0) -> Counters:
    """Run a plan in this thread, once for each replication; the counters have no dimension draw."""
    work, first = _workspace(plan), draw * MOST_RUNS
    return stacked([_run(plan, replication_key(seed, first + r), work) for r in replications])


def stacked(parts: Sequence[Counters]) -> Counters:
    """Return counters with one more dimension in front."""
    columns = zip(*parts, strict=True)
    return Counters._make(None if column[0] is None else np.stack(column) for column in columns)


def run_once(plan: Plan, key: np.uint64, n_events: int = 0) -> Output:
    """Run a plan in this thread and return its counters and log; broken invariants are errors."""
    return _checked_run(plan, key, _workspace(plan), n_events)


def _run(plan: Plan, key: np.uint64, work: Workspace) -> Counters:
    out = _checked_run(plan, key, work)
    numbers = plan.numbers[0]
    counted, n_roles = slice(int(numbers["first_day"]), int(numbers["last_day"])), int(numbers["n_roles"])
    days, minutes = out.days[counted], available_minutes(plan)[counted]
    backlog = days["backlog"]
    staff = np.stack([days["used"][:, :n_roles], minutes, backlog[:, :n_roles]], axis=-1)
    specialist = backlog[:, n_roles + 1 :].sum(axis=1)
    cases = np.stack([backlog[:, n_roles], days["open_cases"], specialist])
    return Counters(
        funnel=out.groups["funnel"],
        exits=out.groups["exits"],
        waits=out.groups["waits"].astype(np.int32),  # the largest by far: thousands of runs are kept
        attempts=out.groups["attempts"],
        informed=out.groups["informed"],
        minutes=out.pools["minutes"][:n_roles],
        available=minutes.sum(axis=0),
        daily=staff.transpose(1, 2, 0).astype(np.float32),
        cases=cases.astype(np.float32),
    )


def available_minutes(plan: Plan) -> Floats:
    """Return the productive minutes of each day and role."""
    return np.asarray(plan.staff * plan.roles["minutes"])


def _checked_run(plan: Plan, key: np.uint64, work: Workspace, n_events: int = 0) -> Output:
    out = new_output(plan, n_events)
    if run_year(plan, np.uint64(key), cleared(work), out) == TOO_MANY_VICTIMS:
        raise InvariantError("more victims arrived than their mean allows; the draws are broken")
    _check_conservation(out)
    _check_waiting(out)
    return out


def _check_conservation(out: Output) -> None:
    """Every referral is in exactly one exit, completed or open; for each group and need."""
    referred, ended = out.groups["funnel"][:, :, _REFERRED], out.groups["exits"].sum(axis=-1)
    if not np.array_equal(referred, ended):
        raise InvariantError(f"referrals {referred.sum()} are not exits + completed + open {ended.sum()}")


def _check_waiting(out: Output) -> None:
    """Little's law in whole numbers: the time that all waited is the area under the queue."""
    area, waited = out.pools["area"], out.pools["waited"].sum(axis=1) + out.pools["left_waited"]
    if not np.array_equal(area, waited):
        raise InvariantError(f"the areas under the queues {area} are not the steps waited {waited}")


def _workspace(plan: Plan) -> Workspace:
    """Return this thread's memory, renewed when a plan needs more or other lists."""
    needed = workspace_shape(plan)
    if getattr(_local, "shapes", None) != needed:
        _local.work, _local.shapes = new_workspace(plan), needed
    work: Workspace = _local.work
    return work


def checked_options(scenario: Scenario, options: Iterable[str] | None) -> Sequence[str]:
    """Return the options to run, all by default; an unknown one is an error, and so is none."""
    known = list(scenario.options)
    if isinstance(options, str) or not isinstance(options, Iterable | None):
        allowed = f"must be a list of options (known: {', '.join(known)})"
        hint = f"Write [{options!r}]." if options in known else ""
        raise input_error("options", allowed, "VM030", value=str(options), hint=hint)
    chosen = known if options is None else list(dict.fromkeys(map(str, options)))
    for name in chosen:
        if name not in scenario.options:
            allowed = f"is not an option of {scenario.name} (known: {', '.join(known)})"
            raise input_error("option", allowed, "VM030", field=name, hint=did_you_mean(name, known))
    if not chosen:
        raise input_error("options", f"must name one or more of {', '.join(known)}", "VM030")
    return chosen

"""How much may be simulated: checked, with what it would take, before anything is loaded or made."""

from __future__ import annotations

import os

from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import check_seed, is_whole

#: Simulated years of one option in one call.
MOST_RUNS = 1_000_000
_LEAST_RUNS, _MOST_EACH = 2, 100_000
_MOST_THREADS_A_PROCESSOR = 4
#: Of one simulated year of one option, an order of magnitude: `timings_seconds` of the manifest of a quick
#: run of the West Midlands (168,000 victims, two processors) over its 200 years, and their Parquet tables.
_SECONDS, _BYTES = 0.042, 2_300


def check_sizes(n_draws: int, n_replications: int, seed: int) -> None:
    """Refuse numbers of draws and replications, and seeds, that cannot be run.

    Raises
    ------
    InputError
        VM031, with the time and memory that so many would take.
    """
    for name, number in (("n_draws", n_draws), ("n_replications", n_replications)):
        if not is_whole(number):
            allowed = f"must be an integer up to {_MOST_EACH:,}"
            raise input_error("simulate", allowed, "VM031", field=name, value=str(number))
    for name, number in (("n_draws", n_draws), ("n_replications", n_replications)):
        if not 1 <= number <= _MOST_EACH:
            least = 1 if name == "n_draws" else _LEAST_RUNS
            allowed = f"must be from {least} to {_MOST_EACH:,}{_needed(n_draws * n_replications)}"
            raise input_error("simulate", allowed, "VM031", field=name, value=str(number))
    if n_draws * n_replications > MOST_RUNS:
        allowed = f"times n_replications = {n_replications} must be at most {MOST_RUNS:,}"
        allowed += _needed(n_draws * n_replications)
        raise input_error("simulate", allowed, "VM031", field="n_draws", value=str(n_draws))
    check_seed(seed)


def check_replications(n_replications: int) -> None:
    """Refuse simulated years that leave no spread to tell: one alone, or none.

    Raises
    ------
    InputError
        VM293 for a single year; else VM031.
    """
    check_sizes(1, n_replications, 1)
    if n_replications < _LEAST_RUNS:
        allowed = f"must be from {_LEAST_RUNS} to {_MOST_EACH:,}: one simulated year has no spread"
        raise input_error("simulate", allowed, "VM293", field="n_replications", value=str(n_replications))


def check_jobs(n_jobs: int | None) -> None:
    """Refuse a number of threads that processors cannot serve.

    Raises
    ------
    InputError
        VM268.
    """
    most = _MOST_THREADS_A_PROCESSOR * (os.cpu_count() or 1)
    if n_jobs is not None and not (is_whole(n_jobs) and 1 <= n_jobs <= most):
        allowed = f"must be from 1 to {most} ({_MOST_THREADS_A_PROCESSOR} times the processors)"
        raise input_error("--jobs", allowed, "VM268", field="jobs", value=str(n_jobs))


def _needed(n_runs: int) -> str:
    """Say what so many simulated years of one option would take, for a number that is far too high."""
    if n_runs <= MOST_RUNS:
        return ""
    days = n_runs * _SECONDS / 86_400
    time = f"{days:,.0f} days" if days < 1_000 else f"{days / 365.25:,.0f} years"
    gigabytes = f"{n_runs * _BYTES / 1e9:,.0f} GB"
    return f"; {n_runs:,} simulated years of each option would take about {time} and {gigabytes} of disk"

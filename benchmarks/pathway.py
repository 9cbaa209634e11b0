"""How long a simulated year takes, against its random draws alone: ratios within one run.

Run by `make bench`. Times depend on the machine; read the ratios.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numba import njit

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.arrays import Output, Plan, Workspace, new_output, new_workspace
from victimsmodel.pathway.kernel import run_year
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.queues import cleared
from victimsmodel.records import STAGES
from victimsmodel.rng import replication_key, uniform

SCENARIO = "parameters/west-midlands.yaml"
ROUNDS = 15
#: Draws of a victim before the first attempt: need, referral, screening, details of a channel.
DRAWS_TO_ENTER = 5
#: Draws of an attempt: reachability, success, handling time.
DRAWS_PER_ATTEMPT = 3
#: Draws after contact: consent, recognition, acceptance, route, patience, two handling times.
DRAWS_AFTER_CONTACT = 7


@njit
def only_draws(key: np.uint64, n: int) -> float:
    """Draw `n` numbers of one key after the other and add them up."""
    total = 0.0
    for i in range(n):
        total += uniform(key + np.uint64(i), 1, 0)
    return total


def number_of_draws(out: Output) -> int:
    """Return about how many random numbers a year took."""
    stages = out.funnel[:, 0].sum(axis=0)
    entered = int(stages[STAGES.index("victims")]) * DRAWS_TO_ENTER
    after = int(stages[STAGES.index("contacted")]) * DRAWS_AFTER_CONTACT
    return entered + int(out.attempts[..., 0].sum()) * DRAWS_PER_ATTEMPT + after


def simulate_once(plan: Plan, key: np.uint64, work: Workspace) -> int:
    """Simulate one year."""
    return run_year(plan, key, cleared(work), new_output(plan))


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Time every option, interleaved with its draws, and print medians and ratios."""
    period = {"period.warm_up_days": 0, "period.run_out_days": 0}  # one year and nothing else
    scenario = load_scenario(SCENARIO, period)
    key = np.uint64(replication_key(1, 0))
    only_draws(key, 1)
    print(f"{'option':<20}{'victims':>10}{'year, ms':>10}{'draws alone, ms':>17}{'ratio':>8}")
    for option in scenario.options:
        plan = build_plans(scenario, option, draw_points(scenario, 1, 1))[0]
        work, out = new_workspace(plan), new_output(plan)
        run_year(plan, key, cleared(work), out)
        n = number_of_draws(out)
        year_of = partial(simulate_once, plan, key, work)
        draws_of = partial(only_draws, key, n)
        pairs = [(seconds(year_of), seconds(draws_of)) for _ in range(ROUNDS)]
        year, draws = (statistics.median(column) * 1e3 for column in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        victims = int(out.funnel[:, 0, 0].sum())
        print(f"{option:<20}{victims:>10,}{year:>10.1f}{draws:>17.1f}{ratio:>8.1f}")


main()

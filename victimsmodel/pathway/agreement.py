"""Whether the two engines agree where they must: with ample staff."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.expected import expected_counters
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.simulate import run_replications
from victimsmodel.records import EXITS, STAGES


def engine_agreement(
    scenario: Scenario, n_replications: int = 20, seed: int = 1, options: Iterable[str] | None = None
) -> pd.DataFrame:
    """Compare simulated and exact counts of every option, group, stage and exit.

    Arrivals are Poisson and victims independent when nobody waits, so that each count is a Poisson
    variable about the exact value: its standard error is known, not estimated.

    Returns
    -------
    DataFrame
        Columns option, group, kind (stage or exit), name, exact, simulated, z (standard errors).
    """
    chosen = list(scenario.options if options is None else options)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        frames = list(pool.map(lambda option: _counts(scenario, option, n_replications, seed), chosen))
    table = pd.concat(frames, ignore_index=True)
    table["z"] = _z(table["exact"], table["simulated"], n_replications)
    return table[["option", "group", "kind", "name", "exact", "simulated", "z"]]


def _counts(scenario: Scenario, option: str, n_replications: int, seed: int) -> pd.DataFrame:
    """Return exact and simulated counts of one option."""
    plans = build_plans(scenario, option, draw_points(scenario, 1, seed=0), ample_staff=True)
    exact, runs = expected_counters(plans), run_replications(plans[0], seed, range(n_replications))
    groups = [group.name for group in scenario.groups]
    frames = []
    for kind, field, names in (("stage", "funnel", STAGES), ("exit", "exits", EXITS)):
        expected = getattr(exact, field)[0, 0, :, 0]
        simulated = getattr(runs, field)[:, :, 0].mean(axis=0)
        index = pd.MultiIndex.from_product([groups, names], names=["group", "name"])
        frame = pd.DataFrame({"exact": expected.ravel(), "simulated": simulated.ravel()}, index=index)
        frames.append(frame.reset_index().assign(option=option, kind=kind))
    return pd.concat(frames, ignore_index=True)


def _z(exact: pd.Series[float], simulated: pd.Series[float], n: int) -> pd.Series[float]:
    """Return differences in standard errors: the normal deviates of exact Poisson probabilities.

    With few expected, a Poisson count is far from normal, and a plain difference over its standard
    error would raise false alarms. What must be nothing and is not counts as infinite.
    """
    from scipy.stats import norm, poisson

    count, mean = np.rint(simulated * n), exact * n
    above = norm.isf(poisson.sf(count - 1, mean))  # of a count as large as this
    below = norm.isf(poisson.cdf(count, mean))
    z = np.where(count >= mean, np.maximum(above, 0), -np.maximum(below, 0))
    return pd.Series(z, index=exact.index).where(exact > 0, np.where(count == 0, 0.0, np.inf))

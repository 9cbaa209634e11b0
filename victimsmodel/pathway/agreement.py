"""Whether the two engines agree where they must: with ample staff."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

import numpy as np
import pandas as pd

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.expected import expected_counters
from victimsmodel.pathway.pieces import Piece
from victimsmodel.pathway.plan import Plans, build_plans
from victimsmodel.pathway.results import Counters
from victimsmodel.pathway.simulate import others_or_threads
from victimsmodel.records import EXITS, STAGES

_LEFT_OUT = ("waits", "daily", "cases")


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
    points, years = draw_points(scenario, 1, seed=0), (seed, range(n_replications), 0)
    plans = {option: build_plans(scenario, option, points, ample_staff=True) for option in chosen}
    pieces = (Piece(option, plans[option][0], *years, left_out=_LEFT_OUT) for option in chosen)
    with closing(others_or_threads(pieces)) as made:
        frames = [
            _counts(scenario, option, plans[option], runs) for option, runs in zip(chosen, made, strict=True)
        ]
    table = pd.concat(frames, ignore_index=True)
    table["z"] = _z(table["exact"], table["simulated"], n_replications)
    return table[["option", "group", "kind", "name", "exact", "simulated", "z"]]


def _counts(scenario: Scenario, option: str, plans: Plans, runs: Counters) -> pd.DataFrame:
    """Return exact and simulated counts of one option."""
    exact = expected_counters(plans)
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

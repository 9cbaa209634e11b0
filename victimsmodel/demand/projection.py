"""Growth from the year that victims are stated for to the year that is evaluated, in every draw."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.draws import PROJECTION_POINT, Points
from victimsmodel.inputs.history import History
from victimsmodel.inputs.projection import MOST_QUARTERS_AHEAD, Projection, financial_quarters
from victimsmodel.inputs.scenario import Scenario

Floats = NDArray[np.float64]

_N_PATHS, _SEED = 2_000, 1  # of the sample paths that draws choose from: fixed, so that draws alone vary


def growth_by_type(scenario: Scenario, points: Points) -> Floats:
    """Return offences of the evaluated year relative to the base year, shape (n_draws, n_crime_types).

    A draw takes a whole sample path of the forecast, so that its crime types and quarters belong
    together; a single draw at the median takes the median of each crime type. A crime type without
    history does not grow.
    """
    demand = scenario.demand
    n_draws = len(next(iter(points.values())))
    if demand.projection is None or demand.history is None:
        return np.ones((n_draws, len(demand.crime_types)))
    year = f"{scenario.period.start.year}/{(scenario.period.start.year + 1) % 100:02}"
    ratios = _ratios(demand.history.model_dump_json(), demand.projection.model_dump_json(), year)
    place = points[PROJECTION_POINT]
    if n_draws == 1:
        chosen = np.median(ratios, axis=0, keepdims=True)
    else:
        chosen = ratios[(place * len(ratios)).astype(np.int64)]
    columns = {name: chosen[:, t] for t, name in enumerate(demand.history.crime_types)}
    return np.stack([columns.get(name, np.ones(n_draws)) for name in demand.crime_types], axis=-1)


@lru_cache(maxsize=8)
def _ratios(history_json: str, projection_json: str, year: str) -> Floats:
    """Return the ratio of the year to the base year by path and crime type."""
    from victimsmodel.demand.forecast import forecast
    from victimsmodel.demand.growth import SCENARIOS, Growth, PolicyShift, growth_factors
    from victimsmodel.demand.series import Break

    history = History.model_validate_json(history_json)
    projection = Projection.model_validate_json(projection_json)
    counts = history.counts()
    shifts = tuple(
        PolicyShift(change.crime_type, pd.Period(change.quarter, freq="Q-DEC"), change.factor)
        for change in projection.policy_changes
    )
    stated = projection.growth
    growth = Growth("stated", stated) if isinstance(stated, dict) else SCENARIOS[stated]
    breaks = [Break(s.crime_type, pd.Period(s.quarter, freq="Q-DEC")) for s in history.level_shifts]
    growth = growth._replace(shifts=shifts)
    found = forecast(counts, MOST_QUARTERS_AHEAD // 4, _N_PATHS, _SEED, breaks, growth)
    known = np.broadcast_to(counts.to_numpy(np.float64), (_N_PATHS, *counts.shape))
    quarters = [str(quarter) for quarter in [*counts.index, *found.quarters]]
    paths = np.concatenate([known, found.paths], axis=1)
    own, base = (
        paths[:, [quarters.index(quarter) for quarter in financial_quarters(name)]].sum(axis=1)
        for name in (year, projection.base_year)
    )
    # In the order of the whole forecast before growth, so that stratified draws spread over it.
    factors = growth_factors(growth, found.quarters, list(counts))
    order = np.argsort((found.paths / factors).sum(axis=(1, 2)))
    return np.asarray(own / np.maximum(base, 0.5))[order]

"""What an evaluation says about demand besides the simulated year: where it comes from, where it goes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.areas import need_by_area
from victimsmodel.demand.backtest import TOTAL
from victimsmodel.demand.distance import distance_from_stated, explain_distance
from victimsmodel.demand.major_incident import planning_distribution
from victimsmodel.demand.needs import needs_table
from victimsmodel.demand.persons import draw_crime
from victimsmodel.demand.reconciliation import reconciliation_steps, reconciliation_table
from victimsmodel.demand.unreported import beyond_police
from victimsmodel.inputs.history import History
from victimsmodel.inputs.scenario import Scenario

_N_YEARS = 5
#: Quantiles of a year, by column.
_LIMITS = {"median": 0.5, "low_80": 0.1, "high_80": 0.9, "low_95": 0.025, "high_95": 0.975}
_QUARTERS_A_YEAR = 4

Floats = NDArray[np.float64]
Tables = dict[str, pd.DataFrame]


def origin_tables(scenario: Scenario, demand: pd.DataFrame, seed: int) -> Tables:
    """Return what leads to the stated demand, and what it means for needs and boroughs.

    Parameters
    ----------
    scenario : Scenario
    demand : DataFrame
        From `estimate_demand`, with the same seed.
    seed : int

    Returns
    -------
    dict of str to DataFrame
        ``reconciliation``, ``distance``, ``distance_words`` and ``beyond_police`` where the scenario
        states ``from_crime``; ``needs``, ``areas`` and ``incident_planning`` where it states those.
    """
    stated = scenario.demand
    in_need = demand.groupby("draw")["in_need"].sum().to_numpy()
    n_draws = len(in_need)
    found: Tables = {}
    if stated.from_crime is not None:
        drawn = draw_crime(stated, stated.from_crime, n_draws, seed)
        steps = reconciliation_steps(drawn)
        found["reconciliation"] = reconciliation_table(steps)
        found["distance"] = distance_from_stated(drawn, steps)
        words = explain_distance(drawn, steps, found["distance"], _residents(scenario))
        found["distance_words"] = pd.DataFrame({"sentence": words}, dtype=str)
        found["beyond_police"] = beyond_police(drawn)
    if stated.needs is not None:
        found["needs"] = needs_table(stated.needs, in_need, seed)
    if stated.areas is not None and stated.boroughs is not None:
        found["areas"] = need_by_area(in_need, stated.boroughs.values, stated.areas.frame())
    if stated.incident_rate is not None:
        found["incident_planning"] = planning_distribution(stated.incident_rate, seed=seed)
    if stated.history is not None:
        found["data_quality"] = quality_findings(stated.history)
    return found


def _residents(scenario: Scenario) -> dict[str, float] | None:
    """Return residents by area, or of the whole force, where the scenario states them."""
    if scenario.demand.areas is not None:
        return {row.area: row.residents for row in scenario.demand.areas.table}
    people = scenario.area.population
    return None if people is None else {scenario.area.name: people}


def quality_findings(history: History) -> pd.DataFrame:
    """Return what is wrong with the official data, and what was done about it."""
    columns = ["severity", "check", "force", "offence", "period", "rows", "size", "detail", "action"]
    rows = pd.DataFrame(list(history.quality), columns=columns)
    texts = [name for name in columns if name not in ("rows", "size")]
    return rows.assign(**{name: rows[name].fillna("").astype(str) for name in texts})


def forecast_tables(scenario: Scenario, n_paths: int, seed: int) -> Tables:
    """Return recorded offences as forecast, by quarter and by financial year, and how that would have gone.

    Returns
    -------
    dict of str to DataFrame
        Nothing where the scenario states no history. ``forecast``: from `intervals`, quarters as text.
        ``forecast_years``: crime_type ("total" for the sum), year, observed (NaN in the future), then
        median, low_80, high_80, low_95 and high_95 (NaN in the past). ``forecast_models``: crime_type,
        model, weight. ``forecast_coverage``: crime_type, level, covered, n. ``forecast_remarks``: remark.
    """
    history = scenario.demand.history
    if history is None:
        return {}
    from victimsmodel.demand.forecast import forecast, intervals
    from victimsmodel.demand.series import Break

    counts = history.counts()
    breaks = [Break(s.crime_type, pd.Period(s.quarter, freq="Q-DEC")) for s in history.level_shifts]
    found = forecast(counts, _N_YEARS, n_paths, seed, breaks)
    table = intervals(found)
    models = found.models.rename_axis(columns="model").stack().rename("weight").reset_index()
    return {
        "forecast": table.assign(quarter=table["quarter"].astype(str)),
        "forecast_years": _by_year(counts, found.paths, found.quarters),
        "forecast_models": models,
        "forecast_coverage": found.coverage,
        "forecast_remarks": pd.DataFrame({"remark": list(found.remarks)}, dtype=str),
    }


def _by_year(counts: pd.DataFrame, paths: Floats, quarters: pd.PeriodIndex) -> pd.DataFrame:
    """Sum over whole financial years; one that is partly observed takes what is known."""
    known = np.broadcast_to(counts.to_numpy(np.float64), (len(paths), *counts.shape))
    whole = np.concatenate([known, paths], axis=1)
    whole = np.concatenate([whole, whole.sum(axis=2, keepdims=True)], axis=2)
    first_quarter = pd.PeriodIndex(counts.index.append(quarters)) - 1  # April to June opens a year
    rows: list[dict[str, object]] = []
    for year in sorted(set(first_quarter.year)):
        own = first_quarter.year == year
        if own.sum() < _QUARTERS_A_YEAR:
            continue
        totals = whole[:, own].sum(axis=1)
        is_past = not own[len(counts) :].any()
        for name, column in zip([*counts, TOTAL], totals.T, strict=True):
            row = {"crime_type": name, "year": f"{year}/{(year + 1) % 100:02}"}
            if is_past:
                row["observed"] = column[0]
            else:
                row |= dict(zip(_LIMITS, np.quantile(column, list(_LIMITS.values())), strict=True))
            rows.append(row)
    return pd.DataFrame(rows).reindex(columns=["crime_type", "year", "observed", *_LIMITS])

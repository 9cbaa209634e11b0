"""A quarter kept back: whether a calibrated model foresees the next return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from victimsmodel.demand.victims import daily_index
from victimsmodel.disclosure.stated_counts import shown_total
from victimsmodel.errors import input_error
from victimsmodel.inputs.observed import CORRELATION, ObservedTotal
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.calibrate import Calibration, calibrate
from victimsmodel.pathway.observing import draw_data, observed_data, shown_scale
from victimsmodel.pathway.weights import systematic
from victimsmodel.records import STAGES

_PREDICTED = 4_000  # data drawn for each total of the quarter kept back
_COLUMNS = ("period", "stage", "value")


@dataclass(frozen=True, repr=False)
class HoldOut:
    """What was foreseen of the last quarter of a return, from the quarters before it, as it may be shown."""

    calibration: Calibration  # to all quarters but the last
    table: pd.DataFrame  # observation, observed, low, median, high, is_within
    level: float  # of the intervals

    @property
    def covered(self) -> float:
        """The share of the last quarter's totals that lie within their intervals."""
        return float(self.table["is_within"].mean())


def hold_out(
    scenario: Scenario,
    returns: pd.DataFrame,
    option: str = BUSINESS_AS_USUAL,
    n_draws: int = 4_000,
    seed: int = 1,
    *,
    level: float = 0.9,
    correlation: float = CORRELATION,
    capacity_years: int = 32,
) -> HoldOut:
    """Calibrate to all quarters of a return but the last, and say what they foretold of it.

    Of each quarter the first stage is a number, which follows the seasonal profile, and each further
    stage a share of the stage before it; of the quarter kept back, too: how many came so far is taken as
    known, so that one surprise is not counted at every later stage.

    Parameters
    ----------
    scenario : Scenario
    returns : DataFrame
        Columns period (a calendar quarter such as 2018Q2), stage and value (persons); a stage without
        a value is left out.
    option, n_draws, seed, capacity_years :
        As for `calibrate`.
    level : float
        Of the predictive intervals.
    correlation : float
        Between persons counted together.

    Raises
    ------
    InputError
        For columns, stages or periods that cannot be read, or fewer than two quarters.
    """
    rows = return_rows(scenario, returns, correlation)
    last = max(row.period for row in rows)
    before = [row for row in rows if row.period != last]
    kept_back = [row for row in rows if row.period == last]
    if not before:
        raise input_error("hold_out", "must have two quarters or more", "VM145", field="period")
    found = calibrate(scenario, option, before, n_draws, seed, capacity_years)
    generator = np.random.Generator(np.random.Philox(key=[seed, _PREDICTED]))
    chosen = systematic(found.weights.values, _PREDICTED, generator)
    by_stage = {(row.stage, row.of): i for i, row in enumerate(before)}
    columns = []
    for row in kept_back:
        i = by_stage.get((row.stage, row.of))
        if i is None:
            allowed = f"must stand in an earlier quarter too: {row.stage} of {row.of}"
            raise input_error("hold_out", allowed, "VM145", field="stage", value=row.stage)
        error = 0.0 if found.correction is None else float(found.correction.residual_sd[i])
        columns.append(draw_data(row, found.totals[chosen, i], generator, error))
    return HoldOut(found, predictive_table(kept_back, np.stack(columns, axis=-1), level, scenario), level)


def predictive_table(
    rows: list[ObservedTotal], replicated: Floats, level: float, scenario: Scenario | None = None
) -> pd.DataFrame:
    """Return observed shares and counts beside the intervals of replicated data, shape (n_draws, n_rows).

    What was observed is stated as the scenario's rule on disclosure lets it, where one is given; whether it
    lies within is judged exactly.
    """
    tails = ((1 - level) / 2, 0.5, (1 + level) / 2)
    data = observed_data(rows)
    found = []
    for i, row in enumerate(rows):
        low, median, high = np.quantile(replicated[:, i], tails)
        numbers = np.array([data[i], low, median, high])
        shown = shown_scale(row, numbers) if row.is_share else numbers
        columns = dict(zip(("observed", "low", "median", "high"), shown, strict=True))
        label = row.label
        if scenario is not None:
            stated = shown_total(row, scenario)
            factor = row.years if not row.is_share and row.years else 1.0  # persons of the period, not a year
            columns["observed"], label = stated.value * factor, stated.label
        found.append({"observation": label, **columns, "is_within": bool(low <= data[i] <= high)})
    return pd.DataFrame(found)


def return_rows(
    scenario: Scenario, returns: pd.DataFrame, correlation: float = CORRELATION
) -> list[ObservedTotal]:
    """Return the quarters of a return as observed totals: a number, then shares of the stage before."""
    _check(returns)
    table = returns.dropna(subset=["value"])
    order = {stage: i for i, stage in enumerate(STAGES)}
    rows = []
    for period, own in table.groupby(table["period"].astype(str), sort=True):
        counts = sorted(zip(own["stage"], own["value"], strict=True), key=lambda pair: order[pair[0]])
        above: tuple[str, int] | None = None
        for stage, value in counts:
            events = round(float(value))
            known: dict[str, Any] = {
                "period": str(period),
                "source": "return",
                "definition": "As the return counts it",
            }
            numbers: dict[str, Any] = {"events": events, "correlation": correlation, **known}
            if above is None:
                rows.append(ObservedTotal(stage=stage, years=_part_of_year(scenario, str(period)), **numbers))
            elif above[1] > 0:
                if events > above[1]:
                    allowed = f"must be at most those {above[0]}"
                    raise input_error("returns", allowed, "VM145", field=f"{stage} in {period}")
                rows.append(ObservedTotal(stage=stage, of=above[0], trials=above[1], **numbers))
            above = stage, events
    return rows


def _part_of_year(scenario: Scenario, quarter: str) -> float:
    """Return the part of a year's victims who come in a quarter, by the seasonal profile."""
    period = pd.Period(quarter, freq="Q-DEC")
    days = pd.date_range(period.start_time, period.end_time.normalize())
    return float(daily_index(scenario, days).sum() / (scenario.period.days / scenario.period.years))


def _check(returns: pd.DataFrame) -> None:
    missing = [name for name in _COLUMNS if name not in returns]
    if missing:
        allowed = f"must have the columns {', '.join(_COLUMNS)}"
        raise input_error("returns", allowed, "VM145", field=", ".join(missing))
    unknown = sorted(set(returns["stage"].astype(str)) - set(STAGES))
    if unknown:
        allowed = f"is not a stage (known: {', '.join(STAGES)})"
        raise input_error("returns", allowed, "VM145", field="stage", value=unknown[0])
    periods = returns["period"].astype(str)
    odd = periods[~periods.str.fullmatch(r"\d{4}Q[1-4]")]
    if len(odd):
        allowed = "must be a calendar quarter such as 2018Q2"
        raise input_error("returns", allowed, "VM145", field="period", value=str(odd.iloc[0]))
    twice = returns[returns.duplicated(["period", "stage"])]
    if len(twice):
        first = twice.iloc[0]
        allowed = "must have one value for each stage"
        raise input_error(
            "returns", allowed, "VM145", field="period", value=f"{first['period']}, {first['stage']}"
        )

"""Offences by crime type in the quarters to come, one force, as sample paths.

Counts are taken to logarithms (half an offence is added, so that an empty quarter is a number).
Quarters that are missing, and the four quarters of the pandemic's restrictions once they are past,
count as unobserved: a dummy variable for one quarter leaves nothing of it. Level shifts that are given
are estimated within each model and last. Five candidates forecast (`candidates`); their rolling-origin
errors choose and weight them (`combination`). The spread of the result is their own, with the scale of
recent years, widened by what earlier forecasts missed by (`calibration`). Sample paths keep the
correlation over time and between crime types (`paths`); the total is the sum of its crime types in
every path. Growth and changes of policy multiply the paths (`growth`).

Nothing is optimised, so nothing can fail to converge. Whatever was unusual is said in `remarks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from victimsmodel.demand.backtest import (
    TOTAL,
    Rolled,
    history_widening,
    known_errors,
    own_widening,
    score,
)
from victimsmodel.demand.calibration import DEFAULT_WIDENING, Widening
from victimsmodel.demand.candidates import CANDIDATES
from victimsmodel.demand.combination import JUDGED_STEPS, Origin, origins_of, roll
from victimsmodel.demand.growth import CENTRAL, Growth, growth_factors
from victimsmodel.demand.paths import draw_paths, shock_correlation
from victimsmodel.demand.remarks import on_backtest, remarks_on
from victimsmodel.demand.scores import coverage_of, mean_errors
from victimsmodel.demand.series import Break, check_history, panel_of
from victimsmodel.demand.state_space import Floats
from victimsmodel.errors import input_error

_QUARTERS_A_YEAR = 4
_MOST_YEARS = 5
_ORIGINS, _QUICK_ORIGINS = 16, 6
_FORCE = "force"
#: Columns of a back-test, as `victimsmodel.demand.backtest.score` makes them.
_BACKTEST = (
    {"force": "str", "crime_type": "str", "origin": "period[Q-DEC]", "step": "int64"}
    | {"quarter": "period[Q-DEC]", "actual": "float64", "scale": "float64", "forecast": "float64"}
    | {f"{side}_{level}": "float64" for level in (50, 80, 95) for side in ("low", "high")}
    | dict.fromkeys(CANDIDATES, "float64")
)


@dataclass(frozen=True)
class Forecast:
    """Sample paths of offences and how they came about."""

    paths: Floats  # (n_paths, n_quarters, n_crime_types) offences; may be fractions
    quarters: pd.PeriodIndex
    crime_types: tuple[str, ...]
    models: pd.DataFrame  # weights: index crime type, columns candidates
    backtest: pd.DataFrame  # this force's own, as from `victimsmodel.demand.backtest.backtest`
    errors: pd.DataFrame  # index crime type and total, columns forecast and candidates: mean MASE
    coverage: pd.DataFrame  # crime_type, level, share covered, n; from the own back-test
    widening: Widening
    growth: Growth
    remarks: tuple[str, ...]

    @property
    def total(self) -> Floats:
        """Offences of all crime types, shape (n_paths, n_quarters)."""
        return np.asarray(self.paths.sum(axis=2))


def forecast(
    history: pd.DataFrame,
    n_years: int = 5,
    n_paths: int = 1000,
    seed: int = 1,
    breaks: Sequence[Break] = (),
    growth: Growth = CENTRAL,
    is_quick: bool = False,
) -> Forecast:
    """Return sample paths of a force's offences by crime type.

    Parameters
    ----------
    history : DataFrame
        Counts, one column for each crime type, indexed by consecutive quarters (freq "Q-DEC"); NaN
        where missing. At least eight observed quarters of each.
    n_years : int
        1 to 5 years from the quarter after the last one.
    n_paths : int
    seed : int
        The same seed and history give the same paths.
    breaks : sequence of Break
        Level shifts that are recording practice: not carried on as a trend.
    growth : Growth
        What is put on top.
    is_quick : bool
        Try candidates at the last six origins only.

    Returns
    -------
    Forecast

    Raises
    ------
    InputError
        VM090 to VM092 for a history or break that cannot be used, VM093 and VM094 for growth.

    Notes
    -----
    The own back-test uses the breaks that are known today only from their quarter on, and is widened
    by what was known at each origin; the forecast by `DEFAULT_WIDENING` or more, and by
    `SHORT_WIDENING` or more with at most four years of counts. A history of eight quarters has none
    left to test a forecast on: its back-test has no rows, and a remark says so.
    """
    check_history(history, breaks)
    if not (1 <= n_years <= _MOST_YEARS and n_paths >= 1):
        allowed = f"a forecast is of 1 to {_MOST_YEARS} years, and at least one path"
        raise input_error("forecast", allowed, "VM090", field="n_years", value=f"{n_years}")
    history = history.astype(np.float64)
    n_steps = n_years * _QUARTERS_A_YEAR
    quarters = pd.PeriodIndex(history.index[-1] + 1 + np.arange(n_steps))
    crime_types = tuple(str(name) for name in history)
    factors = growth_factors(growth, quarters, crime_types)
    rolled, last = _rolled(history, breaks, n_steps, is_quick)
    own = _own_backtest(rolled)
    every = np.arange(len(crime_types))
    floor = history_widening(rolled.panel, len(history), every, DEFAULT_WIDENING)
    widening = own_widening(known_errors(rolled, len(history)), floor)
    normal = np.random.default_rng(seed).standard_normal((n_paths, n_steps, len(crime_types)))
    paths = draw_paths(last, shock_correlation(last.residuals), widening, normal)
    return Forecast(
        paths=paths * factors,
        quarters=quarters,
        crime_types=crime_types,
        models=pd.DataFrame(
            last.weights.T, index=pd.Index(crime_types, name="crime_type"), columns=list(CANDIDATES)
        ),
        backtest=own,
        errors=mean_errors(own),
        coverage=coverage_of(own, ["crime_type"]),
        widening=widening,
        growth=growth,
        remarks=(*remarks_on(history, rolled.panel, last, breaks), *on_backtest(own)),
    )


def _own_backtest(rolled: Rolled) -> pd.DataFrame:
    """Return what past forecasts of this history would have been; no rows where it is too short for any."""
    if len(rolled.origins) > 1:  # the last one is the forecast itself
        return score(rolled)
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _BACKTEST.items()})


def _rolled(
    history: pd.DataFrame, breaks: Sequence[Break], n_steps: int, is_quick: bool
) -> tuple[Rolled, Origin]:
    """Return forecasts from past origins, and from the end."""
    panel = panel_of(history, breaks)
    origins = [origin for origin in origins_of(panel) if origin < len(history)]
    done = roll(panel, origins[-(_QUICK_ORIGINS if is_quick else _ORIGINS) :], JUDGED_STEPS)
    done += roll(panel, [len(history)], n_steps, done)
    wide = history.set_axis(pd.MultiIndex.from_product([[_FORCE], history.columns]), axis=1)
    return Rolled(wide, panel, done), done[-1]


def intervals(found: Forecast, levels: Sequence[float] = (0.5, 0.8, 0.95)) -> pd.DataFrame:
    """Return median and intervals by quarter, for each crime type and the total.

    Parameters
    ----------
    found : Forecast
    levels : sequence of float

    Returns
    -------
    DataFrame
        Columns crime_type ("total" last), quarter, median, and low and high for each level, such as
        low_80 and high_80.
    """
    paths = np.concatenate([found.paths, found.total[:, :, None]], axis=2)
    names = (*found.crime_types, TOTAL)
    table: dict[str, object] = {
        "crime_type": np.repeat(np.array(names, dtype=object), len(found.quarters)),
        "quarter": pd.PeriodIndex(list(found.quarters) * len(names)),
        "median": np.median(paths, axis=0).T.ravel(),
    }
    for level in levels:
        low, high = np.quantile(paths, [(1 - level) / 2, (1 + level) / 2], axis=0)
        table |= {f"low_{100 * level:g}": low.T.ravel(), f"high_{100 * level:g}": high.T.ravel()}
    return pd.DataFrame(table)

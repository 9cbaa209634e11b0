"""ETS as a user of statsmodels would fit it: each series by itself, likelihood maximised, form by AICc."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from victimsmodel.demand.backtest import Rolled
from victimsmodel.demand.series import to_counts

PLAIN = "plain_ets"
#: Additive errors; trend, whether it is damped, season.
FORMS = {"A,N,N": (None, False, None), "A,N,A": (None, False, "add"), "A,Ad,A": ("add", True, "add")}
_SEASONS = 4


def plain_ets(rolled: Rolled, origins: list[int], horizon: int) -> Iterator[pd.DataFrame]:
    """Yield a table of forecasts for each origin.

    Counts are on the same logarithmic scale. ETSModel takes no missing values: a missing quarter is put
    on the straight line between the same quarters of the years around it, or carried forward where no
    later one is known yet.

    Parameters
    ----------
    rolled : Rolled
    origins : list of int
        Numbers of quarters known.
    horizon : int

    Yields
    ------
    DataFrame
        Columns force, crime_type, origin, step, plain_ets (form chosen by AICc), and one for each form.
    """
    quarters = pd.PeriodIndex(rolled.wide.index)
    known = np.where(rolled.panel.observed, rolled.panel.values, np.nan)
    for n_known in origins:
        for i, (force, crime_type) in enumerate(rolled.wide.columns):
            found = _forecasts(_filled(known[:n_known, i]), horizon)
            yield pd.DataFrame(
                {
                    "force": force,
                    "crime_type": crime_type,
                    "origin": quarters[n_known - 1],
                    "step": np.arange(horizon) + 1,
                    **found,
                }
            )


def _filled(values: np.ndarray) -> np.ndarray:
    """Return a series without gaps."""
    filled = values.copy()
    for season in range(_SEASONS):
        own = pd.Series(filled[season::_SEASONS])
        filled[season::_SEASONS] = own.interpolate(limit_direction="both").to_numpy()
    return filled


def _forecasts(values: np.ndarray, horizon: int) -> dict[str, np.ndarray]:
    """Return the forecast of each form and of the form with the least AICc."""
    found, criteria = {}, {}
    for name, (trend, is_damped, season) in FORMS.items():
        model = ETSModel(
            values,
            error="add",
            trend=trend,
            damped_trend=is_damped,
            seasonal=season,
            seasonal_periods=_SEASONS if season else None,
            initialization_method="heuristic",
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where it does not converge, its last step is what a user gets
            fit = model.fit(disp=False)
        found[name] = to_counts(np.asarray(fit.forecast(horizon)))
        criteria[name] = fit.aicc
    best = min(criteria, key=lambda name: criteria[name])
    return {PLAIN: found[best], **found}

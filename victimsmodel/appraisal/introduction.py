"""How much of the service runs the new way in each year of an appraisal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def year_starts(first_day: date, n_years: int) -> pd.DatetimeIndex:
    """Return the first day of each year, and the day after the last; shape (n_years + 1,)."""
    return pd.DatetimeIndex([pd.Timestamp(first_day) + pd.DateOffset(years=t) for t in range(n_years + 1)])


def shares_by_year(introduction: Mapping[date, float], first_day: date, n_years: int) -> Floats:
    """Return the share of the service that runs the new way, the mean over the days of each year.

    Parameters
    ----------
    introduction : mapping of date to float
        Share from a date on; before the first date it is 0. Without any date the new way is in place from
        the first day.
    first_day : date
    n_years : int

    Returns
    -------
    ndarray, shape (n_years,)
        From 0 to 1.
    """
    if not introduction:
        return np.ones(n_years)
    starts = year_starts(first_day, n_years)
    days = pd.date_range(starts[0], starts[-1], inclusive="left")
    share = np.zeros(len(days))
    for since in sorted(introduction):
        share[days >= pd.Timestamp(since)] = introduction[since]
    bounds = days.searchsorted(starts[:-1])
    return np.asarray(np.add.reduceat(share, bounds) / np.diff([*bounds, len(days)]))

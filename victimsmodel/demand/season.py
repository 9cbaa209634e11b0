"""The season of an area: its own quarters, and within a quarter the months of a borrowed profile."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from victimsmodel.inputs.scenario import MONTHS

_LEAST_RATIOS = 2  # of each quarter, below which the borrowed profile is kept


def monthly_profile(counts: pd.Series, borrowed: Mapping[str, float]) -> dict[str, float]:
    """Return victims per day by month relative to the average day.

    A quarter's factor is the median, over years, of its daily count relative to the four quarters
    centred on it (the classical ratio to moving average), so that one unusual year does not count.

    Parameters
    ----------
    counts : Series
        Offences by calendar quarter, on a complete quarterly PeriodIndex; NaN where not known.
    borrowed : mapping
        By month: the shape within each quarter, and all of it where the counts are too few.

    Returns
    -------
    dict of str to float
        By month, with an average over the days of a common year of 1.
    """
    profile = np.array([borrowed[month] for month in MONTHS])
    days = np.array([pd.Period(f"2023-{number:02}", freq="M").days_in_month for number in range(1, 13)])
    quarter = np.arange(12) // 3
    factors = _quarter_factors(counts)
    if factors is not None:
        for q in range(4):
            own = quarter == q
            profile[own] *= factors[q] / np.average(profile[own], weights=days[own])
    profile /= np.average(profile, weights=days)
    return dict(zip(MONTHS, profile.round(3).tolist(), strict=True))


def _quarter_factors(counts: pd.Series) -> np.ndarray | None:
    """Return the factor of each calendar quarter; None where there are too few years."""
    index = pd.PeriodIndex(counts.index)
    lengths = (index + 1).to_timestamp() - index.to_timestamp()
    daily = pd.Series(counts.to_numpy(np.float64) / lengths.days, index)
    four = daily.rolling(4).mean()
    centred = (four.shift(-1) + four.shift(-2)) / 2  # of the quarter in the middle of five
    ratios = (daily / centred).dropna()
    by_quarter = ratios.groupby(pd.PeriodIndex(ratios.index).quarter)
    if len(by_quarter) < 4 or by_quarter.size().min() < _LEAST_RATIOS:
        return None
    return by_quarter.median().to_numpy()

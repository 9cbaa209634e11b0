"""The simulated days, and which of them are worked in England and Wales."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.inputs.scenario import Period

WORKING_DAYS_PER_WEEK = 5
_MARGIN_DAYS = 400  # working days are known beyond the last day, so that no due date falls off


class Calendar(NamedTuple):
    """The simulated days, and which of them are worked."""

    days: pd.DatetimeIndex
    first_day: int
    last_day: int
    is_working: np.ndarray  # Monday to Friday, no bank holiday; days of a margin included
    is_bank_holiday: np.ndarray


@lru_cache(maxsize=32)
def simulated_calendar(period: Period, ample_run_out_days: int | None) -> Calendar:
    """Return warm-up, evaluated year and run-out; with ample staff a run-out that outlasts every case."""
    is_ample = ample_run_out_days is not None
    warm_up = 0 if is_ample else period.warm_up_days
    run_out = period.run_out_days if ample_run_out_days is None else ample_run_out_days
    first = pd.Timestamp(period.start) - pd.Timedelta(days=warm_up)
    days = pd.date_range(first, pd.Timestamp(period.end) + pd.Timedelta(days=run_out))
    margin = pd.date_range(first, days[-1] + pd.Timedelta(days=_MARGIN_DAYS))
    free = _bank_holidays(margin[0].year, margin[-1].year)
    is_free = np.array([day.date() in free for day in margin])
    is_working = (margin.day_of_week < WORKING_DAYS_PER_WEEK) & ~is_free
    return Calendar(days, warm_up, warm_up + period.days, is_working, is_free)


@lru_cache(maxsize=8)
def _bank_holidays(first_year: int, last_year: int) -> frozenset[date]:
    """Return the bank holidays of England and Wales."""
    from holidays import country_holidays

    years = range(first_year, last_year + 1)
    return frozenset(country_holidays("GB", subdiv="ENG", years=years).keys())

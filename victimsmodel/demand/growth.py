"""What a user puts on top of a forecast: growth from year to year, and changes of policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.demand.state_space import Floats
from victimsmodel.errors import InputError, Problem

_WHERE = "growth"
_QUARTERS_A_YEAR = 4
_LEAST, _MOST = -0.5, 1.0  # a year; beyond these it is more likely per cent than a share


class PolicyShift(NamedTuple):
    """A lasting change of level, such as a new offence or another way of recording."""

    crime_type: str
    quarter: pd.Period  # the first one that it holds for
    factor: float  # 1.1 for a tenth more


class Growth(NamedTuple):
    """Growth relative to the forecast. A choice, not evidence: nothing in the data says which will come.

    `yearly` is a share a year, 0.02 for two per cent, for all crime types or by crime type (those not
    named have none). The k-th quarter ahead is multiplied by (1 + yearly) to the power of k / 4.
    """

    name: str
    yearly: float | Mapping[str, float] = 0.0
    shifts: tuple[PolicyShift, ...] = ()


CENTRAL = Growth("central")
#: Two points a year less or more. Between the years ending March 2019 and 2023 the growth of the middle
#: half of forces spread over about three points a year; docs/forecasting.md has the figures.
LOW, HIGH = Growth("low", -0.02), Growth("high", 0.02)
SCENARIOS: Mapping[str, Growth] = {growth.name: growth for growth in (LOW, CENTRAL, HIGH)}


def growth_factors(growth: Growth, quarters: pd.PeriodIndex, crime_types: Sequence[str]) -> Floats:
    """Return what each quarter of a forecast is multiplied by.

    Parameters
    ----------
    growth : Growth
    quarters : PeriodIndex
        The quarters of the forecast.
    crime_types : sequence of str

    Returns
    -------
    ndarray, shape (n_quarters, n_crime_types)

    Raises
    ------
    InputError
        VM093 for an unknown crime type, VM094 for a rate or factor out of range.
    """
    _check(growth, crime_types)
    rates = [
        growth.yearly.get(name, 0.0) if isinstance(growth.yearly, Mapping) else growth.yearly
        for name in crime_types
    ]
    years = (np.arange(len(quarters)) + 1) / _QUARTERS_A_YEAR
    factors = (1 + np.asarray(rates, dtype=np.float64)) ** years[:, None]
    for shift in growth.shifts:
        factors[quarters >= shift.quarter, list(crime_types).index(shift.crime_type)] *= shift.factor
    return factors


def _check(growth: Growth, crime_types: Sequence[str]) -> None:
    """Raise for every crime type that is unknown and every number out of range."""
    yearly = growth.yearly if isinstance(growth.yearly, Mapping) else {"": growth.yearly}
    named = [name for name in yearly if name] + [shift.crime_type for shift in growth.shifts]
    allowed = f"crime types are {', '.join(crime_types)}"
    problems = [
        Problem(_WHERE, "crime_type", name, allowed, "VM093") for name in named if name not in crime_types
    ]
    for name, rate in yearly.items():
        if not _LEAST <= rate <= _MOST:
            field = f"yearly.{name}" if name else "yearly"
            allowed = f"must lie between {_LEAST} and {_MOST}"
            hint = "Growth is a share a year: 0.02 for two per cent."
            problems.append(Problem(_WHERE, field, f"{rate}", allowed, "VM094", hint))
    for shift in growth.shifts:
        if not 0 < shift.factor < float("inf"):
            problems.append(Problem(_WHERE, "factor", f"{shift.factor}", "must be positive", "VM094"))
    if problems:
        raise InputError(problems)

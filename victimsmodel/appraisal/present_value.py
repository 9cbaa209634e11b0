"""Present values of yearly costs and benefits under an edition of the rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from victimsmodel.appraisal.rules import STANDARD, Rules, discount_factors

_Array = NDArray[np.float64]


def present_value(flows: ArrayLike, rules: Rules, rate: str = STANDARD) -> _Array:
    """Return the present value of yearly amounts.

    Parameters
    ----------
    flows : array_like, shape (..., n_years)
        GBP in real terms, years 0, 1, 2 and so on in the last axis; draws and options before it.
    rules : Rules
    rate : str
        As in `discount_factors`.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    ValueError
        If there is no year or an amount is not finite.
    """
    amounts = np.asarray(flows, dtype=np.float64)
    if amounts.ndim == 0 or amounts.shape[-1] == 0:
        raise ValueError("flows must have one or more years in the last axis")
    if not np.isfinite(amounts).all():
        raise ValueError("flows must be finite")
    return np.asarray(amounts @ discount_factors(np.arange(amounts.shape[-1]), rules, rate))


def net_present_value(
    costs: ArrayLike, benefits: ArrayLike, rules: Rules, rate: str = STANDARD, benefit_rate: str | None = None
) -> _Array:
    """Return the present value of benefits less that of costs.

    Parameters
    ----------
    costs, benefits : array_like, shape (..., n_years)
        As in `present_value`; shapes that go together.
    rules : Rules
    rate : str
        Discount rate of the costs.
    benefit_rate : str, optional
        Discount rate of the benefits, if another.

    Returns
    -------
    ndarray, shape (...)
        GBP.
    """
    worth, cost = _both(costs, benefits, rules, rate, benefit_rate)
    return np.asarray(worth - cost)


def benefit_cost_ratio(
    costs: ArrayLike, benefits: ArrayLike, rules: Rules, rate: str = STANDARD, benefit_rate: str | None = None
) -> _Array:
    """Return the present value of benefits over that of costs; parameters as in `net_present_value`.

    Returns
    -------
    ndarray, shape (...)
        Missing where the present value of costs is not above 0, for the ratio then says nothing.
    """
    worth, cost = _both(costs, benefits, rules, rate, benefit_rate)
    return np.asarray(worth / np.where(cost > 0, cost, np.nan))


def equivalent_annual_cost(
    flows: ArrayLike, rules: Rules, rate: str = STANDARD, first_year: int = 1
) -> _Array:
    """Return the level amount a year with the same present value, from one year to the last.

    The present value is divided by the sum of the discount factors of the years `first_year` to T, T the
    last year of the flows, so that options of different length can be compared. From year 1, as by default,
    it is the textbook annuity of an outlay now that serves for T years. A service that is paid for in year 0
    as in the others is spread from year 0: then a level cost is its own equivalent. Of costs it is the
    equivalent annual cost; of benefits less costs, the equivalent annual net benefit.

    Parameters
    ----------
    flows : array_like, shape (..., n_years)
        As in `present_value`; a year or more after those before `first_year`.
    first_year : int
        The first year that is spread over.

    Returns
    -------
    ndarray, shape (...)
        GBP a year.
    """
    value = present_value(flows, rules, rate)
    n_years = np.shape(flows)[-1]
    if n_years <= first_year:
        raise ValueError("flows must go past the years before the first: there is no year to spread over")
    return np.asarray(value / discount_factors(np.arange(first_year, n_years), rules, rate).sum())


def _both(
    costs: ArrayLike, benefits: ArrayLike, rules: Rules, rate: str, benefit_rate: str | None
) -> tuple[_Array, _Array]:
    """Return the present values of benefits and costs, which must have the same years."""
    if np.shape(costs)[-1:] != np.shape(benefits)[-1:]:
        raise ValueError("costs and benefits must have the same years")
    return present_value(benefits, rules, benefit_rate or rate), present_value(costs, rules, rate)

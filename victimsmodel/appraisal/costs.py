"""What a year of an option costs: staff in post, attempts, cases and fixed costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.priced import priced_service
from victimsmodel.inputs.scenario import Period, Scenario
from victimsmodel.inputs.service import CHANNELS, Channel
from victimsmodel.pathway.plan_staff import fte_by_day, pay_of_post
from victimsmodel.pathway.results import points_of
from victimsmodel.records import Result

Floats = NDArray[np.float64]

#: Lines of the cost table; they add up to the total.
COST_LINES = ("staff", "attempts", "cases", "fixed")

_RUN = ["option", "draw", "replication"]


def annual_costs(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return the cost of the evaluated year, by option, draw, replication and line.

    Staff in post are paid whether busy or not; attempts cost postage and messages; cases cost what
    is bought for victims; nothing is discounted within a year. One-off costs, costs borne by others and
    the time of volunteers are no part of it: see `victimsmodel.appraisal.multi_year`.

    Returns
    -------
    DataFrame
        Columns option, draw, replication, line, cost_gbp; prices of ``scenario.price_year``.
    """
    points = points_of(result)
    runs = _runs(result)
    frames = []
    for option, own in runs.groupby("option", observed=True, sort=False):
        prices = priced_service(scenario, str(option), points)
        lines = cost_lines(own, prices, scenario.period)
        for line in COST_LINES:
            frames.append(own[_RUN].assign(line=line, cost_gbp=lines[line].to_numpy()))
    costs = pd.concat(frames, ignore_index=True)
    costs["line"] = pd.Categorical(costs["line"], COST_LINES)
    return costs.sort_values(_RUN, kind="stable", ignore_index=True)


def _runs(result: Result) -> pd.DataFrame:
    """Return attempts and information sent by channel, and cases by kind, a row for each run."""
    activity = result.activity[result.activity["measure"].isin(["attempts", "informed"])]
    attempts = activity.pivot_table(index=_RUN, columns="name", values="amount", aggfunc="sum", observed=True)
    funnel = result.funnel[(result.funnel["who"] == "all") & (result.funnel["stage"] == "supported")]
    supported = funnel.groupby(_RUN, observed=True)["victims"].sum().rename("supported")
    return attempts.join(supported).reset_index()


def cost_lines(own: pd.DataFrame, prices: Any, period: Period) -> dict[str, pd.Series[float]]:
    """Return each line of an option's cost, by run, GBP.

    Parameters
    ----------
    own : DataFrame
        A row for each run: draw, supported, and attempts (information sent included) by channel.
    prices : namespace
        From `priced_service`.
    period : Period
    """
    draw, years = own["draw"].to_numpy(), period.years
    sent = {channel: own[channel].to_numpy() for channel in CHANNELS if channel in own.columns}
    attempts, cases = moving_costs(sent, own["supported"].to_numpy(), prices, draw)
    lines = {
        "staff": sum(pay[draw] for pay in _pay(prices, period).values()),
        "attempts": attempts,
        "cases": cases,
        "fixed": (prices.costs.fixed + _places(prices))[draw] * years,
    }
    return {name: pd.Series(np.asarray(line, np.float64), index=own.index) for name, line in lines.items()}


def moving_costs(
    sent: Mapping[Channel, Floats], supported: Floats, prices: Any, draw: Any
) -> tuple[Any, Any]:
    """Return what attempts and cases cost, GBP: the costs that move with the number of victims.

    Parameters
    ----------
    sent : mapping of str to ndarray, shape (n_runs,)
        Attempts made and information sent, by channel.
    supported : ndarray, shape (n_runs,)
        Victims supported.
    prices : namespace
        From `priced_service`.
    draw : ndarray of int, shape (n_runs,)
        The draw that each run belongs to.
    """
    channels = prices.contact.channels
    attempts = sum(n * _price(channels[name].unit_cost, draw) for name, n in sent.items() if name in channels)
    support, costs = prices.support, prices.costs
    # the routes of those who accept: an approximation, as some leave before their support begins
    scale = np.maximum(1.0, support.casework_share + support.specialist_share)
    casework = (support.casework_share / scale)[draw]
    practical = 1 - casework - (support.specialist_share / scale)[draw]
    per_case = casework * costs.casework_case[draw] + practical * costs.practical_case[draw]
    return attempts, supported * per_case


def _pay(prices: Any, period: Period) -> dict[str, Floats]:
    """Return what each role is paid in the period, by draw."""
    days = pd.date_range(period.start, period.end)
    return {
        name: fte_by_day(role, days).mean() * np.asarray(pay_of_post(role)) * period.years
        for name, role in prices.staff.items()
    }


def staff_costs(result: Result, scenario: Scenario) -> pd.Series[float]:
    """Return what each role is paid in the evaluated year.

    Returns
    -------
    Series
        Index option, draw, replication, name (of the role); GBP.
    """
    points = points_of(result)
    found = {}
    for option, own in _runs(result).groupby("option", observed=True, sort=False):
        prices = priced_service(scenario, str(option), points)
        for role, pay in _pay(prices, scenario.period).items():
            for draw, replication in zip(own["draw"], own["replication"], strict=True):
                found[str(option), int(draw), int(replication), role] = float(pay[draw])
    index = pd.MultiIndex.from_tuples(list(found), names=[*_RUN, "name"])
    return pd.Series(list(found.values()), index=index)


def _places(prices: Any) -> Any:
    """Return what the places in specialist services that are paid for cost in a year, by draw."""
    services = prices.support.specialist.services.values()
    return sum(one.places_per_year * one.cost_per_place for one in services if is_bought(one))


def is_bought(service: Any) -> bool:
    """Return whether the places of a specialist service are paid for."""
    return service.places_per_year is not None and service.cost_per_place is not None


def _price(unit_cost: Any, draw: Any) -> Any:
    return 0.0 if unit_cost is None else unit_cost[draw]

"""Costs and effects over the years of an appraisal: by year, and as present values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.flows import Flows, appraisal_of, yearly_flows
from victimsmodel.appraisal.introduction import year_starts
from victimsmodel.appraisal.present_value import (
    benefit_cost_ratio,
    equivalent_annual_cost,
    net_present_value,
    present_value,
)
from victimsmodel.appraisal.rules import Rules, discount_factors, load_rules, with_rules
from victimsmodel.inputs.appraisal import Appraisal
from victimsmodel.inputs.appraisal_findings import first_day
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.records import Result

Floats = NDArray[np.float64]


class Item(NamedTuple):
    """A quantity of the appraisal."""

    name: str
    title: str
    unit: Literal["GBP", "victims", "share", "ratio"]


#: By year.
YEARLY = (
    Item("running", "Running cost, from the grant", "GBP"),
    Item("one_off", "One-off cost with optimism bias, from the grant", "GBP"),
    Item("grant_cost", "Cost to the grant", "GBP"),
    Item("borne_by_others", "Cost borne by others", "GBP"),
    Item("full_cost", "Full cost", "GBP"),
    Item("volunteers", "Value of volunteers' time, in neither cost", "GBP"),
    Item("supported_in_need", "Victims in need supported", "victims"),
    Item("additional_improved", "Victims improved who would not have been otherwise", "victims"),
    Item("benefit", "Benefit valued in pounds", "GBP"),
)
#: Over all years.
TOTALS = (
    Item("grant_cost", "Present value of the cost to the grant", "GBP"),
    Item("full_cost", "Present value of the full cost", "GBP"),
    Item("volunteers", "Present value of volunteers' time, in neither cost", "GBP"),
    Item("supported_in_need", "Victims in need supported, discounted", "victims"),
    Item("cost_per_supported_in_need", "Full cost per victim in need supported, both discounted", "GBP"),
    Item("equivalent_annual_cost", "Equivalent annual cost: the full cost as a level amount a year", "GBP"),
    Item("benefit", "Present value of the benefit valued in pounds", "GBP"),
    Item("net_present_value", "Net present value: benefit less full cost", "GBP"),
    Item("benefit_cost_ratio", "Benefit-cost ratio: benefit over full cost", "ratio"),
)
#: Totals that are a ratio of two others; their estimate is the ratio of the means.
_RATIOS = {
    "cost_per_supported_in_need": ("full_cost", "supported_in_need"),
    "benefit_cost_ratio": ("benefit", "full_cost"),
}
_NEEDS_BENEFIT = ("benefit", "net_present_value", "benefit_cost_ratio")


def multi_year(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return what every option costs and does in each year of the appraisal, not discounted.

    Parameters
    ----------
    result : Result
    scenario : Scenario
        With an appraisal.

    Returns
    -------
    DataFrame
        Columns option, year (0 is the first), first_day, share_new (of the service that runs the new way),
        discount_factor, item, unit, estimate, low, high (90 % interval of the mean), rules. Pounds are those
        of the price base. The benefit is left out where none is valued.
    """
    stated = appraisal_of(scenario)
    return by_year(yearly_flows(result, scenario), scenario, load_rules(stated.edition))


def by_year(flows: Mapping[str, Flows], scenario: Scenario, rules: Rules) -> pd.DataFrame:
    """Return the table of `multi_year` from flows."""
    stated = appraisal_of(scenario)
    starts = year_starts(first_day(scenario), stated.years).date
    factors = discount_factors(np.arange(stated.years), rules, stated.discount_rate)
    rows = []
    for option, own in flows.items():
        for item in YEARLY:
            if item.name in _NEEDS_BENEFIT and not stated.benefits:
                continue
            values = getattr(own, item.name)
            for year in range(stated.years):
                row = (option, year, starts[year].isoformat(), own.share_new[year], factors[year])
                rows.append((*row, item.name, item.unit, *_interval(values[:, year])))
    names = ["option", "year", "first_day", "share_new", "discount_factor", "item", "unit"]
    table = pd.DataFrame(rows, columns=[*names, "estimate", "low", "high"])
    table["option"] = pd.Categorical(table["option"], list(flows))
    return with_rules(table, rules)


def present_values(result: Result, scenario: Scenario) -> pd.DataFrame:
    """Return present values, net present value and benefit-cost ratio of every option.

    Parameters
    ----------
    result : Result
        With the option that differences are taken from (``scenario.against``).
    scenario : Scenario
        With an appraisal.

    Returns
    -------
    DataFrame
        Columns option, item, unit, estimate, low, high (90 % interval of the mean), difference,
        difference_low, difference_high (from ``scenario.against``, draw by draw), benefits (what enters the
        total in pounds), rules. Rows on benefits are left out where none is valued, the equivalent annual
        cost where the appraisal has one year.
    """
    stated = appraisal_of(scenario)
    flows = yearly_flows(result, scenario)
    return totals(flows, stated, load_rules(stated.edition), scenario.against)


def totals(flows: Mapping[str, Flows], stated: Appraisal, rules: Rules, against: str) -> pd.DataFrame:
    """Return the table of `present_values` from flows."""
    found = {option: _totals(own, stated, rules) for option, own in flows.items()}
    rows = []
    for option, own in found.items():
        for item in TOTALS:
            if item.name not in own:
                continue
            values, gap = own[item.name], own[item.name] - found[against][item.name]
            ends, apart = _interval(values), _interval(gap)
            if item.name in _RATIOS:
                mean, base = (_ratio_of_means(each, item.name) for each in (own, found[against]))
                ends, apart = (mean, *ends[1:]), (mean - base, *apart[1:])
            rows.append((option, item.name, item.unit, *ends, *apart))
    columns = ["option", "item", "unit", "estimate", "low", "high"]
    table = pd.DataFrame(rows, columns=[*columns, *(f"difference{end}" for end in ("", "_low", "_high"))])
    table["option"] = pd.Categorical(table["option"], list(flows))
    return with_rules(table.assign(benefits=", ".join(stated.benefits)), rules)


def _totals(own: Flows, stated: Appraisal, rules: Rules) -> dict[str, Floats]:
    """Return every total of an option by draw."""
    rate, benefit_rate = stated.discount_rate, stated.benefit_rate
    found = {
        name: present_value(getattr(own, name), rules, rate)
        for name in ("grant_cost", "full_cost", "volunteers", "supported_in_need")
    }
    supported = found["supported_in_need"]
    found["cost_per_supported_in_need"] = found["full_cost"] / np.where(supported > 0, supported, np.nan)
    if stated.years > 1:
        found["equivalent_annual_cost"] = equivalent_annual_cost(own.full_cost, rules, rate, 0)
    if stated.benefits:
        both = (own.full_cost, own.benefit, rules, rate, benefit_rate)
        found["benefit"] = present_value(own.benefit, rules, benefit_rate or rate)
        found["net_present_value"] = net_present_value(*both)
        found["benefit_cost_ratio"] = benefit_cost_ratio(*both)
    return found


def _ratio_of_means(own: Mapping[str, Floats], name: str) -> float:
    """Return the mean of the numerator over that of the denominator; missing where that is not above 0."""
    above, below = (float(np.mean(own[part])) for part in _RATIOS[name])
    return above / below if below > 0 else float("nan")


def _interval(values: Floats) -> tuple[float, float, float]:
    """Return mean, 5th and 95th percentile over draws; missing if every draw is."""
    if np.isnan(values).all():
        return np.nan, np.nan, np.nan
    low, high = np.nanquantile(values, (TAIL, 1 - TAIL))
    return float(np.nanmean(values)), float(low), float(high)

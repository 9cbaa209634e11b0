"""What each option costs and does in each year of an appraisal, draw by draw."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.introduction import shares_by_year
from victimsmodel.appraisal.outcomes import measures_by_run
from victimsmodel.appraisal.priced import price_factor, priced_service
from victimsmodel.appraisal.rules import Rules, load_rules, optimism_bias
from victimsmodel.errors import input_error
from victimsmodel.inputs.appraisal import Appraisal
from victimsmodel.inputs.appraisal_findings import first_day, year_of
from victimsmodel.inputs.draws import Points, values_of
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway.plan_staff import fte_by_day
from victimsmodel.pathway.results import points_of
from victimsmodel.records import Result

Floats = NDArray[np.float64]

_WEEKS_PER_YEAR = 365.25 / 7

#: What runs at one level throughout a year of a service, by draw.
_RUNNING = ("running", "borne_by_others", "volunteers", "supported_in_need", "additional_improved", "benefit")


class Flows(NamedTuple):
    """Yearly amounts of an option: GBP in the prices of the appraisal, or victims; (n_draws, n_years)."""

    share_new: Floats  # (n_years,) of the service that runs the new way
    running: Floats  # staff, attempts, cases and fixed costs: paid from the grant
    one_off: Floats  # with optimism bias: paid from the grant
    borne_by_others: Floats  # full cost that no grant pays
    volunteers: Floats  # value of their time, in neither cost
    supported_in_need: Floats
    additional_improved: Floats
    benefit: Floats  # what enters a total in pounds; nought where nothing does

    @property
    def grant_cost(self) -> Floats:
        """What the grant has to pay."""
        return self.running + self.one_off

    @property
    def full_cost(self) -> Floats:
        """What is paid by anybody; volunteers' time is not paid."""
        return self.grant_cost + self.borne_by_others


def appraisal_of(scenario: Scenario) -> Appraisal:
    """Return the appraisal of a scenario; an error says that it states none."""
    if scenario.appraisal is None:
        allowed = "is not stated: it says which rules, years and thresholds hold"
        raise input_error(scenario.name, allowed, "VM197", field="appraisal")
    return scenario.appraisal


def yearly_flows(result: Result, scenario: Scenario, runs: pd.DataFrame | None = None) -> dict[str, Flows]:
    """Return the flows of every option that was simulated.

    Every year repeats the evaluated one. While an option is being introduced, a year is a mixture of
    business as usual and the option in the same draw, weighted with the share of the service that runs the
    new way: an approximation that knows no friction between the two. One-off costs come whole.

    Parameters
    ----------
    result : Result
        With business as usual, if any option is introduced in phases.
    scenario : Scenario
        With an appraisal.
    runs : DataFrame, optional
        From `measures_by_run`, if it stands already.

    Returns
    -------
    dict of str to Flows

    Raises
    ------
    InputError
        VM197 without an appraisal; VM198 if business as usual is needed and was not simulated.
    """
    stated = appraisal_of(scenario)
    rules = load_rules(stated.edition)
    points = points_of(result)
    measures = measures_by_run(result, scenario) if runs is None else runs
    by_run = measures.assign(improved=_improved(result))
    by_draw = by_run.groupby(["option", "draw"], observed=True).mean()
    options = list(dict.fromkeys(by_draw.index.get_level_values("option")))
    levels = {
        name: _level(by_draw.xs(name, level="option"), scenario, name, points, rules) for name in options
    }
    found = {}
    for name in options:
        option = scenario.options[name]
        share = shares_by_year(option.introduction, first_day(scenario), stated.years)
        if BUSINESS_AS_USUAL not in levels and (share < 1).any():
            allowed = "was not simulated, and is what others are introduced into"
            raise input_error("appraisal", allowed, "VM198", field=BUSINESS_AS_USUAL)
        old, new = levels.get(BUSINESS_AS_USUAL, levels[name]), levels[name]
        mixed = {key: np.outer(old[key], 1 - share) + np.outer(new[key], share) for key in _RUNNING}
        one_off = _one_off(scenario, name, points, rules, stated.years)
        found[name] = Flows(share_new=share, one_off=one_off, **mixed)
    return found


def _level(
    measures: pd.DataFrame, scenario: Scenario, option: str, points: Points, rules: Rules
) -> dict[str, Floats]:
    """Return what an option costs and does in a year in which all of the service runs that way."""
    stated = appraisal_of(scenario)
    years = scenario.period.years
    to_base = price_factor(scenario.price_year, stated.price_base, scenario)
    prices = priced_service(scenario, option, points)
    n_draws = len(measures)
    others = prices.costs.borne_by_others
    effects = {
        name: measures[name].to_numpy() / years for name in ("supported_in_need", "additional_improved")
    }
    return {
        "running": measures["total_cost"].to_numpy() / years * to_base,
        "borne_by_others": np.zeros(n_draws) if others is None else others * to_base,
        "volunteers": _volunteers(prices, scenario, n_draws) * to_base,
        **effects,
        "benefit": _benefit(measures / years, scenario, points, rules),
    }


def _improved(result: Result) -> pd.Series[float]:
    """Return completed cases that improve, whether they owe it to the service or not, by run."""
    own = result.funnel[(result.funnel["stage"] == "improved") & (result.funnel["who"] == "all")]
    return own.groupby(["option", "draw", "replication"], observed=True)["victims"].sum().astype(float)


def _volunteers(prices: Any, scenario: Scenario, n_draws: int) -> Floats:
    """Return the value of the hours that volunteers give in a year: those not lost to shrinkage."""
    days = pd.date_range(scenario.period.start, scenario.period.end)
    value = np.zeros(n_draws)
    for role in prices.staff.values():
        if role.volunteer:
            hours = fte_by_day(role, days).mean() * role.hours_per_week * _WEEKS_PER_YEAR
            value += hours * (1 - role.shrinkage) * role.value_per_hour
    return value


def _benefit(yearly: pd.DataFrame, scenario: Scenario, points: Points, rules: Rules) -> Floats:
    """Return the benefit of a year that enters the total in pounds; nought where none does."""
    stated = appraisal_of(scenario)
    values = values_of(stated, points, "appraisal")
    if "outcomes" in stated.benefits:
        assert stated.support_value is not None
        given = stated.support_value.price_year or scenario.price_year
        worth = values.support_value * price_factor(given, stated.price_base, scenario)
        return np.asarray(yearly["supported_in_need"].to_numpy() * worth)
    if "wellby" in stated.benefits:
        assert stated.wellby is not None
        gain = values.wellby.points * values.wellby.years * values.wellby.attributable
        of_a_point = getattr(rules.wellby, stated.wellby.value)
        worth = of_a_point * price_factor(rules.wellby.price_year, stated.price_base, scenario)
        return np.asarray(yearly["improved"].to_numpy() * gain * worth)
    return np.zeros(len(yearly))


def _one_off(scenario: Scenario, option: str, points: Points, rules: Rules, n_years: int) -> Floats:
    """Return one-off costs by draw and year, with optimism bias where a category is stated."""
    costs = priced_service(scenario, option, points).costs.one_off
    stated = scenario.options[option].service.costs.one_off
    to_base = price_factor(scenario.price_year, appraisal_of(scenario).price_base, scenario)
    found = np.zeros((len(next(iter(points.values()))), n_years))
    for name, cost in stated.items():
        amount = costs[name].amount * to_base
        if cost.category is not None:
            amount = optimism_bias(amount, rules, cost.category, cost.mitigation)
        found[:, year_of(cost, first_day(scenario))] += amount
    return found

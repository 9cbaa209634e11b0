"""What a decision rests on: cost and effect of every option by draw, and what follows at each threshold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.acceptability import chosen, decision_curves, net_benefits
from victimsmodel.appraisal.flows import Flows, appraisal_of, yearly_flows
from victimsmodel.appraisal.frontier import frontier
from victimsmodel.appraisal.present_value import present_value
from victimsmodel.appraisal.rules import Rules, load_rules, with_rules
from victimsmodel.inputs.draws import uncertain_inputs
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.results import points_of
from victimsmodel.records import Result

Floats = NDArray[np.float64]

#: Inputs that neither costs nor victims in need supported depend on.
_NO_PART = re.compile(
    r"appraisal\.|outcomes\.|demand\.(from_crime|needs|incident_rate)\.|staff\.\w+\.value_per_hour$"
)


class Decision(NamedTuple):
    """Every option by draw, present values over the years of the appraisal."""

    options: list[str]
    costs: Floats  # (n_draws, n_options) full cost, GBP
    effects: Floats  # (n_draws, n_options) victims in need supported
    thresholds: Sequence[float]  # GBP per victim in need supported
    central: float
    rules: Rules

    @property
    def benefits(self) -> Floats:
        """Net benefit at the central threshold, GBP; (n_draws, n_options)."""
        return np.asarray(net_benefits(self.costs, self.effects, self.central)[0])

    @property
    def best(self) -> str:
        """The option with the highest expected net benefit at the central threshold."""
        return self.options[int(chosen(self.benefits))]

    def gain(self, option: str, against: str) -> Floats:
        """Return the net benefit of an option less that of another at the central threshold; (n_draws,)."""
        of = {name: self.benefits[:, i] for i, name in enumerate(self.options)}
        return np.asarray(of[option] - of[against])


def decision_of(result: Result, scenario: Scenario) -> Decision:
    """Return present values of full cost and of victims in need supported, by draw and option.

    Parameters
    ----------
    result : Result
    scenario : Scenario
        With an appraisal.
    """
    return decision_from(yearly_flows(result, scenario), scenario)


def decision_from(flows: Mapping[str, Flows], scenario: Scenario) -> Decision:
    """Return the decision that flows of every option lead to."""
    stated = appraisal_of(scenario)
    rules, rate = load_rules(stated.edition), stated.discount_rate
    costs = np.column_stack([present_value(own.full_cost, rules, rate) for own in flows.values()])
    effects = np.column_stack([present_value(own.supported_in_need, rules, rate) for own in flows.values()])
    thresholds = stated.thresholds
    return Decision(list(flows), costs, effects, thresholds.values, thresholds.central, rules)


def frontier_table(decision: Decision) -> pd.DataFrame:
    """Return the position of every option on or off the frontier, from expected cost and effect.

    Returns
    -------
    DataFrame
        As `frontier`, with a column rules.
    """
    table = frontier(decision.options, decision.costs.mean(axis=0), decision.effects.mean(axis=0))
    table["option"] = pd.Categorical(table["option"], decision.options)
    return with_rules(table, decision.rules)


def curves_table(decision: Decision) -> pd.DataFrame:
    """Return acceptability, expected loss and the value of perfect information at every threshold.

    Returns
    -------
    DataFrame
        As `decision_curves`, with a column rules. Amounts are for all years of the appraisal.
    """
    found = decision_curves(decision.options, decision.costs, decision.effects, decision.thresholds)
    return with_rules(found, decision.rules)


def input_values(result: Result, scenario: Scenario) -> dict[str, Floats]:
    """Return what every uncertain input was in each draw, in its unit.

    An input that options state anew counts once, as its cumulative probability moves all of them together;
    it is shown in the values of business as usual where that states it.

    Returns
    -------
    dict of str to ndarray, shape (n_draws,)
        Fixed inputs are left out, and those that neither costs nor victims in need supported depend on.
    """
    points = points_of(result)
    found = {}
    for name, estimate in uncertain_inputs(scenario).items():
        if not estimate.is_fixed and not _NO_PART.match(name):
            found[name] = estimate.quantile(points[name])
    return found

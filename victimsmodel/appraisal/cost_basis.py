"""The same choice by what the grant pays and by what everybody pays; and what a year within a grant buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from victimsmodel.appraisal.acceptability import acceptability, chosen, expected_loss, net_benefits
from victimsmodel.appraisal.flows import Flows, appraisal_of
from victimsmodel.appraisal.present_value import present_value
from victimsmodel.appraisal.rules import load_rules, with_rules
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario

#: What is counted as cost, from the narrowest to the widest.
BASES = ("running", "grant_cost", "full_cost")


def decision_by_cost_basis(flows: Mapping[str, Flows], scenario: Scenario) -> pd.DataFrame:
    """Return which option is best when only some of the costs are counted.

    Options that let others pay, such as the police, look better to the grant than to the public purse; and
    a year's running cost leaves out what introducing an option costs once.

    Parameters
    ----------
    flows : mapping of str to Flows
        From `yearly_flows`.
    scenario : Scenario
        With an appraisal.

    Returns
    -------
    DataFrame
        A row for each basis (running: what the grant pays in years, without one-off costs; grant_cost: with
        them; full_cost: with what others bear), threshold and option: basis, threshold (GBP per victim in
        need supported), option, cost and effect (present values over the years of the appraisal, means over
        draws), net_benefit, probability_best, expected_loss (GBP), is_chosen, is_central, rules.
    """
    stated = appraisal_of(scenario)
    rules, rate, options = load_rules(stated.edition), stated.discount_rate, list(flows)
    effects = np.column_stack([present_value(own.supported_in_need, rules, rate) for own in flows.values()])
    thresholds = sorted({*stated.thresholds.values, stated.thresholds.central})
    frames = []
    for basis in BASES:
        costs = np.column_stack([present_value(getattr(own, basis), rules, rate) for own in flows.values()])
        benefits = net_benefits(costs, effects, thresholds)
        n = len(thresholds)
        frames.append(
            pd.DataFrame(
                {
                    "basis": basis,
                    "threshold": np.repeat(thresholds, len(options)),
                    "option": pd.Categorical(options * n, options),
                    "cost": np.tile(costs.mean(axis=0), n),
                    "effect": np.tile(effects.mean(axis=0), n),
                    "net_benefit": benefits.mean(axis=1).ravel(),
                    "probability_best": acceptability(benefits).ravel(),
                    "expected_loss": expected_loss(benefits).ravel(),
                    "is_chosen": (chosen(benefits)[:, None] == np.arange(len(options))).ravel(),
                }
            )
        )
    table = pd.concat(frames, ignore_index=True)
    table["is_central"] = table["threshold"] == stated.thresholds.central
    return with_rules(table, rules)


def equal_spend(runs: pd.DataFrame, scenario: Scenario, grants: Sequence[float]) -> pd.DataFrame:
    """Return what each option does with the staff that the scenario states, and which grants pay for it.

    From draws at hand: nobody is hired or let go, so that a larger grant buys nothing more here; what it
    could buy is for plans to say.

    Parameters
    ----------
    runs : DataFrame
        From `measures_by_run`.
    scenario : Scenario
    grants : sequence of float
        GBP a year.

    Returns
    -------
    DataFrame
        Columns grant_gbp, option, cost_gbp, supported_in_need, low, high (90 % interval of the mean),
        probability_within_grant, probability_most (of draws in which it supports most of the options that
        the grant pays for; options that tie share a draw).
    """
    by_draw = runs.groupby(["option", "draw"], observed=True)[["total_cost", "supported_in_need"]].mean()
    options = list(dict.fromkeys(by_draw.index.get_level_values("option")))
    costs, effects = (by_draw[name].unstack("option")[options] for name in by_draw.columns)
    rows = []
    for grant in grants:
        within = costs.to_numpy() <= grant
        held = np.where(within, effects.to_numpy(), -1.0)  # never the most; nobody supports fewer than none
        most = within & (held == held.max(axis=1, keepdims=True))
        shares = (most / np.maximum(most.sum(axis=1, keepdims=True), 1)).mean(axis=0)
        for i, option in enumerate(options):
            values = effects[option]
            rows.append(
                {
                    "grant_gbp": grant,
                    "option": option,
                    "cost_gbp": costs[option].mean(),
                    "supported_in_need": values.mean(),
                    "low": values.quantile(TAIL),
                    "high": values.quantile(1 - TAIL),
                    "probability_within_grant": within[:, i].mean(),
                    "probability_most": shares[i],
                }
            )
    table = pd.DataFrame(rows)
    table["option"] = pd.Categorical(table["option"], options)
    return table

"""The tables on attrition of one scenario, as an evaluation keeps them."""

from __future__ import annotations

import math

import pandas as pd

from victimsmodel.appraisal.levers import rank_levers
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.service import Referral
from victimsmodel.pathway.modelled_attrition import modelled_attrition
from victimsmodel.pathway.service_comparison import compare_services
from victimsmodel.records import Result

Tables = dict[str, pd.DataFrame]


def attrition_tables(
    result: Result, scenario: Scenario, n_lever_draws: int, seed: int, n_jobs: int | None = None
) -> Tables:
    """Return attrition by definition, services fed alike, and which leak to fix first.

    Parameters
    ----------
    result : Result
        From `simulate`, with business as usual.
    scenario : Scenario
    n_lever_draws : int
        Draws in which the levers are ranked; without levers there is no such table.
    seed : int
    n_jobs : int, optional
        Threads; the number of processors by default.

    Returns
    -------
    dict of str to DataFrame
        attrition_definitions, services, services_words (sentence), levers.
    """
    definitions = modelled_attrition(result)
    kept = (definitions["definition"] == "referral_to_support") & (definitions["who"] == "all")
    own = float(definitions[kept].set_index("option").loc[BUSINESS_AS_USUAL, "attrition"])
    modelled, nobody = f"{scenario.area.name}, modelled", math.isnan(own)
    services = compare_services(
        {} if nobody else {modelled: own},
        published=scenario.area.name,
        fed_by=fed_by(scenario.options[BUSINESS_AS_USUAL].service.referral),
    )
    unplaced = (f"{modelled}: nobody is referred, so that there is no attrition to compare.",)
    sentences = (*services.sentences, *(unplaced if nobody else ()))
    tables = {
        "attrition_definitions": definitions,
        "services": services.table,
        "services_words": pd.DataFrame({"sentence": sentences}),
    }
    if scenario.levers:
        tables["levers"] = rank_levers(scenario, n_lever_draws, 1, seed, n_jobs)
    return tables


def fed_by(referral: Referral) -> str:
    """Return the way in which a service gets its referrals, as the evidence names it."""
    if referral.consent_at_report is not None:
        return "opt_in"
    return "automatic_transfer" if referral.flag is None else "needs_flagged"

"""The tables of a calibration of one scenario, as an evaluation keeps them."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.records import Result
from victimsmodel.reporting.formats import about

#: Persons a year of whom an observed share is one, below which simulated years say little of queues: 16
#: years of so many leave a share of 10 % open by two points either way (binomial, 90 %); our judgement.
_LEAST_PERSONS = 50


class HowMuch(NamedTuple):
    """How much a calibration computes."""

    n_draws: int  # of each round
    capacity_years: int
    n_returns: int  # invented, whose last quarter is kept back


def calibrated_tables(
    result: Result, scenario: Scenario, how_much: HowMuch, seed: int
) -> dict[str, pd.DataFrame]:
    """Return what the observed totals of business as usual do to the inputs.

    Parameters
    ----------
    result : Result
        From `simulate`, with business as usual.
    scenario : Scenario
    how_much : HowMuch
    seed : int

    Returns
    -------
    dict of str to DataFrame
        calibration_inputs, calibration_fit, hold_out, calibration_words (sentence); the last alone where too
        few come for a year to tell anything; nothing without observed totals.
    """
    if not scenario.observed:
        return {}
    from victimsmodel.pathway.calibrate import calibrate  # loads the compiled kernel
    from victimsmodel.pathway.kept_back import kept_back, yearly_trials
    from victimsmodel.reporting.readable_calibration import calibration_findings

    sizes = yearly_trials(result, scenario, scenario.observed)
    fewest = min(sizes.values(), default=_LEAST_PERSONS)
    if fewest < _LEAST_PERSONS:
        text = (
            f"Not calibrated: of {about(fewest)} persons a year, as the model has it, a published share says "
            "next to nothing of the inputs."
        )
        return {"calibration_words": pd.DataFrame({"sentence": [text]})}
    n_draws, years, n_returns = how_much
    found = calibrate(scenario, n_draws=n_draws, seed=seed, capacity_years=years)
    return {
        "calibration_inputs": found.inputs,
        "calibration_fit": found.fit,
        "hold_out": kept_back(found, sizes, n_returns, seed),
        "calibration_words": pd.DataFrame({"sentence": calibration_findings(found)}),
    }

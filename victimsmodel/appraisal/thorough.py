"""What the decision hangs on: all that the draws at hand can say, and more where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.decision import Decision, decision_of, input_values
from victimsmodel.appraisal.discovery import discover
from victimsmodel.appraisal.evidence_value import LEAST_DRAWS, rivals
from victimsmodel.appraisal.overview import Tables, evidence_tables
from victimsmodel.appraisal.sensitivity import given_data_indices, sobol_indices, tornado
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.results import Progress
from victimsmodel.records import Result

Floats = NDArray[np.float64]

_N_TORNADO, _N_SOBOL, _N_POINTS = 12, 6, 400


def sensitivity_tables(
    result: Result,
    scenario: Scenario,
    is_thorough: bool,
    seed: int,
    on_progress: Progress | None = None,
) -> Tables:
    """Return which inputs the choice between the best option and the one compared with hangs on.

    Parameters
    ----------
    result : Result
    scenario : Scenario
    is_thorough : bool
        Whether to simulate more: a tornado of the inputs that matter most, and Sobol indices.
    seed : int
    on_progress : callable, optional

    Returns
    -------
    dict of str to DataFrame
        sensitivity_notes (topic, note: what was not computed and why) and, as far as draws suffice,
        ranked_inputs, switching, information, discovery (a row a limit of the region in which the best
        option fails to be the better buy), tornado and sobol (of the difference in victims in need
        supported).
    """
    if scenario.appraisal is None:
        return {"sensitivity_notes": _notes({"all": "The scenario states no appraisal."})}
    decision = decision_of(result, scenario)
    tables = evidence_tables(decision, result, scenario)
    if not tables:
        return too_few(len(decision.costs))
    option, others = rivals(decision, scenario.against)
    notes: dict[str, str] = {}
    tables["discovery"] = _discovery(decision, input_values(result, scenario), seed)
    if tables["discovery"].empty:
        notes["discovery"] = "No region of the inputs was found in which the best option fails out of sample."
    if is_thorough:
        against = others[0]
        columns = [decision.options.index(name) for name in (option, against)]
        added = decision.effects[:, columns] @ np.array([1.0, -1.0])
        order = list(given_data_indices(added, input_values(result, scenario))["input"][:_N_TORNADO])
        tables["tornado"] = tornado(
            scenario, EFFECT, option, against, order, seed=seed, on_progress=on_progress
        ).assign(option=option, against=against)
        tables["sobol"] = sobol_indices(
            scenario,
            EFFECT,
            option,
            against,
            inputs=order[:_N_SOBOL],
            n_points=_N_POINTS,
            seed=seed,
            on_progress=on_progress,
        ).assign(option=option, against=against)
        if not tables["sobol"]["has_converged"].all():
            notes["sobol"] = "The Sobol indices are not settled: take them as an order, not as numbers."
    else:
        notes["tornado"] = (
            "How far each input alone moves the result, and how inputs act together, takes more simulation. "
            "The analyst gets it by running the full profile."
        )
    return {**tables, "sensitivity_notes": _notes(notes)}


def too_few(n_draws: int) -> Tables:
    """Return the one table that says why nothing was computed."""
    note = (
        "Which inputs the choice hangs on, at which values of them it would turn, and what it would be worth "
        f"to know them better: that takes at least {LEAST_DRAWS} draws and two options, and this run has "
        f"{n_draws} {'draw' if n_draws == 1 else 'draws'}. The analyst gets it by running the full profile."
    )
    return {"sensitivity_notes": _notes({"all": note})}


def _notes(notes: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"topic": list(notes), "note": list(notes.values())}, dtype=str)


def _discovery(decision: Decision, inputs: Mapping[str, Floats], seed: int) -> pd.DataFrame:
    """Return the limits of the region in which the best option is not the best buy of all."""
    is_best = decision.benefits.argmax(axis=1) == decision.options.index(decision.best)
    region = discover(~is_best, inputs, seed)
    rows = [
        {
            "option": decision.best,
            "input": limit.input,
            "side": "below" if limit.is_below else "above",
            "limit": limit.value,
            "fails_in_region": region.held_density,
            "fails_anywhere": region.base_rate,
            "share_of_failures": region.held_coverage,
            "n_draws": region.n_held,
        }
        for limit in region.limits
    ]
    numbers = ["fails_in_region", "fails_anywhere", "share_of_failures", "n_draws"]
    return pd.DataFrame(rows, columns=["option", "input", "side", "limit", *numbers])

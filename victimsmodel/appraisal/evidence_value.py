"""Which inputs a decision hangs on, from draws at hand: shares of variance, information, switching values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.decision import Decision
from victimsmodel.appraisal.information import growing_information, most_inputs, partial_information
from victimsmodel.appraisal.sensitivity import given_data_indices
from victimsmodel.appraisal.switching import switching_values

Floats = NDArray[np.float64]

#: Below so many draws, regressions on single inputs say nothing.
LEAST_DRAWS = 50


def rivals(decision: Decision, against: str) -> tuple[str, list[str]]:
    """Return the best option at the central threshold, and what it is weighed against.

    Those are the option that differences are taken from, unless it is the best itself, and the next best.
    """
    means = dict(zip(decision.options, decision.benefits.mean(axis=0), strict=True))
    best = decision.best
    others = sorted((name for name in means if name != best), key=lambda name: -means[name])
    return best, list(dict.fromkeys([name for name in (against, *others[:1]) if name != best]))


def ranked_inputs(decision: Decision, inputs: Mapping[str, Floats], against: str) -> pd.DataFrame:
    """Return the share of the variance of the best option's gain that each input explains by itself.

    The gain is its net benefit at the central threshold less that of each of its `rivals`.

    Returns
    -------
    DataFrame
        As `given_data_indices`, with columns option and against in front.
    """
    return _of_rivals(decision, inputs, against, given_data_indices)


def switching_table(decision: Decision, inputs: Mapping[str, Floats], against: str) -> pd.DataFrame:
    """Return where each input would make the choice between the best option and each of its `rivals` turn.

    Returns
    -------
    DataFrame
        As `switching_values`, with columns option and against in front.
    """
    return _of_rivals(decision, inputs, against, switching_values)


def _of_rivals(
    decision: Decision,
    inputs: Mapping[str, Floats],
    against: str,
    analysed: Callable[[Floats, Mapping[str, Floats]], pd.DataFrame],
) -> pd.DataFrame:
    best, others = rivals(decision, against)
    tables = []
    for other in others:
        table = analysed(decision.gain(best, other), inputs)
        table.insert(0, "option", best)
        table.insert(1, "against", other)
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def most_important(ranked: pd.DataFrame, n_inputs: int) -> list[str]:
    """Return inputs by the largest share that they explain of the gain over any rival."""
    largest = ranked.groupby("input", sort=False)["index"].max()
    return [str(name) for name in largest.sort_values(ascending=False, kind="stable").index[:n_inputs]]


def information_table(
    decision: Decision, inputs: Mapping[str, Floats], order: list[str], n_together: int = 4
) -> pd.DataFrame:
    """Return what it would be worth to know inputs before deciding, at the central threshold.

    Parameters
    ----------
    decision : Decision
    inputs : mapping of str to ndarray, shape (n_draws,)
    order : list of str
        Inputs to look at, the most important first.
    n_together : int
        How many of the first are also looked at together.

    Returns
    -------
    DataFrame
        Columns known (one input; ``first 2``, ``first 3``, ...; ``everything``), inputs (names, by comma),
        value (GBP over the years of the appraisal), standard_error, share_of_perfect (missing where perfect
        information is worth nothing).
    """
    benefits = decision.benefits
    rows = []
    for name in order:
        found = partial_information(benefits, inputs, [name])
        rows.append((name, name, found.value, found.standard_error, found.upper))
    most = min(n_together, most_inputs(len(benefits)))
    for k, found in enumerate(growing_information(benefits, inputs, order[:most]), start=1):
        if k > 1:
            names = ", ".join(order[:k])
            rows.append((f"first {k}", names, found.value, found.standard_error, found.upper))
    upper = rows[0][-1] if rows else np.nan
    rows.append(("everything", "", upper, 0.0, upper))
    table = pd.DataFrame(rows, columns=["known", "inputs", "value", "standard_error", "upper"])
    table["share_of_perfect"] = table["value"] / table["upper"].where(table["upper"] > 0)
    return table.drop(columns="upper")

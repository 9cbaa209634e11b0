"""Attrition of a simulated service under every definition of it, beside what was published."""

from __future__ import annotations

import pandas as pd

from victimsmodel.inputs.quantities import TAIL
from victimsmodel.pathway.attrition_definitions import DEFINITIONS
from victimsmodel.records import Result


def modelled_attrition(result: Result) -> pd.DataFrame:
    """Return attrition by definition and option, for all referrals and for victims in need.

    Parameters
    ----------
    result : Result
        From `simulate`.

    Returns
    -------
    DataFrame
        Columns definition, words, option, who, attrition (one less the numerator's share of the
        denominator, both averaged over draws and replications), low, high (90 % interval of the mean).
    """
    keys = ["option", "who", "draw"]
    counts = result.funnel.groupby([*keys, "stage"], observed=True)["victims"].sum().unstack("stage")
    means = counts.groupby(["option", "who"], observed=True).mean()
    frames = []
    for definition in DEFINITIONS:
        whole = counts[definition.denominator]
        lost = 1 - counts[definition.numerator] / whole.where(whole > 0)
        by_option = lost.groupby(["option", "who"], observed=True)
        columns = {
            "attrition": 1
            - means[definition.numerator] / means[definition.denominator].where(lambda x: x > 0),
            "low": by_option.quantile(TAIL),
            "high": by_option.quantile(1 - TAIL),
        }
        frames.append(
            pd.DataFrame(columns)
            .reset_index()
            .assign(definition=definition.name, words=_words(definition.words))
        )
    table = pd.concat(frames, ignore_index=True)
    return table[["definition", "words", "option", "who", "attrition", "low", "high"]]


def _words(words: str) -> str:
    """Return the words of a definition, which complete "victims who were ...", as those of a share."""
    whole, lost = words.split(" and ", 1)
    return f"Of {'' if whole.startswith('victims') else 'those '}{whole}, {lost}"

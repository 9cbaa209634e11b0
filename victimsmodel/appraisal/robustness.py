"""Options judged by how badly they may turn out: regret, and how often they are good enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BAD_DRAW = 0.95


class Requirement(NamedTuple):
    """What an option must achieve to be good enough."""

    measure: str
    limit: float
    sense: Literal["at least", "at most"]

    def __str__(self) -> str:
        return f"{self.measure} {self.sense} {self.limit:g}"


def regret(options: Sequence[str], benefits: Floats) -> pd.DataFrame:
    """Return how far each option falls short of the best one, over the draws.

    Parameters
    ----------
    options : sequence of str
    benefits : ndarray, shape (n_draws, n_options)
        Net benefits, or any measure of which more is better.

    Returns
    -------
    DataFrame
        A row for each option: option, mean_regret, bad_regret (95th percentile over draws), most_regret,
        is_least (whether the option's largest regret is the smallest of all: minimax regret).

    References
    ----------
    Savage (1951), The theory of statistical decision, Journal of the American Statistical Association 46.
    """
    short = benefits.max(axis=1, keepdims=True) - benefits
    most = short.max(axis=0)
    return pd.DataFrame(
        {
            "option": list(options),
            "mean_regret": short.mean(axis=0),
            "bad_regret": np.quantile(short, _BAD_DRAW, axis=0),
            "most_regret": most,
            "is_least": most == most.min(),
        }
    )


def satisficing(measures: pd.DataFrame, requirements: Sequence[Requirement]) -> pd.DataFrame:
    """Return in which share of the draws each option meets each requirement, and all of them.

    Parameters
    ----------
    measures : DataFrame
        Index option and draw; one column a measure.
    requirements : sequence of Requirement

    Returns
    -------
    DataFrame
        Columns option, requirement ("all" last), share. A measure that is missing in a draw is not met.
    """
    met = pd.DataFrame(
        {
            str(one): measures[one.measure] >= one.limit
            if one.sense == "at least"
            else measures[one.measure] <= one.limit
            for one in requirements
        },
        index=measures.index,
    )
    met["all"] = met.all(axis=1)
    shares = met.groupby(level="option", observed=True, sort=False).mean()
    table = shares.rename_axis(columns="requirement").stack().rename("share").reset_index()
    return table

"""What those in need, need: the categories of the commissioning framework and of priority."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.draws import stratified_points
from victimsmodel.inputs.from_crime import Needs
from victimsmodel.inputs.quantities import TAIL

_PREFIX = "demand.needs"
_KINDS = {"category": "categories", "priority": "priorities"}
_QUANTILES = (TAIL, 0.5, 1 - TAIL)


def needs_table(needs: Needs, in_need: NDArray[np.float64], seed: int = 1) -> pd.DataFrame:
    """Return how many of those in need have each kind of need or belong to each priority category.

    Parameters
    ----------
    needs : Needs
    in_need : ndarray, shape (n_draws,)
        Victims in need a year, by draw; one draw gives the central case.
    seed : int

    Returns
    -------
    DataFrame
        Columns kind ("category" or "priority"), name, title, share_low, share, share_high, victims_low,
        victims, victims_high, source, quality, note. A person may count in several rows.
    """
    rows = []
    for kind, field in _KINDS.items():
        for name, need in getattr(needs, field).items():
            key = f"{_PREFIX}.{field}.{name}.share"
            many = len(in_need) > 1
            y = stratified_points(seed, key, len(in_need)) if many else np.array([0.5])
            share = need.share.quantile(y)
            numbers = [*np.quantile(share, _QUANTILES), *np.quantile(share * in_need, _QUANTILES)]
            told = need.share
            rows.append([kind, name, need.title, *numbers, told.source, told.quality, told.note])
    columns = (
        "kind name title share_low share share_high victims_low victims victims_high source quality note"
    )
    return pd.DataFrame(rows, columns=columns.split())

"""Stages of which each one is part of the one before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

#: Stages of which each one is part of the one before; those in need are not all referred.
CHAIN = (
    *("referred", "attempted", "contacted", "consented", "assessed"),
    *("need_recognised", "accepted", "supported", "completed", "improved"),
)
#: Stages of the chain between which an attrition can be computed.
FEWEST_STEPS = 2


def comparable(first: str, second: str) -> bool:
    """Say whether two units can be compared; an unstated one is taken to be that of the other."""
    return first == second or "unstated" in (first, second)


def pairs_of(counts: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, str, str]]:
    """Yield, for each stage of the chain and the nearest one before it, the periods that have both."""
    present = [stage for stage in CHAIN if (counts["stage"] == stage).any()]
    for parent, child in pairwise(present):
        both = counts[counts["stage"] == parent].merge(
            counts[counts["stage"] == child], on=["start", "period"], suffixes=("_parent", "_child")
        )
        yield both, parent, child

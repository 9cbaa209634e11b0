"""Counts by quarter as the series that the models see: logarithms, what is missing, and known breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.demand.combination import LEAST_QUARTERS, Panel
from victimsmodel.demand.state_space import Floats
from victimsmodel.errors import InputError, Problem, input_error

#: Quarters of the pandemic's restrictions, each with an effect of its own.
PANDEMIC = tuple(pd.period_range("2020Q2", "2021Q1", freq="Q-DEC"))
_OFFSET = 0.5  # a count; keeps the logarithm of an empty quarter finite
_WHERE = "history"


class Break(NamedTuple):
    """A level shift that is recording practice, not crime."""

    crime_type: str
    quarter: pd.Period  # the first on the new level
    size: float = float("nan")  # log ratio after over before, for the record; the model estimates its own


def to_log(counts: Floats) -> Floats:
    """Return the scale on which the models work.

    Parameters
    ----------
    counts : ndarray
        Not negative.

    Returns
    -------
    ndarray
    """
    return np.log(counts + _OFFSET)


def to_counts(logs: Floats) -> Floats:
    """Return counts, none below zero: the inverse of `to_log`.

    Parameters
    ----------
    logs : ndarray

    Returns
    -------
    ndarray
    """
    return np.maximum(np.exp(logs) - _OFFSET, 0.0)


def wide_counts(counts: pd.DataFrame) -> pd.DataFrame:
    """Return one column for each force and crime type, one row for each quarter without holes.

    Parameters
    ----------
    counts : DataFrame
        Columns force, crime_type, quarter, offences (NaN where missing).

    Returns
    -------
    DataFrame
        Index quarter; columns (force, crime_type).
    """
    wide = counts.pivot(index="quarter", columns=["force", "crime_type"], values="offences").sort_index(
        axis=1
    )
    index = pd.PeriodIndex(wide.index)
    return wide.reindex(pd.period_range(index.min(), index.max(), freq=index.freq)).astype(np.float64)


def check_history(history: pd.DataFrame, breaks: Iterable[Break]) -> None:
    """Refuse what cannot be forecast.

    Parameters
    ----------
    history : DataFrame
        Counts, one column for each crime type, indexed by quarter.
    breaks : iterable of Break

    Raises
    ------
    InputError
        VM090 for an index that is not consecutive quarters, VM091 for a crime type with fewer than
        eight observed quarters, VM092 for a break of an unknown crime type.
    """
    index = history.index
    if not isinstance(index, pd.PeriodIndex) or index.freqstr[:1] != "Q" or (np.diff(index.asi8) != 1).any():
        raise input_error(_WHERE, "the index must be consecutive quarters, without holes", "VM090")
    problems = []
    for name in history:
        found = int((history[name] >= 0).sum())
        if found < LEAST_QUARTERS:
            allowed = f"a crime type needs counts in at least {LEAST_QUARTERS} quarters to be forecast"
            problems.append(Problem(_WHERE, str(name), f"{found} quarters", allowed, "VM091"))
    for one in breaks:
        if one.crime_type not in history:
            allowed = f"crime types are {', '.join(map(str, history))}"
            problems.append(Problem("breaks", "crime_type", one.crime_type, allowed, "VM092"))
    if problems:
        raise InputError(problems)


def panel_of(wide: pd.DataFrame, breaks: Iterable[Break] = ()) -> Panel:
    """Return series for the models.

    Parameters
    ----------
    wide : DataFrame
        Counts by quarter, columns crime types of one force or (force, crime_type); NaN where missing.
        Negative counts (corrections that outweigh a quarter) are taken as missing.
    breaks : iterable of Break
        For one force.

    Returns
    -------
    Panel
    """
    counts = wide.to_numpy(dtype=np.float64)
    observed = counts >= 0
    names = wide.columns.get_level_values(-1)
    forces = wide.columns.get_level_values(0) if wide.columns.nlevels > 1 else ["one"] * wide.shape[1]
    quarters = pd.PeriodIndex(wide.index)
    own: list[Sequence[int]] = [
        sorted({int((quarters < one.quarter).sum()) for one in breaks if one.crime_type == name})
        for name in names
    ]
    return Panel(
        values=to_log(np.where(observed, counts, 0.0)),
        observed=observed,
        forces=pd.factorize(np.asarray(forces))[0],
        pulses=np.asarray(quarters.isin(PANDEMIC)),
        shifts=tuple(tuple(shifts) for shifts in own),
    )

"""What a back-test shows: errors of the forecast and of each candidate, and what intervals covered."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from victimsmodel.demand.candidates import CANDIDATES


def mean_errors(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean MASE of the forecast and of each candidate, by crime type.

    Parameters
    ----------
    table : DataFrame
        As from `victimsmodel.demand.backtest.backtest`.

    Returns
    -------
    DataFrame
        Index crime type (with the total); columns forecast and candidates. Errors are absolute, in
        units of the mean change from the year before that was known at the origin.
    """
    models = ["forecast", *CANDIDATES]
    scaled = table[models].sub(table["actual"], axis=0).abs().div(table["scale"], axis=0)
    return scaled.groupby(table["crime_type"], sort=False).mean()


def coverage_of(table: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return the share of outcomes that intervals covered.

    Parameters
    ----------
    table : DataFrame
        As from `victimsmodel.demand.backtest.backtest`.
    by : sequence of str
        Columns to group by.

    Returns
    -------
    DataFrame
        Columns of `by`, level, covered (share), n (outcomes).
    """
    rows = []
    for level in ("50", "80", "95"):
        inside = table["actual"].between(table[f"low_{level}"], table[f"high_{level}"])
        part = table[list(by)].assign(level=float(level) / 100, covered=inside)
        rows.append(part)
    long = pd.concat(rows)
    grouped = long.groupby([*by, "level"], sort=False)["covered"]
    return grouped.agg(["mean", "size"]).set_axis(["covered", "n"], axis=1).reset_index()

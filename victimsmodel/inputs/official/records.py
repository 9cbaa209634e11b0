"""Rows of recorded crime in the form that is quick to count: codes of texts, numbers of periods."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Columns of text, in the order in which users see them.
TEXTS = ("force", "csp", "offence_group", "offence_subgroup", "offence_code", "offence")


class Records(NamedTuple):
    """Columns of equal length."""

    force: pd.Categorical
    csp: pd.Categorical
    offence_group: pd.Categorical
    offence_subgroup: pd.Categorical
    offence_code: pd.Categorical
    offence: pd.Categorical
    period: NDArray[np.int64]  # calendar quarters since 1970Q1, or the year of 31 March (30 June, ...)
    offences: NDArray[np.int64]
    is_quarterly: bool
    year_end: str = "03-31"  # of yearly tables

    def where(self, rows: NDArray[np.bool_]) -> Records:
        """Return some of the rows."""
        texts = {name: getattr(self, name)[rows] for name in TEXTS}
        return self._replace(**texts, period=self.period[rows], offences=self.offences[rows])

    def period_column(self) -> tuple[str, Any]:
        """Return name and values of the period as users see it."""
        if self.is_quarterly:
            return "quarter", pd.PeriodIndex.from_ordinals(self.period, freq="Q-DEC")
        years = pd.Index(self.period.astype(str)) + f"-{self.year_end}"
        return "year_ending", pd.to_datetime(years)

    def span(self, first: int, last: int) -> str:
        """Return a stretch of periods as text, such as 2015Q2-2016Q1."""
        names = [self.period_name(number) for number in (first, last)]
        return names[0] if first == last else "-".join(names)

    def period_name(self, number: int) -> str:
        """Return a period as text, such as 2015Q2, or 2016 for a year."""
        return str(pd.Period(ordinal=int(number), freq="Q-DEC")) if self.is_quarterly else str(int(number))


class Cube(NamedTuple):
    """Counts by force, label and quarter."""

    counts: NDArray[np.float64]  # (n_forces, n_labels, n_quarters), NaN where nothing is stated
    rows: NDArray[np.int64]  # same shape, rows that were added
    forces: tuple[str, ...]
    labels: tuple[str, ...]
    first: int  # number of the first quarter

    def summed(self, parents: NDArray[np.int64], names: tuple[str, ...]) -> Cube:
        """Return the cube of wider labels; a sum is stated where any part of it is."""
        shape = (len(self.forces), len(names), self.counts.shape[2])
        counts, rows = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        for i, parent in enumerate(parents):
            counts[:, parent] += np.nan_to_num(self.counts[:, i])
            rows[:, parent] += self.rows[:, i]
        counts[rows == 0] = np.nan
        return self._replace(counts=counts, rows=rows, labels=names)


def cube_of(records: Records, label: pd.Categorical) -> Cube:
    """Add up records by force, label and period; missing periods are there too."""
    first = int(records.period.min())
    shape = (len(records.force.categories), len(label.categories), int(records.period.max()) - first + 1)
    cell = np.ravel_multi_index((records.force.codes, label.codes, records.period - first), shape)
    n_cells = int(np.prod(shape))
    rows = np.bincount(cell, minlength=n_cells).reshape(shape)
    counts = np.bincount(cell, weights=records.offences, minlength=n_cells).reshape(shape)
    counts[rows == 0] = np.nan
    return Cube(
        counts.astype(np.float64), rows, tuple(records.force.categories), tuple(label.categories), first
    )

"""The door of this floor: tables of events out of trials, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.disclosure.observed_counts import ObservedCounts
from victimsmodel.disclosure.release import release
from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.people_table import refuse_people

Floats = NDArray[np.float64]
_MOST_PROBLEMS = 10  # of one table; the rest would say the same


class Shown(NamedTuple):
    """A table as it may be shown, without the rows in which a count is hidden."""

    table: pd.DataFrame
    hidden: tuple[str, ...]  # names of the rows left out

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know of rows that are left out."""
        names = ", ".join(self.hidden)
        return (f"Left out, for a count is small or would give one away: {names}.",) if names else ()


def shown_rows(table: pd.DataFrame | ObservedCounts, label: str, counts: Sequence[str], where: str) -> Shown:
    """Return what may be shown of a table: everything that follows is computed from that alone.

    Parameters
    ----------
    table : DataFrame or ObservedCounts
        Plain tables are published, released or invented numbers; of released ones, rows with a hidden count
        (NA) are left out. Observed counts pass through `release` with the default rule.
    label : str
        Column that names the rows.
    counts : sequence of str
        Columns that count.
    where : str
        Name of the table in messages.

    Raises
    ------
    PrivacyError
        VM284 if the table holds counts of people that were not released.
    """
    found = release(table) if isinstance(table, ObservedCounts) else table
    refuse_people(found, where)
    own = [name for name in counts if name in found and found[name].dtype == "Int64"]
    if not own or label not in found:
        return Shown(found, ())
    is_hidden = found[own].isna().any(axis=1).to_numpy()
    return Shown(found[~is_hidden].reset_index(drop=True), tuple(map(str, found.loc[is_hidden, label])))


class Counted(NamedTuple):
    """Events out of trials, one row for each period or area."""

    labels: tuple[str, ...]
    events: Floats  # (n,) whole numbers
    trials: Floats  # (n,) whole numbers above 0

    @property
    def shares(self) -> Floats:
        """Observed share of each row, shape (n,)."""
        return self.events / self.trials


def require_columns(table: pd.DataFrame, columns: Sequence[str], where: str) -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    InputError
        One line for each column that is missing.
    """
    found = [str(name) for name in table.columns]
    missing = [name for name in columns if name not in found]
    if missing:
        raise InputError(
            Problem(
                where,
                name,
                "",
                f"is missing (columns found: {', '.join(found)})",
                "VM155",
                did_you_mean(name, found),
            )
            for name in missing
        )


def labels_of(table: pd.DataFrame, column: str, where: str) -> tuple[str, ...]:
    """Return the names of the rows.

    Raises
    ------
    InputError
        If one is empty or stands twice.
    """
    labels = _labels(table, column)
    problems = _label_problems(labels, column, where)
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return labels


def _labels(table: pd.DataFrame, column: str) -> tuple[str, ...]:
    return tuple("" if pd.isna(label) else str(label).strip() for label in table[column])


def _label_problems(labels: tuple[str, ...], column: str, where: str) -> list[Problem]:
    problems = []
    for row, label in enumerate(labels, start=1):
        if not label:
            problems.append(Problem(f"{where}, row {row}", column, "", "must not be empty", "VM155"))
        elif label in labels[: row - 1]:
            allowed = f"must stand once; row {labels.index(label) + 1} has it already"
            problems.append(Problem(f"{where}, row {row}", column, label, allowed, "VM155"))
    return problems


def counted(table: pd.DataFrame, label: str, where: str) -> Counted:
    """Return the counts of a table with columns `label`, events and trials.

    Parameters
    ----------
    table : DataFrame
        One row for each period (in order) or area.
    label : str
        Column that names the rows.
    where : str
        Name of the table in messages.

    Raises
    ------
    InputError
        For a missing column, an empty or repeated name, a count that is not whole, negative, or above
        its trials, and for no trials at all; every problem at once.
    """
    require_columns(table, (label, "events", "trials"), where)
    labels = _labels(table, label)
    problems = _label_problems(labels, label, where)
    events, trials = (
        pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64) for name in ("events", "trials")
    )
    for row, (name, event, trial) in enumerate(zip(labels, events, trials, strict=True)):
        place = f"{where}, row {row + 1} ({name})"
        for column, number, least in (("events", event, 0), ("trials", trial, 1)):
            if not (np.isfinite(number) and number == np.floor(number) and number >= least):
                shown = _shown(table[column].iloc[row])
                problems.append(
                    Problem(place, column, shown, f"must be a whole number of at least {least}", "VM155")
                )
        if event > trial:
            problems.append(Problem(place, "events", "", "must be at most trials", "VM155"))
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return Counted(labels, events, trials)


def numbers(table: pd.DataFrame, column: str, where: str) -> Floats:
    """Return a column of finite numbers, shape (n,)."""
    found = pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64)
    problems = [
        Problem(
            f"{where}, row {row + 1}", column, _shown(table[column].iloc[row]), "must be a number", "VM155"
        )
        for row in np.flatnonzero(~np.isfinite(found))
    ]
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return found


def _shown(value: Any) -> str:
    return "empty" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)[:20]


def rows_of(labels: tuple[str, ...], wanted: Sequence[str], field: str, where: str) -> list[int]:
    """Return the positions of named rows.

    Raises
    ------
    InputError
        One line for each name that is not in the table.
    """
    unknown = [str(name) for name in wanted if str(name) not in labels]
    if unknown:
        allowed = f"must be a row of the table ({labels[0]} to {labels[-1]})"
        raise InputError(
            Problem(where, field, name, allowed, "VM156", did_you_mean(name, labels)) for name in unknown
        )
    return [labels.index(str(name)) for name in wanted]

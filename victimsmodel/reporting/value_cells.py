"""Cells of the tables on value for money: numbers with their range, titles, wide tables."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting import formats
from victimsmodel.reporting.words import sentence_case

_UNITS: dict[str, Callable[[float], str]] = {
    "GBP": formats.pounds,
    "victims": formats.count,
    "share": formats.share1,
    "ratio": "{:.1f}".format,
}


def heading(name: str) -> str:
    """Return a name as a heading."""
    return sentence_case(name.replace("_", " "))


def title(option: object, scenario: Scenario) -> str:
    """Return the title of an option."""
    return scenario.options[str(option)].title


def with_range(value: float, low: float, high: float, unit: str) -> str:
    """Return a number of a unit (GBP, victims, share or ratio) with its range, if it has one."""
    show = _UNITS[unit]
    if pd.isna(value):
        return "–"
    return show(value) if low == high else f"{show(value)} ({show(low)} to {show(high)})"


def wide(rows: dict[tuple[str, str], str], name: str) -> pd.DataFrame:
    """Return a table with the first part of each key as row and the second as column, in their order."""
    index, columns = (list(dict.fromkeys(key[i] for key in rows)) for i in (0, 1))
    cells = [[rows.get((row, column), "–") for column in columns] for row in index]
    return pd.DataFrame(cells, pd.Index(index, name=name), columns)

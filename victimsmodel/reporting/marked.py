"""Printed numbers that say where they stand: every one can be looked up in its table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
from markupsafe import Markup

from victimsmodel.reporting.formats import FORMATS

_MISSING = Markup('<span class="none" aria-label="not applicable">–</span>')

_NUMBER = Markup(
    '<span class="n" data-table="{table}" data-row="{row}" data-column="{column}"'
    ' data-format="{style}" data-value="{value}">{text}</span>'
)
_PART = Markup(
    '<span class="n" data-part="{part}" data-whole="{whole}" data-format="{style}"'
    ' data-value="{value}">{text}</span>'
)


class Place(NamedTuple):
    """Where a number stands."""

    table: str
    column: str
    row: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.table}|{_row(self.row)}|{self.column}"


class MarkedTables:
    """Tables by name, whose numbers are looked up by row and printed with their place.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._tables = tables
        self._places: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}

    def value(self, table: str, column: str, **row: str) -> float:
        """Return one number of a table in full precision.

        Raises
        ------
        KeyError
            If no row, or more than one, has these keys.
        """
        keys = tuple(row)
        if (table, *keys) not in self._places:
            frame = self._tables[table]
            found = list(zip(*(frame[key].astype(str) for key in keys), strict=True))
            if len(set(found)) < len(found):
                raise KeyError(f"{table}: {', '.join(keys)} do not name a single row")
            self._places[table, *keys] = {names: place for place, names in enumerate(found)}
        place = self._places[table, *keys][tuple(row.values())]
        return float(self._tables[table][column].iloc[place])

    def number(self, table: str, style: str, column: str, **row: str) -> Markup:
        """Return a number as HTML, in a format of `formats.FORMATS`; a missing one as a dash."""
        value = self.value(table, column, **row)
        if math.isnan(value):
            return _MISSING
        return _NUMBER.format(
            table=table,
            row=_row(row),
            column=column,
            style=style,
            value=repr(value),
            text=FORMATS[style](value),
        )

    def interval(self, table: str, style: str, low: str, high: str, **row: str) -> Markup:
        """Return two numbers of a row as a range."""
        if math.isnan(self.value(table, low, **row)):
            return _MISSING
        ends = (self.number(table, style, column, **row) for column in (low, high))
        return Markup('<span class="range">{} to {}</span>').format(*ends)

    def part(self, style: str, part: Place, whole: Place) -> Markup:
        """Return the share that one number is of another; a dash where there is no other."""
        of = self.value(whole.table, whole.column, **whole.row)
        if not of > 0:
            return _MISSING
        value = self.value(part.table, part.column, **part.row) / of
        return _PART.format(
            part=str(part), whole=str(whole), style=style, value=repr(value), text=FORMATS[style](value)
        )


def _row(row: Mapping[str, str]) -> str:
    return ";".join(f"{key}={name}" for key, name in row.items())

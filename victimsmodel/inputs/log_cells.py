"""Columns of a contact log as values; what cannot be read is told by its place and never by its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.errors import Problem
from victimsmodel.inputs.contact_words import ANSWERS, CHANNEL_WORDS, OUTCOMES, Outcome
from victimsmodel.inputs.dates import Order, date_of, hour_of, orders_of
from victimsmodel.inputs.downloads.layouts import Match, normalised
from victimsmodel.inputs.downloads.plain import PlainTable
from victimsmodel.inputs.service import CHANNELS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MOST_MINUTES = 600
_MINUTES = re.compile(r"\d+(?:\.\d+)?")
_MOST_LINES = 5  # named in a message
_DATES = ("date", "crime_date", "referral_date", "reply_date")
_FIRST_YEAR, _LAST_YEAR = 1990, 2100  # of a contact; no log is older
_SERIAL = re.compile(r"[3-5]\d{4}(\.\d+)?")
_SHORT_YEAR = re.compile(r"\d{1,2}([/. -])(\d{1,2}|[A-Za-z]{3,9})\1\d{2}(\D.*)?")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_SAY = "say dates='day_first' or dates='month_first'"


class LogCells:
    """The columns of a log; problems are collected."""

    def __init__(
        self, table: PlainTable, fit: Match, outcomes: Mapping[str, Outcome], dates: Order | None
    ) -> None:
        self._table, self._fit, self._outcomes = table, fit, outcomes
        self.problems: list[Problem] = []
        self._order: Order = self._settled(dates)

    def _settled(self, stated: Order | None) -> Order:
        """Return the order of day and month, of all dates of the file, that was stated or that they show.

        What shows both orders is read by one of them, and its other dates are refused one by one.
        """
        names = [name for name in _DATES if self.has(name)]
        shown = orders_of(text for name in names for text in self.column(name).categories)
        if stated or shown is None or "day_first" in shown:
            return stated or "day_first"
        allowed = f"may be read day first or month first: {_SAY}, or write dates as 2026-04-30"
        if shown:
            allowed = f"has the month before the day: {_SAY}, or write dates as 2026-04-30"
        for name in names:
            texts = self.column(name)
            open_ = [i for i, text in enumerate(texts.categories) if orders_of([text]) is not None]
            self.refuse(name, np.flatnonzero(np.isin(texts.codes, open_)), allowed, "VM303")
        return "day_first"

    def has(self, name: str) -> bool:
        """Say whether the log has a column."""
        return name in self._fit.positions

    def column(self, name: str) -> pd.Categorical:
        """Return a column as it stands."""
        return self._table.grid.columns[self._fit.positions[name]]

    def texts(self, name: str, is_required: bool = True) -> pd.Categorical:
        """Return a column as texts; empty cells are a problem where they are required."""
        column = self.column(name)
        empty = np.flatnonzero(np.asarray(column) == "")
        if is_required and len(empty):
            self.refuse(name, empty, "must not be empty")
        return column

    def ids(self, name: str) -> NDArray[Any]:
        """Return a column of ids; numbers that a spreadsheet rounded would make one victim of several."""
        column = self.texts(name)
        rounded = [i for i, text in enumerate(column.categories) if _ROUNDED.fullmatch(text)]
        rows = np.flatnonzero(np.isin(column.codes, rounded))
        self.refuse(name, rows, "looks like a number that a spreadsheet rounded; save ids as text")
        return np.asarray(column)

    def read(self, name: str, parse: Callable[[str], Any], is_required: bool = False) -> Floats:
        """Return numbers, NaN for what is empty or the log does not have."""
        if not self.has(name):
            return np.full(self._table.grid.n_rows, np.nan)
        column = self.texts(name, is_required)
        values, causes = np.full(len(column.categories), np.nan), dict[str, list[int]]()
        for i, text in enumerate(column.categories):
            if not text:
                continue
            try:
                values[i] = parse(text)
            except ValueError as error:
                causes.setdefault(str(error), []).append(i)
        for cause, codes in causes.items():
            self.refuse(name, np.flatnonzero(np.isin(column.codes, codes)), cause)
        return np.asarray(values[column.codes]) if len(values) else np.full(len(column), np.nan)

    def days(self, name: str, is_required: bool = False) -> Floats:
        """Return dates as days of the calendar, counted from the year 1."""
        return self.read(name, self._day, is_required)

    def _day(self, text: str) -> float:
        if _SERIAL.fullmatch(text):
            raise ValueError("looks like the day number of a spreadsheet; save the column as dates")
        if _SHORT_YEAR.fullmatch(text):
            raise ValueError("has a year of two digits; write all four")
        day = date_of(text, self._order)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise ValueError(
                f"must be a date from {_FIRST_YEAR} to {_LAST_YEAR}; is a digit of the year wrong?"
            )
        return float(day.toordinal())

    def outcome(self, text: str) -> float:
        """Return the number of an outcome."""
        return float(
            OUTCOMES.index(_word(text, self._outcomes, "an outcome; known: reached, no answer, wrong number"))
        )

    def require(self, name: str, is_right: NDArray[np.bool_], allowed: str) -> None:
        """Note the rows that are not right as a problem."""
        if not is_right.all():
            self.refuse(name, np.flatnonzero(~is_right), allowed)

    def lines(self, rows: Ints) -> list[int]:
        """Return the lines of the first rows."""
        return [self._table.line_of(int(row)) for row in rows[:_MOST_LINES]]

    def refuse(self, name: str, rows: Ints, allowed: str, code: str = "VM127") -> None:
        """Note rows as a problem, the first five of them by their lines."""
        if not len(rows):
            return
        lines = self.lines(rows)
        more = f" (and in {len(rows) - len(lines):,} more rows)" if len(rows) > len(lines) else ""
        heading = self._table.header[self._fit.positions[name]]
        rest = f"; also line {', '.join(map(str, lines[1:]))}{more}" if len(lines) > 1 else ""
        where = self._table.place(lines[0], self._fit.positions[name])
        self.problems.append(Problem(where, heading, "", f"{allowed}{rest}", code))


def _word(text: str, known: Mapping[str, Any], noun: str) -> Any:
    word = normalised(text).replace("-", " ").replace("/", " ")
    if word not in known:
        raise ValueError(f"is not {noun}")
    return known[word]


def channel(text: str) -> float:
    """Return the number of a channel."""
    return float(CHANNELS.index(_word(text, CHANNEL_WORDS, f"a channel (known: {', '.join(CHANNELS)})")))


def answer(text: str) -> float:
    """Return 1 for yes, 0 for no."""
    return float(_word(text, ANSWERS, "yes, no or empty"))


def minutes(text: str) -> float:
    """Return minutes; the text itself is in no message."""
    if not _MINUTES.fullmatch(text) or float(text) > _MOST_MINUTES:
        raise ValueError(f"must be minutes from 0 to {_MOST_MINUTES}")
    return float(text)


def hour_or_none(text: str) -> float:
    """Return the hour that a date ends with, NaN for one without."""
    try:
        return hour_of(text)
    except ValueError:
        return np.nan

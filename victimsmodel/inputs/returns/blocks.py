"""Tables within a sheet: which rows are titles, headings, sections and data."""

from __future__ import annotations

import re
from typing import NamedTuple

from victimsmodel.inputs.returns.period_text import is_period, plain_text
from victimsmodel.inputs.returns.sheets import Sheet
from victimsmodel.inputs.returns.values import looks_hidden, looks_numeric

_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNTS_PERIODS = re.compile(r"(?:quarter|qtr|q|month|period|year|financial year|fy)s?(?: no\.?| number)?:?")
_MOST_HEADING_ROWS = 3


class Block(NamedTuple):
    """One table of a sheet; rows and columns count from 0."""

    sheet: Sheet
    titles: tuple[str, ...]  # texts above, the nearest first
    headings: tuple[int, ...]  # rows of column headings, the top one first
    rows: tuple[int, ...]  # rows of data
    sections: dict[int, str]  # the heading that stands between rows above a row of data
    notes: tuple[str, ...]  # texts below

    def cell(self, row: int, column: int) -> str:
        """Return the text of a cell."""
        return self.sheet.rows[row][column]

    def filled(self, column: int) -> list[str]:
        """Return the filled cells of a column of data."""
        return [text for row in self.rows if (text := self.cell(row, column))]


def blocks_of(sheet: Sheet) -> list[Block]:
    """Part a sheet into its tables.

    A row with numbers is data. A row of two or more texts is a heading if data follow and no data with
    the same headings stand above it; a row with one text alone is a title, a section or a note.
    """
    reading = _Reading(sheet)
    for number in range(len(sheet.rows)):
        reading.read(number)
    reading.close()
    return reading.blocks


def is_number(text: str) -> bool:
    """Say whether a cell holds a number that is no date or period."""
    return looks_numeric(text) and not (is_period(text) and not _YEAR.fullmatch(text))


class _Reading:
    """Where the reading of a sheet stands."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.blocks: list[Block] = []
        self.titles: list[str] = []  # the nearest first
        self.headings: list[int] = []
        self.rows: list[int] = []
        self.sections: dict[int, str] = {}
        self.pending: list[str] = []  # lonely texts since the last row of data
        self.is_after_blank = False

    def read(self, number: int) -> None:
        row = self.sheet.rows[number]
        filled = [text for text in row if text]
        if not filled:
            self.is_after_blank = True
            return
        numbers = [text for text in filled if is_number(text)]
        if self._is_heading(row, filled, numbers):
            self._heading(number)
        elif (
            numbers
            or (len(filled) > 1 and (self.rows or self.headings))
            or (len(filled) == 1 and self._is_blank_period(row))
        ):
            self._data(number)
        else:
            self.pending.append(" ".join(filled))
        self.is_after_blank = False

    def _is_heading(self, row: tuple[str, ...], filled: list[str], numbers: list[str]) -> bool:
        if len(filled) < 2:
            return False
        if numbers:
            return len(numbers) == len(filled) - bool(not is_number(row[0])) and self._numbers_periods(
                row, numbers
            )
        if any(looks_hidden(text) and not is_period(text) for text in filled[1:]):
            return False
        if not self.rows:
            return True
        # Below data: a heading again if it fills columns in which numbers stood.
        numeric = {i for r in self.rows for i, text in enumerate(self.sheet.rows[r]) if is_number(text)}
        texts = [text for i, text in enumerate(row) if i in numeric and text]
        return len(texts) >= max(1, len(numeric) // 2) and (
            all(map(is_period, texts)) or self.is_after_blank or bool(self.pending) or len(texts) > 1
        )

    def _numbers_periods(self, row: tuple[str, ...], numbers: list[str]) -> bool:
        """Say whether the numbers of a row are years, or the numbers of quarters, in order."""
        if self.rows or (self.headings and not self.is_after_blank and not _names_periods(row)):
            return False
        if all(_YEAR.fullmatch(text) for text in numbers):
            years = [int(text) for text in numbers]
            return len(years) > 1 and years == sorted(years) and years[-1] - years[0] < len(years) + 1
        return _names_periods(row) and all(re.fullmatch(r"[1-9]|1[0-2]", text) for text in numbers)

    def _is_blank_period(self, row: tuple[str, ...]) -> bool:
        """Say whether a lonely period stands in the column in which the rows above have theirs."""
        column = next(i for i, text in enumerate(row) if text)
        above = [self.sheet.rows[r][column] for r in self.rows]
        return bool(above) and is_period(row[column]) and sum(map(is_period, above)) * 2 > len(above)

    def _heading(self, number: int) -> None:
        if self.rows:
            self.close()
        if self.headings and (self.is_after_blank or self.pending):
            self.titles = [*(" ".join(filter(None, self.sheet.rows[r])) for r in self.headings), *self.titles]
            self.headings = []
        self.titles = [*reversed(self.pending), *self.titles]
        self.pending = []
        self.headings = [*self.headings, number][-_MOST_HEADING_ROWS:]

    def _data(self, number: int) -> None:
        if self.pending and not self.rows:
            if self.headings:
                self.sections[number] = self.pending[-1]
            else:
                self.titles = [*reversed(self.pending), *self.titles]
        elif self.pending:
            self.sections[number] = self.pending[-1]
        elif self.rows and self.rows[-1] in self.sections:
            self.sections[number] = self.sections[self.rows[-1]]
        self.pending = []
        self.rows.append(number)

    def close(self) -> None:
        """End a table; what stood after its last row may be the title of the next."""
        if not self.rows:
            return
        notes = tuple(self.pending)
        block = Block(
            self.sheet, tuple(self.titles), tuple(self.headings), tuple(self.rows), self.sections, notes
        )
        self.blocks.append(block)
        self.headings, self.rows, self.sections = [], [], {}


def _names_periods(row: tuple[str, ...]) -> bool:
    return bool(_COUNTS_PERIODS.fullmatch(plain_text(row[0])))

"""The numbers of one table, each with its label, its part and what is said about its period."""

from __future__ import annotations

import re
from typing import NamedTuple

from victimsmodel.errors import input_error
from victimsmodel.inputs.returns.blocks import Block
from victimsmodel.inputs.returns.columns import Column, cell_parts, is_bare, is_of_quarters, no_quarter
from victimsmodel.inputs.returns.labels import read_label
from victimsmodel.inputs.returns.period_text import (
    Parts,
    is_period,
    period_in,
    plain_text,
    without_part,
    wrong_quarter,
)
from victimsmodel.inputs.returns.periods import joined
from victimsmodel.inputs.returns.values import is_failed

_SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?: .*)?")
_ALL = frozenset(
    ["all", "total", "totals", "grand total", "overall", "sum", "all areas", "all boroughs", "all victims"]
)


class Cell(NamedTuple):
    """A number of a return, or what stands in its place."""

    label: str
    group: str  # empty if the table has no breakdown
    is_whole: bool  # of all groups together
    parts: Parts  # what is said about its period
    period_place: str  # in words
    text: str
    sheet: str
    place: str  # as a user finds it there
    unit: str
    definition: str


class Worded(NamedTuple):
    """A cell of a period with words that are not understood."""

    text: str
    words: str
    place: str


class TableReading:
    """What is the same for all cells of a table, and what stands further up in a merged cell."""

    def __init__(
        self,
        block: Block,
        columns: list[Column],
        titles: tuple[str, ...],
        label: int | None,
        groups: list[Column],
    ) -> None:
        self.block, self.label, self.groups = block, label, groups
        self.columns = columns
        self.values = [column for column in columns if column.kind == "value"]
        self.periods = [column for column in columns if column.kind == "period"]
        self.titles = [*block.titles, *titles]
        self.above: dict[int, str] = {}
        self.unread: list[int] = []  # rows whose period is not understood
        self.worded: list[Worded] = []

    def row(self, row: int) -> list[Cell]:
        """Return the cells of a row."""
        block = self.block
        for column in (*self.periods, *self.groups):
            text = block.cell(row, column.number)
            if column in self.periods and is_failed(text):
                where = f"{block.sheet.where}, {block.sheet.place(row, column.number)}"
                hint = "Mend the formula, or type the period."
                raise input_error(where, "is an error of a formula", "VM301", value=text, hint=hint)
            if column in self.periods and _is_no_quarter(text, column.heading):
                raise no_quarter(f"{block.sheet.where}, {block.sheet.place(row, column.number)}", text)
            if column in self.periods and _SHORT_YEAR.fullmatch(text):
                raise ValueError("a date has a year of two digits; write all four")
            if text:
                self.above[column.number] = text
        label = block.cell(row, self.label) if self.label is not None else ""
        if self.label is not None and not label:
            return []
        section = block.sections.get(row, "")
        of_row = [cell_parts(self.above[c.number], c.heading) for c in self.periods if c.number in self.above]
        is_total = any(not part.total and not part for part in of_row)
        if is_total:
            self.unread.append(row)
            return []
        self.worded += self._worded(row)
        groups = [self.above.get(column.number, "") for column in self.groups]
        found = []
        for column in self.values:
            text = block.cell(row, column.number)
            name, group = self._names(label, section, column, groups)
            parts, place = self._parts(column, of_row, section, name)
            if not name:
                continue
            found.append(
                Cell(
                    self._pure(name), group, not group or _is_all(group), parts, place, text,
                    block.sheet.name, block.sheet.place(row, column.number),
                    self._beside(row, "unit"), self._beside(row, "definition"),
                )
            )  # fmt: skip
        _refuse_repeats(found)
        return found

    def _worded(self, row: int) -> list[Worded]:
        """Return the cells of periods in a row that say more than a period."""
        found = []
        for column in self.periods:
            text = self.block.cell(row, column.number)
            parts, rest = period_in(text)
            words = " ".join(without_part(parts, rest).split())
            if parts and words and not parts.total and words not in _ALL:
                found.append(Worded(text, words, self.block.sheet.place(row, column.number)))
        return found

    def _names(self, label: str, section: str, column: Column, groups: list[str]) -> tuple[str, str]:
        """Return label and group of a cell."""
        if self.label is None:
            heading = column.heading
            own = [*groups, section if section and not is_period(section) else ""]
            return heading, " / ".join(text for text in own if text)
        heading = "" if is_bare(column.heading) else column.heading
        # A heading such as Adults beside the label is a part; one such as Contact above it is no part.
        name = label
        if section and not is_period(section) and not read_label(label).stage:
            name = f"{section}: {label}"
        parts = [*(text for text in groups if not self._is_section_like(text)), heading]
        return name, " / ".join(text for text in parts if text)

    def _is_section_like(self, text: str) -> bool:
        """Say whether a name beside the label only gathers labels, each of which it stands at alone."""
        if len(self.groups) != 1 or self.label is None:
            return False
        labels: dict[str, set[str]] = {}
        above = ""
        for row in self.block.rows:
            above = self.block.cell(row, self.groups[0].number) or above
            labels.setdefault(self.block.cell(row, self.label), set()).add(above)
        return all(len(groups) == 1 for groups in labels.values())

    def _pure(self, name: str) -> str:
        """Return a label without a period that stands in it."""
        found, rest = period_in(name)
        return rest.capitalize() if found and rest and not _runs(name) else name

    def _parts(self, column: Column, of_row: list[Parts], section: str, name: str) -> tuple[Parts, str]:
        """Return what is said about the period of a cell, and where; the nearest place is believed first."""
        in_label = [period_in(name)[0]] if self.label is not None and not _runs(name) else []
        if wrong_quarter(section):
            raise ValueError(f"stands below '{section}', which is no quarter; quarters are Q1 to Q4")
        in_section = [period_in(section)[0]] if is_period(section) else []
        of_column = list(column.parts)
        if self.label is None:  # a column Total beside columns of stages is no total of the year
            of_column = [part for part in of_column if part._replace(total="") or part.total == "to_date"]
        near = [
            (of_column, "the headings of columns"),
            (of_row, "a column of periods" if of_row else ""),
            (in_label, "the names of rows"),
            (in_section, "headings between rows"),
        ]
        said = [(parts, place) for parts, place in near if any(parts)]
        places = [place for _, place in said]
        all_parts = [part for parts, _ in said for part in parts]
        found = joined(all_parts, are_near=True)
        if found.year is None or not (found.quarter or found.half or found.months or found.total):
            for texts, place in (
                (self.titles, "a title"),
                ([self.block.sheet.name], "the name of the sheet"),
            ):
                for text in texts:
                    more, _ = period_in(text)
                    if more and not found.quarter and wrong_quarter(text, is_alone=False):
                        raise ValueError(f"{place} says '{text}': no quarter; quarters are Q1 to Q4")
                    merged = joined([found, more]) if more and not _conflicts(found, more) else found
                    if merged != found:
                        found, places = merged, [*places, place]
        if found.total == "year" and (found.quarter or found.months):
            found = found._replace(total="")  # the total of all groups in a quarter
        return found, " with ".join(dict.fromkeys(places))

    def _beside(self, row: int, kind: str) -> str:
        """Return the unit or the definition that stands in a row of labels."""
        if self.label is None:
            return ""
        column = next((column for column in self.columns if column.kind == kind), None)
        return self.block.cell(row, column.number) if column else ""


def _is_no_quarter(text: str, heading: str) -> bool:
    is_bare_number = text.isdigit() and len(text) < 3 and is_of_quarters(heading)
    return bool(wrong_quarter(text, is_alone=False)) or (is_bare_number and text not in tuple("1234"))


def _refuse_repeats(cells: list[Cell]) -> None:
    """Refuse two columns of one name; the message follows the name of a row."""
    places: dict[tuple[str, str, Parts], str] = {}
    for cell in cells:
        key = (cell.label, cell.group, cell.parts)
        if key in places:
            raise ValueError(f"two columns have the same name ({cell.label}): {places[key]} and {cell.place}")
        places[key] = cell.place


def _conflicts(found: Parts, more: Parts) -> bool:
    """Say whether a title speaks of another period than the table below it, as a title of many years does."""
    pairs = ((found.year, more.year), (found.quarter, more.quarter))
    return any(a is not None and b is not None and a != b for a, b in pairs)


def _runs(name: str) -> bool:
    """Say whether a label is of a sum since the start of the year, whatever its period."""
    found, rest = period_in(name)
    return bool(rest) and found.total == "to_date"


def _is_all(group: str) -> bool:
    return plain_text(group) in _ALL

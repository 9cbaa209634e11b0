"""The period of every number of a return, once it is settled what its texts mean."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from victimsmodel.inputs.returns.period_text import Parts, period_in
from victimsmodel.inputs.returns.periods import Span, YearStart, joined, span_of
from victimsmodel.inputs.returns.table_reading import Cell

MonthsMean = Literal["month", "quarter_start", "quarter_end", ""]


class Conventions(NamedTuple):
    """What the file leaves open about its periods; empty: not said."""

    period: str = ""
    year_starts: YearStart = ""
    months_mean: MonthsMean = ""

    @classmethod
    def of(cls, period: str, year_starts: str, months_mean: str) -> Conventions:
        """Take what a mapping says; what is unsure is not said."""
        starts: YearStart = (
            "april" if year_starts == "april" else "january" if year_starts == "january" else ""
        )
        meanings: tuple[MonthsMean, ...] = ("month", "quarter_start", "quarter_end")
        return cls(period, starts, next((name for name in meanings if name == months_mean), ""))


class Resolved(NamedTuple):
    """A cell with its months; a total has a span of a year, or none if its year is not said."""

    cell: Cell
    span: Span | None
    total: Literal["", "year", "to_date"]


class Unsettled(NamedTuple):
    """A cell whose period is not settled, and why."""

    cell: Cell
    why: str


def months_meaning(cells: Sequence[Cell]) -> MonthsMean | Literal["unsure"]:
    """Say what single months stand for, from their distances; empty if there are none."""
    points = [cell.parts for cell in cells if _is_point(cell.parts)]
    if not points:
        return ""
    months = sorted({part.year * 12 + part.months[0] - 1 for part in points if part.year and part.months})
    gaps = {later - sooner for sooner, later in pairwise(months)}
    if not gaps:
        return "unsure"
    if all(gap % 3 == 0 for gap in gaps):
        starts: MonthsMean | Literal["unsure"] = "quarter_start" if months[0] % 3 == 0 else "unsure"
        return "quarter_end" if months[0] % 3 == 2 else starts
    return "month" if 1 in gaps else "unsure"


def _is_point(part: Parts) -> bool:
    return (
        bool(part.months) and part.months is not None and part.months[0] == part.months[1] and not part.ends
    )


def resolve(cells: Sequence[Cell], said: Conventions) -> tuple[list[Resolved], list[Unsettled]]:
    """Return the months of each cell.

    Parameters
    ----------
    cells : sequence of Cell
    said : Conventions
        ``months_mean`` is inferred from the distances between months unless it is said.

    Returns
    -------
    list of Resolved, list of Unsettled
    """
    outside = period_in(said.period)[0]
    cells = [cell._replace(parts=_completed(cell.parts, outside)) for cell in cells]
    meaning = said.months_mean or months_meaning(cells)
    points = 3 if meaning.startswith("quarter") else 1
    found, unsettled = [], []
    for cell in cells:
        if cell.parts.total:
            found.append(_total(cell, said))
            continue
        if meaning == "unsure" and _is_point(cell.parts):
            unsettled.append(
                Unsettled(cell, "names a month: say `months_mean: month`, `quarter_start` or `quarter_end`")
            )
            continue
        try:
            span = span_of(cell.parts, said.year_starts, points, meaning == "quarter_end")
        except ValueError as error:
            unsettled.append(Unsettled(cell, str(error)))
            continue
        found.append(Resolved(cell, span, ""))
    return found, unsettled


def _completed(parts: Parts, outside: Parts) -> Parts:
    """Fill in what the mapping says and the file does not."""
    is_whole = parts.year is not None and (parts.quarter or parts.half or parts.months)
    if is_whole or (parts.year is not None and outside.year not in (None, parts.year)):
        return parts
    if parts.quarter or parts.half or parts.months:
        outside = outside._replace(quarter=None, half=None, months=None)
    return joined([parts, outside])


def _total(cell: Cell, said: Conventions) -> Resolved:
    parts = cell.parts._replace(quarter=None, half=None, months=None)
    if parts.year is None:
        return Resolved(cell, None, parts.total)
    begins = 3 if parts.is_financial or said.year_starts != "january" else 0
    return Resolved(cell, Span(parts.year * 12 + begins, 12), parts.total)

"""Months that are meant by what texts say about a period."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from victimsmodel.inputs.returns.period_text import Parts

YearStart = Literal["april", "january", ""]


class Span(NamedTuple):
    """Whole months: the first one, counted from year 0, and how many."""

    first: int
    months: int

    @property
    def year(self) -> int:
        """First calendar year of the financial year in which the span begins."""
        return (self.first - 3) // 12

    @property
    def start(self) -> str:
        """First day, as an ISO date."""
        return f"{self.first // 12:04d}-{self.first % 12 + 1:02d}-01"

    @property
    def is_quarter(self) -> bool:
        """Whether it is a quarter of the financial year, which are those of the calendar too."""
        return self.months == 3 and self.first % 3 == 0

    def __str__(self) -> str:
        year = f"{self.year}/{(self.year + 1) % 100:02d}"
        place = (self.first - 3) % 12
        if self.is_quarter:
            return f"{year} Q{place // 3 + 1}"
        if self.months == 12 and place == 0:
            return year
        if self.months == 6 and place % 6 == 0:
            return f"{year} H{place // 6 + 1}"
        last = self.first + self.months - 1
        end = f"{last // 12:04d}-{last % 12 + 1:02d}"
        return end if self.months == 1 else f"{self.start[:7]} to {end}"


def joined(parts: Iterable[Parts], are_near: bool = False) -> Parts:
    """Put together what several places say; the nearer places come first and are believed.

    Places that are near, such as two columns of a table, may name a quarter and a month in it.

    Raises
    ------
    ValueError
        If two places name different quarters or years, so that none can be believed.
    """
    result = Parts()
    for part in parts:
        if result.year is not None and part.year is not None and result.year != part.year:
            if result.months or part.months or result.is_financial != part.is_financial:
                continue  # January to March 2018 below a heading 2017/18
            raise ValueError(f"names the year {result.year} in one place and {part.year} in another")
        if result.quarter and part.quarter and result.quarter != part.quarter:
            raise ValueError(f"names quarter {result.quarter} in one place and {part.quarter} in another")
        if not (result.quarter or result.half or result.months):
            result = result._replace(quarter=part.quarter, half=part.half, months=part.months)
        elif are_near and (result.months is None or part.months is None):
            result = result._replace(
                quarter=result.quarter or part.quarter, months=result.months or part.months
            )
        if result.year is None and part.year is not None:
            apart = result.months is not None and part.months is None
            result = result._replace(year=part.year, is_financial=part.is_financial, is_apart=apart)
            result = result._replace(year_at=part.year_at)
        result = result._replace(
            total=result.total or part.total,
            ends=result.ends or part.ends,
            is_month_end=result.is_month_end or part.is_month_end,
            is_part=result.is_part or part.is_part,
        )
    return result


def span_of(parts: Parts, year_starts: YearStart = "", points: int = 1, at_end: bool = False) -> Span:
    """Return the months that are meant.

    Parameters
    ----------
    parts : Parts
    year_starts : {"april", "january", ""}
        What the first quarter of "2017" begins with; empty if nobody said.
    points, at_end : int, bool
        How many months a single month stands for (1, or 3 for a quarter), and whether it is the last.

    Raises
    ------
    ValueError
        If the text does not settle it; the message says what is missing.
    """
    if parts.year is None:
        raise ValueError("does not say which year it is")
    year = parts.year
    if parts.months:
        if parts.is_apart and not parts.is_financial and parts.months[0] != parts.months[1]:
            starts = year_starts or _begins(parts.months, parts.quarter, year)
            parts = parts._replace(is_financial=starts == "april")
        return _span_of_months(parts, points, at_end)
    part, length = (parts.quarter, 3) if parts.quarter else (parts.half, 6)
    if part is None:
        return Span(year * 12 + (3 if parts.is_financial else 0), 12)
    if not parts.is_financial and not year_starts:
        raise _either_year(year)
    first = 3 if parts.is_financial or year_starts == "april" else 0
    return Span(year * 12 + first + (part - 1) * length, length)


def _begins(months: tuple[int, int], quarter: int | None, year: int) -> YearStart:
    """Return the month the year begins with, from the number of a quarter of known months."""
    place = (months[0] - 1) // 3 + 1
    if quarter == place:
        return "january"
    if quarter == (place + 2) % 4 + 1:
        return "april"
    raise _either_year(year)


def _either_year(year: int) -> ValueError:
    allowed = f"may be of the calendar year {year} or of the financial year {year}/{(year + 1) % 100:02d}"
    return ValueError(f"{allowed}: say `year_starts: april` or `january`")


def _span_of_months(parts: Parts, points: int, at_end: bool) -> Span:
    assert parts.months is not None
    assert parts.year is not None
    first, last = parts.months
    length = (last - first) % 12 + 1
    year = parts.year
    if parts.is_financial:
        year += first < 4
    elif parts.year_at == "last" and last < first:
        year -= 1
    span = Span(year * 12 + first - 1, length)
    if first == last and (points == 3 or parts.ends):
        span = Span(span.first - (2 if at_end or parts.ends else 0), 3)
    if parts.quarter and length == 3:
        place = span.first % 12
        if parts.quarter not in ((place - 3) % 12 // 3 + 1, place // 3 + 1):
            raise ValueError(f"calls these months quarter {parts.quarter}, which they are in no usual year")
    return span

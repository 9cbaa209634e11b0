"""Dates and hours as they are typed in this country: day before month, or as ISO writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_BRITISH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
_FULL_BRITISH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}\b")
_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4}|\d{2})")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.]\d{2}(?:\.\d+)?)?\s*([ap]\.?m\.?)?", re.IGNORECASE)
Order = Literal["day_first", "month_first"]
ORDERS: tuple[Order, ...] = ("day_first", "month_first")

_LAST_MONTH = 12
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def date_of(text: str, order: Order = "day_first") -> date:
    """Return the date that a text begins with; ValueError, which does not repeat it, if there is none."""
    head = re.split(r"[T ](?=\d{1,2}[:.]\d{2})", text.strip(), maxsplit=1)[0].strip().rstrip(",")
    try:
        if found := _ISO.fullmatch(head):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _BRITISH.fullmatch(head):
            day, month = (1, 2) if order == "day_first" else (2, 1)
            return date(_year(found[3]), int(found[month]), int(found[day]))
        if (found := _NAMED.fullmatch(head)) and found[2].casefold()[:3] in _MONTHS:
            return date(_year(found[3]), _MONTHS.index(found[2].casefold()[:3]) + 1, int(found[1]))
    except ValueError:
        pass
    raise ValueError("must be a date that exists, such as 2026-04-30 or 30/04/2026")


def orders_of(texts: Iterable[str]) -> set[Order] | None:
    """Return the orders of day and month that dates of digits show; None if they are all the same either way.

    A date such as 13/02/2026 shows its order, 01/02/2026 does not and 02/02/2026 needs none.

    Examples
    --------
    >>> orders_of(["01/02/2026", "13/02/2026"])
    {'day_first'}
    >>> orders_of(["01/02/2026"])
    set()
    """
    shown: set[Order] = set()
    is_open = False
    for text in texts:
        found = _FULL_BRITISH.match(text.strip())
        if found is None:
            continue
        first, second = int(found[1]), int(found[2])
        if first > _LAST_MONTH:
            shown.add("day_first")
        if second > _LAST_MONTH:
            shown.add("month_first")
        is_open |= first != second
    return shown if shown or is_open else None


def hour_of(text: str) -> float:
    """Return the hour that a text ends with, as 18.5 for half past six; ValueError if there is none."""
    tail = re.split(r"[T ](?=\d{1,2}[:.]\d{2})", text.strip(), maxsplit=1)[-1].strip()
    found = _TIME.fullmatch(tail)
    if found:
        hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").casefold()[:1]
        hour = hour % 12 + 12 * (half == "p") if half else hour
        if hour < 24 and minute < 60:
            return hour + minute / 60
    raise ValueError("must be a time of day such as 18:30")


def _year(text: str) -> int:
    """Return a year; of two digits, the one that is past or at most ten years ahead."""
    year = int(text)
    if year > 99:
        return year
    return 2000 + year if 2000 + year <= datetime.now().year + 10 else 1900 + year

"""Days as files state them, and as they are read."""

from __future__ import annotations

import re
from datetime import date

#: A day as files state it; not within a longer name, such as that of a file.
DAY = re.compile(r"(?<![\w./-])\d{4}-\d{2}-\d{2}(?![\w/-]|\.\w)")


def day_of(text: str) -> date | None:
    """Return the day that a text states as files do, ``2022-04-01``; None if it states something else."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:  # the 31st of February
        return None


def day_words(day: date) -> str:
    """Return a day as it is read.

    Examples
    --------
    >>> day_words(date(2022, 4, 1))
    '1 April 2022'
    """
    return f"{day.day} {day:%B %Y}"


def days_in_words(text: str) -> str:
    """Return a text whose days are written as they are read; what is no day stays.

    Examples
    --------
    >>> days_in_words("published 2026-02-05, as data-2026-02-05.csv")
    'published 5 February 2026, as data-2026-02-05.csv'
    """

    def worded(found: re.Match[str]) -> str:
        day = day_of(found[0])
        return found[0] if day is None else day_words(day)

    return DAY.sub(worded, text)

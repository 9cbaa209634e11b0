"""What the audit finds in a file: tables, sentences, and what it could not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd


class FoundTable(NamedTuple):
    """A table of a file, its cells as text or numbers."""

    file: str
    table: pd.DataFrame


class FoundText(NamedTuple):
    """What a file says in words."""

    file: str
    lines: tuple[str, ...]


class UnreadFile(NamedTuple):
    """A file, or a part of one, that may tell of people and could not be read, and why."""

    file: str
    why: str = "damaged, or of another kind than its name says"


class FoundPicture(NamedTuple):
    """A picture of points: it cannot be read, only compared with others by its content."""

    file: str
    content: str  # SHA-256


Found = FoundTable | FoundText | UnreadFile | FoundPicture


def blocks(rows: list[list[Any]]) -> Iterator[pd.DataFrame]:
    """Yield the tables of a sheet: stretches of rows between those with fewer than two cells."""
    block: list[list[Any]] = []
    for row in [*rows, []]:
        if sum(cell not in ("", None) for cell in row) >= 2:
            block.append(row)
            continue
        if len(block) >= 2:
            yield framed(block)
        block = []


def framed(rows: list[list[Any]]) -> pd.DataFrame:
    """Return rows as a table, headed by the first."""
    width = max(map(len, rows))
    even = [[*row, *[""] * (width - len(row))] for row in rows]
    return pd.DataFrame(even[1:], columns=distinct(even[0]), dtype=object)


def distinct(names: list[Any]) -> list[str]:
    """Return headings of which none stands twice."""
    found: list[str] = []
    for name in names:
        text = str(name)
        found.append(text if text not in found else f"{text} ({len(found)})")
    return found

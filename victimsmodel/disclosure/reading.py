"""Tables that somebody wrote, read as counts of people: which columns count, which name, which are totals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

#: Labels of rows and columns that hold a total.
_TOTALS = re.compile(r"(grand )?total|all( .*)?|overall|sum|both|everyone|total .*|.* total", re.IGNORECASE)
_MARKS = frozenset(["[c]", "c", "*", "**", "~", "#", "s", "[low]", "..", "-", "suppressed", "<na>", "hidden"])
_BELOW = re.compile(r"(?:<|less than|fewer than) ?(\d+)", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+|-?\d+(?:\.0+)?")
#: Columns of whole numbers that count no people.
_NO_COUNT = re.compile(
    r"(.*\b)?(year|years|month|months|day|days|date|week|quarter|seed|draw|replication|rank|order|index|id"
    r"|number|no|line|row|rows|size|step|steps|attempt|period|periods|fte|minutes?|hours?|score|scale|age"
    r"|low|high|least|most|bound|cost|gbp|price|level|share|rate|ratio|odds|probability|percent|unnamed)(\b.*)?",
    re.IGNORECASE,
)
#: Which columns are contained in which, by the words of this package and of returns.
_PARTS = (("events", "trials"), ("improved", "answered"), ("answered", "eligible"), ("part", "whole"))
_STATED_PARTS = frozenset({*_PARTS})
_LEAST_SHARE = 0.5  # of the filled cells of a column that counts


class ReadTable(NamedTuple):
    """A table as counts: labels of its rows, and the columns that count."""

    labels: pd.DataFrame  # text
    numbers: pd.DataFrame  # NaN where hidden or empty
    is_hidden: pd.DataFrame
    most: pd.DataFrame  # of a hidden count, where the mark says so; else infinite
    totals: tuple[bool, ...]  # rows that are totals over all
    parts: tuple[tuple[str, str], ...]

    @property
    def total_column(self) -> str | None:
        """The column that is the sum of the others."""
        named = [name for name in self.numbers.columns if is_total(name)]
        return named[0] if len(named) == 1 and len(self.numbers.columns) > 2 else None


def is_total(label: Any) -> bool:
    """Whether a label is one of a total."""
    return _TOTALS.fullmatch(str(label).strip()) is not None


def read_counts(table: pd.DataFrame, chain: Sequence[str] = ()) -> ReadTable | None:
    """Return the counts of a table; None if none of its columns counts.

    Parameters
    ----------
    table : DataFrame
    chain : sequence of str
        Names of counts each of which is contained in those before it.
    """
    texts = {str(name): _cells(table.iloc[:, i]) for i, name in enumerate(table.columns)}
    counting = [name for name, cells in texts.items() if _counts(name, cells)]
    if not counting or not len(table):
        return None
    naming = {name: cells for name, cells in texts.items() if name not in counting and _names(cells)}
    labels = pd.DataFrame(naming, index=range(len(table)))
    numbers = pd.DataFrame({name: [_number(x) for x in texts[name]] for name in counting})
    hidden = pd.DataFrame({name: [_is_mark(x) for x in texts[name]] for name in counting})
    most = pd.DataFrame({name: [_most(x) for x in texts[name]] for name in counting})
    totals = tuple(
        any(is_total(x) for x in row) for row in labels.astype(object).itertuples(index=False, name=None)
    ) or (False,) * len(table)
    ordered = [name for name in chain if name in counting]
    parts = tuple(pair for pair in _PARTS if set(pair) <= set(counting))
    parts += tuple((later, earlier) for earlier, later in pairwise(ordered))
    return ReadTable(labels, numbers, hidden, most, totals, parts)


def _cells(column: pd.Series) -> list[str]:
    return ["" if _is_missing(x) else _plain(x) for x in column]


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _plain(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip().lstrip("'")


def _number(text: str) -> float:
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else np.nan


def _is_mark(text: str) -> bool:
    return text.casefold() in _MARKS or _BELOW.fullmatch(text) is not None


def _most(text: str) -> float:
    found = _BELOW.fullmatch(text)
    return float(found[1]) - 1 if found else np.inf


def _counts(name: str, cells: list[str]) -> bool:
    """Whether a column holds whole numbers of at least 0, marks beside them at most, and may count people."""
    words = re.sub(r"[_\W]+", " ", name)
    filled = [x for x in cells if x]
    if not filled or (_NO_COUNT.fullmatch(words) and not is_total(name)):
        return False
    numbers = [_number(x) for x in filled]
    known = [x for x in numbers if not np.isnan(x)]
    are_read = all(not np.isnan(n) or _is_mark(x) for n, x in zip(numbers, filled, strict=True))
    if not are_read or len(known) < _LEAST_SHARE * len(filled) * 0.2 or min(known, default=-1) < 0:
        return False
    return not all(1900 <= x <= 2100 for x in known) or len(known) < 2


def _names(cells: list[str]) -> bool:
    return any(x and np.isnan(_number(x)) for x in cells) or all(_number(x) > 1900 for x in cells if x)

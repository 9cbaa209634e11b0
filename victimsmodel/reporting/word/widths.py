"""How wide each column of a table is, so that it fits the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from victimsmodel.reporting.content.model import Bracketed, Column, Inline, Table, Text, plain

_TWIPS_PER_CM = 567
_LETTER = 0.165  # cm of an average letter of a table's text (8.5 points); digits are a little wider
_SMALL, _BOLD = 0.9, 1.12  # how wide letters of an interval and of a head are beside it
_PADDING = 0.34  # cm at both sides of a cell together
_WIDEST_LINE = 40  # letters beyond which a text is broken rather than the column widened
_SHORT_LINE = 15  # letters of a text's line that is kept whole as numbers are
_USUAL = 0.8  # share of the lines of a column that should not be broken, if there is room
_RARE = 0.6  # what the longest line of a column gets of its length, however rare such lines are
_MOST_TEXTS = 3  # columns of text beside the headings of rows that have room on an upright page


def column_widths(table: Table, available: int) -> list[int]:
    """Return the widths of the columns of a table, its headings' first.

    Each column gets what its longest word needs, then what keeps numbers, intervals and short texts on one
    line, then what usual lines of text ask for; as far as there is room, in equal shares of what is asked.

    Parameters
    ----------
    table : Table
    available : int
        Twips.

    Returns
    -------
    list of int
        Twips; their sum is `available`.
    """
    levels = _levels(table)
    if available <= sum(levels[0]):
        shares = [width * available / sum(levels[0]) for width in levels[0]]
    elif available >= sum(levels[-1]):
        shares = [width * available / sum(levels[-1]) for width in levels[-1]]
    else:
        low, high = next(pair for pair in pairwise(levels) if sum(pair[0]) <= available <= sum(pair[1]))
        part = (available - sum(low)) / max(sum(high) - sum(low), 1.0)
        shares = [a + part * (b - a) for a, b in zip(low, high, strict=True)]
    widths = [int(share) for share in shares]
    return [widths[0] + available - sum(widths), *widths[1:]]


def is_wide(table: Table, available: int) -> bool:
    """Whether a table needs a page on its side: many columns of text, or words that do not fit."""
    texts = sum(not column.is_number for column in table.columns)
    return texts > _MOST_TEXTS or sum(_levels(table)[0]) > available


def _levels(table: Table) -> list[list[float]]:
    """Return what the columns need for words, for numbers on one line too, and for usual lines too."""
    columns = [(Column(table.head, is_number=False), [row.title for row in table.rows])]
    columns += [(column, [row.cells[i] for row in table.rows]) for i, column in enumerate(table.columns)]
    needs = [_needs(column, [line for text in texts for line in lines(text)]) for column, texts in columns]
    return [[(need[level] * _LETTER + _PADDING) * _TWIPS_PER_CM for need in needs] for level in range(3)]


def _needs(column: Column, said: Sequence[tuple[str, float]]) -> tuple[float, float, float]:
    """Return the letters that a column needs for its words, for its numbers, and for its usual lines."""
    words = max(_longest_word(text) * size for text, size in [(column.title, _BOLD), *said])
    lengths = sorted(len(text) * size for text, size in said if text) or [0.0]
    numbers = max(words, min(lengths[-1], _WIDEST_LINE if column.is_number else _SHORT_LINE))
    usual = min(lengths[int(_USUAL * (len(lengths) - 1))], _WIDEST_LINE)
    return words, numbers, max(numbers, usual, _RARE * min(lengths[-1], _WIDEST_LINE))


def lines(text: Text) -> list[tuple[str, float]]:
    """Return the lines of a cell, and how large their letters are; an interval has a line of its own."""
    found = [("", 1.0)]
    for line in _split(text):
        if line is None:
            found.append(("", 1.0))
        else:
            found[-1] = (found[-1][0] + line[0], line[1])
    return found


def _split(text: Iterable[Inline]) -> Iterable[tuple[str, float] | None]:
    for piece in text:
        if isinstance(piece, Bracketed):
            yield None
            yield plain(piece.parts), _SMALL
            yield None
        else:
            yield plain((piece,)), 1.0


def _longest_word(text: str) -> int:
    return max((len(word) for word in text.replace("-", "- ").split()), default=1)

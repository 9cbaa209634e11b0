"""Quotes that are not closed, and separators that nobody reads: what makes rows run into each other."""

from __future__ import annotations

import csv
import io
from collections import Counter

from victimsmodel.errors import input_error

_OPEN = "opens a quote that never ends"
_SWALLOWED = "has a cell with line breaks and separators in it"
_OTHERS = ";\t|^~:/\\#!§¦*"  # what is taken for a separator where no usual one stands


def refuse_swallowed(where: str, text: str, delimiter: str, code: str) -> None:
    """Refuse text in which a quote is not closed, so that rows were taken for the inside of a cell.

    Raises
    ------
    InputError
        With the row in which the quote opens.
    """
    if '"' not in text:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for row in reader:
            if any("\n" in cell and delimiter in cell for cell in row):
                raise input_error(f"{where}, row {start}", _SWALLOWED, code, hint="Is a quote not closed?")
            start = reader.line_num + 1
    except csv.Error:
        if text.count('"') % 2:  # a quote within a cell that has none around it is an ordinary sign
            raise input_error(f"{where}, row {start}", _OPEN, code) from None


def other_separator(text: str) -> str:
    r"""Return a hint that names the separator which text without a usual one seems to have; empty if none.

    Examples
    --------
    >>> other_separator("a^b^c\n1^2^3")
    "Found '^': separate columns by ',' instead."
    """
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:20]
    counts = [Counter(line) for line in lines]
    for sign in _OTHERS:
        if lines and counts[0][sign] and all(count[sign] == counts[0][sign] for count in counts):
            shown = {"\t": "a tab"}.get(sign, f"'{sign}'")
            return f"Found {shown}: separate columns by ',' instead."
    return ""

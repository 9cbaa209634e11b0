"""What a cell of an official table says: a count, a mark for a missing number, a period."""

from __future__ import annotations

import re

#: Marks that official statistics put in place of a number; what they hide is missing, never zero.
MARKS = frozenset(
    [
        "-",
        "–",
        "—",
        ".",
        "..",
        "…",
        "...",
        ":",
        "*",
        "**",
        "~",
        "x",
        "z",
        "c",
        "u",
        "w",
        "#",
        "<5",
        "n/a",
        "na",
        "n.a.",
        "[x]",
        "[z]",
        "[c]",
        "[u]",
        "[w]",
        "[e]",
        "[low]",
    ]
) | {"not available"}

_TOTAL = re.compile(
    r"(?:grand |sub[- ]?)?totals?\b.*|overall|sum"
    r"|all(?: (?:areas|forces|offences|crimes?|police forces|csps|las))?"
    r"|(?:england(?:,? (?:and )?wales)?|wales|great britain|united kingdom|uk)(?: total)?"
)
_PLAIN = re.compile(r"[-+]?[0-9]+(\.0*)?")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.0*)?")
_DASH = re.compile("[\N{EN DASH}\N{EM DASH}]")
_YEAR = re.compile(r"([0-9]{4})\s*[/_–-]\s*([0-9]{4}|[0-9]{2})")
_LONGEST = 40  # characters; of some thousand digits Python makes no number
_LARGEST = 2**53  # beyond it a spreadsheet has rounded the count


def count_of(text: str) -> int | None:
    """Return a whole number that is written out in full, or None for a mark.

    Raises
    ------
    ValueError
        If the text is neither; it says what is allowed and perhaps, as a second text, what is likely meant.
    """
    cleaned = text.strip().replace("\u2212", "-").replace("\u00a0", "")
    if cleaned.casefold() in MARKS:
        return None
    is_number = _PLAIN.fullmatch(cleaned) or _THOUSANDS.fullmatch(cleaned)
    if is_number and len(cleaned) <= _LONGEST:
        digits = cleaned.lstrip("+-").replace(",", "").partition(".")[0]
        number = -int(digits) if cleaned.startswith("-") else int(digits)
        if digits.startswith("0") and digits != "0":
            raise ValueError("has a leading zero", f"Did you mean {number}?")
        if abs(number) < _LARGEST:
            return number
    if any(sign.isdecimal() and not sign.isascii() for sign in cleaned):
        raise ValueError("must be written in the digits 0 to 9")
    raise ValueError("must be a whole number such as 1234 or 1,234, or a mark such as [x] or ..")


def spelt_alike(text: str) -> str:
    """Return a name without what differs between files: case, spaces, & for and, kinds of dashes.

    Examples
    --------
    >>> spelt_alike("Criminal  damage & arson \N{EN DASH} total")
    'criminal damage and arson - total'
    """
    return " ".join(_DASH.sub("-", text.casefold().replace("&", " and ")).split())


def name_of(text: str) -> str:
    """Return the name of an area or offence; ValueError if it is empty or that of a sum of others."""
    if not text:
        raise ValueError("must not be empty; rows of totals have no place in this table")
    if _TOTAL.fullmatch(spelt_alike(text)):
        raise ValueError("is a total of other rows; leave rows of totals out")
    return text


def decimal_of(text: str) -> float | None:
    """Return a number with a decimal point, or None for a mark; errors as in `count_of`."""
    cleaned = text.strip().replace("\u2212", "-").replace("\u00a0", "")
    if cleaned.casefold() in MARKS:
        return None
    if re.fullmatch(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?([eE][-+]?\d+)?", cleaned, re.ASCII):
        return float(cleaned.replace(",", ""))
    raise ValueError("must be a number such as 0.35, or a mark such as [x] or ..")


def first_year(text: str) -> int:
    """Return 2012 for the financial year 2012/13, however it is written; ValueError if it is none."""
    found = _YEAR.fullmatch(text.strip())
    if found:
        start, end = int(found[1]), int(found[2])
        if end in (start + 1, (start + 1) % 100) and 1900 < start < 2100:
            return start
    raise ValueError("must be a financial year such as 2012/13")


def quarter_number(text: str) -> int:
    """Return the number of a financial quarter, 1 (April to June) to 4; ValueError if it is none."""
    cleaned = text.strip().upper().removeprefix("QUARTER").removeprefix("Q").strip().removesuffix(".0")
    if cleaned in ("1", "2", "3", "4"):
        return int(cleaned)
    raise ValueError("must be a financial quarter, 1 (April to June) to 4")

"""What a cell of a return says: a count, a count that is hidden, or nothing."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from typing import Literal, NamedTuple

from victimsmodel.inputs.downloads.cells import MARKS, decimal_of
from victimsmodel.inputs.returns.period_text import plain_text

State = Literal["count", "suppressed", "missing", "blank"]

#: Marks of official statistics that hide a small count; the others say that there is none to show.
_HIDING = frozenset(["*", "**", "~", ":", "c", "[c]", "[low]", "#", "s", "supp", "suppressed"])
#: What a mark hides is below this unless the mapping states it: 1 to 4 (assumption).
ASSUMED_BELOW = 5
_NOTHING = frozenset(["nil", "none", "zero"])
_ABSENT = re.compile(
    r"(?:not? (?:yet )?(?:recorded|collected|available|known|applicable|data|returned?|reported"
    r"|provided)|no data"
    r"|n ?k|n\.?k\.?|nr|tb[cda]|awaited|pending|unknown|missing|\?+)"
)
#: What a spreadsheet shows where a formula failed; a count stood there, so that it is not merely missing.
_FAILED = re.compile(r"#(?:ref|n/a|div/0|value|name|null|num|spill|calc|error)[!?]?")
#: A zero in front of other digits, which may be a lost sign or a code instead of a count.
_LEADING_ZERO = re.compile(r"0[\d,]*\d")
_BELOW = re.compile(r"(<|≤|<=|fewer than|less than|under|up to)\s*(\d{1,3})")
_RANGE = re.compile(r"(\d{1,3})\s*(?:-|to)\s*(\d{1,3})")
_NOTE = re.compile(
    r"\s*(?:\[[^\]]*\]|\((?:p|r|e|prov\w*|provisional|revised|estimated?|\d)\)|[*†‡¹²³]+|(?<=\d)[pre])$", re.I
)
_SPACED = re.compile(r"\d{1,3}([ \u2009\u202f\u00a0']\d{3})+")
_NUMBER = re.compile(r"[-+−(]?\s*£?\s*\d[\d,.\s\u00a0]*\)?\s*%?")
_LARGEST = 2**53  # beyond it a spreadsheet has rounded the count


class Value(NamedTuple):
    """A cell: its count, or the least and the most that it can be."""

    state: State
    value: float  # NaN unless counted
    low: float  # 0 where nothing is known
    high: float  # infinite where nothing is known
    has_note: bool = False  # a mark such as (p) stands behind the number
    is_assumed: bool = False  # nobody said what the mark hides


_MISSING = Value("missing", float("nan"), 0.0, float("inf"))


class NoCountError(ValueError):
    """A cell that is no count: what is allowed, the likely intention as a sentence, and the code."""

    def __init__(self, allowed: str, hint: str = "", code: str = "VM113") -> None:
        super().__init__(allowed)
        self.allowed, self.hint, self.code = allowed, hint, code


def looks_numeric(text: str) -> bool:
    """Say whether a cell holds a number of any kind, also one that is no count."""
    cleaned = _NOTE.sub("", text.strip())
    return bool(_NUMBER.fullmatch(cleaned))


def looks_hidden(text: str) -> bool:
    """Say whether a cell holds a mark in place of a number."""
    cleaned = plain_words(text)
    return cleaned in MARKS | _HIDING | _NOTHING or bool(
        _ABSENT.fullmatch(cleaned)
        or is_failed(cleaned)
        or _BELOW.fullmatch(cleaned)
        or _RANGE.fullmatch(cleaned)
    )


def is_failed(text: str) -> bool:
    """Say whether a cell holds the error of a formula, such as #REF!."""
    return bool(_FAILED.fullmatch(plain_words(text)))


def is_share(text: str) -> bool:
    """Say whether a cell holds a percentage or a number with decimals, which is no count."""
    cleaned = text.strip()
    return cleaned.endswith("%") or bool(re.fullmatch(r"[-+]?\d*\.\d*[1-9]\d*", cleaned.replace(",", "")))


def plain_words(text: str) -> str:
    """Return a mark without case and with plain spaces; brackets and stars are kept."""
    return " ".join(text.replace("\u00a0", " ").casefold().split())


def value_of(text: str, suppressed_below: int | None) -> Value:
    """Return what a cell says.

    Parameters
    ----------
    text : str
    suppressed_below : int or None
        Counts from 1 to one less are hidden by marks such as ``*``; `ASSUMED_BELOW` if nobody said.

    Raises
    ------
    NoCountError
        If the text is a number but no count, or the error of a formula.
    """
    cleaned = plain_words(text)
    if not cleaned:
        return _MISSING._replace(state="blank")
    if is_failed(text):
        raise NoCountError("is an error of a formula", "Mend the formula, or type the value.", "VM301")
    _refuse_other_digits(text)
    if cleaned in _NOTHING:
        return Value("count", 0.0, 0.0, 0.0)
    below, between = _BELOW.fullmatch(cleaned), _RANGE.fullmatch(cleaned)
    if below:
        is_included = below[1] in ("≤", "<=", "up to")  # which may hide a zero too
        most = float(below[2]) - (not is_included)
        return Value("suppressed", float("nan"), 0.0 if is_included else min(1.0, most), most)
    if between and int(between[1]) < int(between[2]):
        return Value("suppressed", float("nan"), float(between[1]), float(between[2]))
    if cleaned in _HIDING:
        most = float((suppressed_below or ASSUMED_BELOW) - 1)
        return Value("suppressed", float("nan"), 1.0, most, is_assumed=suppressed_below is None)
    if cleaned in MARKS or _ABSENT.fullmatch(plain_text(text)) or _ABSENT.fullmatch(cleaned):
        return _MISSING
    return _number(text)


def _number(text: str) -> Value:
    cleaned = text.strip().replace("\u00a0", " ")
    bare = _NOTE.sub("", cleaned)
    has_note = bare != cleaned
    if _SPACED.fullmatch(bare):
        bare = re.sub(r"[ \u2009\u202f']", "", bare)
    if _LEADING_ZERO.fullmatch(bare):
        raise NoCountError("has a leading zero", f"Did you mean {int(bare.replace(',', ''))}?")
    number: float | None = None
    with suppress(ValueError):
        number = decimal_of(bare)
    if number is None or number < 0 or not number.is_integer() or number >= _LARGEST:
        raise NoCountError(
            "must be a whole number from 0 up, such as 1234 or 1,234, a mark such as <5, or empty"
        )
    return Value("count", float(number), float(number), float(number), has_note)


def _refuse_other_digits(text: str) -> None:
    """Refuse digits of other scripts, which look like other digits to a reader who does not know them."""
    ours = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    if ours != text:
        raise NoCountError("must be written in the digits 0 to 9", f"Did you mean {ours}?")

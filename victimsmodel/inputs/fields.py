"""Kinds of plain fields that descriptions share: dates, names and titles."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

#: Weeks and days of the year are ISO dates too, and nobody reads them.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_date(text: object) -> object:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text) if isinstance(text, str) and _DAY.fullmatch(text) else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> date:
    raise PydanticCustomError("iso_date", "must be an ISO date that exists, YYYY-MM-DD")


IsoDate = Annotated[date, BeforeValidator(_iso_date)]

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
#: Kinds of characters that are not seen, or turn the text around them: controls, formats, line separators.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})


def _seen(text: str) -> str:
    for char in text:
        if unicodedata.category(char) in _UNSEEN:
            allowed = f"must be one line of visible characters (found U+{ord(char):04X})"
            raise problem_at("", ascii(text)[1:-1][:60], allowed, "VM260")
    return text


Label = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_seen)]


def _real_year(text: str) -> str:
    if "/" in text and int(text[5:]) != (int(text[:4]) + 1) % 100:
        hint = f"Did you mean {text[:4]}/{(int(text[:4]) + 1) % 100:02d}?"
        raise problem_at("", text, "must be two years that follow each other", "VM019", hint)
    return text


#: Beyond it spreadsheets and other tools round whole numbers.
MOST_COUNT = 2**53
Count = Annotated[int, Field(ge=0, le=MOST_COUNT)]
CountOfAny = Annotated[int, Field(ge=1, le=MOST_COUNT)]

YEAR_PATTERN, PRICE_YEAR_PATTERN = r"^[0-9]{4}/[0-9]{2}$", r"^[0-9]{4}$|^[0-9]{4}/[0-9]{2}$"
FinancialYear = Annotated[str, StringConstraints(pattern=YEAR_PATTERN), AfterValidator(_real_year)]
PriceYear = Annotated[str, StringConstraints(pattern=PRICE_YEAR_PATTERN), AfterValidator(_real_year)]


def problem_at(field: str, value: str, allowed: str, code: str, hint: str = "") -> PydanticCustomError:
    """Return the error of a description whose fields do not go together, at one of its fields."""
    problem = {"field": field, "value": value, "allowed": allowed, "code": code, "hint": hint}
    return PydanticCustomError("description", "invalid description", {"problems": [problem]})

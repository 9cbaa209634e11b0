"""What a spreadsheet lets people type into a cell, and what it tells them about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from victimsmodel.inputs.quantities import UNIT_INTERVAL
from victimsmodel.inputs.workbook.described import Allowed
from victimsmodel.inputs.workbook.layout import ESTIMATE_COLUMNS, Row

_LONGEST_MESSAGE = 255  # of Excel
_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
_BELIEVED = ("value", "low", "high")
_MEANINGS: Mapping[str, str] = {
    "value": "The middle of what is believed of the average.",
    "low": "The 5th percentile: 1 in 20 that the average is lower.",
    "high": "The 95th percentile: 1 in 20 that the average is higher.",
    "events": "Instead of value, low and high: how many were observed ...",
    "trials": "... out of how many.",
    "times": "Multiplies the number of business as usual.",
    "times_odds": "Multiplies the odds of the share of business as usual.",
    "quality": "A this area and service, B a like service, C published but derived, old or small, D assumed.",
    "borrowed": "yes: taken from the national defaults. Choose no when you put your own figure.",
    "source": "A key of the sheet Sources, or assumption.",
    "price_year": "Such as 2019/20 or 2019.",
}


def meaning(row: Row, column: str, allowed: Allowed) -> str:
    """Return what a cell may hold, in a phrase."""
    if row.kind == "estimate" and column in _BELIEVED:
        unit = row.cells["unit"].value
        return "a share from 0 to 1 (25% is 0.25)" if unit in UNIT_INTERVAL else "a number above 0"
    words = " or ".join(allowed.choices)
    if allowed.kind in ("number", "integer"):
        noun = "a whole number" if allowed.kind == "integer" else "a number"
        return f"{noun}{_bounds(allowed)}" + (f", or {words}" if words else "")
    if allowed.kind == "list":
        entries = f"any of {', '.join(allowed.choices)}" if allowed.choices else "entries"
        return f"{'numbers' if allowed.of_numbers else entries}, commas between"
    return {"yes_no": "yes or no", "date": "a date"}.get(allowed.kind, words or "text")


def row_meaning(row: Row) -> str:
    """Return what a row may hold, for the column that says so."""
    if row.kind == "estimate":
        return meaning(row, "value", row.cells["value"].allowed)
    if row.kind != "scalar":
        return ""
    allowed = row.cells["value"].allowed
    return meaning(row, "value", allowed) + (", or blank" if allowed.may_be_absent else "")


def validation_of(row: Row, column: str, names: str) -> dict[str, Any]:
    """Return the data validation of a cell.

    Parameters
    ----------
    row : Row
    column : str
    names : str
        Range of the names that the cell may hold, as a formula; empty where it holds none.
    """
    allowed = row.cells[column].allowed
    told = meaning(row, column, allowed)
    is_part = row.kind == "estimate" and column in ESTIMATE_COLUMNS
    prompt = f"{_MEANINGS[column]} " if is_part and column in _MEANINGS else ""
    prompt += "" if column in ("quality", "source", "price_year", "borrowed") else f"Here: {told}."
    rule = _rule(row, column, allowed, names)
    rule |= {
        "ignore_blank": True,
        "input_title": "What may stand here",
        "input_message": _short(prompt if not names else prompt + " Choose from the list."),
        "error_title": "This cannot stand here",
        "error_message": _short(f"Allowed: {'a name of the list' if names else told}."),
        "error_type": "stop",
    }
    return rule


def _rule(row: Row, column: str, allowed: Allowed, names: str) -> dict[str, Any]:
    if names:
        return {"validate": "list", "source": names}
    if row.kind == "estimate" and column in _BELIEVED:
        if row.cells["unit"].value in UNIT_INTERVAL:
            return {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
        return {"validate": "decimal", "criteria": ">", "value": 0}
    if allowed.kind == "yes_no":
        return {"validate": "list", "source": ["yes", "no"]}
    if allowed.kind == "date":
        between = {"minimum": _FIRST_DAY, "maximum": _LAST_DAY}
        return {"validate": "date", "criteria": "between", **between}
    if allowed.kind == "text" and allowed.choices:
        return {"validate": "list", "source": list(allowed.choices)}
    if allowed.kind in ("number", "integer") and not allowed.choices:
        return {"validate": allowed.kind if allowed.kind == "integer" else "decimal", **_criteria(allowed)}
    if allowed.kind == "text" and allowed.longest:
        return {"validate": "length", "criteria": "<=", "value": allowed.longest}
    return {"validate": "any"}


def _criteria(allowed: Allowed) -> dict[str, Any]:
    least = allowed.at_least if allowed.at_least is not None else allowed.above
    most = allowed.at_most if allowed.at_most is not None else allowed.below
    if least is not None and most is not None:  # an open end is left to the loader
        return {"criteria": "between", "minimum": least, "maximum": most}
    if least is not None:
        return {"criteria": ">=" if allowed.at_least is not None else ">", "value": least}
    return {"criteria": "between", "minimum": -1e12, "maximum": 1e12 if most is None else most}


def _bounds(allowed: Allowed) -> str:
    low = f"{allowed.at_least:,.15g}" if allowed.at_least is not None else ""
    high = f"{allowed.at_most:,.15g}" if allowed.at_most is not None else ""
    if low and high:
        return f" from {low} to {high}"
    above = (
        f" above {allowed.above:,.15g}" if allowed.above is not None else f" of at least {low}" if low else ""
    )
    return above + (f" and at most {high}" if high else "")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 3] + "..."

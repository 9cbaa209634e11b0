"""What a cell shows of a stated value, and what a value typed into a cell states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from victimsmodel.inputs.strict_yaml import Rejected, Scalar, read_scalar
from victimsmodel.inputs.workbook.described import Allowed
from victimsmodel.inputs.workbook.layout import Stated

#: What the Python reader of workbooks gives for a cell.
Raw = str | float | bool | date | datetime | time | timedelta | None
Shown = str | float | int | date | None

_DAY_ZERO = date(1899, 12, 30)  # of the serial numbers of spreadsheets
_DAYS = range(1, 2_958_466)  # to the end of the year 9999
_DIGITS = 15  # of a number that a spreadsheet keeps
_YES_NO = {"yes": True, "no": False, "true": True, "false": False}
_UNREADABLE = "VM226"


def shown(value: Stated, allowed: Allowed) -> Shown:
    """Return what a cell shows of a stated value: text, a number or a date."""
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if allowed.kind == "date" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def read_cell(raw: Raw, allowed: Allowed) -> Stated | Rejected:
    """Return what a cell states; blank is nothing.

    Numbers and dates may stand as text, dates as serial numbers; what a spreadsheet made into
    something else than was typed, such as a share into a date, is rejected.
    """
    if isinstance(raw, str):
        raw = raw.replace("_x000D_", "").replace("\r\n", "\n").replace("\u00a0", " ").strip()
    if raw is None or raw == "":
        return None
    if allowed.kind == "date":
        return _date(raw)
    if isinstance(raw, (date, time, timedelta)):
        allowed_text = "is a date or time; a number or text is needed"
        return Rejected(str(raw), allowed_text, _UNREADABLE, "To keep text as typed, type ' before it.")
    if allowed.kind == "list":
        return _list(raw, allowed)
    if allowed.kind in ("number", "integer"):
        return read_scalar(raw) if isinstance(raw, str) else _number(raw)
    if allowed.kind == "yes_no" and isinstance(raw, str):
        return _YES_NO.get(raw.lower(), raw)
    return f"{raw:.{_DIGITS}g}" if isinstance(raw, float) and allowed.kind == "text" else raw


def same(old: Stated, new: Stated) -> bool:
    """Whether two values are the same as far as a spreadsheet can tell."""
    if isinstance(old, tuple) or isinstance(new, tuple):
        olds, news = (x if isinstance(x, tuple) else () for x in (old, new))
        return len(olds) == len(news) and all(map(same, olds, news))
    return _compared(old) == _compared(new)


def _compared(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\u00a0", " ").strip() or None
    if isinstance(value, bool) or value is None:
        return value
    return f"number {value:.{_DIGITS}g}"


def _number(raw: Raw) -> Scalar:
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return float(f"{raw:.{_DIGITS}g}") if isinstance(raw, float) else raw  # type: ignore[return-value]


def _date(raw: Raw) -> Stated | Rejected:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, float) and raw.is_integer() and int(raw) in _DAYS:
        return (_DAY_ZERO + timedelta(days=int(raw))).isoformat()
    return raw if isinstance(raw, str) else Rejected(str(raw), "must be a date", _UNREADABLE)


def _list(raw: Raw, allowed: Allowed) -> Stated | Rejected:
    if not isinstance(raw, str):
        return (_number(raw),) if allowed.of_numbers else (str(raw),)
    items: Sequence[str] = [item.strip() for item in re.split("[,;]", raw) if item.strip()]
    if not allowed.of_numbers:
        return tuple(items)
    read = [read_scalar(item) for item in items]
    wrong = [item for item in read if isinstance(item, Rejected)]
    return wrong[0] if wrong else tuple(item for item in read if not isinstance(item, Rejected))

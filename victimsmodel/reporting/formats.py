"""How numbers are printed: one named format for each kind, the same in prose, tables and figures.

A missing number, such as a share of nobody, is printed as a dash.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import wraps

#: Stands for a number that does not exist.
DASH = "–"

_MINUS = "\N{MINUS SIGN}"
_SPACE = "\N{NO-BREAK SPACE}"
_PENCE_BELOW = 100
_TENS_FROM = 1_000


def _or_dash(show: Callable[[float], str]) -> Callable[[float], str]:
    """Print a missing number as a dash."""

    @wraps(show)
    def shown(x: float) -> str:
        return DASH if math.isnan(x) else show(x)

    return shown


def _rounded(x: float, digits: int) -> float:
    """Round to a power of ten, halves away from zero."""
    scale = 10.0**digits
    return math.copysign(math.floor(abs(x) * scale + 0.5) / scale, x)


def _signed(text: str, x: float) -> str:
    is_zero = not any(digit in text for digit in "123456789")
    return text if is_zero else f"{'+' if x > 0 else _MINUS}{text}"


@_or_dash
def count(x: float) -> str:
    """Persons or hours in a table: to the nearest ten from 1,000 on, whole below."""
    whole = _rounded(x, -1 if abs(x) >= _TENS_FROM else 0)
    return f"{_MINUS if whole < 0 else ''}{abs(whole):,.0f}"


@_or_dash
def about(x: float) -> str:
    """Persons in prose: three significant figures, to the nearest ten from 100 to 1,000."""
    size = abs(x)
    digits = 0 if size < 100 else -1 if size < _TENS_FROM else 2 - int(math.log10(size))
    return f"{_MINUS if x < 0 else ''}{abs(_rounded(x, digits)):,.0f}"


@_or_dash
def share(x: float) -> str:
    """Return a share in per cent: whole from 10 %, one decimal below."""
    return f"{100 * x:.0f}%" if abs(x) >= 0.0995 or abs(x) < 0.0005 else f"{100 * x:.1f}%"


@_or_dash
def share1(x: float) -> str:
    """Return a share in per cent with one decimal, to be compared with others."""
    return f"{100 * x:.1f}%"


@_or_dash
def points(x: float) -> str:
    """Return a difference of two shares in percentage points."""
    return _signed(f"{abs(100 * x):.1f}", x)


@_or_dash
def pounds(x: float) -> str:
    """Return money in a table: pence below 100 pounds, to the nearest 10 from 1,000 and 100 from 10,000."""
    size = abs(x)
    digits = -2 if size >= 10 * _TENS_FROM else -1 if size >= _TENS_FROM else 0
    text = f"{size:,.2f}" if size < _PENCE_BELOW else f"{_rounded(size, digits):,.0f}"
    return f"{_MINUS if x < 0 else ''}£{text}"


@_or_dash
def pounds_about(x: float) -> str:
    """Return money in prose: three significant figures, pence only below 10 pounds."""
    size = abs(x)
    text = f"{size:,.2f}" if size < 10 else about(size) if size >= _TENS_FROM else f"{size:,.0f}"
    return f"{_MINUS if x < 0 else ''}£{text}"


@_or_dash
def probability(x: float) -> str:
    """Return a probability estimated from draws, which is never quite 0 or 1."""
    if x >= 0.995:
        return "over 99%"
    return "under 1%" if x < 0.005 else f"{100 * x:.0f}%"


@_or_dash
def in_ten(x: float) -> str:
    """Return a share as so many in ten, as it is said."""
    tenths = int(_rounded(10 * x, 0))
    if not 1 <= tenths <= 9:
        return "fewer than 1 in 10" if tenths < 1 else "almost all"
    gap = 10 * x - tenths
    word = "about" if abs(gap) <= 0.05 else "nearly" if gap < 0 else "more than"
    return f"{word} {tenths}{_SPACE}in{_SPACE}10"


@_or_dash
def days(x: float) -> str:
    """Return a wait, one decimal."""
    return f"{x:.1f}"


@_or_dash
def plain(x: float) -> str:
    """Return any other number: three significant figures, no exponent."""
    if x == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(x))))
    text = f"{abs(x):,.{decimals}f}"
    trimmed = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{_MINUS if x < 0 else ''}{trimmed}"


@_or_dash
def pounds_exact(x: float) -> str:
    """Return money that is stated and not computed, such as a grant, to the pound."""
    return f"{_MINUS if x < 0 else ''}£{abs(x):,.0f}"


@_or_dash
def decimal1(x: float) -> str:
    """Return a ratio, one decimal."""
    return f"{x:.1f}".replace("-", _MINUS)


@_or_dash
def decimal2(x: float) -> str:
    """Return a correlation, two decimals."""
    return f"{x:.2f}"


def of_draws(n: int) -> str:
    """Return the name of the format that prints a share of `n` draws as how many of them."""
    return f"of_{n}_draws"


#: Below so many draws, shares of them are printed as counts.
MOST_COUNTED = 200


def _counted(n: int) -> Callable[[float], str]:
    return _or_dash(lambda x: f"{x * n:.1f}".removesuffix(".0"))  # a tie counts half


#: The formats by the name that the report gives beside each number.
FORMATS: Mapping[str, Callable[[float], str]] = {
    "count": count,
    "count_signed": lambda x: _signed(count(abs(x)), x),
    "about": about,
    "share": share,
    "share1": share1,
    "points": points,
    "pounds": pounds,
    "pounds_signed": lambda x: _signed(pounds(abs(x)), x),
    "pounds_about": pounds_about,
    "pounds_exact": pounds_exact,
    "percent": _or_dash(lambda x: f"{100 * x:.0f}%"),
    "exact": _or_dash(lambda x: f"{x:,.0f}"),
    "years": _or_dash(lambda x: f"{x:.0f}"),
    "probability": probability,
    "in_ten": in_ten,
    "days": days,
    "decimal1": decimal1,
    "decimal2": decimal2,
    "plain": plain,
    **{of_draws(n): _counted(n) for n in range(1, MOST_COUNTED)},
}

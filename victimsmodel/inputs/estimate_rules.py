"""What must hold within an estimate: its two forms, its ranges, and the year of its prices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

#: Units whose numbers lie strictly between 0 and 1; all others are positive.
UNIT_INTERVAL = frozenset({"probability", "correlation"})

#: Units of which there may be none at all, as a choice: value, low and high are 0.
_MAY_BE_NONE = frozenset({"victims/year"})
#: Units of money, whose numbers may name the year of their prices.
MONEY = frozenset({"GBP", "GBP/year"})

#: More of a unit than can be meant: people beyond England and Wales, work of months, budgets of states.
_MOST: dict[str, float] = {
    "victims/year": 1e8, "victims": 1e8, "minutes": 1e5, "days": 1e12, "sessions": 1e4, "odds ratio": 1e6,
    "GBP": 1e12, "GBP/year": 1e12, "points": 100, "years": 100,
}  # fmt: skip

#: Probability below `low` and above `high`: the 5th and 95th percentile (design 4.1).
TAIL = 0.05

#: Keelin (2016), equation for the feasible median of a symmetric-percentile-triplet metalog.
FEASIBLE_EDGE = 0.5 * (1 - 1.66711 * (0.5 - TAIL))


def unbound(x: float, unit_interval: bool) -> float:
    """Return a number on the scale without bounds: its log-odds, or its logarithm."""
    return math.log(x / (1 - x)) if unit_interval else math.log(x)


def bound(x: float, unit_interval: bool) -> float:
    """Return the number whose log-odds, or logarithm, is given."""
    return 1 / (1 + math.exp(-x)) if unit_interval else math.exp(x)


def problems_of(estimate: Any) -> list[dict[str, str]]:
    """Return everything that is wrong with an estimate, as field, value, allowed, code and hint."""
    numbers = _form_problems(estimate) or _range_problems(estimate) or _change_problems(estimate)
    return [*numbers, *_price_problems(estimate)]


def _form_problems(estimate: Any) -> list[dict[str, str]]:
    """Say which of the two forms is incomplete or mixed."""
    triplet = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    counts = {"events": estimate.events, "trials": estimate.trials}
    n_absent = list(triplet.values()).count(None)
    has_triplet, has_counts = n_absent < 3, estimate.events is not None or estimate.trials is not None
    if has_triplet and not has_counts and not n_absent:  # as nearly all are: a scenario has a thousand
        return []
    if has_triplet == has_counts:
        allowed = "must state either value, low and high, or events and trials"
        return [problem_of("", "", allowed, "VM011")]
    chosen = triplet if has_triplet else counts
    missing = [name for name, x in chosen.items() if x is None]
    return [problem_of(name, "", "is missing", "VM010") for name in missing]


def _range_problems(estimate: Any) -> list[dict[str, str]]:
    """Say which numbers are outside what the unit allows, or impossible together."""
    if estimate.events is not None and estimate.trials is not None:
        if estimate.unit not in UNIT_INTERVAL:
            return [problem_of("unit", estimate.unit, "must be probability for events and trials", "VM011")]
        if estimate.events > estimate.trials:
            allowed = f"must be at most trials ({estimate.trials})"
            return [problem_of("events", str(estimate.events), allowed, "VM012")]
        return []
    numbers = {name: float(getattr(estimate, name)) for name in ("value", "low", "high")}
    bounded = estimate.unit in UNIT_INTERVAL
    is_none = estimate.unit in _MAY_BE_NONE and not any(numbers.values())
    problems = []
    for name, x in numbers.items():
        if bounded and not 0 < x < 1:
            noun = "probability" if estimate.unit == "probability" else "correlation"
            allowed = f"must be a {noun} from 0 to 1 (exclusive)"
            problems.append(problem_of(name, f"{x:g}", allowed, "VM012", probability_hint(x)))
        elif not bounded and not is_none and not 0 < x <= _MOST[estimate.unit]:
            most = f" and at most {_MOST[estimate.unit]:,.0f}" if x > 0 else ""
            problems.append(problem_of(name, f"{x:g}", f"must be above 0{most} ({estimate.unit})", "VM012"))
    return problems or ([] if is_none else _order_problems(estimate, numbers))


def _price_problems(estimate: Any) -> list[dict[str, str]]:
    """Say that what is no money has a year of prices."""
    if estimate.unit not in MONEY and estimate.price_year is not None:
        allowed = f"belongs to amounts of money alone, not to {estimate.unit}"
        return [problem_of("price_year", estimate.price_year, allowed, "VM292")]
    return []


def _change_problems(estimate: Any) -> list[dict[str, str]]:
    """Say which multiplier does not fit the unit: odds for what lies between 0 and 1, else the number."""
    wrong, right = ("times", "times_odds") if estimate.unit in UNIT_INTERVAL else ("times_odds", "times")
    allowed, factor = f"does not multiply a number of unit {estimate.unit}", getattr(estimate, wrong)
    hint = f"Did you mean {right}?"
    return [] if factor is None else [problem_of(wrong, f"{factor:g}", allowed, "VM150", hint)]


def _order_problems(estimate: Any, numbers: dict[str, float]) -> list[dict[str, str]]:
    value, low, high = numbers["value"], numbers["low"], numbers["high"]
    if low == value == high:
        return []
    if not low < high:
        return [problem_of("low", f"{low:.12g}", f"must be below high ({high:.12g})", "VM013")]
    if not low < value < high:
        allowed = f"must lie between low ({low:.12g}) and high ({high:.12g})"
        return [problem_of("value", f"{value:.12g}", allowed, "VM013")]
    bounded = estimate.unit in UNIT_INTERVAL
    start, end = unbound(low, bounded), unbound(high, bounded)
    if not FEASIBLE_EDGE < (unbound(value, bounded) - start) / (end - start) < 1 - FEASIBLE_EDGE:
        least = bound(start + FEASIBLE_EDGE * (end - start), bounded)
        most = bound(start + (1 - FEASIBLE_EDGE) * (end - start), bounded)
        allowed = f"is too near one end of its range: with low {low:.12g} and high {high:.12g} it must lie"
        allowed += f" from {_rounded(least, math.ceil)} to {_rounded(most, math.floor)}"
        return [problem_of("value", f"{value:.12g}", allowed, "VM013")]
    return []


def _rounded(x: float, direction: Callable[[float], int]) -> str:
    """Return a positive number with four digits, rounded up or down, so that it can be used."""
    step = 10.0 ** (math.floor(math.log10(x)) - 3)
    return f"{direction(x / step) * step:.12g}"


def problem_of(field: str, value: str, allowed: str, code: str, hint: str = "") -> dict[str, str]:
    """Return one thing that is wrong with an estimate."""
    return {"field": field, "value": value, "allowed": allowed, "code": code, "hint": hint}


def probability_hint(x: float) -> str:
    """Guess which probability was meant by a number outside 0 to 1."""
    if 1 < x < 2:
        return f"Did you mean {x / 10:.3g}?"
    if 2 <= x <= 100:
        return f"Did you mean {x / 100:.3g}?"
    if -1 < x < 0:
        return f"Did you mean {-x:.3g}?"
    return ""

"""Estimate: a number with its range, unit and source; drawing from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.multipliers import multiplied, multiplier_words

Unit = Literal[
    "probability",
    "minutes",
    "days",
    "victims/year",
    "victims",
    "sessions",
    "odds ratio",
    "correlation",
    "GBP",
    "GBP/year",
    "points",
    "years",
]

#: Units whose numbers lie strictly between 0 and 1; all others are positive.
UNIT_INTERVAL = frozenset({"probability", "correlation"})
#: Units of which there may be none at all, as a choice: value, low and high are 0.
_MAY_BE_NONE = frozenset({"victims/year"})

#: Probability below `low` and above `high`: the 5th and 95th percentile (design 4.1).
TAIL = 0.05

#: Quantiles of probabilities stay inside: the odds of need must be finite.
_OPEN_INTERVAL = (1e-12, 1 - 1e-12)

_LOG_ODDS_OF_TAIL = math.log((1 - TAIL) / TAIL)
#: Keelin (2016), equation for the feasible median of a symmetric-percentile-triplet metalog.
FEASIBLE_EDGE = 0.5 * (1 - 1.66711 * (0.5 - TAIL))


class Frozen(BaseModel):
    """A description: validated once, then unchangeable; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Estimate(Frozen):
    """An uncertain number: what we believe about a mean, with unit and source.

    Either ``value`` (median) with ``low`` and ``high`` (5th and 95th percentile), or ``events`` out
    of ``trials`` (a Beta posterior under the Jeffreys prior, so that 31 of 37 counts for more than
    3 of 4). ``low = value = high`` states a number that is known or fixed on purpose.

    ``times``, or ``times_odds`` of a probability or correlation, multiplies every draw: a choice.
    """

    unit: Unit
    source: str = Field(min_length=1, description="A key of sources.yaml, or 'assumption'.")
    value: float | None = None
    low: float | None = None
    high: float | None = None
    events: int | None = Field(default=None, ge=0)
    trials: int | None = Field(default=None, ge=1)
    note: str = ""
    quality: Literal["A", "B", "C", "D"] | None = None
    price_year: str | None = Field(default=None, pattern=r"^\d{4}/\d{2}$|^\d{4}$")
    borrowed: bool = Field(default=False, description="Taken from the national defaults.")
    times: float | None = Field(default=None, gt=0, le=1_000, description="Multiplies the number; a choice.")
    times_odds: float | None = Field(
        default=None, gt=0, le=1_000, description="Multiplies the odds; a choice."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = _form_problems(self) or _range_problems(self) or _change_problems(self)
        if problems:
            raise PydanticCustomError("estimate", "invalid estimate", {"problems": problems})
        return self

    @property
    def is_fixed(self) -> bool:
        """Whether the number carries no uncertainty."""
        return self.value is not None and self.low == self.value == self.high

    def quantile(self, probability: ArrayLike) -> NDArray[np.float64]:
        """Return the quantiles of the distribution that the estimate states, times its change.

        Parameters
        ----------
        probability : array_like
            Cumulative probabilities, strictly between 0 and 1, any shape.

        Returns
        -------
        ndarray
            Same shape, in the estimate's unit.

        References
        ----------
        Keelin (2016), The Metalog Distributions, Decision Analysis 13, doi 10.1287/deca.2016.0338
        (symmetric-percentile triplet; logit- and log-bounded forms).
        """
        x = multiplied(self._stated(np.asarray(probability, np.float64)), self.times, self.times_odds)
        return np.clip(x, *_OPEN_INTERVAL) if self.unit in UNIT_INTERVAL else x

    def _stated(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.events is not None and self.trials is not None:
            from scipy.special import betaincinv

            found = betaincinv(self.events + 0.5, self.trials - self.events + 0.5, y)
            return np.clip(found, *_OPEN_INTERVAL)
        assert self.value is not None
        assert self.low is not None
        assert self.high is not None
        if self.is_fixed:
            return np.full(y.shape, self.value)
        bounded = self.unit in UNIT_INTERVAL
        low, mid, high = (unbound(x, bounded) for x in (self.low, self.value, self.high))
        ratio = (mid - low) / (high - low)
        log_odds = np.log(y / (1 - y))
        scale = (high - low) / (2 * _LOG_ODDS_OF_TAIL)
        skew = (1 - 2 * ratio) * (high - low) / ((1 - 2 * TAIL) * _LOG_ODDS_OF_TAIL)
        x = mid + scale * log_odds + skew * (y - 0.5) * log_odds
        return np.clip(1 / (1 + np.exp(-x)), *_OPEN_INTERVAL) if bounded else np.asarray(np.exp(x))

    @property
    def centre(self) -> float:
        """The stated value, or the observed share, times its change: the middle, quickly."""
        if self.events is not None and self.trials is not None:
            middle = self.events / self.trials
        else:
            assert self.value is not None
            middle = self.value
        return float(multiplied(np.asarray(middle), self.times, self.times_odds)) if self.change else middle

    @property
    def change(self) -> str:
        """What multiplies the number, in words; empty where nothing does."""
        return multiplier_words(self.times, self.times_odds)

    def __str__(self) -> str:
        change = f", {self.change}" if self.change else ""
        if self.events is not None:
            return f"{self.events} of {self.trials} ({self.unit}){change}"
        return f"{self.value:g} ({self.low:g} to {self.high:g}) {self.unit}{change}"

    @property
    def median(self) -> float:
        """The middle of what is believed, in the estimate's unit."""
        return float(self.quantile(0.5))

    @property
    def interval(self) -> tuple[float, float]:
        """The 5th and 95th percentile, in the estimate's unit."""
        low, high = self.quantile([TAIL, 1 - TAIL])
        return float(low), float(high)


def unbound(x: float, unit_interval: bool) -> float:
    """Return a number on the scale without bounds: its log-odds, or its logarithm."""
    return math.log(x / (1 - x)) if unit_interval else math.log(x)


def bound(x: float, unit_interval: bool) -> float:
    """Return the number whose log-odds, or logarithm, is given."""
    return 1 / (1 + math.exp(-x)) if unit_interval else math.exp(x)


def _form_problems(estimate: Estimate) -> list[dict[str, str]]:
    """Say which of the two forms is incomplete or mixed."""
    triplet = {name: getattr(estimate, name) for name in ("value", "low", "high")}
    counts = {name: getattr(estimate, name) for name in ("events", "trials")}
    has_triplet = any(x is not None for x in triplet.values())
    has_counts = any(x is not None for x in counts.values())
    if has_triplet == has_counts:
        allowed = "must state either value, low and high, or events and trials"
        return [_problem("", "", allowed, "VM011")]
    chosen = triplet if has_triplet else counts
    missing = [name for name, x in chosen.items() if x is None]
    return [_problem(name, "", "is missing", "VM010") for name in missing]


def _range_problems(estimate: Estimate) -> list[dict[str, str]]:
    """Say which numbers are outside what the unit allows, or impossible together."""
    if estimate.events is not None and estimate.trials is not None:
        if estimate.unit not in UNIT_INTERVAL:
            return [_problem("unit", estimate.unit, "must be probability for events and trials", "VM011")]
        if estimate.events > estimate.trials:
            allowed = f"must be at most trials ({estimate.trials})"
            return [_problem("events", str(estimate.events), allowed, "VM012")]
        return []
    numbers = {name: float(getattr(estimate, name)) for name in ("value", "low", "high")}
    bounded = estimate.unit in UNIT_INTERVAL
    is_none = estimate.unit in _MAY_BE_NONE and not any(numbers.values())
    problems = []
    for name, x in numbers.items():
        if bounded and not 0 < x < 1:
            noun = "probability" if estimate.unit == "probability" else "correlation"
            allowed = f"must be a {noun} from 0 to 1 (exclusive)"
            problems.append(_problem(name, f"{x:g}", allowed, "VM012", probability_hint(x)))
        elif not bounded and x <= 0 and not is_none:
            problems.append(_problem(name, f"{x:g}", f"must be above 0 ({estimate.unit})", "VM012"))
    return problems or ([] if is_none else _order_problems(estimate, numbers))


def _change_problems(estimate: Estimate) -> list[dict[str, str]]:
    """Say which multiplier does not fit the unit: odds for what lies between 0 and 1, else the number."""
    wrong, right = ("times", "times_odds") if estimate.unit in UNIT_INTERVAL else ("times_odds", "times")
    allowed, factor = f"does not multiply a number of unit {estimate.unit}", getattr(estimate, wrong)
    hint = f"Did you mean {right}?"
    return [] if factor is None else [_problem(wrong, f"{factor:g}", allowed, "VM150", hint)]


def _order_problems(estimate: Estimate, numbers: dict[str, float]) -> list[dict[str, str]]:
    value, low, high = numbers["value"], numbers["low"], numbers["high"]
    if low == value == high:
        return []
    if not low < high:
        return [_problem("low", f"{low:.12g}", f"must be below high ({high:.12g})", "VM013")]
    if not low < value < high:
        allowed = f"must lie between low ({low:.12g}) and high ({high:.12g})"
        return [_problem("value", f"{value:.12g}", allowed, "VM013")]
    bounded = estimate.unit in UNIT_INTERVAL
    start, end = unbound(low, bounded), unbound(high, bounded)
    if not FEASIBLE_EDGE < (unbound(value, bounded) - start) / (end - start) < 1 - FEASIBLE_EDGE:
        least = bound(start + FEASIBLE_EDGE * (end - start), bounded)
        most = bound(start + (1 - FEASIBLE_EDGE) * (end - start), bounded)
        allowed = f"is too near one end of its range: with low {low:.12g} and high {high:.12g} it must lie"
        allowed += f" from {_rounded(least, math.ceil)} to {_rounded(most, math.floor)}"
        return [_problem("value", f"{value:.12g}", allowed, "VM013")]
    return []


def _rounded(x: float, direction: Callable[[float], int]) -> str:
    """Return a positive number with four digits, rounded up or down, so that it can be used."""
    step = 10.0 ** (math.floor(math.log10(x)) - 3)
    return f"{direction(x / step) * step:.12g}"


def _problem(field: str, value: str, allowed: str, code: str, hint: str = "") -> dict[str, str]:
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


def _of_unit(*units: Unit) -> AfterValidator:
    def check(estimate: Estimate) -> Estimate:
        if estimate.unit not in units:
            problem = _problem("unit", estimate.unit, f"must be {' or '.join(units)}", "VM014")
            raise PydanticCustomError("estimate", "invalid unit", {"problems": [problem]})
        return estimate

    return AfterValidator(check)


Probability = Annotated[Estimate, _of_unit("probability")]
Correlation = Annotated[Estimate, _of_unit("correlation")]
Minutes = Annotated[Estimate, _of_unit("minutes")]
Days = Annotated[Estimate, _of_unit("days")]
OddsRatio = Annotated[Estimate, _of_unit("odds ratio")]
Sessions = Annotated[Estimate, _of_unit("sessions")]
Victims = Annotated[Estimate, _of_unit("victims")]
VictimsPerYear = Annotated[Estimate, _of_unit("victims/year")]
Pounds = Annotated[Estimate, _of_unit("GBP")]
PoundsPerYear = Annotated[Estimate, _of_unit("GBP/year")]
Points = Annotated[Estimate, _of_unit("points")]
Years = Annotated[Estimate, _of_unit("years")]


class Observed(Frozen):
    """Numbers that were counted or published together, with one unit and source."""

    unit: str
    source: str = Field(min_length=1)
    note: str = ""
    values: dict[str, Annotated[float, Field(gt=0)]]


def estimates_in(model: Any, path: str = "") -> dict[str, Estimate]:
    """Return every estimate inside a description, by its dotted name, in the order of the fields."""
    if isinstance(model, Estimate):
        return {path: model}
    if isinstance(model, BaseModel):
        children = ((name, getattr(model, name)) for name in type(model).model_fields)
    elif isinstance(model, dict):
        children = ((str(name), child) for name, child in model.items())
    elif isinstance(model, (list, tuple)):
        children = ((str(i), child) for i, child in enumerate(model))
    else:
        return {}
    found: dict[str, Estimate] = {}
    for name, child in children:
        found.update(estimates_in(child, f"{path}.{name}" if path else name))
    return found

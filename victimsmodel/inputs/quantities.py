"""Estimate: a number with its range, unit and source; drawing from it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.estimate_rules import FEASIBLE_EDGE as FEASIBLE_EDGE
from victimsmodel.inputs.estimate_rules import MONEY as MONEY
from victimsmodel.inputs.estimate_rules import TAIL as TAIL
from victimsmodel.inputs.estimate_rules import UNIT_INTERVAL as UNIT_INTERVAL
from victimsmodel.inputs.estimate_rules import bound as bound
from victimsmodel.inputs.estimate_rules import problem_of, problems_of
from victimsmodel.inputs.estimate_rules import unbound as unbound
from victimsmodel.inputs.fields import Count, CountOfAny, PriceYear, problem_at
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

#: Units of numbers that are parts of one whole; others are taken in proportion.
_SHARES, _SHARES_TOLERANCE = frozenset(["share", "shares", "probability", "percent", "%"]), 1e-6
#: Quantiles of probabilities stay inside: the odds of need must be finite.
_OPEN_INTERVAL = (1e-12, 1 - 1e-12)

_LOG_ODDS_OF_TAIL = math.log((1 - TAIL) / TAIL)


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
    events: Count | None = None
    trials: CountOfAny | None = None
    note: str = ""
    quality: Literal["A", "B", "C", "D"] | None = None
    price_year: PriceYear | None = None
    borrowed: bool = Field(default=False, description="Taken from the national defaults.")
    times: float | None = Field(default=None, gt=0, le=1_000, description="Multiplies the number; a choice.")
    times_odds: float | None = Field(
        default=None, gt=0, le=1_000, description="Multiplies the odds; a choice."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = problems_of(self)
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


def _of_unit(*units: Unit) -> AfterValidator:
    def check(estimate: Estimate) -> Estimate:
        if estimate.unit not in units:
            problem = problem_of("unit", estimate.unit, f"must be {' or '.join(units)}", "VM014")
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

    @model_validator(mode="after")
    def _check(self) -> Self:
        total = sum(self.values.values())
        if self.unit in _SHARES and abs(total - 1) > _SHARES_TOLERANCE:
            parts = " + ".join(f"{name} {value:.6g}" for name, value in self.values.items())
            allowed = f"must be shares that sum to 1 (within {_SHARES_TOLERANCE:g}); {parts} = {total:.6g}"
            hint = "Shares are never scaled to fit; counts name another unit, such as victims."
            raise problem_at("values", "", allowed, "VM026", hint)
        return self


def estimates_in(model: Any, path: str = "") -> dict[str, Estimate]:
    """Return every estimate inside a description, by its dotted name, in the order of the fields."""
    found: dict[str, Estimate] = {}
    _collect(model, path, found)
    return found


def _collect(model: Any, path: str, found: dict[str, Estimate]) -> None:
    if isinstance(model, Estimate):
        found[path] = model
        return
    if isinstance(model, BaseModel):
        children: Iterable[tuple[object, Any]] = model.__dict__.items()
    elif isinstance(model, dict):
        children = model.items()
    elif isinstance(model, (list, tuple)):
        children = enumerate(model)
    else:
        return
    for name, child in children:
        if isinstance(child, tuple) and child and isinstance(child[0], float):
            continue  # a point of an outline, of which there are thousands
        if isinstance(child, (BaseModel, dict, list, tuple)):
            _collect(child, f"{path}.{name}" if path else str(name), found)

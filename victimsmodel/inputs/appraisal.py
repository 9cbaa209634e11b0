"""How options are appraised: the edition of the rules, the years, and what a benefit is taken to be worth."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from victimsmodel.inputs.fields import IsoDate, PriceYear, problem_at
from victimsmodel.inputs.quantities import Frozen, Points, Pounds, Probability, Years

Edition = Literal["green-book-2022", "green-book-2026"]
RateName = Literal["standard", "health", "reduced", "health_reduced"]
Benefit = Literal["outcomes", "wellby"]

_NOTE = Field(min_length=1)


class Thresholds(Frozen):
    """What a further victim in need supported may be worth paying for: a choice, not evidence."""

    values: Annotated[
        tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=2, max_length=200, strict=False)
    ]  # GBP per victim in need supported
    central: float = Field(ge=0)  # the one that single answers are given for
    note: str = _NOTE  # why these

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(a >= b for a, b in itertools.pairwise(self.values)):
            raise problem_at("values", "", "must rise", "VM191")
        if not self.values[0] <= self.central <= self.values[-1]:
            allowed = f"must lie from {self.values[0]:g} to {self.values[-1]:g}, the first and last of values"
            raise problem_at("central", f"{self.central:g}", allowed, "VM191")
        return self


class Wellby(Frozen):
    """Gain in life satisfaction of a victim who improves, valued as the edition of the rules says."""

    points: Points  # of life satisfaction, 0 to 10, while the gain lasts
    years: Years  # how long it lasts
    attributable: Probability  # share of the gain that would not have come anyway
    value: Literal["low", "central", "high"]  # of one point for one person for one year, in the edition


class Appraisal(Frozen):
    """The rules of the appraisal, its years, and which benefit enters a total in pounds."""

    edition: Edition
    first_day: IsoDate | None = None  # of the first year; by default the first day of the evaluated period
    years: int = Field(ge=1, le=60)  # for example those of the contract
    discount_rate: RateName
    benefit_rate: RateName | None = None  # if benefits are discounted at another rate
    price_base: PriceYear
    approximate_financial_years: bool = (
        False  # 3/4 and 1/4 of two calendar years where no deflator is published
    )
    thresholds: Thresholds
    support_value: Pounds | None = None  # what a victim in need supported is taken to be worth
    wellby: Wellby | None = None
    benefits: Annotated[tuple[Benefit, ...], Field(strict=False)] = ()  # that enter the total in pounds

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.benefits)) > 1:
            allowed = (
                "must be outcomes or wellby, not both: the gain in life satisfaction is part of what the "
                "outcomes are worth, and one total would count it twice"
            )
            raise problem_at("benefits", ", ".join(self.benefits), allowed, "VM192")
        stated = {"outcomes": self.support_value, "wellby": self.wellby}
        for benefit in self.benefits:
            if stated[benefit] is None:
                field = {"outcomes": "support_value", "wellby": "wellby"}[benefit]
                raise problem_at("benefits", benefit, f"needs {field}, which is not stated", "VM193")
        return self

"""What a service costs beyond its staff, and what its support achieves."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from victimsmodel.inputs.fields import IsoDate, Label, Name, problem_at
from victimsmodel.inputs.quantities import Frozen, Pounds, PoundsPerYear, Probability

#: Kinds of project that editions of the rules state an optimism bias for.
OptimismCategory = Literal["outsourcing", "equipment", "standard_building", "non_standard_building"]

#: The four national outcomes of support, in the order in which they are told.
NationalOutcome = Literal["health_wellbeing", "coping", "safety", "informed"]
NATIONAL_OUTCOMES: tuple[NationalOutcome, ...] = ("health_wellbeing", "coping", "safety", "informed")


class OneOff(Frozen):
    """A cost that comes once, such as a building, a case system or a tender."""

    title: Label
    amount: Pounds
    year_offset: int | None = Field(default=None, ge=0, le=60)  # years after the first year of the appraisal
    date: IsoDate | None = None  # instead
    category: OptimismCategory | None = None  # of optimism bias; None: the amount is a price, not a forecast
    mitigation: float = Field(
        default=0.0, ge=0, le=1
    )  # share of the upper bias that managing risks takes away

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.year_offset is None) == (self.date is None):
            raise problem_at("", "", "must state either year_offset or date", "VM190")
        return self


class Costs(Frozen):
    """What the service costs beyond its staff."""

    fixed: PoundsPerYear
    practical_case: Pounds
    casework_case: Pounds
    one_off: dict[Name, OneOff] = {}
    borne_by_others: PoundsPerYear | None = None  # full cost, not grant: premises of the police, for example


class Change(Frozen):
    """How many improve on one outcome, and how many of them owe it to the service."""

    improved: Probability  # of completed cases
    attributable: Probability  # share of the improved who would not have improved anyway


class Outcomes(Frozen):
    """What support achieves."""

    improved: Probability  # of completed cases
    attributable: Probability  # share of the improved who would not have improved anyway
    national: dict[NationalOutcome, Change] = {}  # one not stated is not reported

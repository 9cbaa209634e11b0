"""Levers: realistic improvements, each at one of the stages where victims are lost."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.quantities import Frozen, PoundsPerYear
from victimsmodel.inputs.service import Label, Service

#: Where victims in need are lost, in the order of the pathway; capacity is short all along it.
Leak = Literal[
    "referral",
    "details",
    "safe_contact",
    "reach",
    "consent",
    "need_recognised",
    "acceptance",
    "capacity",
]


class Lever(Frozen):
    """One realistic improvement: a service as a difference from business as usual, and its cost."""

    title: Label
    stage: Leak
    service: Service
    cost_per_year: PoundsPerYear | None = None  # beyond staff in post, attempts and cases, which are counted
    cost: Literal["none", "unknown"] | None = None  # instead, when there is nothing further, or no figure
    source: str = Field(min_length=1)  # of the size of the improvement
    quality: Literal["A", "B", "C", "D"] | None = None
    note: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.cost_per_year is None) == (self.cost is None):
            found = "" if self.cost is None else self.cost
            allowed = "must be none or unknown, or cost_per_year must state an estimate; one of the two"
            problem = {"field": "cost", "value": found, "allowed": allowed, "code": "VM151", "hint": ""}
            raise PydanticCustomError("description", "invalid lever", {"problems": [problem]})
        return self

"""Levers: realistic improvements, each at one of the stages where victims are lost."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.fields import Label, Name
from victimsmodel.inputs.quantities import Frozen, PoundsPerYear
from victimsmodel.inputs.service import Service

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
    extra_fte: dict[Name, Annotated[float, Field(gt=0, le=1_000)]] = {}  # by role, on top of those in post
    cost_per_year: PoundsPerYear | None = None  # beyond staff in post, attempts and cases, which are counted
    cost: Literal["none", "unknown"] | None = None  # instead, when there is nothing further, or no figure
    source: str = Field(min_length=1)  # of the size of the improvement
    quality: Literal["A", "B", "C", "D"] | None = None
    note: str = ""

    @cached_property
    def improved(self) -> Service:
        """The service with its changes and the extra staff."""
        staff = dict(self.service.staff)
        for name, extra in self.extra_fte.items():
            role = staff[name]
            dated = {start: fte + extra for start, fte in role.fte_from.items()}
            staff[name] = role.model_copy(update={"fte": role.fte + extra, "fte_from": dated})
        return self.service.model_copy(update={"staff": staff})

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.cost_per_year is None) == (self.cost is None):
            found = "" if self.cost is None else self.cost
            allowed = "must be none or unknown, or cost_per_year must state an estimate; one of the two"
            problem = {"field": "cost", "value": found, "allowed": allowed, "code": "VM151", "hint": ""}
            raise PydanticCustomError("description", "invalid lever", {"problems": [problem]})
        return self

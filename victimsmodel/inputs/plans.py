"""What an evaluation plans for: standards that staff are to meet, and grants to put to their best use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.fields import Label, Name
from victimsmodel.inputs.quantities import Frozen

#: Share of years in which a plan must hold where nothing else is stated: a usual wording, a choice.
USUAL_CONFIDENCE = 0.8
_STANDARD = re.compile(
    r"(all|enhanced|standard) (first_attempt|contact|support) (\d{1,2}|1[01]\d) (working )?days? "
    r"(?!0+(\.0+)?%)\d{1,2}(\.\d+)?%( of all)?"
)
_Problem = dict[str, str]
_SHAPE = "must read like: enhanced first_attempt 2 working days 90%"


class PlannedGrant(Frozen):
    """A grant whose best use is asked for."""

    title: Label
    amount_gbp: float = Field(ge=1_000, le=1e9)
    source: str = Field(min_length=1)


class Plans(Frozen):
    """What is planned for, and how often it must hold."""

    standards: Annotated[tuple[str, ...], Field(strict=False, max_length=20)] = ()  # as for `plan --standard`
    option: Name = "business_as_usual"  # whose staff are to meet the standards
    surge_percent: float | None = Field(default=None, gt=0, le=500)  # also for so many more victims
    grants: Annotated[tuple[PlannedGrant, ...], Field(strict=False, max_length=10)] = ()
    confidence: float = Field(default=USUAL_CONFIDENCE, ge=0.5, le=0.99)  # share of years, inputs and chance

    @property
    def amounts(self) -> tuple[float, ...]:
        """The grants, GBP."""
        return tuple(grant.amount_gbp for grant in self.grants)

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._standard_problems(), *self._grant_problems()]
        if problems:
            raise PydanticCustomError("description", "invalid plans", {"problems": problems})
        return self

    def _standard_problems(self) -> Iterator[_Problem]:
        working: dict[str, bool] = {}
        for i, text in enumerate(self.standards):
            found = _STANDARD.fullmatch(text)
            if found is None:
                yield _problem(f"standards.{i}", text, _SHAPE, "VM206")
            elif working.setdefault(found[2], bool(found[4])) != bool(found[4]):
                allowed = (
                    f"must count {found[2]} in the same days as the standard above: all working days, or none"
                )
                yield _problem(f"standards.{i}", text, allowed, "VM207")

    def _grant_problems(self) -> Iterator[_Problem]:
        for i, amount in enumerate(self.amounts):
            if amount in self.amounts[:i]:
                yield _problem(f"grants.{i}.amount_gbp", f"{amount:g}", "is stated twice", "VM208")


def _problem(field: str, value: str, allowed: str, code: str) -> _Problem:
    return {"field": field, "value": value, "allowed": allowed, "code": code, "hint": ""}

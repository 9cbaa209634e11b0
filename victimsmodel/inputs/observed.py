"""Totals that were counted or published, to which the uncertain inputs are calibrated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.fields import Count, CountOfAny, Name
from victimsmodel.inputs.finding import Finding, closest, did_you_mean, unknown
from victimsmodel.inputs.quantities import Estimate, Frozen, Unit
from victimsmodel.inputs.sealed_reading import sealed_reading
from victimsmodel.inputs.strict_yaml import Node, plain
from victimsmodel.inputs.table_files import read_table
from victimsmodel.records import STAGES

if TYPE_CHECKING:
    from victimsmodel.inputs.scenario import Scenario

#: Correlation between persons counted together, unless stated (assumption). A share of one half has a
#: standard error of no less than 1.6 percentage points however many are counted, and a count one of 3.2 %.
CORRELATION = 0.001

_RANGE = ("value", "low", "high")


class ObservedTotal(Frozen):
    """One stage as it was observed: as a share of an earlier stage, or as a number of persons.

    Either counted (``events``, with ``trials`` where it is a share), or published as ``value`` with the
    5th and 95th percentile of what it may have meant (``low``, ``high``): a share, or persons a year.
    """

    stage: str
    of: str | None = Field(default=None, description="The earlier stage that it is a share of.")
    who: Literal["all", "in_need"] = "all"
    group: Name | None = Field(default=None, description="A group, crime type or priority; else all.")
    events: Count | None = None
    trials: CountOfAny | None = None
    correlation: float = Field(
        default=CORRELATION,
        ge=0,
        lt=1,
        description="Between persons counted together: 0 for independent trials.",
    )
    value: float | None = None
    low: float | None = None
    high: float | None = None
    years: float = Field(default=1.0, gt=0, description="Of victims that a count without trials covers.")
    period: str = ""
    source: str = Field(min_length=1, description="A key of sources.yaml, or 'assumption'.")
    definition: str = Field(min_length=1, description="What the source counts, in its own terms.")
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _without_empty_cells(cls, given: Any) -> Any:
        is_row = isinstance(given, dict)
        return {name: x for name, x in given.items() if x is not None} if is_row else given

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*_stage_problems(self), *_number_problems(self)]
        if problems:
            raise PydanticCustomError("observed", "invalid observed total", {"problems": problems})
        return self

    @property
    def is_share(self) -> bool:
        """Whether it is a share of an earlier stage; otherwise a number of persons."""
        return self.of is not None

    @property
    def is_counted(self) -> bool:
        """Whether it was counted; otherwise it is a published figure with a range."""
        return self.events is not None

    @property
    def label(self) -> str:
        """A short name: what was observed, of whom and when."""
        words = self.stage.replace("_", " ") + (f" of {self.of.replace('_', ' ')}" if self.of else "")
        limits = [text for text in ("in need" if self.who == "in_need" else "", self.group or "") if text]
        words += f" ({', '.join(limits).replace('_', ' ')})" if limits else ""
        return f"{words}, {self.period}" if self.period else words


#: As it stands in a scenario or a table file.
Observations = Annotated[tuple[ObservedTotal, ...], Field(strict=False)]


class _File(Frozen):
    observed: Observations


@sealed_reading
def load_observed(path: Path, scenario: Scenario | None = None) -> tuple[ObservedTotal, ...]:
    """Read observed totals from a CSV file whose columns are the fields of `ObservedTotal`.

    Parameters
    ----------
    path : Path
    scenario : Scenario, optional
        Whose groups and sources the totals must name.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    if not path.is_file():
        allowed = "must be a regular file" if path.exists() else "does not exist"
        raise InputError([Problem(str(path), "", "", allowed, "VM001")])
    from victimsmodel.inputs.messages import placed, validation_problems  # which know the scenario

    problems: list[Problem] = []
    root = Node({"observed": read_table(path, "observed", problems)}, str(path))
    try:
        found = _File.model_validate(plain(root))
    except ValidationError as error:
        raise InputError([*problems, *validation_problems(error, root)]) from None
    if scenario is not None:
        wrong = observed_findings(found.observed, scenario.groups, scenario.known_sources)
        problems += placed(root, wrong)
    if problems:
        raise InputError(problems)
    return found.observed


def observed_findings(
    observed: Iterable[ObservedTotal], groups: Iterable[tuple[str, str, str, str]], sources: Iterable[str]
) -> Iterator[Finding]:
    """Yield what observed totals name that a scenario does not have."""
    known_groups = {name for group in groups for name in group[:3]}
    known_sources = list(sources)
    first: dict[ObservedTotal, int] = {}
    for i, row in enumerate(observed):
        path: tuple[str | int, ...] = ("observed", i)
        if (before := first.setdefault(row, i)) != i:
            allowed = f"states the same total as observed[{before}] once more, which would count it twice"
            yield Finding(path, "", allowed, "VM140", "Leave one of them out.")
        if row.group is not None and row.group not in known_groups:
            yield unknown((*path, "group"), row.group, sorted(known_groups), "group, crime type or priority")
        if row.source not in known_sources:
            allowed, hint = "is not in the sources register", did_you_mean(row.source, known_sources)
            yield Finding((*path, "source"), row.source, allowed, "VM020", hint)


def _stage_problems(row: ObservedTotal) -> Iterator[dict[str, str]]:
    known = ", ".join(STAGES)
    for field in ("stage", "of"):
        name = getattr(row, field)
        if name is not None and name not in STAGES:
            hint = f"Did you mean {closest(name, STAGES)}?" if closest(name, STAGES) else ""
            yield _problem(field, name, f"is not a stage (known: {known})", hint)
    if row.stage in STAGES and row.of in STAGES and STAGES.index(row.of) >= STAGES.index(row.stage):
        yield _problem("of", row.of, f"must be a stage before {row.stage}: a share of those who came so far")


def _number_problems(row: ObservedTotal) -> Iterator[dict[str, str]]:
    has_range = any(getattr(row, name) is not None for name in _RANGE)
    if has_range == row.is_counted:
        yield _problem("", "", "must state either events, or value with low and high")
    elif has_range:
        unit: Unit = "probability" if row.is_share else "victims/year"
        numbers: dict[str, Any] = {name: getattr(row, name) for name in _RANGE}
        try:
            stated = Estimate(unit=unit, source=row.source, **numbers)
        except ValidationError as error:
            yield from (found for item in error.errors() for found in item["ctx"]["problems"])
            return
        if stated.is_fixed:
            yield _problem("low", f"{row.low:g}", "must be below value: a published figure has a range")
    elif row.is_share and row.trials is None:
        yield _problem("trials", "", "is missing: a share needs all who came so far")
    elif row.trials is not None and not row.is_share:
        yield _problem("of", "", "is missing: the stage that trials counts")
    elif row.trials is not None and row.events is not None and row.events > row.trials:
        yield _problem("events", str(row.events), f"must be at most trials ({row.trials})")


def _problem(field: str, value: str, allowed: str, hint: str = "") -> dict[str, str]:
    return {"field": field, "value": value, "allowed": allowed, "code": "VM140", "hint": hint}

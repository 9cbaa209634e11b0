"""Which future year is evaluated, and what is put on top of the forecast of recorded crime."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from victimsmodel.inputs.fields import FinancialYear, Name
from victimsmodel.inputs.finding import Finding, unknown
from victimsmodel.inputs.history import History, Quarter
from victimsmodel.inputs.quantities import Frozen

MOST_QUARTERS_AHEAD = 20
_Rate = Annotated[float, Field(ge=-0.5, le=1)]


class PolicyChange(Frozen):
    """A lasting change of level from a quarter on, such as a new offence or another way of recording."""

    crime_type: Name
    quarter: Quarter
    factor: float = Field(gt=0, le=10)


class Projection(Frozen):
    """Victims are stated for a past year; the evaluated one follows the forecast of recorded crime."""

    base_year: FinancialYear
    #: On top of the forecast; or a share a year by crime type.
    growth: Literal["low", "central", "high"] | dict[Name, _Rate] = "central"
    policy_changes: Annotated[tuple[PolicyChange, ...], Field(strict=False)] = ()


def financial_quarters(year: str) -> list[str]:
    """Return the four calendar quarters of a financial year such as 2022/23."""
    first = int(year[:4])
    return [f"{first}Q2", f"{first}Q3", f"{first}Q4", f"{first + 1}Q1"]


def projection_findings(
    projection: Projection, history: History | None, start: date, end: date
) -> Iterator[Finding]:
    """Yield what keeps a year from being projected."""
    path = ("demand", "projection")
    if history is None:
        yield Finding(path, "", "needs demand.history, which the forecast starts from", "VM065")
        return
    rows = {str(row["quarter"]): row for row in history.offences}
    base = [rows.get(quarter) for quarter in financial_quarters(projection.base_year)]
    if any(row is None or None in row.values() for row in base):
        allowed = "must be a financial year that demand.history counts in full"
        yield Finding((*path, "base_year"), projection.base_year, allowed, "VM065")
    year = f"{start.year}/{(start.year + 1) % 100:02}"
    if (start.month, start.day, end.month, end.day, end.year) != (4, 1, 3, 31, start.year + 1):
        allowed = "must be a financial year (1 April to 31 March) where demand is projected"
        yield Finding(("period", "start"), str(start), allowed, "VM065")
    elif not str(min(rows)) <= financial_quarters(year)[0] or _ahead(max(rows), year) > MOST_QUARTERS_AHEAD:
        allowed = f"must end at most {MOST_QUARTERS_AHEAD} quarters after demand.history ({max(rows)})"
        yield Finding(("period", "end"), str(end), allowed, "VM065")
    elif any(row is not None and None in row.values() for row in map(rows.get, financial_quarters(year))):
        yield Finding(("period", "start"), str(start), "must not lie in a gap of demand.history", "VM065")
    named = [*projection.growth] if isinstance(projection.growth, dict) else []
    for name in (*named, *(change.crime_type for change in projection.policy_changes)):
        if name not in history.crime_types:
            yield unknown((*path, "growth"), name, history.crime_types, "crime type of the history")


def _ahead(last: str, year: str) -> int:
    """Return how many quarters the last of a year comes after the last one that is known."""
    end = financial_quarters(year)[-1]
    return (int(end[:4]) - int(last[:4])) * 4 + int(end[-1]) - int(last[-1])

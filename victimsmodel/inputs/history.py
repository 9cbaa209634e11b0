"""What the police recorded quarter by quarter: the past that a forecast starts from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.fields import MOST_COUNT, Name
from victimsmodel.inputs.quantities import Frozen

if TYPE_CHECKING:
    import pandas as pd

_QUARTER = r"^(19|20)\d{2}Q[1-4]$"
#: Below two years nothing can be forecast.
LEAST_QUARTERS = 8
_COUNT = "must be a whole number from 0 to 2^53, or empty"
Quarter = Annotated[str, Field(pattern=_QUARTER)]
Row = dict[str, str | float | int | bool | None]


class LevelShift(Frozen):
    """A quarter from which counts stand at another level: recording practice, not crime."""

    crime_type: Name
    quarter: Quarter


class History(Frozen):
    """Offences against people by calendar quarter and crime type, as a table file states them."""

    source: str = Field(min_length=1)
    note: str = ""
    offences: Annotated[
        tuple[Row, ...], Field(strict=False)
    ]  # quarter, then a column for each crime type; empty: not known
    quality: Annotated[
        tuple[Row, ...], Field(strict=False)
    ] = ()  # what is wrong with the official data, and what was done about it
    level_shifts: Annotated[tuple[LevelShift, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.offences) < LEAST_QUARTERS:
            found = f"{len(self.offences)} quarters"
            raise _problem("offences", f"must have {LEAST_QUARTERS} or more quarters", found, "VM090")
        previous = ""
        for number, row in enumerate(self.offences):
            quarter = str(row.get("quarter"))
            field = f"offences.{number}"
            if not re.match(_QUARTER, quarter):
                raise _problem(f"{field}.quarter", "must be a calendar quarter such as 2019Q2", quarter)
            if previous and quarter != _after(previous):
                raise _problem(
                    f"{field}.quarter", f"must be {_after(previous)}: every quarter in order", quarter
                )
            if row.keys() != self.offences[0].keys():
                raise _problem(field, "must have the columns of the first row")
            for name, count in row.items():
                if name != "quarter" and not (count is None or _is_count(count)):
                    raise _problem(f"{field}.{name}", _COUNT, str(count))
            previous = quarter
        for name in self.crime_types:
            counted = sum(row[name] is not None for row in self.offences)
            if counted < LEAST_QUARTERS:
                allowed = f"must be counted in {LEAST_QUARTERS} or more quarters"
                raise _problem(f"offences.{name}", allowed, f"{counted} quarters", "VM090")
        return self

    @property
    def crime_types(self) -> tuple[str, ...]:
        """The crime types that are counted, in the order of the columns."""
        return tuple(name for name in self.offences[0] if name != "quarter")

    def counts(self) -> pd.DataFrame:
        """Return offences by crime type, NaN where not known; the index is quarterly."""
        import pandas as pd

        index = pd.PeriodIndex([str(row["quarter"]) for row in self.offences], freq="Q-DEC", name="quarter")
        columns = {name: [row[name] for row in self.offences] for name in self.crime_types}
        return pd.DataFrame(columns, index=index, dtype="float64")


def _is_count(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return 0 <= value <= MOST_COUNT and value == int(value)


def _after(quarter: str) -> str:
    year, number = int(quarter[:4]), int(quarter[-1])
    return f"{year + 1}Q1" if number == 4 else f"{year}Q{number + 1}"


def _problem(field: str, allowed: str, value: str = "", code: str = "VM061") -> PydanticCustomError:
    problem = {"field": field, "value": value, "allowed": allowed, "code": code, "hint": ""}
    return PydanticCustomError("history", "invalid history", {"problems": [problem]})

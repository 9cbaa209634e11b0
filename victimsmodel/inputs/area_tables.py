"""The areas of a police force: residents, deprivation, outreach venues and outlines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.fields import Label, Name
from victimsmodel.inputs.outlines import CODE, Boundaries
from victimsmodel.inputs.quantities import Frozen

if TYPE_CHECKING:
    import pandas as pd

_Point = Annotated[tuple[float, float], Field(strict=False)]
_Ring = Annotated[tuple[_Point, ...], Field(strict=False)]


class Area(Frozen):
    """One borough or district."""

    area: Name  # as in demand.boroughs
    title: Label
    la_code: str
    residents: int = Field(ge=1)
    imd_score: float = Field(ge=0)  # Index of Multiple Deprivation, average score
    imd_most_deprived_tenth: float = Field(ge=0, le=1)  # share of neighbourhoods
    venues: int = Field(ge=0)  # where outreach takes place


class Areas(Frozen):
    """All areas of the force, and their outlines for a map."""

    sources: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    table: Annotated[tuple[Area, ...], Field(strict=False, min_length=1)]
    boundaries: dict[Name, Annotated[tuple[_Ring, ...], Field(strict=False)]] = {}

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [row.area for row in self.table]
        found = [
            (f"table.{number}.area", name, "is named twice")
            for number, name in enumerate(names)
            if name in names[:number]
        ]
        known = f"is not an area of the table ({', '.join(names)})"
        found += [("boundaries", name, known) for name in self.boundaries if name not in names]
        if self.boundaries:
            missing = dict.fromkeys(name for name in names if name not in self.boundaries)
            found += [(f"boundaries.{name}", "", "is missing: each area has an outline") for name in missing]
        if found:
            raise _problems(found)
        return self

    def frame(self) -> pd.DataFrame:
        """Return the table, indexed by area."""
        import pandas as pd

        return pd.DataFrame([row.model_dump() for row in self.table]).set_index("area")

    def shapes(self) -> Boundaries:
        """Return the outlines as arrays of longitude and latitude."""
        return {name: [np.array(ring) for ring in rings] for name, rings in self.boundaries.items()}


def _problems(found: Iterable[tuple[str, str, str]]) -> PydanticCustomError:
    """Return the error of areas by field, value and what is allowed."""
    problems = [
        {"field": field, "value": value, "allowed": allowed, "code": CODE, "hint": ""}
        for field, value, allowed in found
    ]
    return PydanticCustomError("areas", "invalid areas", {"problems": problems})

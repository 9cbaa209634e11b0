"""One printed amount of money for victim services."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from victimsmodel.inputs.fields import YEAR_PATTERN
from victimsmodel.inputs.quantities import Frozen

_Text = Annotated[str, Field(min_length=1)]


class FundingLine(Frozen):
    """One printed amount."""

    year: str = Field(pattern=YEAR_PATTERN)
    table: _Text
    line: _Text
    category: _Text
    basis: Literal["printed", "indicated", "awarded"]
    kind: Literal["line", "total", "overspend"]
    amount_gbp: float | None = Field(ge=0)  # missing: left blank in the source
    printed_total: str  # the total of the same table that it belongs to
    #: What is followed over the years: all that the commissioner had, the contact service, all commissioners.
    series: Literal["", "all_services", "contact_service", "national_pot"]
    source: _Text
    note: str

    @model_validator(mode="before")
    @classmethod
    def _empty_cells(cls, row: Any) -> Any:
        """Read an empty cell as empty text, but for the amount."""
        if not isinstance(row, dict):
            return row
        return {key: "" if value is None and key != "amount_gbp" else value for key, value in row.items()}

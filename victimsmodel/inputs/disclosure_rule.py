"""The rule by which counts of people may be shown: how small, and how finely."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.quantities import Frozen

_FEWEST_VALUES = 3  # that a hidden count must be able to have, where numbers are not rounded (assumption)


class DisclosureRule(Frozen):
    """Counts of people from 1 to `smallest_shown` - 1 are hidden, all others rounded to `round_to`.

    The default (counts of 1 to 7 hidden, the rest to the nearest 5) is a choice of this project.
    ``smallest_shown: 1`` with ``round_to: 1`` hides nothing: for data that may be published as they are.
    """

    smallest_shown: int = Field(
        default=8, ge=1, le=1_000, description="Observed counts from 1 up to below this are hidden."
    )
    round_to: int = Field(default=5, ge=1, le=1_000, description="Other observed counts are rounded to this.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.smallest_shown > 1 and 2 * self.smallest_shown < self.round_to:
            allowed = f"must be at least half of round_to ({self.round_to}): a count would be shown as 0"
            problem = {"field": "smallest_shown", "value": str(self.smallest_shown), "allowed": allowed}
            problem |= {"code": "VM286", "hint": ""}
            raise PydanticCustomError("disclosure", "invalid rule", {"problems": [problem]})
        return self

    @property
    def is_open(self) -> bool:
        """Whether nothing is hidden or rounded."""
        return self.smallest_shown == 1 and self.round_to == 1

    @property
    def least_values(self) -> int:
        """How many values a hidden count must be able to have, for all that is shown."""
        return min(self.smallest_shown - 1, max(self.round_to, _FEWEST_VALUES))

    def is_unsafe(self, count: float) -> bool:
        """Whether a count is too small to be shown; 0 tells of nobody."""
        return 1 <= count < self.smallest_shown

    def rounded(self, count: float) -> int:
        """Return a count to the nearest multiple of `round_to`, halves upwards."""
        return int((2 * count + self.round_to) // (2 * self.round_to)) * self.round_to

    def shown(self, count: float) -> int:
        """Return a number of people or rows as findings may state it: rounded, 0 where it is too small."""
        return 0 if self.is_unsafe(count) else self.rounded(count)

    def said(self, count: float) -> str:
        """Return a number of people in words that may leave."""
        return f"1 to {self.smallest_shown - 1}" if self.is_unsafe(count) else f"{self.rounded(count):,}"

    def range_of(self, shown: int) -> tuple[int, int]:
        """Return the least and the most that a count can be that is shown as this."""
        least = max(shown - self.round_to // 2, 0)
        most = shown + (self.round_to - 1) // 2
        if shown == 0:
            return 0, most if most >= self.smallest_shown else 0
        return max(least, self.smallest_shown, 1), most

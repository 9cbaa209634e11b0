"""Plain words for where an option stands by cost and effect."""

from __future__ import annotations

from collections.abc import Mapping

from victimsmodel.appraisal.frontier import DOMINATED, EQUAL, EXTENDED, FRONTIER

#: Where an option stands among the others by cost and effect, as a reader says it.
POSITIONS: Mapping[str, str] = {
    FRONTIER: "worth considering",
    DOMINATED: "another does more for less",
    EXTENDED: "a mix of others does more for less",
    EQUAL: "no different from another",
}

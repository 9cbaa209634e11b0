"""The rule as the command line states it."""

from __future__ import annotations

from pydantic import ValidationError

from victimsmodel.errors import input_error
from victimsmodel.inputs.disclosure_rule import DisclosureRule


def asked_rule(smallest_shown: int, round_to: int) -> DisclosureRule:
    """Return the rule that the options of a command state.

    Raises
    ------
    InputError
        VM286 if they are out of range or contradict each other.
    """
    try:
        return DisclosureRule(smallest_shown=smallest_shown, round_to=round_to)
    except ValidationError:
        value = f"{smallest_shown} with --round-to {round_to}"
        allowed = "must both be from 1 to 1000, --smallest-shown at least half of --round-to"
        raise input_error("command line", allowed, "VM286", field="--smallest-shown", value=value) from None

"""Which inputs may be moved on the page of a workshop, as a scenario or a user names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from victimsmodel.inputs.draws import uncertain_inputs
from victimsmodel.inputs.finding import Finding, closest
from victimsmodel.inputs.scenario import Scenario


def movable_inputs(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the inputs that can be moved: what is uncertain, and staff in post."""
    uncertain = (name for name, estimate in uncertain_inputs(scenario).items() if not estimate.is_fixed)
    return (*staff_inputs(scenario), *uncertain)


def staff_inputs(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the staff in post of each role of business as usual."""
    return tuple(f"staff.{role}.fte" for role in scenario.staff)


def explore_findings(scenario: Scenario, names: Iterable[str], field: str = "explore") -> Iterator[Finding]:
    """Yield a finding for each name that is no movable input, or stands twice."""
    named = list(names)
    known = movable_inputs(scenario) if named else ()
    for i, name in enumerate(named):
        if name not in known:
            near = closest(name, known)
            hint = f"Did you mean {near}?" if near else "victimsmodel check lists the estimates."
            allowed = "is neither an uncertain input nor the fte of a role"
            yield Finding((field, i), name, allowed, "VM240", hint)
        elif name in named[:i]:
            yield Finding((field, i), name, "must be named only once", "VM240")

"""Who is attempted how: contact methods as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from victimsmodel.inputs.scenario import PRIORITIES, Scenario, method_of
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.arrays import AUTOMATIC, GROUPS, NEVER, Records


def reach_tables(scenario: Scenario, option: str) -> list[tuple[str, str | None]]:
    """Return the distinct pairs of channel and time of day that an option uses."""
    contact = scenario.options[option].service.contact
    used = {method_of(contact, group) for group in scenario.groups}
    attempts = [attempt for name in used for attempt in contact.methods[name].attempts]
    return sorted({(a.channel, a.window) for a in attempts}, key=str)


def contact_groups(scenario: Scenario, option: str, values: Any, n_draws: int, ample_staff: bool) -> Records:
    """Return the groups of each draw, shape (n_draws, n_groups), with their contact method."""
    service = scenario.options[option].service
    tables, roles = reach_tables(scenario, option), list(service.staff)
    groups = np.zeros((n_draws, len(scenario.groups)), GROUPS)
    for g, group in enumerate(scenario.groups):
        own = groups[:, g]
        method = service.contact.methods[method_of(service.contact, group)]
        own["unsafe"] = values.screening.unsafe_by_group.get(group.name, values.screening.unsafe)
        own["priority"] = PRIORITIES.index(group.priority)
        own["n_attempts"] = len(method.attempts)
        own["stop_attempts"] = _or_never(method.stop_after_attempts)
        own["stop_days"] = _or_never(method.stop_after_days)
        own["fallback"] = -1 if method.fallback is None else CHANNELS.index(method.fallback)
        for a, attempt in enumerate(method.attempts):
            own["channel"][:, a] = CHANNELS.index(attempt.channel)
            own["gap"][:, a] = attempt.after_working_days
            own["pool"][:, a] = AUTOMATIC if attempt.role is None else roles.index(attempt.role)
            own["table"][:, a] = tables.index((attempt.channel, attempt.window))
    if not ample_staff:
        ends = np.rint(np.linspace(0, scenario.opening.open_cases, len(scenario.groups) + 1))
        groups["opening_cases"] = np.diff(ends).astype(np.int64)
    return groups


def _or_never(limit: int | None) -> int:
    return NEVER if limit is None else limit

"""Small counts of people in a scenario that a run folder keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.scenario import ASSUMPTION

KEPT = "scenario.json"
_COUNTS = ("events", "trials")


def small_counts_in(path: Path, rule: DisclosureRule) -> Iterator[str]:
    """Yield the fields of a kept scenario that state an unsafe count of an unpublished source.

    The number of those who are in `trials` and not in `events` counts too.
    """
    try:
        scenario = json.loads(path.read_text("utf-8"))
        sources = scenario.get("sources", {})
    except (OSError, ValueError, AttributeError):
        return
    for field, item in _counted(scenario, ""):
        source = sources.get(item.get("source"), {})
        is_public = source.get("published")
        is_public = bool(source.get("address")) if is_public is None else is_public
        if is_public or item.get("source") == ASSUMPTION:
            continue
        events, trials = (item.get(name) or 0 for name in _COUNTS)
        if any(rule.is_unsafe(n) for n in (events, trials, trials - events)):
            yield field


def _counted(item: Any, field: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(item, dict):
        if isinstance(item.get("events"), int):
            yield field, item
        for name, child in item.items():
            yield from _counted(child, f"{field}.{name}" if field else str(name))
    elif isinstance(item, list):
        for i, child in enumerate(item):
            yield from _counted(child, f"{field}.{i}")

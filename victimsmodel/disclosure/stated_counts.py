"""Counts of people that a scenario states: as they may leave, where their source is not published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.inputs.posterior_file import OBSERVED, Posterior, estimate_digest
from victimsmodel.inputs.quantities import Estimate, estimates_in
from victimsmodel.inputs.scenario import ASSUMPTION, Scenario, Source

_EDGE = 1e-6  # a share of 0 or 1 has no log-odds
_HIDDEN = "a small count, shown as what it can be"


class ShownTotal(NamedTuple):
    """An observed total as it may be shown: on the scale of shares or persons a year, with what it can be."""

    value: float
    low: float | None  # None: as the interval of the data has it
    high: float | None
    label: str


def is_protected(source: str, sources: Mapping[str, Source]) -> bool:
    """Whether counts of a source are of people and not public: an assumption counts nobody."""
    return source != ASSUMPTION and not (source in sources and sources[source].is_published)


def shown_total(row: ObservedTotal, scenario: Scenario) -> ShownTotal:
    """Return an observed total as it may be shown.

    A share is that of the rounded counts; where one of them or their difference is unsafe, it is the
    middle of what they can be, with both ends.
    """
    rule = scenario.disclosure
    if row.events is None:
        assert row.value is not None
        return ShownTotal(row.value, None, None, row.label)
    below = row.years if row.trials is None else float(row.trials)
    if rule.is_open or not is_protected(row.source, scenario.sources):
        return ShownTotal(row.events / below, None, None, row.label)
    if row.trials is None:
        if not rule.is_unsafe(row.events):
            return ShownTotal(rule.rounded(row.events) / below, None, None, row.label)
        low, high = 1 / below, (rule.smallest_shown - 1) / below
        return ShownTotal((low + high) / 2, low, high, f"{row.label} ({_HIDDEN})")
    found = _share(row.events, row.trials, rule)
    if found.is_known:
        return ShownTotal(found.low, None, None, row.label)
    return ShownTotal((found.low + found.high) / 2, found.low, found.high, f"{row.label} ({_HIDDEN})")


def shown_trials(row: ObservedTotal, scenario: Scenario) -> ObservedTotal:
    """Return an observed total out of a rounded number of people, for drawing what data could be.

    Shares of so many people would tell their number by their steps.
    """
    rule = scenario.disclosure
    if row.trials is None or rule.is_open or not is_protected(row.source, scenario.sources):
        return row
    trials = max(rule.rounded(row.trials), rule.round_to)
    return row.model_copy(update={"trials": trials, "events": min(row.events or 0, trials)})


class _Share(NamedTuple):
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        return self.low == self.high


def _share(events: int, trials: int, rule: DisclosureRule) -> _Share:
    """Return a share of rounded counts, or the range of one with an unsafe count in it."""
    most = rule.smallest_shown - 1
    whole = max(rule.rounded(trials), 1)
    if rule.is_unsafe(trials):
        return _Share(0.0, 1.0)
    if rule.is_unsafe(events):
        return _Share(1 / whole, min(most / whole, 1.0))
    if rule.is_unsafe(trials - events):
        return _Share(max(1 - most / whole, 0.0), 1 - 1 / whole)
    share = min(rule.rounded(events) / whole, 1.0)
    return _Share(share, share)


def shown_estimate(estimate: Estimate, scenario: Scenario) -> Estimate:
    """Return an estimate as it may be shown: unpublished counts rounded, unsafe ones as a range.

    The range is that of the estimates which the hidden count allows, so that it holds that of the true one.
    """
    rule = scenario.disclosure
    events, trials = estimate.events, estimate.trials
    if (
        events is None
        or trials is None
        or rule.is_open
        or not is_protected(estimate.source, scenario.sources)
    ):
        return estimate
    found = _share(events, trials, rule)
    whole = max(rule.rounded(trials), 1)
    if found.is_known:
        return estimate.model_copy(update={"events": min(rule.rounded(events), whole), "trials": whole})
    ends = [
        Estimate(unit=estimate.unit, source=estimate.source, events=round(x * whole), trials=whole)
        for x in (found.low, (found.low + found.high) / 2, found.high)
    ]
    low, value, high = ends[0].interval[0], ends[1].median, ends[2].interval[1]
    numbers = {"low": max(low, _EDGE), "value": value, "high": min(high, 1 - _EDGE)}
    note = "; ".join(text for text in (estimate.note, _HIDDEN) if text)
    return estimate.model_copy(update={**numbers, "events": None, "trials": None, "note": note})


def shown_scenario(scenario: Scenario) -> Scenario:
    """Return a scenario as it may be kept in a run folder: no unpublished small count stands in it.

    Observed totals that were counted become rounded ones; those with an unsafe count are left out.
    """
    found = _shown(scenario, scenario)
    assert isinstance(found, Scenario)
    posterior = scenario.posterior
    if posterior is not None:
        before, after = estimates_in(scenario), estimates_in(found)
        changed = {name: after[name] for name in before if before[name] != after[name]}
        found = found.model_copy(update={"posterior": _shown_posterior(posterior, changed)})
    return found


def _shown_posterior(posterior: Posterior, changed: Mapping[str, Estimate]) -> Posterior:
    """Return draws without digests from which a small count could be tried out."""

    def heading(text: str) -> str:
        name, mark, _ = text.partition("#")
        if name == OBSERVED:
            return f"{OBSERVED}#"
        return f"{name}{mark}{estimate_digest(changed[name])}" if name in changed else text

    return posterior.model_copy(update={"columns": {heading(h): x for h, x in posterior.columns.items()}})


def _shown(item: Any, scenario: Scenario) -> Any:
    if isinstance(item, Estimate):
        return shown_estimate(item, scenario)
    if isinstance(item, tuple) and item and all(isinstance(row, ObservedTotal) for row in item):
        return tuple(kept for row in item if (kept := _shown_row(row, scenario)) is not None)
    if isinstance(item, BaseModel):
        old = {name: getattr(item, name) for name in type(item).model_fields}
        new = {name: _shown(x, scenario) for name, x in old.items()}
        changed = {name: x for name, x in new.items() if x is not old[name]}
        return item.model_copy(update=changed) if changed else item
    if isinstance(item, dict):
        made = {name: _shown(x, scenario) for name, x in item.items()}
        return made if any(made[name] is not item[name] for name in item) else item
    if isinstance(item, tuple):
        rows = [_shown(x, scenario) for x in item]
        is_same = all(a is b for a, b in zip(rows, item, strict=True))
        return item if is_same else type(item)(*rows) if hasattr(item, "_fields") else tuple(rows)
    return item


def _shown_row(row: ObservedTotal, scenario: Scenario) -> ObservedTotal | None:
    rule = scenario.disclosure
    if row.events is None or rule.is_open or not is_protected(row.source, scenario.sources):
        return row
    if row.trials is None:
        hidden = rule.is_unsafe(row.events)
        return None if hidden else row.model_copy(update={"events": rule.rounded(row.events)})
    if not _share(row.events, row.trials, rule).is_known:
        return None
    trials = max(rule.rounded(row.trials), 1)
    return row.model_copy(update={"events": min(rule.rounded(row.events), trials), "trials": trials})

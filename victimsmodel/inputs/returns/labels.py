"""The stage that a label means, how firmly its words say so, and what it counts."""

from __future__ import annotations

import re
from typing import NamedTuple

from victimsmodel.inputs.returns.period_text import period_in, plain_text
from victimsmodel.inputs.returns.vocabulary import (
    CUMULATIVE,
    ELSEWHERE,
    LEAVING,
    MEANT,
    NOISE,
    RULES,
    UNITS,
    Unit,
)

_NUMBERING = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.)]?|[a-z][.)]|kpi\s*\d+\w*)[\s:]+", re.IGNORECASE)


class Candidate(NamedTuple):
    """A stage that a label may mean."""

    stage: str
    firmness: float


#: Why a label that may be any step is not mapped.
NO_STEP = "its words name no step of the pathway"


class Reading(NamedTuple):
    """What the words of a label say."""

    stage: str  # empty if none, or if it is no count of persons on the pathway
    firmness: float
    other: str  # a second stage that the words name too
    unit: Unit
    reason: str
    is_cumulative: bool


def words_of(label: str) -> str:
    """Return the words of a label without case, signs, numbering and periods."""
    bare = _NUMBERING.sub("", label)
    bare = re.sub(r"\bnos?\b\.? of\b|\bno\. ", "number of ", plain_text(bare))
    found, rest = period_in(bare)
    return rest if found else " ".join(re.sub(r"[^\w%£]+", " ", bare).split())


def read_label(label: str) -> Reading:
    """Return the stage that a label means, how firmly its words say so, and what it counts.

    Parameters
    ----------
    label : str
        A heading, or the name of a row.

    Returns
    -------
    Reading
        ``firmness`` is that of the firmest rule; if two steps are named and none is known to be meant, it is
        lowered to under a half.
    """
    full = words_of(label)
    text = " ".join(NOISE.sub(" ", full).split())
    unit: Unit = next((unit for pattern, unit in UNITS if pattern.search(full)), "unstated")
    is_cumulative = bool(CUMULATIVE.search(label.casefold()))
    for pattern, what in ELSEWHERE:
        if pattern.search(full) or (what.startswith("a percentage") and "%" in label):
            return Reading("", 0.0, "", "unstated", f"it is {what}", is_cumulative)
    found = _candidates(text, full)
    if not found:
        return Reading("", 0.0, "", unit, NO_STEP, is_cumulative)
    best, other = _meant(found)
    reason = f"its words name the step {best.stage}"
    if other:
        reason += f", but also {other.stage}"
        best = best._replace(firmness=min(best.firmness, 0.45))
    return Reading(best.stage, best.firmness, other.stage if other else "", unit, reason, is_cumulative)


def _candidates(text: str, full: str) -> list[Candidate]:
    """Return the stages that the words point to, with and without small words, the firmest first."""
    firmest: dict[str, float] = {}
    weakened: dict[str, float] = {}
    for pattern, stage, firmness in RULES:
        if pattern.search(text) or pattern.search(full):
            firmest[stage] = max(firmest.get(stage, 0.0), firmness)
            if firmness < 0.5:  # a phrase that looks like the stage and is not quite
                weakened[stage] = firmness
    firmest.update(weakened)
    return sorted((Candidate(*item) for item in firmest.items()), key=lambda item: -item.firmness)


def _meant(found: list[Candidate]) -> tuple[Candidate, Candidate | None]:
    """Return the candidate that is meant, and another one that may be."""
    leaving = [item for item in found if item.stage in LEAVING]
    if leaving:
        if len(leaving) == 1 or leaving[0].firmness > leaving[1].firmness:
            return leaving[0], None
        meant = MEANT.get(frozenset(item.stage for item in leaving[:2]))
        return leaving[0], None if meant == leaving[0].stage else leaving[1]
    # "Referrals contacted": the noun says what is counted, the other word which step.
    steps = [item for item in found if item.stage not in ("referred", "victims")] or found
    if len(steps) == 1:
        return steps[0], None
    first, second = steps[:2]
    meant = MEANT.get(frozenset((first.stage, second.stage)))
    if meant:
        return (first if first.stage == meant else second), None
    return first, second if first.firmness - second.firmness < 0.25 else None

"""Service standards as they are stated, and the share of all who are entitled to it that a year meets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.scenario import PRIORITIES, Priority, Scenario
from victimsmodel.pathway.results import Counters
from victimsmodel.records import EXITS, STAGES, WAITS

Who = Literal["all"] | Priority
Wait = Literal["first_attempt", "contact", "support"]

#: Share of victims that a standard taken from the scenario holds for: a usual wording, a choice.
USUAL_SHARE = 0.9
_MOST_DAYS = 119
_WHO = ("all", *PRIORITIES)
_SHAPE = "must read like: enhanced first_attempt 2 working days 90%"
_BARRED = [EXITS.index(name) for name in ("excluded", "unsafe", "no_details")]
_TITLES = {"first_attempt": "attempted", "contact": "contacted", "support": "begun to be supported"}


class Standard(NamedTuple):
    """A promise: this share of these victims waits no longer than so many days."""

    who: Who
    wait: Wait
    days: int
    working: bool  # counted in working days, else in days of the calendar
    share: float
    of_all: bool = False  # a contact counts against all who are attempted, also those whom nobody reaches

    def __str__(self) -> str:
        """Return the standard as it is written on the command line."""
        days = f"{self.days} working days" if self.working else f"{self.days} days"
        of_all = " of all" if self.of_all else ""
        return f"{self.who} {self.wait} {days} {_percent(self.share)}{of_all}"

    @property
    def title(self) -> str:
        """Return the standard in words."""
        who = "victims" if self.who == "all" else f"{self.who} victims"
        unit = "working day" if self.working else "day"
        days = f"{self.days} {unit}{'' if self.days == 1 else 's'}"
        reached = {True: "", False: " of those who can be reached"}[self.of_all or self.wait != "contact"]
        accepted = " of accepting" if self.wait == "support" else ""
        return f"{_percent(self.share)} of {who} {_TITLES[self.wait]} within {days}{accepted}{reached}"


def parse_standards(texts: Iterable[str]) -> tuple[Standard, ...]:
    """Return standards from texts such as ``enhanced first_attempt 2 working days 90%``.

    The words are: all, enhanced or standard; first_attempt, contact or support; a number of ``days`` or
    ``working days``; a share; after a contact perhaps ``of all``.

    Raises
    ------
    InputError
        VM181 for every text that is no standard, all at once; VM182 where one wait is counted in working
        days by one standard and in days of the calendar by another.
    """
    found: list[Standard] = []
    problems: list[Problem] = []
    for text in texts:
        standard = _parsed(text)
        if isinstance(standard, Problem):
            problems.append(standard)
        elif standard not in found:
            found.append(standard)
    if problems:
        raise InputError(problems)
    if not found:
        raise input_error("--standard", "must be given at least once", "VM181")
    for wait in WAITS:
        if len({standard.working for standard in found if standard.wait == wait}) > 1:
            allowed = "must be counted in working days by all standards, or in days of the calendar by all"
            raise input_error("--standard", allowed, "VM182", field=wait)
    return tuple(found)


def _parsed(text: str) -> Standard | Problem:
    words = text.lower().replace("%", " % ").split()
    of_all = words[-2:] == ["of", "all"]
    words = words[:-2] if of_all else words
    working = len(words) > 3 and words[3] == "working"
    if working:
        del words[3]

    def wrong(allowed: str, value: str, hint: str = "") -> Problem:
        return Problem("--standard", text, value, allowed, "VM181", hint)

    if len(words) != 6 or words[3] not in ("day", "days") or words[5] != "%":
        return wrong(_SHAPE, "")
    who, wait, days, _, share, _ = words
    if who not in _WHO:
        return wrong(f"who is meant must be one of {', '.join(_WHO)}", "", did_you_mean(who, list(_WHO)))
    if wait not in WAITS:
        return wrong(f"the wait must be one of {', '.join(WAITS)}", "", did_you_mean(wait, list(WAITS)))
    if not days.isdigit() or int(days) > _MOST_DAYS:
        return wrong(f"the days must be a whole number from 0 to {_MOST_DAYS}", "")
    if not _is_share(share):
        return wrong("the share must be above 0 % and below 100 %", "")
    if of_all and wait != "contact":
        return wrong("only a contact may be stated of all; attempts and support always are", "")
    return Standard(cast(Who, who), cast(Wait, wait), int(days), working, float(share) / 100, of_all)


def _is_share(text: str) -> bool:
    whole, _, part = text.partition(".")
    return whole.isdigit() and (part.isdigit() or part == "") and 0 < float(text) < 100


def default_standards(scenario: Scenario) -> tuple[Standard, ...]:
    """Return the standards that a scenario plans for.

    Without any, its service standards for 90 %: attempts and contacts of enhanced victims, all support.
    """
    if scenario.plans is not None and scenario.plans.standards:
        return parse_standards(scenario.plans.standards)
    stated = scenario.standards
    return (
        Standard("enhanced", "first_attempt", stated.first_attempt_days, False, USUAL_SHARE),
        Standard("enhanced", "contact", stated.contact_days, False, USUAL_SHARE),
        Standard("all", "support", stated.support_days, False, USUAL_SHARE),
    )


def counted_in_working_days(standards: Iterable[Standard]) -> NDArray[np.int64]:
    """Return which waits the kernel is to count in working days, shape (n_waits,)."""
    working = {standard.wait for standard in standards if standard.working}
    return np.array([wait in working for wait in WAITS], np.int64)


def shares_met(
    standards: Sequence[Standard], scenario: Scenario, made: Counters, ample: Counters
) -> NDArray[np.float64]:
    """Return the share of those entitled to each standard for whom it was kept.

    Entitled are, to an attempt: all referred but those excluded, unsafe to contact or without details, and
    those who came by themselves; who left before the attempt counts against the service. To a contact:
    those who would have been contacted had nobody waited for staff (or, of all, those entitled to an
    attempt). To support: all who accepted it.

    Parameters
    ----------
    standards : sequence of Standard
    scenario : Scenario
    made, ample : Counters
        Of one year, without further dimensions; `ample` of the same victims with ample staff.

    Returns
    -------
    ndarray, shape (n_standards,)
        1 where nobody is entitled.
    """
    found = np.ones(len(standards))
    for s, standard in enumerate(standards):
        groups = [standard.who in ("all", group.priority) for group in scenario.groups]
        kept, entitled = _kept(standard, _of(made, groups)), _entitled(standard, made, ample, groups)
        if entitled > 0:
            found[s] = min(kept / entitled, 1.0)
    return found


class _Counts(NamedTuple):
    stages: NDArray[np.int64]
    barred: int
    waits: NDArray[np.int64]  # (n_waits, days)
    own: int  # came by themselves


def _of(made: Counters, groups: list[bool]) -> _Counts:
    if made.waits is None:
        raise ValueError("standards need counted waits")
    waits = made.waits[groups].sum(axis=0)
    stages = made.funnel[groups, 0].sum(axis=0)
    barred = int(made.exits[groups, 0].sum(axis=0)[_BARRED].sum())
    own = int(stages[STAGES.index("attempted")] - waits[WAITS.index("first_attempt")].sum())
    return _Counts(stages, barred, waits, own)


def _kept(standard: Standard, counts: _Counts) -> int:
    within = int(counts.waits[WAITS.index(standard.wait), : standard.days + 1].sum())
    # who came by himself was in contact on the day: no merit of an attempt
    return within - counts.own if standard.wait == "contact" else within


def _entitled(standard: Standard, made: Counters, ample: Counters, groups: list[bool]) -> int:
    if standard.wait == "contact" and not standard.of_all:
        unhindered = _of(ample, groups)
        return int(unhindered.stages[STAGES.index("contacted")]) - unhindered.own
    counts = _of(made, groups)
    if standard.wait == "support":
        return int(counts.stages[STAGES.index("accepted")])
    return int(counts.stages[STAGES.index("referred")]) - counts.barred - counts.own


def _percent(share: float) -> str:
    return f"{100 * share:.10g}%"

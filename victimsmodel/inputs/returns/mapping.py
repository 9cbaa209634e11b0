"""The mapping file: which label of a return is which stage, and what it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.finding import closest
from victimsmodel.inputs.messages import place, validation_problems
from victimsmodel.inputs.quantities import Frozen
from victimsmodel.inputs.returns.period_text import is_period, plain_text
from victimsmodel.inputs.returns.vocabulary import Unit
from victimsmodel.inputs.strict_yaml import Node, plain, read_yaml
from victimsmodel.records import EXITS, STAGES

#: Stages and exits that a label may be mapped to; `completed` is both.
TARGETS = (*STAGES, *(exit_ for exit_ in EXITS if exit_ not in STAGES))
UNSURE = "unsure"
IGNORED = "ignored"

#: A proposal below this is written as unsure, and loading refuses it until someone decides.
THRESHOLD = 0.7


Texts = Annotated[tuple[str, ...], Field(strict=False)]  # a list, as YAML has it


class Entry(Frozen):
    """What one label of the return counts."""

    stage: str  # a stage, an exit, `ignored`, or `unsure` until it is decided
    unit: Unit = "unstated"
    definition: str = ""  # in the provider's words
    part: bool = False  # one of several labels that are added up to the stage
    cumulative: bool | None = None  # counted from the start of the year; as the whole file unless stated
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None  # of the proposal
    perhaps: str = ""  # the likeliest stage of an unsure label
    why: str = ""  # the reasons of the proposal, or for ignoring the label


class Mapping(Frozen):
    """How a return is read."""

    file: str = ""  # that it was proposed for
    labels_in: Literal["rows", "columns"] | None = None
    sheets: Texts = ()  # all with a table unless stated
    period: str = ""  # what the file does not say of its periods: 2017/18, or 2017/18 Q1
    year_starts: Literal["april", "january", "unsure", ""] = ""  # what "Q1 2017" begins with
    months_mean: Literal["month", "quarter_start", "quarter_end", "unsure", ""] = ""  # a month on its own
    cumulative: Literal["unsure"] | bool = False  # counts run from the start of the financial year
    suppressed_below: Annotated[int, Field(ge=2, le=100)] | None = (
        None  # what * and the like hide is below it
    )
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.0  # of a whole, by which its parts may differ from it
    part_periods: Literal["keep", "exclude"] = "keep"  # a quarter of which only some months or days are there
    breakdown: Texts = ()  # parts of a table that are added up
    basis: Literal["activity", "cohort", "unstated"] = (
        "unstated"  # cohort: followed from the quarter of referral
    )
    labels: dict[str, Entry] = Field(min_length=1)

    def entry(self, label: str) -> Entry | None:
        """Return what a label means, however it is spaced and capitalised."""
        return {same(name): entry for name, entry in self.labels.items()}.get(same(label))


def same(label: str) -> str:
    """Return a label in the form in which labels are compared."""
    return " ".join("".join(c if c.isalnum() or c in "%£<>" else " " for c in plain_text(label)).split())


def load_mapping(path: str | Path) -> tuple[Mapping, Node]:
    """Read a mapping file, and where each of its lines stands.

    Raises
    ------
    InputError
        With every problem: file, line, field, value and what is allowed; what is still unsure is one.
    """
    problems: list[Problem] = []
    root = read_yaml(Path(path), problems)
    try:
        mapping = Mapping.model_validate(plain(root))
    except ValidationError as error:
        raise InputError([*problems, *validation_problems(error, root, Mapping)]) from None
    problems += undecided(mapping, root)
    if problems:
        raise InputError(problems)
    return mapping, root


def undecided(mapping: Mapping, root: Node) -> list[Problem]:
    """Return what is unsure still, what is no stage, and labels that stand twice."""
    problems = []
    for field in ("year_starts", "months_mean", "cumulative"):
        if getattr(mapping, field) == UNSURE:
            where, name = place(root, (field,))
            allowed = {
                "year_starts": "must be decided: april or january",
                "months_mean": "must be decided: month, quarter_start or quarter_end",
                "cumulative": "must be decided: true if counts run from the start of the year, false if not",
            }[field]
            problems.append(Problem(where, name, UNSURE, allowed, "VM112"))
    if mapping.period and not is_period(mapping.period):
        where, name = place(root, ("period",))
        problems.append(Problem(where, name, mapping.period, "must be like 2017/18 or 2017/18 Q1", "VM112"))
    seen: dict[str, str] = {}
    for label, entry in mapping.labels.items():
        where, name = place(root, ("labels", label, "stage"))
        if entry.stage == UNSURE:
            allowed = "must be decided: a stage, an exit, or ignored"
            hint = f"Is it {entry.perhaps}?" if entry.perhaps else ""
            problems.append(Problem(where, name, UNSURE, allowed, "VM112", hint))
        elif entry.stage not in (*TARGETS, IGNORED):
            close = closest(entry.stage, (*TARGETS, IGNORED))
            hint = f"Did you mean {close}?" if close else ""
            allowed = f"is no stage (known: {', '.join((*TARGETS, IGNORED))})"
            problems.append(Problem(where, name, entry.stage, allowed, "VM112", hint))
        if same(label) in seen:
            allowed = f"is the same label as {seen[same(label)]}"
            problems.append(Problem(where, f"labels.{label}", "", allowed, "VM112"))
        seen[same(label)] = label
    return problems

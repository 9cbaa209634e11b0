"""What people know of an analysis that no table does: reasons, reliability, who decided what and when.

It stands in a file beside the scenario, ``<scenario>.qa.yaml``, so that it outlives every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.fields import IsoDate, Label
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.messages import place, validation_problems
from victimsmodel.inputs.quantities import Frozen
from victimsmodel.inputs.strict_yaml import Node, plain, read_yaml

#: Folder of a run with its logs and its sign-off; its files are no results.
QA = "qa"

_CODE = "VM277"
_SUFFIX = ".qa.yaml"
#: Running text, in one line: line breaks of a YAML block are spaces.
_Text = Annotated[
    str,
    BeforeValidator(lambda text: " ".join(text.split()) if isinstance(text, str) else text),
    Field(max_length=4000),
]
Reliability = Literal["high", "medium", "low"]


class _Filled(Frozen):
    """A description in which a key without a value is a key that was left out."""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, given: Any) -> Any:
        is_mapping = isinstance(given, dict)
        return {name: x for name, x in given.items() if x is not None} if is_mapping else given


class Entry(_Filled):
    """What someone knows of an assumption, a decision or a source of data."""

    what: _Text = ""
    effect: _Text = ""  # on the result, where no sensitivity analysis tells it
    reliability: Reliability | None = None
    when: IsoDate | None = None
    why: _Text = ""
    who: _Text = ""
    signed_off_by: _Text = ""


class Check(_Filled):
    """One check that someone made of the analysis."""

    what: _Text = Field(min_length=1)
    result: _Text = ""
    when: IsoDate | None = None
    who: _Text = ""


class Roles(_Filled):
    """Who answers for what, in the words of the AQuA Book."""

    commissioner: Label | None = None
    analyst: Label | None = None
    assurer: Label | None = None
    approver: Label | None = None


class QaEntries(_Filled):
    """All that people wrote down for the quality assurance of a scenario."""

    purpose: _Text = ""  # what the analysis is for, and which decision it serves
    roles: Roles = Roles()
    assumptions: dict[str, Entry] = {}  # by the dotted name of the input, or options.<option>.<input>
    decisions: dict[str, Entry] = {}  # by a short name; those of the scenario by the name in the log
    data: dict[str, Entry] = {}  # by the key of the source, or the name of the file
    checks: Annotated[tuple[Check, ...], Field(strict=False)] = ()
    stress: dict[str, _Text] = {}  # more on an item of the STRESS sheet, by its number


def entries_path(run_folder: Path, manifest: Mapping[str, Any]) -> Path | None:
    """Return where the entries of a run's scenario stand, if they do; None for a run that names no inputs."""
    first = next(iter(manifest.get("inputs") or ()), None)
    return None if first is None else (run_folder / first).with_suffix(_SUFFIX)


def load_qa_entries(path: str | Path, known: Mapping[str, Iterable[str]]) -> QaEntries:
    """Read what people wrote down for the quality assurance of a scenario.

    Parameters
    ----------
    path : str or Path
        ``<scenario>.qa.yaml``.
    known : mapping of str to iterable of str
        Names that each of ``assumptions``, ``decisions``, ``data`` and ``stress`` may use. A decision of
        another name must say `what` was decided.

    Raises
    ------
    InputError
        With every problem: file, line, field, value and what is allowed.
    """
    problems: list[Problem] = []
    root = read_yaml(Path(path), problems, " (purpose, roles, assumptions, decisions, data, checks)")
    try:
        entries = QaEntries.model_validate(_blank_as_absent(plain(root)))
    except ValidationError as error:
        raise InputError([*problems, *validation_problems(error, root, QaEntries)]) from None
    problems += _unknown_names(entries, root, known)
    if problems:
        raise InputError(problems)
    return entries


def _blank_as_absent(given: Any) -> Any:
    """Leave out entries that were begun and not filled in."""
    if not isinstance(given, dict):
        return given
    maps = ("assumptions", "decisions", "data", "stress")
    return {
        name: {key: entry for key, entry in value.items() if entry is not None}
        if name in maps and isinstance(value, dict)
        else value
        for name, value in given.items()
    }


def _unknown_names(entries: QaEntries, root: Node, known: Mapping[str, Iterable[str]]) -> Iterator[Problem]:
    kinds = {
        "assumptions": "is not an input of this run",
        "data": "is neither a source nor an input file of this run",
        "stress": "is not the number of an item",
    }
    for kind, allowed in kinds.items():
        names = list(known[kind])
        for name in getattr(entries, kind):
            if name not in names:
                where, field = place(root, (kind, name))
                yield Problem(where, field, "", allowed, _CODE, did_you_mean(name, names))
    for name, entry in entries.decisions.items():
        if name not in (names := list(known["decisions"])) and not entry.what:
            where, field = place(root, ("decisions", name))
            allowed = "must say what was decided: it is no decision that the run shows"
            yield Problem(where, f"{field}.what", "", allowed, _CODE, did_you_mean(name, names))

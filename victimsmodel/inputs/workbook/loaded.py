"""From an input workbook back to a scenario: differences, checks, and the file that states them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.files import write_whole
from victimsmodel.inputs.loading import read_stated, scenario_of
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.strict_yaml import Node, plain, read_yaml
from victimsmodel.inputs.workbook.differences import Comparison, Difference, compare_workbook
from victimsmodel.inputs.workbook.reading import ReadWorkbook, read_workbook, refuse
from victimsmodel.inputs.workbook.yaml_text import extending_text, whole_text

_NAME_LENGTH, _TITLE_LENGTH = 60, 200
_NAMED = 5  # hidden parts, in one remark
#: The first words of a file that is written here, which may therefore be replaced; they stand in its head.
_WRITTEN, _HEAD = "Written by victimsmodel load", 1_000
_MOST_FILES = 5  # that a scenario may extend, one after the other


@dataclass(frozen=True)
class LoadedWorkbook:
    """What an input workbook states, checked.

    Parameters
    ----------
    workbook, scenario_file : Path
        The workbook, and the file that it was made from.
    scenario : Scenario
        With all that the workbook changes.
    differences : tuple of Difference
        Field, was, now and cell of every input that it changes.
    remarks : tuple of str
        What a user should think about.
    taken : tuple of str
        Fields that are no longer stated: the file then holds the whole scenario.
    """

    workbook: Path
    scenario_file: Path
    scenario: Scenario
    differences: tuple[Difference, ...]
    remarks: tuple[str, ...]
    taken: tuple[str, ...]
    changes: Node
    root: Node

    @property
    def is_whole(self) -> bool:
        """Whether the written file holds the whole scenario, because it cannot extend the original."""
        return bool(self.taken) or len(_files_of(self.scenario_file)) >= _MOST_FILES

    def text(self, out: Path) -> str:
        """Return the YAML of the changed scenario, for a file of the given name."""
        made = f"{_WRITTEN} from {self.workbook.name}: {self.scenario_file.name}, changed."
        if self.is_whole:
            return whole_text(self.root, out, made)
        return extending_text(self.changes, self.scenario_file, out, made)

    def named(self, name: str) -> LoadedWorkbook:
        """Return the same under a name of its own, which its title tells too unless the workbook does.

        Raises
        ------
        InputError
            If the name cannot be that of a scenario.
        """
        stated = {difference.field for difference in self.differences}
        titled = f"{self.scenario.title} ({name})"[:_TITLE_LENGTH]
        title = self.scenario.title if "title" in stated else titled
        own = {"name": name, "title": title}
        nodes = {key: Node(text, "--name", key) for key, text in own.items()}
        root, changes = (_under(nodes, each) for each in (self.root, self.changes))
        return replace(self, scenario=scenario_of(root, []), root=root, changes=changes)


def _under(first: Mapping[str, Node], root: Node) -> Node:
    """Return what is stated with some fields stated otherwise, and first."""
    rest = root.value if isinstance(root.value, dict) else {}
    kept = {name: child for name, child in rest.items() if name not in first}
    return Node({**first, **kept}, root.where, root.field)


def name_of(target: Path) -> str:
    """Return the name of a scenario that is written to a file: its letters, digits and hyphens.

    Examples
    --------
    >>> name_of(Path("out/Kent inputs (2).yaml")), name_of(Path("2019.yaml"))
    ('kent-inputs-2', 'scenario-2019')
    """
    words = re.sub(r"[^a-z0-9]+", "-", target.stem.lower()).strip("-")
    name = words if words[:1].isalpha() else f"scenario-{words}".strip("-")
    return name[:_NAME_LENGTH].rstrip("-")


def load_input_workbook(
    workbook: str | Path, scenario: str | Path | None = None, *, accept_changed: bool = False
) -> LoadedWorkbook:
    """Read an input workbook, compare it with its scenario, and check the result.

    Parameters
    ----------
    workbook : str or Path
        Made by `write_input_workbook`, and perhaps edited and saved by a spreadsheet.
    scenario : str or Path, optional
        The scenario file that it was made from, where that is no longer where it was.
    accept_changed : bool
        Compare with the scenario file even if it states something else than when the workbook was made:
        what the workbook shows then holds.

    Returns
    -------
    LoadedWorkbook

    Raises
    ------
    InputError
        With one problem for everything that is wrong, with sheet and cell where there is one.
    """
    book = read_workbook(workbook)
    return loaded_of(book, _scenario_of(book, scenario), accept_changed=accept_changed)


def loaded_of(book: ReadWorkbook, path: Path, *, accept_changed: bool = False) -> LoadedWorkbook:
    """Compare a workbook that was read with its scenario file, and check the result."""
    problems: list[Problem] = []
    root = read_stated(path, problems)
    refuse(problems)
    if fingerprint(root) != book.fingerprint and not accept_changed:
        allowed = "states something else than when the workbook was made, so that differences cannot be told"
        hint = (
            f"Make the workbook anew, name the old file with --scenario, or let the workbook hold "
            f"with --accept-changed ({book.path.name})."
        )
        raise input_error(str(path), allowed, "VM222", hint=hint)
    found = compare_workbook(root, book)
    changed = found.edits.changed()
    loaded = _checked(changed, found)
    return LoadedWorkbook(
        book.path,
        path,
        loaded,
        tuple(found.differences),
        tuple(_remarks(found, book, fingerprint(root))),
        tuple(_name(part) for part in found.edits.taken),
        found.edits.changes,
        changed,
    )


def write_loaded(loaded: LoadedWorkbook, out: str | Path, *, replace: bool = False) -> Path:
    """Write the scenario of a workbook as YAML, beside the original, which stays as it is.

    Parameters
    ----------
    loaded : LoadedWorkbook
    out : str or Path
        Name of the scenario file.
    replace : bool
        Replace a file that was written so before; no other file is ever replaced.

    Raises
    ------
    InputError
        If `out` is the scenario file itself, or exists.
    """
    target = Path(out)
    if target.suffix not in (".yaml", ".yml"):
        raise input_error(str(target), "must end in .yaml", "VM228", field="--out")
    if target.resolve() in _files_of(loaded.scenario_file):
        allowed = "is the scenario that the workbook was made from; name another file"
        raise input_error(str(target), allowed, "VM228", hint="Its comments would be lost.")
    if target.exists() and not replace:
        hint = "Name another file with --out, or replace it with --replace."
        raise input_error(str(target), "exists", "VM228", hint=hint)
    if target.is_file() and _WRITTEN.encode() not in target.read_bytes()[:_HEAD]:
        allowed = "is a file that load did not write; what stands in it would be lost"
        raise input_error(str(target), allowed, "VM228", hint="Name another file with --out.")
    write_whole(target, loaded.text(target).encode())
    return target


def fingerprint(root: Node) -> str:
    """Return a short hash of what a scenario file states, comments and layout aside."""
    text = json.dumps(plain(root), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _scenario_of(book: ReadWorkbook, named: str | Path | None) -> Path:
    """Return the scenario file: as named, or as the workbook has it, beside the workbook or from here."""
    if named is not None:
        return Path(named)
    stated = Path(book.scenario_file)
    for path in (book.path.parent / stated, stated):
        if book.scenario_file and path.is_file():
            return Path(os.path.normpath(path))
    allowed = f"was made from {book.scenario_file or 'a file'}, which is not there"
    raise input_error(str(book.path), allowed, "VM221", hint="Name it with --scenario.")


def _checked(root: Node, found: Comparison) -> Scenario:
    """Return the scenario; every problem of a field that has a cell names the cell."""
    problems = list(found.problems)
    refused = {problem.field for problem in problems if problem.field}
    try:
        scenario = scenario_of(root, [])
    except InputError as error:
        problems += [
            _placed(problem, found.places) for problem in error.problems if problem.field not in refused
        ]
        raise InputError(dict.fromkeys(problems)) from None
    refuse(problems)
    return scenario


def _placed(problem: Problem, places: Mapping[str, str]) -> Problem:
    cell = places.get(problem.field)
    return problem if cell is None else replace(problem, where=cell)


def _remarks(found: Comparison, book: ReadWorkbook, now: str) -> list[str]:
    remarks = []
    if now != book.fingerprint:
        remarks.append(
            "The scenario file has changed since the workbook was made: differences are both of them."
        )
    if found.kept_sources:
        named = ", ".join(found.kept_sources)
        remarks.append(f"New numbers, same source: does it vouch for them? Else write assumption: {named}.")
    if book.hidden:
        more = f" and {len(book.hidden) - _NAMED} more" if len(book.hidden) > _NAMED else ""
        remarks.append(f"Hidden in the workbook, and read: {', '.join(book.hidden[:_NAMED])}{more}.")
    return remarks


def _name(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))


def _files_of(path: Path) -> list[Path]:
    """Return the files that a scenario is made of, one extending the next."""
    found = [path.resolve()]
    while len(found) <= _MOST_FILES:
        root = read_yaml(path, []).value
        extends = root.get("extends") if isinstance(root, dict) else None
        if extends is None:
            break
        path = path.parent / str(extends.value)
        found.append(path.resolve())
    return found

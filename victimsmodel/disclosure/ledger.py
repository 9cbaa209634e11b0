"""What was released before of the same data, and whether another release would give people away.

The ledger holds what was shown, never a count that was hidden, and no row of the data. Beside each number
stands a code by which the true count can be compared with another of the same data: a keyed hash whose key
is made of the content of the data, so that only who holds the data could undo it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from victimsmodel.disclosure.cells import Cell, Shape
from victimsmodel.errors import PrivacyError, Problem, VictimsModelError
from victimsmodel.files import write_whole
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.locks import only_run

LEDGER = "disclosure-ledger.jsonl"
_HIDDEN = "c"
_DIGITS = 20  # hexadecimal, of a code


class Kept(NamedTuple):
    """A cell as it was released: the number shown, None if hidden, and its code."""

    cell: Cell
    shown: int | None
    code: str


class Entry(NamedTuple):
    """One release: its name, of which data, under which rule, and every cell."""

    name: str
    data: str
    rule: DisclosureRule
    shapes: tuple[Shape, ...]
    cells: tuple[Kept, ...]

    def as_line(self) -> str:
        """Return the entry as a line of JSON."""
        cells = [
            [*_cell_out(kept.cell), _HIDDEN if kept.shown is None else kept.shown, kept.code]
            for kept in self.cells
        ]
        entry = {"release": self.name, "data": self.data, "rule": self.rule.model_dump()}
        return json.dumps({**entry, "shapes": self.shapes, "cells": cells}, sort_keys=True)


def data_id(data: str) -> str:
    """Return the name of data in the ledger; the content cannot be told from it, nor the key of codes."""
    return hashlib.sha256(f"victimsmodel ledger {data}".encode()).hexdigest()[:32]


def code_of(data: str, cell: Cell, value: float) -> str:
    """Return the code of a true count: equal for equal people, whichever table they stand in."""
    scope = sorted((dim, sorted(labels)) for dim, labels in scope_of(cell).items())
    message = json.dumps([cell.count, scope, int(value)]).encode()
    return hmac.new(f"victimsmodel code {data}".encode(), message, "sha256").hexdigest()[:_DIGITS]


def scope_of(cell: Cell) -> dict[str, frozenset[str]]:
    """Return whom a cell counts: the labels it is limited to, by dimension."""
    scope = {dim: frozenset(labels) for dim, labels in cell.where}
    for dim, label in cell.labels:
        scope[dim] = scope.get(dim, frozenset([label])) & {label}
    return scope


def entries_of(path: Path, data: str) -> list[Entry]:
    """Return the earlier releases of the same data.

    Raises
    ------
    PrivacyError
        VM287 if the ledger cannot be read: it would say nothing of what was released.
    """
    if not path.exists():
        return []
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        return [_entry(line) for line in lines if line["data"] == data_id(data)]
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        allowed = "is a ledger of releases that cannot be read, so that none can be compared with it"
        hint = "Restore it from a copy; without one, start anew in another folder of outputs."
        raise PrivacyError([Problem(str(path), "", "", allowed, "VM287", hint)]) from None


def add_entry(path: Path, entry: Entry) -> None:
    """Add a release to the ledger, unless it stands there already."""
    line = entry.as_line()
    with only_run(path):
        before = path.read_text("utf-8") if path.exists() else ""
        if line not in before.splitlines():
            write_whole(path, f"{before}{line}\n".encode())


@contextmanager
def taken_back_on_failure(folder: Path | None, name: str) -> Iterator[dict[Path, bytes]]:
    """Take a release out of the ledger again if it fails before any file of it stands.

    The ledger is told first: a process that is killed in between leaves an entry too many, which forbids
    more than it must; an entry too few would let people be given away.

    Parameters
    ----------
    folder : Path or None
        Whose ledger is told; None: no ledger is.
    name : str
        Of the release, in the ledger.

    Yields
    ------
    dict
        To be filled with the files of the release and their content before the first one is written.
    """
    files: dict[Path, bytes] = {}
    path = folder / LEDGER if folder is not None else None
    before = _lines(path) if path is not None else []
    try:
        yield files
    except BaseException:  # a disk, a closed pipe or Ctrl-C: all of them may come before the first file
        with suppress(VictimsModelError, OSError):  # an entry too many stays; the first error is told
            if path is not None and not any(_stands(*file) for file in files.items()):
                _take_back(path, name, before)
        raise


def _stands(path: Path, content: bytes) -> bool:
    """Say whether a file was written, which it may be though writing it failed in the end."""
    return path.is_file() and path.read_bytes() == content


def _take_back(path: Path, name: str, before: Sequence[bytes]) -> None:
    """Remove the lines of a release that were not there before; a ledger without a line with it."""
    with only_run(path):
        lines = _lines(path)
        kept = [line for line in lines if line in before or json.loads(line).get("release") != name]
        if not kept and lines:
            path.unlink()
        elif kept != lines:
            write_whole(path, b"".join(line + b"\n" for line in kept))


def _lines(path: Path) -> list[bytes]:
    """Return the lines of a ledger; none of one that cannot be read, which the release itself refuses."""
    try:
        return path.read_bytes().splitlines()
    except OSError:
        return []


class Clash(NamedTuple):
    """Two counts of the same data whose difference would give people away."""

    earlier: str  # name of the release
    old: Cell
    new: Cell


def differences(
    earlier: Sequence[Entry], data: str, values: Mapping[Cell, float], rule: DisclosureRule
) -> Iterator[Clash]:
    """Yield the counts that differ from one released before by an unsafe count.

    Counts of the same breakdown of the same people are left to the attack on both releases together; here
    are those of other people: with a filter that holds the others', or the same cell counted otherwise.
    """
    released = {kept.code for entry in earlier for kept in entry.cells}
    for cell, value in values.items():
        if code_of(data, cell, value) in released:
            continue  # nothing new
        scope = scope_of(cell)
        for entry in earlier:
            for kept in entry.cells:
                if kept.cell.count != cell.count:
                    continue
                is_same = scope_of(kept.cell) == scope
                if not is_same and (kept.cell.where == cell.where or not _nested(scope, scope_of(kept.cell))):
                    continue
                steps = range(1, rule.smallest_shown)
                near = (value + sign * step for step in steps for sign in (-1, 1))
                if any(hmac.compare_digest(code_of(data, kept.cell, n), kept.code) for n in near if n >= 0):
                    yield Clash(entry.name, kept.cell, cell)


def differences_within(values: Mapping[Cell, float], rule: DisclosureRule) -> Iterator[Clash]:
    """Yield pairs of counts that are shown together, of different parts of the data, that differ by few."""
    limited = [cell for cell in values if cell.where]
    for cell in limited:
        for other, value in values.items():
            if other.count == cell.count and other.where != cell.where:
                scopes = scope_of(cell), scope_of(other)
                if scopes[0] != scopes[1] and _nested(*scopes) and rule.is_unsafe(abs(value - values[cell])):
                    yield Clash("", other, cell)


def _nested(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    """Whether the people of one scope are among those of the other."""
    return _holds(one, other) or _holds(other, one)


def _holds(whole: Mapping[str, frozenset[str]], part: Mapping[str, frozenset[str]]) -> bool:
    return all(dim in part and part[dim] <= labels for dim, labels in whole.items())


def _cell_out(cell: Cell) -> list[Any]:
    return [cell.count, sorted(cell.labels), cell.where]


def _entry(line: Mapping[str, Any]) -> Entry:
    shapes = tuple(
        Shape(tuple(c), _pairs(labels), tuple((a, b) for a, b in contained), _pairs(where))
        for c, labels, contained, where in line["shapes"]
    )
    cells = tuple(
        Kept(
            Cell(count, frozenset((d, x) for d, x in labels), _pairs(where)),
            None if shown == _HIDDEN else int(shown),
            str(code),
        )
        for count, labels, where, shown, code in line["cells"]
    )
    rule = DisclosureRule.model_validate(line["rule"])
    return Entry(str(line["release"]), str(line["data"]), rule, shapes, cells)


def _pairs(found: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((str(dim), tuple(str(x) for x in labels)) for dim, labels in found)

"""What a workbook changes in the scenario that it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from victimsmodel.errors import Problem
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.strict_yaml import Node, Rejected, Scalar
from victimsmodel.inputs.workbook.cells import read_cell, same
from victimsmodel.inputs.workbook.described import described_at
from victimsmodel.inputs.workbook.edits import Edits, node_of
from victimsmodel.inputs.workbook.layout import CHANGES, VALUE, Cell, Row, Stated, node_at, rows_of
from victimsmodel.inputs.workbook.reading import ReadWorkbook, SheetRow, heading_of

_NUMBERS = (VALUE, "low", "high", "events", "trials", "times", "times_odds")
#: What a part of an estimate is that stands in no cell, where the whole cannot be stated anew.
_BLANK_PARTS: Mapping[str, Scalar] = {"note": "", "borrowed": False}
_GONE = "not stated"
_MOST_HINTS = 20  # names that are compared with all known ones; more of them come from another scenario


@dataclass(frozen=True)
class Difference:
    """One input that the workbook changes."""

    field: str
    was: str
    now: str
    cell: str  # where, as messages name it


@dataclass
class Comparison:
    """Differences from a scenario, the edits that they amount to, and what is wrong with cells."""

    edits: Edits
    differences: list[Difference]
    problems: list[Problem]
    places: dict[str, str]  # of every field that has a cell
    kept_sources: list[str]  # estimates whose numbers change, and whose source does not


@dataclass(frozen=True)
class _Read:
    """A row of the layout with what the workbook says."""

    row: Row
    held: SheetRow
    values: Mapping[str, Stated]  # by column

    def place(self, column: str) -> str:
        return self.held.places.get(heading_of(column), self.held.where)

    def changed(self) -> list[str]:
        return [c for c, cell in self.row.cells.items() if not same(cell.value, self.values[c])]

    @property
    def is_blank(self) -> bool:
        return all(value is None for value in self.values.values())


def compare_workbook(root: Node, book: ReadWorkbook) -> Comparison:
    """Return what a workbook changes in a scenario.

    Parameters
    ----------
    root : Node
        As the scenario file states it.
    book : ReadWorkbook
    """
    rows = rows_of(root)
    found = Comparison(Edits(root), [], [*book.problems], {}, [])
    found.problems += _strange(rows, book)
    read = list(_read(rows, book, found))
    for kind_and_path, group in groupby(read, key=lambda one: (one.row.kind, one.row.path)):
        entries = list(group)
        match kind_and_path[0]:
            case "scalar":
                _scalar(entries[0], found)
            case "record":
                _records(entries, found)
            case "dated":
                _dates(entries, found)
            case _:
                _parts(entries[0], found)
    return found


def _strange(rows: Sequence[Row], book: ReadWorkbook) -> Iterator[Problem]:
    """Yield rows that are missing, whole sheets at once, and rows that nothing is known of."""
    known = {row.field for row in rows}
    missing = [row for row in rows if row.field not in book.rows]
    for sheet, absent in groupby(missing, key=lambda row: row.sheet):
        gone = list(absent)
        if len(gone) == sum(row.sheet == sheet for row in rows):
            allowed = f"has no sheet with the inputs of {sheet}"
            yield Problem(str(book.path), "", "", allowed, "VM223", "Make the workbook anew.")
            continue
        for row in gone:
            allowed = f"has lost its row (sheet {sheet})"
            hint = "To take an entry away, clear its cells and keep the row."
            yield Problem(str(book.path), row.field, "", allowed, "VM223", hint)
    strange = [(name, held.where) for name, held in book.rows.items() if name not in known]
    for i, (name, where) in enumerate(strange):
        hint = did_you_mean(name, known) if i < _MOST_HINTS else ""
        yield Problem(where, name, "", "is not an input of this workbook's scenario", "VM224", hint)


def _read(rows: Sequence[Row], book: ReadWorkbook, found: Comparison) -> Iterator[_Read]:
    for row in rows:
        held = book.rows.get(row.field)
        if held is None:
            continue
        values: dict[str, Stated] = {}
        for column, cell in row.cells.items():
            heading = heading_of(column)
            if heading not in held.places:  # a column that no row of its kind fills may be left out
                if cell.value is not None:
                    found.problems.append(_lost_column(held, cell, heading))
                values[column] = cell.value
                continue
            values[column] = _value(cell, held, heading, found)
            found.places[cell.field] = held.places[heading]
        found.places.setdefault(row.field, _first_place(row, held))
        yield _Read(row, held, values)


def _first_place(row: Row, held: SheetRow) -> str:
    return next((held.places[heading_of(c)] for c in row.cells if heading_of(c) in held.places), held.where)


def _lost_column(held: SheetRow, cell: Cell, heading: str) -> Problem:
    return Problem(held.where, cell.field, "", f"has lost the column headed {heading}", "VM223")


def _value(cell: Cell, held: SheetRow, heading: str, found: Comparison) -> Stated:
    """Return what a cell states; what cannot be read counts as unchanged and is told."""
    raw, place = held.cells[heading], held.places[heading]
    read = read_cell(raw, cell.allowed)
    if isinstance(read, Rejected):
        found.problems.append(Problem(place, cell.field, read.text, read.allowed, read.code, read.hint))
        return cell.value
    if not cell.is_open and not same(cell.value, read):
        allowed = "is locked, and cannot be changed in a workbook"
        hint = f"It is {_told(cell.value)}: put it back, and change it where it comes from."
        found.problems.append(Problem(place, cell.field, _told(read), allowed, "VM225", hint))
        return cell.value
    return cell.value if same(cell.value, read) else read


def _scalar(read: _Read, found: Comparison) -> None:
    if not read.changed():
        return
    cell, now, path = read.row.cells[VALUE], read.values[VALUE], read.row.path
    found.differences.append(Difference(cell.field, _told(cell.value), _told(now), read.place(VALUE)))
    if now is None and "null" not in described_at(path).names and _may_go(read):
        found.edits.take(path)
    else:
        found.edits.set(path, node_of(now, read.place(VALUE), path))


def _may_go(read: _Read) -> bool:
    """Whether what is blank now need not be stated: it has a default, or an option changes it no longer."""
    return CHANGES in read.row.path or read.row.cells[VALUE].allowed.may_be_absent


def _parts(read: _Read, found: Comparison) -> None:
    """Compare a number with its range, unit and source, or what is told of numbers counted together."""
    changed, row = read.changed(), read.row
    if not changed:
        return
    for column in changed:
        cell = row.cells[column]
        now = _told(read.values[column])
        found.differences.append(Difference(cell.field, _told(cell.value), now, read.place(column)))
    is_estimate = row.kind == "estimate"
    if is_estimate and all(read.values[column] is None for column in _NUMBERS):
        if CHANGES in row.path:
            return found.edits.take(row.path)
        if "null" in described_at(row.path).names:
            return found.edits.set(row.path, node_of(None, read.place(VALUE), row.path))
    if is_estimate and {*changed} & {*_NUMBERS} and "source" not in changed and read.values["source"]:
        found.kept_sources.append(row.field)
    found.edits.set(row.path, _stated_parts(read, changed, node_at(found.edits.root, row.path)))


def _stated_parts(read: _Read, changed: Sequence[str], old: Node | None) -> Node:
    """Return the parts of a number as they are to be stated: all of them, unless it only changes another."""
    stated = old.value if old is not None and isinstance(old.value, dict) else {}
    children = {key: child for key, child in stated.items() if key not in read.row.cells}
    is_whole = read.values["unit"] is not None and read.values["source"] is not None
    for column, value in read.values.items():
        path = (*read.row.path, column)
        if value is not None:
            children[column] = node_of(value, read.place(column), path)
        elif column in changed and not is_whole and not (column == "source" and read.row.kind == "estimate"):
            children[column] = node_of(_BLANK_PARTS.get(column), read.place(column), path)
    return Node(children, read.place(changed[0]), read.row.field)


def _records(entries: Sequence[_Read], found: Comparison) -> None:
    """Compare a list: blank rows are left out, so that clearing one takes its entry away."""
    if not any(read.changed() for read in entries):
        return
    path = entries[0].row.path
    for read in entries:
        if read.is_blank and read.row.is_stated:
            was = ", ".join(_told(c.value) for c in read.row.cells.values() if c.value is not None)
            found.differences.append(
                Difference(read.row.field, was, _GONE, _first_place(read.row, read.held))
            )
            continue
        for column in read.changed():
            cell = read.row.cells[column]
            now = _told(read.values[column])
            found.differences.append(Difference(cell.field, _told(cell.value), now, read.place(column)))
    kept = [read for read in entries if not read.is_blank]
    nodes = []
    for i, read in enumerate(kept):
        children = {
            column: node_of(value, read.place(column), (*path, i, column))
            for column, value in read.values.items()
            if value is not None
        }
        name = f"{entries[0].row.field.rpartition('[')[0]}[{i}]"
        nodes.append(Node(children, _first_place(read.row, read.held), name))
    where = _first_place(entries[0].row, entries[0].held)
    found.edits.set(path, Node(nodes, where, entries[0].row.field.rpartition("[")[0]))


def _dates(entries: Sequence[_Read], found: Comparison) -> None:
    """Compare numbers from a date on."""
    if not any(read.changed() for read in entries):
        return
    path = entries[0].row.path
    name = entries[0].row.field.rpartition("[")[0]
    old: dict[str, Stated] = {}
    new: dict[str, tuple[Stated, str]] = {}
    for read in entries:
        if read.row.is_stated:
            old[str(read.row.cells["from"].value)] = read.row.cells[VALUE].value
        day, place = read.values["from"], read.place("from")
        if read.is_blank:
            continue
        if day is None or str(day) in new:
            allowed = "is missing: from which day on the number holds" if day is None else "stands twice"
            text = "" if day is None else str(day)
            found.problems.append(Problem(place, f"{name}.from", text, allowed, "VM227"))
            continue
        new[str(day)] = (read.values[VALUE], read.place(VALUE))
        found.places[f"{name}.{day}"] = place
    for day in dict.fromkeys((*old, *new)):
        number, place = new.get(day, (None, _first_place(entries[0].row, entries[0].held)))
        if day in new and day in old and same(old[day], number):
            continue
        now = _told(number) if day in new else _GONE
        found.differences.append(Difference(f"{name}.{day}", _told(old.get(day)), now, place))
        if day in new:
            found.edits.set((*path, day), node_of(number, place, (*path, day)))
        else:
            found.edits.take((*path, day))


def _told(value: Stated) -> str:
    """Return a value as a table of differences shows it."""
    if value is None:
        return _GONE
    if isinstance(value, tuple):
        return ", ".join(_told(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)

"""Which inputs of a scenario stand in which sheet, row and column of its workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from victimsmodel.inputs.estimates_file import OVERRIDE
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL
from victimsmodel.inputs.strict_yaml import Node, Scalar, read_yaml
from victimsmodel.inputs.table_files import FILE_FIELDS
from victimsmodel.inputs.workbook.described import Allowed, Described, described_at, described_scenario

RowKind = Literal["scalar", "estimate", "counted", "record", "dated"]
Path_ = tuple[str | int, ...]
Stated = Scalar | tuple[Scalar, ...]

#: Column of a plain number, text or choice, and those of an estimate.
VALUE = "value"
ESTIMATE_COLUMNS = (
    VALUE,
    "low",
    "high",
    "events",
    "trials",
    "times",
    "times_odds",
    "unit",
    "source",
    "quality",
    "price_year",
    "borrowed",
    "note",
)
#: What is told once of numbers that were counted together; each of them has a row of its own.
COUNTED_COLUMNS = ("unit", "source", "note")
DATED_COLUMNS = ("from", VALUE)
ESTIMATES, SOURCES, CHANGES = "estimates", "sources", "changes"

_NAMES_A_FILE = (*FILE_FIELDS, ESTIMATES, SOURCES)
_FILE_NAME = Allowed("text")
_DATE = Allowed("date")
_MOST_CHARACTERS = 30_000  # of a text in one cell
_SPARE_RECORDS, _SPARE_DATES = 3, 2
_NOT_OFFERED = ("extends", *_NAMES_A_FILE)

#: Sheets of tables, by what their rows describe; all else goes by the first part of its name that is here.
_TABLES: Mapping[str, str] = {
    "Attempt": "Attempts",
    "ObservedTotal": "Observed totals",
    "LevelShift": "Level shifts",
    "PolicyChange": "Policy changes",
    "PlannedGrant": "Grants",
}
DATES = "Dates"
_SHEETS: Mapping[tuple[str, ...], str] = {
    ("demand",): "Demand",
    ("demand", "needs"): "Needs",
    ("demand", "from_crime"): "Recorded crime",
    ("demand", "history"): "Recorded crime",
    ("demand", "projection"): "Recorded crime",
    ("demand", "areas"): "Recorded crime",
    ("referral",): "Referral",
    ("screening",): "Referral",
    ("contact",): "Contact",
    ("contact", "methods"): "Contact methods",
    ("contact", "assigned"): "Contact methods",
    ("contact", "masked_channels"): "Contact methods",
    ("consent",): "Support",
    ("assessment",): "Support",
    ("support",): "Support",
    ("outcomes",): "Outcomes",
    ("staff",): "Staff",
    ("work_order",): "Staff",
    ("costs",): "Costs",
    ("appraisal",): "Appraisal",
    ("against",): "Appraisal",
    ("plans",): "Plans",
    ("options",): "Options",
    ("levers",): "Levers",
}
_FIRST_SHEET = "Area and period"
#: In the order of a workbook.
SHEETS = tuple(dict.fromkeys((_FIRST_SHEET, *_SHEETS.values(), *_TABLES.values(), DATES)))


@dataclass(frozen=True)
class Cell:
    """What stands in one cell, and what may."""

    field: str
    value: Stated
    allowed: Allowed
    is_open: bool = True


@dataclass(frozen=True)
class Row:
    """One input, one entry of a list, or one date of an input that changes over time."""

    sheet: str
    kind: RowKind
    path: Path_  # of the input; of the list or dates that an entry belongs to
    field: str  # as the workbook names the row
    cells: Mapping[str, Cell]  # by column
    stated_in: str = ""  # name of the file; empty where nothing is stated yet
    comes_from: str = ""  # another file whose content cannot be changed here
    is_stated: bool = True


def rows_of(root: Node) -> list[Row]:
    """Return every row of the workbook of a scenario, sheet by sheet.

    Parameters
    ----------
    root : Node
        As a scenario file states it, from `read_stated`.
    """
    rows = list(_rows((), root, described_scenario(), _made_estimates(root), True))
    return sorted(rows, key=lambda row: (SHEETS.index(row.sheet), _own_place(row.path)))


def _own_place(path: Path_) -> int:
    """Return the place of what stands at the top of the scenario: its name first, files last."""
    if len(path) > 1:
        return 2
    return {"name": 0, "title": 0}.get(str(path[0]), 3 if path[0] in _NAMES_A_FILE else 1)


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as messages name it: keys after dots, places of a list in brackets."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def node_at(root: Node, path: Sequence[str | int]) -> Node | None:
    """Return what stands at a path; None where nothing does."""
    node: Node | None = root
    for part in path:
        value = node.value if node is not None else None
        node = value.get(str(part)) if isinstance(value, dict) else None
    return node


def stated(node: Node | None) -> Stated:
    """Return a plain value, or a list of them, without its place."""
    if node is None or isinstance(node.value, dict):
        return None
    if isinstance(node.value, list):
        return tuple(child.value for child in node.value if not isinstance(child.value, (dict, list)))
    return node.value


def _made_estimates(root: Node) -> Mapping[str, Node]:
    """Return the estimates of the file that a scenario names: they replace those it states."""
    named = node_at(root, (ESTIMATES,))
    if named is None or not isinstance(named.value, str) or named.where == OVERRIDE:
        return {}
    made = read_yaml(Path(named.where.rpartition(":")[0]).parent / named.value).value
    assert isinstance(made, dict)
    found = made[ESTIMATES].value
    return found if isinstance(found, dict) else {}


def _rows(
    path: Path_, node: Node | None, what: Described, made: Mapping[str, Node], offered: bool
) -> Iterator[Row]:
    if what.is_estimate:
        is_made = dotted(path) in made
        yield _parts_row("estimate", path, made.get(dotted(path), node), ESTIMATE_COLUMNS, is_made)
    elif dotted(path) in _NAMES_A_FILE and (node is None or isinstance(node.value, str)):
        if node is not None:
            yield _scalar(path, node, _FILE_NAME, is_open=False)
        elif what.records is not None:
            yield from _records(path, None, what.records)
    elif what.is_dated:
        yield from _dates(path, node)
    elif what.records is not None:
        yield from _records(path, node, what.records)
    elif (allowed := what.allowed()) is not None and not (node and isinstance(node.value, dict)):
        yield _scalar(path, node, allowed)
    elif node is None or isinstance(node.value, dict):
        yield from _mapping(path, node, what, made, offered)


def _mapping(
    path: Path_, node: Node | None, what: Described, made: Mapping[str, Node], offered: bool
) -> Iterator[Row]:
    """Yield the rows of what a mapping states, and of what else it may state in a single row."""
    children = node.value if node is not None and isinstance(node.value, dict) else {}
    known = what.fields
    apart = COUNTED_COLUMNS if "Observed" in what.names else ()
    if apart:
        yield _parts_row("counted", path, node, apart, False)
    for key in dict.fromkeys(key for key in (*known, *children) if key not in apart):
        child, below = children.get(key), what.child(key)
        if child is None and not (offered and key in known and _is_offered((*path, key), below)):
            continue
        if child is None or below:
            yield from _rows((*path, key), child, below, made, offered and key != CHANGES)


def _is_offered(path: Path_, what: Described) -> bool:
    """Whether something that is not stated gets rows of its own, so that it can be."""
    if dotted(path) in _NOT_OFFERED:
        return dotted(path) == "observed"
    if path == ("options", BUSINESS_AS_USUAL, "introduction"):  # what it is introduced beside
        return False
    single = what.is_estimate or what.is_dated or what.records is not None or what.allowed() is not None
    return single or (bool(what.fields) and "null" not in what.names and path[-1] != CHANGES)


def _scalar(path: Path_, node: Node | None, allowed: Allowed, is_open: bool = True) -> Row:
    value = stated(node)
    fits = not isinstance(value, str) or len(value) <= _MOST_CHARACTERS
    text = value if fits else f"{str(value)[:80]}... (too long for a cell)"
    cell = Cell(dotted(path), text, allowed, is_open and fits)
    from_file = "" if cell.is_open else "the scenario file"
    return Row(
        _sheet(path), "scalar", path, dotted(path), {VALUE: cell}, _file(node), from_file, node is not None
    )


def _parts_row(kind: RowKind, path: Path_, node: Node | None, columns: Sequence[str], is_made: bool) -> Row:
    """Return the row of a mapping whose parts stand side by side."""
    parts = node.value if node is not None and isinstance(node.value, dict) else {}
    fields = described_at(path).fields
    cells = {}
    for key in columns:
        allowed = fields[key].allowed()
        assert allowed is not None  # every part of an estimate takes one cell
        is_unit = key == "unit" and key in parts and kind == "estimate"
        cells[key] = Cell(dotted((*path, key)), stated(parts.get(key)), allowed, not (is_made or is_unit))
    made = _file(node) if is_made else ""
    return Row(_sheet(path), kind, path, dotted(path), cells, _file(node), made, node is not None)


def _records(path: Path_, node: Node | None, entry: Described) -> Iterator[Row]:
    entries = node.value if node is not None and isinstance(node.value, list) else []
    columns = {key: allowed for key, below in entry.fields.items() if (allowed := below.allowed())}
    sheet = next(_TABLES[name] for name in entry.names if name in _TABLES)
    for i in range(len(entries) + _SPARE_RECORDS):
        parts = entries[i].value if i < len(entries) else {}
        assert isinstance(parts, dict)
        cells = {
            key: Cell(dotted((*path, i, key)), stated(parts.get(key)), allowed)
            for key, allowed in columns.items()
        }
        is_stated = i < len(entries)
        yield Row(
            sheet, "record", path, dotted((*path, i)), cells, _file(node) if is_stated else "", "", is_stated
        )


def _dates(path: Path_, node: Node | None) -> Iterator[Row]:
    dates = node.value if node is not None and isinstance(node.value, dict) else {}
    allowed = described_at((*path, "2020-01-01")).allowed()
    assert allowed is not None  # a date leads to a number
    known = list(dates.items())
    for i in range(len(known) + _SPARE_DATES):
        day, number = known[i] if i < len(known) else (None, None)
        field = dotted((*path, i))
        cells = {
            "from": Cell(f"{field}.from", day, _DATE),
            VALUE: Cell(f"{field}.value", stated(number), allowed),
        }
        yield Row(DATES, "dated", path, field, cells, _file(number), "", day is not None)


def _sheet(path: Path_) -> str:
    """Return the sheet of an input: that of the longest beginning of its name that has one."""
    names = tuple(str(part) for part in path)
    return next((_SHEETS[names[:n]] for n in (2, 1) if names[:n] in _SHEETS), _FIRST_SHEET)


def _file(node: Node | None) -> str:
    return "" if node is None else Path(node.where.rpartition(":")[0]).name

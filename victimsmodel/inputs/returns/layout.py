"""The layout of a return: for each number the label, the period and the part that it belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from victimsmodel.inputs.returns.blocks import Block, blocks_of
from victimsmodel.inputs.returns.columns import columns_of
from victimsmodel.inputs.returns.labels import read_label
from victimsmodel.inputs.returns.sheets import Sheet
from victimsmodel.inputs.returns.table_reading import Cell, TableReading, Worded

Place = Literal["rows", "columns"]

_MOST_ALIKE = 4  # numbers of one label, part and period in a sheet
_MOST_GROUPS = 60  # parts of a table, such as boroughs or types of crime


class Unused(NamedTuple):
    """Something that was met and is not read."""

    what: str
    place: str
    why: str


class Layout(NamedTuple):
    """What was understood of a file."""

    cells: tuple[Cell, ...]
    labels_in: Place
    periods_in: str  # in words
    breakdown: tuple[str, ...]  # parts that are added
    unused: tuple[Unused, ...]
    notes: tuple[str, ...]  # texts around the tables
    worded: tuple[Worded, ...] = ()  # periods that say more than is understood


class NotUnderstoodError(Exception):
    """The layout cannot be understood; the message says why, after the name of the sheet."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where, self.why = where, why


def layout_of(sheets: Sequence[Sheet], labels_in: Place | None = None) -> Layout:
    """Understand the tables of a return.

    Parameters
    ----------
    sheets : sequence of Sheet
    labels_in : {"rows", "columns"}, optional
        Where the names of the stages stand, if that is known.

    Raises
    ------
    NotUnderstoodError
        If no table names a step of the pathway, or two readings are possible.
    """
    unused: list[Unused] = []
    read: list[_Table] = []
    notes: list[str] = []
    for sheet in sheets:
        blocks = blocks_of(sheet)
        if not blocks:
            unused.append(
                Unused(
                    f"Sheet {sheet.name}" if sheet.name else "The file", sheet.place(0), "it holds no number"
                )
            )
        titles: tuple[str, ...] = ()
        for block in blocks:
            notes += [*block.titles, *block.notes]
            table = _read(block, titles, labels_in)
            titles = (*block.titles, *titles)
            if table is None:
                rows = f"rows {block.rows[0] + 1} to {block.rows[-1] + 1}"
                unused.append(
                    Unused(
                        f"A table of {len(block.rows)} rows",
                        f"{sheet.place(block.rows[0])}: {rows}",
                        "no row or column of it names a step of the pathway",
                    )
                )
            else:
                read.append(table)
    if not read:
        raise NotUnderstoodError(
            sheets[0].where, "no row or column names a step of the pathway beside counts"
        )
    for sheet in sheets:
        _refuse_merged_counts(sheet, [cell for table in read for cell in table.cells])
    places = {table.labels_in for table in read}
    if len(places) > 1:
        raise NotUnderstoodError(
            sheets[0].where, "some tables name the stages in rows, others in columns; split the file"
        )
    unused += [item for table in read for item in table.unused]
    cells = [cell for table in read for cell in table.cells]
    _refuse_cases(cells, sheets[0].where)
    groups = dict.fromkeys(cell.group for cell in cells if cell.group and not cell.is_whole)
    periods_in = dict.fromkeys(cell.period_place for cell in cells)
    return Layout(
        tuple(cells),
        read[0].labels_in,
        " and ".join(periods_in),
        tuple(groups),
        tuple(unused),
        tuple(dict.fromkeys(notes)),
        tuple(item for table in read for item in table.worded),
    )


class _Table(NamedTuple):
    cells: list[Cell]
    labels_in: Place
    unused: list[Unused]
    worded: list[Worded]


def _read(block: Block, titles: tuple[str, ...], labels_in: Place | None) -> _Table | None:
    columns = columns_of(block)
    values = [column for column in columns if column.kind == "value"]
    if not values:
        return None
    names = [column for column in columns if column.kind == "name"]
    row_hits = {column.number: _hits(block.filled(column.number)) for column in names}
    headings = [column.heading for column in values if column.heading]
    in_rows, in_columns = max(row_hits.values(), default=0), _hits(headings)
    place = labels_in or _place(block, in_rows, in_columns, len(set(headings)))
    if place is None or (place == "rows" and not in_rows) or (place == "columns" and not in_columns):
        return None
    label = max(row_hits, key=lambda index: row_hits[index]) if place == "rows" else None
    groups = [column for column in names if column.number != label]
    unused = [
        Unused(
            f"Column {column.heading or '(no heading)'}",
            block.sheet.place(block.rows[0], column.number),
            column.why_unused,
        )
        for column in columns
        if column.kind == "unused"
    ]
    reading = TableReading(block, columns, titles, label, groups)
    cells = list(_cells(reading, block))
    unused += [
        Unused("A row", block.sheet.place(row), "its period is not understood") for row in reading.unread
    ]
    return _Table(cells, place, unused, reading.worded)


def _refuse_merged_counts(sheet: Sheet, cells: list[Cell]) -> None:
    """Refuse a count that stands in several cells at once."""
    counts = {cell.place for cell in cells if cell.text}
    for merged in sheet.merged:
        if sheet.place(merged.first_row, merged.first_column) in counts:
            why = f"{sheet.name}!{merged} is merged, so that one count stands for several cells"
            raise NotUnderstoodError(sheet.where, why)


def _cells(reading: TableReading, block: Block) -> Iterator[Cell]:
    """Yield the cells of a table; what is said about the period of one must not contradict itself."""
    for row in block.rows:
        try:
            yield from reading.row(row)
        except ValueError as error:
            raise NotUnderstoodError(f"{block.sheet.where}, {block.sheet.place(row)}", str(error)) from None


def _hits(labels: Sequence[str]) -> int:
    """Count the distinct stages that labels name firmly enough."""
    readings = [read_label(label) for label in dict.fromkeys(labels)]
    return len({reading.stage for reading in readings if reading.stage and reading.firmness >= 0.4})


def _place(block: Block, in_rows: int, in_columns: int, n_headings: int) -> Place | None:
    """Say whether rows or columns name the stages."""
    if in_rows == 0 and in_columns == 0:
        return None
    if in_rows > 1 and in_columns > 1:
        raise NotUnderstoodError(
            block.sheet.where,
            "both rows and columns name steps of the pathway; say `labels_in: rows` or `columns`",
        )
    if in_rows == in_columns == 1 and n_headings > 1:
        return "columns"
    return "rows" if in_rows >= in_columns else "columns"


def _refuse_cases(cells: list[Cell], where: str) -> None:
    """Refuse what looks like a row for each victim; nothing of what stands in it is repeated."""
    alike = Counter((c.sheet, c.label, c.group, c.parts) for c in cells if not c.parts.total)
    groups = {cell.group for cell in cells}
    if max(alike.values(), default=0) > _MOST_ALIKE or len(groups) > _MOST_GROUPS:
        why = "many rows have the same period and label, as if each were a victim; only counts can be read"
        raise NotUnderstoodError(where, why)

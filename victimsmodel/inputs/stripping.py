"""Tables without the columns that the gate for personal data refuses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from victimsmodel.errors import input_error
from victimsmodel.inputs.contact_words import CONTACT_LOG
from victimsmodel.inputs.downloads.grid import cell_text
from victimsmodel.inputs.downloads.layouts import match
from victimsmodel.inputs.downloads.raw_files import decoded, read_bytes
from victimsmodel.inputs.downloads.sheets import sheets_of
from victimsmodel.inputs.personal_data import PersonalColumn, personal_columns, said
from victimsmodel.inputs.personal_titles import personal_text
from victimsmodel.inputs.returns.sheets import delimited_rows

_MOST_UNPACKED = 200_000_000  # bytes of a workbook


class StrippedTable(NamedTuple):
    """One table, and in words what was taken out of it."""

    name: str  # of its sheet; empty for a text file
    rows: list[list[Any]]
    removed: list[str]


def stripped_tables(path: Path, number_ids: bool = False) -> list[StrippedTable]:
    """Return the tables of a file without what the gate refuses: columns, titles and names of sheets.

    Parameters
    ----------
    path : Path
        Delimited text (gzip too), .xlsx or .ods.
    number_ids : bool
        Number victims in the order in which they come, where their ids are what is refused.

    Raises
    ------
    InputError
        VM306 if nothing would be left; nothing of a cell is repeated.
    """
    content = read_bytes(path)
    if content.startswith(b"PK\x03\x04"):
        sheets = [(name, rows) for name, rows, _ in sheets_of(path, content, _MOST_UNPACKED)]
    else:
        sheets = [("", [*delimited_rows(str(path), decoded(path, content).content.decode())])]
    numbers: dict[str, int] = {}
    filled = [(name, rows) for name, rows in sheets if any(map(any, rows))]
    found = [
        _stripped(name, i, rows, numbers if number_ids else None) for i, (name, rows) in enumerate(filled, 1)
    ]
    if not any(map(any, (table.rows for table in found))):
        raise input_error(str(path), "has no column that could be left in", "VM306")
    return found


def _stripped(
    name: str, number: int, rows: Sequence[Sequence[Any]], numbers: dict[str, int] | None
) -> StrippedTable:
    kind = personal_text([name]) if name else ""
    removed = [f"the name of sheet {number}, which looks like {kind}"] if kind else []
    width = max(map(len, rows))
    cells = [[*row, *[""] * (width - len(row))] for row in rows]
    texts = [[cell_text(cell) for cell in row] for row in cells]
    header = next((i for i, row in enumerate(texts) if sum(map(bool, row)) > 1), 0)
    titles = [i for i in range(header) if personal_text(list(filter(None, texts[i])))]
    removed += [
        f"row {i + 1}, a title that looks like {personal_text(list(filter(None, texts[i])))}" for i in titles
    ]
    position = match(CONTACT_LOG, texts[header]).positions.get("victim")
    gone: list[int] = []
    while found := _refused(texts, header, gone, position):
        for column in found:
            if column.number - 1 == position and numbers is not None and column.by == "content":
                removed.append(f"the ids in {said(column)}: numbered anew")
                for i in range(header + 1, len(cells)):
                    if text := texts[i][position]:
                        cells[i][position] = numbers.setdefault(text, len(numbers) + 1)
                        texts[i][position] = str(cells[i][position])
            else:
                removed.append(said(column))
                gone.append(column.number - 1)
    kept = [k for k in range(width) if k not in gone]
    left = [[row[k] for k in kept] for i, row in enumerate(cells) if i not in titles]
    return StrippedTable(f"Sheet {number}" if kind else name, left, removed)


def _refused(
    texts: list[list[str]], header: int, gone: list[int], position: int | None
) -> list[PersonalColumn]:
    """Return what the gate refuses of the columns that are left, numbered as in the file."""
    kept = [k for k in range(len(texts[header])) if k not in gone and any(row[k] for row in texts)]
    names = [texts[header][k] for k in kept]
    unique = [
        name if name and names.count(name) == 1 else f"{name} ({k + 1})"
        for name, k in zip(names, kept, strict=True)
    ]
    columns = {name: [row[k] for row in texts[header + 1 :]] for name, k in zip(unique, kept, strict=True)}
    ids = unique[kept.index(position)] if position in kept else ""
    found = personal_columns(columns, ids)
    return [column._replace(number=kept[column.number - 1] + 1) for column in found]

"""A copy of a table without personal data, for readers that refuse the original."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from victimsmodel.errors import input_error
from victimsmodel.files import inert, write_whole
from victimsmodel.inputs.downloads.grid import cell_text
from victimsmodel.inputs.sealed_reading import sealed_reading
from victimsmodel.inputs.stripping import StrippedTable, stripped_tables
from victimsmodel.reporting.spreadsheet.page import new_workbook

_FORMATS = (".csv", ".xlsx")


class Stripped(NamedTuple):
    """What was written, and in words what is not in it."""

    path: Path
    removed: tuple[str, ...]


@sealed_reading
def strip_personal(path: str | Path, out: str | Path, *, number_ids: bool = False) -> Stripped:
    """Write a copy of a table without the columns that the gate for personal data refuses.

    Comments, formats, formulas and properties of a workbook stay behind too. The copy passes the gate, which
    proves nothing: look at what is left.

    Parameters
    ----------
    path : str or Path
        CSV (gzip too), .xlsx or .ods.
    out : str or Path
        A new file, .csv or .xlsx.
    number_ids : bool
        Number victims in the order in which they come, where their ids hold personal data; otherwise that
        column goes as well.

    Returns
    -------
    Stripped
        What went, by heading or number of the column, never by a value.

    Raises
    ------
    InputError
        VM306 if the copy exists, has another ending, or nothing would be left.
    """
    target = Path(out)
    if target.suffix.lower() not in _FORMATS:
        raise input_error(str(target), f"must end in {' or '.join(_FORMATS)}", "VM306", field="--out")
    if target.exists() or target.is_symlink():
        raise input_error(str(target), "exists; a file is never overwritten", "VM306", field="--out")
    tables = stripped_tables(Path(path), number_ids)
    if target.suffix.lower() == ".xlsx":
        write_whole(target, _workbook(tables))
    elif len(tables) > 1:
        allowed = f"must end in .xlsx: the file has {len(tables)} sheets"
        raise input_error(str(target), allowed, "VM306", field="--out")
    else:
        write_whole(target, _csv(tables[0]))
    where = [f"sheet {i}: " if len(tables) > 1 else "" for i in range(1, len(tables) + 1)]
    removed = [f"{w}{text}" for w, table in zip(where, tables, strict=True) for text in table.removed]
    return Stripped(target, tuple(removed))


def _csv(table: StrippedTable) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    for row in table.rows:
        writer.writerow([_plain(cell_text(cell)) for cell in row])
    return stream.getvalue().encode()


def _plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; numbers stay as they are."""
    try:
        float(text)
    except ValueError:
        return str(inert(text))
    return text


def _workbook(tables: list[StrippedTable]) -> bytes:
    stream = io.BytesIO()
    workbook = new_workbook(stream, "Table without personal data")
    for i, table in enumerate(tables, start=1):
        sheet = workbook.add_worksheet(table.name or f"Sheet{i}")
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for r, row in enumerate(table.rows):
            for c, cell in enumerate(row):
                _write(sheet, (r, c), cell, moment if isinstance(cell, datetime) else day)
    workbook.close()
    return stream.getvalue()


def _write(sheet: Any, place: tuple[int, int], cell: Any, form: Any) -> None:
    """Write a cell as what it was: number, date or text."""
    if isinstance(cell, bool) or not isinstance(cell, (int, float, date)):
        text = cell_text(cell)
        if text:
            sheet.write_string(*place, text)
    elif isinstance(cell, date):
        sheet.write_datetime(*place, cell, form)
    else:
        sheet.write_number(*place, cell)

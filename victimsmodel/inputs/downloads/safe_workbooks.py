"""Whether a workbook can be opened without harm: its real size, its extent, and what else it carries."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from victimsmodel.errors import input_error

#: Cells of one sheet from A1 to the last one that is filled; the reader holds them all, empty ones too.
_MOST_CELLS = 30_000_000
#: What reading a damaged or encrypted archive may raise.
WORKBOOK_FAULTS = (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, ValueError, OSError)

_HEAD = 1_000  # bytes in which an XML part declares its type
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_WIDE = re.compile(rb"""\sr=["']([A-Z]{2,})\d""")
_TALL = re.compile(rb"""\sr=["'][A-Z]*(\d{6,})["']""")
_ANY = re.compile(rb"""\sr=["']([A-Z]*)(\d+)["']""")
_DOUBTFUL = (b"<f", b":f", b't="e"', b"t='e'")
_SAVE = "Save it as .xlsx without macros."


def check_workbook(path: Path, content: bytes, most_bytes: int) -> bool:
    """Refuse a workbook that would take too much memory, or holds more than sheets.

    Parameters
    ----------
    path : Path
    content : bytes
        Of an .xlsx or .ods file.
    most_bytes : int
        Allowed size of all parts together, unpacked.

    Returns
    -------
    bool
        Whether a sheet holds a formula or an error.

    Raises
    ------
    InputError
        VM262 for a size or extent beyond the limit, VM263 for macros and document types.
    WORKBOOK_FAULTS
        For a damaged or encrypted archive.
    """
    where, is_doubtful = str(path), False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(item.file_size for item in archive.infolist())
        if size > most_bytes:
            allowed = f"unpacks to {size / 1e6:,.0f} MB; at most {most_bytes / 1e6:,.0f} MB are allowed"
            raise input_error(where, allowed, "VM262")
        for item in archive.infolist():
            if item.filename.endswith("vbaProject.bin") or "/macrosheets/" in item.filename:
                raise input_error(where, "holds macros, which a table does not need", "VM263", hint=_SAVE)
            if _SHEET.fullmatch(item.filename):
                part = archive.read(item)
                _check_extent(f"{where}, {item.filename}", part)
                is_doubtful |= any(sign in part for sign in _DOUBTFUL)
            else:
                part = _head(archive, item)
            if b"<!DOCTYPE" in part[:_HEAD]:
                allowed = f"holds a document type in {item.filename}, which no spreadsheet writes"
                raise input_error(where, allowed, "VM263", hint="Save it again as .xlsx.")
    return is_doubtful


def _head(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bytes:
    """Return how a part begins, having read it to its end: a stated size that is wrong breaks here."""
    with archive.open(item) as stream:
        head = stream.read(_HEAD)
        while stream.read(1 << 20):
            pass
    return head


def _check_extent(where: str, xml: bytes) -> None:
    wide = {found.group(1) for found in _WIDE.finditer(xml)}
    tall = max((int(found.group(1)) for found in _TALL.finditer(xml)), default=99_999)
    width = max((_number(letters) for letters in wide), default=26)
    if width * tall <= _MOST_CELLS:
        return
    filled = [(_number(found.group(1)), int(found.group(2))) for found in _ANY.finditer(xml)]
    width, height = (max(side) for side in zip(*filled, strict=True))
    if width * height > _MOST_CELLS:
        allowed = f"reaches to column {width:,} and row {height:,}, {width * height:,} cells"
        hint = "Delete what stands far from the table."
        raise input_error(where, f"{allowed}; at most {_MOST_CELLS:,} are allowed", "VM262", hint=hint)


def _number(letters: bytes) -> int:
    """Return 1 for A, 27 for AA; 0 for none, as in the number of a row."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number

"""Cells whose value cannot be trusted: errors of formulas, and formulas that nobody calculated."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

_ERROR = "holds an error; type the value itself"
_UNCALCULATED = "is a formula that was not calculated; open the file in a spreadsheet and save it"

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]")


def faulty_cells(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, cell and what is wrong with it, of the content of an .xlsx file.

    The reader of workbooks gives blanks for errors and zeros for formulas without a value; both would
    pass for what somebody typed.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        relations = "xl/_rels/workbook.xml.rels"
        targets = {
            each[b"Id"]: each.get(b"Target", b"").decode(errors="replace")
            for each in _tags(_RELATION, archive.read(relations) if relations in names else b"")
            if b"Id" in each
        }
        for sheet in _tags(_SHEET, archive.read("xl/workbook.xml")):
            target = targets.get(sheet.get(b"r:id", b""), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in names:
                yield from _in_sheet(_unescaped(sheet.get(b"name", b"")), archive.read(part))


def _in_sheet(name: str, xml: bytes) -> Iterator[tuple[str, str, str]]:
    for cell in _CELL.finditer(xml):
        attributes = _attributes(cell[1])
        place = attributes.get(b"r", b"").decode(errors="replace")
        if attributes.get(b"t") == b"e":
            yield name, place, _ERROR
        elif _FORMULA.search(cell[2]) and not _VALUE.search(cell[2]):
            yield name, place, _UNCALCULATED


def _tags(tag: re.Pattern[bytes], xml: bytes) -> Iterator[dict[bytes, bytes]]:
    return (_attributes(found[1]) for found in tag.finditer(xml))


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(text)}


def _unescaped(text: bytes) -> str:
    from html import unescape

    return unescape(text.decode("utf-8", errors="replace"))

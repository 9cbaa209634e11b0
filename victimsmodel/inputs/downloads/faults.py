"""Cells whose value cannot be trusted: errors of formulas, and formulas that nobody calculated."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from victimsmodel.errors import InputError, Problem

_ERROR = "holds an error; type the value itself"
_UNCALCULATED = "is a formula that was not calculated; open the file in a spreadsheet and save it"

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_TRUE = (b"1", b"true")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]")


def faulty_cells(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, cell and what is wrong with it, of the content of an .xlsx file.

    The reader of workbooks gives blanks for errors and zeros for formulas without a value; both would
    pass for what somebody typed.
    """
    for name, _, xml in _sheets(content):
        yield from _in_sheet(name, xml)


def _sheets(content: bytes) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield name, state and XML of every sheet; nothing of a file that is no .xlsx."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        relations = "xl/_rels/workbook.xml.rels"
        targets = {
            each[b"Id"]: each.get(b"Target", b"").decode(errors="replace")
            for each in _tags(_RELATION, archive.read(relations) if relations in names else b"")
            if b"Id" in each
        }
        book = "xl/workbook.xml"
        for sheet in _tags(_SHEET, archive.read(book) if book in names else b""):
            target = targets.get(sheet.get(b"r:id", b""), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in names:
                yield _unescaped(sheet.get(b"name", b"")), sheet.get(b"state", b""), archive.read(part)


def refuse_uncalculated(path: Path, content: bytes) -> None:
    """Refuse formulas that nobody calculated, which would pass for empty cells.

    Raises
    ------
    InputError
        VM264 with the first five of them.
    """
    problems = [
        Problem(f"{path}, {sheet}!{cell}", "", "", allowed, "VM264")
        for sheet, cell, allowed in faulty_cells(content)
        if allowed == _UNCALCULATED
    ]
    if problems:
        raise InputError(problems[:5])


def hidden_parts(content: bytes) -> list[str]:
    """Return the hidden sheets, rows and columns of an .xlsx file, as ``sheet!row 3``."""
    found = []
    for name, state, xml in _sheets(content):
        if state in (b"hidden", b"veryHidden"):
            found.append(f"sheet {name}")
        rows = [each for each in _tags(_ROW, xml) if each.get(b"hidden") in _TRUE]
        found += [f"{name}!row {each.get(b'r', b'?').decode(errors='replace')}" for each in rows]
        columns = [each for each in _tags(_COLUMN, xml) if each.get(b"hidden") in _TRUE]
        found += [f"{name}!column {each.get(b'min', b'?').decode(errors='replace')}" for each in columns]
    return found


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

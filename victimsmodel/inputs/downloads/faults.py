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
_SHOWN = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_PLACE = re.compile(rb"([A-Z]+)(\d+)")
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]")


def faulty_cells(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, cell and what is wrong with it, of the content of an .xlsx file.

    The reader of workbooks gives blanks for errors and zeros for formulas without a value; both would
    pass for what somebody typed.
    """
    for name, _, xml in sheet_parts(content):
        yield from _in_sheet(name, xml)


def sheet_parts(content: bytes) -> Iterator[tuple[str, bytes, bytes]]:
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
    for name, state, xml in sheet_parts(content):
        if state in (b"hidden", b"veryHidden"):
            found.append(f"sheet {name}")
        rows = [each for each in _tags(_ROW, xml) if each.get(b"hidden") in _TRUE]
        found += [f"{name}!row {each.get(b'r', b'?').decode(errors='replace')}" for each in rows]
        columns = [each for each in _tags(_COLUMN, xml) if each.get(b"hidden") in _TRUE]
        found += [f"{name}!{_columns_hidden(each)}" for each in columns]
    return found


def _columns_hidden(tag: dict[bytes, bytes]) -> str:
    first, last = (_number(tag.get(end, b"1")) - 1 for end in (b"min", b"max"))
    if first == last:
        return f"column {column_letters(first)}"
    return f"columns {column_letters(first)} to {column_letters(last)}"


def _number(text: bytes) -> int:
    return int(text) if re.fullmatch(rb"[0-9]{1,6}", text) else 1  # a damaged file


def error_texts(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Return what cells with an error show, such as ``#REF!``, by sheet, row and column from 0.

    The reader of workbooks gives blanks for them, which would pass for cells that nobody filled.
    """
    found: dict[str, dict[tuple[int, int], str]] = {}
    for name, _, xml in sheet_parts(content):
        for cell in _CELL.finditer(xml):
            attributes = _attributes(cell[1])
            place, shown = _PLACE.fullmatch(attributes.get(b"r", b"")), _SHOWN.search(cell[2])
            if attributes.get(b"t") == b"e" and place:
                text = _unescaped(shown[1]) if shown else "#ERROR!"
                found.setdefault(name, {})[int(place[2]) - 1, column_number(place[1].decode())] = text
    return found


def column_letters(column: int) -> str:
    """Return A for 0, Z for 25, AA for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return 0 for A, 25 for Z, 26 for AA."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


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

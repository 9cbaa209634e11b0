"""Office files as an intruder reads them: every part of the archive, seen or not."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from victimsmodel.disclosure.found import (
    Found,
    FoundPicture,
    FoundTable,
    FoundText,
    UnreadFile,
    blocks,
    framed,
)

_TAG = re.compile(r"<[^>]*>")
_ENDS = re.compile(
    r"</(\w+:)?(p|si|comment|text|t|definedName|v|title|pt|oddHeader|oddFooter|lpwstr|h)>", re.IGNORECASE
)
#: Parts that other readers of the same file give as tables; styles and settings say nothing.
_ELSEWHERE = re.compile(
    r"xl/worksheets/sheet|/?styles|theme|settings|fontTable|numbering|webSettings|_rels/|\[Content_Types\]"
)
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".tiff", ".bmp")
_MOST_BYTES = 200_000_000  # of a part


def of_workbook(data: bytes, name: str) -> Iterator[Found]:
    """Yield the tables of all sheets, hidden ones too, and what stands in the other parts of the file."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {sheet: book.get_sheet_by_name(sheet).to_python() for sheet in book.sheet_names}
    except CalamineError as error:
        raise ValueError("no workbook") from error
    for sheet, rows in sheets.items():
        yield from (FoundTable(f"{name}, {sheet}", table) for table in blocks(rows))
    if zipfile.is_zipfile(io.BytesIO(data)):
        yield from of_parts(data, name)


def of_word(data: bytes, name: str) -> Iterator[Found]:
    """Yield the tables of a document, and what stands in the other parts of the file."""
    from docx import Document

    try:
        document = Document(io.BytesIO(data))
    except Exception as error:  # the library lets its parser's own errors through
        raise ValueError("no Word document") from error
    for table in document.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if len(rows) > 1:
            yield FoundTable(name, framed(rows))
    yield from of_parts(data, name)


def of_parts(data: bytes, name: str) -> Iterator[Found]:
    """Yield sentences, caches of charts and pivots, pictures and files of every part of an archive."""
    from victimsmodel.disclosure.folder_tables import contents

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.infolist():
            if part.is_dir():
                continue
            where = f"{name}, {part.filename}"
            if part.file_size > _MOST_BYTES:
                yield UnreadFile(where, "too large")
            elif part.filename.endswith((".xml", ".rels", ".vml")):
                yield from _of_xml(archive.read(part).decode("utf-8", "replace"), part.filename, where)
            elif part.filename.lower().endswith(_PICTURES):
                yield FoundPicture(where, hashlib.sha256(archive.read(part)).hexdigest())
            elif part.filename.lower().endswith((".xlsx", ".docx", ".csv", ".ods")):
                yield from contents(archive.read(part), part.filename, where)


def _of_xml(text: str, part: str, where: str) -> Iterator[Found]:
    if "/charts/" in part:
        yield from (FoundTable(where, table) for table in _chart_caches(text))
    if "pivotCacheRecords" in part:
        rows = [re.findall(r'<[ns] v="([^"]*)"', row) for row in re.findall(r"<r>(.*?)</r>", text, re.DOTALL)]
        if rows and all(rows):
            yield FoundTable(where, framed([[f"field {i}" for i in range(len(rows[0]))], *rows]))
    named = re.findall(r'<definedName[^>]*name="([^"]*)"[^>]*>=?(\d+)</', text)
    named += re.findall(r'<property[^>]*name="([^"]*)"[^>]*><vt:\w+>(\d+)</', text)
    yield from (FoundTable(where, pd.DataFrame({key: [value]})) for key, value in named)
    if _ELSEWHERE.search(part):
        text = "".join(re.findall(r"<(?:oddHeader|oddFooter|firstHeader|firstFooter)>.*?</\w+>", text))
    yield FoundText(where, _sentences(text))


def _sentences(text: str) -> tuple[str, ...]:
    plain = (unescape(_TAG.sub(" ", line)) for line in _ENDS.sub("\n", text).splitlines())
    joined = unescape(_TAG.sub("", re.sub(r"</(\w+:)?(p|si|comment)>", "\n", text))).splitlines()
    lines = (re.sub(r"\s+", " ", line).strip() for line in (*plain, *joined))
    return tuple(dict.fromkeys(line for line in lines if line))


def _chart_caches(text: str) -> Iterator[pd.DataFrame]:
    """Yield what a chart keeps of its numbers: a column for each series, a row for each point."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return
    columns: dict[str, dict[int, Any]] = {}
    for i, series in enumerate(node for node in root.iter() if node.tag.endswith("}ser")):
        title = next(iter(_points(series, "tx").values()), f"series {i + 1}")
        columns[""] = {**_points(series, "cat"), **_points(series, "xVal"), **columns.get("", {})}
        for part in ("val", "yVal"):
            if points := _points(series, part):
                columns[str(title) or f"series {i + 1}"] = points
    if any(columns.values()):
        yield pd.DataFrame(columns, dtype=object).fillna("").sort_index()


def _points(series: ElementTree.Element, part: str) -> dict[int, str]:
    """Return the points of a part of a series by their number."""
    found: dict[int, str] = {}
    for node in series:
        if not node.tag.endswith(f"}}{part}"):
            continue
        for point in (x for x in node.iter() if x.tag.endswith("}pt")):
            value = next((x.text or "" for x in point if x.tag.endswith("}v")), "")
            found[int(point.get("idx", "0"))] = value
    return found

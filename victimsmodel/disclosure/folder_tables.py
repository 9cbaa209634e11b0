"""Every table and every text of a folder, as an intruder would read it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_PARAGRAPH_ENDS = re.compile(r"</(w:p|p|li|td|th|div|text|h\d)>", re.IGNORECASE)


class FoundTable(NamedTuple):
    """A table of a file, its cells as text or numbers."""

    file: str
    table: pd.DataFrame


class FoundText(NamedTuple):
    """What a file says in words."""

    file: str
    lines: tuple[str, ...]


class UnreadFile(NamedTuple):
    """A file that may hold a table and could not be read."""

    file: str


def contents_of(path: Path, name: str) -> Iterator[FoundTable | FoundText | UnreadFile]:
    """Yield the tables and the text of a file; nothing for kinds that hold neither.

    Parameters
    ----------
    path : Path
    name : str
        What the file is called in findings.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        return
    try:
        yield from reader(path, name)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, SyntaxError, IndexError):
        yield UnreadFile(name)


def _parquet(path: Path, name: str) -> Iterator[FoundTable]:
    yield FoundTable(name, pd.read_parquet(path))


def _csv(path: Path, name: str) -> Iterator[FoundTable]:
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        table = pd.read_csv(path, sep=separator, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    except pd.errors.EmptyDataError:
        return
    except pd.errors.ParserError as error:
        raise ValueError("ragged") from error
    yield FoundTable(name, table)


def _workbook(path: Path, name: str) -> Iterator[FoundTable]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {sheet: book.get_sheet_by_name(sheet).to_python() for sheet in book.sheet_names}
    except CalamineError as error:
        raise ValueError("no workbook") from error
    for sheet, rows in sheets.items():
        yield from (FoundTable(f"{name}, {sheet}", table) for table in _blocks(rows))


def _blocks(rows: list[list[Any]]) -> Iterator[pd.DataFrame]:
    """Yield the tables of a sheet: stretches of rows between those with fewer than two cells."""
    block: list[list[Any]] = []
    for row in [*rows, []]:
        if sum(cell not in ("", None) for cell in row) >= 2:
            block.append(row)
            continue
        if len(block) >= 2:
            yield _framed(block)
        block = []


def _framed(rows: list[list[Any]]) -> pd.DataFrame:
    width = max(map(len, rows))
    even = [[*row, *[""] * (width - len(row))] for row in rows]
    return pd.DataFrame(even[1:], columns=_distinct(even[0]), dtype=object)


def _distinct(names: list[Any]) -> list[str]:
    found: list[str] = []
    for name in names:
        text = str(name)
        found.append(text if text not in found else f"{text} ({len(found)})")
    return found


def _html(path: Path, name: str) -> Iterator[FoundTable | FoundText]:
    yield from _of_html(path.read_text("utf-8", "replace"), name)


def _of_html(text: str, name: str) -> Iterator[FoundTable | FoundText]:
    if "<table" in text:
        for table in pd.read_html(StringIO(_UNSEEN.sub("", text)), flavor="lxml", keep_default_na=False):
            flat = table.copy()
            heads = [" ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in table.columns]
            flat.columns = pd.Index(_distinct(heads))
            yield FoundTable(name, flat)
    yield FoundText(name, _lines(text))


def _lines(markup: str) -> tuple[str, ...]:
    seen = _PARAGRAPH_ENDS.sub("\n", _UNSEEN.sub("", markup))
    lines = (_SPACE.sub(" ", _TAG.sub("", line)).strip() for line in seen.splitlines())
    return tuple(line for line in lines if line)


def _text(path: Path, name: str) -> Iterator[FoundText]:
    yield FoundText(name, tuple(path.read_text("utf-8", "replace").splitlines()))


def _notebook(path: Path, name: str) -> Iterator[FoundTable | FoundText]:
    book = json.loads(path.read_text("utf-8"))
    for cell in book["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "text/html" in data:
                yield from _of_html("".join(data["text/html"]), name)
            shown = output.get("text", data.get("text/plain", ""))
            yield FoundText(name, tuple("".join(shown).splitlines()))


def _word(path: Path, name: str) -> Iterator[FoundTable | FoundText]:
    from docx import Document

    try:
        document = Document(str(path))
    except Exception as error:  # the library lets its parser's own errors through
        raise ValueError("no Word document") from error
    for table in document.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if len(rows) > 1:
            yield FoundTable(name, _framed(rows))
    yield FoundText(name, tuple(paragraph.text for paragraph in document.paragraphs))


_READERS = {
    ".parquet": _parquet,
    **dict.fromkeys((".csv", ".tsv"), _csv),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), _workbook),
    **dict.fromkeys((".html", ".htm", ".svg"), _html),
    **dict.fromkeys((".txt", ".md", ".log"), _text),
    ".ipynb": _notebook,
    ".docx": _word,
}

"""Delimited text below its header: fast, and exact about rows that do not fit."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pandas as pd

from victimsmodel.errors import InputError, input_error
from victimsmodel.inputs.downloads.cells import count_of
from victimsmodel.inputs.downloads.grid import Grid, n_trimmed, stripped, without_blank_rows
from victimsmodel.inputs.downloads.quoting import refuse_swallowed

DELIMITERS = (",", ";", "\t", "|")
_NOTE_WORDS = 4


def body_of(where: str, content: bytes, delimiter: str, header_lines: int, n_columns: int) -> Grid:
    """Return the rows below the header of a text in UTF-8 with line feeds.

    Raises
    ------
    InputError
        If a row has other than `n_columns` cells, unless it is a note at the end; if a quote never ends.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    start = 0
    for _ in range(header_lines):
        start = content.find(b"\n", start) + 1
        if not start:
            start = len(content)
            break
    if not content[start:].strip():
        raise input_error(where, "has a header but no rows below it", "VM076")
    names = [f"c{i}" for i in range(n_columns)]
    ragged: list[Any] = []

    def keep(row: Any) -> str:
        ragged.append(row)
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(memoryview(content)[start:]),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=True,
                invalid_row_handler=keep,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in names},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        _refuse_ragged(where, content, delimiter, header_lines, n_columns)
        raise input_error(where, f"is no regular table ({error})", "VM075") from None
    table = table.unify_dictionaries().combine_chunks()
    columns = [_categorical(table.column(i)) for i in range(n_columns)]
    if content.count(b'"') % 2 or any("\n" in text for column in columns for text in column.categories):
        refuse_swallowed(where, content.decode(), delimiter, "VM075")
    if ragged:
        _refuse_ragged(where, content, delimiter, header_lines, n_columns)
    trimmed = tuple(n_trimmed(column.categories) for column in columns)
    return without_blank_rows([stripped(column) for column in columns])._replace(trimmed=trimmed)


def _categorical(column: Any) -> pd.Categorical:
    if not column.num_chunks:
        return pd.Categorical([])
    chunk = column.chunk(0)
    categories = pd.Index(chunk.dictionary.to_pylist(), dtype=object)
    return pd.Categorical.from_codes(chunk.indices.to_numpy(zero_copy_only=False), categories=categories)


def _refuse_ragged(where: str, content: bytes, delimiter: str, header_lines: int, n_columns: int) -> None:
    """Refuse rows that are no notes below the table; line numbers are those of the file."""
    problems = []
    notes: list[tuple[int, list[str]]] = []
    begun: set[str] = set()  # what rows of the table begin with
    for line, row in _rows(content, delimiter):
        if line <= header_lines or not any(cell.strip() for cell in row):
            continue
        if len(row) == n_columns:
            problems += [_ragged(where, number, note, n_columns) for number, note in notes]
            notes = []
            begun.add(row[0].strip())
        elif len(row) < n_columns and not _holds_count(row):
            notes.append((line, row))
        else:
            problems.append(_ragged(where, line, row, n_columns))
        if len(problems) >= 5:
            break
    problems += [_ragged(where, line, row, n_columns) for line, row in notes if _is_cut_short(row, begun)]
    if problems:
        raise InputError(problem for error in problems for problem in error.problems)


def _is_cut_short(row: list[str], begun: set[str]) -> bool:
    """Whether a row below the table is one of its rows that breaks off, rather than a note.

    A note is a text that commas may divide: a space stands behind them, or what follows are several words.
    """
    parts = [cell for cell in row[1:] if cell.strip()]
    is_text = all(part[0].isspace() or len(part.split()) >= _NOTE_WORDS for part in parts)
    return row[0].strip() in begun or not is_text


def _ragged(where: str, line: int, row: list[str], n_columns: int) -> InputError:
    allowed = f"has {len(row)} cells where the header has {n_columns}"
    hint = "Put numbers with commas into quotes." if len(row) > n_columns else ""
    return input_error(f"{where}, row {line}", allowed, "VM075", hint=hint)


def _holds_count(row: list[str]) -> bool:
    try:
        return count_of(row[-1]) is not None
    except ValueError:
        return False


def _rows(content: bytes, delimiter: str) -> Any:
    reader = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)
    last = 0
    for row in reader:
        yield last + 1, row
        last = reader.line_num


def line_of_row(content: bytes, delimiter: str, grid: Grid, header_lines: int) -> Callable[[int], int]:
    """Return the function from the number of a row of the grid to its line in the file.

    Only needed for an error, so it reads the text again rather than keep a number for every row.
    """
    n_cells = len(grid.columns)

    def line_of(index: int) -> int:
        wanted = int(grid.kept[index])
        fitting = (
            line
            for line, row in _rows(content, delimiter)
            if line > header_lines and row and len(row) == n_cells
        )
        return next(line for i, line in enumerate(fitting) if i == wanted)

    return line_of

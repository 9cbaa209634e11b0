"""Tables and outlines beside a scenario: files that one of its fields names."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.downloads.layouts import holds_values
from victimsmodel.inputs.downloads.quoting import other_separator
from victimsmodel.inputs.outlines import boundaries_text, outlines_of
from victimsmodel.inputs.strict_yaml import Node, Rejected, read_scalar
from victimsmodel.inputs.text_file import read_text

#: Fields of a scenario that name a CSV file, or one of outlines, instead of holding what stands in it.
FILE_FIELDS = (
    "demand.history.offences",
    "demand.history.quality",
    "demand.areas.table",
    "demand.areas.boundaries",
    "funding",
    "observed",
    "posterior",
)

_MOST_KEPT = 8  # tables kept as read, by every character of their text: a run reads its own several times


def read_named(path: Path, field: str, problems: list[Problem]) -> Node:
    """Read the file that a field of `FILE_FIELDS` names."""
    if field == "posterior":
        from victimsmodel.inputs.posterior_file import read_posterior  # it reads tables too

        return read_posterior(path, field)
    if not field.endswith("boundaries"):
        return read_table(path, field, problems)
    outlines, found = _outlines(boundaries_text(path), str(path), field)
    problems.extend(found)
    return outlines


@lru_cache(maxsize=_MOST_KEPT)
def _outlines(text: str, label: str, field: str) -> tuple[Node, tuple[Problem, ...]]:
    shapes, problems = outlines_of(text, label, field)
    rings = {name: [ring.tolist() for ring in shape] for name, shape in shapes.items()}
    return _node(rings, label, field), problems


def _node(value: object, where: str, field: str) -> Node:
    """Return plain JSON values as nodes."""
    if isinstance(value, dict):
        return Node({str(k): _node(child, where, field) for k, child in value.items()}, where, field)
    if isinstance(value, list):
        return Node([_node(child, where, field) for child in value], where, field)
    assert isinstance(value, float)
    return Node(value, where, field)


def read_table(path: Path, field: str, problems: list[Problem]) -> Node:
    """Read a CSV file with one header line into a list of rows.

    Parameters
    ----------
    path : Path
    field : str
        That names the file: rows are called ``<field>[0]`` and so on.
    problems : list of Problem
        Takes what is wrong with single cells, which then read as empty.

    Raises
    ------
    InputError
        For a file that is over 1 MB, is not UTF-8 or holds a control character, has no header, repeats a
        column, or has a row of another length.
    """
    label = str(path)
    table, found = _table(read_text(path), label, field)
    problems.extend(found)
    return table


@lru_cache(maxsize=_MOST_KEPT)
def _table(text: str, label: str, field: str) -> tuple[Node, tuple[Problem, ...]]:
    """Return the rows of a text, which nobody changes, and what is wrong with single cells."""
    lines: list[list[str]] = []
    try:
        lines += csv.reader(text.splitlines(), strict=True)
    except csv.Error as error:
        hint = "Is a quote not closed?"
        where = f"{label}:{len(lines) + 1}"
        raise input_error(where, f"is not a line of CSV: {error}", "VM003", field=field, hint=hint) from None
    if len(lines) > 1 and len(lines[0]) == 1 and (found := other_separator("\n".join(lines[0]))):
        allowed = "must have several columns, separated by ','"
        raise input_error(f"{label}:1", allowed, "VM003", field=field, hint=found)
    if not lines or not any(lines[0]) or holds_values(lines[0]):
        raise input_error(f"{label}:1", "must begin with a line of column names", "VM003", field=field)
    header = lines[0]
    if len(set(header)) < len(header) or not all(header):
        raise input_error(f"{label}:1", "must name each column once", "VM003", field=field)
    rows: list[Node] = []
    problems: list[Problem] = []
    for number, cells in enumerate(lines[1:], start=2):
        where, row_field = f"{label}:{number}", f"{field}[{number - 2}]"
        if len(cells) != len(header):
            allowed = f"must have {len(header)} cells, as the first line, and has {len(cells)}"
            raise InputError([*problems, Problem(where, row_field, "", allowed, "VM003")])
        row = {
            name: _cell(cell, where, f"{row_field}.{name}", problems)
            for name, cell in zip(header, cells, strict=True)
        }
        rows.append(Node(row, where, row_field))
    return Node(list(rows), label, field), tuple(problems)


def _cell(text: str, where: str, field: str, problems: list[Problem]) -> Node:
    scalar = read_scalar(text)
    if isinstance(scalar, Rejected):
        problems.append(Problem(where, field, scalar.text, scalar.allowed, scalar.code, scalar.hint))
        scalar = None
    return Node(scalar, where, field)

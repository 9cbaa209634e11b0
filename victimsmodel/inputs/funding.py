"""Tables of funding as they were printed: read strictly, contradictions left in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.funding_lines import FundingLine
from victimsmodel.inputs.messages import validation_problems
from victimsmodel.inputs.sealed_reading import sealed_reading
from victimsmodel.inputs.shipped import parameter_file
from victimsmodel.inputs.strict_yaml import Node, read_yaml
from victimsmodel.inputs.table_files import read_table

_CODE = "VM175"
_SOURCES = "sources.yaml"


@sealed_reading
def load_funding(path: str | Path | None = None) -> pd.DataFrame:
    """Load a table of funding.

    Parameters
    ----------
    path : str or Path, optional
        A CSV file with the columns of `FundingLine`; by default that of the West Midlands, 2013 to 2020.
        Its sources stand in ``sources.yaml`` beside it or in the folder above.

    Returns
    -------
    DataFrame
        One row an amount, columns as `FundingLine`, in the order of the file.

    Raises
    ------
    InputError
        With everything that is wrong, each with its line.
    """
    found = parameter_file("funding/west-midlands.csv") if path is None else Path(path)
    frame = pd.DataFrame([line.model_dump() for line in funding_lines(found)])
    return frame.astype({"amount_gbp": "float64"})


@sealed_reading
def funding_lines(found: Path) -> list[FundingLine]:
    """Return the rows of a table of funding, checked by themselves and beside each other.

    Raises
    ------
    InputError
        As of `load_funding`.
    """
    if not found.is_file():
        raise input_error(str(found), "does not exist", "VM001")
    problems: list[Problem] = []
    table = read_table(found, "funding", problems)
    assert isinstance(table.value, list)
    if not table.value:
        raise input_error(str(found), "has no rows", _CODE)
    lines = [line for node in table.value if (line := _described(node, problems)) is not None]
    if problems:
        raise InputError(dict.fromkeys(problems))
    places = [node.where for node in table.value]
    problems += _contradictions(lines, places)
    problems += _unknown_sources(lines, places, found.parent)
    if problems:
        raise InputError(problems)
    return lines


def _described(node: Node, problems: list[Problem]) -> FundingLine | None:
    """Return one row as a description."""
    assert isinstance(node.value, dict)
    row = {name: cell.value for name, cell in node.value.items()}
    try:
        return FundingLine.model_validate(row)
    except ValidationError as error:
        problems += validation_problems(error, node, FundingLine)
        return None


def _contradictions(lines: list[FundingLine], places: list[str]) -> Iterator[Problem]:
    """Say which rows cannot stand together."""
    totals = {(line.year, line.table, line.line) for line in lines if line.kind == "total"}
    seen: dict[tuple[str, str, str], str] = {}
    for line, where in zip(lines, places, strict=True):
        key = (line.year, line.table, line.line)
        if key in seen:
            allowed = f"stands already in {seen[key]}"
            yield Problem(where, "line", line.line, allowed, _CODE)
        seen[key] = where
        if int(line.year[5:]) != (int(line.year[:4]) + 1) % 100:
            hint = f"Did you mean {line.year[:4]}/{(int(line.year[:4]) + 1) % 100:02d}?"
            yield Problem(where, "year", line.year, "must be two years that follow each other", _CODE, hint)
        if line.kind == "total" and line.amount_gbp is None:
            yield Problem(where, "amount_gbp", "", "must be given for a total", _CODE)
        if line.kind == "overspend" and (line.amount_gbp is None or not line.printed_total):
            yield Problem(where, line.line, "", "must name its amount and its printed_total", _CODE)
        own = [name for year, table, name in totals if (year, table) == key[:2] and name != line.line]
        if line.printed_total and line.printed_total not in own:
            allowed = f"must be another total of the table {line.table} of {line.year}"
            hint = did_you_mean(line.printed_total, own)
            yield Problem(where, "printed_total", line.printed_total, allowed, _CODE, hint)


def _unknown_sources(lines: list[FundingLine], places: list[str], folder: Path) -> Iterator[Problem]:
    """Say which sources no register holds."""
    known: set[str] = set()
    for register in (folder / _SOURCES, folder.parent / _SOURCES):
        if register.is_file():
            content = read_yaml(register).value
            assert isinstance(content, dict)
            known |= content.keys()
    for line, where in zip(lines, places, strict=True):
        if line.source not in known:
            allowed = f"is not a key of {_SOURCES}, in {folder} or above"
            yield Problem(where, "source", line.source, allowed, _CODE, did_you_mean(line.source, known))

"""Text as an intruder reads it: sentences, and the tables that stand in them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pandas as pd

from victimsmodel.disclosure.found import Found, FoundTable, FoundText, blocks, framed

_GAP = re.compile(r"\s*\|\s*|\t| {2,}")
_RULE = re.compile(r"[\s|:+=-]*")  # a line that only divides
_SEPARATORS = (",", ";", "\t", "|")
_DEEPEST = 40  # levels of JSON


def decoded(data: bytes) -> str:
    """Return bytes as text.

    Raises
    ------
    ValueError
        If they are none.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    if b"\x00" in data:
        raise ValueError("no text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def of_text(text: str, name: str) -> Iterator[Found]:
    """Yield the sentences of a text, and the tables whose columns are kept apart by spaces or bars."""
    lines = tuple(text.splitlines())
    yield FoundText(name, lines)
    yield from (FoundTable(name, table) for table in _aligned(lines))


def _aligned(lines: tuple[str, ...]) -> Iterator[pd.DataFrame]:
    """Yield tables of lines with as many fields each; a frame as it is printed has a heading fewer."""
    block: list[list[str]] = []
    for line in (*lines, ""):
        bare = line.strip()
        if bare and _RULE.fullmatch(bare):
            continue
        fields = [field for field in _GAP.split(bare.strip("|").strip()) if field]
        widths = {len(row) for row in block[-1:]} | ({len(block[0]) + 1} if len(block) == 1 else set())
        fits = len(fields) > 1 and (not block or len(fields) in widths)
        if fits:
            block.append(fields)
            continue
        if len(block) > 1:
            yield _headed(block)
        block = [fields] if len(fields) > 1 or (len(fields) == 1 and bare) else []
    if len(block) > 1:
        yield _headed(block)


def _headed(block: list[list[str]]) -> pd.DataFrame:
    first, *rest = block
    return framed([["", *first] if len(first) < len(rest[0]) else first, *rest])


def of_csv(text: str, name: str) -> Iterator[Found]:
    """Yield the tables of a file of separated values, whatever separates them and stands above them."""
    head = text[:10_000]
    separator = max(_SEPARATORS, key=head.count)
    rows = list(csv.reader(StringIO(text), delimiter=separator))
    is_even = len(rows) > 1 and len({len(row) for row in rows if row}) == 1
    if is_even and (len(rows[0]) == 1 or sum(map(bool, rows[0])) > 1):
        yield FoundTable(name, framed([row for row in rows if row]))
    else:
        yield from (FoundTable(name, table) for table in blocks([list(row) for row in rows]))
    told = tuple(cell for row in rows[:1_000] for cell in row if " " in cell)
    yield FoundText(name, told)


def of_json(item: Any, name: str, depth: int = 0) -> Iterator[Found]:
    """Yield the tables of a value of JSON: lists of objects or of rows, objects of lists or of numbers."""
    if depth > _DEEPEST:
        return
    if isinstance(item, str):
        yield FoundText(name, tuple(item.splitlines()))
    elif isinstance(item, list) and item:
        if all(isinstance(x, dict) for x in item):
            yield FoundTable(name, pd.DataFrame([_flat(x) for x in item], dtype=object))
        elif all(isinstance(x, list) for x in item) and len(item) > 1 and all(map(_is_row, item)):
            yield FoundTable(name, framed(item))
        for child in item:
            if isinstance(child, (dict, list, str)):
                yield from of_json(child, name, depth + 1)
    elif isinstance(item, dict) and item:
        yield from _of_object(item, name)
        for child in item.values():
            if isinstance(child, (dict, list, str)):
                yield from of_json(child, name, depth + 1)


def _of_object(item: dict[Any, Any], name: str) -> Iterator[Found]:
    """Yield an object as a table: rows under columns, columns of equal length, or one row of numbers."""
    columns = item.get("columns", item.get("fields"))
    rows = item.get("data", item.get("rows", item.get("values")))
    if isinstance(columns, list) and isinstance(rows, list) and rows and all(map(_is_row, rows)):
        yield FoundTable(name, framed([[str(x) for x in columns], *rows]))
        return
    lists = {str(key): x for key, x in item.items() if isinstance(x, list) and _is_row(x)}
    lengths = {len(x) for x in lists.values()}
    if len(lists) > 1 and len(lengths) == 1 and max(lengths) > 0:
        yield FoundTable(name, pd.DataFrame(lists, dtype=object))
    keyed = {str(key): x for key, x in item.items() if isinstance(x, dict) and x}
    if keyed and len(keyed) == len(item) and all(_is_row(list(x.values())) for x in keyed.values()):
        yield FoundTable(name, pd.DataFrame([{"": key, **x} for key, x in keyed.items()], dtype=object))
    flat = _flat(item)
    if any(isinstance(x, int) and not isinstance(x, bool) for x in flat.values()):
        yield FoundTable(name, pd.DataFrame([flat], dtype=object))


def _flat(item: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): x for key, x in item.items() if not isinstance(x, (dict, list))}


def _is_row(item: Any) -> bool:
    return isinstance(item, list) and not any(isinstance(x, (dict, list)) for x in item)


def of_json_text(text: str, name: str) -> Iterator[Found]:
    """Yield the tables of JSON, or of lines of JSON."""
    try:
        yield from of_json(json.loads(text), name)
    except json.JSONDecodeError:
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        yield from of_json(lines, name)


def of_yaml(text: str, name: str) -> Iterator[Found]:
    """Yield the tables of YAML, and its sentences."""
    import yaml

    yield FoundText(name, tuple(text.splitlines()))
    try:
        yield from of_json(yaml.safe_load(text), name)
    except yaml.YAMLError as error:
        raise ValueError("no YAML") from error


def inlined_json(script: str, name: str) -> Iterator[Found]:
    """Yield the tables of every value of JSON that stands in a script."""
    decoder, at = json.JSONDecoder(), 0
    while (start := _opening(script, at)) >= 0:
        try:
            item, at = decoder.raw_decode(script, start)
        except (json.JSONDecodeError, RecursionError):
            at = start + 1
            continue
        yield from of_json(item, name)


def _opening(text: str, at: int) -> int:
    places = [place for mark in "{[" if (place := text.find(mark, at)) >= 0]
    return min(places, default=-1)

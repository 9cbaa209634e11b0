"""What may be stated at each field of a scenario file, as its JSON Schema says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

from victimsmodel.inputs.schema import scenario_schema

Kind = Literal["number", "integer", "yes_no", "date", "text", "list"]
Schema = Mapping[str, Any]

_PREFIX = "#/$defs/"
_PARTIAL = "Partial"
_KINDS: Mapping[str, Kind] = {
    "number": "number",
    "integer": "integer",
    "boolean": "yes_no",
    "string": "text",
    "array": "list",
}


@dataclass(frozen=True)
class Allowed:
    """What one cell may hold.

    Parameters
    ----------
    kind : str
    choices : tuple of str
        The only texts that are allowed, or words that are allowed beside numbers.
    at_least, above, at_most, below : float or None
        Bounds of a number.
    longest : int or None
        Characters of a text.
    may_be_absent : bool
        Whether the field can be left out.
    of_numbers : bool
        Whether the entries of a list are numbers.
    """

    kind: Kind
    choices: tuple[str, ...] = ()
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    longest: int | None = None
    may_be_absent: bool = False
    of_numbers: bool = False


class Described(tuple[tuple[str, Schema], ...]):
    """The alternatives that the schema gives for a field: name of the definition and its content."""

    @property
    def names(self) -> set[str]:
        """Names of the definitions, such as Estimate; null where the field may be null."""
        return {name for name, _ in self}

    def child(self, key: str | int) -> Described:
        """Return what is allowed one step down: a key of a mapping, or the entry of a list."""
        inner = [part for _, schema in self for part in _inside(schema, key)]
        place = tuple(map(id, inner))  # the schema is one object for as long as the program runs
        if place not in _KNOWN:
            _KNOWN[place] = Described(found for part in inner for found in _resolved(part))
        return _KNOWN[place]

    @cached_property
    def fields(self) -> dict[str, Described]:
        """The keys that are described by name, in order."""
        return {key: self.child(key) for _, schema in self for key in schema.get("properties", {})}

    @property
    def is_estimate(self) -> bool:
        """Whether an uncertain number stands here."""
        return "Estimate" in self.names

    @property
    def is_dated(self) -> bool:
        """Whether it is a mapping of dates to numbers."""
        return any(schema.get("propertyNames", {}).get("format") == "date" for _, schema in self)

    @property
    def records(self) -> Described | None:
        """What the entries of a list of mappings may state; None where it is no such list."""
        entry = self.child(0)
        return entry if any("properties" in schema for _, schema in entry) else None

    def allowed(self) -> Allowed | None:
        """Return what a single cell may hold; None where the field takes more than a cell."""
        return self._allowed

    @cached_property
    def _allowed(self) -> Allowed | None:
        plain = [schema for name, schema in self if name != "null" and schema.get("type") in _KINDS]
        if not plain or self.records is not None:
            return None
        schema = plain[0]
        kind: Kind = "date" if schema.get("format") == "date" else _KINDS[schema["type"]]
        words = [word for each in plain for word in _words(each)]
        items = [each for each in self.child(0) if kind == "list"]
        if kind == "list" and not all(each.get("type") in ("string", "number") for _, each in items):
            return None
        return Allowed(
            kind,
            tuple(word for _, each in items for word in _words(each)) if items else tuple(words),
            schema.get("minimum"),
            schema.get("exclusiveMinimum"),
            schema.get("maximum"),
            schema.get("exclusiveMaximum"),
            schema.get("maxLength"),
            "null" in self.names or any("default" in each for each in plain),
            any(each.get("type") == "number" for _, each in items),
        )


#: What was described already, by the parts of the schema that it is made of: thousands of rows share few.
_KNOWN: dict[tuple[int, ...], Described] = {}


@cache
def described_scenario() -> Described:
    """Return the description of a whole scenario file."""
    return Described((("Scenario", _schema()),))


@cache
def _schema() -> Schema:
    return scenario_schema()


@cache
def described_at(path: tuple[str | int, ...]) -> Described:
    """Return what is allowed at a path from the root; empty where nothing is."""
    found = described_scenario()
    for part in path:
        found = found.child(part)
    return found


def _words(schema: Schema) -> list[str]:
    return [str(word) for word in schema.get("enum", [schema["const"]] if "const" in schema else [])]


def _inside(schema: Schema, key: str | int) -> Iterator[Schema]:
    if isinstance(key, int):
        if isinstance(schema.get("items"), Mapping):
            yield schema["items"]
        return
    if key in schema.get("properties", {}) and "patternProperties" not in schema:
        yield schema["properties"][key]
        return
    yield from schema.get("patternProperties", {}).values()
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield schema["additionalProperties"]


def _resolved(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the alternatives of a schema; a part of a description stands for the whole of it."""
    if "anyOf" in schema and "properties" not in schema:
        has_default = {"default": schema["default"]} if "default" in schema else {}
        for choice in schema["anyOf"]:
            yield from ((name, {**each, **has_default}) for name, each in _resolved(choice))
    elif "$ref" in schema:
        name = schema["$ref"].removeprefix(_PREFIX).removeprefix(_PARTIAL)
        definitions: Mapping[str, Schema] = _schema()["$defs"]
        yield name, definitions.get(name, definitions.get(f"{_PARTIAL}{name}", {}))
    else:
        yield ("null" if schema.get("type") == "null" else ""), schema

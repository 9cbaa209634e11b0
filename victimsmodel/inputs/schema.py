"""JSON Schema of a scenario file as it is written, for editors and other programs.

The file differs from the scenario that is read from it: ``sources`` names a file, options state only
their ``changes``, and a file that ``extends`` another states only what differs. Needs that tie
fields together (a source that exists, a role that is staffed) are left to the loader.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.table_files import FILE_FIELDS

Schema = dict[str, Any]

_REFERENCE = "#/$defs/"
_PARTIAL = "Partial"
_EXTENDS = "Name of the scenario file that this one changes; only what differs is stated then."
_SOURCES = "Name of the file that holds the sources register, beside this one."
_ESTIMATES = "Name of a file of estimates made from data, beside this one; they replace those stated here."
_FILE = "Name of the file that holds it, beside this one."
_CHANGES = "The fields that differ from business as usual."
_NO_CHANGES = "The scenario itself is business as usual."


class _WithoutFieldTitles(GenerateJsonSchema):
    """Leaves out the titles that pydantic makes up from the names of fields."""

    def field_title_should_be_set(self, schema: CoreSchema | Any) -> bool:
        return False


def scenario_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a scenario file.

    Returns
    -------
    dict
        Definitions named ``Partial...`` describe what an extending file or an option may state:
        the same fields, none of them required; lists are replaced whole.
    """
    scenario = Scenario.model_json_schema(schema_generator=_WithoutFieldTitles)
    definitions = scenario.pop("$defs")
    estimate = definitions["Estimate"]
    estimate["oneOf"] = [{"required": ["value", "low", "high"]}, {"required": ["events", "trials"]}]
    for name in ("Option", "Lever"):
        stated = definitions[name]
        stated["properties"]["changes"] = {"$ref": f"{_REFERENCE}{_PARTIAL}Service", "description": _CHANGES}
        del stated["properties"]["service"]
        stated["required"].remove("service")
    definitions["Lever"]["anyOf"] = [{"required": ["changes"]}, {"required": ["extra_fte"]}]
    fields = scenario["properties"]
    fields["sources"] = {"type": "string", "minLength": 1, "description": _SOURCES}
    fields["estimates"] = {"type": "string", "minLength": 1, "description": _ESTIMATES}
    for name in FILE_FIELDS:
        named = {"type": "string", "minLength": 1, "description": _FILE}
        *_, part, field = ["", *name.split(".")]
        own = definitions[part.capitalize()]["properties"] if part else fields
        own[field] = {"anyOf": [own[field], named]} if field == "observed" else named
    fields["options"]["properties"] = {
        BUSINESS_AS_USUAL: {"properties": {"changes": {"maxProperties": 0, "description": _NO_CHANGES}}}
    }
    fields["options"]["required"] = [BUSINESS_AS_USUAL]
    for part in (scenario, *definitions.values()):
        _describe(part, definitions)
    definitions |= {f"{_PARTIAL}{name}": _partial(part) for name, part in definitions.items()}
    extends = {"type": "string", "minLength": 1, "description": _EXTENDS}
    schema = {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": "Scenario file",
        "description": scenario["description"],
        "type": "object",
        "properties": {"extends": extends, **_partial(scenario)["properties"]},
        "additionalProperties": False,
        "if": {"not": {"required": ["extends"]}},
        "then": {"properties": fields, "required": scenario["required"]},
    }
    return {**schema, "$defs": _used(definitions, schema)}


def schema_text() -> str:
    """Return the schema as the text of a file, the same at every call."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def _describe(part: Schema, definitions: dict[str, Schema]) -> None:
    """Put the docstring of a field's type beside the field, and refuse keys that are no names."""
    part["description"] = " ".join(part["description"].replace("``", "`").split())
    for field in part["properties"].values():
        if "patternProperties" in field:
            field["additionalProperties"] = False
        for choice in (field, *field.get("anyOf", ())):
            name = choice.get("$ref", "").removeprefix(_REFERENCE)
            if name in definitions:
                text = " ".join(definitions[name]["description"].replace("``", "`").split())
                field.setdefault("description", text.partition(". ")[0].rstrip(".") + ".")


def _partial(part: Schema) -> Schema:
    """Return the schema of a description of which some fields are stated."""
    result: Schema = {}
    for key, child in part.items():
        if key in ("required", "minProperties", "default", "oneOf"):
            continue
        if key == "$ref":
            name = child.removeprefix(_REFERENCE).removeprefix(_PARTIAL)
            result[key] = f"{_REFERENCE}{_PARTIAL}{name}"
        elif key in ("properties", "patternProperties"):
            result[key] = {name: _partial(field) for name, field in child.items()}
        elif key == "additionalProperties" and isinstance(child, dict):
            result[key] = _partial(child)
        elif key == "anyOf" and "properties" in part:
            continue
        elif key == "anyOf":
            result[key] = [_partial(choice) for choice in child]
        else:
            result[key] = child
    return result


def _used(definitions: dict[str, Schema], schema: Schema) -> dict[str, Schema]:
    """Return the definitions that are referred to, in the order of their names."""
    used = definitions
    while True:
        text = json.dumps([schema, used])
        kept = {name: used[name] for name in sorted(used) if f'"{_REFERENCE}{name}"' in text}
        if len(kept) == len(used):
            return kept
        used = kept

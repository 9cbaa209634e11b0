"""What pydantic finds, said so that a user can mend it: file, line, field, value, what is allowed."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from victimsmodel.errors import Problem
from victimsmodel.inputs.fields import NAME_PATTERN
from victimsmodel.inputs.finding import closest, did_you_mean
from victimsmodel.inputs.levers import Lever
from victimsmodel.inputs.scenario import SLUG_PATTERN, Option, Scenario
from victimsmodel.inputs.strict_yaml import Node, Rejected, read_scalar

#: Keys as written of what changes business as usual; once read, each carries its service instead.
CHANGING = {
    kind: tuple("changes" if name == "service" else name for name in model.model_fields)
    for kind, model in (("options", Option), ("levers", Lever))
}

_LONGEST_SHOWN = 60  # characters of a value in a message
_EXAMPLE = "{value: 0.25, low: 0.2, high: 0.3, unit: probability, source: assumption}"
#: What pydantic finds, by its name of the kind, in our words.
_ALLOWED = {
    "int_type": "must be an integer",
    "int_from_float": "must be an integer",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "dict_type": "must be a mapping of keys to values",
    "tuple_type": "must be a list",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "too_short": "must have {min_length} or more entries",
    "too_long": "must have at most {max_length} entries",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have at most {max_length} characters",
}
_PATTERNS = {
    NAME_PATTERN: "must be lower-case letters, digits and underscores, a letter first, at most 40",
    SLUG_PATTERN: "must be lower-case letters, digits and hyphens, a letter first, at most 60",
}


def place(root: Node, path: Iterable[str | int]) -> tuple[str, str]:
    """Return file and line, and the dotted name as it is written there, of a path."""
    node = root
    parts = list(path)
    for i, part in enumerate(parts):
        child: Node | None = None
        if isinstance(node.value, dict):
            child = node.value.get(str(part))
        elif isinstance(node.value, list) and str(part).isdigit() and int(part) < len(node.value):
            child = node.value[int(part)]
        if child is None:
            rest = ".".join(str(p) for p in parts[i:] if p != "[key]")
            return node.where, ".".join(p for p in (node.field, rest) if p)
        node = child
    return node.where, node.field or ".".join(str(part) for part in parts)


def validation_problems(
    error: ValidationError, root: Node, model: type[BaseModel] = Scenario
) -> list[Problem]:
    """Return what pydantic found in a file of a model, each with the place where it is written."""
    problems = []
    misspelt = set()
    for item in error.errors():
        loc = tuple(part for part in item["loc"] if isinstance(part, (str, int)))
        if "problems" in item.get("ctx", {}):
            for inner in item["ctx"]["problems"]:
                path = (*loc, *(inner["field"].split(".") if inner["field"] else ()))
                where, field = place(root, path)
                problems.append(
                    Problem(where, field, inner["value"], inner["allowed"], inner["code"], inner["hint"])
                )
            continue
        where, field = place(root, loc)
        problems.append(Problem(where, field, *_explain(item, loc, model)))
        if item["type"] == "extra_forbidden":
            key = str(loc[-1])
            misspelt.add(field.removesuffix(key) + closest(key, known_keys(loc[:-1], model)))
    # a misspelt key is not also a missing one
    return [problem for problem in problems if problem.code != "VM010" or problem.field not in misspelt]


def _explain(item: Any, loc: tuple[str | int, ...], root: type[BaseModel]) -> tuple[str, str, str, str]:
    """Turn one finding of pydantic into value, what is allowed, code and hint."""
    kind, found = item["type"], item["input"]
    value = "" if loc[-1] == "[key]" else shown(found)  # the field names the key already
    ctx = item.get("ctx", {})
    if kind == "missing":
        which = ": every number names a key of the sources register, or assumption"
        return "", f"is missing{which if loc[-1] == 'source' else ''}", "VM010", ""
    if kind == "extra_forbidden":
        known = known_keys(loc[:-1], root)
        hint = did_you_mean(str(loc[-1]), known)
        return "", f"is not a known key (known: {', '.join(known)})", "VM017", hint
    if kind == "model_type":
        is_estimate = "Estimate" in str(ctx.get("class_name", ""))
        evidence = f"is evidence and must be written like {_EXAMPLE}"
        return value, evidence if is_estimate else _ALLOWED["dict_type"], "VM018", ""
    if kind == "literal_error":
        known = str(ctx["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return value, f"must be {ctx['expected']}", "VM019", did_you_mean(str(found), known)
    if kind == "string_pattern_mismatch":
        pattern = ctx["pattern"]
        return value, _PATTERNS.get(pattern, f"must match {pattern}"), "VM019", _name_hint(found, pattern)
    if kind == "string_type" and isinstance(found, (int, float)):
        return value, "must be text", "VM019", "Put it in quotes."
    message = _ALLOWED[kind].format(**ctx) if kind in _ALLOWED else str(item["msg"])
    hint = _number_hint(str(found)) if kind in ("float_type", "int_type") and isinstance(found, str) else ""
    return value, message.replace("Input should be", "must be"), "VM019", hint


def shown(found: object) -> str:
    """Return a value as YAML writes it, in one line and not too long."""
    if isinstance(found, (dict, list)) or found is None:
        return ""
    text = str(found).lower() if isinstance(found, bool) else " ".join(str(found).split())
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


def slug_hint(value: str) -> str:
    """Guess the name of a scenario that was meant by a text that is not allowed as one."""
    return _name_hint(value, SLUG_PATTERN)


def _number_hint(text: str) -> str:
    """Say what to write for text that stands where a number is due."""
    read = read_scalar(text.strip())
    if isinstance(read, Rejected):
        return read.hint
    return "Leave out the quotes." if isinstance(read, (int, float)) and not isinstance(read, bool) else ""


def _name_hint(value: str, pattern: str) -> str:
    """Guess the name that was meant by a text that is not allowed as one."""
    for separator in "_-":
        plain = "".join(c if c.isascii() and c.isalnum() else separator for c in value.lower())
        name = re.sub(f"{separator}+", separator, plain).strip(separator)
        if re.search(pattern, name):
            return f"Did you mean {name}?"
    return ""


def known_keys(loc: tuple[str | int, ...], root: type[BaseModel] = Scenario) -> list[str]:
    """Return the keys that the description at a place allows."""
    model: Any = root
    for part in loc:
        if isinstance(model, type) and issubclass(model, BaseModel):
            info = model.model_fields.get(str(part))
            model = _unwrapped(info.annotation) if info else None
        elif get_origin(model) in (dict, list, tuple):
            arguments = [a for a in get_args(model) if a is not Ellipsis]
            model = _unwrapped(arguments[-1])
    if model is Option or model is Lever:
        return list(CHANGING["options" if model is Option else "levers"])
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [*model.model_fields, *(["extends"] if model is Scenario else [])]
    return []


def _unwrapped(annotation: Any) -> Any:
    """Strip `Annotated` and `| None` from a type."""
    while hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return _unwrapped(next(a for a in get_args(annotation) if a is not type(None)))
    return annotation

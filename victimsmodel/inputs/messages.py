"""What pydantic finds, said so that a user can mend it: file, line, field, value, what is allowed."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from victimsmodel.errors import Problem
from victimsmodel.inputs.field_ranges import allowed_range
from victimsmodel.inputs.fields import NAME_PATTERN, PRICE_YEAR_PATTERN, YEAR_PATTERN
from victimsmodel.inputs.finding import Finding, closest, did_you_mean
from victimsmodel.inputs.levers import Lever
from victimsmodel.inputs.scenario import ADDRESS_PATTERN, RESERVED_NAMES, SLUG_PATTERN, Option, Scenario
from victimsmodel.inputs.strict_yaml import Node, Rejected, read_scalar

#: Keys as written of what changes business as usual; once read, each carries its service instead.
CHANGING = {
    kind: tuple("changes" if name == "service" else name for name in model.model_fields)
    for kind, model in (("options", Option), ("levers", Lever))
}

_LONGEST_SHOWN = 60  # characters of a value in a message
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?")
_NO_NUMBER = frozenset(["nan", "inf", "infinity", "na", "n/a", "none", "missing"])
_CURRENCY = re.compile(r"^(GBP|[£$€])\s*|\s*(GBP|[£$€])$", re.IGNORECASE)
_MOST_UNKNOWN = 20  # keys of one mapping that are told one by one
_EXAMPLE = "{value: 0.25, low: 0.2, high: 0.3, unit: probability, source: assumption}"
_OTHER_FORMS = frozenset(
    ["mean", "median", "mode", "sd", "std", "se", "cv", "variance", "min", "max", "alpha", "beta"]
)
_FORM = "State value (median), low and high (5th and 95th percentile), or events and trials."
_RANGED = {
    "int_type",
    "int_from_float",
    "float_type",
    "greater_than",
    "greater_than_equal",
    "less_than_equal",
}
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
    ADDRESS_PATTERN: "must be an address that begins with https:// or http://",
    YEAR_PATTERN: "must be a financial year such as 2019/20",
    PRICE_YEAR_PATTERN: "must be a financial year such as 2019/20 or a calendar year such as 2019",
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
        if child is None and node.value is not None and not isinstance(node.value, (dict, list)):
            break  # what follows names a form that the value might have had
        if child is None:
            rest = ".".join(str(p) for p in parts[i:] if p != "[key]")
            is_column = isinstance(node.value, list) and not str(part).isdigit() and _is_table(node)
            return f"{node.where}:1" if is_column else node.where, ".".join(
                p for p in (node.field, rest) if p
            )
        node = child
    return node.where, node.field or ".".join(str(part) for part in parts)


def _is_table(node: Node) -> bool:
    """Whether a list stands in a file of its own, so that a column of it is named in the first line."""
    return not re.search(r":[0-9]+$", node.where)


def placed(root: Node, found: Iterable[Finding]) -> list[Problem]:
    """Return broken rules of what a file describes, each with the place where it is written."""
    return [
        Problem(*place(root, path), value, allowed, code, hint) for path, value, allowed, code, hint in found
    ]


def validation_problems(
    error: ValidationError, root: Node, model: type[BaseModel] = Scenario
) -> list[Problem]:
    """Return what pydantic found in a file of a model, each with the place where it is written."""
    problems = []
    misspelt = set()
    sizes: dict[tuple[str | int, ...], int] = {}  # unknown keys by the mapping that holds them
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
        if item["type"] == "extra_forbidden":
            sizes[loc[:-1]] = sizes.get(loc[:-1], 0) + 1
            if sizes[loc[:-1]] > _MOST_UNKNOWN:
                continue
        told = Problem(where, field, *_explain(item, loc, model))
        if problems and _is_other_of(told, problems[-1]):
            other, before = told.allowed.removeprefix("must be "), problems[-1].allowed
            either = before if other in before else f"{before}, or {other}"
            problems[-1] = replace(problems[-1], allowed=either)
            continue
        problems.append(told)
        if item["type"] == "missing" and not known_keys(loc[:-2], model):
            problems[-1] = replace(problems[-1], hint=_named_alike(root, loc[:-1]))
        if item["type"] == "extra_forbidden":
            key = str(loc[-1])
            misspelt.add(field.removesuffix(key) + closest(key, known_keys(loc[:-1], model)))
    for loc, number in sizes.items():
        if number > _MOST_UNKNOWN:
            where, field = place(root, loc)
            allowed = f"has {number - _MOST_UNKNOWN:,} further keys that are not known"
            problems.append(Problem(where, field, "", allowed, "VM017"))
    # a misspelt key is not also a missing one
    return [problem for problem in problems if problem.code != "VM010" or problem.field not in misspelt]


def _is_other_of(told: Problem, before: Problem) -> bool:
    """Whether a problem is that of another form of the same value, of which one would do."""
    return bool(told.value) and replace(told, allowed="", hint="") == replace(before, allowed="", hint="")


def _named_alike(root: Node, loc: tuple[str | int, ...]) -> str:
    """Guess which neighbour was meant by the name of something that lacks what it needs."""
    node = root
    for part in loc[:-1]:
        if not isinstance(node.value, dict) or str(part) not in node.value:
            return ""
        node = node.value[str(part)]
    names = node.value if isinstance(node.value, dict) else {}
    return did_you_mean(str(loc[-1]), (name for name in names if name != loc[-1])) if loc else ""


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
        hint = did_you_mean(str(loc[-1]), known) or (_FORM if _is_other_form(loc, known) else "")
        if re.fullmatch("[0-9]{3}", str(loc[-1])):
            hint = "Between { and } a comma ends a value: write thousands without."
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
    bounds = allowed_range(loc, root) if kind in _RANGED else ""
    if bounds:
        message = f"must be {bounds}" if "than" in kind else f"{message} {bounds}"
    hint = number_hint(str(found)) if kind in ("float_type", "int_type") and isinstance(found, str) else ""
    return value, message.replace("Input should be", "must be"), "VM019", hint


def _is_other_form(loc: tuple[str | int, ...], known: list[str]) -> bool:
    """Say whether a key states a distribution as other tools do."""
    return str(loc[-1]) in _OTHER_FORMS and "quality" in known


def shown(found: object) -> str:
    """Return a value as YAML writes it, in one line and not too long."""
    if isinstance(found, (dict, list)) or found is None:
        return ""
    text = str(found).lower() if isinstance(found, bool) else " ".join(str(found).split())
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


def slug_hint(value: str) -> str:
    """Guess the name of a scenario that was meant by a text that is not allowed as one."""
    return _name_hint(value, SLUG_PATTERN)


def number_hint(text: str) -> str:
    """Say what to write for text that stands where a number is due."""
    text = text.strip()
    read = read_scalar(text)
    if isinstance(read, Rejected):
        return read.hint
    if isinstance(read, (int, float)) and not isinstance(read, bool):
        return "Leave out the quotes."
    if _TIME.fullmatch(text):
        return "That is a time of day."
    if text.lower().lstrip("+-") in _NO_NUMBER:
        return "Missing is not zero: state the number, or leave the key out where it is optional."
    bare = _CURRENCY.sub("", text).strip()
    bare = re.sub(r"(?<=[0-9])[ ,_'\u2019\u00a0\u202f](?=[0-9]{3}(?![0-9]))", "", bare)
    bare = re.sub(r"^([-+]?[0-9]+),([0-9]+)$", r"\1.\2", bare)  # a decimal comma
    is_number = isinstance(read_scalar(bare), (int, float)) and bare != text and bare.isascii()
    return f"Write {bare}." if is_number and bare.lower() not in ("true", "false") else ""


def _name_hint(value: str, pattern: str) -> str:
    """Guess the name that was meant by a text that is not allowed as one."""
    for separator in "_-":
        plain = "".join(c if c.isascii() and c.isalnum() else separator for c in value.lower())
        name = re.sub(f"{separator}+", separator, plain).strip(separator)
        if re.search(pattern, name):
            return f"Did you mean {name}{'-area' if name in RESERVED_NAMES else ''}?"
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

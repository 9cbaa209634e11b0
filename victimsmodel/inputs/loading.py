"""Strict YAML -> scenario: extension, overrides, options as differences, and clear messages."""

from __future__ import annotations

import os
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.consistency import ASSUMPTION, closest, did_you_mean, findings
from victimsmodel.inputs.scenario import (
    BUSINESS_AS_USUAL,
    NAME_PATTERN,
    SLUG_PATTERN,
    Option,
    Scenario,
    Service,
)
from victimsmodel.inputs.strict_yaml import Node, Rejected, Scalar, merged, plain, read_scalar, read_yaml

_MOST_EXTENSIONS = 5
_OVERRIDE = "--set"
_OPTION_KEYS = ("title", "summary", "changes")  # as written; once read, an option carries its service
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


def load_scenario(path: str | Path, overrides: Mapping[str, object] | None = None) -> Scenario:
    """Read, complete and check a scenario file.

    Parameters
    ----------
    path : str or Path
        A YAML file; its ``extends`` names another that it changes.
    overrides : mapping, optional
        New values by dotted field name, for example ``{"staff.contact_officer.fte": 14}``. A plain
        number given for an estimate fixes it at that value.

    Returns
    -------
    Scenario
        Every option carries its complete service.

    Raises
    ------
    InputError
        With one problem for everything that is wrong, each with file, line, field and value. What
        must hold between fields is checked when every field is valid by itself.
    """
    problems: list[Problem] = []
    root = _with_overrides(_with_extensions(Path(path), (), problems), overrides or {}, problems)
    root = _with_sources(_with_option_services(root, problems), problems)
    try:
        scenario = Scenario.model_validate(plain(root))
    except ValidationError as error:
        raise InputError(_unique([*problems, *_not_due_to(problems, _problems(error, root))])) from None
    if problems:
        raise InputError(_unique(problems))
    found = [
        Problem(*_place(root, finding.path), finding.value, finding.allowed, finding.code, finding.hint)
        for finding in findings(scenario)
    ]
    if found:
        raise InputError(_unique(found))
    return scenario


def _not_due_to(known: list[Problem], problems: list[Problem]) -> list[Problem]:
    """Drop the problems of fields that could not be read, or that hold such a field."""
    unreadable = [problem.field for problem in known]
    return [
        problem
        for problem in problems
        if not any(re.match(rf"{re.escape(problem.field)}([.\[]|$)", field) for field in unreadable)
    ]


def _with_extensions(path: Path, seen: tuple[Path, ...], problems: list[Problem]) -> Node:
    """Read a file and lay it over the file that it extends."""
    root = read_yaml(path, problems)
    assert isinstance(root.value, dict)
    extends = root.value.get("extends")
    if extends is None:
        return root
    if not isinstance(extends.value, str):
        raise input_error(extends.where, "must be the name of a file", "VM007", field="extends")
    other = _named_file(path.parent, extends)
    seen = (*seen, path.resolve())
    if other.resolve() in seen or len(seen) > _MOST_EXTENSIONS:
        circle = "must not lead back to a file that extends this one"
        allowed = circle if other.resolve() in seen else f"must end after {_MOST_EXTENSIONS} files"
        raise input_error(extends.where, allowed, "VM007", field="extends", value=extends.value)
    own = {name: child for name, child in root.value.items() if name != "extends"}
    return merged(_with_extensions(other, seen, problems), Node(own, root.where))


def _named_file(folder: Path, named: Node) -> Path:
    """Return the file that a field names; a missing one is an error of that field's line."""
    path, field, value = folder / str(named.value), named.field, _shown(named.value)
    if not os.path.exists(path):  # also where the name is too long for a file
        raise input_error(named.where, "does not exist", "VM001", field=field, value=value)
    return path


def _with_overrides(root: Node, overrides: Mapping[str, object], problems: list[Problem]) -> Node:
    for field, value in overrides.items():
        try:
            root = _overridden(root, field, value)
        except InputError as error:
            problems += error.problems
    return root


def _overridden(root: Node, field: str, value: object) -> Node:
    parts = field.split(".")
    scalar = read_scalar(value) if isinstance(value, str) else value
    if isinstance(scalar, Rejected):
        raise InputError([Problem(_OVERRIDE, field, scalar.text, scalar.allowed, scalar.code, scalar.hint)])
    if not isinstance(scalar, (str, int, float, bool, type(None))):
        raise input_error(_OVERRIDE, "must be text, a number, true, false or null", "VM008", field=field)
    return _replaced(root, parts, field, scalar)


def _replaced(node: Node, parts: list[str], field: str, value: Scalar) -> Node:
    """Return the tree with one value replaced; the key must exist, so that no override is idle."""
    name, rest = parts[0], parts[1:]
    children: dict[str, Node]
    if isinstance(node.value, dict):
        children = node.value
    elif isinstance(node.value, list):
        children = {str(i): child for i, child in enumerate(node.value)}
    else:
        children = {}
    if name not in children:
        close = closest(name, children)
        nearest = field.removesuffix(".".join(parts)) + ".".join((close, *rest))
        hint = f"Did you mean {nearest}?" if close else f"Known here: {', '.join(children)}."
        hint = hint if children else ""
        raise input_error(_OVERRIDE, "is not a field of the scenario", "VM008", field=field, hint=hint)
    old = children[name]
    new = _replaced(old, rest, field, value) if rest else _set(old, field, value)
    changed = {**children, name: new}
    if isinstance(node.value, list):
        return Node(list(changed.values()), node.where, node.field)
    return Node(changed, node.where, node.field)


def _set(old: Node, field: str, value: Scalar) -> Node:
    is_estimate = isinstance(old.value, dict) and {"unit", "source"} <= old.value.keys()
    if not is_estimate or isinstance(value, (str, bool, type(None))):
        return Node(value, _OVERRIDE, field)
    assert isinstance(old.value, dict)
    fixed = {name: Node(value, _OVERRIDE, field) for name in ("value", "low", "high")}
    fixed["unit"] = old.value["unit"]
    fixed["source"] = Node(ASSUMPTION, _OVERRIDE, field)
    fixed["note"] = Node("Fixed for this run.", _OVERRIDE, field)
    return Node(fixed, _OVERRIDE, field)


def _with_option_services(root: Node, problems: list[Problem]) -> Node:
    """Give every option its whole service: that of business as usual with its changes laid over."""
    assert isinstance(root.value, dict)
    options = root.value.get("options")
    if options is None or not isinstance(options.value, dict):
        return root
    service = Node(
        {name: root.value[name] for name in Service.model_fields if name in root.value}, root.where
    )
    completed: dict[str, Node] = {}
    for name, option in options.value.items():
        if not isinstance(option.value, dict):
            completed[name] = option
            continue
        problems += _option_problems(name, option.value)
        parts = dict(option.value)
        changes = parts.pop("changes", Node({}, option.where))
        parts["service"] = merged(service, changes) if isinstance(changes.value, dict) else service
        completed[name] = Node(parts, option.where, option.field)
    return Node({**root.value, "options": Node(completed, options.where, options.field)}, root.where)


def _option_problems(name: str, option: Mapping[str, Node]) -> Iterator[Problem]:
    """Say what is wrong with the keys that completing an option takes away or replaces."""
    service, changes = option.get("service"), option.get("changes")
    if service is not None:
        allowed = f"is not a known key (known: {', '.join(_OPTION_KEYS)})"
        yield Problem(service.where, service.field, "", allowed, "VM017", "Did you mean changes?")
    if changes is not None and not isinstance(changes.value, dict):
        allowed = "must be a mapping of the fields that differ from business as usual"
        yield Problem(changes.where, changes.field, "", allowed, "VM009")
    elif changes is not None and changes.value and name == BUSINESS_AS_USUAL:
        allowed = "must be absent: the scenario itself is business as usual"
        yield Problem(changes.where, changes.field, "", allowed, "VM009")


def _with_sources(root: Node, problems: list[Problem]) -> Node:
    """Replace the name of the sources register by its content."""
    assert isinstance(root.value, dict)
    sources = root.value.get("sources")
    if sources is None or not isinstance(sources.value, str):
        return root
    register = Node({}, sources.where, sources.field)
    try:
        folder = Path(sources.where.rpartition(":")[0]).parent
        register = read_yaml(_named_file(folder, sources), problems)
    except InputError as error:
        problems += error.problems
    return Node({**root.value, "sources": register}, root.where)


def _place(root: Node, path: Iterable[str | int]) -> tuple[str, str]:
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


def _unique(problems: Iterable[Problem]) -> list[Problem]:
    """Drop repetitions: what is wrong in business as usual shows up in every option too."""
    return list(dict.fromkeys(problems))


def _problems(error: ValidationError, root: Node) -> list[Problem]:
    problems = []
    misspelt = set()
    for item in error.errors():
        loc = tuple(part for part in item["loc"] if isinstance(part, (str, int)))
        if "problems" in item.get("ctx", {}):
            for inner in item["ctx"]["problems"]:
                path = (*loc, *(inner["field"].split(".") if inner["field"] else ()))
                where, field = _place(root, path)
                problems.append(
                    Problem(where, field, inner["value"], inner["allowed"], inner["code"], inner["hint"])
                )
            continue
        where, field = _place(root, loc)
        problems.append(Problem(where, field, *_explain(item, loc)))
        if item["type"] == "extra_forbidden":
            key = str(loc[-1])
            misspelt.add(field.removesuffix(key) + closest(key, _known_keys(loc[:-1])))
    # a misspelt key is not also a missing one
    return [problem for problem in problems if problem.code != "VM010" or problem.field not in misspelt]


def _explain(item: Any, loc: tuple[str | int, ...]) -> tuple[str, str, str, str]:
    """Turn one finding of pydantic into value, what is allowed, code and hint."""
    kind, found = item["type"], item["input"]
    value = "" if loc[-1] == "[key]" else _shown(found)  # the field names the key already
    ctx = item.get("ctx", {})
    if kind == "missing":
        which = ": every number names a key of the sources register, or assumption"
        return "", f"is missing{which if loc[-1] == 'source' else ''}", "VM010", ""
    if kind == "extra_forbidden":
        known = _known_keys(loc[:-1])
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
    return value, message.replace("Input should be", "must be"), "VM019", ""


def _shown(found: object) -> str:
    """Return a value as YAML writes it, in one line and not too long."""
    if isinstance(found, (dict, list)) or found is None:
        return ""
    text = str(found).lower() if isinstance(found, bool) else " ".join(str(found).split())
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


def _name_hint(value: str, pattern: str) -> str:
    """Guess the name that was meant by a text that is not allowed as one."""
    for separator in "_-":
        name = "".join(c if c.isalnum() else separator for c in value.lower()).strip(separator)
        if re.search(pattern, name):
            return f"Did you mean {name}?"
    return ""


def _known_keys(loc: tuple[str | int, ...]) -> list[str]:
    """Return the keys that the description at a place allows."""
    model: Any = Scenario
    for part in loc:
        if isinstance(model, type) and issubclass(model, BaseModel):
            info = model.model_fields.get(str(part))
            model = _unwrapped(info.annotation) if info else None
        elif get_origin(model) in (dict, list, tuple):
            arguments = [a for a in get_args(model) if a is not Ellipsis]
            model = _unwrapped(arguments[-1])
    if model is Option:
        return list(_OPTION_KEYS)
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

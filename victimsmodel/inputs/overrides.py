"""Values that a command states for a run, laid over what a scenario file states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.finding import closest
from victimsmodel.inputs.messages import known_keys, number_hint, shown
from victimsmodel.inputs.scenario import ASSUMPTION
from victimsmodel.inputs.strict_yaml import NUMBERS, Node, Rejected, Scalar, read_scalar

_OVERRIDE = "--set"


def with_overrides(root: Node, overrides: Any, problems: list[Problem]) -> Node:
    """Return the tree with new values by dotted field name; what cannot be is added to the problems."""
    if not isinstance(overrides, Mapping):
        allowed = "must be values by dotted field name, such as {'staff.contact_officer.fte': 14}"
        raise input_error("overrides", allowed, "VM008", value=repr(overrides)[:60])
    for field, value in overrides.items():
        try:
            if not isinstance(field, str):
                allowed = "must be the dotted name of a field, such as staff.contact_officer.fte"
                raise input_error(_OVERRIDE, allowed, "VM008", field=repr(field)[:60])
            root = _overridden(root, field, value)
        except InputError as error:
            problems += error.problems
    return root


def _overridden(root: Node, field: str, value: object) -> Node:
    parts = field.split(".")
    if field == "extends":
        allowed = "names the file that this one changes, and can be written there alone"
        raise input_error(_OVERRIDE, allowed, "VM008", field=field)
    plain = value.item() if isinstance(value, np.generic) else value  # a number of numpy's own
    scalar = read_scalar(plain) if isinstance(plain, str) else plain
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
    done = field.split(".")[: -len(parts)]
    if name not in children and not (not rest and name in known_keys(tuple(done))):
        close = closest(name, children)
        nearest = field.removesuffix(".".join(parts)) + ".".join((close, *rest))
        hint = f"Did you mean {nearest}?" if close else f"Known here: {', '.join(children)}."
        hint = hint if children else ""
        raise input_error(_OVERRIDE, "is not a field of the scenario", "VM008", field=field, hint=hint)
    old = children.get(name, Node(None, _OVERRIDE, field))  # an optional key may be absent
    new = _replaced(old, rest, field, value) if rest else _set(old, field, value)
    changed = {**children, name: new}
    if name in NUMBERS and {"unit", "source"} <= changed.keys():  # its source does not vouch for it
        changed["source"] = Node(ASSUMPTION, _OVERRIDE, f"{field.rpartition('.')[0]}.source")
        changed["note"] = Node("Changed for this run.", _OVERRIDE, f"{field.rpartition('.')[0]}.note")
    if isinstance(node.value, list):
        return Node(list(changed.values()), node.where, node.field)
    return Node(changed, node.where, node.field)


def _set(old: Node, field: str, value: Scalar) -> Node:
    keys = old.value.keys() if isinstance(old.value, dict) else frozenset()
    is_estimate = {"unit", "source"} <= keys and "values" not in keys
    if not is_estimate:
        return Node(value, _OVERRIDE, field)
    if isinstance(value, (str, bool, type(None))):
        text = shown(value)
        hint = number_hint(text) or f"Its parts have names: {field}.value, {field}.low, {field}.high."
        raise input_error(_OVERRIDE, "must be a finite number", "VM019", field=field, value=text, hint=hint)
    assert isinstance(old.value, dict)
    fixed = {name: Node(value, _OVERRIDE, field) for name in ("value", "low", "high")}
    fixed |= {name: old.value[name] for name in ("unit", "price_year") if name in old.value}
    fixed["source"] = Node(ASSUMPTION, _OVERRIDE, field)
    fixed["note"] = Node("Fixed for this run.", _OVERRIDE, field)
    return Node(fixed, _OVERRIDE, field)

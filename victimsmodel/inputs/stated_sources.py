"""Sources that a file names and the register does not have, told also where the rest cannot be read yet."""

from __future__ import annotations

from collections.abc import Iterator

from victimsmodel.errors import Problem
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.scenario import ASSUMPTION
from victimsmodel.inputs.strict_yaml import Node

_NAMING = ("source", "grant_source", "population_source")


def unknown_sources(root: Node) -> list[Problem]:
    """Return a problem for every source that is stated and not in the register.

    Parameters
    ----------
    root : Node
        What is stated, with its register of sources.
    """
    register = root.value.get("sources") if isinstance(root.value, dict) else None
    if register is None or not isinstance(register.value, dict) or not register.value:
        return []  # which is told by itself
    known = (*map(str, register.value), ASSUMPTION)
    assert isinstance(root.value, dict)
    others = [child for name, child in root.value.items() if name not in ("sources", *_NAMING)]
    own = Node({name: root.value[name] for name in _NAMING if name in root.value}, root.where)
    allowed = "is not in the sources register"
    return [
        Problem(node.where, node.field, name, allowed, "VM020", did_you_mean(name, known))
        for part in (*others, own)
        for node, name in _named(part)
        if name not in known
    ]


def _named(node: Node) -> Iterator[tuple[Node, str]]:
    """Yield every node that names a source, with the name."""
    if isinstance(node.value, list):
        for child in node.value:
            yield from _named(child)
    elif isinstance(node.value, dict):
        for name, child in node.value.items():
            if name in _NAMING and isinstance(child.value, str):
                yield child, child.value
            else:
                yield from _named(child)

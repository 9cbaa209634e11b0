"""A tree of stated values, changed: what is laid over it, and what is taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from victimsmodel.inputs.strict_yaml import Node, merged
from victimsmodel.inputs.workbook.layout import Path_, Stated, dotted


@dataclass
class Edits:
    """Changes of a scenario's tree, as a file that extends it could state them.

    Parameters
    ----------
    root : Node
        Of the scenario.
    changes : Node
        Only what differs; numbers that stand with a unit and source are stated whole.
    taken : list of paths
        What is no longer stated at all, which a file that extends another cannot say.
    """

    root: Node
    changes: Node = field(default_factory=lambda: Node({}, ""))
    taken: list[Path_] = field(default_factory=list)

    def set(self, path: Path_, new: Node) -> None:
        """State a value anew."""
        self.changes = _laid(self.root, self.changes, path, new)

    def take(self, path: Path_) -> None:
        """State a value no longer."""
        self.taken.append(path)

    def changed(self) -> Node:
        """Return the tree with all changes."""
        root = merged(self.root, self.changes)
        for path in self.taken:
            root = _without(root, path)
        return root


def node_of(value: Stated, where: str, path: Sequence[str | int]) -> Node:
    """Return a value read from a cell, or a list of them, with its place."""
    name = dotted(path)
    if isinstance(value, tuple):
        return Node([Node(item, where, f"{name}[{i}]") for i, item in enumerate(value)], where, name)
    return Node(value, where, name)


def _laid(base: Node | None, changes: Node | None, path: Path_, new: Node) -> Node:
    if not path:
        return new
    stated = base.value if base is not None and isinstance(base.value, dict) else {}
    children = changes.value if changes is not None and isinstance(changes.value, dict) else None
    if children is None:  # `merged` replaces a number whole, and what is counted together
        children = stated if {"unit", "source"} <= stated.keys() else {}
    key = str(path[0])
    where = new.where if changes is None else changes.where
    name = base.field if base is not None else new.field.removesuffix(f".{dotted(path)}")
    child = _laid(stated.get(key), children.get(key), path[1:], new)
    return Node({**children, key: child}, where, name)


def _without(node: Node, path: Path_) -> Node:
    if not isinstance(node.value, dict) or str(path[0]) not in node.value:
        return node
    key = str(path[0])
    children = dict(node.value)
    if len(path) == 1:
        del children[key]
    else:
        children[key] = _without(children[key], path[1:])
    return Node(children, node.where, node.field)

"""Where a field is written: for what turns out to be wrong only once a scenario is computed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from victimsmodel.inputs.loading import read_stated
from victimsmodel.inputs.overrides import with_overrides
from victimsmodel.inputs.strict_yaml import Node


@dataclass(frozen=True)
class Stated:
    """What a scenario was loaded from: as for `load_scenario`."""

    path: str | Path
    overrides: Mapping[str, object] | None = field(default=None)

    def place(self, *fields: str) -> tuple[str, str] | None:
        """Return file and line, or command-line option, and name of the first field that is written.

        The file is read again: this is asked for only where something is to be refused.
        """
        root = with_overrides(read_stated(self.path, []), self.overrides or {}, [])
        found = (_node(root, name.split(".")) for name in fields)
        return next(((node.where, node.field) for node in found if node is not None), None)


def _node(node: Node | None, parts: list[str]) -> Node | None:
    for part in parts:
        node = node.value.get(part) if node is not None and isinstance(node.value, dict) else None
    return node

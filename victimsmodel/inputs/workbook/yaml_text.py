"""A scenario file as text: only what differs from another file, or the whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from victimsmodel.inputs.shipped import parameter_file
from victimsmodel.inputs.strict_yaml import Node, plain, read_scalar
from victimsmodel.inputs.table_files import FILE_FIELDS
from victimsmodel.inputs.workbook.edits import Edits, node_of
from victimsmodel.inputs.workbook.layout import ESTIMATES, SOURCES, node_at

_WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Writes text so that the strict reader takes it for text."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None if read_scalar(text) == text else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def extending_text(changes: Node, scenario_file: Path, out: Path, made: str) -> str:
    """Return a file that extends the scenario and states only what differs."""
    extends = _relative(scenario_file, out)
    head = f"# {made}\n# Only what differs from the scenario that it extends.\n"
    return head + _dumped({"extends": extends}) + "\n" + _dumped(plain(changes))


def whole_text(root: Node, out: Path, made: str) -> str:
    """Return a file that holds the whole scenario; files that it names are named from where it stands."""
    edits = Edits(root)
    for field in (SOURCES, ESTIMATES, *FILE_FIELDS):
        path = tuple(field.split("."))
        named = node_at(root, path)
        if named is not None and isinstance(named.value, str):
            target = Path(named.where.rpartition(":")[0]).parent / named.value
            if target.exists() or not parameter_file(named.value).is_file():
                edits.set(path, node_of(_relative(target, out), named.where, path))
    head = (
        f"# {made}\n# The whole scenario: something was taken away, which a file that extends cannot say.\n"
    )
    return head + _dumped(plain(edits.changed()))


def _dumped(parts: Mapping[str, Any]) -> str:
    """Return a mapping with a line or block for each key; what holds only scalars stands in braces."""
    return "".join(
        yaml.dump(
            {name: part},
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=_WIDTH,
            default_flow_style=None if isinstance(part, (dict, list)) else False,
        )
        for name, part in parts.items()
    )


def _relative(target: Path, out: Path) -> str:
    """Return how a file names another: from its own folder where that can be, with forward slashes."""
    try:
        return Path(os.path.relpath(target, out.parent)).as_posix()
    except ValueError:  # another drive
        return target.resolve().as_posix()

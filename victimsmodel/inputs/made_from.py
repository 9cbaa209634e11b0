"""Which files a scenario is made from: those it extends, and those its fields name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from victimsmodel.inputs.shipped import parameter_file
from victimsmodel.inputs.strict_yaml import Node, read_yaml
from victimsmodel.inputs.table_files import FILE_FIELDS

_NAMING = ("sources", "estimates", *FILE_FIELDS)


def files_read(scenario: str | Path, overrides: Mapping[str, object] | None = None) -> list[Path]:
    """Return every file that `load_scenario` takes something from, the scenario file first.

    Parameters
    ----------
    scenario : str or Path
        A scenario file that is valid.
    overrides : mapping, optional
        As for `load_scenario`; an override may name another file, or none.

    Returns
    -------
    list of Path
        Resolved, each once.
    """
    named: dict[str, Path | None] = {
        field: Path(value) if isinstance(value, str) and value != "null" else None
        for field, value in (overrides or {}).items()
        if field in _NAMING
    }
    found: list[Path] = []
    following: Path | None = Path(scenario)
    while following is not None:
        path, root = following, read_yaml(following)
        found.append(path)
        for field in _NAMING:
            is_stated, value = _stated(root, field.split("."))
            if is_stated and field not in named:  # what a file states hides what it extends
                named[field] = _beside(path.parent, value) if isinstance(value, str) else None
        _, extends = _stated(root, ["extends"])
        following = path.parent / extends if isinstance(extends, str) else None
    found += [path for path in named.values() if path is not None]
    return list(dict.fromkeys(path.resolve() for path in found))


def _stated(node: Node, parts: list[str]) -> tuple[bool, object]:
    """Return whether a file says anything of a field, and what; null anywhere above it says none."""
    if not parts:
        return True, node.value
    if node.value is None:
        return True, None
    if not isinstance(node.value, dict) or parts[0] not in node.value:
        return False, None
    return _stated(node.value[parts[0]], parts[1:])


def _beside(folder: Path, name: str) -> Path:
    """Return the file of that name beside the scenario, or the one that comes with the package."""
    own = folder / name
    return parameter_file(name) if not own.exists() and parameter_file(name).is_file() else own

"""The settings as a scenario file: what differs from the original, ready for the command line."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from victimsmodel.disk import cannot_write
from victimsmodel.errors import InvariantError, input_error
from victimsmodel.explorer.settings import Change, Explored, Settings, changes, with_settings
from victimsmodel.explorer.work import exact_values
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.scenario import SLUG_PATTERN, Scenario
from victimsmodel.inputs.strict_yaml import NUMBERS, Rejected, read_scalar

#: The first words of a file that the page wrote, and may therefore replace when it is told to.
MARK = "# Saved by victimsmodel explore"
_NAME = "must be lower-case letters, digits and hyphens, a letter first, at most 60"
_TITLE_LENGTH = 200


def scenario_text(found: Explored, settings: Settings, name: str, folder: Path) -> str:
    """Return settings as a scenario file in `folder` that extends the original.

    Raises
    ------
    InputError
        VM245 for a --set of an item of a list: a file that extends another can replace only whole lists.
    """
    original = Path(os.path.relpath(found.path.resolve(), folder.resolve())).as_posix()
    title = f"{found.scenario.title} ({name})"[:_TITLE_LENGTH]
    tree: dict[str, Any] = {"extends": original, "name": name, "title": title}
    for field, value in found.overrides.items():
        _state_override(tree, found.scenario, field, value)
    for change in changes(found, settings):
        if change.place.states:
            _put(tree, _written(change), _stated(change.value))
    body = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=110)
    return f"{MARK} from {original}\n# Run it: victimsmodel evaluate {name}.yaml\n{body}"


def save_scenario(
    found: Explored, settings: Settings, name: object, folder: Path, replace: bool = False
) -> Path:
    """Write settings as ``<name>.yaml`` in `folder`; the file is loaded and compared before it appears.

    Parameters
    ----------
    found : Explored
    settings : mapping
        From `checked`.
    name : object
        As it came from the page.
    folder : Path
    replace : bool
        Replace a file of this name that the page wrote before; no other file is ever replaced.

    Raises
    ------
    InputError
        VM243 for a name that cannot be used, VM244 for one that is taken.
    CannotWriteError
    """
    if not isinstance(name, str) or not re.fullmatch(SLUG_PATTERN, name):
        raise input_error("", _NAME, "VM243", field="name", value=str(name)[:80])
    target = folder / f"{name}.yaml"
    _refuse_taken(target, replace)
    content = scenario_text(found, settings, name, folder).encode()
    try:
        descriptor, part = tempfile.mkstemp(suffix=".yaml", prefix=f".{name}.", dir=folder)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            _refuse_different(Path(part), with_settings(found, settings))
            os.chmod(part, 0o644)
            if replace:
                os.replace(part, target)
            else:
                os.link(part, target)  # fails where a file has come to stand meanwhile
        finally:
            Path(part).unlink(missing_ok=True)
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        raise cannot_write(target, error) from None
    return target


def _refuse_taken(target: Path, replace: bool) -> None:
    if not os.path.lexists(target):
        return
    is_own = target.is_file() and target.read_bytes()[: len(MARK)] == MARK.encode()
    if not (replace and is_own):
        raise _taken(target, is_own)


def _taken(target: Path, is_own: bool = False) -> Exception:
    hint = "Choose replace, or another name." if is_own else "Choose another name."
    return input_error("", "exists already", "VM244", field="name", value=target.stem, hint=hint)


def _refuse_different(file: Path, scenario: Scenario) -> None:
    """Refuse to hand out a file that does not give the numbers of the page."""
    if exact_values_text(load_scenario(file)) != exact_values_text(scenario):
        raise InvariantError(
            "the saved scenario gives other numbers than the page; nothing was written [VM248]"
        )


def exact_values_text(scenario: Scenario) -> str:
    """Return every exact number of a scenario, to the last digit."""
    values = exact_values(scenario)
    return repr({option: {n: v.tolist() for n, v in own.items()} for option, own in values.items()})


def _written(change: Change) -> str:
    """Return the dotted name under which a file states a change."""
    option = change.place.option
    return f"options.{option}.changes.{change.field}" if option else change.field


def _stated(value: Estimate | float) -> Any:
    """Return a number as a file states it; whole numbers without a point."""
    if isinstance(value, Estimate):
        stated = value.model_dump(exclude_none=True, exclude_defaults=True)
        return {name: _plain(x) for name, x in stated.items()}
    return _plain(value)


def _plain(x: Any) -> Any:
    return int(x) if isinstance(x, float) and x.is_integer() else x


def _state_override(tree: dict[str, Any], scenario: Scenario, field: str, value: object) -> None:
    """State what was given by --set as a file would."""
    parts = field.split(".")
    scalar = read_scalar(value) if isinstance(value, str) else value
    assert not isinstance(scalar, Rejected)  # the scenario has been loaded with it
    within = _model_at(scenario, parts)
    parent = _model_at(scenario, parts[:-1])
    if any(isinstance(_model_at(scenario, parts[:n]), tuple) for n in range(1, len(parts))):
        allowed = "stands in a list, of which a saved scenario cannot change one item"
        raise input_error("--set", allowed, "VM245", field=field)
    if isinstance(within, Estimate):
        _put(tree, field, _stated(within))
    elif isinstance(parent, Estimate) and parts[-1] in NUMBERS:
        _put(tree, ".".join(parts[:-1]), _stated(parent))
    else:
        _put(tree, field, scalar)


def _model_at(model: Any, parts: list[str]) -> Any:
    """Return what stands at the parts of an override's name; an option's changes stand in its service."""
    for i, part in enumerate(parts):
        if part == "changes" and i == 2 and parts[0] == "options":
            model = model.service
        elif isinstance(model, Mapping):
            model = model.get(part)
        elif isinstance(model, tuple):
            return None
        else:
            model = getattr(model, part, None)
    return model


def _put(tree: dict[str, Any], field: str, value: Any) -> None:
    """Put a value at a dotted name, making the mappings on the way."""
    *way, last = field.split(".")
    for part in way:
        tree = tree.setdefault(part, {})
    tree[last] = value

"""Strict YAML -> scenario: extension, overrides, options as differences, and clear messages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.consistency import findings
from victimsmodel.inputs.estimates_file import known_units, with_estimates
from victimsmodel.inputs.funding import funding_lines
from victimsmodel.inputs.messages import CHANGING, placed, shown, validation_problems
from victimsmodel.inputs.overrides import with_overrides
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.service import Service
from victimsmodel.inputs.shipped import parameter_file
from victimsmodel.inputs.stated_sources import unknown_sources
from victimsmodel.inputs.strict_yaml import Node, merged, plain, read_yaml
from victimsmodel.inputs.table_files import FILE_FIELDS, read_named

_MOST_EXTENSIONS = 5
_FUNDING = "funding"
_EXPECTED = " (name, title, area, period, demand, ...)"


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
    return scenario_of(with_overrides(read_stated(path, problems), overrides or {}, problems), problems)


def read_stated(path: str | Path, problems: list[Problem]) -> Node:
    """Return what a scenario file states, laid over the files that it extends; nothing else is read yet."""
    return _with_extensions(Path(path), (), problems)


def scenario_of(root: Node, problems: list[Problem]) -> Scenario:
    """Complete and check what is stated: sources, estimates, options and tables of files.

    Parameters
    ----------
    root : Node
        From `read_stated`, perhaps with changes laid over it.
    problems : list of Problem
        What is known to be wrong; raised together with what else is found.

    Raises
    ------
    InputError
        As of `load_scenario`.
    """
    stated = _with_estimates(_with_sources(root, problems), problems)
    root = _with_option_services(stated, problems)
    for field in FILE_FIELDS:
        root = _with_file(root, field.split("."), problems)
    try:
        scenario = Scenario.model_validate(plain(root))
    except ValidationError as error:
        invalid = _not_due_to_usual(validation_problems(error, root))
        invalid += unknown_sources(stated)
        raise InputError(_unique([*problems, *_not_due_to(problems, invalid)])) from None
    if problems:
        raise InputError(_unique([*problems, *_not_due_to(problems, unknown_sources(stated))]))
    found = placed(root, findings(scenario))
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


def _not_due_to_usual(problems: list[Problem]) -> list[Problem]:
    """Drop what is wrong with a change only because the estimate that it multiplies is wrong."""
    changing = re.compile(rf"(?:{'|'.join(CHANGING)})[.][^.]+[.]changes[.](.+)[.](.+)")
    wrong = [problem.field for problem in problems if not changing.match(problem.field)]
    kept = []
    for problem in problems:
        changed = changing.match(problem.field)
        number = changed[1] if changed and changed[2] in Estimate.model_fields else None
        if number is None or not any(f"{field}.".startswith(f"{number}.") for field in wrong):
            kept.append(problem)
    return kept


def _with_extensions(path: Path, seen: tuple[Path, ...], problems: list[Problem]) -> Node:
    """Read a file and lay it over the file that it extends."""
    root = read_yaml(path, problems, _EXPECTED)
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
    path, field, value = folder / str(named.value), named.field, shown(named.value)
    if not os.path.exists(path):  # also where the name is too long for a file
        raise input_error(named.where, "does not exist", "VM001", field=field, value=value)
    if not path.is_file():  # a folder, or a pipe or device that never ends
        raise input_error(named.where, "must be a regular file", "VM001", field=field, value=value)
    return path


def _with_option_services(root: Node, problems: list[Problem]) -> Node:
    """Give every option and lever its whole service: business as usual with its changes laid over."""
    assert isinstance(root.value, dict)
    service = Node(
        {name: root.value[name] for name in Service.model_fields if name in root.value}, root.where
    )
    completed: dict[str, Node] = {}
    for kind in CHANGING:
        changing = root.value.get(kind)
        if changing is not None and isinstance(changing.value, dict):
            stated = {
                name: _with_service(kind, name, each, service, problems)
                for name, each in changing.value.items()
            }
            completed[kind] = Node(stated, changing.where, changing.field)
    return Node({**root.value, **completed}, root.where)


def _with_service(kind: str, name: str, stated: Node, service: Node, problems: list[Problem]) -> Node:
    if not isinstance(stated.value, dict):
        return stated
    problems += _changes_problems(kind, name, stated)
    parts = dict(stated.value)
    changes = parts.pop("changes", Node({}, stated.where))
    parts["service"] = merged(service, changes) if isinstance(changes.value, dict) else service
    return Node(parts, stated.where, stated.field)


def _changes_problems(kind: str, name: str, stated: Node) -> Iterator[Problem]:
    """Say what is wrong with the keys that completing an option or lever takes away or replaces."""
    assert isinstance(stated.value, dict)
    service, changes = stated.value.get("service"), stated.value.get("changes")
    if service is not None:
        allowed = f"is not a known key (known: {', '.join(CHANGING[kind])})"
        yield Problem(service.where, service.field, "", allowed, "VM017", "Did you mean changes?")
    if changes is not None and not isinstance(changes.value, dict):
        allowed = "must be a mapping of the fields that differ from business as usual"
        yield Problem(changes.where, changes.field, "", allowed, "VM009")
    elif changes is not None and changes.value and kind == "options" and name == BUSINESS_AS_USUAL:
        allowed = "must be absent: the scenario itself is business as usual"
        yield Problem(changes.where, changes.field, "", allowed, "VM009")
    elif kind == "levers" and (changes is None or not changes.value) and "extra_fte" not in stated.value:
        allowed = "is missing: the fields that differ from business as usual, or extra_fte"
        yield Problem(stated.where, f"{stated.field}.changes", "", allowed, "VM010")


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


def _with_estimates(root: Node, problems: list[Problem]) -> Node:
    """Lay the estimates of a file over the scenario that names it."""
    assert isinstance(root.value, dict)
    named = root.value.get("estimates")
    if named is None or not isinstance(named.value, str):
        return root
    try:
        path = _named_file(Path(named.where.rpartition(":")[0]).parent, named)
        return with_estimates(root, path, known_units(plain(root)), problems)
    except InputError as error:
        problems += error.problems
        return Node({name: child for name, child in root.value.items() if name != "estimates"}, root.where)


def _with_file(node: Node, parts: list[str], problems: list[Problem]) -> Node:
    """Replace the name of a file by what it holds, if the field names one.

    What does not stand beside the scenario may be a table that comes with the package, so that a copy
    of a shipped scenario works anywhere.
    """
    if not isinstance(node.value, dict) or parts[0] not in node.value:
        return node
    child = node.value[parts[0]]
    if len(parts) > 1:
        child = _with_file(child, parts[1:], problems)
    elif isinstance(child.value, str):
        folder = Path(child.where.rpartition(":")[0]).parent
        shipped = parameter_file(child.value)
        try:
            path = shipped if not os.path.exists(folder / child.value) and shipped.is_file() else None
            path = path or _named_file(folder, child)
            if child.field == _FUNDING:
                funding_lines(path)  # whose rows must go together, and with the sources beside it
            child = read_named(path, child.field, problems)
        except InputError as error:  # the field is named, so that what is empty now is not told as well
            problems += [replace(told, field=told.field or child.field) for told in error.problems]
            child = Node([], child.where, child.field)
    return Node({**node.value, parts[0]: child}, node.where, node.field)


def _unique(problems: Iterable[Problem]) -> list[Problem]:
    """Drop repetitions: what is wrong in business as usual shows up in every option too."""
    return list(dict.fromkeys(problems))

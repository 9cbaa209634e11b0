"""Which inputs differ between two scenarios: one entry a field, however many options inherit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from victimsmodel.inputs.levers import Lever
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.scenario import Option, Scenario
from victimsmodel.inputs.service import Service
from victimsmodel.inputs.table_files import FILE_FIELDS

#: What is said elsewhere (names), shown with each number (sources), or compared by itself (options).
_LEFT_OUT = ("name", "title", "sources", "options", "levers")
#: Compared as a whole: hundreds of rows say nothing one by one.
_WHOLE = (*FILE_FIELDS, "estimates")
_SEQUENCE = ".attempts"  # of a contact method: an order, in which each has its place
_BESIDE_NUMBERS = ("source", "note", "quality", "price_year", "borrowed")

Kind = Literal["estimate", "choice", "table", "source", "option"]


class InputDifference(NamedTuple):
    """A field that two scenarios do not state alike; `None` where one does not state it."""

    input: str  # dotted name
    owner: str  # `options.NAME` or `levers.NAME` whose own it is; empty for what all share
    kind: Kind
    first: Any
    second: Any
    is_inherited: tuple[bool, bool]  # whether the owner takes it from business as usual, in each


def input_differences(first: Scenario, second: Scenario) -> list[InputDifference]:
    """Return every field that differs, in the order of the scenario.

    What business as usual states is compared once. Of an option or lever, only what it states
    otherwise than business as usual is compared, so that a change that all inherit shows up once.

    Parameters
    ----------
    first, second : Scenario

    Returns
    -------
    list of InputDifference
        ``kind`` is ``source`` where the numbers agree and only source, quality or note differ;
        ``option`` for an option or lever that only one of the two has.
    """
    ours, theirs = (dict(_leaves(scenario, leave_out=_LEFT_OUT)) for scenario in (first, second))
    found = list(_differences(ours, theirs, ""))
    for kind in ("options", "levers"):
        own, other = getattr(first, kind), getattr(second, kind)
        for name in dict.fromkeys((*own, *other)):
            owner = f"{kind}.{name}"
            if name not in own or name not in other:
                yes = own.get(name) or other.get(name)
                titles = (yes.title if name in own else None, yes.title if name in other else None)
                found.append(InputDifference(owner, owner, "option", titles[0], titles[1], (False, False)))
                continue
            found += _differences(
                _own(own[name], first), _own(other[name], second), owner, inherited=(ours, theirs)
            )
    return found


def _own(each: Option | Lever, scenario: Scenario) -> dict[str, Any]:
    """Return what an option or lever states otherwise than business as usual, and about itself."""
    shared = dict(_leaves(Service.model_construct(**{n: getattr(scenario, n) for n in Service.model_fields})))
    service = dict(_leaves(each.service))
    changed = {name: value for name, value in service.items() if shared.get(name) != value}
    # what business as usual has and the option has not: a shorter list of attempts, for example
    changed |= {name: None for name in shared if name not in service}
    return {**dict(_leaves(each, leave_out=("service",))), **changed}


def _differences(
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    owner: str,
    inherited: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {}),
) -> Iterator[InputDifference]:
    for name in dict.fromkeys((*ours, *theirs)):
        stated = tuple(name in own for own in (ours, theirs))
        pair = [own.get(name, usual.get(name)) for own, usual in zip((ours, theirs), inherited, strict=True)]
        if pair[0] == pair[1] and (all(stated) or owner):
            continue
        lent = (bool(owner) and not stated[0], bool(owner) and not stated[1])
        yield InputDifference(name, owner, _kind(name, *pair), pair[0], pair[1], lent)


def _kind(name: str, first: Any, second: Any) -> Kind:
    if name in _WHOLE:
        return "table"
    estimates = [each for each in (first, second) if isinstance(each, Estimate)]
    if len(estimates) == 2:
        bare = [each.model_dump(exclude=set(_BESIDE_NUMBERS)) for each in estimates]
        return "source" if bare[0] == bare[1] else "estimate"
    if name.rpartition(".")[2] in (*_BESIDE_NUMBERS, "grant_source", "population_source"):
        return "source"
    return "estimate" if estimates else "choice"


def _leaves(model: Any, path: str = "", leave_out: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every field with its dotted name: estimates and tables as a whole, the rest one by one."""
    if isinstance(model, Estimate) or path in _WHOLE or path.endswith(_SEQUENCE):
        yield path, model
        return
    if isinstance(model, BaseModel):
        children = [(name, getattr(model, name)) for name in type(model).model_fields]
    elif isinstance(model, Mapping):
        children = [(str(name), child) for name, child in model.items()]
    elif isinstance(model, (list, tuple)) and any(isinstance(child, BaseModel) for child in model):
        children = [(str(i), child) for i, child in enumerate(model, start=1)]
    else:
        yield path, model
        return
    for name, child in children:
        if name not in leave_out:
            yield from _leaves(child, f"{path}.{name}" if path else name)

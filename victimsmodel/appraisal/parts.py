"""What an option changes, in parts: which there are, which need each other, services with some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, combinations
from typing import Any

from victimsmodel.inputs.consistency import service_findings
from victimsmodel.inputs.scenario import PRIORITIES, Group, keys_of, method_of
from victimsmodel.inputs.service import Contact, Service

#: Parts of a service in the order of the pathway, by the fields that they hold. The contact method of
#: enhanced and of standard victims are parts of their own. One-off costs and costs borne by others are in no
#: measure of a year, and so no part.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "referral": ("referral",),
    "screening": ("screening",),
    "channels": ("contact.channels", "contact.windows", "contact.fade_days"),
    "methods_enhanced": (),
    "methods_standard": (),
    "assessment": ("consent", "assessment", "support", "outcomes"),
    "staff": ("staff", "work_order", "contact.patience_working_days", "contact.after_patience"),
    "costs": ("costs.fixed", "costs.practical_case", "costs.casework_case"),
}
_METHODS = {f"methods_{priority}": priority for priority in PRIORITIES}
#: With more, there would be too many subsets to simulate.
MOST_PARTS = 7

#: Parts that only go together, or are kept together so that there are few.
Block = tuple[str, ...]

#: What is taken as one part, in this order, until there are few enough.
_KEPT_TOGETHER: tuple[Block, ...] = (tuple(_METHODS), ("referral", "screening"))


def changed_parts(usual: Service, changed: Service, groups: Sequence[Group]) -> list[str]:
    """Return the parts in which two services differ, in the order of the pathway."""
    return [
        part
        for part in _FIELDS
        if (
            any(
                _plan(usual, group) != _plan(changed, group)
                for group in groups
                if group.priority == _METHODS[part]
            )
            if part in _METHODS
            else any(_field(usual, name) != _field(changed, name) for name in _FIELDS[part])
        )
    ]


def blocks_of(
    usual: Service, changed: Service, groups: Sequence[Group], most_parts: int = MOST_PARTS
) -> list[Block]:
    """Return the parts of a change, those that need each other together.

    With more than `most_parts` the contact methods are one part, then referral and screening too; further
    parts stay as they are.
    """
    blocks: list[Block] = [(part,) for part in changed_parts(usual, changed, groups)]
    for together in _KEPT_TOGETHER:
        own = [block for block in blocks if set(block) <= set(together)]
        if len(blocks) > most_parts and len(own) > 1:
            place = blocks.index(own[0])
            blocks = [block for block in blocks if block not in own]
            blocks.insert(place, tuple(chain.from_iterable(own)))

    def is_valid(chosen: frozenset[str]) -> bool:
        return next(service_findings(mixed(usual, changed, chosen, groups), tuple(groups)), None) is None

    return joined_blocks(blocks, is_valid)


def block_name(block: Block) -> str:
    """Return the name of a block: ``a & b`` are kept together, ``a + b`` only go together."""
    return (" & " if block in _KEPT_TOGETHER else " + ").join(block)


def joined_blocks(blocks: Sequence[Block], is_valid: Callable[[frozenset[str]], bool]) -> list[Block]:
    """Join blocks until every choice of them is valid.

    The smallest choice that is not valid is joined with what the smallest valid choice around it has
    more; the order of the blocks decides among equals. All of them together must be valid.
    """
    found = list(blocks)
    while True:
        choices = list(chain.from_iterable(combinations(found, n) for n in range(len(found) + 1)))
        wrong = next((choice for choice in choices if not is_valid(_parts(choice))), None)
        if wrong is None:
            return found
        whole = next(each for each in choices if set(wrong) < set(each) and is_valid(_parts(each)))
        place = found.index(whole[0])
        found = [block for block in found if block not in whole]
        found.insert(place, tuple(chain.from_iterable(whole)))


def mixed(usual: Service, changed: Service, chosen: Iterable[str], groups: Sequence[Group]) -> Service:
    """Return business as usual with the chosen parts of a changed service."""
    parts = set(chosen)
    top: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {"contact": {}, "costs": {}}
    for part in parts:
        for name in _FIELDS[part]:
            target, _, field = name.rpartition(".")
            (inner[target] if target else top)[field] = _field(changed, name)
    taken = {priority: changed if part in parts else usual for part, priority in _METHODS.items()}
    inner["contact"] |= _assigned({group: taken[group.priority].contact for group in groups})
    whole = {name: getattr(usual, name).model_copy(update=fields) for name, fields in inner.items()}
    return usual.model_copy(update={**top, **whole})


def _assigned(by_group: Mapping[Group, Contact]) -> dict[str, Any]:
    """Return the contact methods in which each group gets what one of two services gives it."""
    methods: dict[str, Any] = {}
    assigned: dict[str, str] = {}
    for group, contact in by_group.items():
        method = contact.methods[method_of(contact, group)]
        known = next((name for name, other in methods.items() if other == method), None)
        assigned[group.name] = known or f"method_{len(methods)}"
        methods[assigned[group.name]] = method
    masked = {group.name: _masked(contact, group) for group, contact in by_group.items()}
    return {"methods": methods, "assigned": assigned, "masked_channels": masked}


def _masked(contact: Contact, group: Group) -> tuple[Any, ...]:
    masked = {channel for key in keys_of(group) for channel in contact.masked_channels.get(key, ())}
    return tuple(sorted(masked))


def _plan(service: Service, group: Group) -> tuple[Any, ...]:
    """Return all that a contact method does for a group."""
    method = service.contact.methods[method_of(service.contact, group)]
    return method.model_copy(update={"title": ""}), _masked(service.contact, group)


def _field(service: Service, name: str) -> Any:
    found: Any = service
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _parts(blocks: Iterable[Block]) -> frozenset[str]:
    return frozenset(chain.from_iterable(blocks))

"""A broken rule of a scenario, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

_MOST_NAMES_LISTED = 10  # in a message that suggests one of them


class Finding(NamedTuple):
    """A broken rule and the field that breaks it, as a path from the root of the scenario."""

    path: tuple[str | int, ...]
    value: str
    allowed: str
    code: str
    hint: str = ""


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is nearest to a misspelt one, or an empty text."""
    names = list(known)
    same = [name for name in names if name.casefold() == word.casefold()]
    return next(iter(same or get_close_matches(word, names, n=1, cutoff=0.6)), "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest known word, or an empty text."""
    close = closest(word, known)
    return f"Did you mean {close}?" if close else ""


def unknown(path: tuple[str | int, ...], name: str, known: Iterable[str], noun: str) -> Finding:
    """Return the finding that a name is not known."""
    names = list(known)
    hint = did_you_mean(name, names)
    listed = "" if hint and len(names) > _MOST_NAMES_LISTED else f" (known: {', '.join(names)})"
    value = "" if path[-1] == name else name  # a key is named by the path already
    return Finding(path, value, f"is not a {noun} of this scenario{listed}", "VM021", hint)

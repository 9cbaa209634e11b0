"""Labels that a reader takes for one and a program for several."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from victimsmodel.inputs.finding import closest

#: Letters of other scripts by the Latin ones that they look like (Unicode Technical Standard 39).
_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0455\u0458\u03bf\u03b1\u03bd\u0131", "aeopcxyisjoavi"
)


def bare(label: str) -> str:
    """Return a label without case, spaces, signs and foreign letters that look like Latin ones."""
    plain = unicodedata.normalize("NFKC", label).casefold().translate(_LATIN)
    return "".join(filter(str.isalnum, plain))


def look_alike(labels: Iterable[str]) -> list[str]:
    """Return the labels that another one looks like but for case, spaces, hyphens or foreign letters.

    Examples
    --------
    >>> look_alike(["Domestic abuse", "Domestic Abuse", "Burglary"])
    ['Domestic abuse', 'Domestic Abuse']
    """
    return [label for same in alike(labels) for label in same]


def alike(labels: Iterable[str]) -> list[list[str]]:
    """Return the labels that look alike, two or more together."""
    found: dict[str, list[str]] = defaultdict(list)
    for label in dict.fromkeys(map(str, labels)):
        found[bare(label)].append(label)
    return [same for same in found.values() if len(same) > 1]


def meant(label: str, known: Iterable[str]) -> str:
    """Return the known label that one looks like, or else is spelt nearly as; empty if there is none.

    Examples
    --------
    >>> meant("K\u0435nt", ["Kent", "Essex"]), meant("Knet", ["Kent", "Essex"])
    ('Kent', 'Kent')
    """
    by_form = {bare(name): name for name in known}
    form = bare(label)
    return by_form.get(form) or by_form.get(closest(form, by_form), "")

"""Labels that a reader takes for one and a program for several."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from victimsmodel.inputs.finding import closest

#: Letters of other scripts by the Latin ones that they look like (Unicode Technical Standard 39).
_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0455\u0458\u03bf\u03b1\u03bd\u0131", "aeopcxyisjoavi"
)

#: Signs that are drawn alike in many fonts: a capital I, a one and a bar as an l, a zero as an O.
_DRAWN = str.maketrans("I1|0", "lllo")


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
    """Return the labels that look alike, two or more together, in the order in which they are first met.

    Examples
    --------
    >>> alike(["burglary", "burgIary", "group 0", "group O", "group 1"])
    [['burglary', 'burgIary'], ['group 0', 'group O']]
    """
    found: list[list[str]] = []
    place: dict[str, list[str]] = {}
    for label in dict.fromkeys(map(str, labels)):
        forms = (bare(label), "drawn " + bare(label.translate(_DRAWN)))
        same = next((place[form] for form in forms if form in place), None)
        if same is None:
            found.append(same := [])
        same.append(label)
        for form in forms:
            place.setdefault(form, same)
    return [same for same in found if len(same) > 1]


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

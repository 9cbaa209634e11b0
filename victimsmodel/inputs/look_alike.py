"""Labels that a reader takes for one and a program for several."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

#: Letters of other scripts by the Latin ones that they look like (Unicode Technical Standard 39).
_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0455\u0458\u03bf\u03b1\u03bd\u0131", "aeopcxyisjoavi"
)


def look_alike(labels: Iterable[str]) -> list[str]:
    """Return the labels that another one looks like but for case, spaces, hyphens or foreign letters.

    Examples
    --------
    >>> look_alike(["Domestic abuse", "Domestic Abuse", "Burglary"])
    ['Domestic abuse', 'Domestic Abuse']
    """
    alike: dict[str, list[str]] = defaultdict(list)
    for label in dict.fromkeys(map(str, labels)):
        plain = unicodedata.normalize("NFKC", label).casefold().translate(_LATIN)
        alike["".join(filter(str.isalnum, plain))].append(label)
    return [label for same in alike.values() if len(same) > 1 for label in same]

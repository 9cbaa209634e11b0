"""Personal data around a table: in its titles and in the names of sheets."""

from __future__ import annotations

from collections.abc import Sequence

from victimsmodel.errors import PrivacyError, Problem
from victimsmodel.inputs.personal_cases import says_birth
from victimsmodel.inputs.personal_data import STRIP, TESTS

_CODE = "VM125"


def personal_text(texts: Sequence[str]) -> str:
    """Return the kind of personal data that titles or names of sheets hold, empty where they hold none."""
    found = (kind for text in texts for kind, test in TESTS.items() if test([text]))
    return next(found, "") or ("a date of birth" if any(map(says_birth, texts)) else "")


def refuse_personal_sheets(path: str, names: Sequence[str]) -> None:
    """Refuse a workbook with a sheet that is named after somebody; the name is not repeated.

    Raises
    ------
    PrivacyError
        VM125 with the number of each such sheet.
    """
    allowed = "has a name that looks like {}; nothing was read"
    _refuse(path, "sheet", allowed, [[name] for name in names])


def refuse_personal_titles(where: str, rows: Sequence[Sequence[str]]) -> None:
    """Refuse a table whose titles, numbered from the first row of its sheet, hold personal data.

    Raises
    ------
    PrivacyError
        VM125 with the number of each such row.
    """
    _refuse(where, "row", "holds what looks like {}; nothing was read", rows)


def _refuse(where: str, noun: str, allowed: str, texts: Sequence[Sequence[str]]) -> None:
    problems = [
        Problem(where, f"{noun} {i}", "", allowed.format(kind), _CODE, f"{STRIP}.")
        for i, row in enumerate(texts, start=1)
        if (kind := personal_text([text for text in row if text]))
    ]
    if problems:
        raise PrivacyError(problems)

"""What a sign-off must state before it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from victimsmodel.errors import InputError, Problem
from victimsmodel.reporting.assurance.sign_off import SignOff, is_same_person

_CODE = "VM278"
_WHERE = "victimsmodel qa"


def checked_sign_off(stated: Mapping[str, Any], changes: Sequence[str], folder: Path) -> SignOff:
    """Return a sign-off from what is stated, or say everything that stands against it.

    Parameters
    ----------
    stated : mapping
        Fields of `SignOff`; dates as text, names perhaps empty.
    changes : sequence of str
        What is no longer as the run left it.
    folder : Path
        Of the run.

    Raises
    ------
    InputError
        VM278.
    """
    problems = [
        Problem(str(folder), "", "", f"cannot be signed off: {why}", _CODE, "Evaluate its scenario again.")
        for why in changes
    ]
    names = [name for name in ("analyst", "assurer") if not str(stated[name]).strip()]
    allowed = "is missing: who did the analysis, and who assures it"
    problems += [Problem(_WHERE, f"--{name}", "", allowed, _CODE) for name in names]
    if not names and is_same_person(stated["analyst"], stated["assurer"]):
        allowed = "must be another person than the analyst"
        problems.append(Problem(_WHERE, "--assurer", stated["assurer"], allowed, _CODE))
    problems += _sunset_problems(stated)
    try:
        sign_off = SignOff.model_validate_json(json.dumps(stated))
    except ValidationError as error:
        known = {problem.field for problem in problems}
        for item in error.errors():
            field = f"--{item['loc'][0]}"
            if field not in known:
                allowed = "must be one line of visible characters, at most 200"
                problems.append(Problem(_WHERE, field, "", allowed, _CODE))
        raise InputError(problems) from None
    if problems:
        raise InputError(problems)
    return sign_off


def _sunset_problems(stated: Mapping[str, Any]) -> Iterator[Problem]:
    text = stated["sunset"]
    try:
        day = date.fromisoformat(text) if len(text) == len("2027-11-30") else None
    except ValueError:
        day = None
    if day is None:
        allowed = "must be an ISO date that exists, YYYY-MM-DD"
        yield Problem(_WHERE, "--sunset", text, allowed, _CODE)
    elif day <= date.fromisoformat(stated["signed"]):
        yield Problem(_WHERE, "--sunset", text, f"must be after today, {stated['signed']}", _CODE)

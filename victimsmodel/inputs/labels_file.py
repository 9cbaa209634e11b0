"""Which label of a table means which: stated in a mapping or a file, never guessed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.strict_yaml import plain, read_yaml

_CODE = "VM304"
#: By column, the label that is meant by each that stands in the table.
Labels = Mapping[str, Mapping[str, str]]

_FORM = "must be columns, and below each the labels as written with those that are meant"


def labels_in(stated: Labels | str | Path | None) -> Labels:
    """Return stated labels, from a YAML file unless they are a mapping already.

    Raises
    ------
    InputError
        VM304 if the file is something else.
    """
    if stated is None or isinstance(stated, Mapping):
        return stated or {}
    problems: list[Problem] = []
    found = plain(read_yaml(Path(stated), problems))
    if problems:
        raise InputError(problems)
    if not isinstance(found, dict) or not all(isinstance(names, dict) for names in found.values()):
        raise input_error(str(stated), _FORM, _CODE, hint="As in `group: {Domestic Abuse: domestic_abuse}`.")
    return {str(column): {str(a): str(b) for a, b in names.items()} for column, names in found.items()}


def check_labels(where: str, stated: Labels, there: Mapping[str, Collection[str]]) -> None:
    """Refuse stated columns that a table has not, and labels that stand nowhere in them.

    Raises
    ------
    InputError
        VM304 with every one of them.
    """
    problems = []
    for column, names in stated.items():
        if column not in there:
            known = f"is no column with labels (known: {', '.join(there)})"
            hint = did_you_mean(column, there)
            problems.append(Problem(where, "labels", column, known, _CODE, hint))
            continue
        problems += [
            Problem(where, f"labels.{column}", ascii(name), "stands nowhere in the table", _CODE)
            for name in names
            if name not in there[column]
        ]
    if problems:
        raise InputError(problems)


def renamed(column: pd.Categorical, names: Mapping[str, str]) -> pd.Categorical:
    """Return a column with other labels, several of which may become one."""
    meant = [names.get(str(label), str(label)) for label in column.categories]
    new = list(dict.fromkeys(meant))
    codes = np.array([new.index(label) for label in meant], dtype=np.int32)
    return pd.Categorical.from_codes(codes[column.codes], categories=pd.Index(new, dtype=object))

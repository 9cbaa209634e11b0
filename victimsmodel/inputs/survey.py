"""Reader of survey answers: one row a respondent, or counts; nothing that could tell who answered."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import pandas as pd
from pydantic import Field, model_validator

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.downloads.quoting import other_separator
from victimsmodel.inputs.downloads.raw_files import decoded, read_bytes
from victimsmodel.inputs.fields import MOST_COUNT
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.personal_data import refuse_personal_data
from victimsmodel.inputs.quantities import Frozen
from victimsmodel.inputs.sealed_reading import sealed_reading

_COUNT_COLUMNS = ("item", "answer", "count")
_LONGEST_ANSWER = 40  # characters; what is longer was written by somebody
_MOST_PROBLEMS = 10
_COUNT = re.compile(r"0|[1-9][0-9]{0,15}")


class Scale(Frozen):
    """Answers in order, from the least to the most favourable."""

    answers: tuple[str, ...] = Field(min_length=2, max_length=11)
    not_counted: tuple[str, ...] = ("Don't know", "Not applicable", "Prefer not to say")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len({answer.casefold() for answer in (*self.answers, *self.not_counted)}) < len(
            self.answers
        ) + len(self.not_counted):
            raise ValueError("answers must differ")
        return self


AGREEMENT = Scale(
    answers=("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
)
SATISFACTION = Scale(answers=("Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"))


class _Table(NamedTuple):
    where: str
    header: list[str]
    rows: list[tuple[int, list[str]]]  # with line numbers


@sealed_reading
def load_survey(path: str | Path, items: Mapping[str, Scale]) -> pd.DataFrame:
    """Read the answers of a survey as counts.

    Parameters
    ----------
    path : path of a CSV file
        Either one row a respondent with one column an item, blank where not answered; or columns item,
        answer, count. Any other column is refused, free text above all: it can name people.
    items : mapping of str to Scale
        The items that are asked about, each with its scale.

    Returns
    -------
    DataFrame
        Columns item, answer, position (1 for the least favourable), count; every answer of every item.

    Raises
    ------
    InputError
        For a file that is no such table (VM161), a column that is no item (VM162), an answer that is not on
        its scale, which is never repeated in the message (VM163). Every problem at once.
    """
    table = _read(Path(path))
    columns = zip(*(cells for _, cells in table.rows), strict=False)
    refuse_personal_data(str(path), dict(zip(table.header, columns, strict=False)))
    if {name.casefold() for name in _COUNT_COLUMNS} <= {name.casefold() for name in table.header}:
        return _tidy(_from_counts(table, items), items)
    return _tidy(_from_respondents(table, items), items)


def _read(path: Path) -> _Table:
    where = str(path)
    text = decoded(path, read_bytes(path)).content.decode()
    found: list[list[str]] = []
    try:
        found += csv.reader(text.splitlines(), strict=True)
    except csv.Error as error:
        allowed, hint = f"is no line of CSV: {error}", "Is a quote not closed?"
        raise input_error(f"{where}:{len(found) + 1}", allowed, "VM161", hint=hint) from None
    lines = [(i, row) for i, row in enumerate(found, 1) if any(row)]
    header = [name.strip() for name in lines[0][1]]
    if len(header) == 1 and (hint := other_separator(header[0])):
        raise input_error(f"{where}:{lines[0][0]}", "has one column alone", "VM161", hint=hint)
    if not all(header) or len({name.casefold() for name in header}) < len(header):
        raise input_error(f"{where}:{lines[0][0]}", "must name each column once", "VM161")
    if len(lines) == 1:
        raise input_error(where, "has a header but no answers below it", "VM161")
    problems = [
        Problem(
            f"{where}:{number}", "", "", f"has {len(row)} cells where the header has {len(header)}", "VM161"
        )
        for number, row in lines[1:]
        if len(row) != len(header)
    ]
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return _Table(where, header, lines[1:])


def _refuse_columns(table: _Table, known: Sequence[str]) -> None:
    """Refuse columns that are not asked for; one that reads like free text is said to be one."""
    folded = {name.casefold() for name in known}
    problems = []
    for i, name in enumerate(table.header):
        if name.casefold() in folded:
            continue
        is_prose = any(len(row[i]) > _LONGEST_ANSWER for _, row in table.rows)
        allowed = "looks like free text, which can name people" if is_prose else "is none of the items"
        hint = did_you_mean(name, known) or "Take the column out of the file."
        problems.append(Problem(f"{table.where}:1", f"column {i + 1}", "", allowed, "VM162", hint))
    missing = [name for name in known if name.casefold() not in {c.casefold() for c in table.header}]
    problems += [Problem(f"{table.where}:1", name, "", "is missing", "VM162") for name in missing]
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])


def _from_respondents(table: _Table, items: Mapping[str, Scale]) -> dict[tuple[str, str], int]:
    _refuse_columns(table, list(items))
    names = {name.casefold(): name for name in items}
    found: dict[tuple[str, str], int] = {}
    problems = []
    for i, column in enumerate(table.header):
        item = names[column.casefold()]
        for number, row in table.rows:
            if not row[i].strip():
                continue
            answer = _answer(row[i], items[item])
            if answer is None:
                problems.append(_off_scale(f"{table.where}:{number}", item, items[item]))
            elif answer:
                found[item, answer] = found.get((item, answer), 0) + 1
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return found


def _from_counts(table: _Table, items: Mapping[str, Scale]) -> dict[tuple[str, str], int]:
    _refuse_columns(table, _COUNT_COLUMNS)
    places = [[name.casefold() for name in table.header].index(name) for name in _COUNT_COLUMNS]
    names = {name.casefold(): name for name in items}
    found: dict[tuple[str, str], int] = {}
    problems = []
    for number, row in table.rows:
        where = f"{table.where}:{number}"
        item_text, answer_text, count_text = (row[i].strip() for i in places)
        item = names.get(item_text.casefold())
        if item is None:
            hint = did_you_mean(item_text, items)
            problems.append(Problem(where, "item", "", "is none of the items", "VM162", hint))
            continue
        answer = _answer(answer_text, items[item])
        if answer is None:
            problems.append(_off_scale(where, item, items[item]))
        elif not _COUNT.fullmatch(count_text) or int(count_text) > MOST_COUNT:
            allowed = "must be a whole number from 0 to 2^53, without leading zeros"
            problems.append(Problem(where, "count", "", allowed, "VM163"))
        elif (item, answer) in found:
            problems.append(Problem(where, item, "", "states this answer a second time", "VM163"))
        elif answer:
            found[item, answer] = int(count_text)
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return found


def _answer(text: str, scale: Scale) -> str | None:
    """Return the answer as the scale writes it, empty if it does not count, None if it is not on it."""
    folded = " ".join(text.split()).casefold()
    if folded in {answer.casefold() for answer in scale.not_counted}:
        return ""
    if folded.isdigit() and 1 <= int(folded) <= len(scale.answers):
        return scale.answers[int(folded) - 1]
    return {answer.casefold(): answer for answer in scale.answers}.get(folded)


def _off_scale(where: str, item: str, scale: Scale) -> Problem:
    allowed = f"must be an answer of its scale ({', '.join(scale.answers)}), a number from 1, or blank"
    return Problem(where, item, "", allowed, "VM163")


def _tidy(found: Mapping[tuple[str, str], int], items: Mapping[str, Scale]) -> pd.DataFrame:
    rows = [
        (item, answer, position, found.get((item, answer), 0))
        for item, scale in items.items()
        for position, answer in enumerate(scale.answers, start=1)
    ]
    return pd.DataFrame(rows, columns=["item", "answer", "position", "count"])

"""Refuses tables that hold personal data, by the names of columns and by what stands in them.

What is refused is never repeated: a message names a column, or its number where the heading itself
looks like a value, and the kind of data. The rules are made to refuse too much rather than too little;
they do not prove that a table holds no personal data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from victimsmodel.errors import PrivacyError, Problem
from victimsmodel.inputs.dates import date_of
from victimsmodel.inputs.personal_cases import (
    is_compact_births,
    is_full_name,
    is_initialled_name,
    is_landlines,
    is_list_of_people,
    is_places,
    is_serial_births,
    is_street,
    is_worded_births,
    names_within,
    says_birth,
    told_by_codes,
    told_by_ids,
)
from victimsmodel.inputs.personal_words import (
    HEADINGS,
    NAMES,
    POSTCODE_AREAS,
    STREETS,
    THINGS,
    TITLES,
    WHOLE_HEADINGS,
)


class PersonalColumn(NamedTuple):
    """A column that may hold personal data."""

    number: int  # from 1 on
    name: str  # empty where the heading itself looks like a value
    kind: str  # "a date of birth"
    by: str  # "name", "content" or "heading": the heading is a value


_AREAS = "|".join(sorted(POSTCODE_AREAS, key=len, reverse=True))
_POSTCODE = re.compile(rf"\b(?:{_AREAS})\d[A-Z\d]? +\d[A-Z]{{2}}\b", re.IGNORECASE)
_CLOSE_POSTCODE = re.compile(rf"(?:{_AREAS})\d[A-Z\d]?\d[A-Z]{{2}}", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.])(?:(?:\+|00)44[\s().-]*0?|\(?0)[\s().-]*[1-9](?:[\s().-]*\d){7,9}(?![\w])")
_BARE_MOBILE = re.compile(r"7[1-57-9]\d{8}")  # as a spreadsheet leaves it, without the leading 0
_NHS = re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}")
_NI = re.compile(r"\b(?![DFIQUV])[A-Z](?![DFIQUVO])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE)
_ADDRESS = re.compile(rf"\b\d+[a-z]?,? +(?:[a-z'’.-]+ +){{1,4}}(?:{STREETS})\b", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ABROAD = re.compile(r"\+[1-9]\d{0,2}(?:[\s().-]*\d){8,12}(?!\w)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPACED_NHS = re.compile(r"\d{3}[ -]\d{3}[ -]\d{4}")
_WORD = re.compile(r"[^\W\d_]+")

#: What to do about personal data, as a sentence begins.
STRIP = "Leave it out, or write a copy without it: victimsmodel strip FILE --out NEW"
_MANY = 0.2  # of the values, for what other values may look like by chance
_MOST = 0.6
_LONG_TEXT = 100  # characters
_SENTENCE_WORDS = 4
_TOLD_WORDS = 10  # in a cell of a table of cases: somebody wrote it down
_DISTINCT = 0.5
_YEARS_BEFORE = 10  # of the latest date: births, not crimes
_OLD_SHARE = 0.5
_FIRST_YEAR, _LAST_YEAR = 1880, 2100
_LEAST_JOINED = 5  # letters: shorter ones end other words too


def personal_columns(
    columns: Mapping[str, Sequence[str]], id_column: str | None = None, known: Container[int] = ()
) -> list[PersonalColumn]:
    """Return the columns that may hold personal data.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        Cells by heading, as texts; distinct ones are enough. Empty cells are passed over.
    id_column : str, optional
        Heading of the ids of victims, in a table of cases rather than counts: ids that are made of personal
        data are refused there, and in other columns births as a spreadsheet counts days and single names.
    known : container of int, optional
        Numbers of the columns that are not looked at: those of an official layout name forces and places.

    Returns
    -------
    list of PersonalColumn
        In the order of the columns, at most one for each.
    """
    filled = {
        name: [text.strip() for text in cells if text and text.strip()] for name, cells in columns.items()
    }
    latest = _latest(filled.values())
    found = []
    for number, (name, cells) in enumerate(filled.items(), start=1):
        if number in known:
            continue
        as_value = next((kind for kind, test in TESTS.items() if test([name])), "")
        as_value = as_value or ("a date of birth" if _is_births([name], latest) else "")
        kind = _by_heading(name)
        if as_value:
            found.append(PersonalColumn(number, "", as_value, "heading"))
        elif kind:
            found.append(PersonalColumn(number, name, kind, "name"))
        else:
            kind = _by_content(cells, latest)
            if not kind and cells and id_column is not None:
                n_ids = len(filled.get(id_column, ()))
                kind = told_by_ids(cells, latest) if name == id_column else _of_cases(cells, latest)
                if not kind and name != id_column and not _names_things(name):
                    kind = "a name" if is_list_of_people(cells, n_ids) else ""
            if kind:
                found.append(PersonalColumn(number, name, kind, "content"))
    return found


def refuse_personal_data(
    where: str,
    columns: Mapping[str, Sequence[str]],
    id_column: str | None = None,
    known: Container[int] = (),
) -> None:
    """Refuse a table that may hold personal data, without repeating any of it.

    Raises
    ------
    PrivacyError
        With one problem for each such column; its exit status is 77.
    """
    problems = [_problem(where, column) for column in personal_columns(columns, id_column, known)]
    if problems:
        raise PrivacyError(problems)


def _problem(where: str, column: PersonalColumn) -> Problem:
    field = f"column {column.number}" + (f" ({column.name})" if column.name else "")
    if column.by == "heading":
        allowed = f"has a heading that looks like {column.kind}; nothing was read"
        return Problem(where, field, "", allowed, "VM125", "Is the line with the names of columns missing?")
    told = "is named like" if column.by == "name" else "holds what looks like"
    hint = f"{STRIP}; victims are told apart by a number that means nothing elsewhere."
    return Problem(where, field, "", f"{told} {column.kind}; nothing was read", "VM125", hint)


def said(column: PersonalColumn) -> str:
    """Return a column as a message names it, with why it is refused and without a value."""
    field = f"column {column.number}" + (f" ({column.name})" if column.name else "")
    told = {"heading": "has a heading that looks like", "name": "is named like"}
    return f"{field}, which {told.get(column.by, 'holds what looks like')} {column.kind}"


def _by_heading(name: str) -> str:
    words = " ".join(_WORD.findall(_CAMEL.sub(" ", name).casefold()))
    if WHOLE_HEADINGS.get(words):
        return WHOLE_HEADINGS[words]
    if words.endswith(" description") and words.split()[-2] in THINGS:
        return ""
    for kind, phrases in HEADINGS.items():
        if any(re.search(rf"\b{phrase}\b", words) or _is_run_together(words, phrase) for phrase in phrases):
            return kind
    is_name = words.endswith(" name") and words.split()[-2] not in THINGS
    return "a name" if is_name else ""


def _is_run_together(words: str, phrase: str) -> bool:
    """Whether a heading of a single word ends with a phrase without its spaces, as victimpostcode does."""
    joined = phrase.replace(" ", "")
    if " " in words or len(joined) < _LEAST_JOINED or not words.endswith(joined):
        return False
    return words.removesuffix(joined) not in THINGS


def _by_content(cells: list[str], latest: date | None) -> str:
    if not cells:
        return ""
    for kind, test in TESTS.items():
        if test(cells):
            return kind
    tests = (_is_births, is_compact_births, is_worded_births)
    if any(map(says_birth, cells)) or any(test(cells, latest) for test in tests):
        return "a date of birth"
    return "free text" if _is_free_text(cells) else ""


def _names_things(heading: str) -> bool:
    """Whether a heading says that kinds or places stand below it, whose labels may look like names."""
    return any(word in THINGS for word in _WORD.findall(_CAMEL.sub(" ", heading).casefold()))


def _of_cases(cells: list[str], latest: date | None) -> str:
    if is_serial_births(cells, latest):
        return "a date of birth"
    if any(len(cell.split()) >= _TOLD_WORDS for cell in cells):
        return "free text"
    if any(map(is_street, cells)) or is_places(cells):
        return "an address"
    is_name = any(is_full_name(cell) or is_initialled_name(cell) for cell in cells)
    return "a name" if is_name else told_by_codes(cells, latest)


def _share(cells: list[str], test: Callable[[str], object]) -> float:
    return sum(1 for cell in cells if test(cell)) / len(cells)


def _is_postcode(cells: list[str]) -> bool:
    return any(map(_POSTCODE.search, cells)) or _share(cells, _CLOSE_POSTCODE.fullmatch) >= _MANY


def _is_phone(cells: list[str]) -> bool:
    is_any = any(map(_ABROAD.search, cells))
    is_any |= any(_PHONE.search(cell) and not _UUID.fullmatch(cell) and _date(cell) is None for cell in cells)
    return is_any or _share(cells, _BARE_MOBILE.fullmatch) >= _MOST or is_landlines(cells)


def _is_nhs(cells: list[str]) -> bool:
    return _share(cells, _has_nhs_check) >= _MOST or any(
        _SPACED_NHS.fullmatch(cell) and _has_nhs_check(cell) for cell in cells
    )


def _has_nhs_check(text: str) -> bool:
    """Whether ten digits end with the check digit of an NHS number (modulus 11)."""
    if not _NHS.fullmatch(text):
        return False
    digits = [int(c) for c in text if c.isdigit()]
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return check != 10 and check % 11 == digits[9]


def _is_names(cells: list[str]) -> bool:
    return _share(list(set(cells)), _holds_name) >= _MANY or any(
        _has_title(cell) or names_within(cell) for cell in cells
    )


def _holds_name(text: str) -> bool:
    words = [word.casefold() for word in _WORD.findall(text)]
    return 1 <= len(words) <= 4 and any(word in NAMES for word in words)


def _has_title(text: str) -> bool:
    words = [word.casefold() for word in _WORD.findall(text)]
    return 2 <= len(words) <= 5 and words[0] in TITLES and words[:2] != ["ms", "teams"]


def _is_free_text(cells: list[str]) -> bool:
    distinct = list(set(cells))
    if any(len(cell) > _LONG_TEXT for cell in distinct):
        return True
    if len(distinct) < 3 or len(distinct) < _DISTINCT * len(cells):
        return False
    return _share(distinct, lambda cell: len(cell.split()) >= _SENTENCE_WORDS) >= _DISTINCT


def _is_births(cells: list[str], latest: date | None) -> bool:
    dates = [day for day in map(_possible_date, cells) if day is not None]
    if latest is None or len(dates) < _MOST * len(cells):
        return False
    old = sum(1 for day in dates if latest.year - day.year > _YEARS_BEFORE)
    return old >= max(1, _OLD_SHARE * len(dates))


def _latest(columns: Iterable[list[str]]) -> date | None:
    """Return the latest date in any column."""
    dates = [day for cells in columns for day in map(_possible_date, cells) if day is not None]
    return max(dates, default=None)


def _date(text: str) -> date | None:
    try:
        return date_of(text)
    except ValueError:
        return None


def _possible_date(text: str) -> date | None:
    """Return a date of this time; one far ahead or behind is mistyped, and makes no births of the others."""
    day = _date(text)
    return day if day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR else None


#: Tests of distinct cells by the kind of personal data.
TESTS: dict[str, Callable[[list[str]], bool]] = {
    "an e-mail address": lambda cells: any(map(_EMAIL.search, cells)),
    "a National Insurance number": lambda cells: any(map(_NI.search, cells)),
    "an address": lambda cells: any(map(_ADDRESS.search, cells)),
    "a postcode": _is_postcode,
    "an NHS number": _is_nhs,
    "a phone number": _is_phone,
    "a name": _is_names,
}

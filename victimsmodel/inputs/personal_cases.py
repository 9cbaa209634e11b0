"""Personal data in what stands for something else: names in sentences, births in numbers, ids that tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from victimsmodel.inputs.personal_words import NAMES, POSTCODE_AREAS, STREETS, THINGS

_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]*")
_LETTERS = re.compile(r"[^\W\d_]+")
_TITLED = re.compile(
    r"(?<!near )(?<!Near )\b(?!MS (?:Teams|Office|Excel|Word|Outlook)\b)"
    r"(?:(?i:mr|mrs)\b\.? +(?i:[a-z])|(?:[Mm]s|MS|[Mm]iss|MISS|[Dd]r|DR|[Mm]x|[Pp]rof|[Rr]ev)\b\.? +[A-Z])"
)
_SPOKEN_TO = re.compile(
    r"\b(?:(?:spoke|spoken|speaking|talked|talking) (?:to|with)|rang|phoned|called|texted|met) "
    r"(?:(?:the|her|his|their) )?(?:\w+ )?([^\W\d_]+)",
    re.IGNORECASE,
)
_AREAS = "|".join(sorted(POSTCODE_AREAS, key=len, reverse=True))
_POSTCODE_WITHIN = re.compile(rf"(?<![A-Z\d])(?:{_AREAS})\d[A-Z\d]?\d[A-Z]{{2}}(?![A-Z])", re.IGNORECASE)
_YEAR, _MONTH, _DAY = r"(19[2-9]\d|200\d|201[0-5])", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_COMPACT = re.compile(f"{_YEAR}[-/.]?{_MONTH}[-/.]?{_DAY}(?!\\d)")
_COMPACT_BRITISH = re.compile(f"{_DAY}[-/.]?{_MONTH}[-/.]?{_YEAR}(?!\\d)")
_LANDLINE = re.compile(
    r"(?:1[1-9]1[2-9]\d{6}|11[3-8][2-9]\d{6}|1[2-9]\d{2}[2-9]\d{5}|20[378]\d{7}|2[3489]\d{8})"
)
_INITIAL = r"[A-Z]\.?(?:[ -]?[A-Z]\.?)?"
_SURNAME = r"(?:O['’]|Mc|Mac|[Dd]e |[Vv]an )?[A-Z][a-z]{2,}(?:-[A-Z][a-z]+)?"
_INITIALLED = re.compile(rf"{_INITIAL} ?(?P<surname>{_SURNAME})|(?P<first>{_SURNAME}),? {_INITIAL}")
#: What is told apart by letters, so that a letter before or after it is no initial.
_LETTERED = frozenset(
    (
        *("band", "block", "class", "cohort", "division", "group", "grade", "level", "option", "phase"),
        *("plan", "priority", "relief", "section", "shift", "unit", "watch", "wing", "zone", "tier"),
        *("risk", "list", "queue", "batch", "wave", "letter", "text", "call", "visit", "email", "code"),
    )
)
#: What stands in place of an id, or before a letter that tells people apart.
_NO_IDS = frozenset(
    (
        *("anonymous", "blank", "case", "client", "id", "known", "missing", "no", "none", "not", "null"),
        *("person", "pending", "record", "recorded", "test", "to", "unknown", "victim", "withheld"),
    )
)
_NO_PEOPLE = THINGS | _LETTERED | _NO_IDS
_CAPITALISED = re.compile(r"[^\W\d_a-z][^\W\d_]*(?:['’.-][^\W\d_]*)*")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DAY_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?"
_WORDED_DATE = re.compile(
    rf"(?:{_DAY_NUMBER}[ -](?:of )?(?:{_MONTHS})[a-z]*|(?:{_MONTHS})[a-z]*[ -]{_DAY_NUMBER}),?"
    r"[ -]((?:19|20)\d\d)",
    re.IGNORECASE,
)
_BIRTH_SAID = re.compile(r"\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|born)\b[^\d]{0,12}\d", re.IGNORECASE)
_SEPARATORS = re.compile(r"[ ().-]+")

_STREET = re.compile(
    r"[A-Z][a-z]+ (?:Street|Road|Lane|Avenue|Drive|Close|Crescent|Terrace|Cottage|Court|Mews)\.?$"
)
_DEGREES = re.compile(r"-?\d{1,2}\.\d{4,}(?:[ ,;]+-?\d{1,2}\.\d{4,})?")
_SIX_DIGITS = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})(?!\d)")

_MONTHS_A_YEAR, _DAYS_A_MONTH = 12, 31
_LEAST_PEOPLE = 5
_HALF = 0.5
_NEARLY_ALL = 0.9
_LEAST_SHORT = 5  # codes, among which six digits that are all dates are no chance
_MANY = 0.2
_MOST = 0.6
_SENTENCE_WORDS = 4
_LEAST_NAME = 4  # letters of a name within an id
_NO_NAMES = frozenset(("primary", "summary", "balance", "balanced"))  # words that hold a name by chance
_STREET_WORDS = frozenset(STREETS.split("|"))
_SERIAL_FROM = date(1899, 12, 30)  # day 0 of a spreadsheet
_FIRST_SERIAL = (date(1920, 1, 1) - _SERIAL_FROM).days
_LAST_SERIAL = (date(2015, 12, 31) - _SERIAL_FROM).days
_YEARS_BEFORE = 10
_LEAST_SERIALS = 5
_DENSE = 0.2  # of the numbers between least and greatest: numbers given in order are dense


def names_within(text: str) -> bool:
    """Whether a cell names a person: a title before a word, or a sentence with a name in it."""
    if _TITLED.search(text):
        return True
    if len(text.split()) < _SENTENCE_WORDS:
        return False
    words = _WORD.findall(text)
    if any(first.casefold() in NAMES and second[0].isupper() for first, second in pairwise(words)):
        return True
    said = (found.group().split() for found in _SPOKEN_TO.finditer(text))
    return any(word.casefold() in NAMES for found in said for word in found)


def is_full_name(text: str) -> bool:
    """Whether a cell is a given name of the list and another word, both capitalised, and nothing else."""
    words = text.split()
    if not 2 <= len(words) <= 3 or not all(word[0].isupper() and word.isalpha() for word in words):
        return False
    is_thing = any(word.casefold() in THINGS or word.casefold() in _STREET_WORDS for word in words)
    return words[0].casefold() in NAMES and not is_thing


def is_list_of_people(cells: Sequence[str], n_ids: int) -> bool:
    """Whether cells are two or three capitalised words, nearly as many of them as there are victims."""
    distinct = set(cells)
    if len(distinct) < max(_LEAST_PEOPLE, _HALF * n_ids):
        return False
    return _share([_is_like_a_name(cell) for cell in distinct]) >= _MOST


def _is_like_a_name(text: str) -> bool:
    words = text.split()
    if not 2 <= len(words) <= 3 or any(word.casefold() in THINGS for word in words):
        return False
    return all(
        word[0].isalpha() and not word[0].islower() and not any(map(str.isdigit, word)) for word in words
    )


def is_street(text: str) -> bool:
    """Whether a cell ends in a street or a house, both words capitalised: Mill Lane."""
    return bool(_STREET.search(text))


def is_places(cells: Sequence[str]) -> bool:
    """Whether most cells are degrees so exact that they name a house."""
    return _share([bool(_DEGREES.fullmatch(cell)) for cell in cells]) >= _MOST


def is_initialled_name(text: str) -> bool:
    """Whether a cell is an initial with a surname, either way round, and nothing else.

    Without a full stop or comma the other word may be a thing (``A Division``, ``Team B``): then it must not
    be one of those that are numbered by letters, nor come first unless it is a name of the list.
    """
    found = _INITIALLED.fullmatch(text)
    if found is None:
        return False
    surname = (found["surname"] or found["first"]).casefold()
    if surname in THINGS or surname in _STREET_WORDS or surname in _LETTERED:
        return False
    is_marked = "." in text or "," in text
    is_single = found["surname"] is not None and text[1] == " "  # MS Teams is none
    return is_marked or surname in NAMES or is_single


def is_worded_births(cells: Sequence[str], latest: date | None) -> bool:
    """Whether most cells are dates in words, long before the latest date of the table."""
    until = latest.year - _YEARS_BEFORE if latest else 2016
    years = [int(found[1]) for found in map(_WORDED_DATE.fullmatch, cells) if found]
    return len(years) >= _MOST * len(cells) and sum(year < until for year in years) >= _MOST * len(years) > 0


def says_birth(text: str) -> bool:
    """Whether a cell says that it tells a birth, with a number behind it."""
    return bool(_BIRTH_SAID.search(text))


def is_landlines(cells: Sequence[str]) -> bool:
    """Whether most cells are landlines without their 0, as a spreadsheet leaves them."""
    return _share([bool(_LANDLINE.fullmatch(_SEPARATORS.sub("", cell))) for cell in cells]) >= _MOST


def is_compact_births(cells: Sequence[str], latest: date | None) -> bool:
    """Whether most cells are dates of eight digits, long before the latest date of the table."""
    return _share([len(cell) == 8 and _is_birth_within(cell, latest) for cell in cells]) >= _MOST


def is_serial_births(cells: Sequence[str], latest: date | None) -> bool:
    """Whether most cells are a spreadsheet's numbers of days, long before the latest date.

    Numbers given in order lie close together and births do not.
    """
    if latest is None:
        return False
    last = min(_LAST_SERIAL, (latest - timedelta(days=round(365.25 * _YEARS_BEFORE)) - _SERIAL_FROM).days)
    whole = [cell.removesuffix(".0") for cell in cells]
    serials = {int(cell) for cell in whole if re.fullmatch(r"\d{4,5}", cell)}
    found = {serial for serial in serials if _FIRST_SERIAL <= serial <= last}
    if len(found) < max(_LEAST_SERIALS, _MOST * len(set(cells))):
        return False
    return len(found) < _DENSE * (max(found) - min(found) + 1)


def told_by_ids(cells: Sequence[str], latest: date | None) -> str:
    """Return the kind of personal data that ids of victims are made of, empty where they are not."""
    if _share([any(map(_is_name_within, _LETTERS.findall(cell))) for cell in cells]) >= _MANY:
        return "a name"
    others = [cell for cell in cells if not _is_person_for_id(cell)]
    if len(others) < len(cells) and _share([any(map(str.isdigit, cell)) for cell in others]) >= _MOST:
        return "a name"
    return told_by_codes(cells, latest)


def _is_person_for_id(text: str) -> bool:
    """Whether an id is two or three capitalised words, none of which says that there is no id."""
    words = text.split()
    if not 2 <= len(words) <= 3 or not all(_CAPITALISED.fullmatch(word) for word in words):
        return False
    return not any(word.casefold() in _NO_PEOPLE for word in words)


def told_by_codes(cells: Sequence[str], latest: date | None) -> str:
    """Return the kind of personal data that codes of any column are made of, empty where they are not."""
    if _share([bool(_POSTCODE_WITHIN.search(cell)) for cell in cells]) >= _MANY:
        return "a postcode"
    if _share([_is_birth_within(cell, latest) for cell in cells]) >= _MOST:
        return "a date of birth"
    return "a date of birth" if _are_short_dates(set(cells)) else ""


def _are_short_dates(codes: set[str]) -> bool:
    """Whether codes have six digits that are dates, and are not numbers given in order."""
    numbers = {int("".join(found.groups())) for found in map(_SIX_DIGITS.search, codes) if found}
    if len(numbers) < _LEAST_SHORT or _share(list(map(_is_short_date, codes))) < _NEARLY_ALL:
        return False
    return len(numbers) < _DENSE * (max(numbers) - min(numbers) + 1)


def _is_short_date(text: str) -> bool:
    """Whether a code has six digits that are a date, day or year first."""
    found = _SIX_DIGITS.search(text)
    if found is None:
        return False
    first, month, last = map(int, found.groups())
    return 1 <= month <= _MONTHS_A_YEAR and (1 <= first <= _DAYS_A_MONTH or 1 <= last <= _DAYS_A_MONTH)


@lru_cache(maxsize=10_000)
def _is_name_within(letters: str) -> bool:
    run = letters.casefold()
    if len(run) < _LEAST_NAME or run in _NO_NAMES:
        return False
    return any(len(name) >= _LEAST_NAME and name in run for name in NAMES)


def _is_birth_within(text: str, latest: date | None) -> bool:
    until = latest.year - _YEARS_BEFORE if latest else 2016
    for pattern, (year, month, day) in ((_COMPACT, (1, 2, 3)), (_COMPACT_BRITISH, (3, 2, 1))):
        for found in pattern.finditer(text):
            try:
                born = date(int(found[year]), int(found[month]), int(found[day]))
            except ValueError:
                continue
            if born.year < until:
                return True
    return False


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 0.0

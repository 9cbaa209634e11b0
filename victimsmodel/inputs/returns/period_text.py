"""What a text says about a period, in whatever way a provider writes it; nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YY = r"(?:,?[\s'-]*((?:19|20)\d\d|\d\d)(?!\d))"
_DAY = r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?"
_WORD_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "nine": 9}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "one": 1, "two": 2, "three": 3, "four": 4}
_NUMBER = r"([1-4]|one|two|three|four)"
_QUARTER = re.compile(
    rf"\b(?:quarter|qtr|qrt|q)[\s.:#-]*{_NUMBER}\b|\b([1-4])(?:st|nd|rd|th)?\s*(?:quarter|qtr|q)(?=\b|\d)"
    r"|\b(first|second|third|fourth)\s+(?:quarter|qtr)\b|(?<=\d{4})\s*q([1-4])\b"
)
_NO_QUARTER = re.compile(
    rf"(?<![a-z])(?:quarter|qtr|qrt|q)[\s.:#-]*(\d{{1,2}})(?![\d/-]|(?:st|nd|rd|th)?\s+{_MONTH})"
    r"|(?<!\d)(\d{1,2})(?:st|nd|rd|th)\s*(?:quarter|qtr|q)\b"
)
_HALF = re.compile(r"\bh([12])\b|\bhalf[\s-]*year[\s-]*([12])\b|\b(first|second) half\b")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?:[t ]\d{2}:\d{2}(?::\d{2})?)?\b")
_DATE = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\b")
_WORD_DATE = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}{_YY}")
_RANGE = re.compile(rf"\b{_DAY}{_MONTH}{_YY}?\s*(?:-|to|until|/)\s*{_DAY}{_MONTH}{_YY}?")
_FINANCIAL = re.compile(r"(?<![\d/])(\d{4}|\d{2})\s*[/_-]\s*(\d{4}|\d{2})(?![\d/])")
_YEAR_MONTH = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-/ ](0[1-9]|1[0-2])(?!\d)|(?<![\d/.-])(0?[1-9]|1[0-2])[-/]((?:19|20)\d\d)(?!\d)"
)
_ONE_MONTH = re.compile(rf"\b{_MONTH}{_YY}?(?![a-z])|(?<!\d)((?:19|20)\d\d)\s+{_MONTH}(?![a-z])")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_ENDS = re.compile(
    r"\b(?:quarter|qtr|q|3 months|three months|period)[\s/]*(?:end(?:ing|ed|s)?|e|to)\b|\bq/e\b"
)
_SAYS_YEAR = re.compile(r"\b(?:q|qtr|quarter|fy|year)")
_TO_DATE = re.compile(r"\b(?:ytd|year to date|to date|cumulative)\b")
_TOTAL = re.compile(
    r"\b(?:grand |annual |year |yearly |full[- ]year )?totals?\b|\b(?:full|whole|all) year\b|\bannual\b"
    r"|\boutturn\b"
)
_FILLER = re.compile(
    r"\b(?:quarters?|quarterly|qtrs?|q|periods?|financial|fiscal|fy|f/y|calendar|years?|yr|months?|monthly|end(?:ing|ed)?"
    r"|from|to|the|of|in|for|and|all|reporting|return|w/c|start(?:ing|ed)?|date)\b"
)
#: The day at which the counts of a quarter or half year begin or stop: "Q1 to 15 June".
_CUT = re.compile(
    r"\b(?P<side>to|until|till|up to|as at|from|since|after)\s+(?:"
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<word>{_MONTH})(?:{_YY}?(?!\s*[/-]\s*\d))"
    r"|(?P<d>\d{1,2})[/.](?P<m>\d{1,2})(?:[/.](?:\d{4}|\d\d))?|\d{4}-(?P<im>\d\d)-(?P<id>\d\d))(?!\d)"
)
_PART = re.compile(
    r"\b(?:part(?:ial(?:ly)?|ly)?(?:[\s-]*(?:of|year|quarter|period|month|data))*|incomplete|not complete"
    r"|unfinished|interim|so far)\b"
)
_LENGTH = re.compile(r"\b(\d{1,3}|one|two|three|four|six|nine)[\s-]*(month|week|day)s?\b")
_WHOLE = {"quarter": (3, 13, 90), "half": (6, 26, 181), "year": (12, 52, 365)}  # months, weeks, days
_LEAST_END = 28  # days from which a date is at the end of its month
_MARKS = re.compile(r"\[[^\]]*\]|[*†¹²³]+$|\((?:p|r|prov|provisional|revised|note \d+)\)")


class Parts(NamedTuple):
    """What is said about a period; what is not said is None or empty."""

    year: int | None = None  # the calendar year, or the first one of a financial year
    is_financial: bool | None = None
    quarter: int | None = None
    half: int | None = None
    months: tuple[int, int] | None = None  # first and last month, 1 to 12
    year_at: Literal["", "first", "last"] = ""  # which of two months the year stands at
    total: Literal["", "year", "to_date"] = ""
    ends: bool = False  # the month is said to be the last of a quarter
    is_month_end: bool = False  # a date at the end of its month
    is_part: bool = False  # begins or ends within a month, or is said to be a part
    is_apart: bool = False  # the year stands in another place than the months

    def __bool__(self) -> bool:
        return any(part is not None for part in (self.year, self.quarter, self.half, self.months)) or bool(
            self.total
        )


def plain_text(text: str) -> str:
    """Return a text in lower case with one kind of dash, quote and space, and without marks of notes."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[‐-―−]", "-", text).replace("’", "'")
    return " ".join(_MARKS.sub(" ", text).split())


def period_in(text: str) -> tuple[Parts, str]:
    """Return what a text says about a period, and the words that are left over.

    The words left over are empty if the text names a period and nothing else.
    """
    rest = plain_text(text)
    found = Parts(ends=bool(_ENDS.search(rest)))
    rest = _ENDS.sub(" ", rest)
    for read in (_dates, _cut_off, _month_range, _year_month, _financial_year, _quarter, _month, _plain_year):
        found, rest = read(found, rest)
    if _TO_DATE.search(rest):
        found, rest = found._replace(total="to_date"), _TO_DATE.sub(" ", rest)
    words = _words(_TOTAL.sub(" ", rest)) if _TOTAL.search(rest) else "x"
    if not words and not found.quarter:
        found, rest = found._replace(total=found.total or "year"), ""
    left = without_part(found, rest)
    if found and not _words(left):  # else it is a part of something else: "partially supported"
        found, rest = found._replace(is_part=found.is_part or says_part(found, rest)), left
    return (found, _words(rest)) if found else (Parts(), _words(rest))


def says_part(found: Parts, text: str) -> bool:
    """Say whether a text about a known period calls it a part, or names fewer months, weeks or days."""
    plain = plain_text(text)
    kind = "quarter" if found.quarter else "half" if found.half else "year"
    if found.months:
        return bool(_PART.search(plain))
    whole = dict(zip(("month", "week", "day"), _WHOLE[kind], strict=True))
    lengths = [(_WORD_NUMBERS.get(n) or int(n), unit) for n, unit in _LENGTH.findall(plain)]
    return bool(_PART.search(plain)) or any(n < whole[unit] for n, unit in lengths)


def without_part(found: Parts, text: str) -> str:
    """Return a text without the words that say how long a part of a known period is, or that it is one."""
    left = _PART.sub(" ", text)
    return left if found.months else _LENGTH.sub(" ", left)  # "9 months to December" is no December


def is_period(text: str) -> bool:
    """Say whether a text names a period, or a part of one, and nothing else."""
    found, rest = period_in(text)
    return bool(found) and not rest


def wrong_quarter(text: str, is_alone: bool = True) -> str:
    """Return the quarter that a text names and no year has, such as q5; empty if it names none.

    Parameters
    ----------
    text : str
    is_alone : bool
        Whether the text must name that, and perhaps a year, and nothing else: a question may be called Q5.
    """
    found, _ = period_in(text)
    match = _NO_QUARTER.search(plain_text(text))
    if found.quarter or found.months or not match:
        return ""
    rest = _NO_QUARTER.sub(" ", plain_text(text))
    return "" if is_alone and period_in(rest)[1] else match[0]


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w%£]+", " ", _FILLER.sub(" ", text)).split())


def _four_digits(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month_number(text: str) -> int:
    return _MONTHS.index(text[:3]) + 1


def _dates(found: Parts, text: str) -> tuple[Parts, str]:
    """Read one date, or the first and the last day of a period; days come before months."""
    days = [(int(y), int(m), int(d)) for y, m, d in _ISO_DATE.findall(text)]
    days += [(_four_digits(y), int(m), int(d)) for d, m, y in _DATE.findall(text)]
    days += [(_four_digits(y), _month_number(m), int(d)) for d, m, y in _WORD_DATE.findall(text)]
    days = [(y, m, d) for y, m, d in days if 1 <= m <= 12 and 1 <= d <= 31]
    is_part = any(day not in (1, 28, 29, 30, 31) for _, _, day in days)
    days.sort()
    is_period = len(days) == 2 and (days[0][2] == 1 or days[1][2] >= _LEAST_END)
    if not days or (is_part and not is_period):
        return found, text  # a day within a month is the date of something, not a period
    for form in (_ISO_DATE, _DATE, _WORD_DATE):
        text = form.sub(" ", text)
    (y, m, day), (_, last, _) = days[0], days[-1]
    if len(days) == 1:
        return found._replace(year=y, is_financial=False, months=(m, m), is_month_end=day > 1), text
    found = found._replace(year=y, is_financial=False, months=(m, last), year_at="first")
    return found._replace(is_part=is_part), text


def _cut_off(found: Parts, text: str) -> tuple[Parts, str]:
    """Read the day at which a quarter or half year is said to begin or stop."""
    match = _CUT.search(text)
    named, _ = _quarter(Parts(), text)
    if not match or found.months or not (named.quarter or named.half):
        return found, text
    day = int(match["day"] or match["d"] or match["id"])
    month = _month_number(match["word"]) if match["word"] else int(match["m"] or match["im"])
    length = 3 if named.quarter else 6
    end = (named.quarter or named.half or 0) * length
    ends = {end, (end + 2) % 12 + 1}  # of the calendar year, and of the financial one
    starts = {(last - length) % 12 + 1 for last in ends}
    if match["side"] in ("from", "since", "after"):
        is_part = day > 1 or month not in starts
    elif match["side"] == "as at":  # a day after the end says when it was counted
        inside = {(first + i - 1) % 12 + 1 for first in starts for i in range(length)}
        is_part = month in inside and (day < _LEAST_END or month not in ends)
    else:
        is_part = day < _LEAST_END or month not in ends
    return found._replace(is_part=is_part), text[: match.start()] + " " + text[match.end() :]


def _month_range(found: Parts, text: str) -> tuple[Parts, str]:
    match = _RANGE.search(text)
    if not match or found.months:
        return found, text
    day, first, year_first, last_day, last, year_last = match.groups()
    is_part = int(day or 1) > 1 or int(last_day or 31) < _LEAST_END
    found = found._replace(is_part=is_part, months=(_month_number(first), _month_number(last)))
    if year_first or year_last:
        year = _four_digits(year_first or year_last)
        at: Literal["first", "last"] = "first" if year_first else "last"
        found = found._replace(year=year, is_financial=False, year_at=at)
    return found, text[: match.start()] + " " + text[match.end() :]


def _year_month(found: Parts, text: str) -> tuple[Parts, str]:
    match = _YEAR_MONTH.search(text)
    if not match or found.months:
        return found, text
    year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
    if match[1] and int(month) == (int(year) + 1) % 100:
        return found, text  # 2011-12 is a financial year as well; read as that, and as a month by its column
    found = found._replace(year=int(year), is_financial=False, months=(int(month), int(month)))
    return found, text[: match.start()] + " " + text[match.end() :]


def _financial_year(found: Parts, text: str) -> tuple[Parts, str]:
    for match in _FINANCIAL.finditer(text):
        start, end = _four_digits(match[1]), int(match[2])
        if len(match[1]) == 2 and "/" not in match[0] and not _SAYS_YEAR.search(text):
            continue  # an age, or a range of days
        if 1990 <= start < 2100 and end in (start + 1, (start + 1) % 100):
            if found.year is None:
                found = found._replace(year=start, is_financial=True)
            return found, text[: match.start()] + " " + text[match.end() :]
    return found, text


def _quarter(found: Parts, text: str) -> tuple[Parts, str]:
    match = _QUARTER.search(text)
    if match:
        word = next(group for group in match.groups() if group)
        found = found._replace(quarter=_ORDINALS.get(word) or int(word))
        text = text[: match.start()] + " " + text[match.end() :]
    half = _HALF.search(text)
    if half:
        word = next(group for group in half.groups() if group)
        found = found._replace(half=_ORDINALS.get(word) or int(word))
        text = text[: half.start()] + " " + text[half.end() :]
    return found, text


def _month(found: Parts, text: str) -> tuple[Parts, str]:
    match = _ONE_MONTH.search(text)
    if not match or found.months:
        return found, text
    month, year = (match[1], match[2]) if match[1] else (match[4], match[3])
    left = text[: match.start()] + " " + text[match.end() :]
    if not year and not found.year and _words(_YEAR.sub(" ", left)):
        return found, text  # the word may, in a sentence
    found = found._replace(months=(_month_number(month), _month_number(month)))
    if year and found.year is None:
        found = found._replace(year=_four_digits(year), is_financial=False)
    return found, left


def _plain_year(found: Parts, text: str) -> tuple[Parts, str]:
    match = _YEAR.search(text)
    if not match:
        return found, text
    left = text[: match.start()] + " " + text[match.end() :]
    if found.year is None:
        return found._replace(year=int(match[1]), is_financial=False), left
    return found, left if int(match[1]) == found.year else text

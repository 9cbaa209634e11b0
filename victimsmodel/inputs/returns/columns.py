"""What each column of a table holds: periods, names, counts, definitions, or nothing of use."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from victimsmodel.errors import InputError, input_error
from victimsmodel.inputs.returns.blocks import Block, is_number
from victimsmodel.inputs.returns.labels import read_label
from victimsmodel.inputs.returns.period_text import (
    Parts,
    is_period,
    period_in,
    plain_text,
    says_part,
    wrong_quarter,
)
from victimsmodel.inputs.returns.values import is_share, looks_hidden

Kind = Literal["period", "name", "value", "definition", "unit", "unused"]

_QUARTER = re.compile(r"(?:financial |fin |calendar )?(?:quarter|qtr|q)(?: no\.?| number)?")
_MONTH = re.compile(r"months?(?: no\.?| number)?")
_YEAR = re.compile(r"(?:financial |fin |fiscal |calendar )?(?:year|yr|fy|f/y)")
_REFERENCE = re.compile(
    r"(?:ref(?:erence)?|no|number|#|id|kpi(?: (?:no|ref|id))?|line|row|item|s/?n"
    r"|indicator (?:no|ref|id))\.?:?"
)
_DEFINITION = re.compile(
    r".*\b(?:definition|description|defined|meaning|what is counted|counting rule|guidance)\b.*"
)
_UNIT = re.compile(r"(?:unit|counted|unit of count(?:ing)?|counting unit|what is counted|measure unit)s?")
_REMARK = re.compile(
    r".*\b(?:comments?|notes?|commentary|narrative|remarks?|status|rag|owner|source|updated|rationale)\b.*"
)
_BARE = re.compile(
    r"(?:actuals?|numbers?|no|values?|counts?|figures?|totals?|result|n|all|volume"
    r"|performance|data|amount|outturn|this quarter)?"
)


class Column(NamedTuple):
    """A column of a block."""

    number: int  # from the left, from 0
    kind: Kind
    heading: str  # all rows of the heading, without those that are periods
    parts: tuple[Parts, ...]  # periods that the heading names
    why_unused: str = ""


def columns_of(block: Block) -> list[Column]:
    """Say of each filled column what it holds."""
    levels = [_level(block, row) for row in block.headings]
    found = []
    for index in range(len(block.sheet.rows[0])):
        texts = [level[index] for level in levels if level[index]]
        if not block.filled(index):
            continue
        for row, level in zip(block.headings, levels, strict=True):
            _refuse_wrong_quarter(block, row, index, level)
        found.append(_column(block, index, texts))
    return _without_decoration(found)


def _refuse_wrong_quarter(block: Block, row: int, index: int, level: list[str]) -> None:
    """Refuse a heading such as Q5 2018/19, or Q5 in a row of headings that names quarters."""
    text = level[index]
    if wrong_quarter(text) and (period_in(text)[0] or any(period_in(other)[0].quarter for other in level)):
        raise no_quarter(f"{block.sheet.where}, {block.sheet.place(row, index)}", text)


def no_quarter(where: str, text: str) -> InputError:
    """Return the refusal of a period that names a quarter which no year has."""
    named = re.search(r"\d+", wrong_quarter(text, is_alone=False) or text)
    number = int(named[0]) if named else 0
    hint = f"Did you mean Q{number}?" if 1 <= number <= 4 else "Write the quarter that is meant."
    return input_error(
        where, "is no quarter; quarters are Q1 to Q4", "VM111", value=text, hint=hint, field="period"
    )


def _level(block: Block, row: int) -> list[str]:
    """Return a row of headings; one that stands for several columns is repeated over them."""
    cells = list(block.sheet.rows[row])
    if row == block.headings[-1]:
        return cells
    below = block.sheet.rows[block.headings[-1]]
    first = next((i for i, text in enumerate(cells) if text), 0)
    for i in range(first + 1, len(cells)):
        if not cells[i] and below[i]:
            cells[i] = cells[i - 1]
    return cells


def _column(block: Block, index: int, headings: list[str]) -> Column:
    parts, words = [], []
    for i, text in enumerate(headings):
        found, rest = period_in(text)
        is_running = bool(rest) and found.total == "to_date"  # which says it of the label, not of the period
        if found and not is_running and (found.total != "year" or i + 1 < len(headings)):
            parts.append(found)
            words.append(rest.capitalize())
        elif is_number(text) and re.fullmatch(r"(?:19|20)\d\d", text):
            parts.append(Parts(year=int(text), is_financial=False))
        else:
            words.append(text)
            if found and not rest:
                parts.append(found)
    heading = " - ".join(dict.fromkeys(word for word in words if word))
    plain = plain_text(headings[-1]) if headings else ""
    kind, why = _kind(block.filled(index), plain, heading)
    if kind == "value" and headings and re.fullmatch(r"[1-4]", headings[-1]):
        name = plain_text(block.cell(block.headings[-1], 0))
        if _QUARTER.fullmatch(name):
            parts, heading = [*parts, Parts(quarter=int(headings[-1]))], ""
    return Column(index, kind, heading, tuple(parts), why)


def _kind(texts: list[str], heading: str, name: str) -> tuple[Kind, str]:
    """Say what the cells of a column are by their texts and the heading."""
    numbers = [text for text in texts if is_number(text)]
    if _is_period_column(texts, heading):
        return "period", ""
    if _REFERENCE.fullmatch(heading) and _numbers_rows(numbers):
        return "unused", "it numbers the rows"
    if len(numbers) * 2 > len(texts) or (
        numbers and all(is_number(text) or looks_hidden(text) for text in texts)
    ):
        if sum(map(is_share, numbers)) * 2 > len(numbers):
            return "unused", "it holds percentages or numbers with decimals, not counts"
        return "value", ""
    if texts and all(looks_hidden(text) for text in texts):
        return "value", ""
    if _UNIT.fullmatch(heading):
        return "unit", ""
    if _DEFINITION.fullmatch(heading):
        return "definition", ""
    if _REMARK.fullmatch(heading) or _REFERENCE.fullmatch(heading):
        return "unused", "it holds remarks"
    if numbers and not name:
        return "value", ""
    return "name", ""


def _numbers_rows(numbers: list[str]) -> bool:
    """Say whether numbers count up as those of rows do: 1, 2, 3 or 1.1, 1.2, 2.1."""
    keys = [[int(part) for part in text.split(".")] for text in numbers if re.fullmatch(r"[\d.]*\d", text)]
    return bool(keys) and len(keys) == len(numbers) and keys[0][0] <= 1 and keys == sorted(keys)


def _is_period_column(texts: list[str], heading: str) -> bool:
    named = [text for text in texts if (is_period(text) and not is_number(text)) or wrong_quarter(text)]
    if len(named) * 2 > len(texts):
        return True
    if _YEAR.fullmatch(heading):
        return all(re.fullmatch(r"(?:19|20)\d\d", text) for text in texts if is_number(text))
    if _QUARTER.fullmatch(heading):
        quarters = [text for text in texts if re.fullmatch("[1-4]", text) or is_period(text)]
        others = [text for text in texts if text not in quarters]
        # a quarter 5 among the others is told of where its row is read; counts are no quarters
        return len(quarters) > len(others) and all(re.fullmatch("[0-9]{1,2}", text) for text in others)
    return bool(_MONTH.fullmatch(heading)) and all(re.fullmatch(r"[1-9]|1[0-2]", text) for text in texts)


def is_of_quarters(heading: str) -> bool:
    """Say whether a heading says that bare numbers below it are those of quarters."""
    return bool(_QUARTER.fullmatch(plain_text(heading)))


def cell_parts(text: str, heading: str) -> Parts:
    """Return what a cell of a column of periods says; a bare number is what the heading calls it."""
    plain = plain_text(heading)
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return Parts(year=int(text), is_financial=False)
    if text.isdigit() and is_of_quarters(heading):
        return Parts(quarter=int(text))
    if text.isdigit() and _MONTH.fullmatch(plain):
        return Parts(months=(int(text), int(text)))
    found, _ = period_in(text)
    if found and says_part(found, text):
        found = found._replace(is_part=True)
    if (
        re.search(r"\bend(?:ing|ed|s)?\b|\bto\b", plain)
        and found.months
        and found.months[0] == found.months[1]
    ):
        found = found._replace(ends="month" not in plain)
    return found


def is_bare(heading: str) -> bool:
    """Say whether a heading only says that a number stands below it."""
    words = re.sub(
        r"\b(?:of|the|number|no|victims?|cases?|referrals?|people|clients?|contacts?)\b|[^\w ]",
        " ",
        plain_text(heading),
    )
    return bool(_BARE.fullmatch(" ".join(words.split())))


def _without_decoration(columns: list[Column]) -> list[Column]:
    """Set aside columns of targets and the like, and names to the right of all counts."""
    last = max((column.number for column in columns if column.kind == "value"), default=-1)
    found = []
    for column in columns:
        if column.kind == "name" and column.number > last >= 0:
            column = column._replace(kind="unused", why_unused="it holds texts beside the counts")
        if column.kind == "value" and column.heading:
            reading = read_label(column.heading)
            if not reading.stage and not reading.reason.startswith("its words"):
                column = column._replace(kind="unused", why_unused=reading.reason)
        found.append(column)
    return found

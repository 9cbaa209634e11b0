"""Tables for people, built from tables of the run folder without losing where a number stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from victimsmodel.appraisal.multi_year import TOTALS
from victimsmodel.appraisal.outcomes import MEASURES
from victimsmodel.reporting import words
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence, cell
from victimsmodel.reporting.content.model import Bracketed, Column, Row, RowGroup, Table, Text
from victimsmodel.reporting.findings import INPUT_FORMATS

#: Formats of values and of differences, by the unit that a row states.
_BY_UNIT = {"victims": "count", "share": "share1", "GBP": "pounds", "days": "days", "ratio": "decimal1"}
_SIGNED = {"count": "count_signed", "share1": "points", "pounds": "pounds_signed"}
_MOST_ROWS = 40


@dataclass(frozen=True)
class Col:
    """A column to print: its heading, where it comes from, how it is formatted.

    The style ``unit`` takes the format from the row's unit, ``difference`` the one with a sign, ``input``
    that of an input; ``text`` prints a text. `low` and `high` name the columns of an interval.
    """

    title: str
    column: str
    style: str = "count"
    low: str = ""
    high: str = ""

    def text(self, evidence: Evidence, table: str, **row: str) -> Text:
        """Return what a row holds in this column."""
        style = self.style
        if style == "input":
            style = INPUT_FORMATS.get(evidence.word(table, "unit", **row), "plain")
        if style in ("unit", "difference"):
            style = _BY_UNIT[evidence.word(table, "unit", **row)]
            style = _SIGNED.get(style, style) if self.style == "difference" else style
        value = evidence.number(table, style, self.column, **row)
        if not self.low or isinstance(value, str):
            return (value,)
        return (value, " ", Bracketed(evidence.range(table, style, self.low, self.high, **row)))


def long_table(
    evidence: Evidence,
    table: str,
    label: str,
    columns: Sequence[Col],
    *,
    head: str,
    where: Mapping[str, str] | None = None,
    within: str = "",
) -> Table:
    """Return one row for each row of a table.

    Parameters
    ----------
    evidence : Evidence
    table : str
    label : str
        Column that says what a row is about.
    columns : sequence of Col
    head : str
        What the rows are about.
    where : mapping, optional
        Values that columns must have.
    within : str, optional
        Column by which rows are grouped, under a heading each.

    Returns
    -------
    Table
        At most `_MOST_ROWS` rows, evenly taken from a longer one.
    """
    frame = _chosen(evidence.tables[table], where or {})
    keys = _keys(evidence.tables[table], [label, *([within] if within else []), *(where or {})])
    step = -(-len(frame) // _MOST_ROWS)
    groups: dict[str, list[Row]] = {}
    for place in range(0, len(frame), max(step, 1)):
        at = {key: _key(frame, place, key) for key in keys}
        name = _key(frame, place, label)
        cells = tuple(column.text(evidence, table, **at) for column in columns)
        colour = evidence.colours.get(name, "") if label == "option" else ""
        group = titled(evidence, within, _key(frame, place, within)) if within else ""
        title = _row_title(evidence, table, label, name, at)
        groups.setdefault(group, []).append(Row(title, cells, colour))
    made = tuple(RowGroup(name, tuple(rows)) for name, rows in groups.items())
    return Table(head, tuple(Column(c.title, c.style != "text") for c in columns), made)


def wide_table(
    evidence: Evidence,
    table: str,
    label: str,
    column: Col,
    *,
    head: str,
    across: str = "option",
    where: Mapping[str, str] | None = None,
    within: str = "",
) -> Table:
    """Return a table with what a row is about down the side, and the options (or another column) across."""
    frame = _chosen(evidence.tables[table], where or {})
    tops = _distinct(frame, across)
    if across == "option":
        tops = [name for name in evidence.options if name in tops]
    groups = []
    for group in _distinct(frame, within) if within else [""]:
        rows = []
        own = frame if not within else frame[frame[within].astype(str) == group]
        for name in _distinct(own, label):
            at = [dict(where or {}) | {label: name, across: top} for top in tops]
            at = [row | ({within: group} if within else {}) for row in at]
            cells = tuple(
                column.text(evidence, table, **row) if evidence.has_row(table, **row) else ("–",)
                for row in at
            )
            rows.append(Row(_row_title(evidence, table, label, name, {}), cells))
        groups.append(RowGroup(titled(evidence, within, group) if within else "", tuple(rows)))
    heads = tuple(Column(titled(evidence, across, top)) for top in tops)
    return Table(head, heads, tuple(groups))


def joined(first: Table, *others: Table) -> Table:
    """Return tables with the same columns as one."""
    return Table(first.head, first.columns, tuple(g for table in (first, *others) for g in table.groups))


def _chosen(frame: pd.DataFrame, where: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows that have these values, with their place in the whole table."""
    found = frame.assign(**{"#": range(len(frame))})
    for name, value in where.items():
        found = found[found[name].astype(str) == value]
    return found


def _keys(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Return the columns that name a row, or its place where they do not."""
    return ["#"] if frame.duplicated(names).any() else names


def _key(frame: pd.DataFrame, place: int, name: str) -> str:
    return str(frame[name].iloc[place])


def _distinct(frame: pd.DataFrame, name: str) -> list[str]:
    return list(dict.fromkeys(frame[name].astype(str)))


def _row_title(evidence: Evidence, table: str, label: str, name: str, at: Mapping[str, str]) -> Text:
    """Return what a row is about: a title, or the text or number that stands in the table."""
    if label in _titles(evidence, name):
        return (titled(evidence, label, name),)
    style = "text"
    if pd.api.types.is_numeric_dtype(evidence.tables[table][label]):
        style = "pounds_exact" if label in ("threshold", "grant_gbp") else "plain"
    elif label == "standard":
        style = "standard"
    row = at or {"#": _first(evidence.tables[table], label, name)}
    return (evidence.cited(cell(table, label, **row), style),)


def _first(frame: pd.DataFrame, label: str, name: str) -> str:
    return str(list(frame[label].astype(str)).index(name))


def titled(evidence: Evidence, column: str, key: str) -> str:
    """Return the title of a name that stands in a column of a table."""
    known = _titles(evidence, key)
    return str(known[column]()) if column in known else words.sentence_case(words.typeset(_spoken(key)))


def _titles(evidence: Evidence, key: str) -> dict[str, Callable[[], Any]]:
    """Return what titles a key, by the column that it stands in."""
    scenario = evidence.scenario
    return {
        "option": lambda: scenario.options[key].title,
        "against": lambda: scenario.options[key].title,
        "stage": lambda: words.STAGE_TITLES[key],
        "exit": lambda: words.EXIT_TITLES[key],
        "wait": lambda: words.WAIT_TITLES[key],
        "who": lambda: {"all": "All victims", "in_need": "Victims in need"}[key],
        "priority": lambda: f"{words.PRIORITY_TITLES[key]} priority",
        "group": lambda: next(g.title for g in scenario.groups if g.name == key),
        "crime_type": lambda: crime_title(evidence, key),
        "role": lambda: words.role_title(key, scenario),
        "line": lambda: words.COST_LINE_TITLES[key],
        "activity": lambda: words.TASK_TITLES.get(key, words.sentence_case(_spoken(key))),
        "measure": lambda: next(m.title for m in MEASURES if m.name == key),
        "item": lambda: next((i.title for i in TOTALS if i.name == key), words.typeset(key)),
        "input": lambda: words.input_title(key, scenario),
        "unit": lambda: words.sentence_case(key),
        "kind": lambda: words.sentence_case(_spoken(key)),
        "regime": lambda: words.sentence_case(_spoken(key)),
    }


def crime_title(evidence: Evidence, key: str) -> str:
    """Return the title of a crime type."""
    return "All crime types" if key == "all" else evidence.scenario.demand.crime_types[key].title


def _spoken(key: str) -> str:
    return key.replace("_", " ")


#: The heading of a column with the interval of the mean.
INTERVAL_HEAD = f"{INTERVAL} of the mean"

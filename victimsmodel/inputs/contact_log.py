"""Contact logs: one row an attempt, read for estimation alone. Cases do not leave this and the estimators."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.attempts import attempts_of
from victimsmodel.inputs.contact_words import (
    ANSWERS,
    CHANNEL_WORDS,
    CONTACT_LOG,
    OUTCOME_WORDS,
    OUTCOMES,
    Outcome,
)
from victimsmodel.inputs.dates import date_of, hour_of
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.downloads.layouts import Match, match, normalised
from victimsmodel.inputs.downloads.plain import PlainTable, plain_tables
from victimsmodel.inputs.finding import closest
from victimsmodel.inputs.look_alike import look_alike
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.personal_data import refuse_personal_data
from victimsmodel.inputs.quality.findings import Finding, as_table
from victimsmodel.inputs.service import CHANNELS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MOST_DAYS = 3650  # between a crime and an attempt
_MOST_LINES = 5  # named in a message
_TWINS = "is written in two ways that differ in case, spaces or letters that look alike; write one"
_ONE_GROUP = "all"
_SERIAL = re.compile(r"[3-5]\d{4}(\.\d+)?")
_SHORT_YEAR = re.compile(r"\d{1,2}([/. -])(\d{1,2}|[A-Za-z]{3,9})\1\d{2}(\D.*)?")


@dataclass(frozen=True, repr=False)
class ContactLog:
    """Attempts in the order in which they were made, those at one victim together.

    Victims are numbers from 0 on that stand nowhere else. ``attempts``: victim, attempt (from 1), group,
    channel (categories), day (of the calendar, ordinal), hour (NaN: not stated), days (since the crime; NaN),
    is_reached, reply_days (NaN), waited_days (from sending until contact or the end of the log), minutes
    (NaN), consent and accepted (1, 0, NaN). ``findings``: one row each, as in reports on data quality.
    Attempts are computed with, and neither written nor shown; rows of findings and the numbers that are
    printed are rounded, small ones hidden.
    """

    attempts: pd.DataFrame
    findings: pd.DataFrame
    counted_from: str  # "crime", "referral" or "": what `days` are counted from
    source: str

    @property
    def n_victims(self) -> int:
        """How many victims were attempted."""
        return int(self.attempts["victim"].nunique())

    def __repr__(self) -> str:
        said, made = DisclosureRule().said, self.attempts
        channels = ", ".join(name for name in CHANNELS if (made["channel"] == name).any())
        return (
            f"ContactLog: {said(len(made))} attempts at {said(self.n_victims)} victims ({channels}), "
            f"{said(int(made['is_reached'].sum()))} successful; {len(self.findings)} findings"
        )


def load_contact_log(path: str | Path, outcomes: Mapping[str, Outcome] | None = None) -> ContactLog:
    """Read a contact log from CSV (gzip too), .xlsx or .ods.

    Parameters
    ----------
    path : str or Path
        With columns ``victim_id``, ``channel``, ``date``, ``outcome``; optional ``group``, ``time`` (or a
        date with one), ``crime_date``, ``referral_date``, ``minutes``, ``reply_date``, ``consent``,
        ``accepted``; other usual names are understood.
    outcomes : mapping, optional
        What the service's own words for an outcome mean: ``reached``, ``not_reached`` or ``wrong_details``.

    Returns
    -------
    ContactLog

    Raises
    ------
    PrivacyError
        If any column of any sheet may hold personal data (exit status 77); nothing of it is repeated.
    InputError
        With line and column of what cannot be read; cells are never repeated.
    """
    tables = list(plain_tables(path))
    for table in tables:
        columns = table.by_heading()
        position = match(CONTACT_LOG, table.header).positions.get("victim")
        id_column = "" if position is None else [*columns, ""][position]
        refuse_personal_data(table.where, columns, id_column)
    fitting = [(table, match(CONTACT_LOG, table.header)) for table in tables]
    complete = [(table, fit) for table, fit in fitting if not fit.missing]
    if not complete:
        raise _misfit(str(path), fitting)
    table, fit = complete[0]
    if fit.repeated:
        raise input_error(table.where, f"has two columns named {', '.join(fit.repeated)}", "VM126")
    words = {normalised(word): meaning for word, meaning in (outcomes or {}).items()}
    return _log(table, _Cells(table, fit, {**OUTCOME_WORDS, **words}), fit, str(path))


def _misfit(where: str, fitting: list[tuple[PlainTable, Match]]) -> InputError:
    """Return the error for a file without the columns of a log; its headings passed the check on privacy."""
    if not fitting:
        return input_error(where, "is empty", "VM076")
    table, fit = min(fitting, key=lambda pair: len(pair[1].missing))
    unused = [h for i, h in enumerate(table.header) if h and i not in fit.positions.values()]
    near = {name: closest(normalised(name), [normalised(h) for h in unused]) for name in fit.missing}
    hints = [f"Is '{found}' the column {name}?" for name, found in near.items() if found]
    shown = ", ".join(h for h in table.header if h)[:400] or "nothing"
    allowed = f"has no column {', '.join(fit.missing)}; found: {shown}"
    return input_error(table.where, allowed, "VM126", hint=" ".join(hints))


class _Cells:
    """Columns of a log as values; what cannot be read is collected, by line and never by its text."""

    def __init__(self, table: PlainTable, fit: Match, outcomes: Mapping[str, Outcome]) -> None:
        self._table, self._fit, self._outcomes = table, fit, outcomes
        self.problems: list[Problem] = []

    def has(self, name: str) -> bool:
        return name in self._fit.positions

    def texts(self, name: str, is_required: bool = True) -> pd.Categorical:
        column = self._table.grid.columns[self._fit.positions[name]]
        empty = np.flatnonzero(np.asarray(column) == "")
        if is_required and len(empty):
            self._refuse(name, empty, "must not be empty")
        return column

    def read(self, name: str, parse: Callable[[str], Any], is_required: bool = False) -> Floats:
        """Return numbers, NaN for what is empty or the log does not have."""
        if not self.has(name):
            return np.full(self._table.grid.n_rows, np.nan)
        column = self.texts(name, is_required)
        values, causes = np.full(len(column.categories), np.nan), dict[str, list[int]]()
        for i, text in enumerate(column.categories):
            if not text:
                continue
            try:
                values[i] = parse(text)
            except ValueError as error:
                causes.setdefault(str(error), []).append(i)
        for cause, codes in causes.items():
            self._refuse(name, np.flatnonzero(np.isin(column.codes, codes)), cause)
        return np.asarray(values[column.codes]) if len(values) else np.full(len(column), np.nan)

    def outcome(self, text: str) -> float:
        return float(
            OUTCOMES.index(_word(text, self._outcomes, "an outcome; known: reached, no answer, wrong number"))
        )

    def require(self, name: str, is_right: NDArray[np.bool_], allowed: str) -> None:
        if not is_right.all():
            self._refuse(name, np.flatnonzero(~is_right), allowed)

    def _refuse(self, name: str, rows: Ints, allowed: str) -> None:
        if not len(rows):
            return
        lines = [self._table.line_of(int(row)) for row in rows[:_MOST_LINES]]
        more = f" (and in {len(rows) - len(lines):,} more rows)" if len(rows) > len(lines) else ""
        heading = self._table.header[self._fit.positions[name]]
        rest = f"; also line {', '.join(map(str, lines[1:]))}{more}" if len(lines) > 1 else ""
        where = f"{self._table.where}:{lines[0]}"
        self.problems.append(Problem(where, heading, "", f"{allowed}{rest}", "VM127"))


def _word(text: str, known: Mapping[str, Any], noun: str) -> Any:
    word = normalised(text).replace("-", " ").replace("/", " ")
    if word not in known:
        raise ValueError(f"is not {noun}")
    return known[word]


def _channel(text: str) -> float:
    return float(CHANNELS.index(_word(text, CHANNEL_WORDS, f"a channel (known: {', '.join(CHANNELS)})")))


def _answer(text: str) -> float:
    return float(_word(text, ANSWERS, "yes, no or empty"))


def _minutes(text: str) -> float:
    found = float(text)
    if not 0 <= found <= 600:
        raise ValueError("must be minutes from 0 to 600")
    return found


def _day(text: str) -> float:
    if _SERIAL.fullmatch(text):
        raise ValueError("looks like the day number of a spreadsheet; save the column as dates")
    if _SHORT_YEAR.fullmatch(text):
        raise ValueError("has a year of two digits; write all four")
    return float(date_of(text).toordinal())


def _log(table: PlainTable, cells: _Cells, fit: Match, name: str) -> ContactLog:
    if not table.grid.n_rows:
        raise input_error(table.where, "has a header but no rows below it", "VM076")
    victim = pd.factorize(np.asarray(cells.texts("victim")))[0]
    group = np.asarray(cells.texts("group")) if cells.has("group") else np.full(len(victim), _ONE_GROUP)
    rows = pd.DataFrame({"victim": victim.astype(np.int64), "group": pd.Categorical(group)})
    rows["channel"] = cells.read("channel", _channel, is_required=True)
    rows["day"] = cells.read("date", _day, is_required=True)
    rows["outcome"] = cells.read("outcome", cells.outcome, is_required=True)
    rows["hour"] = cells.read(
        "time" if cells.has("time") else "date", hour_of if cells.has("time") else _hour_or_none
    )
    for column, parse in (("minutes", _minutes), ("consent", _answer), ("accepted", _answer)):
        rows[column] = cells.read(column, parse)
    rows["reply_days"] = cells.read("reply_date", _day) - rows["day"]
    counted_from = next((of for of in ("crime", "referral") if cells.has(f"{of}_date")), "")
    since = cells.read(f"{counted_from}_date", _day) if counted_from else np.full(len(rows), np.nan)
    rows["days"] = rows["day"] - since
    if cells.has("reply_date"):
        cells.require("reply_date", ~(rows["reply_days"] < 0).to_numpy(), "must not be before the message")
    if counted_from:
        in_order = ~((rows["days"] < 0) | (rows["days"] > _MOST_DAYS)).to_numpy()
        cells.require(f"{counted_from}_date", in_order, "must be before the attempt, by ten years at most")
    if cells.has("group"):
        twin = look_alike(rows["group"].cat.categories)
        cells.require("group", ~rows["group"].isin(twin).to_numpy(), _TWINS)
    if cells.problems:
        raise InputError(cells.problems)
    attempts, findings = attempts_of(rows)
    unused = sorted(set(table.header) - {table.header[i] for i in fit.positions.values()} - {""})
    if unused:
        findings.append(Finding("note", "unused_columns", detail=f"Not used: {', '.join(unused)}."))
    first, last = (date.fromordinal(int(rows["day"].agg(of))) for of in ("min", "max"))
    source = f"{Path(name).name}: attempts from {first} to {last}"
    told = [finding._replace(rows=DisclosureRule().shown(finding.rows)) for finding in findings]
    return ContactLog(PeopleTable(attempts), as_table(told), counted_from, source)


def _hour_or_none(text: str) -> float:
    try:
        return hour_of(text)
    except ValueError:
        return np.nan

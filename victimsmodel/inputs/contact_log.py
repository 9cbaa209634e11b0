"""Contact logs: one row an attempt, read for estimation alone. Cases do not leave this and the estimators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.errors import InputError, input_error
from victimsmodel.inputs.attempts import attempts_of
from victimsmodel.inputs.contact_words import (
    CONTACT_LOG,
    OUTCOME_WORDS,
    Outcome,
)
from victimsmodel.inputs.dates import ORDERS, Order, hour_of
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.downloads.layouts import Match, headings_shown, match, normalised
from victimsmodel.inputs.downloads.plain import PlainTable, plain_tables
from victimsmodel.inputs.downloads.quoting import other_separator
from victimsmodel.inputs.finding import closest
from victimsmodel.inputs.labels_file import Labels, check_labels, labels_in, renamed
from victimsmodel.inputs.log_cells import LogCells, answer, channel, hour_or_none, minutes
from victimsmodel.inputs.look_alike import alike
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.personal_data import refuse_personal_data
from victimsmodel.inputs.quality.findings import Action, Finding, as_table
from victimsmodel.inputs.sealed_reading import sealed_reading
from victimsmodel.inputs.service import CHANNELS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MOST_DAYS = 3650  # between a crime and an attempt
_LOOKS = (
    "looks like '{}' (line {}) and is written otherwise; write one, or state which is meant: "
    "labels={{'group': {{{}: '{}'}}}}"
)
_LEAST_ID = 4  # characters; shorter ids may be the numbers of groups too
_ONE_GROUP = "all"


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


@sealed_reading
def load_contact_log(
    path: str | Path,
    outcomes: Mapping[str, Outcome] | None = None,
    *,
    dates: Order | None = None,
    labels: Labels | str | Path | None = None,
) -> ContactLog:
    """Read a contact log from CSV (gzip too), .xlsx or .ods.

    Parameters
    ----------
    path : str or Path
        With columns ``victim_id``, ``channel``, ``date``, ``outcome``; optional ``group``, ``time`` (or a
        date with one), ``crime_date``, ``referral_date``, ``minutes``, ``reply_date``, ``consent``,
        ``accepted``; other usual names are understood.
    outcomes : mapping, optional
        What the service's own words for an outcome mean: ``reached``, ``not_reached`` or ``wrong_details``.
    dates : {"day_first", "month_first"}, optional
        The order of dates such as 01/02/2026; needed unless a date of the log shows that days come first.
    labels : mapping or path, optional
        Labels of groups as written with those that are meant, ``{"group": {"Domestic Abuse": "domestic"}}``,
        or a YAML file of them.

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
    if dates is not None and dates not in ORDERS:
        raise input_error(
            "load_contact_log", f"must be {' or '.join(ORDERS)}", "VM303", field="dates", value=str(dates)
        )
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
    cells = LogCells(table, fit, {**OUTCOME_WORDS, **words}, dates)
    return _log(table, cells, fit, str(path), labels_in(labels))


def _misfit(where: str, fitting: list[tuple[PlainTable, Match]]) -> InputError:
    """Return the error for a file without the columns of a log; its headings passed the check on privacy."""
    if not fitting:
        return input_error(where, "is empty", "VM076")
    table, fit = min(fitting, key=lambda pair: len(pair[1].missing))
    unused = [h for i, h in enumerate(table.header) if h and i not in fit.positions.values()]
    near = {name: closest(normalised(name), [normalised(h) for h in unused]) for name in fit.missing}
    hints = [f"Is '{found}' the column {name}?" for name, found in near.items() if found]
    allowed = f"has no column {', '.join(fit.missing)}; found: {headings_shown(table.header)}"
    if len(table.header) == 1 and not hints:
        hints = [other_separator(table.header[0])]
    return input_error(table.where, allowed, "VM126", hint=" ".join(hints))


def _log(table: PlainTable, cells: LogCells, fit: Match, name: str, labels: Labels) -> ContactLog:
    if not table.grid.n_rows:
        raise input_error(table.where, "has a header but no rows below it", "VM076")
    victim = pd.factorize(cells.ids("victim"))[0]
    group = _groups(table, cells, labels)
    rows = pd.DataFrame({"victim": victim.astype(np.int64), "group": group})
    rows["channel"] = cells.read("channel", channel, is_required=True)
    rows["day"] = cells.days("date", is_required=True)
    rows["outcome"] = cells.read("outcome", cells.outcome, is_required=True)
    rows["hour"] = cells.read(
        "time" if cells.has("time") else "date", hour_of if cells.has("time") else hour_or_none
    )
    for column, parse in (("minutes", minutes), ("consent", answer), ("accepted", answer)):
        rows[column] = cells.read(column, parse)
    rows["reply_days"] = cells.days("reply_date") - rows["day"]
    counted_from = next((of for of in ("crime", "referral") if cells.has(f"{of}_date")), "")
    since = cells.days(f"{counted_from}_date") if counted_from else np.full(len(rows), np.nan)
    rows["days"] = rows["day"] - since
    if cells.has("reply_date"):
        cells.require("reply_date", ~(rows["reply_days"] < 0).to_numpy(), "must not be before the message")
    if counted_from:
        in_order = ~((rows["days"] < 0) | (rows["days"] > _MOST_DAYS)).to_numpy()
        cells.require(f"{counted_from}_date", in_order, "must be before the attempt, by ten years at most")
    if cells.problems:
        raise InputError(cells.problems)
    rows, findings = _without_twins(rows, table, cells)
    attempts, more = attempts_of(rows)
    findings += [*more, *_read_otherwise(table, fit)]
    unused = sorted(set(table.header) - {table.header[i] for i in fit.positions.values()} - {""})
    if unused:
        findings.append(Finding("note", "unused_columns", detail=f"Not used: {', '.join(unused)}."))
    first, last = (date.fromordinal(int(rows["day"].agg(of))) for of in ("min", "max"))
    source = f"{Path(name).name}: attempts from {first} to {last}"
    told = [finding._replace(rows=DisclosureRule().shown(finding.rows)) for finding in findings]
    return ContactLog(PeopleTable(attempts), as_table(told), counted_from, source)


def _groups(table: PlainTable, cells: LogCells, labels: Labels) -> pd.Categorical:
    """Return the groups by the labels that are meant; labels that look alike are a problem."""
    if not cells.has("group"):
        check_labels(table.where, labels, {})
        return pd.Categorical([_ONE_GROUP]).repeat(table.grid.n_rows)
    column = cells.texts("group")
    check_labels(table.where, labels, {"group": set(column.categories)})
    group = renamed(column, labels.get("group", {}))
    ids = {str(text).casefold() for text in cells.column("victim").categories}
    told = [label for label in group.categories if len(label) >= _LEAST_ID and label.casefold() in ids]
    cells.require("group", ~np.isin(np.asarray(group), told), "is the id of a victim")
    for same in alike(sorted(set(group.categories) - set(told))):
        rows = [np.flatnonzero(np.asarray(group) == label) for label in same]
        usual = max(range(len(same)), key=lambda i: (len(rows[i]), -rows[i][0]))
        for i, label in enumerate(same):
            if i != usual:
                allowed = _LOOKS.format(same[usual], cells.lines(rows[usual])[0], ascii(label), same[usual])
                cells.refuse("group", rows[i], allowed)
    return pd.Categorical(np.asarray(group))


def _without_twins(
    rows: pd.DataFrame, table: PlainTable, cells: LogCells
) -> tuple[pd.DataFrame, list[Finding]]:
    """Tell of rows that repeat another one in every cell, and count those with a time of day once."""
    codes = pd.DataFrame({i: column.codes for i, column in enumerate(table.grid.columns)})
    twin = codes.duplicated().to_numpy()
    if not twin.any():
        return rows, []
    listed = ", ".join(map(str, cells.lines(np.flatnonzero(twin))))
    n_rows = int(twin.sum())
    detail = f"{n_rows} rows repeat another one in every cell (line {listed}{' and more' * (n_rows > 5)})"
    timed = twin & ~rows["hour"].isna().to_numpy()
    detail += "; those with a time of day were counted once." if timed.any() else "; without a time of day "
    detail += "" if timed.any() else "they may be attempts of their own, and were kept."
    action: Action = "excluded" if timed.any() else "left"
    finding = Finding("warning", "repeated_rows", rows=n_rows, detail=detail, action=action)
    return rows[~timed].reset_index(drop=True), [finding]


def _read_otherwise(table: PlainTable, fit: Match) -> list[Finding]:
    """Tell how the file was read, wherever somebody who looks at it may see something else."""
    found = [Finding("note", r.check, rows=r.rows, detail=r.detail) for r in table.remarks]
    position = fit.positions.get("group")
    if position is not None and (n := table.grid.trimmed[position]):
        detail = f"{n} labels of groups are another one but for spaces around them, and were read as that."
        found.append(Finding("note", "trimmed_labels", rows=n, detail=detail))
    return found

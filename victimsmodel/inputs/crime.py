"""Police recorded crime as published by the Home Office and ONS, with a report of its faults."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from victimsmodel.errors import input_error
from victimsmodel.inputs.downloads.cells import count_of, first_year, name_of, quarter_number
from victimsmodel.inputs.downloads.layouts import CSP_TABLE, FORCE_TABLE, ONS_CSP_TABLE
from victimsmodel.inputs.downloads.remarks import Remark
from victimsmodel.inputs.downloads.sheets import OfficialTable, read_official
from victimsmodel.inputs.labels_file import Labels, check_labels, labels_in, renamed
from victimsmodel.inputs.official.forces import official_force, other_body, police_force_areas, renamed_forces
from victimsmodel.inputs.official.ons_csp import leaf_offences
from victimsmodel.inputs.official.records import TEXTS, Records
from victimsmodel.inputs.quality.findings import Finding, as_table, missing_stretches
from victimsmodel.inputs.quality.report import quality_findings

_MOST_LINES = 5  # named in a finding

__all__ = ["CrimeData", "load_recorded_crime", "police_force_areas"]


class CrimeData(NamedTuple):
    """Recorded crime as read, and what is wrong with it.

    ``offences``: force, csp (empty in tables by force), quarter (calendar quarters, Period of freq Q-DEC) or
    year_ending (Timestamp) in yearly tables, offence_group, offence_subgroup, offence_code, offence, offences
    (int64). ``quality``: one row a finding. ``other_bodies``: as ``offences``, of those that are no police
    force area (British Transport Police, Action Fraud, CIFAS, UK Finance).
    """

    offences: pd.DataFrame
    quality: pd.DataFrame
    source: str
    other_bodies: pd.DataFrame


def load_recorded_crime(
    path: str | Path | Sequence[str | Path], labels: Labels | str | Path | None = None
) -> CrimeData:
    """Load police recorded crime from files as they are downloaded.

    Home Office open data tables by police force area or Community Safety Partnership, quarterly or yearly,
    and the tidy form of ONS table C2; CSV (gzip too), .xlsx and .ods, a sheet for each year or one for all.

    Parameters
    ----------
    path : path or sequence of paths
        One file, or several that belong together (for instance one for each span of years).
    labels : mapping or path, optional
        Labels as written with those that are meant, by column (force, csp, offence_group, offence_subgroup,
        offence_code, offence), as ``{"force": {"Knet": "Kent"}}``, or a YAML file of them.

    Returns
    -------
    CrimeData
        Nothing is repaired; what is left out is in ``quality`` with the action "excluded".

    Raises
    ------
    InputError
        If a file cannot be read, has another layout, or holds a value that is no count, period or name.
    """
    paths = [Path(path)] if isinstance(path, (str, Path)) else [Path(item) for item in path]
    tables = [read_official(item, (FORCE_TABLE, CSP_TABLE, ONS_CSP_TABLE)) for item in paths]
    if len({table.layout for table in tables}) > 1:
        layouts = "; ".join(f"{p} is {t.layout.title}" for p, t in zip(paths, tables, strict=True))
        raise input_error(
            str(paths[0]), f"files of different kinds cannot be read together: {layouts}", "VM073"
        )
    stated = labels_in(labels)
    check_labels("; ".join(map(str, paths)), stated, _label_columns(tables))
    tables = [_relabelled(table, stated) for table in tables]
    parts = [_records(table) for table in tables]
    findings = [finding for _, _, found in parts for finding in found]
    records = _joined([part for part, _, _ in parts])
    hidden = np.concatenate([part for _, part, _ in parts])
    if hidden.all():
        names = ", ".join(str(item) for item in paths)
        raise input_error(names, "holds no count: a mark such as [x] stands in every row", "VM265")
    found, keep = quality_findings(records, hidden)
    negative = records.offences < 0
    if negative.sum() > _MOST_LINES:  # the corrections of an official file
        negative = np.zeros(len(negative), dtype=bool)
    for check, rows in {"duplicate_rows": ~keep & ~hidden, "negative_counts": negative}.items():
        found = [_with_lines(f, tables, rows) if f.check == check else f for f in found]
    is_force = np.array(
        [bool(official_force(name)) or not other_body(name) for name in records.force.categories]
    )
    is_force = is_force[records.force.codes] if len(is_force) else np.zeros(0, dtype=bool)
    return CrimeData(
        _frame(records, keep & is_force),
        as_table([*findings, *found]),
        "; ".join(item.name for item in paths),
        _frame(records, keep & ~is_force),
    )


def _with_lines(finding: Finding, tables: Sequence[OfficialTable], rows: NDArray[np.bool_]) -> Finding:
    """Name the first five rows that a finding is about, if they are known."""
    if not rows.any():
        return finding
    places: list[str] = []
    start = 0
    for table in tables:
        n_rows = sum(part.n_rows for part in table.parts)
        if table.layout is ONS_CSP_TABLE or len(rows) < start + n_rows:
            return finding  # its rows are not those of the file
        numbers = np.flatnonzero(rows[start : start + n_rows])[: _MOST_LINES - len(places)]
        places += [Path(table.row_name(int(number))).name for number in numbers]
        start += n_rows
    more = " and more" if rows.sum() > len(places) else ""
    return finding._replace(detail=f"{finding.detail} In {'; '.join(places)}{more}.")


def _label_columns(tables: Sequence[OfficialTable]) -> dict[str, set[str]]:
    """Return the labels that stand in any of the tables, by column."""
    return {
        name: {str(text) for table in tables for text in table.columns[name].categories}
        for name in TEXTS
        if all(name in table.columns for table in tables)
    }


def _relabelled(table: OfficialTable, stated: Labels) -> OfficialTable:
    """Return a table with the labels that were stated to be meant."""
    if not stated:
        return table
    new = {name: renamed(table.columns[name], names) for name, names in stated.items()}
    listed = "; ".join(f"{a} is {b}" for names in stated.values() for a, b in names.items())
    remark = Remark("changed_label", 0, f"Read as was stated: {listed}.", "left")
    return table._replace(columns={**table.columns, **new}, remarks=(*table.remarks, remark))


def _records(table: OfficialTable) -> tuple[Records, NDArray[np.bool_], list[Finding]]:
    """Return the rows of one file as numbers and texts, and where a mark stands in place of a count."""
    findings = [_finding(remark) for remark in table.remarks]
    if table.layout is ONS_CSP_TABLE:
        records, found = leaf_offences(table)
        return records, np.zeros(len(records.period), dtype=bool), [*findings, *found]
    texts = {name: table.columns[name] for name in TEXTS if name in table.columns}
    for name in texts:
        table.values(name, name_of)
    texts.setdefault("csp", pd.Categorical([""]).repeat(len(texts["force"])))
    counts, is_missing = parsed_counts(table)
    years = _taken(table, "financial_year", table.values("financial_year", first_year))
    if "financial_quarter" in table.columns:
        quarters = table.values("financial_quarter", quarter_number)
        # financial quarter 1 of 2012/13 is the calendar quarter 2012Q2; quarters are counted from 1970Q1
        period = (years - 1970) * 4 + _taken(table, "financial_quarter", quarters)
    else:
        period = years + 1  # year ending March
    names = renamed_forces(texts["force"].categories)
    other = {old: new for old, new in names.items() if old != new}
    if other:
        texts["force"] = renamed(texts["force"], names)
        listed = "; ".join(f"{old} is {new}" for old, new in other.items())
        findings.append(Finding("note", "changed_label", detail=f"Forces under other names: {listed}."))
    is_quarterly = "financial_quarter" in table.columns
    records = Records(**texts, period=period, offences=counts, is_quarterly=is_quarterly)
    return records, is_missing, [*findings, *suppressed(records, is_missing)]


def parsed_counts(table: OfficialTable) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the counts, and where a mark stands in place of one (the count is 0 there)."""
    parsed = table.values("offences", count_of)
    codes = table.columns["offences"].codes
    missing = np.array([number is None for number in parsed], dtype=bool)[codes]
    return np.array([number or 0 for number in parsed], dtype=np.int64)[codes], missing


def suppressed(records: Records, is_missing: NDArray[np.bool_]) -> list[Finding]:
    """Return a finding for each force, subgroup and stretch in which marks stand in place of counts."""
    if not is_missing.any():
        return []
    detail = "A mark stands in place of the count, so that the sum of these offences is not known."
    return missing_stretches(records.where(is_missing), "warning", "suppressed", detail)


def _finding(remark: Remark) -> Finding:
    return Finding("note", remark.check, rows=remark.rows, detail=remark.detail, action=remark.action)


def _taken(table: OfficialTable, name: str, values: list[int]) -> NDArray[np.int64]:
    return np.array([value or 0 for value in values], dtype=np.int64)[table.columns[name].codes]


def _joined(parts: list[Records]) -> Records:
    """Put the records of several files below each other."""
    if len(parts) == 1:
        return parts[0]
    if len({part.is_quarterly for part in parts}) > 1:
        raise input_error("", "quarterly and yearly files cannot be read together", "VM073")
    texts = {name: union_categoricals([getattr(part, name) for part in parts]) for name in TEXTS}
    period = np.concatenate([part.period for part in parts])
    offences = np.concatenate([part.offences for part in parts])
    return Records(**texts, period=period, offences=offences, is_quarterly=parts[0].is_quarterly)


def _frame(records: Records, keep: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the table that users work with."""
    rows = records if keep.all() else records.where(keep)
    columns = {name: _texts(getattr(rows, name)) for name in ("force", "csp")}
    name, periods = rows.period_column()
    columns[name] = pd.Series(periods)
    for text in TEXTS[2:]:
        columns[text] = _texts(getattr(rows, text))
    columns["offences"] = pd.Series(rows.offences)
    return pd.DataFrame(columns)


def _texts(column: pd.Categorical) -> pd.Series:
    """Return a column as texts; three times quicker than converting the category."""
    return pd.Series(pd.array(column.categories.astype(object), dtype="str").take(column.codes))

"""Codes, descriptions and subgroups that change between years, and codes with two descriptions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from victimsmodel.inputs.downloads.cells import spelt_alike
from victimsmodel.inputs.look_alike import bare
from victimsmodel.inputs.official.records import Records
from victimsmodel.inputs.quality.findings import Finding

_MOST_LISTED = 8


def label_findings(records: Records) -> list[Finding]:
    """Compare the labels of every period with those of the others."""
    labels = _labels(records)
    if labels.empty:
        return _spellings(records)
    return [
        *_changed(labels, records, "offence", "descriptions"),
        *_changed(labels, records, "subgroup", "subgroups"),
        *_side_by_side(labels, records),
        *_coming_and_going(labels, records),
        *_spellings(records),
    ]


def _labels(records: Records) -> pd.DataFrame:
    """Return one row for each code, description, subgroup and period, with its rows and offences."""
    columns = {
        "code": records.offence_code,
        "offence": records.offence,
        "subgroup": records.offence_subgroup,
    }
    key = records.period - records.period.min()
    for column in columns.values():
        key = key * len(column.categories) + column.codes
    numbers, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    table = pd.DataFrame({name: np.asarray(column[first], dtype=object) for name, column in columns.items()})
    table["period"] = records.period[first]
    table["rows"] = np.bincount(inverse, minlength=len(numbers))
    table["offences"] = np.bincount(inverse, weights=records.offences, minlength=len(numbers))
    return table[table["code"] != ""]


def _changed(labels: pd.DataFrame, records: Records, what: str, noun: str) -> list[Finding]:
    """Find codes whose description or subgroup is another one in other periods."""
    spans: dict[str, dict[str, list[int]]] = {}
    for code, label, period in zip(labels["code"], labels[what], labels["period"], strict=True):
        spans.setdefault(code, {}).setdefault(label, []).append(int(period))
    codes = [code for code, names in spans.items() if _follow(list(names.values()))]
    if not codes:
        return []
    starts = {min(periods) for code in codes for periods in spans[code].values()}
    dates = [records.period_name(start) for start in sorted(starts) if start > labels["period"].min()]
    listed = "; ".join(f"{code}: {_in_order(spans[code])}" for code in codes[:_MOST_LISTED])
    more = f"; and {len(codes) - _MOST_LISTED} more" if len(codes) > _MOST_LISTED else ""
    rows = int(labels.loc[labels["code"].isin(codes), "rows"].sum())
    detail = f"{len(codes)} codes change their {noun} ({listed}{more})."
    return [Finding("note", "changed_label", "", "", ", ".join(dates), rows, detail=detail)]


def _in_order(labels: dict[str, list[int]]) -> str:
    return " then ".join(sorted(labels, key=lambda label: min(labels[label])))


def _follow(periods: list[list[int]]) -> bool:
    """Say whether the labels of a code follow each other rather than stand side by side."""
    spans = sorted((min(part), max(part)) for part in periods)
    return len(spans) > 1 and all(later[0] > sooner[1] for sooner, later in pairwise(spans))


def _overlap(mine: pd.DataFrame) -> tuple[int, int] | None:
    """Return first and last period in which a code has both its old and its new description."""
    spans = sorted(mine.groupby("offence")["period"].agg(["min", "max"]).itertuples(index=False, name=None))
    for (start, end), (later_start, later_end) in pairwise(spans):
        if start < later_start <= end < later_end:
            return int(later_start), int(end)
    return None


def _side_by_side(labels: pd.DataFrame, records: Records) -> list[Finding]:
    """Find codes that stand for two descriptions in the same period."""
    findings = []
    counted = labels.groupby(["code", "period"])["offence"].nunique()
    for code in sorted({code for (code, _), n in counted.items() if n > 1}):
        mine = labels[labels["code"] == code]
        both = _overlap(mine)
        findings += _twice(code, mine, both, records) if both else [_doubled(code, mine, records)]
    return findings


def _twice(code: str, mine: pd.DataFrame, both: tuple[int, int], records: Records) -> list[Finding]:
    """Say that periods with an old and a new description are probably there twice."""
    mine = mine[mine["period"].between(*both)]
    span = records.span(*both)
    detail = (
        f"Code {code} is counted under an old and a new description in {span} "
        f"({' and '.join(sorted(mine['offence'].unique()))}): the same offences probably stand there twice."
    )
    rows = int(mine["rows"].sum())
    return [
        Finding("error", "two_labels", "", sub, span, rows, np.nan, detail, "treated as missing")
        for sub in sorted(mine["subgroup"].unique())
    ]


def _doubled(code: str, mine: pd.DataFrame, records: Records) -> Finding:
    """Say that two offences share a code."""
    mine = mine[mine.groupby("period")["offence"].transform("nunique") > 1]
    extra = int(mine["rows"].sum() - mine.groupby("period")["rows"].max().sum())
    names = " and ".join(sorted(mine["offence"].unique()))
    detail = (
        f"Code {code} stands for {names} side by side ({extra:,} rows repeat a force, quarter and code). "
        f"They are different offences, told apart by description and added."
    )
    if code.count(".") == 1 and not code.endswith("0"):
        detail += f" Probably {code}0 lost its last zero in a spreadsheet."
    span = records.span(mine["period"].min(), mine["period"].max())
    return Finding("note", "duplicate_keys", "", mine["subgroup"].iloc[0], span, extra, detail=detail)


def _coming_and_going(labels: pd.DataFrame, records: Records) -> list[Finding]:
    """Find codes that begin or end within the file."""
    spans = labels.groupby("code").agg(first=("period", "min"), last=("period", "max"), rows=("rows", "sum"))
    findings = []
    for verb, column, edge in (
        ("begin", "first", labels["period"].min()),
        ("end", "last", labels["period"].max()),
    ):
        inner = spans[spans[column] != edge]
        if inner.empty:
            continue
        listed = []
        for period, part in inner.groupby(column):
            codes = ", ".join(part.index[:_MOST_LISTED]) + (", ..." if len(part) > _MOST_LISTED else "")
            listed.append(f"{records.period_name(int(period))}: {codes}")
        dates = ", ".join(records.period_name(int(period)) for period in sorted(inner[column].unique()))
        detail = f"Codes that {verb} within the file ({len(inner)}): {'; '.join(listed)}."
        findings.append(
            Finding("note", "changed_label", "", "", dates, int(inner["rows"].sum()), detail=detail)
        )
    return findings


def _spellings(records: Records) -> list[Finding]:
    """Find labels that look alike, such as Theft Offences and Theft offences."""
    findings = []
    for column in (records.csp, records.offence_group, records.offence_subgroup, records.offence):
        names = pd.Series([str(name) for name in column.categories])
        for _, same in names.groupby(names.map(spelt_alike).map(bare)):
            if len(same) > 1:
                rows = int(np.isin(column.codes, same.index).sum())
                detail = f"The same label is spelt in {len(same)} ways: {'; '.join(map(_shown, same))}."
                findings.append(
                    Finding("warning", "changed_label", "", same.iloc[0], "", rows, detail=detail)
                )
    return findings


def _shown(label: str) -> str:
    """Return a label; one with letters that look like others as codes, for nobody sees them otherwise."""
    return label if bare(label) == "".join(filter(str.isalnum, label.casefold())) else ascii(label)

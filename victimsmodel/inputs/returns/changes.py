"""Counts that are the same twice, run on from quarter to quarter, or change what they count."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from victimsmodel.inputs.returns.chain import comparable, pairs_of
from victimsmodel.inputs.returns.findings import Finding, listed, places
from victimsmodel.inputs.returns.shifts import find_shift

_LARGE_SAME = 50  # a count this high is hardly the same twice by chance


def check_changes(counts: pd.DataFrame) -> list[Finding]:
    """Return where a return repeats itself or changes its ways.

    Parameters
    ----------
    counts : DataFrame
        Of `Returns`.
    """
    return [
        *_same_twice(counts),
        *_repeated_quarters(counts),
        *_running_totals(counts),
        *_changed_labels(counts),
        *_changed_ratios(counts),
    ]


def _same_twice(counts: pd.DataFrame) -> list[Finding]:
    """Find two stages that are equal in every quarter: one column copied, or mapped twice."""
    wide = counts.pivot(index="start", columns="stage", values="value")
    findings = []
    for first, second in combinations(wide.columns, 2):
        both = wide[[first, second]].dropna()
        if len(both) > 1 and (both[first] == both[second]).all() and both[first].max() > 0:
            rows = counts[counts["stage"].isin([first, second])]
            columns = listed(list(rows["column"].replace("", np.nan).dropna()))
            detail = f"{first} and {second} have the same count in each of {len(both)} periods ({columns})."
            findings.append(
                Finding(
                    "warning",
                    "same_column_twice",
                    f"{first} > {second}",
                    "",
                    places(list(rows["row"])),
                    len(both),
                    detail,
                )
            )
    return findings


def _repeated_quarters(counts: pd.DataFrame) -> list[Finding]:
    """Find a quarter whose counts are all those of the quarter before: sent again instead of updated."""
    wide = counts.pivot(index=["start", "period"], columns="stage", values="value")
    findings = []
    for before, now in pairwise(wide.index):
        both = wide.loc[[before, now]].dropna(axis=1)
        same = both.columns[(both.iloc[0] == both.iloc[1]) & (both.iloc[0] > 0)]
        rows = counts[(counts["start"] == now[0]) & counts["stage"].isin(same)]
        if len(same) > 1 and len(same) == both.shape[1]:
            detail = f"All {len(same)} counts of {now[1]} are those of {before[1]}."
            findings.append(
                Finding("error", "repeated_quarter", "", now[1], places(list(rows["row"])), len(same), detail)
            )
            continue
        for stage in same[both.loc[now, same].to_numpy() >= _LARGE_SAME]:
            detail = f"{stage} is {both.loc[now, stage]:,.0f} in {now[1]}, as in {before[1]}."
            row = places(list(rows.loc[rows["stage"] == stage, "row"]))
            findings.append(
                Finding(
                    "note", "repeated_value", str(stage), now[1], row, float(both.loc[now, stage]), detail
                )
            )
    return findings


def _running_totals(counts: pd.DataFrame) -> list[Finding]:
    """Find counts that grow within each financial year and start again at its first quarter."""
    stages = [str(stage) for stage in counts["stage"].unique() if looks_cumulative(counts, str(stage))]
    if not stages:
        return []
    detail = f"{listed(stages)} grow within the financial year as counts from its start do."
    rows = places(list(counts.loc[counts["stage"].isin(stages), "row"]))
    return [Finding("error", "looks_cumulative", ", ".join(stages), "", rows, len(stages), detail)]


def looks_cumulative(counts: pd.DataFrame, stage: str) -> bool:
    """Say whether the counts of a stage are those of sums: the fourth quarter near four times the first.

    Needs a year with three or more quarters, never falling in it, the last of them at least 0.7 times its
    number of quarters times the first; and, if there are several years, a fall at the start of each.
    """
    mine = counts[(counts["stage"] == stage) & counts["period"].str.contains(" Q")].dropna(subset=["value"])
    years = [part for _, part in mine.groupby(mine["period"].str[:7]) if len(part) > 1]
    if not any(len(part) > 2 for part in years):
        return False
    for part in years:
        values, numbers = part["value"].to_numpy(), part["period"].str[-1].astype(int).to_numpy()
        if (
            (np.diff(values) < 0).any()
            or values[-1] <= 0
            or values[-1] < 0.7 * values[0] * numbers[-1] / numbers[0]
        ):
            return False
    return all(later["value"].iloc[0] < sooner["value"].iloc[-1] for sooner, later in pairwise(years))


def _changed_labels(counts: pd.DataFrame) -> list[Finding]:
    """Find stages that are called or defined otherwise in other quarters."""
    findings = []
    for stage, part in counts[counts["row"] != ""].groupby("stage", sort=False):
        for column, noun in (("column", "labels"), ("definition", "definitions")):
            names = part.loc[part[column] != "", column]
            distinct = list(names.drop_duplicates())
            if len(distinct) < 2:
                continue
            starts = [
                part["period"].iloc[int((part[column] == name).to_numpy().argmax())] for name in distinct
            ]
            shown = "; ".join(f"'{name}' from {start}" for name, start in zip(distinct, starts, strict=True))
            detail = f"{stage} has {len(distinct)} {noun}: {shown}."
            rows = places(list(part["row"]))
            findings.append(
                Finding(
                    "warning",
                    f"changed_{noun[:-1]}",
                    str(stage),
                    ", ".join(starts[1:]),
                    rows,
                    len(distinct),
                    detail,
                )
            )
    return findings


def _changed_ratios(counts: pd.DataFrame) -> list[Finding]:
    """Find a share of the stage before that jumps: perhaps another definition."""
    findings = []
    for both, parent, child in pairs_of(counts):
        known = both.dropna(subset=["value_parent", "value_child"])
        if known.empty or not comparable(known["unit_parent"].iloc[0], known["unit_child"].iloc[0]):
            continue
        events = np.minimum(known["value_child"], known["value_parent"])
        shift = find_shift(events, known["value_parent"])
        if shift is None:
            continue
        period = known["period"].iloc[shift.at]
        detail = (
            f"{child} per {parent} changes from {shift.before:.0%} to {shift.after:.0%} with {period} (p = "
            f"{shift.p_value:.2g}, allowing for more variation than chance): another definition or service."
        )
        rows = places(list(known["row_child"].iloc[shift.at :]))
        ratio = shift.after / shift.before if shift.before else np.inf
        findings.append(
            Finding("warning", "changed_ratio", f"{parent} > {child}", period, rows, ratio, detail)
        )
    return findings

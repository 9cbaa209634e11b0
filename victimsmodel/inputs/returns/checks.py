"""What the counts of a return say against each other: gaps, impossible steps, changes, double counting."""

from __future__ import annotations

import numpy as np
import pandas as pd

from victimsmodel.errors import InputError, input_error
from victimsmodel.inputs.quality.findings import Severity
from victimsmodel.inputs.returns.chain import comparable, pairs_of
from victimsmodel.inputs.returns.changes import check_changes
from victimsmodel.inputs.returns.findings import Finding, listed, of_words, places
from victimsmodel.inputs.returns.mapping import Mapping

_SEVERAL = 0.5  # share of quarters beyond which a stage above its parent counts something else
_LARGE_EXCESS = 0.02  # of the parent; below it, victims of the quarter before may explain it
#: Checks of counts that contradict each other, unless the mapping tolerates it; it never does two counts.
_CONTRADICTIONS = ("impossible_transition", "totals_differ", "double_counting", "two_counts")


def check_counts(counts: pd.DataFrame, stated: Mapping) -> list[Finding]:
    """Return what is wrong with the counts of a return.

    Parameters
    ----------
    counts : DataFrame
        Of `Returns`.
    stated : Mapping
    """
    return [
        *_few(counts),
        *_missing_quarters(counts),
        *_missing_cells(counts),
        *_hidden_cells(counts),
        *_transitions(counts, stated.tolerance),
        *check_changes(counts),
    ]


def contradiction(findings: pd.DataFrame, file: str, mapping: str) -> InputError | None:
    """Return the refusal of a return whose counts contradict each other beyond the tolerance of its mapping.

    Parameters
    ----------
    findings : DataFrame
        Of `Returns`.
    file, mapping : str
        What they are called.
    """
    wrong = findings[(findings["severity"] == "error") & findings["check"].isin(_CONTRADICTIONS)]
    if wrong.empty:
        return None
    cells = listed([f"{row.check} in {row.rows}" for row in wrong.itertuples()])
    allowed = f"contradicts itself ({cells}); nothing is written"
    hint = (
        f"Ask the provider; or write into {mapping} what is counted (unit), or by what share of a whole its "
        "parts may differ from it (tolerance: 0.05)."
    )
    if set(wrong["check"]) == {"two_counts"}:  # which no mapping can settle
        hint = "Ask the provider which count holds, and leave the others out of the file."
    return input_error(file, allowed, "VM308", hint=hint)


def _few(counts: pd.DataFrame) -> list[Finding]:
    """Say what so few periods, or only zeros, cannot tell."""
    findings = []
    periods = counts["period"].unique()
    if len(periods) == 1:
        detail = f"Has one period ({periods[0]}); gaps, repeats and changes need 2 or more."
        findings.append(Finding("note", "one_period", period=str(periods[0]), size=1, detail=detail))
    known = counts.loc[counts["state"] == "count", "value"]
    if len(known) and (known == 0).all():
        detail = f"All {len(known)} counts are zero: nobody was referred, so that attrition is not defined."
        findings.append(Finding("warning", "all_zero", size=len(known), detail=detail))
    return findings


def _missing_quarters(counts: pd.DataFrame) -> list[Finding]:
    """Find quarters between the first and the last that the return does not have."""
    quarters = counts.loc[counts["period"].str.contains(" Q"), "start"].unique()
    if not len(quarters):
        return []
    there = pd.PeriodIndex(quarters, freq="Q")
    missing = pd.period_range(there.min(), there.max(), freq="Q").difference(there)
    if not len(missing):
        return []
    names = [_name(quarter) for quarter in missing]
    detail = f"The return has no {listed(names)}, between its first and its last quarter."
    return [
        Finding(
            "error", "missing_quarter", "", ", ".join(names), "", len(names), detail, "treated as missing"
        )
    ]


def _name(quarter: pd.Period) -> str:
    year, number = (quarter.year, quarter.quarter - 1) if quarter.quarter > 1 else (quarter.year - 1, 4)
    return f"{year}/{(year + 1) % 100:02d} Q{number}"


def _missing_cells(counts: pd.DataFrame) -> list[Finding]:
    findings = []
    absent = counts[counts["state"].isin(["missing", "blank"])]
    for stage, part in absent.groupby("stage", sort=False):
        periods = list(part["period"])
        detail = f"{stage} has no count in {listed(periods)}."
        whole = len(periods) == counts["period"].nunique()
        findings.append(
            Finding(
                "error" if whole else "warning", "missing_count", str(stage), ", ".join(periods),
                places(list(part["row"])), len(periods), detail, "treated as missing",
            )
        )  # fmt: skip
    return findings


def _hidden_cells(counts: pd.DataFrame) -> list[Finding]:
    findings = []
    for stage, part in counts[counts["state"] == "suppressed"].groupby("stage", sort=False):
        counted = "1 count" if len(part) == 1 else f"{len(part)} counts"
        detail = f"{counted} of {stage} {'is' if len(part) == 1 else 'are'} hidden by a mark"
        detail += f"; {_interval(part)}."
        findings.append(
            Finding(
                "note", "suppressed", str(stage), ", ".join(part["period"]),
                places(list(part["row"])), len(part), detail,
                "bounded",
            )
        )  # fmt: skip
    return findings


def _interval(part: pd.DataFrame) -> str:
    least, most = part["low"].min(), part["high"].max()
    between = f"at least {least:,.0f}" if np.isinf(most) else f"from {least:,.0f} to {most:,.0f}"
    return f"{'each is' if len(part) > 1 else 'it is'} {between}"


def _transitions(counts: pd.DataFrame, tolerance: float) -> list[Finding]:
    """Find stages that more victims reach than the stage before; an excess within the tolerance is a note."""
    findings = []
    for both, parent, child in pairs_of(counts):
        if both.empty:
            continue
        unit_parent, unit_child = both["unit_parent"].iloc[0], both["unit_child"].iloc[0]
        above = both[both["low_child"] > both["high_parent"]]
        several = len(above) > max(1, _SEVERAL * len(both)) and not _tolerated(above, tolerance).all()
        if unit_child == "contact" and unit_parent in ("victim", "case", "unstated"):
            detail = (
                f"{child} counts contacts, {parent} does not: a victim who is contacted twice counts twice."
            )
            ratio = (
                float(both["value_child"].sum() / both["value_parent"].sum())
                if both["value_parent"].sum()
                else np.nan
            )
            findings.append(_of_pair("warning", "double_counting", both, parent, child, ratio, detail))
        elif unit_parent == "contact" or above.empty:
            continue  # a count of contacts is no ceiling for one of victims, nor the other way round
        elif not comparable(unit_parent, unit_child):
            periods = f"in {len(above)} of {len(both)} periods"
            detail = f"{child} counts {unit_child}s, {parent} counts {unit_parent}s, and is lower {periods}."
            findings.append(_of_pair("note", "other_unit", above, parent, child, np.nan, detail))
        elif several:
            ratio = float(above["low_child"].sum() / above["high_parent"].sum())
            is_exact = (above["low_child"] == above["high_child"]).all() and (
                above["low_parent"] == above["high_parent"]
            ).all()
            times = f"{'' if is_exact else 'at least '}{ratio:.2f} times"
            detail = (
                f"{child} exceeds {parent} in {len(above)} of {len(both)} periods, {times} in all: "
                f"it probably counts contacts or something else that one victim can have several of."
            )
            findings.append(_of_pair("error", "double_counting", above, parent, child, ratio, detail))
        else:
            findings += [_impossible(row, parent, child, tolerance) for row in above.itertuples()]
    return findings


def _tolerated(above: pd.DataFrame, tolerance: float) -> pd.Series:
    return above["low_child"] - above["high_parent"] <= tolerance * above["high_parent"]


def _of_pair(
    severity: Severity, check: str, rows: pd.DataFrame, parent: str, child: str, size: float, detail: str
) -> Finding:
    where = places([*rows["row_parent"], *rows["row_child"]])
    periods = ", ".join(rows["period"])
    return Finding(severity, check, f"{parent} > {child}", periods, where, size, detail)


def _impossible(row: object, parent: str, child: str, tolerance: float) -> Finding:
    fields = ("period", "low_child", "high_child", "low_parent", "high_parent", "row_parent", "row_child")
    values = {name: getattr(row, name) for name in fields}
    over = values["low_child"] - values["high_parent"]
    small = over <= _LARGE_EXCESS * values["high_parent"]
    is_count = bool(values["low_child"] == values["high_child"])
    is_whole = bool(values["low_parent"] == values["high_parent"])
    said = of_words(child, (values["low_child"], is_count), parent, (values["high_parent"], is_whole))
    at_least = "" if is_count and is_whole else "at least "
    detail = f"{said} in {values['period']}: {at_least}{over:,.0f} too many."
    tolerated = over <= tolerance * values["high_parent"]
    if tolerated:
        detail += f" The mapping tolerates {tolerance:.1%}."
    elif small:
        detail += " Victims referred in the quarter before may explain so few."
    where = places([values["row_parent"], values["row_child"]])
    ratio = values["low_child"] / values["high_parent"] if values["high_parent"] else np.inf
    severity: Severity = "note" if tolerated else "warning" if small else "error"
    return Finding(
        severity, "impossible_transition", f"{parent} > {child}", values["period"], where, ratio, detail
    )

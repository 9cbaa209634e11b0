"""A return and its mapping -> counts by quarter and stage, and what is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.files import file_hash
from victimsmodel.inputs.downloads.faults import column_letters
from victimsmodel.inputs.finding import closest
from victimsmodel.inputs.messages import place
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.personal_data import personal_columns, refuse_personal_data
from victimsmodel.inputs.personal_titles import refuse_personal_titles
from victimsmodel.inputs.returns.checks import check_counts
from victimsmodel.inputs.returns.counting import (
    Count,
    by_quarter_of_year,
    check_totals,
    count_labels,
    difference,
    sum_of,
)
from victimsmodel.inputs.returns.file_findings import read_findings, taken_for, unmapped
from victimsmodel.inputs.returns.findings import Finding, as_table, listed, places
from victimsmodel.inputs.returns.layout import Layout, NotUnderstoodError, layout_of
from victimsmodel.inputs.returns.mapping import IGNORED, TARGETS, Entry, Mapping, load_mapping, same
from victimsmodel.inputs.returns.overlaps import parted
from victimsmodel.inputs.returns.periods import Span
from victimsmodel.inputs.returns.resolved import Conventions, Resolved, resolve
from victimsmodel.inputs.returns.sheets import Sheet, read_sheets
from victimsmodel.inputs.sealed_reading import sealed_reading
from victimsmodel.inputs.strict_yaml import Node

_PARTS = ("part_quarter", "part_period")
COLUMNS = (
    *("start", "period", "stage", "unit", "value", "low", "high", "state"),
    *("definition", "column", "row"),
)


class Returns(NamedTuple):
    """A return as counts of the canonical stages.

    ``counts``: one row a period and stage. start (ISO date), period (2017/18 Q1), stage, unit (case, victim,
    contact or unstated), value (NaN unless known), low and high (what it can be), state (count, suppressed,
    missing, blank), definition, column (labels of the return) and row (its cells); not to be shown before
    `released_returns`. ``findings``: severity,
    check, stage, period, rows, size, detail, action.
    """

    counts: pd.DataFrame
    findings: pd.DataFrame
    mapping: Mapping
    source: str
    data: str = ""  # SHA-256 of the file


@sealed_reading
def load_returns(file: str | Path, mapping: str | Path) -> Returns:
    """Read a monitoring return by its mapping, and check it.

    Parameters
    ----------
    file : path
        CSV (also gzip), .xlsx or .ods, in any layout that `propose_mapping` understands.
    mapping : path
        YAML; from ``victimsmodel map`` or written by hand.

    Returns
    -------
    counts and findings : Returns

    Raises
    ------
    InputError
        If the file or the mapping cannot be read, the mapping is unsure about something, names a
        label that the file has not, maps two labels of one quarter to the same stage, or does not name the
        parts that have to be added.
    """
    path = Path(file)
    stated, root = load_mapping(mapping)
    sheets = wanted_sheets(path, stated.sheets, root)
    try:
        layout = layout_of(sheets, stated.labels_in)
    except NotUnderstoodError as error:
        raise input_error(error.where, f"cannot be understood: {error.why}", "VM111") from None
    _refuse_differences(layout, stated, root, str(path))
    findings = [*read_findings(path, sheets, layout), *taken_for(sheets, layout, stated)]
    findings += unmapped(layout, stated)
    used = [cell for cell in layout.cells if (entry := stated.entry(cell.label)) and entry.stage != IGNORED]
    said = Conventions.of(stated.period, stated.year_starts, stated.months_mean)
    resolved, unsettled = resolve(used, said)
    if unsettled:
        where = f"{path}, {unsettled[0].cell.place}"
        raise input_error(
            where, f"{unsettled[0].why} ({len(unsettled)} cells)", "VM114", field=unsettled[0].cell.label
        )
    counted = _by_stage(resolved, stated, str(path))
    findings += counted.findings
    counts = counted.counts
    if stated.part_periods == "exclude":
        parts = {finding.period for finding in findings if finding.check in _PARTS}
        counts = [count for count in counts if str(count.amount.span) not in parts]
        findings = [f._replace(action="excluded") if f.check in _PARTS else f for f in findings]
        if not counts:
            raise input_error(str(path), "has no whole period left", "VM302", field="part_periods")
    table = _table(counts, stated)
    findings += check_counts(table, stated)
    return Returns(PeopleTable(table), as_table(findings), stated, str(path), file_hash(path))


def wanted_sheets(path: Path, names: Sequence[str], root: Node | None = None) -> list[Sheet]:
    """Read the sheets that are named, or all; the one door through which both readers of returns go."""
    sheets = read_sheets(path)
    for sheet in sheets:
        refuse_personal_titles(sheet.where, sheet.titles())
        refuse_personal_data(sheet.where, _with_cells(sheet))
    known = [sheet.name for sheet in sheets]
    missing = [name for name in names if name not in known]
    if missing and root is not None:
        where, field = place(root, ("sheets",))
        close = closest(missing[0], known)
        hint = f"Did you mean {close}?" if close else ""
        raise input_error(where, f"is no sheet of {path}", "VM114", field=field, value=missing[0], hint=hint)
    return [sheet for sheet in sheets if not names or sheet.name in names]


def _with_cells(sheet: Sheet) -> dict[str, list[str]]:
    """Return columns by heading; one without a cell holds nothing of anyone, whatever it is named."""
    columns = sheet.columns()
    named = {found.name for found in personal_columns(columns) if found.by == "name"}
    return {  # in its place, so that columns keep their numbers
        (f"column {column_letters(i)}" if name in named and not cells else name): cells
        for i, (name, cells) in enumerate(columns.items())
    }


def _refuse_differences(layout: Layout, stated: Mapping, root: Node, file: str) -> None:
    """Refuse labels that the file has not, and parts that would be added and are not named."""
    problems: list[Problem] = []
    labels = {same(cell.label): cell.label for cell in layout.cells}
    for label, entry in stated.labels.items():
        if same(label) not in labels and entry.stage != IGNORED:
            where, field = place(root, ("labels", label))
            close = closest(same(label), labels)
            hint = f"Did you mean '{labels[close]}'?" if close else ""
            problems.append(Problem(where, field, "", f"is no label of {file}", "VM114", hint))
    if set(layout.breakdown) - set(stated.breakdown):
        where, _ = place(root, ("breakdown",))
        allowed = f"must name the parts that are added up: {', '.join(layout.breakdown)}"
        problems.append(Problem(where, "breakdown", ", ".join(stated.breakdown), allowed, "VM114"))
    if problems:
        raise InputError(problems)


class _StageCount(NamedTuple):
    stage: str
    unit: str
    amount: Count
    labels: tuple[str, ...]


class _ByStage(NamedTuple):
    counts: list[_StageCount]
    findings: list[Finding]


def _by_stage(resolved: list[Resolved], stated: Mapping, where: str) -> _ByStage:
    """Count labels, then stages: whole labels as they are, parts added."""
    counted = count_labels(resolved, stated.suppressed_below, where, stated.tolerance)
    counts, findings = counted.counts, counted.findings
    running = [label for label in dict.fromkeys(c.label for c in counts) if _is_cumulative(stated, label)]
    if running:
        totals_of = [c for c in counted.totals if c.label not in running]
        now, more = by_quarter_of_year([c for c in counts if c.label in running])
        counts = [c for c in counts if c.label not in running] + now
        detail = f"{listed(running)}: counted from the start of the year; the quarter before was taken off."
        findings += [Finding("note", "cumulative", "", "", "", len(running), detail, "differenced"), *more]
    else:
        totals_of = counted.totals
    findings += check_totals(counts, totals_of, stated.tolerance)
    by_stage: dict[tuple[str, Span | None], list[tuple[Count, Entry]]] = defaultdict(list)
    finest = _finest(counts)
    years = [count for count in counts if count.span is not None and count.span.months == 12 and finest < 12]
    parts = parted([c for c in counts if c not in years], lambda label: _stage_of(label, stated), where)
    for count in parts.counts:
        entry = stated.entry(count.label)
        assert entry is not None
        if count.span is not None:
            by_stage[entry.stage, count.span].append((count, entry))
    findings += check_totals(parts.counts, [*years, *parts.totals], stated.tolerance)
    found = [
        _stage(stage, group, findings, where, stated.tolerance) for (stage, _), group in by_stage.items()
    ]
    return _ByStage(found, findings)


def _stage_of(label: str, stated: Mapping) -> str:
    entry = stated.entry(label)
    return entry.stage if entry else ""


def _finest(counts: list[Count]) -> int:
    return min((count.span.months for count in counts if count.span), default=12)


def _is_cumulative(stated: Mapping, label: str) -> bool:
    entry = stated.entry(label)
    own = entry.cumulative if entry else None
    return bool(stated.cumulative is True if own is None else own)


def _stage(
    stage: str, group: list[tuple[Count, Entry]], findings: list[Finding], where: str, tolerance: float
) -> _StageCount:
    """Return the count of a stage in a period from the labels that are mapped to it."""
    whole = [(c, e) for c, e in group if not e.part and c.state != "blank"]
    parts = [(c, e) for c, e in group if e.part]
    if len(whole) > 1:
        names = listed([count.label for count, _ in whole])
        allowed = (
            f"are both mapped to {stage} in {whole[0][0].span}; say `part: true` for each if they add up"
        )
        allowed += ", or ignore one"
        raise input_error(
            f"{where}, {places([p for c, _ in whole for p in c.places])}", allowed, "VM115", field=names
        )
    if not whole and not parts:
        count, entry = group[0]
        return _StageCount(stage, entry.unit, count, (count.label,))
    if parts:
        summed = sum_of(stage, parts[0][0].span, [count for count, _ in parts])
        units = {entry.unit for _, entry in parts}
        unit = units.pop() if len(units) == 1 else "unstated"
        labels = tuple(count.label for count, _ in parts)
        if not whole:
            return _StageCount(stage, unit, summed, labels)
        findings += difference("parts", whole[0][0].label, whole[0][0], summed, tolerance)
    count, entry = whole[0]
    return _StageCount(stage, entry.unit, count, (count.label,))


def _table(found: list[_StageCount], stated: Mapping) -> pd.DataFrame:
    """Return the counts with a row for every period and stage that the return has at all."""
    known = {(item.stage, item.amount.span): item for item in found}
    stages = [stage for stage in TARGETS if any(item.stage == stage for item in found)]
    spans = sorted({item.amount.span for item in found if item.amount.span})
    entries = {entry.stage: entry for entry in stated.labels.values()}
    rows: list[tuple[object, ...]] = []
    for span in spans:
        for stage in stages:
            item = known.get((stage, span))
            if item is None:
                unit = entries[stage].unit
                rows.append((span.start, str(span), stage, unit, np.nan, 0.0, np.inf, "missing", "", "", ""))
                continue
            count, labels = item.amount, listed(item.labels)
            definition = count.definition or "; ".join(
                dict.fromkeys(
                    e.definition for label in item.labels if (e := stated.entry(label)) and e.definition
                )
            )
            said = (count.value, count.low, count.high, count.state, definition, labels)
            rows.append((span.start, str(span), stage, item.unit, *said, places(count.places)))
    return pd.DataFrame(rows, columns=list(COLUMNS))

"""Faults that show in the course of a series: collapses, jumps, level shifts, and what befalls all forces."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.official.records import Cube, Records, cube_of
from victimsmodel.inputs.quality.anomalies import Run, find_collapses, find_jumps, usual_counts
from victimsmodel.inputs.quality.breaks import Floats, find_level_shifts, nanmedian
from victimsmodel.inputs.quality.cut_off import cut_off_findings
from victimsmodel.inputs.quality.findings import Finding
from victimsmodel.inputs.quality.negatives import large_negatives

_LOST_SHARE = 0.15  # of the subgroup's usual count; a smaller collapse changes a series less than missing it
_JUMP_SHARE = 0.1  # of the subgroup's count
_LARGE_JUMP = 100  # offences; below it a jump stands in the row of small ones
_COMMON = float(np.log(1.25))  # what all forces do at once, from the quarters around
_FEWEST_FORCES = 5  # with fewer there is no telling what all forces do


class Subgroups(NamedTuple):
    """Counts by subgroup, and the subgroup of each code and description."""

    codes: Cube
    subgroups: Cube
    parent: NDArray[np.int64]
    names: list[str]  # description of each code
    stated: NDArray[np.bool_]  # for each code: where the file has a row, be it a mark


def series_findings(records: Records, hidden: Records) -> list[Finding]:
    """Return the findings on the course of series by force and offence subgroup.

    Parameters
    ----------
    records : Records
        Rows with a count, of police force areas.
    hidden : Records
        Rows with a mark in place of the count, with the same categories.
    """
    found = _subgroups(records, hidden)
    torn, is_torn = cut_off_findings(found.codes, found.stated, records)
    for cube in (found.codes, found.subgroups):
        cube.counts[np.broadcast_to(is_torn[:, None], cube.counts.shape)] = np.nan
    usual = usual_counts(found.codes.counts)
    collapses, missing = _collapses(found, usual, records)
    subgroup_of = [found.subgroups.labels[i] for i in found.parent]
    negative = large_negatives(found.codes, found.names, subgroup_of, records)
    findings = [*torn, *negative, *collapses, *_jumps(found, usual, records)]
    cube = found.subgroups
    cube.counts[missing] = np.nan  # what is treated as missing makes no level shift
    if len(cube.forces) >= _FEWEST_FORCES:
        findings += _common_changes(cube, records)
    return findings + _level_shifts(cube, records)


def _subgroups(records: Records, hidden: Records) -> Subgroups:
    code, sub = records.offence_code, records.offence_subgroup
    use = code if len(code.categories) > 1 else records.offence
    key = sub.codes.astype(np.int64) * len(use.categories) + use.codes
    numbers, first = np.unique(key, return_index=True)
    label = pd.Categorical.from_codes(np.searchsorted(numbers, key), categories=pd.RangeIndex(len(numbers)))
    codes = cube_of(records, label)
    stated = codes.rows > 0
    key = hidden.offence_subgroup.codes.astype(np.int64) * len(use.categories)
    key += getattr(hidden, "offence_code" if use is code else "offence").codes
    known = np.isin(key, numbers) & (hidden.period >= codes.first)
    known &= hidden.period < codes.first + stated.shape[2]
    at = hidden.where(known)
    stated[at.force.codes, np.searchsorted(numbers, key[known]), at.period - codes.first] = True
    parent = np.asarray(numbers // len(use.categories))
    names = [str(name) for name in np.asarray(records.offence[first], dtype=object)]
    return Subgroups(codes, codes.summed(parent, tuple(sub.categories)), parent, names, stated)


def _collapses(found: Subgroups, usual: Floats, records: Records) -> tuple[list[Finding], NDArray[np.bool_]]:
    """Return collapses, and the cells of the subgroup cube that are to be treated as missing."""
    findings = []
    cube = found.subgroups
    missing = np.zeros(cube.counts.shape, dtype=bool)
    usual_subgroup = usual_counts(cube.counts)
    small: list[Run] = []
    runs: dict[tuple[int, int], list[Run]] = defaultdict(list)
    for run in find_collapses(found.codes.counts, usual):
        runs[run.force, int(found.parent[run.label])].append(run)
    whole = {(run.force, run.label): run for run in find_collapses(cube.counts, usual_subgroup)}
    for place in sorted({*runs, *whole}):
        parts = runs.get(place, [])
        force, sub = place
        span = _reach([*parts, *([whole[place]] if place in whole else [])])
        inside = (force, sub, slice(span[0], span[1] + 1))
        lost = sum(run.expected - run.observed for run in parts)
        observed = float(np.nansum(cube.counts[inside]))
        expected = observed + lost
        if place in whole:
            expected = max(expected, float(np.nansum(usual_subgroup[inside])))
        if 1 - observed / expected < _LOST_SHARE:
            small += parts
            continue
        missing[inside] = True
        names = [found.names[run.label] for run in parts] or ["all of it"]
        findings.append(_collapse(cube, records, place, span, names, (observed, expected)))
    if small:
        findings.append(_small_collapses(found, small, records))
    return findings, missing


def _reach(runs: list[Run]) -> tuple[int, int]:
    return min(run.start for run in runs), max(run.end for run in runs)


def _collapse(
    cube: Cube,
    records: Records,
    place: tuple[int, int],
    span: tuple[int, int],
    names: list[str],
    counts: tuple[float, float],
) -> Finding:
    observed, expected = counts
    period = records.span(cube.first + span[0], cube.first + span[1])
    detail = (
        f"{'; '.join(names)}: almost nothing is recorded in {period}, with ordinary counts before and "
        f"after; the subgroup has {observed:,.0f} where about {expected:,.0f} are usual."
    )
    rows = int(cube.rows[place[0], place[1], span[0] : span[1] + 1].sum())
    size = float(np.log(max(observed, 0.5) / expected))
    force, sub = cube.forces[place[0]], cube.labels[place[1]]
    return Finding("warning", "collapse", force, sub, period, rows, size, detail, "treated as missing")


def _small_collapses(found: Subgroups, runs: list[Run], records: Records) -> Finding:
    """Put the collapses that hardly change their subgroup into one row."""
    first = found.codes.first
    listed = "; ".join(
        f"{found.codes.forces[run.force]}, {found.names[run.label]}, "
        f"{records.span(first + run.start, first + run.end)}"
        for run in runs
    )
    start, end = _reach(runs)
    detail = f"{len(runs)} times an offence falls away and comes back, by under 15 % of its subgroup: "
    span = records.span(first + start, first + end)
    rows = sum(run.end - run.start + 1 for run in runs)
    return Finding("note", "collapse", "", "", span, rows, detail=f"{detail}{listed}.")


def _jumps(found: Subgroups, usual: Floats, records: Records) -> list[Finding]:
    """Return jumps that change their subgroup, one row each, and the others in one row."""
    findings: list[Finding] = []
    small = []
    cube, first = found.subgroups, found.codes.first
    for run in find_jumps(found.codes.counts, usual):
        inside = (run.force, int(found.parent[run.label]), slice(run.start, run.end + 1))
        total, excess = float(np.nansum(cube.counts[inside])), run.observed - run.expected
        period = records.span(first + run.start, first + run.end)
        force, name = cube.forces[run.force], found.names[run.label]
        if (
            total > 0
            and excess / total >= _JUMP_SHARE
            and excess >= _LARGE_JUMP
            and found.names.count(name) == 1
        ):
            detail = (
                f"{name}: {run.observed:,.0f} in {period} where about {run.expected:,.0f} are usual "
                f"({excess / total:.0%} of the subgroup)."
            )
            size = float(np.log(total / max(total - excess, 0.5)))
            rows = int(cube.rows[inside].sum())
            sub = cube.labels[int(found.parent[run.label])]
            findings.append(Finding("warning", "jump", force, sub, period, rows, size, detail))
        else:
            small.append(f"{force}, {name}, {period}")
    if small:
        detail = (
            f"{len(small)} times an offence jumps for up to a year, by under 100 or 10 % of its subgroup: "
        )
        shown = "; ".join(small[:10]) + ("; ..." if len(small) > 10 else "")
        findings.append(Finding("note", "jump", rows=len(small), detail=f"{detail}{shown}."))
    return findings


def common_course(cube: Cube) -> Floats:
    """Return what all forces do: the median of their logarithms, each less its own mean."""
    y = np.log(np.maximum(cube.counts, 0.0) + 0.5)
    return nanmedian(y - _nanmean(y)[:, :, None])


def _nanmean(y: Floats) -> Floats:
    n = (~np.isnan(y)).sum(axis=2)
    return np.where(n > 0, np.nansum(y, axis=2) / np.maximum(n, 1), np.nan)


def _common_changes(cube: Cube, records: Records) -> list[Finding]:
    """Find shifts of level, and single quarters, that most forces share."""
    course = common_course(cube).T  # (n_quarters, n_labels)
    big = np.nanmedian(np.nan_to_num(cube.counts), axis=(0, 2)) >= 20
    if not big.any():
        return []
    index = pd.PeriodIndex.from_ordinals(np.arange(len(course)) + cube.first, freq="Q-DEC")
    index_counts = pd.DataFrame(np.exp(course[:, big]) * 1e4, index=index, columns=np.array(cube.labels)[big])
    findings = []
    for quarter, part in find_level_shifts(index_counts).groupby("quarter", sort=True):
        listed = "; ".join(f"{row.series} {np.expm1(row.size):+.0%}" for row in part.itertuples())
        detail = (
            f"The level moves in most forces alike ({len(part)} of {int(big.sum())} subgroups): {listed}."
        )
        median = float(part["size"].median())
        n_rows = int(cube.rows[:, np.isin(cube.labels, part["series"]), quarter.ordinal - cube.first].sum())
        findings.append(Finding("warning", "common_shift", "", "", str(quarter), n_rows, median, detail))
    return findings + _common_quarters(course[:, big], cube, records)


def _common_quarters(course: Floats, cube: Cube, records: Records) -> list[Finding]:
    """Find quarters that differ from those around, season apart, in a third of all subgroups."""
    year_before = np.full_like(course, np.nan)
    year_before[4:] = course[4:] - course[:-4]
    usual = nanmedian(np.stack([_shifted(year_before, k) for k in (-4, -3, -2, -1, 1, 2, 3, 4)]))
    odd = year_before - usual
    share = np.nan_to_num((odd <= -_COMMON).mean(axis=1))
    findings = []
    for q in np.flatnonzero(share >= 1 / 3):
        fallen = odd[q] <= -_COMMON
        median = float(np.median(odd[q][fallen]))
        detail = (
            f"{int(fallen.sum())} of {len(fallen)} subgroups fall in most forces at once (typically by "
            f"{-np.expm1(median):.0%} against the year before): no fault of single forces."
        )
        rows = int(cube.rows[:, :, q].sum())
        findings.append(
            Finding(
                "note", "common_fall", "", "", records.period_name(int(cube.first + q)), rows, median, detail
            )
        )
    return findings


def _shifted(values: Floats, k: int) -> Floats:
    moved = np.full_like(values, np.nan)
    n = len(values)
    moved[max(0, -k) : min(n, n - k)] = values[max(0, k) : min(n, n + k)]
    return moved


def _level_shifts(cube: Cube, records: Records) -> list[Finding]:
    """Return level shifts of single forces, those of one force and date in one row."""
    shape = cube.counts.shape
    index = pd.PeriodIndex.from_ordinals(np.arange(shape[2]) + cube.first, freq="Q-DEC")
    flat = pd.DataFrame(cube.counts.reshape(-1, shape[2]).T, index=index)
    common = None
    if len(cube.forces) >= _FEWEST_FORCES:
        course = np.broadcast_to(common_course(cube), shape).reshape(-1, shape[2])
        common = pd.DataFrame(np.nan_to_num(course.T), index=index)
    shifts = find_level_shifts(flat, common)
    together: dict[tuple[int, int], list[tuple[str, float, int]]] = defaultdict(list)
    for series, quarter, size, length in zip(
        shifts["series"], shifts["quarter"], shifts["size"], shifts["quarters"], strict=True
    ):
        force, label = divmod(int(series), shape[1])
        together[force, quarter.ordinal - cube.first].append((cube.labels[label], size, length))
    return [_one_date(cube, records, force, q, found) for (force, q), found in sorted(together.items())]


def _one_date(
    cube: Cube, records: Records, force: int, q: int, found: list[tuple[str, float, int]]
) -> Finding:
    """Return the row of what moves in one force at one date; each item is a label, its size and quarters."""
    listed = "; ".join(
        f"{label} {np.expm1(size):+.0%}{' over a year' if length > 1 else ''}"
        for label, size, length in found
    )
    seen = q == 0 or cube.rows[:, :, q - 1].any()
    unseen = "" if seen else " (some time in the missing quarters before)"
    detail = f"The level moves against the other forces{unseen}: {listed}."
    labels = np.isin(cube.labels, [label for label, _, _ in found])
    return Finding(
        severity="warning",
        check="level_shift",
        force=cube.forces[force],
        offence=found[0][0] if len(found) == 1 else "",
        period=records.period_name(cube.first + q),
        rows=int(cube.rows[force, labels, q].sum()),
        size=float(np.median([size for _, size, _ in found])),
        detail=detail,
        action="level shift modelled",
    )

"""Counts that fall to almost nothing for some quarters and come back, or jump: faults of the record."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.inputs.quality.breaks import nanmedian
from victimsmodel.inputs.quality.findings import stretches

Floats = NDArray[np.float64]

_AROUND = 10  # quarters on either side that say what is usual
_COLLAPSED = float(np.log(0.2))  # of the usual share of the country
_BACK = float(np.log(0.6))  # a quarter above it is an ordinary one
_JUMPED = float(np.log(4.0))
_FEWEST = 15.0  # counts expected a quarter; fewer may be none by chance
_LOST = 60.0  # counts in all; fewer are no matter
_SAME_LEVEL = 0.4  # of the higher of the levels before and after
_LONGEST = 8  # quarters; a series that is away for longer is another series


class Run(NamedTuple):
    """Quarters of one series that are far from the usual."""

    force: int
    label: int
    start: int
    end: int  # last quarter
    observed: float
    expected: float


def usual_counts(cube: Floats) -> Floats:
    """Return what each force would usually count, given what the other forces count in that quarter.

    Parameters
    ----------
    cube : ndarray, shape (n_forces, n_labels, n_quarters)
        Counts, NaN where missing.

    Returns
    -------
    ndarray, same shape
        The counts of all other forces times the force's median ratio to them in the quarters around. What
        befalls all forces alike, a lockdown or a new code, is usual in this sense.
    """
    others = np.nansum(cube, axis=0) - np.nan_to_num(cube)
    ratio = np.where(np.isnan(cube) | (others < _FEWEST), np.nan, cube / np.maximum(others, 1.0))
    n = cube.shape[2]
    usual = np.full_like(cube, np.nan)
    enough = np.flatnonzero(
        (np.nan_to_num(cube) >= _FEWEST).any(axis=(0, 2))
    )  # of rare labels nothing is said
    by_quarter = np.ascontiguousarray(np.moveaxis(ratio[:, enough], 2, 0))
    for q in range(n):
        around = [i for i in range(max(0, q - _AROUND), min(n, q + _AROUND + 1)) if i != q]
        usual[:, enough, q] = nanmedian(by_quarter[around])
    return usual * others


def find_collapses(cube: Floats, usual: Floats) -> list[Run]:
    """Return runs of quarters below a fifth of the usual, with ordinary quarters before and after."""
    others = np.nansum(cube, axis=0) - np.nan_to_num(cube)
    with np.errstate(invalid="ignore"):
        low = (cube + 0.5 < np.exp(_COLLAPSED) * usual) & (usual >= _FEWEST)
        ordinary = cube >= np.exp(_BACK) * usual
    runs = []
    for f, label in np.argwhere(low.any(axis=2)):
        series, expected = cube[f, label], usual[f, label]
        for start, end in _runs(low[f, label], ordinary[f, label], ~np.isnan(series)):
            inside = slice(start, end + 1)
            run = Run(int(f), int(label), start, end, np.nansum(series[inside]), np.nansum(expected[inside]))
            came_back = _is_back(series / np.maximum(others[f, label], 1.0), start, end)
            if came_back and run.expected - run.observed >= _LOST:
                runs.append(run)
    return runs


def find_jumps(cube: Floats, usual: Floats) -> list[Run]:
    """Return runs of at most a year above four times the usual that come back or end the series."""
    with np.errstate(invalid="ignore"):
        high = (cube > np.exp(_JUMPED) * np.maximum(usual, 1.0)) & (cube - usual >= _LOST)
    runs = []
    for f, label in np.argwhere(high.any(axis=2)):
        observed = np.flatnonzero(~np.isnan(cube[f, label]))
        for start, end in stretches(high[f, label][observed]):
            before, after = observed[:start], observed[end + 1 :]
            first, last = int(observed[start]), int(observed[end])
            if end - start < 4 and len(before) >= 4 and (len(after) >= 2 or end == len(observed) - 1):
                inside = slice(first, last + 1)
                sums = np.nansum(cube[f, label, inside]), np.nansum(usual[f, label, inside])
                runs.append(Run(int(f), int(label), first, last, *sums))
    return runs


def _is_back(relative: Floats, start: int, end: int) -> bool:
    """Say whether a series is after a run about what it was before, beside the others; else it ended."""
    before = relative[:start][~np.isnan(relative[:start])][-4:]
    after = relative[end + 1 :][~np.isnan(relative[end + 1 :])][:4]
    levels = sorted([float(np.median(before)), float(np.median(after))])
    return levels[0] >= _SAME_LEVEL * levels[1]


def _runs(low: NDArray[Any], ordinary: NDArray[Any], seen: NDArray[Any]) -> list[tuple[int, int]]:
    """Join low quarters with those beside them that are not ordinary either; both ends must be seen."""
    quarters = np.flatnonzero(seen)
    found = []
    for start, end in stretches(~ordinary[quarters]):
        part = low[quarters[start : end + 1]]
        if not part.any() or part.mean() < 0.5 or end - start >= _LONGEST:
            continue
        before, after = ordinary[quarters[max(0, start - 2) : start]], ordinary[quarters[end + 1 : end + 3]]
        if len(before) == 2 and len(after) == 2 and before.all() and after.all():
            found.append((int(quarters[start]), int(quarters[end])))
    return found

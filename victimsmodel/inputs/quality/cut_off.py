"""Quarters in which a force lacks codes that it always has: a download that was cut off, or lost rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.inputs.official.records import Cube, Records
from victimsmodel.inputs.quality.findings import Finding, stretches

_AROUND = 4  # quarters in all of which a usual code has rows
_FEWEST = 15.0  # offences usual a quarter; fewer may be none by chance
_SEVERAL = 3  # codes, where zeros are not stated: a single one may have fallen to nothing
_CLEARLY_FEWER = 0.75  # of the usual codes
_ZEROS = 0.05  # of a force's rows, from which on the file is one that states zeros
_APRIL = 1  # position among calendar quarters of the one in which codes come and go
_MOST = 0.5  # of the forces that had a code
_NEW_LIST = 0.6  # of a force's codes; a new list of codes has taken away less (in April 2013 24 %)

Flags = NDArray[np.bool_]


class _Codes(NamedTuple):
    """Arrays of shape (n_forces, n_codes, n_quarters)."""

    is_usual: Flags  # has rows in all of the four quarters before, or after at the start of the file
    counts: NDArray[np.float64]  # mean of those quarters
    is_lost: Flags


def cut_off_findings(cube: Cube, stated: Flags, records: Records) -> tuple[list[Finding], Flags]:
    """Find quarters with clearly fewer codes than are usual for the force.

    Parameters
    ----------
    cube : Cube
        Counts by force, code and quarter.
    stated : ndarray of bool, shape of the counts
        Where the file has a row, be it a mark in place of a count.
    records : Records
        For the names of quarters.

    Returns
    -------
    list of Finding
        One for each force and stretch of quarters: an error, treated as missing.
    ndarray of bool, shape (n_forces, n_quarters)
        The quarters of these findings.

    Notes
    -----
    Where a force states zeros, a usual code without row is a lost row, and goes on being one until it comes
    back; where it does not, only codes count that are hardly ever zero, and three of them. Codes that most
    forces lose together in April are no longer counted.
    """
    codes = _codes(cube, stated)
    n_usual, n_lost = codes.is_usual.sum(axis=1), codes.is_lost.sum(axis=1)
    lost = np.where(codes.is_lost, codes.counts, 0.0).sum(axis=1)
    is_many = (lost >= _FEWEST) & (n_lost >= np.where(_states_zeros(cube, stated), 1, _SEVERAL)[:, None])
    flagged = (n_lost > 0) & (is_many | (n_usual - n_lost < _CLEARLY_FEWER * n_usual))
    findings = []
    for f, force in enumerate(cube.forces):
        quarters = np.flatnonzero(stated[f].any(axis=0))
        for start, end in stretches(flagged[f]):
            worst = start + int(np.argmax(lost[f, start : end + 1]))
            is_last = end == quarters[-1] and start == end
            which = "The last quarter" if is_last else records.period_name(cube.first + worst)
            n = int(n_usual[f, worst])
            left = n - int(n_lost[f, worst])
            detail = (
                f"{which} has {left} of about {n} codes that are usual for {force}; the others usually count "
                f"about {lost[f, worst]:,.0f} offences. The file was probably cut off, or has lost rows."
            )
            span = records.span(cube.first + start, cube.first + end)
            rows = int(cube.rows[f, :, start : end + 1].sum())
            size = float(np.log(max(left, 0.5) / n))
            action = "treated as missing"
            findings.append(Finding("error", "cut_off", force, "", span, rows, size, detail, action))
    return findings, flagged


def _codes(cube: Cube, stated: Flags) -> _Codes:
    seen: Flags = np.asarray(stated.any(axis=1))  # (n_forces, n_quarters)
    is_usual, counts = _usual(np.nan_to_num(cube.counts), stated, seen)
    has_zeros = _states_zeros(cube, stated)[:, None]
    is_lost = np.zeros_like(stated)
    held = np.zeros(stated.shape[:2], dtype=bool)  # lost in the quarter before
    held_counts = np.zeros(stated.shape[:2])
    for q in range(stated.shape[2]):
        absent = seen[:, q, None] & ~stated[:, :, q]
        gone = absent & is_usual[:, :, q]
        new = gone & (has_zeros | (counts[:, :, q] >= _FEWEST))
        if (cube.first + q) % 4 == _APRIL:
            new &= ~_no_longer_counted(gone, is_usual[:, :, q])
        still = absent & held & has_zeros
        counts[:, :, q] = np.where(still, held_counts, counts[:, :, q])
        is_usual[:, :, q] |= still
        is_lost[:, :, q] = new | still
        held = np.where(seen[:, q, None], is_lost[:, :, q], held)
        held_counts = np.where(is_lost[:, :, q], counts[:, :, q], held_counts)
    return _Codes(is_usual, counts, is_lost)


def _states_zeros(cube: Cube, stated: Flags) -> Flags:
    """Say of each force whether the file has a row where nothing was recorded."""
    n_rows = np.maximum(stated.sum(axis=(1, 2)), 1)
    return np.asarray((cube.counts == 0).sum(axis=(1, 2)) >= _ZEROS * n_rows)


def _usual(counts: NDArray[np.float64], stated: Flags, seen: Flags) -> tuple[Flags, NDArray[np.float64]]:
    """Return which codes have rows in all quarters around each, and the mean of their counts there."""
    is_usual, means = np.zeros_like(stated), np.zeros(stated.shape)
    for pattern in np.unique(seen, axis=0):  # most forces have the same quarters
        own = np.flatnonzero((seen == pattern).all(axis=1))
        quarters = np.flatnonzero(pattern)
        t = np.arange(len(quarters))
        first = np.where(t > 1, np.maximum(t - _AROUND, 0), np.minimum(t + 1, len(t)))
        end = np.where(t > 1, t, np.minimum(t + 1 + _AROUND, len(t)))
        place = np.ix_(own, np.arange(stated.shape[1]), quarters)
        n_rows, sums = (_sums_between(part[place], first, end) for part in (stated, counts))
        is_usual[place] = (n_rows == end - first) & (end > first)
        means[place] = sums / np.maximum(end - first, 1)
    return is_usual, means


def _sums_between(part: NDArray[Any], first: NDArray[np.intp], end: NDArray[np.intp]) -> NDArray[Any]:
    """Add up quarters from each first one to before each end."""
    sums = np.concatenate([np.zeros((*part.shape[:2], 1)), np.cumsum(part, axis=2)], axis=2)
    return np.asarray(sums[:, :, end] - sums[:, :, first])


def _no_longer_counted(gone: Flags, is_usual: Flags) -> Flags:
    """Say which codes of which force most forces lose together, unless the force loses too many."""
    by_most = gone.sum(axis=0) > _MOST * is_usual.sum(axis=0)
    kept = 1 - gone.sum(axis=1) / np.maximum(is_usual.sum(axis=1), 1)
    return np.asarray(by_most & (kept >= _NEW_LIST)[:, None])

"""Segmented regression: what is asked of a series that was interrupted, and its design matrix."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from victimsmodel.errors import InputError, Problem
from victimsmodel.monitoring.asked import Asked
from victimsmodel.monitoring.counted import Floats

Effect = Literal["level", "slope", "level_and_slope"]
Errors = Literal["small_sample", "newey_west", "dispersion", "ar1"]


class Segments(Asked):
    """How a series may change, and what its errors are like.

    ``newey_west`` allows for autocorrelation and over-dispersion with errors times n / (n - k);
    ``small_sample`` does so with leverage and wider critical values, for short series; ``dispersion``
    allows for over-dispersion only; ``ar1`` (shares and values on a straight scale) for errors that
    follow the last one.
    """

    called: ClassVar[str] = "segments"

    effect: Effect = "level_and_slope"
    trend: bool = True
    season: Literal["none", "periods", "fourier"] = "none"
    periods_per_year: int = Field(default=4, ge=2, le=12)  # 4 quarters or 12 months
    harmonics: int = Field(default=1, ge=1, le=6)  # pairs of sine and cosine, for fourier
    first_period: int = Field(default=1, ge=1, le=12)  # place of the first row within its year
    errors: Errors = "small_sample"
    lags: int | None = Field(default=None, ge=0)  # of Newey-West
    transition: int = Field(default=0, ge=0)  # periods from the change on that are left out


class Design(NamedTuple):
    """Columns of a segmented regression."""

    names: tuple[str, ...]
    factual: Floats  # (n_periods, n_terms)
    counterfactual: Floats  # the same, as if nothing had been changed
    is_after: np.ndarray[tuple[int], np.dtype[np.bool_]]  # (n_periods,)
    is_used: np.ndarray[tuple[int], np.dtype[np.bool_]]  # periods of transition are not


def default_lags(n_periods: int) -> int:
    """Return how many lags Newey-West takes: the whole part of 4 (n / 100)^(2/9).

    References
    ----------
    Newey and West (1994), Review of Economic Studies 61, 631-653, as it is commonly simplified.
    """
    return int(np.floor(4 * (n_periods / 100) ** (2 / 9)))


def design(n_periods: int, change: int, segments: Segments, where: str) -> Design:
    """Return the columns for `n_periods` periods, of which those from `change` on are after.

    The level changes at the first period after the transition, where the change of slope is still 0.

    Raises
    ------
    InputError
        If a side has too few periods for what is asked (VM157).
    """
    start = change + segments.transition
    time = np.arange(n_periods, dtype=np.float64)
    after = time >= start
    columns = {"level": np.ones(n_periods)}
    if segments.trend:
        columns["trend"] = time - change
    columns.update(_season(n_periods, segments))
    has_level, has_slope = segments.effect != "slope", segments.effect != "level"
    changed = {}
    if has_level:
        changed["level change"] = after * 1.0
    if has_slope:
        changed["slope change"] = np.where(after, time - start + (not has_level), 0.0)
    _refuse_short(change, n_periods - start, len(columns) + len(changed), segments, where)
    names = (*columns, *changed)
    factual = np.stack([*columns.values(), *changed.values()], axis=-1)
    counterfactual = factual.copy()
    counterfactual[:, len(columns) :] = 0
    return Design(names, factual, counterfactual, after, (time < change) | after)


def _season(n_periods: int, segments: Segments) -> dict[str, Floats]:
    year = segments.periods_per_year
    place = (np.arange(n_periods) + segments.first_period - 1) % year  # 0 for the first of a year
    if segments.season == "periods":
        return {f"period {k + 1}": (place == k) * 1.0 for k in range(1, year)}
    found: dict[str, Floats] = {}
    if segments.season == "fourier":
        for k in range(1, segments.harmonics + 1):
            angle = 2 * np.pi * k * (place + 1) / year
            found[f"sine {k}"] = np.sin(angle)
            if 2 * k < year:
                found[f"cosine {k}"] = np.cos(angle)
            else:  # the fastest wave that a year can hold has one part only
                found[f"sine {k}"] = np.cos(angle)
                break
    return found


def _refuse_short(before: int, after: int, n_terms: int, segments: Segments, where: str) -> None:
    need_before = 3 if segments.trend else 2
    need_after = 2 if segments.effect == "level" else 3
    problems = []
    for name, found, need in (("before", before, need_before), ("after", after, need_after)):
        if found < need:
            allowed = f"has {found} periods {name} the change; must have at least {need}"
            problems.append(Problem(where, "", "", allowed, "VM157"))
    if not problems and before + after < n_terms + 3:
        allowed = f"has {before + after} periods for {n_terms} terms; must have at least {n_terms + 3}"
        hint = "Leave out seasons or the change of slope."
        problems.append(Problem(where, "", "", allowed, "VM157", hint))
    if problems:
        raise InputError(problems)

"""Recorded offences by quarter and by year, sorted as a scenario counts them; what is not known stays so."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.classification import (
    CRIME_TYPES,
    PEOPLE,
    absent_subgroups,
    classify,
    names_of,
    scenario_names,
)
from victimsmodel.errors import input_error

if TYPE_CHECKING:
    from victimsmodel.inputs.crime import CrimeData

_OTHERS = ("business", "society")
_NAMED = ("force", "victim", "name")
_MISSING = "treated as missing"
_PSEUDO_FORCE = "pseudo_force"
_QUARTERS = 4


def quarterly_counts(crime: CrimeData) -> pd.DataFrame:
    """Return offences against people by force, crime type and quarter.

    Negative counts stay in the sums: they correct earlier quarters. Pseudo-forces are left out. A quarter
    that has no rows, or that the quality table treats as missing, is NaN for the crime types concerned.
    Fraud has no series: it has been recorded nationally since 2013.

    Parameters
    ----------
    crime : CrimeData
        A table by quarter.

    Returns
    -------
    DataFrame
        Columns force, crime_type, quarter, offences (float); every force and crime type has every
        quarter from the first to the last of the file.
    """
    offences = _quarterly(crime)
    pseudo = crime.quality.loc[crime.quality["check"] == _PSEUDO_FORCE, "force"]
    offences = offences[~offences["force"].isin(pseudo)]
    counts = _counted(offences, crime.quality, _all_quarters(offences))
    counts = counts[counts["victim"] == PEOPLE].drop(columns="victim").rename(columns={"name": "crime_type"})
    return counts.reset_index(drop=True)


def force_counts(crime: CrimeData, force: str) -> pd.DataFrame:
    """Return all offences of one force by quarter, sorted as a scenario states them.

    Parameters
    ----------
    crime : CrimeData
        A table by quarter.
    force : str

    Returns
    -------
    DataFrame
        Index quarter, every one from the first to the last of the file; columns (victim, name): "people"
        by crime type, then "business" and "society" by subgroup in lower case with underscores. NaN where
        not known: no rows of the force (of the crime type, for people), or treated as missing.
    """
    offences = _quarterly(crime)
    own = offences[offences["force"] == force]
    counts = _counted(own, crime.quality, _all_quarters(offences))
    wide = counts.pivot(index="quarter", columns=["victim", "name"], values="offences")
    order = {name: i for i, name in enumerate((PEOPLE, *CRIME_TYPES, *_OTHERS))}
    return wide.sort_index(axis=1, key=lambda x: x.map(order).fillna(len(order)), kind="stable")


def year_counts(crime: CrimeData, force: str, first: pd.Period) -> pd.DataFrame:
    """Return one force's recorded crime of four quarters, sorted as a scenario states it.

    Parameters
    ----------
    crime : CrimeData
        A table by quarter.
    force : str
    first : Period
        First of the four quarters, such as 2017Q2 for the financial year 2017/18.

    Returns
    -------
    DataFrame
        Columns victim ("people", "business", "society"), name (crime type for people, otherwise the subgroup
        in lower case with underscores), offences. Together they are all offences of the force.

    Raises
    ------
    InputError
        With code VM086 if a quarter is not known, or part of it is treated as missing.
    """
    quarters = pd.period_range(first, periods=_QUARTERS, freq="Q-DEC")
    counts = force_counts(crime, force).reindex(quarters)
    unknown = counts.isna()
    if unknown.to_numpy().any() or counts.empty:
        names = [] if unknown.all(axis=1).any() else counts.columns[unknown.any()].map(": ".join)
        allowed = f"must have the four quarters from {first}"
        allowed += f"; not known: {', '.join(names)}" if len(names) else ""
        raise input_error(crime.source, allowed, "VM086", field="force", value=force)
    sums = counts.sum().astype(np.int64).rename("offences").reset_index()
    return sums[sums["offences"] != 0].reset_index(drop=True)


def require_every_subgroup(crime: CrimeData) -> None:
    """Refuse a table that lacks whole subgroups: an extract, or a download that was cut off.

    Raises
    ------
    InputError
        With code VM165, naming the subgroups.
    """
    absent = absent_subgroups([*crime.offences["offence_subgroup"].unique(), *crime.quality["offence"]])
    if absent:
        allowed = f"lacks the offence subgroups {', '.join(absent)}; the whole table is needed"
        raise input_error(crime.source, allowed, "VM165", field="Offence Subgroup")


def _quarterly(crime: CrimeData) -> pd.DataFrame:
    if "quarter" not in crime.offences:
        allowed = "must be a table by quarter (this one is by year)"
        raise input_error(crime.source, allowed, "VM086", field="quarter")
    return crime.offences


def _all_quarters(offences: pd.DataFrame) -> pd.PeriodIndex:
    return pd.period_range(offences["quarter"].min(), offences["quarter"].max(), freq="Q-DEC")


def _counted(offences: pd.DataFrame, quality: pd.DataFrame, quarters: pd.PeriodIndex) -> pd.DataFrame:
    """Return counts by force, victim, name and quarter: NaN where they are not known.

    Nothing recorded of one subgroup against businesses or society is no offence; a crime type without rows
    is not known, and so is all that a finding treats as missing, were there no row of it in the file.
    """
    names = scenario_names(classify(offences), offences)
    rows = pd.concat([offences[["force", "quarter", "offences"]], names], axis=1)
    sums = rows.groupby([*_NAMED, "quarter"], observed=True)["offences"].sum().astype(np.float64)
    named = set(zip(rows["victim"], rows["name"], strict=True))
    forces = sorted(rows["force"].unique())
    for finding in _missing_findings(quality, forces):
        named |= names_of(str(finding.offence)) if finding.offence else set()
    keys = [(force, *name) for force in forces for name in sorted(named)]
    keys.sort(key=lambda key: (key[0], CRIME_TYPES.index(key[2]) if key[1] == PEOPLE else len(CRIME_TYPES)))
    wide = sums.unstack("quarter").reindex(pd.MultiIndex.from_tuples(keys, names=_NAMED), columns=quarters)
    has_rows = wide.notna().groupby("force").transform("any")
    others = wide.index.get_level_values("victim") != PEOPLE
    wide = wide.mask(wide.isna() & has_rows & others[:, None], 0.0)
    counts = wide.index.repeat(len(quarters)).to_frame(index=False)
    counts["quarter"] = quarters[np.tile(np.arange(len(quarters)), len(wide))]
    counts["offences"] = wide.to_numpy().ravel()
    counts.loc[_treated_as_missing(counts, quality), "offences"] = np.nan
    return counts


def _missing_findings(quality: pd.DataFrame, forces: Collection[str]) -> Iterator[Any]:
    own = quality["force"].isin(["", *forces])
    yield from quality[(quality["action"] == _MISSING) & own].itertuples()


def _treated_as_missing(counts: pd.DataFrame, quality: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which counts a finding of the quality table declares missing."""
    missing = np.zeros(len(counts), dtype=bool)
    names = pd.MultiIndex.from_frame(counts[["victim", "name"]])
    for finding in _missing_findings(quality, counts["force"].unique()):
        rows = np.ones(len(counts), dtype=bool)
        if finding.offence:
            rows &= names.isin(list(names_of(str(finding.offence))))
        if finding.force:
            rows &= (counts["force"] == finding.force).to_numpy()
        if finding.period:
            first, *rest = (pd.Period(part.strip(), freq="Q-DEC") for part in str(finding.period).split("-"))
            rows &= counts["quarter"].between(first, rest[-1] if rest else first).to_numpy()
        missing |= rows
    return missing

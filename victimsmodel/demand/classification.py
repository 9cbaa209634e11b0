"""Which recorded offences have a person as victim, and of which crime type they are."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from victimsmodel.errors import InputError, Problem, input_error

if TYPE_CHECKING:
    from victimsmodel.inputs.crime import CrimeData

#: Crime types that offences are sorted into, in the order in which they are shown.
CRIME_TYPES = (
    "violence",
    "sexual_offences",
    "robbery",
    "domestic_burglary",
    "vehicle_and_other_theft",
    "criminal_damage",
    "public_order_and_hate",
    "fraud_and_other",
)

#: Tables that name offences without subgroups: by Community Safety Partnership, and street by street.
ONS_TABLE = "ONS table C2"
STREET_TABLE = "data.police.uk"

_TABLE = "offence_classes.csv"
_HOME_OFFICE = "Home Office open data"
_KEYS = ("offence_subgroup", "offence", "offence_code")
_MISSING = "treated as missing"
_PSEUDO_FORCE = "pseudo_force"
_QUARTERS = 4
_MOST_SHOWN = 20  # names in one error


@cache
def _read_classes() -> pd.DataFrame:
    with files("victimsmodel.demand").joinpath(_TABLE).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, dtype=str, keep_default_na=False)


def offence_classes() -> pd.DataFrame:
    """Return the table behind the classification.

    Returns
    -------
    DataFrame
        Columns table, offence_group, offence_subgroup, offence_code ("" for the whole subgroup), crime_type
        ("" where it is counted in none), victim ("person", "business", "society", "mixed", or "total" for
        a row that sums others), reason.
    """
    return _read_classes().copy()


def classify(offences: pd.DataFrame, table: str = "") -> pd.DataFrame:
    """Return crime type and kind of victim of every row.

    Parameters
    ----------
    offences : DataFrame
        Columns offence_subgroup and offence_code, or offence alone where a table names no subgroups.
    table : str
        Which table names no subgroups: ``ONS_TABLE`` or ``STREET_TABLE``; if empty, the former where there
        is a column year_ending.

    Returns
    -------
    DataFrame
        Columns crime_type and victim, on the index of `offences`. A code that the table names goes
        before its subgroup; a code that it does not name is classed as its subgroup.

    Raises
    ------
    InputError
        With code VM085, naming every subgroup or offence that the table does not hold.
    """
    columns = [name for name in _KEYS if name in offences]
    numbers = offences.groupby(columns, sort=False, dropna=False, observed=True).ngroup()
    keys = offences.loc[~numbers.duplicated(), columns].astype(object)
    keys = keys.where(keys.notna(), "").astype(str)
    other_table = table or (ONS_TABLE if "year_ending" in offences else STREET_TABLE)
    looked_up = [_look_up(row._asdict(), other_table) for row in keys.itertuples(index=False)]
    found = [_class_of(*key) for key in looked_up]
    unknown = {key for key, one in zip(looked_up, found, strict=True) if one is None}
    if unknown:
        raise InputError(
            Problem(
                "offences", "offence", f"{name} {code}".strip(), f"is not in {_TABLE} ({source})", "VM085"
            )
            for source, name, code in sorted(unknown)[:_MOST_SHOWN]
        )
    classes = pd.DataFrame(found, columns=["crime_type", "victim"], dtype=object)
    return classes.take(numbers.to_numpy()).set_axis(offences.index)


def _look_up(row: dict[str, str], other_table: str) -> tuple[str, str, str]:
    """Return table, name and code by which a row is looked up."""
    subgroup, offence, code = (row.get(column, "").strip() for column in _KEYS)
    if not subgroup:
        return other_table, offence, ""
    # Readers put the one name that table C2 gives an offence into the subgroup too.
    only_ons = not code and _class_of(_HOME_OFFICE, subgroup, code) is None
    known_to_ons = _class_of(ONS_TABLE, subgroup, "") is not None
    return (ONS_TABLE if only_ons and known_to_ons else _HOME_OFFICE), subgroup, code


@cache
def _by_key() -> dict[tuple[str, str, str], tuple[str, str]]:
    rows = _read_classes().itertuples(index=False)
    return {
        (row.table, row.offence_subgroup.casefold(), row.offence_code): (row.crime_type, row.victim)
        for row in rows
    }


def _class_of(table: str, name: str, code: str) -> tuple[str, str] | None:
    """Return crime type and victim; None for a name that the table does not hold."""
    whole = _by_key().get((table, name.casefold(), ""))
    return _by_key().get((table, name.casefold(), code), whole)


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
    offences = crime.offences
    if "quarter" not in offences:
        allowed = "must be a table by quarter (this one is by year)"
        raise input_error(crime.source, allowed, "VM086", field="quarter")
    pseudo = crime.quality.loc[crime.quality["check"] == _PSEUDO_FORCE, "force"]
    offences = offences[~offences["force"].isin(pseudo)]
    crime_type = classify(offences)["crime_type"]
    counted = offences.assign(crime_type=crime_type)[crime_type != ""]
    sums = counted.groupby(["force", "crime_type", "quarter"], observed=True)["offences"].sum()
    quarters = pd.period_range(offences["quarter"].min(), offences["quarter"].max(), freq="Q-DEC")
    found = set(counted["crime_type"].unique())
    types = [name for name in CRIME_TYPES if name in found]
    axes = [sorted(offences["force"].unique()), types, quarters]
    index = pd.MultiIndex.from_product(axes, names=["force", "crime_type", "quarter"])
    counts = sums.astype(np.float64).reindex(index).reset_index()
    counts.loc[_treated_as_missing(counts, crime.quality), "offences"] = np.nan
    return counts


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
        With code VM086 if a quarter is not in the file.
    """
    rows = crime.offences
    rows = rows[(rows["force"] == force) & rows["quarter"].between(first, first + 3)]
    if rows["quarter"].nunique() != _QUARTERS:
        allowed = f"must have the four quarters from {first}"
        raise input_error(crime.source, allowed, "VM086", field="force", value=force)
    found = classify(rows)
    counted = found["crime_type"] != ""
    slug = rows["offence_subgroup"].str.lower().str.replace(r"[^a-z0-9]+", "_", regex=True).str.strip("_")
    victim = found["victim"].where(found["victim"] == "society", "business").where(~counted, "people")
    named = pd.DataFrame(
        {"victim": victim, "name": found["crime_type"].where(counted, slug), "offences": rows["offences"]}
    )
    sums = named.groupby(["victim", "name"], as_index=False)["offences"].sum()
    order = {name: i for i, name in enumerate(("people", *CRIME_TYPES, "business", "society"))}
    return sums.sort_values(
        ["victim", "name"], key=lambda x: x.map(order).fillna(len(order)), kind="stable", ignore_index=True
    )


def _treated_as_missing(counts: pd.DataFrame, quality: pd.DataFrame) -> pd.Series:
    """Say which counts a finding of the quality table declares missing."""
    missing = pd.Series(False, index=counts.index)
    for finding in quality[quality["action"] == _MISSING].itertuples():
        rows = counts["crime_type"].isin(_types_of(str(finding.offence)))
        if finding.force:
            rows &= counts["force"] == finding.force
        if finding.period:
            first, *rest = (pd.Period(part.strip(), freq="Q-DEC") for part in str(finding.period).split("-"))
            rows &= counts["quarter"].between(first, rest[-1] if rest else first)
        missing |= rows
    return missing


def _types_of(offence: str) -> frozenset[str]:
    """Return the crime types that an offence group or subgroup belongs to; all of them for ""."""
    classes = _read_classes()
    home_office = classes[classes["table"] == _HOME_OFFICE]
    if not offence:
        return frozenset(CRIME_TYPES)
    named = home_office["offence_group"].eq(offence) | home_office["offence_subgroup"].eq(offence)
    if not named.any():
        raise input_error("quality", f"is not in {_TABLE}", "VM085", field="offence", value=offence)
    return frozenset(home_office.loc[named, "crime_type"]) - {""}

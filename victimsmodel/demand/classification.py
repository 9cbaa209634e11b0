"""Which recorded offences have a person as victim, and of which crime type they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import pandas as pd

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.downloads.cells import spelt_alike

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
#: What a scenario counts by crime type; everything else it counts by subgroup.
PEOPLE = "people"
#: Fraud is recorded nationally, a label has gone out of use, and the others have years without any.
_MAY_BE_ABSENT = frozenset(
    [
        *("Fraud offences", "Miscellaneous crimes", "Homicide"),
        "Death or serious injury - unlawful driving",
    ]
)
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
        (row.table, spelt_alike(row.offence_subgroup), row.offence_code): (row.crime_type, row.victim)
        for row in rows
    }


def _class_of(table: str, name: str, code: str) -> tuple[str, str] | None:
    """Return crime type and victim; None for a name that the table does not hold."""
    alike = spelt_alike(name)
    return _by_key().get((table, alike, code), _by_key().get((table, alike, "")))


def scenario_names(classes: pd.DataFrame, offences: pd.DataFrame) -> pd.DataFrame:
    """Return for whom and under which name a scenario counts each row.

    Parameters
    ----------
    classes : DataFrame
        From `classify`.
    offences : DataFrame
        Column offence_subgroup; the same rows.

    Returns
    -------
    DataFrame
        Columns victim ("people", "business", "society") and name: the crime type for people, otherwise the
        subgroup in lower case with underscores.
    """
    of_people = classes["crime_type"] != ""
    victim = classes["victim"].where(classes["victim"] == "society", "business").where(~of_people, PEOPLE)
    subgroup = offences["offence_subgroup"]
    slug = subgroup.map({name: _slug(name) for name in subgroup.unique()})
    return pd.DataFrame({"victim": victim, "name": classes["crime_type"].where(of_people, slug)})


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


@cache
def names_of(offence: str) -> frozenset[tuple[str, str]]:
    """Return for whom and under which names an offence group or subgroup is counted.

    Raises
    ------
    InputError
        With code VM085 if there is no such group or subgroup.
    """
    classes = _read_classes()
    classes = classes[classes["table"] == _HOME_OFFICE]
    alike = classes[["offence_group", "offence_subgroup"]].map(spelt_alike)
    own = classes[alike.eq(spelt_alike(offence)).any(axis=1)]
    if own.empty:
        raise input_error("quality", f"is not in {_TABLE}", "VM085", field="offence", value=offence)
    return frozenset(scenario_names(own, own).itertuples(index=False, name=None))


def absent_subgroups(found: Iterable[str]) -> list[str]:
    """Return the Home Office's subgroups that a whole table has and this one lacks.

    Rare and old ones may be absent.
    """
    classes = _read_classes()
    classes = classes[(classes["table"] == _HOME_OFFICE) & ~classes["offence_group"].isin(_MAY_BE_ABSENT)]
    known = {spelt_alike(name) for name in found}
    names = [name for name in classes["offence_subgroup"].unique() if name not in _MAY_BE_ABSENT]
    return [name for name in names if spelt_alike(name) not in known]

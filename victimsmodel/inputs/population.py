"""Residents and deprivation of local authorities, and residents of police force areas."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.downloads.cells import count_of, decimal_of, name_of
from victimsmodel.inputs.downloads.layouts import AREA_LOOKUP, DEPRIVATION, POPULATION, POPULATION_MYE2
from victimsmodel.inputs.downloads.sheets import OfficialTable, read_official
from victimsmodel.inputs.official.forces import force_of, official_force
from victimsmodel.inputs.quality.findings import Finding, as_table

_WIDER = re.compile(r"(?:[EWSN]92|K0\d|E1[0-3])\d{6}")
_LOCAL_AUTHORITY = re.compile(r"(E0[6789]|W06|S12|N09)\d{6}")


_log = logging.getLogger(__name__)
#: Unitary authorities of April 2021, which tables in 2021 boundaries have without a police force area.
_MADE_IN_2021 = {"E06000061": "Northamptonshire", "E06000062": "Northamptonshire"}
_OWN_TABLE = Path(__file__).with_name("force_population.csv")  # mid-2020, by tools/force_population.py
_OWN_SOURCE = "population_2020"


class Population(NamedTuple):
    """Residents by local authority and year, and what is wrong with the file.

    ``population``: la_code, la_name, year, population (int64), pfa_code, force (official name; empty where
    the file does not say). ``quality``: one row a finding, as of recorded crime.
    """

    population: pd.DataFrame
    quality: pd.DataFrame
    source: str


class Residents(NamedTuple):
    """Residents of a police force area."""

    residents: int
    year: int
    source: str  # a key of sources.yaml, or the name of the file


def load_population(path: str | Path, year: int | None = None) -> Population:
    """Load ONS mid-year population estimates by local authority.

    Parameters
    ----------
    path : path
        Tidy form (la_code, la_name, year, population and, if known, pfa_code, pfa_name), or sheet "MYE2" as
        published (Code, Name, Geography, All ages), of which only local authorities are kept.
    year : int, optional
        Of sheet MYE2, which has it in the title only.

    Returns
    -------
    Population

    Raises
    ------
    InputError
        If the file has another layout, a number is no number, or an area has two numbers for a year.
    """
    table = read_official(path, (POPULATION, POPULATION_MYE2))
    columns: dict[str, Any] = {name: _texts(table, name) for name in ("la_code", "la_name")}
    if table.layout is POPULATION:
        _refuse_totals(table)
    if table.layout is POPULATION_MYE2:
        if year is None:
            hint = "Give the year of the title, as in load_population(path, year=2020)."
            raise input_error(str(path), "does not say its year in a column", "VM078", hint=hint)
        columns["year"] = np.full(len(columns["la_code"]), year, dtype=np.int64)
    else:
        columns["year"] = _numbers(table, "year", _year).astype(np.int64)
    columns["population"] = _numbers(table, "population", _residents).astype(np.int64)
    for name in ("pfa_code", "force"):
        is_there = name in table.columns
        columns[name] = _texts(table, name) if is_there else np.full(len(columns["la_code"]), "", object)
    found = pd.DataFrame(columns)
    if table.layout is POPULATION_MYE2:
        found = found[found["la_code"].str.fullmatch(_LOCAL_AUTHORITY.pattern)].reset_index(drop=True)
    repeated = found[found.duplicated(["la_code", "year"])]
    if len(repeated):
        first = repeated.iloc[0]
        allowed = f"has {len(repeated)} rows that repeat an area and year, first {first.la_name} {first.year}"
        raise input_error(str(path), allowed, "VM077")
    found["force"] = [official_force(name) or name for name in found["force"]]
    found = found.astype(dict.fromkeys(("la_code", "la_name", "pfa_code", "force"), "str"))
    findings = [
        Finding("note", remark.check, rows=remark.rows, detail=remark.detail, action=remark.action)
        for remark in table.remarks
    ]
    found, without = _with_forces(found)
    return Population(found, as_table([*findings, *without]), Path(path).name)


def _with_forces(found: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Find areas that have no police force area although others have; fill in those that are known."""
    without = found["force"] == ""
    if without.all() or not without.any():
        return found, []
    findings = []
    known = without & found["la_code"].isin(list(_MADE_IN_2021))
    for rows, words in (
        (known, "were given the one they lie in"),
        (without & ~known, "are in no force's sum"),
    ):
        names = sorted(found.loc[rows, "la_name"].unique())
        if names:
            detail = f"{len(names)} areas have no police force area and {words}: {', '.join(names[:8])}."
            findings.append(Finding("warning", "area_without_force", rows=int(rows.sum()), detail=detail))
    return found.assign(force=found["force"].mask(known, found["la_code"].map(_MADE_IN_2021))), findings


def residents(force: str, path: str | Path | None = None) -> Residents:
    """Return the residents of a police force area in the latest year.

    Parameters
    ----------
    force : str
        However it is written.
    path : path, optional
        A file for `load_population` with police force areas; by default ONS mid-2020 estimates, which come
        with the package.

    Raises
    ------
    InputError
        If the force, or its area in the file, is not known.
    """
    name = force_of(force)
    if path is None:
        table, source = pd.read_csv(_OWN_TABLE, encoding="utf-8"), _OWN_SOURCE
    else:
        table, _, source = load_population(path)
    own = table[table["force"] == name]
    if own.empty:
        allowed = f"has no local authority of {name}; it must have the columns pfa_code and pfa_name"
        raise input_error(str(path), allowed, "VM077")
    year = int(own["year"].max())
    return Residents(int(own.loc[own["year"] == year, "population"].sum()), year, source)


def national_residents() -> Residents:
    """Return the residents of England and Wales, mid-2020: all police force areas together."""
    table = pd.read_csv(_OWN_TABLE, encoding="utf-8")
    return Residents(int(table["population"].sum()), int(table["year"].max()), _OWN_SOURCE)


def load_deprivation(path: str | Path) -> pd.DataFrame:
    """Load summaries of the Indices of Multiple Deprivation by local authority.

    Returns
    -------
    DataFrame
        ``la_code``, ``la_name``, ``score`` (average score), ``share_most_deprived`` (of LSOAs, in the most
        deprived tenth of England) and, if the file has it, ``extent``.
    """
    table = read_official(path, (DEPRIVATION,))
    _refuse_totals(table)
    for remark in table.remarks:
        _log.info("%s: %s", path, remark.detail)
    columns: dict[str, Any] = {name: _texts(table, name) for name in ("la_code", "la_name")}
    for name in ("score", "share_most_deprived", "extent"):
        if name in table.columns:
            columns[name] = _numbers(table, name, decimal_of)
    found = pd.DataFrame(columns)
    if found["la_code"].duplicated().any():
        raise input_error(str(path), "names a local authority twice", "VM077")
    return found.astype({"la_code": "str", "la_name": "str"})


def load_area_lookup(path: str | Path) -> pd.DataFrame:
    """Load which local authority is in which police force area: ``la_code``, ``pfa_code``, ``force``."""
    table = read_official(path, (AREA_LOOKUP,))
    found = pd.DataFrame({name: _texts(table, name) for name in ("la_code", "pfa_code", "force")})
    found["force"] = [official_force(name) or name for name in found["force"]]
    return found.astype("str")


def _refuse_totals(table: OfficialTable) -> None:
    """Refuse rows of totals, and countries and regions among local authorities."""
    table.values("la_name", name_of)
    table.values("la_code", _local_code)


def _local_code(text: str) -> str:
    if _WIDER.fullmatch(text):
        raise ValueError("is the code of a country, region or county, a total of other rows; leave it out")
    return text


def _texts(table: OfficialTable, name: str) -> Any:
    return np.asarray(table.columns[name], dtype=object)


def _numbers(table: OfficialTable, name: str, parse: Any) -> Any:
    values = np.array(
        [np.nan if value is None else value for value in table.values(name, parse)], dtype=np.float64
    )
    return values[table.columns[name].codes]


def _year(text: str) -> int:
    found = re.fullmatch(r"(?:mid[- ])?([0-9]{4})", text.strip().casefold())
    if not found:
        raise ValueError("must be a year such as 2020")
    return int(found[1])


def _residents(text: str) -> int:
    found = count_of(text)
    if found is None or found < 0:
        raise ValueError("must be a number of residents, 0 or more")
    return found

"""Victims by borough: recorded crime, need per resident, and how far outreach venues go round."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.classification import CRIME_TYPES, ONS_TABLE, classify
from victimsmodel.errors import input_error
from victimsmodel.inputs.quantities import TAIL

if TYPE_CHECKING:
    from victimsmodel.inputs.crime import CrimeData

#: Row that sums the crime types of an area.
ALL = "all"
NO_VENUE = "no venue"

_QUANTILES = (TAIL, 0.5, 1 - TAIL)
_QUARTERS = 4
_PER = 1000  # residents


def offences_by_area(crime: CrimeData, force: str) -> pd.DataFrame:
    """Return the last year of one force's areas from a table by Community Safety Partnership.

    Parameters
    ----------
    crime : CrimeData
        By quarter, of which the last four are taken, or by year (such as ONS table C2).
    force : str

    Returns
    -------
    DataFrame
        Columns area (in lower case), offence_subgroup, offence_code, offence, offences.

    Raises
    ------
    InputError
        With code VM088 if the table has no areas of this force.
    """
    rows = crime.offences
    rows = rows[(rows["force"] == force) & (rows["csp"] != "")]
    if rows.empty:
        allowed = "has no Community Safety Partnership in this table"
        raise input_error(crime.source, allowed, "VM088", field="force", value=force)
    if "quarter" in rows:
        rows = rows[rows["quarter"] > rows["quarter"].max() - _QUARTERS]
    else:
        rows = rows[rows["year_ending"] == rows["year_ending"].max()]
    named = rows[["offence_subgroup", "offence_code", "offence", "offences"]].reset_index(drop=True)
    named.insert(0, "area", rows["csp"].str.lower().to_numpy())
    return named


def area_rates(offences: pd.DataFrame, residents: pd.Series[int]) -> pd.DataFrame:
    """Return offences against people by area and crime type, their share and rate.

    Parameters
    ----------
    offences : DataFrame
        From `offences_by_area`, or columns area, offence (names of ONS table C2) and offences.
    residents : Series
        By area; an area without residents, such as offences that no area was found for, has no rate.

    Returns
    -------
    DataFrame
        Columns area, crime_type ("all" for the sum), offences, share (of the crime type, over areas),
        per_1000 (offences per 1,000 residents; NaN where residents are not known).
    """
    crime_type = classify(offences, ONS_TABLE)["crime_type"]
    counted = offences.assign(crime_type=crime_type)[crime_type != ""]
    sums = counted.pivot_table(
        index="area", columns="crime_type", values="offences", aggfunc="sum", fill_value=0
    )
    sums = sums.reindex(columns=[name for name in CRIME_TYPES if name in sums])
    sums[ALL] = sums.sum(axis="columns")
    rates = sums.stack().rename("offences").reset_index()
    totals = rates.groupby("crime_type")["offences"].transform("sum")
    rates["share"] = rates["offences"] / totals.where(totals > 0)
    rates["per_1000"] = rates["offences"] / rates["area"].map(residents) * _PER
    return rates


def need_by_area(
    in_need: NDArray[np.float64], weights: Mapping[str, float], areas: pd.DataFrame
) -> pd.DataFrame:
    """Return expected victims in need by area, per 1,000 residents and per outreach venue.

    Parameters
    ----------
    in_need : ndarray, shape (n_draws,)
        Victims in need a year in all areas together, by draw.
    weights : mapping of str to float
        Offences or victims by area (``demand.boroughs``); victims are spread in proportion.
    areas : DataFrame
        From `Areas.frame`, indexed by area.

    Returns
    -------
    DataFrame
        Columns area, title, share, residents, imd_score, imd_most_deprived_tenth, then in_need, per_1000
        and per_venue, each with _low and _high (5th percentile, median, 95th), venues, venue_note. An
        area without a venue has NaN per venue and says so in venue_note.

    Raises
    ------
    InputError
        With code VM088 if the areas of the two tables differ.
    """
    if set(weights) != set(areas.index):
        found, known = ", ".join(sorted(weights)), ", ".join(sorted(areas.index))
        allowed = f"must be the areas of the table ({known})"
        raise input_error("demand", allowed, "VM088", field="boroughs.values", value=found)
    names = list(weights)
    rows = areas.loc[names].rename_axis("area").reset_index()
    share = np.array([weights[name] for name in names]) / sum(weights.values())
    rows.insert(2, "share", share)
    venues = rows["venues"].to_numpy(dtype=np.float64)
    columns = {
        "in_need": np.ones(len(rows)),
        "per_1000": _PER / rows["residents"].to_numpy(dtype=np.float64),
        "per_venue": np.divide(1, venues, out=np.full(len(rows), np.nan), where=venues > 0),
    }
    low, value, high = np.quantile(in_need, _QUANTILES)
    for name, factor in columns.items():
        for suffix, total in (("_low", low), ("", value), ("_high", high)):
            rows[name + suffix] = total * share * factor
    rows["venue_note"] = np.where(venues > 0, "", NO_VENUE)
    return rows[[name for name in rows if name != "la_code"]]

"""What is wrong with a street-level archive."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from victimsmodel.inputs.official.forces import official_force, other_body
from victimsmodel.inputs.official.street_files import StreetFile
from victimsmodel.inputs.quality.findings import Finding

#: Types that data.police.uk publishes, and has published since December 2010.
CRIME_TYPES = frozenset(
    {
        *("Anti-social behaviour", "Bicycle theft", "Burglary", "Criminal damage and arson", "Drugs"),
        *("Other crime", "Other theft", "Possession of weapons", "Public order", "Robbery", "Shoplifting"),
        *("Theft from the person", "Vehicle crime", "Violence and sexual offences"),
        *("Violent crime", "Public disorder and weapons"),
    }
)
ANTI_SOCIAL = "Anti-social behaviour"
_LSOA_NAME = re.compile(r".+ \d{3}[A-Z]")


def street_findings(
    files: Sequence[StreetFile], by_file: pd.DataFrame, by_area: pd.DataFrame
) -> list[Finding]:
    """Return the findings on files.

    Parameters
    ----------
    files : sequence of StreetFile
    by_file : DataFrame
        Columns file (number in `files`), month, has_lsoa, crimes.
    by_area : DataFrame
        Columns month, lsoa_code, lsoa_name, crime_type (categories), crimes.
    """
    months = sorted({file.month for file in files})
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    return [
        *_missing_months(files),
        *_without_rows(files, by_file),
        *_other_months(files, by_file),
        *_without_location(files, by_file, span),
        *_odd_names(by_area, span),
        *_labels(by_area, span),
    ]


def _name(force: str) -> str:
    return official_force(force) or other_body(force) or force


def _missing_months(files: Sequence[StreetFile]) -> list[Finding]:
    """Find months that other forces have, or that lie between the first and the last."""
    first, last = min(file.month for file in files), max(file.month for file in files)
    every = [str(month) for month in pd.period_range(first, last, freq="M")]
    there: dict[str, set[str]] = {}
    for file in files:
        there.setdefault(file.force, set()).add(file.month)
    findings = []
    for force, months in sorted(there.items()):
        gone = [month for month in every if month not in months]
        if gone:
            listed = ", ".join(gone[:6]) + (", ..." if len(gone) > 6 else "")
            detail = f"{len(gone)} of {len(every)} months have no file: {listed}."
            span = gone[0] if len(gone) == 1 else f"{gone[0]} to {gone[-1]}"
            findings.append(
                Finding(
                    "warning",
                    "missing_periods",
                    _name(force),
                    "",
                    span,
                    0,
                    np.nan,
                    detail,
                    "treated as missing",
                )
            )
    return findings


def _without_rows(files: Sequence[StreetFile], by_file: pd.DataFrame) -> list[Finding]:
    """Find files that hold a header only."""
    filled = set(by_file["file"].unique())
    findings = []
    for i, file in enumerate(files):
        if i not in filled:
            detail = f"{file.path.name} holds a header and no rows."
            force = _name(file.force)
            findings.append(
                Finding(
                    "warning", "empty_file", force, "", file.month, 0, np.nan, detail, "treated as missing"
                )
            )
    return findings


def _other_months(files: Sequence[StreetFile], by_file: pd.DataFrame) -> list[Finding]:
    """Find files whose name and Month column disagree; the column counts."""
    pairs = by_file.groupby(["file", "month"])["crimes"].sum()
    findings = []
    for (i, month), rows in pairs.items():
        file = files[i]
        if month != file.month:
            told = f"say {month}" if month else "have no month"
            detail = f"{rows:,} rows of {file.path.name} {told}; the column Month was used."
            findings.append(
                Finding("error", "month_differs", _name(file.force), "", file.month, int(rows), detail=detail)
            )
    return findings


def _without_location(files: Sequence[StreetFile], by_file: pd.DataFrame, span: str) -> list[Finding]:
    """Find rows that cannot be placed."""
    nowhere = by_file[~by_file["has_lsoa"]]
    if nowhere.empty:
        return []
    forces = pd.Series([_name(file.force) for file in files])
    totals = by_file.groupby(by_file["file"].map(forces))["crimes"].sum()
    share = (nowhere.groupby(nowhere["file"].map(forces))["crimes"].sum() / totals).dropna()
    worst = "; ".join(f"{name} {part:.1%}" for name, part in share.nlargest(3).items())
    rows = int(nowhere["crimes"].sum())
    detail = f"{rows:,} rows have no LSOA ({rows / by_file['crimes'].sum():.1%}; most: {worst})."
    return [Finding("warning", "no_location", "", "", span, rows, detail=detail)]


def _odd_names(by_area: pd.DataFrame, span: str) -> list[Finding]:
    """Find names of LSOAs that hold no local authority."""
    names = [str(name) for name in by_area["lsoa_name"].cat.categories]
    odd = [name for name in names if name and not _LSOA_NAME.fullmatch(name)]
    if not odd:
        return []
    rows = int(by_area.loc[by_area["lsoa_name"].isin(odd), "crimes"].sum())
    detail = f"{len(odd)} LSOA names do not end like ' 005C', so hold no local authority: {odd[0]}."
    return [Finding("error", "lsoa_name", "", "", span, rows, detail=detail)]


def _labels(by_area: pd.DataFrame, span: str) -> list[Finding]:
    """Find types that are unknown, and count what is no crime."""
    rows = by_area.groupby("crime_type", observed=True)["crimes"].sum()
    findings = []
    for name, n in rows.items():
        if name not in CRIME_TYPES:
            detail = f"'{name}' is no type of data.police.uk; it is kept as it is."
            findings.append(Finding("warning", "changed_label", "", str(name), span, int(n), detail=detail))
    if ANTI_SOCIAL in rows:
        n = int(rows[ANTI_SOCIAL])
        detail = f"{n:,} rows ({n / rows.sum():.0%}) are anti-social behaviour, which is no recorded crime."
        findings.append(Finding("note", "not_a_crime", "", ANTI_SOCIAL, span, n, detail=detail))
    return findings

"""ONS table C2: totals and their parts stand in one column; the parts are kept, once added up."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.downloads.cells import count_of
from victimsmodel.inputs.downloads.sheets import OfficialTable
from victimsmodel.inputs.official.forces import renamed_forces
from victimsmodel.inputs.official.records import Records
from victimsmodel.inputs.quality.findings import Finding

_TOTAL = "Total recorded crime (excluding fraud)"
#: Parts of each group; a part that has parts of its own is a heading.
_PARTS = {
    _TOTAL: (
        *("Violence against the person", "Sexual offences", "Robbery", "Theft offences"),
        *("Criminal damage and arson", "Drug offences", "Possession of weapons offences"),
        *("Public order offences", "Miscellaneous crimes against society"),
    ),
    "Violence against the person": (
        *("Homicide", "Death or serious injury caused by illegal driving", "Violence with injury"),
        *("Violence without injury", "Stalking and harassment"),
    ),
    "Theft offences": (
        *("Burglary", "Vehicle offences", "Theft from the person", "Bicycle theft", "Shoplifting"),
        "All other theft offences",
    ),
    "Burglary": ("Residential burglary", "Non-residential burglary"),
}
_LEVELS = ("force_total", "csp", "unassigned", "other_area")


def leaf_offences(table: OfficialTable) -> tuple[Records, list[Finding]]:
    """Return the parts by Community Safety Partnership, and where stated totals differ from their sum."""
    rows = _rows(table)
    findings = _differences(rows, table)
    hidden = rows["offences"].isna()
    is_part = (rows["level"] != "force_total") & rows["offence"].isin(_groups())
    stated = int((~is_part).sum())
    detail = "Rows of totals were compared with the sums of their parts and left out, not to count twice."
    findings.append(Finding("note", "totals", rows=stated, detail=detail, action="excluded"))
    for (force, offence), part in rows[is_part & hidden].groupby(["force", "offence"]):
        detail = "A mark stands in place of the count, so that the sum of these offences is not known."
        findings.append(
            Finding(
                "warning", "suppressed", force, offence, "", len(part), np.nan, detail, "treated as missing"
            )
        )
    parts = rows[is_part & ~hidden]
    ends = {date.fromisoformat(text) for text in parts["year_ending"].unique()}
    day = {f"{end:%m-%d}" for end in ends}
    if len(day) > 1:
        raise input_error(table.parts[0].where, "has years that end on different days", "VM078")
    groups = parts["offence"].map(_groups())
    records = Records(
        force=pd.Categorical(parts["force"]),
        csp=pd.Categorical(parts["csp"]),
        offence_group=pd.Categorical(groups),
        offence_subgroup=pd.Categorical(parts["offence"]),
        offence_code=pd.Categorical([""] * len(parts)),
        offence=pd.Categorical(parts["offence"]),
        period=parts["year_ending"].str[:4].astype(np.int64).to_numpy(),
        offences=parts["offences"].astype(np.int64).to_numpy(),
        is_quarterly=False,
        year_end=day.pop(),
    )
    return records, findings


def _rows(table: OfficialTable) -> pd.DataFrame:
    """Return all rows with names checked and counts as numbers."""
    known = {_TOTAL, *_groups(), *_PARTS}

    def offence(text: str) -> str:
        if text not in known:
            raise ValueError(f"is no offence of this table ({', '.join(sorted(known))})")
        return text

    def level(text: str) -> str:
        if text not in _LEVELS:
            raise ValueError(f"must be {', '.join(_LEVELS)}")
        return text

    def day(text: str) -> str:
        return date.fromisoformat(text[:10]).isoformat()

    def filled(text: str) -> str:
        if not text:
            raise ValueError("must not be empty")
        return text

    parsers = {"offence": offence, "level": level, "year_ending": day, "force": filled, "offences": count_of}
    columns = {}
    for name, parse in parsers.items():
        parsed = pd.Series(table.values(name, parse), dtype=float if name == "offences" else object)
        columns[name] = parsed.to_numpy()[table.columns[name].codes]
    rows = pd.DataFrame(columns)
    rows["force"] = rows["force"].map(renamed_forces(rows["force"].unique()))
    rows["csp"] = np.asarray(table.columns["csp"])
    return rows


def _groups() -> dict[str, str]:
    """Return the group of each part that has no parts itself."""
    groups = {}
    for group in _PARTS[_TOTAL]:
        parts = _PARTS.get(group, (group,))
        for part in (leaf for name in parts for leaf in _PARTS.get(name, (name,))):
            # vehicle offences are one part here, as the published table has no finer one
            groups[part] = group
    return groups


def _differences(rows: pd.DataFrame, table: OfficialTable) -> list[Finding]:
    """Compare every stated total with the sum of its parts, by area and by offence."""
    findings = []
    places = rows[rows["level"] != "force_total"]
    keys = ["year_ending", "force", "offence"]
    stated = rows[rows["level"] == "force_total"].groupby(keys)["offences"].sum(min_count=1)
    summed = places.groupby(keys)["offences"].agg(lambda x: x.sum(skipna=False))
    for key, total, parts in _unequal(stated, summed):
        detail = f"The force total {total:,.0f} is not the sum of its areas, {parts:,.0f}."
        findings.append(_differs(key[1], key[2], key[0], detail, total, parts))
    keys = ["year_ending", "force", "csp", "level"]
    for whole, names in _PARTS.items():
        stated = rows[rows["offence"] == whole].groupby(keys)["offences"].sum(min_count=1)
        summed = (
            rows[rows["offence"].isin(names)].groupby(keys)["offences"].agg(lambda x: x.sum(skipna=False))
        )
        for key, total, parts in _unequal(stated, summed):
            place = key[2] or key[1]
            detail = f"{whole} in {place}: {total:,.0f} is not the sum of its parts, {parts:,.0f}."
            findings.append(_differs(key[1], whole, key[0], detail, total, parts))
    return findings


def _unequal(stated: pd.Series, summed: pd.Series) -> list[tuple[tuple[str, ...], float, float]]:
    both = pd.concat([stated.rename("stated"), summed.rename("summed")], axis=1).dropna()
    both = both[both["stated"] != both["summed"]]
    return [(key, total, parts) for key, total, parts in both.itertuples(name=None)]


def _differs(force: str, offence: str, year_ending: str, detail: str, total: float, parts: float) -> Finding:
    size = float(np.log(parts / total)) if total > 0 and parts > 0 else np.nan
    return Finding("error", "totals_differ", force, offence, year_ending[:4], 1, size, detail, "left")

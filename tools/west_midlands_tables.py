"""Write parameters/west-midlands/ from the official files, so that the scenario works without them.

Run as ``python tools/west_midlands_tables.py ../shared/data``. Writes offences.csv, quality.csv,
boroughs.csv, crime-by-borough.csv and boundaries.geojson, and prints what the scenario states besides:
level shifts and the weights of the boroughs.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pandas as pd

from victimsmodel.demand.areas import ALL, area_rates
from victimsmodel.demand.recorded import quarterly_counts
from victimsmodel.demand.shifts import level_shifts
from victimsmodel.inputs.crime import load_recorded_crime

FORCE, YEAR = "West Midlands", 2019
TARGET = Path(__file__).parents[1] / "parameters" / "west-midlands"
#: Outreach venues: health check 2018, Appendix B.
VENUES = {
    "birmingham": 4,
    "coventry": 0,
    "dudley": 0,
    "sandwell": 1,
    "solihull": 2,
    "walsall": 2,
    "wolverhampton": 3,
}
#: Rows of ONS table C2 that sum others.
TOTALS = (
    "Total recorded crime (excluding fraud)",
    "Violence against the person",
    "Theft offences",
    "Burglary",
)
_DECIMALS = 3  # of a degree: about 100 metres


def history(data: Path) -> None:
    """Write offences by quarter and crime type, and the findings on the data."""
    crime = load_recorded_crime(data / "prc-pfa-quarterly-2012-2023.csv.gz")
    counts = quarterly_counts(crime)
    own = counts[counts["force"] == FORCE].pivot(index="quarter", columns="crime_type", values="offences")
    own.to_csv(TARGET / "offences.csv", float_format="%.0f", lineterminator="\n")
    quality = crime.quality[crime.quality["force"].isin(["", FORCE])]
    quality.to_csv(TARGET / "quality.csv", index=False, lineterminator="\n", float_format="%.4g")
    for shift in level_shifts(counts, FORCE).itertuples():
        print(f"{{crime_type: {shift.crime_type}, quarter: {shift.quarter}}}  # {shift.size:+.2f} on the log")


def boroughs(data: Path) -> pd.DataFrame:
    """Write residents, deprivation and venues; return them by borough."""
    people = pd.read_csv(data / "population-mid-year-by-la-2001-2020.csv")
    people = people[(people["pfa_name"] == FORCE) & (people["year"] == YEAR)]
    deprivation = pd.read_csv(data / "imd2019-by-la-england.csv")
    found = people.merge(deprivation, on="la_code", validate="one_to_one", suffixes=("", "_imd"))
    table = pd.DataFrame(
        {
            "area": found["la_name"].str.lower(),
            "title": found["la_name"],
            "la_code": found["la_code"],
            "residents": found["population"],
            "imd_score": found["Score"],
            "imd_most_deprived_tenth": found["Proportion"],
            "venues": found["la_name"].str.lower().map(VENUES),
        }
    )
    table.to_csv(TARGET / "boroughs.csv", index=False, lineterminator="\n")
    return table.set_index("area")


def crime_by_borough(data: Path, residents: pd.Series[int]) -> None:
    """Write recorded crime by borough and offence, and print the offences against people."""
    found = pd.read_csv(data / "csp-recorded-crime-ye-june-2025.csv.gz")
    found = found[(found["pfa_name"] == FORCE) & (found["level"] != "force_total")]
    found = found[~found["offence"].isin(TOTALS)]
    table = found.assign(area=found["la_name"].str.lower().fillna("unassigned"))
    table = table[["area", "offence", "offences"]]
    table.to_csv(TARGET / "crime-by-borough.csv", index=False, lineterminator="\n")
    rates = area_rates(table, residents)
    weights = rates[(rates["crime_type"] == ALL) & rates["area"].isin(residents.index)]
    print(dict(zip(weights["area"], weights["offences"].tolist(), strict=True)))


def boundaries(data: Path) -> None:
    """Write the outlines to about 100 metres; neighbours still fit together."""
    features = []
    for feature in json.loads((data / "west-midlands-lad-2025.geojson").read_text("utf-8"))["features"]:
        ring = [[round(x, _DECIMALS) for x in point] for point in feature["geometry"]["coordinates"][0]]
        kept = ring[:1] + [after for before, after in pairwise(ring) if before != after]
        features.append(
            {
                "type": "Feature",
                "properties": {"area": feature["properties"]["la_name"].lower()},
                "geometry": {"type": "Polygon", "coordinates": [kept]},
            }
        )
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    (TARGET / "boundaries.geojson").write_text(text + "\n", "utf-8")


def main() -> None:
    """Write everything."""
    data = Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    history(data)
    crime_by_borough(data, boroughs(data)["residents"])
    boundaries(data)


if __name__ == "__main__":
    main()

"""Write victimsmodel/inputs/force_population.csv: residents by police force area, mid-2020.

Run as ``python tools/force_population.py ../shared/data/population-mid-year-by-la-2001-2020.csv``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from victimsmodel.inputs.population import load_population

_OUT = Path(__file__).parents[1] / "victimsmodel" / "inputs" / "force_population.csv"
_YEAR = 2020


def main() -> None:
    """Sum the local authorities of each force."""
    found = load_population(sys.argv[1]).population
    latest = found[(found["year"] == _YEAR) & (found["force"] != "")]
    table = latest.groupby("force", as_index=False)["population"].sum()
    table.assign(year=_YEAR).to_csv(_OUT, index=False, lineterminator="\n")
    print(f"{_OUT}: {len(table)} forces, {table['population'].sum():,} residents")


if __name__ == "__main__":
    main()

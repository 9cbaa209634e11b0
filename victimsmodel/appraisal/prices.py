"""From the prices of one year to those of another, with a dated series of deflators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from victimsmodel.appraisal.rules import EDITIONS_FOLDER, Fact, read_dated
from victimsmodel.errors import InputError, Problem

_LATEST = "gdp-deflators-2025-12.yaml"
_FINANCIAL = re.compile(r"^(\d{4})/(\d{2})$")
PriceYear = Annotated[str, Field(pattern=r"^\d{4}$|^\d{4}/\d{2}$")]


class Deflators(Fact):
    """Price index by year; calendar years as 2019, financial years as 2019/20."""

    name: str
    title: str
    publisher: str
    published: str
    values: dict[PriceYear, Annotated[float, Field(gt=0)]]

    def with_financial_years(self) -> Deflators:
        """Return the series with the financial years that it lacks, between two calendar years.

        April to March is three quarters of one calendar year and one of the next, so its index is taken
        as 3/4 and 1/4 of theirs: an approximation that has to be asked for. Yearly growth made so lay
        within 0.6 percentage points of the published one in 1956-57 to 1967-68 (HM Treasury, October
        2015).
        """
        own = {year: value for year, value in self.values.items() if not _FINANCIAL.match(year)}
        made = {
            f"{year}/{(int(year) + 1) % 100:02d}": 0.75 * value + 0.25 * own[str(int(year) + 1)]
            for year, value in own.items()
            if str(int(year) + 1) in own
        }
        note = f"{self.note} Financial years made from calendar years.".strip()
        return self.model_copy(update={"values": {**made, **self.values}, "note": note})


def load_deflators(path: str | Path | None = None) -> Deflators:
    """Load a series of deflators: HM Treasury's of December 2025, or a YAML file of the same form.

    Raises
    ------
    InputError
        With everything that is wrong with the file.
    """
    return read_dated(EDITIONS_FOLDER / _LATEST if path is None else Path(path), Deflators)


def to_price_year(
    amount: ArrayLike, from_year: str, to_year: str, deflators: Deflators | Mapping[str, float]
) -> NDArray[np.float64]:
    """Return amounts of one year in the prices of another.

    Parameters
    ----------
    amount : array_like
        GBP, any shape.
    from_year, to_year : str
        Price years as the deflators name them, for example 2019 or 2019/20.
    deflators : Deflators or mapping of str to float
        Nothing is taken for granted: the series has to be given.

    Returns
    -------
    ndarray
        ``amount * deflator[to_year] / deflator[from_year]``.

    Raises
    ------
    InputError
        If the series lacks a year.
    """
    values = deflators.values if isinstance(deflators, Deflators) else deflators
    where = deflators.name if isinstance(deflators, Deflators) else "deflators"
    problems = [
        without_deflator(where, name, year, values)
        for name, year in (("from_year", from_year), ("to_year", to_year))
        if year not in values
    ]
    if problems:
        raise InputError(problems)
    return np.asarray(amount, dtype=np.float64) * (values[to_year] / values[from_year])


def without_deflator(where: str, field: str, year: str, values: Mapping[str, float]) -> Problem:
    """Return what is said of a price year that a series lacks."""
    return Problem(where, field, year, _missing(values), "VM173", _hint(year, values))


def _missing(values: Mapping[str, float]) -> str:
    if not values:
        return "is not in the series, which is empty"
    return f"is not in the series ({min(values)} to {max(values)})"


def _hint(year: str, values: Mapping[str, float]) -> str:
    """Say how a financial year can be had from calendar years."""
    found = _FINANCIAL.match(year)
    if found and found[1] in values and str(int(found[1]) + 1) in values:
        return "Give a series with financial years, or approximate them: with_financial_years()."
    return ""

"""Counts of people as a type of their own: no table, so that none leaves by mistake."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd

from victimsmodel.errors import PrivacyError, Problem


class Rate(NamedTuple):
    """A column that is one count as a share of another, of which it is a part."""

    name: str
    part: str
    whole: str


@dataclass(frozen=True, repr=False, eq=False)
class ObservedCounts:
    """A table of counts of people, which only `release` turns into one that can be shown.

    It is no DataFrame on purpose: whatever writes, prints or draws tables is refused with VM284.
    Estimators take the exact numbers from `exact`. Recorded crime and other official statistics are
    published already and come as plain tables; so does all that the model computes.

    Parameters
    ----------
    about : str
        What the counts are of, for messages and the ledger: "return.csv".
    data : str
        SHA-256 of the content of the data that were counted, from `content_hash`.
    exact : DataFrame
        One row for each combination of the dimensions; counts are whole numbers or NaN (not known).
    dimensions, counts : tuple of str
        Columns that name what was counted, and columns that count.
    rates : tuple of Rate
        Columns to be computed anew from what is shown.
    parts : tuple of (part, whole)
        Counts of which one is contained in the other, so that their difference counts people too.
    totals : mapping
        For dimensions with a row of totals: its label.
    where : mapping
        For data of which only some were counted: the labels that were, by dimension.
    """

    about: str
    data: str
    exact: pd.DataFrame
    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    rates: tuple[Rate, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    totals: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        object.__setattr__(self, "exact", pd.DataFrame(self.exact))
        numbers = self.exact[list(self.counts)].to_numpy(np.float64)
        known = numbers[~np.isnan(numbers)]
        if (known < 0).any() or (known != np.floor(known)).any():
            raise ValueError("counts of people are whole numbers of at least 0")
        if self.exact.duplicated(list(self.dimensions)).any():
            raise ValueError("each combination of the dimensions stands in one row")

    @property
    def contained(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a count and one that contains it, those of the rates among them."""
        return tuple(dict.fromkeys([*self.parts, *((rate.part, rate.whole) for rate in self.rates)]))

    def __repr__(self) -> str:
        rows = len(self.exact)
        return f"ObservedCounts of {self.about}: {rows} rows by {', '.join(self.dimensions)}; not released"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __len__(self) -> int:
        self._refuse()

    def __getitem__(self, name: Any) -> Any:
        self._refuse()

    def __reduce__(self) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise unreleased(self.about)


def unreleased(about: str) -> PrivacyError:
    """Return the error for counts that would leave without having been released."""
    allowed = "holds counts of people that were not released, and is neither written nor shown"
    return PrivacyError([Problem(about, "", "", allowed, "VM284", "Pass it through victimsmodel.release.")])


def content_hash(*content: bytes) -> str:
    """Return the SHA-256 by which data are told apart in the ledger."""
    digest = hashlib.sha256()
    for part in content:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()

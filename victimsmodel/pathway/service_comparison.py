"""Attrition of services that are fed in the same way, and where an area stands among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from victimsmodel.errors import InputError, Problem
from victimsmodel.inputs.evidence import REGIME_PHRASES, load_evidence
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.pathway.borrowed import Borrowed
from victimsmodel.pathway.borrowing import borrow

_QUANTITY = "supported_of_referred"
_COLUMNS = (
    *("regime", "kind", "name", "supported", "referred"),
    *("attrition", "low", "high", "percentile", "position", "source"),
)
_NUMBERS = ("supported", "referred", "attrition", "low", "high", "percentile")
#: Published services from which on their number is no warning (our judgement).
_ENOUGH_SERVICES = 10
#: Least percentile of each position among services fed in the same way.
_POSITIONS = (
    (0.95, "above the range in which nine in ten such services lie"),
    (0.75, "in the upper part of the usual range"),
    (0.25, "in the middle of the usual range"),
    (0.05, "in the lower part of the usual range"),
    (0.0, "below the range in which nine in ten such services lie"),
)


@dataclass(frozen=True)
class ServiceComparison:
    """Attrition by service, on average, in a new area, and of the areas asked for.

    Parameters
    ----------
    table : DataFrame
        One row a regime and: ``kind`` service (Beta posterior of its own cases), pooled (mean over
        services), new_area (predictive), area. Columns regime, kind, name, supported and referred
        (counts of a service), attrition (median; as stated for an area), low, high (90 % interval),
        percentile (of an area in the predictive) and position in words, source.
    borrowed : mapping of str to Borrowed
        By regime.
    sentences : tuple of str
        One for each area and regime.
    """

    table: pd.DataFrame
    borrowed: Mapping[str, Borrowed]
    sentences: tuple[str, ...]


def compare_services(
    areas: Mapping[str, float | Estimate] | None = None,
    *,
    definition: str = "enhanced",
    regimes: tuple[str, ...] = ("automatic_transfer", "needs_flagged"),
    evidence: pd.DataFrame | None = None,
    published: str | None = None,
    fed_by: str | None = None,
) -> ServiceComparison:
    """Compare attrition, 1 - supported / referred, with that of published services.

    Parameters
    ----------
    areas : mapping of str to float or Estimate, optional
        Attrition of areas to be placed, by name.
    definition : str
        What counts as support.
    regimes : tuple of str
        Ways of referral; each is compared by itself.
    evidence : DataFrame, optional
        From `load_evidence`; the shipped library if not given.
    published : str, optional
        Of areas that have published an index number only (the West Midlands: nearly nine in ten), the
        one that is placed too; all of them by default.
    fed_by : str, optional
        Way of referral of the areas: they are placed among services that are fed in this way, and in no
        other. By default their way is not known, and they are placed among each.

    Returns
    -------
    ServiceComparison

    Raises
    ------
    InputError
        If a stated attrition is not from 0 to 1 (VM109); as `borrow`.
    """
    evidence = load_evidence() if evidence is None else evidence
    stated = {**_index_numbers(evidence, published), **_checked(areas or {})}
    borrowed = {
        regime: borrow(_QUANTITY, regime=regime, definition=definition, evidence=evidence)
        for regime in regimes
    }
    rows = [
        row
        for regime, found in borrowed.items()
        for row in _rows(regime, found, stated if fed_by in (None, regime) else {})
    ]
    table = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(dict.fromkeys(_NUMBERS, "float64"))
    placed = table[table["kind"] == "area"]
    sentences = tuple(_sentence(row, borrowed[row.regime]) for row in placed.itertuples())
    if fed_by is not None and fed_by not in borrowed:
        sentences = tuple(_unplaced(name, fed_by) for name in stated)
    return ServiceComparison(table, borrowed, sentences)


def _index_numbers(evidence: pd.DataFrame, area: str | None) -> dict[str, float]:
    """Return the attrition of areas that have published it without counts."""
    rows = evidence[(evidence["quantity"] == _QUANTITY) & (evidence["counted"] == "index")]
    rows = rows if area is None else rows[rows["area"] == area]
    return {f"{row.area}, {row.period}": 1 - row.numerator / row.denominator for row in rows.itertuples()}


def _checked(areas: Mapping[str, float | Estimate]) -> dict[str, float | Estimate]:
    allowed = "must be a share from 0 to 1, or an estimate of one"
    problems = [
        Problem("compare_services", f"areas[{name}]", str(value), allowed, "VM109")
        for name, value in areas.items()
        if not 0 <= (value.centre if isinstance(value, Estimate) else value) <= 1
    ]
    if problems:
        raise InputError(problems)
    return dict(areas)


def _rows(regime: str, found: Borrowed, areas: Mapping[str, float | Estimate]) -> list[tuple[object, ...]]:
    sources = found.rows.groupby("service")["source"].agg(lambda keys: ", ".join(dict.fromkeys(keys)))
    rows: list[tuple[object, ...]] = [
        (
            *(regime, "service", name, row.events, row.trials),
            *(1 - row.share, 1 - row.high, 1 - row.low, None, "", sources[name]),
        )
        for name, row in found.alone.iterrows()
    ]
    whole = ", ".join(dict.fromkeys(found.rows["source"]))
    for kind, name, estimate in (
        ("pooled", "Mean of these services", found.pooled),
        ("new_area", "Another such service", found.new_area),
    ):
        low, high = estimate.interval
        shares = (1 - estimate.median, 1 - high, 1 - low)
        rows.append((regime, kind, name, None, None, *shares, None, "", whole))
    for name, value in areas.items():
        middle = value.median if isinstance(value, Estimate) else value
        ends = value.interval if isinstance(value, Estimate) else (None, None)
        percentile = 1 - found.predictive.cdf(1 - middle)
        place = (percentile, _position(percentile), "")
        rows.append((regime, "area", name, None, None, middle, *ends, *place))
    return rows


def _position(percentile: float) -> str:
    return next(words for least, words in _POSITIONS if percentile >= least)


def _sentence(row: Any, found: Borrowed) -> str:
    n = len(found.alone)
    text = f"{row.name}: attrition of {100 * row.attrition:.0f} % lies {row.position} for services"
    text += (
        f" {REGIME_PHRASES[row.regime]} (of 100 such services, {100 * row.percentile:.0f} would be expected"
    )
    text += " to lose a smaller share)."
    if n >= _ENOUGH_SERVICES:
        return text
    least = found.alone.loc[found.alone["trials"].idxmin()]
    basis = f"Only {n} such services have" if n > 1 else "Only one such service has"
    own = f"the smallest with {least.events:,.0f} of {least.trials:,.0f} referrals supported"
    return f"{text} {basis} published their numbers, {own}: a rough guide only."


def _unplaced(name: str, regime: str) -> str:
    return f"{name}: no published numbers of services {REGIME_PHRASES[regime]} could be compared with."

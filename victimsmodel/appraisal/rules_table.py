"""What an edition of the appraisal rules says, a row a value, with how far each is confirmed."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from victimsmodel.appraisal.rules import DiscountRate, Fact, Rules, with_rules

COLUMNS = ("rule", "value", "unit", "status", "address", "note")
_Row = tuple[str, str, str, str, str, str]


def rules_table(rules: Rules) -> pd.DataFrame:
    """Return every value of an edition.

    Returns
    -------
    DataFrame
        Columns rule, value (text), unit, status (verified: read on a page of the United Kingdom
        government; secondary: read in another named source; unverified: carried over, not confirmed),
        address, note, rules.
    """
    rows = [
        _row("Published", rules.published, "date", rules.publication),
        _row("Price base", rules.price_base.text, "", rules.price_base),
        *_rate_rows(rules),
        *_uplift_rows(rules),
    ]
    wellby = rules.wellby
    for name in ("central", "low", "high"):
        unit = f"GBP, prices of {wellby.price_year}"
        rows.append(_row(f"WELLBY, {name}", f"{getattr(wellby, name):,.0f}", unit, wellby))
    if rules.note:
        rows.append(("Remark", rules.note, "", "", rules.address, ""))
    return with_rules(pd.DataFrame(rows, columns=list(COLUMNS)), rules)


def _rate_rows(rules: Rules) -> Iterator[_Row]:
    for rate in rules.discount_rates.values():
        for number, band in enumerate(rate.bands):
            name = f"{rate.title}, {_years(rate, number)}"
            yield _row(name, f"{100 * band.rate:.2f}", "% a year, real", rate)


def _years(rate: DiscountRate, number: int) -> str:
    """Return the years of a band as they are said."""
    band = rate.bands[number]
    is_last = number == len(rate.bands) - 1
    end = rate.last_year if is_last else rate.bands[number + 1].from_year - 1
    return f"years {band.from_year} and later" if end is None else f"years {band.from_year} to {end}"


def _uplift_rows(rules: Rules) -> Iterator[_Row]:
    for uplift in rules.optimism_bias.categories.values():
        name = f"Optimism bias, {uplift.title.lower()}, {uplift.applies_to}"
        value = f"{100 * uplift.lower:.0f} to {100 * uplift.upper:.0f}"
        yield _row(name, value, "% of the estimate", rules.optimism_bias)


def _row(rule: str, value: str, unit: str, fact: Fact) -> _Row:
    return rule, value, unit, fact.status, fact.address, fact.note

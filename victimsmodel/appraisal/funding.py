"""What was paid for victim services: whether the printed tables add up, and what it is per victim."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from victimsmodel.appraisal.prices import Deflators, to_price_year
from victimsmodel.errors import input_error
from victimsmodel.inputs.funding import load_funding
from victimsmodel.inputs.population import national_residents, residents
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.shipped import parameter_file

ADDS_UP, AWARDED = "lines add up to the total", "awarded as indicated"
_OWN_SERIES = ("all_services", "contact_service")
_WHOLE = "all_services"


def funding_checks(funding: pd.DataFrame) -> pd.DataFrame:
    """Compare lines with printed totals, and what was indicated with what was awarded.

    Lines must add up to the pound, but for an overspend that the source states itself. An award agrees
    with a round figure that was indicated if it rounds to it. Where a line is blank and the others fall
    short of the total, nothing can be said.

    Parameters
    ----------
    funding : DataFrame
        From `load_funding`.

    Returns
    -------
    DataFrame
        Columns year, table, check, item, printed_gbp (the total, or what was indicated), found_gbp (the
        sum, or what was awarded), difference_gbp (found less printed), stated_gbp (overspend that the
        source states), unexplained_gbp, n_lines, n_blank, agrees (missing if it cannot be said), finding.
    """
    rows = [*_sum_rows(funding), *_award_rows(funding)]
    found = pd.DataFrame(rows)
    found["agrees"] = found["agrees"].astype("boolean")
    found["finding"] = [_finding(row) for row in found.to_dict("records")]
    return found


def _sum_rows(funding: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for total in funding[funding["kind"] == "total"].itertuples():
        own = funding[(funding["year"] == total.year) & (funding["table"] == total.table)]
        own = own[own["printed_total"] == total.line]
        lines = own[own["kind"] != "overspend"]
        if lines.empty:
            continue
        stated = float(own.loc[own["kind"] == "overspend", "amount_gbp"].sum())
        row = _row(total, ADDS_UP, float(total.amount_gbp), float(lines["amount_gbp"].sum()), stated)
        n_blank = int(lines["amount_gbp"].isna().sum())
        is_open = n_blank > 0 and row["unexplained_gbp"] < 0
        agrees = None if is_open else row["unexplained_gbp"] == 0
        rows.append({**row, "n_lines": len(lines), "n_blank": n_blank, "agrees": agrees})
    return rows


def _award_rows(funding: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    awarded = funding[funding["basis"] == "awarded"].set_index(["year", "line"])["amount_gbp"]
    for line in funding[funding["basis"] == "indicated"].itertuples():
        if (line.year, line.line) in awarded.index:
            found = float(awarded[(line.year, line.line)])
            row = _row(line, AWARDED, float(line.amount_gbp), found, 0.0)
            agrees = abs(row["difference_gbp"]) <= _rounding(line.amount_gbp) / 2
            rows.append({**row, "n_lines": 1, "n_blank": 0, "agrees": agrees})
    return rows


def _row(item: Any, check: str, printed: float, found: float, stated: float) -> dict[str, Any]:
    return {
        "year": item.year,
        "table": item.table,
        "check": check,
        "item": item.line,
        "printed_gbp": printed,
        "found_gbp": found,
        "difference_gbp": found - printed,
        "stated_gbp": stated,
        "unexplained_gbp": found - printed - stated,
    }


def _rounding(amount: float) -> float:
    """Return the power of ten that a round amount was rounded to: 1,200,000 to 100,000."""
    digits = f"{amount:.0f}"
    return float(10 ** (len(digits) - len(digits.rstrip("0"))))


def _finding(row: dict[Any, Any]) -> str:
    """Say the outcome of a check in a sentence."""
    gap = f"GBP {abs(row['difference_gbp']):,.0f}"
    side = "above" if row["difference_gbp"] > 0 else "below"
    if pd.isna(row["agrees"]):
        return f"Cannot be checked: {row['n_blank']} of {row['n_lines']} lines left blank."
    if row["check"] == AWARDED:
        outcome = f"GBP {row['printed_gbp']:,.0f} was indicated and GBP {row['found_gbp']:,.0f} awarded"
        return f"{outcome}: {gap} {side}{', within rounding' if row['agrees'] else ''}."
    if row["agrees"]:
        return f"{row['n_lines']} lines add up to the total."
    text = f"{row['n_lines']} lines come to GBP {row['found_gbp']:,.0f}, {gap} {side} the printed total"
    if row["stated_gbp"]:
        text += f", where the source states GBP {row['stated_gbp']:,.0f}"
    return f"{text}; GBP {abs(row['unexplained_gbp']):,.0f} unexplained."


def funding_table(
    funding: pd.DataFrame,
    scenario: Scenario,
    demand: pd.DataFrame,
    national: pd.DataFrame | None = None,
    deflators: Deflators | None = None,
) -> pd.DataFrame:
    """Return each year's money per victim, per victim in need and per resident.

    Victims and residents are those of the scenario's evaluated year and of mid-2020, the same in every
    year: differences between years are differences in money. Intervals are 5th to 95th percentile over
    draws of the number of victims and of need. The benchmark is the share of residents in the money of
    all commissioners, the rule that the Ministry of Justice says it follows (House of Lords, written
    answer HL15158, 2019).

    Parameters
    ----------
    funding : DataFrame
        From `load_funding`; rows with a series are used.
    scenario : Scenario
    demand : DataFrame
        From `estimate_demand`.
    national : DataFrame, optional
        From `load_funding`, series national_pot; by default the file that comes with the package.
    deflators : Deflators, optional
        Adds ``real_gbp``, in the prices of the scenario; without them amounts are in prices of their year.

    Returns
    -------
    DataFrame
        Columns year, series, includes (lines that were added), remark, amount_gbp, [real_gbp,]
        per_victim, per_victim_in_need (each with _low and _high), per_resident, population_share,
        population_allocation_gbp (missing where no national figure is known, and for parts of the
        money), above_allocation_gbp.
    """
    own = funding[funding["series"].isin(_OWN_SERIES)]
    if own.empty:
        raise input_error("funding", f"has no row of a series ({', '.join(_OWN_SERIES)})", "VM176")
    grouped = own.groupby(["series", "year"], sort=True)
    parts = {
        "includes": ("line", "; ".join),
        "remark": ("note", _joined),
        "amount_gbp": ("amount_gbp", "sum"),
    }
    table = grouped.agg(**parts).reset_index()[["year", "series", *parts]]
    if deflators is not None:
        real = [
            float(to_price_year(amount, year, scenario.price_year, deflators))
            for amount, year in zip(table["amount_gbp"], table["year"], strict=True)
        ]
        table = table.assign(real_gbp=real)
    by_draw = demand.groupby("draw")[["victims", "in_need"]].sum() / scenario.period.years
    for name, persons in (("per_victim", "victims"), ("per_victim_in_need", "in_need")):
        table = table.assign(**_spread(name, table["amount_gbp"], by_draw[persons]))
    here = _residents(scenario)
    table = table.assign(per_resident=table["amount_gbp"] / here)
    return _with_benchmark(table, here, national)


def _joined(notes: pd.Series) -> str:
    return " ".join(note for note in notes if note)


def _spread(name: str, amounts: pd.Series, persons: pd.Series) -> dict[str, Any]:
    """Return median and 90 % interval of money per person, for every amount; missing if there is nobody."""
    ratios = amounts.to_numpy()[:, None] / persons.where(persons > 0).to_numpy()[None, :]
    low, middle, high = np.quantile(ratios, [TAIL, 0.5, 1 - TAIL], axis=1)
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


def _residents(scenario: Scenario) -> int:
    if scenario.area.population is not None:
        return scenario.area.population
    return residents(scenario.area.police_force).residents


def _with_benchmark(table: pd.DataFrame, here: int, national: pd.DataFrame | None) -> pd.DataFrame:
    """Add what a share by residents would have been."""
    pots = load_funding(parameter_file("funding/national.csv")) if national is None else national
    pots = pots[pots["series"] == "national_pot"].groupby("year")["amount_gbp"].sum()
    share = here / national_residents().residents
    benchmark = population_allocation(table["year"].map(pots), share)
    benchmark = benchmark.where(table["series"] == _WHOLE)
    return table.assign(
        population_share=share,
        population_allocation_gbp=benchmark,
        above_allocation_gbp=table["amount_gbp"] - benchmark,
    )


def population_allocation(national_gbp: pd.Series, population_share: float) -> pd.Series:
    """Return an area's part of national money where it follows residents alone."""
    return national_gbp * population_share

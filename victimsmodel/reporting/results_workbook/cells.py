"""What stands in the cells of the results workbook: titles for names, the numbers as they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from victimsmodel.appraisal.activity_costs import IDLE
from victimsmodel.appraisal.multi_year import TOTALS, YEARLY
from victimsmodel.appraisal.outcomes import MEASURES
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting import words
from victimsmodel.reporting.dates import day_of
from victimsmodel.reporting.findings import assumptions_by_area
from victimsmodel.reporting.lever_words import LEAK_TITLES
from victimsmodel.reporting.readable import titles_of
from victimsmodel.reporting.readable_decisions import BASIS_TITLES
from victimsmodel.reporting.readable_value import BENEFIT_TITLES, division_title, requirement_title
from victimsmodel.reporting.results_workbook.declared import Sheet

Cell = str | float | date | None
Said = Callable[[str], str]

_SIZES = {1000.0: 0, 10.0: 1, 0.0: 2}  # decimals of a number without a unit, from a size on
#: Formats by unit; what depends on the size of the number is told apart in `number_format`.
_BY_UNIT = {
    "share": "0.0%",
    "probability": "0%",
    "days": "0.0",
    "ratio": "0.0",
    "minutes": "0.0",
    "number1": "0.0",
    "number3": "0.000",
    "correlation": "0.00",
    "odds ratio": "0.00",
}
_WHOLE = frozenset({"victims", "victims/year", "offences", "hours", "number0"})
_POUNDS = frozenset({"GBP", "GBP/year"})
_PENCE_BELOW = 100


def prepared(sheet: Sheet, data: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the rows of a sheet in their order, without what is left out or said once."""
    if sheet.table == "assumptions":
        return _assumptions(data, scenario)
    if sheet.table == "costs_summary":
        data = _beside_grant(data, scenario)
    gone = [name for name in (*sheet.left_out, *sheet.once) if name in data.columns]
    by = [_codes(data[name]) for name in reversed(sheet.order) if name in data.columns]
    rows = data.iloc[np.lexsort(by)] if by else data
    if sheet.table == "sensitivity_notes":
        rows = rows[rows["note"].astype(str) != ""]
    first = [name for name in sheet.order if name in data.columns]
    return rows[[*first, *rows.columns.difference([*first, *gone], sort=False)]].reset_index(drop=True)


def _beside_grant(data: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the costs with a row for each option that holds the grant."""
    options = data["option"].drop_duplicates()
    grant = pd.DataFrame({"option": options, "line": "grant", "cost_gbp": scenario.grant_gbp})
    return pd.concat([data.astype({"line": str}), grant], ignore_index=True)


def _codes(column: pd.Series[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the place of each value in the order in which values appear, or that the column states."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(column.cat.codes, dtype=np.int64)
    if pd.api.types.is_numeric_dtype(column):
        return np.asarray(column.rank(method="dense"), dtype=np.int64)
    return np.asarray(pd.factorize(column)[0], dtype=np.int64)


def _assumptions(data: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the inputs in words beside their numbers, by the part of the service that they belong to."""
    numbers = {
        (row["input"], row["option"]): {name: row[name] for name in ("value", "low", "high")}
        for row in data.to_dict("records")
    }
    rows = [
        {
            "area": area,
            "input": one.title,
            "option": one.option_title or "All",
            **numbers[one.input, one.option],
            "unit": one.unit,
            "standing": "Assumption" if one.is_assumption else "Borrowed" if one.is_borrowed else "Evidence",
            "quality": one.quality,
            "source": one.source,
            "note": one.note,
            "address": one.address,
            "field": one.input,
        }
        for area, own in assumptions_by_area(data, scenario).items()
        for one in own
    ]
    return pd.DataFrame(rows)


def said_of(table: str, name: str, scenario: Scenario) -> Said:
    """Return what turns the names in a column into words."""
    if table == "assumptions":
        return lambda text: words.UNIT_TITLES.get(text, text) if name == "unit" else text
    special = _special(scenario)
    found = special.get(f"{table}.{name}") or special.get(name) or titles_of(name, scenario) or words.typeset

    def said(text: str) -> str:
        try:
            return found(text) if text else ""
        except KeyError:  # another vocabulary in a column of the same name
            return words.sentence_case(text.replace("_", " "))

    return said


def _special(scenario: Scenario) -> Mapping[str, Said]:
    yearly = {item.name: item.title for item in YEARLY}
    totals = {item.name: item.title for item in TOTALS}
    measures = {measure.name: measure.title for measure in MEASURES}

    def option(text: str) -> str:
        return scenario.options[text].title

    def several(text: str) -> str:
        return " and ".join(option(name) for name in text.split(" and "))

    def inputs(text: str) -> str:
        known = text.split(", ")
        return "; ".join(words.input_title(each, scenario) if "." in each else each for each in known)

    def source(text: str) -> str:
        keys = [scenario.sources.get(each) for each in text.split(", ")]
        titled = [f"{each.title} ({each.year})" for each in keys if each is not None]
        return words.typeset("; ".join(titled) or words.sentence_case(text))

    plain: Said = lambda text: words.sentence_case(text.replace("_", " "))  # noqa: E731
    return {
        "against": option,
        "by": several,
        "present_values.item": totals.__getitem__,
        "multi_year.item": yearly.__getitem__,
        "measure": measures.__getitem__,
        "activity": lambda text: "Idle" if text == IDLE else words.TASK_TITLES[text],
        "unit_costs.unit": words.sentence_case,
        "unit": lambda text: words.UNIT_TITLES.get(text, text),
        "levers.stage": lambda text: LEAK_TITLES[text],
        "bottleneck": lambda text: words.role_title(text, scenario),
        "crime_type": lambda text: _crime_type(text, scenario),
        "equity.name": lambda text: division_title("", text, scenario),
        "requirement": lambda text: words.sentence_case(requirement_title(text, scenario)),
        "basis": BASIS_TITLES.__getitem__,
        "benefits": lambda text: ", ".join(BENEFIT_TITLES.get(each, each) for each in text.split(", ")),
        "known": inputs,
        "inputs": inputs,
        "source": source,
        "position": words.sentence_case,
        "words": lambda text: words.sentence_case(words.typeset(text)),
        **dict.fromkeys(("kind", "regime", "series", "topic", "situation"), plain),
    }


def _crime_type(text: str, scenario: Scenario) -> str:
    found = scenario.demand.crime_types.get(text)
    return found.title if found is not None else {"all": "All", "total": "All crime types"}[text]


def cell_of(value: object, said: Said) -> Cell:
    """Return a value as it is written: numbers and days as they are, names in words, or nothing."""
    if isinstance(value, (bool, np.bool_)):
        return "Yes" if value else "No"
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (int, float, np.integer, np.floating)):
        number = float(value)
        return number if math.isfinite(number) else "without limit"
    return day_of(str(value)) or said(str(value))


def number_format(value: float, unit: str) -> str:
    """Return the format of a number in its unit; a plus in front of the unit shows the sign.

    Examples
    --------
    >>> number_format(0.25, "share"), number_format(-12.5, "+GBP"), number_format(1234.5, "victims")
    ('0.0%', '+£#,##0.00;-£#,##0.00;£0', '#,##0')
    """
    is_signed, name, size = unit.startswith("+"), unit.removeprefix("+"), abs(value)
    if name in _POUNDS:
        shown = "£#,##0.00" if 0 < size < _PENCE_BELOW else "£#,##0"
        zero = "£0"
    elif name in _WHOLE:
        shown = "#,##0.0" if 0 < size < 10 and not float(value).is_integer() else "#,##0"
        zero = "0"
    else:
        decimals = next(digits for least, digits in _SIZES.items() if size >= least)
        shown = _BY_UNIT.get(name, "#,##0" + ("." + "0" * decimals if decimals else ""))
        zero = shown
    return f"+{shown};-{shown};{zero}" if is_signed else shown

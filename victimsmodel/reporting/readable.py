"""Tables as people read them: titles instead of names, numbers rounded, intervals in words."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from victimsmodel.appraisal.outcomes import MEASURES
from victimsmodel.inputs.scenario import Scenario, method_of
from victimsmodel.reporting import formats, words
from victimsmodel.reporting.text_table import TextTable

_MEASURES = {measure.name: measure for measure in MEASURES}
_BY_UNIT: dict[str, Callable[[float], str]] = {
    "victims": formats.count,
    "share": formats.share1,
    "GBP": formats.pounds,
    "days": formats.days,
}
#: What a column holds, unless the table has a column `unit`.
_UNITS = {
    "victims": "victims",
    "in_need": "victims",
    "attempts": "victims",
    "reached": "victims",
    "success": "share",
    "cost_gbp": "GBP",
    "incremental_cost": "GBP",
    "incremental_effect": "victims",
    "icer": "GBP",
    "within_standard": "share",
    "coverage": "share",
    "supported": "victims",
    "utilisation": "share",
    "probability_better": "share",
}
_DIFFERENCE = "Difference from"
_HEADINGS = {
    "who": "Of whom",
    "victims": "Victims",
    "in_need": "In need",
    "cost_gbp": "Cost",
    "estimate": "Mean",
    "difference": _DIFFERENCE,
    "year": "Single years",
    "probability_better": "Probability of being better",
    "within_standard": "Within the standard",
    "mean_days": "Mean days",
    "median_days": "Median days",
    "p90_days": "Nine in ten within (days)",
    "incremental_cost": "Additional cost",
    "incremental_effect": "Additional victims in need supported",
    "icer": "Cost of each",
    "is_assumption": "Evidence",
}
#: Columns that say what a row is about.
_LABELS = frozenset(
    {
        "option",
        "crime_type",
        "group",
        "priority",
        "role",
        "stage",
        "exit",
        "wait",
        "who",
        "line",
        "measure",
        "channel",
        "input",
    }
)
NOTHING_HAPPENS = "Nothing of this kind happens in any of the simulated years."
WHO_TITLES = {"all": "All referrals", "in_need": "Victims in need"}


def readable(table: pd.DataFrame, scenario: Scenario, wide: str | None = None) -> TextTable:
    """Return a result table as text for people.

    Parameters
    ----------
    table : DataFrame
        A table of the run folder.
    scenario : Scenario
    wide : str, optional
        A column whose values become columns, for tables with one number and its interval.

    Returns
    -------
    TextTable
        Strings, with what a row is about as the index; an interval stands in brackets. One row that says
        so where the table has none.
    """
    if table.empty:
        return TextTable({"": [NOTHING_HAPPENS]}, index=[""])
    text = pd.DataFrame(index=table.index)
    for name in table.columns:
        if name in ("low", "high", "unit", "source_key") or name.endswith(("_low", "_high")):
            continue
        text[name] = _column(table, name, scenario)
    if "year_low" in table.columns:
        place = list(text.columns).index("difference")
        text.insert(place, "year", _range(table, "year_low", "year_high"))
    labels = [name for name in text.columns if name in _LABELS]
    for name in labels:  # rows and columns stay in their order
        text[name] = pd.Categorical(text[name], list(dict.fromkeys(text[name])))
    if wide is not None:
        labels = [name for name in reversed(labels) if name != wide]
        value = next(name for name in _INTERVALLED if name in text.columns)
        text = text.pivot(index=labels, columns=wide, values=value)
        text.columns = [str(title) for title in text.columns]
        return TextTable(text.rename_axis(index=_heading))
    named = text.set_index(labels).rename(columns=_heading).rename_axis(index=_heading)
    difference = f"{_DIFFERENCE} {words.option_in_sentence(scenario.against, scenario)}"
    return TextTable(named.rename(columns={_DIFFERENCE: difference}))


def _heading(name: str) -> str:
    return _HEADINGS.get(name, words.sentence_case(name.replace("_", " ")))


def _column(table: pd.DataFrame, name: str, scenario: Scenario) -> pd.Series[str]:
    titles = titles_of(name, scenario)
    if titles is not None:
        return table[name].astype(str).map(titles)
    if name == "is_assumption":
        return table[name].map({True: "Assumption", False: "Source"})
    if not pd.api.types.is_numeric_dtype(table[name]):
        return table[name].astype(str)
    numbers = _formatted(table, name)
    for low, high in ((f"{name}_low", f"{name}_high"), ("low", "high")):
        first = next(iter(column for column in table.columns if column in _INTERVALLED), "")
        belongs = low != "low" or name == first
        if low in table.columns and high in table.columns and belongs:
            ranged = numbers + " (" + _range(table, low, high, name) + ")"
            is_ranged = table[low].notna() & (table[low] != table[high])  # one draw has no interval
            return ranged.where(is_ranged, numbers)
    return numbers


#: Columns that `low` and `high` belong to where they carry no name of their own.
_INTERVALLED = (
    "estimate",
    "victims",
    "cost_gbp",
    "success",
    "within_standard",
    "utilisation",
    "coverage",
    "value",
)


def _formatted(table: pd.DataFrame, name: str, like: str = "") -> pd.Series[str]:
    """Return numbers as text, in the unit of the row or of the column `like`."""
    default = _UNITS.get(like or name, "")
    if "unit" not in table or (like or name) == "probability_better":
        show = _BY_UNIT.get(default, formats.plain)
        return table[name].map(lambda x: "–" if pd.isna(x) else show(x))
    return pd.Series(
        [
            "–" if pd.isna(x) else _BY_UNIT.get(str(unit), formats.plain)(x)
            for x, unit in zip(table[name], table["unit"], strict=True)
        ],
        index=table.index,
    )


def _range(table: pd.DataFrame, low: str, high: str, like: str = "estimate") -> pd.Series[str]:
    return _formatted(table, low, like) + " to " + _formatted(table, high, like)


def titles_of(name: str, scenario: Scenario) -> Callable[[str], str] | None:
    """Return what turns the names in a column into titles, or None where it holds no names."""
    groups = {group.name: group.title for group in scenario.groups}
    crime_types = {key: c.title for key, c in scenario.demand.crime_types.items()} | {"all": "All"}
    known: dict[str, Callable[[str], str]] = {
        "option": lambda key: scenario.options[key].title,
        "stage": lambda key: words.STAGE_TITLES[key],
        "exit": lambda key: words.EXIT_TITLES[key],
        "wait": lambda key: words.WAIT_TITLES[key],
        "who": lambda key: WHO_TITLES[key],
        "priority": lambda key: words.PRIORITY_TITLES[key],
        "crime_type": lambda key: crime_types[key],
        "group": lambda key: groups[key],
        "role": lambda key: words.role_title(key, scenario),
        "line": lambda key: words.COST_LINE_TITLES[key],
        "measure": lambda key: _MEASURES[key].title,
        "channel": lambda key: words.sentence_case(words.CHANNEL_TITLES[key]),
        "verdict": lambda key: words.VERDICT_SENTENCES[key],
        "input": lambda key: words.input_title(key, scenario),
    }
    return known.get(name)


def methods_table(scenario: Scenario) -> TextTable:
    """Return which contact method each group gets in each option.

    Returns
    -------
    TextTable
        Columns Option, What it is, Contact methods (with how many groups get each).
    """
    rows = []
    for option in scenario.options.values():
        contact = option.service.contact
        used: dict[str, list[str]] = {}  # titles of the groups that get each method
        for group in scenario.groups:
            used.setdefault(method_of(contact, group), []).append(group.title)
        methods = [
            f"{contact.methods[name].title}: {', '.join(titles) if len(titles) < 4 else 'all others'}"
            for name, titles in used.items()
        ]
        rows.append((option.title, option.summary.strip(), "; ".join(methods)))
    return TextTable(rows, columns=["Option", "What it is", "Contact methods"])

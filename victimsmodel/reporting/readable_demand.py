"""The tables about demand as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting import formats
from victimsmodel.reporting.text_table import TextTable

_ALL, _TOTAL = "all", "total"
_STREAMS = {
    "unrecorded": "Known to the police, no crime recorded",
    "unreported": "Never reported",
    "unreported_in_need": "Never reported, in need",
    "with_agency": "of these, in touch with an agency",
    "self_referred": "Self-referrals expected",
}
_STEPS = "no steps from recorded crime (demand.from_crime)"
_HISTORY = "no history of recorded crime (demand.history)"
#: What a scenario lacks where a table is not there.
_ABSENT = {
    **dict.fromkeys(("reconciliation", "distance", "distance_words", "beyond_police"), _STEPS),
    **dict.fromkeys(("data_quality", "forecast_years", "forecast_coverage", "forecast_remarks"), _HISTORY),
    "needs": "no kinds of need (demand.needs)",
    "areas": "no residents, deprivation and venues by borough (demand.areas)",
    "incident_planning": "no rate of major incidents (demand.incident_rate)",
}
_UNTESTED = (
    "This history is too short to forecast its own past: how often intervals hold could not be checked."
)
_KINDS = {"category": "Category of need", "priority": "Priority category"}


def readable_demand(name: str, tables: Mapping[str, pd.DataFrame], scenario: Scenario) -> TextTable:
    """Return one of the tables about demand as text for people.

    Parameters
    ----------
    name : str
        A table of the stages ``demand`` or ``forecast``: ``reconciliation``, ``distance``,
        ``distance_words``, ``beyond_police``, ``needs``, ``areas``, ``incident_planning``, ``data_quality``,
        ``forecast_years``, ``forecast_coverage`` or ``forecast_remarks``.
    tables : mapping of str to DataFrame
        Of the stage.
    scenario : Scenario

    Returns
    -------
    TextTable
        Strings, with what a row is about as the index; one row that says so where the scenario does
        not state what the table needs.
    """
    if name not in tables:
        return TextTable(
            _one_line(f"The scenario states {_ABSENT[name]}, so that there is nothing to show here.")
        )
    return TextTable(_SHOWN[name](tables[name], scenario))


def _one_line(sentence: str) -> pd.DataFrame:
    return pd.DataFrame({"": [sentence]}, index=[""])


def _count(x: float) -> str:
    return "–" if pd.isna(x) else formats.count(x)


def _change(x: float) -> str:
    return formats.count(x) if x < 0 else f"+{formats.count(x)}"


def _with_range(table: pd.DataFrame, column: str, show: Callable[[float], str] = _count) -> list[str]:
    """Return each number with its interval, unless it is certain."""
    low, high = (f"{column}_low", f"{column}_high") if f"{column}_low" in table else ("low", "high")
    return [
        show(x) if pd.isna(x) or a == b else f"{show(x)} ({show(a)} to {show(b)})"
        for x, a, b in zip(table[column], table[low], table[high], strict=True)
    ]


def _sources(keys: str, scenario: Scenario) -> str:
    return "; ".join(
        "Assumption" if key == "assumption" else scenario.sources[key].title
        for key in keys.split(", ")
        if key
    )


def _reconciliation(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    table = table[(table["change_low"] != 0) | (table["change_high"] != 0)]
    changes = ["", *_with_range(table, "change", _change)[1:]]
    text = {"Change": changes, "Result": _with_range(table, "result")}
    sources = [_sources(str(keys), scenario) for keys in table["source"]]
    return pd.DataFrame({**text, "Source": sources}, index=pd.Index(table["title"], name="Step"))


def _distance(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "From recorded crime": _with_range(table, "value"),
            "Stated in the scenario": _with_range(table, "stated"),
            "Distance": [_change(x) for x in table["distance"]],
            "Draws inside the stated range": [
                why or formats.share(x) for x, why in zip(table["within"], table["untested"], strict=True)
            ],
        },
        index=pd.Index(table["title"], name="After the step"),
    )


def _words(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    return pd.DataFrame({"In words": list(table["sentence"])}, index=range(1, len(table) + 1))


def _remarks(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return what is worth knowing of a forecast, crime types by their titles."""
    if table.empty:
        return _one_line("Nothing about this forecast was unusual.")
    texts = list(table["remark"])
    for name, kind in scenario.demand.crime_types.items():
        texts = [text.replace(f"{name}:", f"{kind.title}:") for text in texts]
    return pd.DataFrame({"Worth knowing": texts}, index=range(1, len(texts) + 1))


def _beyond_police(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    own = table[table["crime_type"] == _ALL].set_index("stream").loc[list(_STREAMS)]
    index = pd.Index([_STREAMS[name] for name in own.index], name="Victims who never pass the police")
    return pd.DataFrame({"A year": _with_range(own, "value")}, index=index)


def _needs(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    index = pd.MultiIndex.from_arrays(
        [table["kind"].map(_KINDS), table["title"]], names=["", "Of victims in need"]
    )
    text = {"Share": _with_range(table, "share", formats.share), "Victims": _with_range(table, "victims")}
    sources = [_sources(str(key), scenario) for key in table["source"]]
    return pd.DataFrame({**text, "Source": sources}, index=index)


def _areas(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    rate = _with_range(table, "per_1000", lambda x: f"{x:.1f}")
    per_venue = _with_range(table, "per_venue")
    notes = zip(per_venue, table["venue_note"], strict=True)
    return pd.DataFrame(
        {
            "Share of recorded crime": [formats.share1(x) for x in table["share"]],
            "Victims in need a year": _with_range(table, "in_need"),
            "per 1,000 residents": rate,
            "Deprivation (IMD 2019)": [f"{x:.1f}" for x in table["imd_score"]],
            "Outreach venues": [str(n) for n in table["venues"]],
            "Victims in need per venue": [note or number for number, note in notes],
        },
        index=pd.Index(table["title"], name="Borough"),
    )


def _planning(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    index = pd.Index(
        ["Mean" if pd.isna(x) else f"{x:.0%} of years" for x in table["years_below"]], name="At most, in"
    )
    return pd.DataFrame(
        {"Extra victims": [_count(x) for x in table["victims"]], "": list(table["words"])}, index=index
    )


def _quality(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    if table.empty:
        return _one_line("Nothing was found to be wrong with the official data.")
    columns = {"severity": "Severity", "period": "Quarters", "offence": "Offence", "detail": "Finding"}
    text = table.rename(columns={**columns, "action": "What was done"})
    text["Area"] = text["force"].replace("", "all forces")
    order = ["Area", *list(columns.values())[1:], "What was done"]
    return text.set_index("Severity")[order]


def _years(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Show the total and each crime type in columns, a row for each year."""
    titles = {key: kind.title for key, kind in scenario.demand.crime_types.items()} | {_TOTAL: "Total"}
    cells = [
        _count(row.observed)
        if pd.isna(row.median)
        else f"{_count(row.median)} ({_count(row.low_80)} to {_count(row.high_80)})"
        for row in table.itertuples()
    ]
    shown = table.assign(cell=cells, title=table["crime_type"].map(titles))
    wide = shown.pivot(index="year", columns="title", values="cell")
    order = ["Total", *(title for title in titles.values() if title in wide and title != "Total")]
    return wide[order].rename_axis(index="Financial year", columns=None)


def _coverage(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    if table.empty:
        return _one_line(_UNTESTED)
    titles = {key: kind.title for key, kind in scenario.demand.crime_types.items()} | {_TOTAL: "Total"}
    shown = table.assign(cell=[formats.share(x) for x in table["covered"]])
    wide = shown.pivot(index="crime_type", columns="level", values="cell").loc[
        lambda x: [k for k in titles if k in x.index]
    ]
    wide.columns = [f"{level:.0%} interval held" for level in wide.columns]
    return wide.rename(index=titles).rename_axis(index="")


_SHOWN: dict[str, Callable[[pd.DataFrame, Scenario], pd.DataFrame]] = {
    "reconciliation": _reconciliation,
    "distance": _distance,
    "distance_words": _words,
    "beyond_police": _beyond_police,
    "needs": _needs,
    "areas": _areas,
    "incident_planning": _planning,
    "data_quality": _quality,
    "forecast_years": _years,
    "forecast_coverage": _coverage,
    "forecast_remarks": _remarks,
}

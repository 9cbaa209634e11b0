"""The tables on value for money as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from victimsmodel.appraisal.multi_year import TOTALS
from victimsmodel.inputs.draws import uncertain_inputs
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting import formats
from victimsmodel.reporting.readable_decisions import (
    by_cost_basis,
    equal_spend,
    first_guess,
    mix_of_plan,
    options_for_grants,
    staff_of_plan,
    standards_of_plan,
)
from victimsmodel.reporting.sentences import TextTables
from victimsmodel.reporting.text_table import TextTable
from victimsmodel.reporting.value_cells import heading, title, wide, with_range
from victimsmodel.reporting.words import (
    in_sentence,
    input_title,
    option_in_sentence,
    sentence_case,
    typeset,
)

Tables = Mapping[str, pd.DataFrame]

_STATUS = {"unverified": "carried over, not confirmed for this edition"}
_KINDS = {"priority": "priority", "crime_type": "crime type", "group": "group", "borough": "borough"}
BENEFIT_TITLES = {"wellby": "wellbeing (WELLBY)", "outcomes": "victims in need supported"}


def readable_value(name: str, tables: Tables, scenario: Scenario) -> TextTable:
    """Return one of the tables on value for money as text for people.

    Parameters
    ----------
    name : str
        A table of the stages ``value``, ``sensitivity`` or ``plans``: ``unit_costs``, ``present_values``,
        ``frontier``, ``decision_by_cost_basis``, ``equal_spend``, ``equity``, ``satisficing``,
        ``switching``, ``discovery``, ``sobol``, ``funding_checks``, ``rules_table``, ``plan_first_guess``,
        ``plan_staff``, ``plan_standards``, ``plan_mix`` or ``plan_options``.
    tables : mapping of str to DataFrame
        Of the stage.
    scenario : Scenario

    Returns
    -------
    TextTable
        Strings, with what a row is about as the index; one row that says so where there is nothing to show.
    """
    if name not in tables or tables[name].empty:
        notes = tables.get("sensitivity_notes", pd.DataFrame({"topic": [], "note": []})).set_index("topic")
        told = [str(notes["note"][topic]) for topic in (name, "all") if topic in notes.index]
        nothing = {"": told[:1] or ["The scenario states nothing about it."]}
        return TextTable(nothing, index=[heading(name)])
    return TextTable(_SHOWN[name](tables[name], scenario))


def readable_values(names: Sequence[str], tables: Tables, scenario: Scenario) -> TextTables:
    """Return several of the tables on value for money, those that were made.

    Parameters
    ----------
    names : sequence of str
        As for `readable_value`.
    tables : mapping of str to DataFrame
        Of one stage.
    scenario : Scenario
    """
    made = [name for name in names if name in tables and not tables[name].empty]
    return TextTables(readable_value(name, tables, scenario) for name in made)


def _unit_costs(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    rows = {
        (sentence_case(str(row.unit)), title(row.option, scenario)): (
            f"{with_range(row.cost_gbp, row.low, row.high, 'GBP')}; {formats.share(row.fixed_share)} fixed"
        )
        for row in table.itertuples()
    }
    return wide(rows, "Cost of each")


def _present_values(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    titles = {item.name: item.title for item in TOTALS}
    rows = {
        (titles[row.item], title(row.option, scenario)): with_range(row.estimate, row.low, row.high, row.unit)
        for row in table.itertuples()
    }
    valued = ", ".join(BENEFIT_TITLES[name] for name in str(table["benefits"].iloc[0]).split(", ") if name)
    counted = f"; benefit: {valued}" if valued else "; no benefit is valued in pounds"
    return wide(rows, f"{table['rules'].iloc[0]}{counted}")


def _frontier(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    rows = [
        (
            formats.pounds(row.cost),
            formats.count(row.effect),
            sentence_case(str(row.position)),
            " and ".join(title(name, scenario) for name in str(row.by).split(" and ") if name),
            "–" if pd.isna(row.icer) else formats.pounds(row.icer),
        )
        for row in table.itertuples()
    ]
    heads = ["Full cost", "Victims in need supported", "Position", "By", "Cost of each further victim"]
    names = [title(name, scenario) for name in table["option"]]
    return pd.DataFrame(rows, pd.Index(names, name=table["rules"].iloc[0]), heads)


def _equity(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the largest gap in coverage of each division of victims."""
    rows = {}
    most = table.groupby("kind", observed=True)["coverage_gap"].max()
    for (kind, option), own in table.groupby(["kind", "option"], observed=True, sort=False):
        worst = own.loc[own["coverage_gap"].idxmax()]
        gap = float(worst["coverage_gap"])
        who = division_title(str(kind), str(worst["name"]), scenario)
        none = "none by assumption" if most[kind] == 0 else "no difference"
        told = none if gap == 0 else f"{100 * gap:.0f} points ({in_sentence(who)})"
        rows[f"Largest gap by {str(kind).replace('_', ' ')}", title(option, scenario)] = told
    return wide(rows, f"Coverage, below the best served. {equity_note(table)}".strip())


def equity_note(table: pd.DataFrame) -> str:
    """Return in one sentence which divisions of victims the model cannot tell apart; empty if none.

    Parameters
    ----------
    table : DataFrame
        From `equity`.
    """
    most = table.groupby("kind", observed=True, sort=False)["coverage_gap"].max()
    kinds = [_KINDS[str(kind)] for kind, gap in most.items() if gap == 0]
    if not kinds:
        return ""
    return (
        f"No gap is shown by {' or '.join(kinds)}: the model gives all of them the same service, so that "
        f"none could show. That is an assumption, not a finding; the provider's returns can tell whether it "
        f"holds."
    )


def division_title(kind: str, name: str, scenario: Scenario) -> str:
    """Return the title of a part that victims are divided into: a group, crime type, priority or borough."""
    titles = {group.name: group.title for group in scenario.groups}
    titles |= {key: crime.title for key, crime in scenario.demand.crime_types.items()}
    return titles.get(name, sentence_case(name.replace("_", " ")))


def _satisficing(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    rows = {
        (requirement_title(str(row.requirement), scenario), title(row.option, scenario)): formats.share(
            row.share
        )
        for row in table.itertuples()
    }
    return wide(rows, "Probability of")


def requirement_title(text: str, scenario: Scenario) -> str:
    """Return a requirement on an option in words, to follow "probability of"."""
    if text == "all":
        return "both"
    measure, limit = text.split(" ", 1)[0], float(text.rsplit(" ", 1)[1])
    if measure == "total_cost":
        return f"costing at most the grant of {formats.pounds(limit)}"
    base = option_in_sentence(scenario.against, scenario)
    return f"supporting {formats.count(limit)} victims in need or more, the mean of {base}"


def _switching(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return inputs that clearly matter and at which the choice turns within their range."""
    turns = table[table["switches_at"].notna() & table["is_clear"]]
    if turns.empty:
        return pd.DataFrame({"": ["No input turns the choice by itself."]}, index=["Switching values"])
    units = uncertain_inputs(scenario)
    rows = [
        (
            title(row.option, scenario),
            title(row.against, scenario),
            f"{row.better} {_number(row.switches_at, units[row.input].unit)}",
            formats.share(row.probability_past),
        )
        for row in turns.itertuples()
    ]
    names = [input_title(name, scenario) for name in turns["input"]]
    heads = ["Option", "Is the better buy than", "If the input lies", "Probability that it does not"]
    return pd.DataFrame(rows, pd.Index(names, name="Input"), heads)


def _number(value: float, unit: str) -> str:
    if unit == "probability":
        return formats.share1(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _discovery(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    return pd.DataFrame({"": [discovery_sentence(table, scenario)]}, index=["Where it fails"])


def discovery_sentence(table: pd.DataFrame, scenario: Scenario) -> str:
    """Return in one sentence where the best option fails to be the best buy, and how well that holds.

    Parameters
    ----------
    table : DataFrame
        The table ``discovery``, with one limit or more.
    scenario : Scenario
    """
    units = uncertain_inputs(scenario)
    limits = [
        f"{in_sentence(input_title(name, scenario))} lie {side} {_number(limit, units[name].unit)}"
        for name, side, limit in zip(table["input"], table["side"], table["limit"], strict=True)
    ]
    first = table.iloc[0]
    option = sentence_case(option_in_sentence(str(first["option"]), scenario))
    return (
        f"{option} is not the best buy in {formats.share(first['fails_in_region'])} of draws, instead of "
        f"{formats.share(first['fails_anywhere'])}, where {' and '.join(limits)} "
        f"({first['n_draws']:.0f} draws that the region was not fitted to; it holds "
        f"{formats.share(first['share_of_failures'])} of the failures)."
    )


def _sobol(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return which inputs move what the best option adds, by themselves and together with others."""
    first = table.iloc[0]
    rows = [
        (
            f"{formats.share1(max(row.first, 0.0))} (± {formats.share1(row.first_half_width)})",
            f"{formats.share1(row.total)} (± {formats.share1(row.total_half_width)})",
            "settled" if row.has_converged else "not settled",
        )
        for row in table.itertuples()
    ]
    option, against = (option_in_sentence(str(first[name]), scenario) for name in ("option", "against"))
    name = (
        f"Victims in need supported by {option} more than by {against}; polynomials fitted to "
        f"{first['n_points']:.0f} simulated points tell {formats.share(first['explained'])} of them"
    )
    heads = ["Explains by itself", "And together with others", "Indices are"]
    return pd.DataFrame(rows, pd.Index([input_title(n, scenario) for n in table["input"]], name=name), heads)


def _notes(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    names = pd.Index([heading(str(topic)) for topic in table["topic"]], name="Not computed, or not settled")
    return pd.DataFrame({"": list(table["note"])}, names)


def _funding_checks(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    wrong = table[table["agrees"].astype("Float64").fillna(0.0).ne(1.0)]  # also what cannot be told
    names = wrong["year"] + ": " + wrong["item"]
    return pd.DataFrame(
        {"Finding": [typeset(text) for text in wrong["finding"]]}, pd.Index(names, name="Table")
    )


def _rules_table(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    table = table.assign(status=table["status"].replace(_STATUS))
    shown = table[["value", "unit", "status"]].set_axis(table["rule"]).rename_axis(table["rules"].iloc[0])
    return shown.rename(columns=heading)


_SHOWN: dict[str, Callable[[pd.DataFrame, Scenario], pd.DataFrame]] = {
    "unit_costs": _unit_costs,
    "present_values": _present_values,
    "frontier": _frontier,
    "decision_by_cost_basis": by_cost_basis,
    "equal_spend": equal_spend,
    "plan_first_guess": first_guess,
    "plan_staff": staff_of_plan,
    "plan_standards": standards_of_plan,
    "plan_mix": mix_of_plan,
    "plan_options": options_for_grants,
    "equity": _equity,
    "satisficing": _satisficing,
    "switching": _switching,
    "discovery": _discovery,
    "sobol": _sobol,
    "sensitivity_notes": _notes,
    "funding_checks": _funding_checks,
    "rules_table": _rules_table,
}

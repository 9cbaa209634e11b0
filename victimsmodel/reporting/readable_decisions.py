"""The tables on the choice between options, and on plans, as people read them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from victimsmodel.appraisal.standards import parse_standards
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting import formats
from victimsmodel.reporting.sentences import Sentences
from victimsmodel.reporting.value_cells import title, wide, with_range
from victimsmodel.reporting.words import certainty, option_in_sentence

_YEARS = {"average": "average year", "surge": "year with a surge"}
BASIS_TITLES = {
    "running": "Running cost from the grant",
    "grant_cost": "Grant, one-off costs too",
    "full_cost": "Full cost, with what others bear",
}


def by_cost_basis(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the option to choose by each way to count costs, at the central threshold."""
    central = table[table["is_central"]]
    rows, names = [], []
    for basis, own in central.groupby("basis", sort=False):
        best = own[own["is_chosen"]].iloc[0]
        second = own[~own["is_chosen"]].nlargest(1, "probability_best")
        rows.append(
            (
                title(best["option"], scenario),
                formats.probability(best["probability_best"]),
                formats.pounds(best["expected_loss"]),
                " ".join(
                    f"{title(row.option, scenario)} ({formats.probability(row.probability_best)})"
                    for row in second.itertuples()
                )
                or "–",
            )
        )
        names.append(BASIS_TITLES[str(basis)])
    heads = ["Best option", "Probability that it is", "Expected loss of choosing it", "Most likely otherwise"]
    return pd.DataFrame(rows, pd.Index(names, name=cost_basis_sentence(table, scenario)), heads)


def cost_basis_sentence(table: pd.DataFrame, scenario: Scenario) -> str:
    """Return in one sentence whether the choice depends on whose costs are counted.

    Parameters
    ----------
    table : DataFrame
        The table ``decision_by_cost_basis``.
    scenario : Scenario
    """
    central = table[table["is_central"] & table["is_chosen"]].set_index("basis")
    grant, full = central.loc["grant_cost"], central.loc["full_cost"]
    by_grant, by_full = (option_in_sentence(str(row["option"]), scenario) for row in (grant, full))
    first, second = (certainty(float(row["probability_best"])) for row in (grant, full))
    shares = [formats.probability(float(row["probability_best"])) for row in (grant, full)]
    at = formats.pounds(float(grant["threshold"]))
    if by_grant == by_full:
        return (
            f"At {at} for each victim in need supported, {by_grant} is best both by what the grant pays "
            f"({first}, {shares[0]}) and by the full cost with what others bear ({second}, {shares[1]})."
        )
    return (
        f"At {at} for each victim in need supported, {by_grant} is best by what the grant pays ({first}, "
        f"{shares[0]}), but {by_full} by the full cost with what others bear ({second}, {shares[1]})."
    )


def equal_spend(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return what each option does with the staff as stated, and which grants pay for it."""
    rows = {
        (title(row.option, scenario), f"{formats.pounds(row.grant_gbp)}: {head}"): text
        for row in table.itertuples()
        for head, text in (
            ("within it", formats.probability(row.probability_within_grant)),
            ("supports most of those within", formats.probability(row.probability_most)),
        )
    }
    found = wide(rows, "With staff as stated")
    first = table.drop_duplicates("option")
    found.insert(0, "Cost of the year", [formats.pounds(x) for x in first["cost_gbp"]])
    supported = [
        with_range(row.supported_in_need, row.low, row.high, "victims") for row in first.itertuples()
    ]
    found.insert(1, "Victims in need supported", supported)
    return found


def first_guess(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the staff of the closed forms beside those that there are."""
    rows = [
        (
            formats.plain(row.fte_now),
            f"{row.busy_fte:.1f}",
            "–" if pd.isna(row.closed_form_fte) else f"{row.closed_form_fte:.1f}",
        )
        for row in table.itertuples()
    ]
    heads = ["Full-time staff now", "Kept busy by the work", "First guess for the standards (Erlang)"]
    option = title(table["option"].iloc[0], scenario)
    return pd.DataFrame(rows, pd.Index(table["title"], name=option), heads)


def staff_of_plan(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the staff of the plan for the standards, beside those that there are."""
    rows = [
        (
            formats.plain(row.fte_now),
            formats.plain(row.fte),
            formats.pounds(row.cost_gbp),
            "–" if pd.isna(row.closed_form_fte) else f"{row.closed_form_fte:.1f}",
        )
        for row in table.itertuples()
    ]
    heads = ["Full-time staff now", "Plan", "Pay of the plan a year", "First guess (Erlang)"]
    names = [f"{row.title}, {_YEARS[str(row.situation)]}" for row in table.itertuples()]
    return pd.DataFrame(rows, pd.Index(names, name=title(table["option"].iloc[0], scenario)), heads)


def standards_of_plan(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return how often each standard is met with the staff of the plan."""
    rows = [
        (
            formats.share(row.mean_share),
            f"{formats.probability(row.probability)} (standard error {formats.share(row.standard_error)})",
        )
        for row in table.itertuples()
    ]
    names = [
        f"{parse_standards([row.standard])[0].title}, {_YEARS[row.situation]}" for row in table.itertuples()
    ]
    heads = ["Kept for, mean of years", "Share of years in which it is met"]
    return pd.DataFrame(rows, pd.Index(names, name=title(table["option"].iloc[0], scenario)), heads)


def mix_of_plan(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return staff and places of the best use of each grant."""
    rows = {
        (str(row.title), formats.pounds(row.grant_gbp)): (
            f"{formats.plain(row.amount)} for {formats.pounds(row.cost_gbp)}; "
            f"the next £10,000 here support {formats.about(row.next_gain)} more"
        )
        for row in table.itertuples()
    }
    now = table.drop_duplicates("name")["amount_now"]
    found = wide(rows, "Full-time staff or places")
    found.insert(0, "Now", [formats.plain(x) for x in now])
    return found


def options_for_grants(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return what each option could do with staff for the same grant."""
    rows = {
        (title(row.option, scenario), formats.pounds(row.grant_gbp)): (
            f"{formats.count(row.supported_in_need)}"
            + (f" ({formats.count(row.behind)} behind)" if row.standard_error else " (best)")
        )
        for row in table.itertuples()
    }
    return wide(rows, "Victims in need supported, with staff for the grant")


def plan_sentences(tables: Mapping[str, pd.DataFrame], topic: str) -> Sentences:
    """Return what plans say, or how to make them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of the stage ``plans``.
    topic : str
        ``standards`` or ``grants``.
    """
    told = tables["plan_words"]
    return Sentences(told.loc[told["topic"] == topic, "sentence"])

"""The fewest staff for the standards, the best use of a grant, and the choice by what counts as cost."""

from __future__ import annotations

from collections.abc import Callable

from victimsmodel.reporting.content.decision import central
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence
from victimsmodel.reporting.content.exhibits import Shown, exhibits, told
from victimsmodel.reporting.content.model import Block, Bracketed, Column, Heading, Row, RowGroup, Table, Text
from victimsmodel.reporting.content.tabulated import Col, long_table
from victimsmodel.reporting.readable_decisions import BASIS_TITLES
from victimsmodel.reporting.words import in_sentence


def _distinct_bases(e: Evidence, at: str) -> tuple[list[str], dict[str, str]]:
    """Return the ways to count costs that differ, and what each stands for: itself and those like it."""
    table = e.tables["decision_by_cost_basis"].astype({"option": str, "basis": str, "threshold": str})
    found: dict[str, tuple[object, ...]] = {}
    titles: dict[str, str] = {}
    for basis, title in BASIS_TITLES.items():
        own = table[(table["basis"] == basis) & (table["threshold"] == at)].set_index("option")
        numbers = (*own[["cost", "probability_best", "expected_loss"]].to_numpy().ravel(),)
        like = next((name for name, others in found.items() if others == numbers), "")
        if like:
            titles[like] += f"; the same by: {in_sentence(title)}"
        else:
            found[basis], titles[basis] = numbers, title
    return list(found), titles


def _by_basis(e: Evidence) -> Table:
    """Return the options by what is counted as cost, at the central worth of a victim supported."""
    at = central(e)
    kept, titles = _distinct_bases(e, at)
    columns = (
        Col("Present value of cost", "cost", "pounds"),
        Col("Best buy in", "probability_best", "percent"),
        Col("Expected loss", "expected_loss", "pounds"),
    )
    groups: list[RowGroup] = []
    heads: tuple[Column, ...] = ()
    for basis in kept:
        table = long_table(
            e,
            "decision_by_cost_basis",
            "option",
            columns,
            head="Option",
            where={"basis": basis, "threshold": at},
        )
        heads = table.columns
        groups.append(RowGroup(titles[basis], tuple(row for group in table.groups for row in group.rows)))
    return Table("Option", heads, tuple(groups))


def _first_guess(e: Evidence) -> Table:
    columns = (
        Col("Posts now", "fte_now", "decimal1"),
        Col("Kept busy by the expected work", "busy_fte", "decimal1"),
        Col("Erlang's closed form", "closed_form_fte", "decimal1"),
    )
    return long_table(e, "plan_first_guess", "role", columns, head="Staff")


def _staff(e: Evidence) -> Table:
    columns = (
        Col("Posts now", "fte_now", "decimal1"),
        Col("Fewest posts", "fte", "decimal1"),
        Col("Cost a year", "cost_gbp", "pounds"),
    )
    return long_table(e, "plan_staff", "role", columns, head="Staff", within="situation")


def _met(e: Evidence) -> Table:
    columns = (
        Col("Share asked for", "target", "percent"),
        Col("Share served, mean", "mean_share", "share"),
        Col("Years in which it is met", "probability", "percent"),
    )
    return long_table(e, "plan_standards", "standard", columns, head="Standard", within="situation")


def _more_or_less(situation: str) -> Callable[[Evidence], Table]:
    """Return a function that makes the table of a situation: how often standards are met, by staff."""
    columns = (
        Col("Full-time staff of all roles", "fte", "decimal1"),
        Col("Years in which it is met", "probability", "percent"),
        Col("Standard error", "standard_error", "share1"),
    )
    where = {"situation": situation}
    return lambda e: long_table(e, "plan_curve", "standard", columns, head="Standard", where=where)


def _curves(e: Evidence) -> tuple[Shown, ...]:
    """Return what shows more and less staff than planned, by situation."""
    if not e.has("plan_curve", "plan_summary"):
        return ()
    return tuple(
        Shown(
            "plan_curve",
            f"How often the standards are met with more and with less staff, in {_title(e, situation)}",
            _more_or_less(situation),
            f"plan_{situation}",
            needs=("plan_staff",),
            is_simulated=False,
            is_folded=True,
            note=_rests_on_own_years,
        )
        for situation in dict.fromkeys(e.tables["plan_curve"]["situation"].astype(str))
    )


def _title(e: Evidence, situation: str) -> str:
    """Return what a situation is called: an average year, or one with a surge."""
    return e.word("plan_summary", "title", situation=situation)


def _frontier(e: Evidence) -> Table:
    """Return what the best plan does with each grant, and what the next pounds bring."""
    rows = []
    for place, option in enumerate(e.tables["plan_frontier"]["option"].astype(str)):
        at = {"#": str(place)}
        error = Bracketed(("standard error ", e.number("plan_frontier", "count", "standard_error", **at)))
        cells: tuple[Text, ...] = (
            (e.title(option),),
            (e.number("plan_frontier", "count", "supported_in_need", **at), " ", error),
            (e.number("plan_frontier", "decimal1", "gain_per_10000", **at),),
        )
        title = (e.number("plan_frontier", "pounds_exact", "grant_gbp", **at),)
        rows.append(Row(title, cells, e.colours[option]))
    heads = (
        Column("Option", False),
        Column("Victims in need supported"),
        Column("More for each further ten thousand pounds"),
    )
    return Table("Grant", heads, (RowGroup("", tuple(rows)),))


def _grants(e: Evidence) -> Table:
    columns = (
        Col("Option", "title", "text"),
        Col("Victims in need supported", "supported_in_need", "count"),
        Col("Cost of the year", "cost_gbp", "pounds"),
        Col("Years within the grant", "probability_within_grant", "percent"),
        Col("Best plan, or as good", "correct_within_indifference", "percent"),
    )
    return long_table(e, "plan_grants", "grant_gbp", columns, head="Grant")


def _mix(e: Evidence) -> Table:
    """Return the staff and places of the best plan, by grant."""
    columns = (
        Col("Now", "amount_now", "decimal1"),
        Col("In the plan", "amount", "decimal1"),
        Col("Cost", "cost_gbp", "pounds"),
        Col("Victims in need that one more step brings", "next_gain", "count_signed"),
    )
    return long_table(e, "plan_mix", "grant_gbp", columns, head="Grant", within="title")


def _equal_spend(e: Evidence) -> Table:
    """Return what each option does with the staff that the scenario states, by grant."""
    columns = (
        Col("Cost of the year", "cost_gbp", "pounds"),
        Col("Within the grant in", "probability_within_grant", "percent"),
        Col("Victims in need supported", "supported_in_need", "count", "low", "high"),
    )
    return long_table(e, "equal_spend", "grant_gbp", columns, head="Grant", within="option")


def _rests_on_own_years(e: Evidence) -> Text:
    """Say that a plan has simulated years of its own."""
    return ("Rests on simulated years of its own, as many as the sentences above say.",)


STAFFING = (
    Shown(
        "plan_first_guess",
        "A first guess of the staff for the standards, by closed forms",
        _first_guess,
        is_simulated=False,
        is_folded=True,
        note=lambda e: (
            "Every input at its median and a steady flow: no weekends, seasons, priorities or repeated "
            "attempts. A check of plans, not a plan.",
        ),
    ),
    Shown(
        "plan_staff",
        "The fewest staff that meet the standards",
        _staff,
        is_simulated=False,
        note=_rests_on_own_years,
    ),
    Shown(
        "plan_standards",
        "How the fewest staff meet each standard",
        _met,
        is_simulated=False,
        note=_rests_on_own_years,
    ),
)

BASIS = (
    Shown(
        "decision_by_cost_basis",
        "The same choice by what is counted as cost, at the central worth of a victim supported",
        _by_basis,
    ),
)

GRANTS = (
    Shown(
        "equal_spend",
        f"What each grant pays for with the staff of each option, with the {INTERVAL} of the mean",
        _equal_spend,
    ),
    Shown(
        "plan_grants",
        "The best use of each grant",
        _grants,
        is_simulated=False,
        note=_rests_on_own_years,
    ),
    Shown(
        "plan_frontier",
        "What grants of other sizes can do",
        _frontier,
        "plan_grants",
        needs=("plan_grants",),
        is_simulated=False,
        is_folded=True,
        note=_rests_on_own_years,
    ),
    Shown(
        "plan_mix",
        "Staff and places of the best plan, by grant",
        _mix,
        is_simulated=False,
        is_folded=True,
        note=_rests_on_own_years,
    ),
)


def staffing(e: Evidence) -> tuple[Block, ...]:
    """Return the part on the fewest staff for the standards; nothing where no plan was asked for."""
    found = (*told(e, "plan_words", "standards"), *exhibits(e, (*STAFFING, *_curves(e))))
    return (Heading("The fewest staff for the standards"), *found) if found else ()


def basis(e: Evidence) -> tuple[Block, ...]:
    """Return the choice by what is counted as cost, where single answers have a central worth."""
    return exhibits(e, BASIS) if central(e) else ()


def grants(e: Evidence) -> tuple[Block, ...]:
    """Return the part on the best use of a grant; nothing where no plan was asked for."""
    found = (*told(e, "plan_words", "grants"), *exhibits(e, GRANTS))
    return (Heading("What a grant can do"), *found) if found else ()

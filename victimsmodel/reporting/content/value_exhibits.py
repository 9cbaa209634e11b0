"""The tables and figures on value for money."""

from __future__ import annotations

from collections.abc import Callable

from victimsmodel.appraisal.activity_costs import IDLE
from victimsmodel.reporting import words
from victimsmodel.reporting.content.decision import any_outside
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence, measured
from victimsmodel.reporting.content.exhibits import Shown
from victimsmodel.reporting.content.model import (
    Column,
    Row,
    RowGroup,
    Table,
    Text,
)
from victimsmodel.reporting.content.tabulated import Col, long_table, titled, wide_table
from victimsmodel.reporting.value_words import POSITIONS


def _verdicts(e: Evidence) -> Table:
    """Return what each option adds to the one compared with, and the verdict on it."""
    rows = []
    for option in (o for o in e.options if e.has_row("incremental", option=o)):
        verdict = words.VERDICT_SENTENCES[e.word("incremental", "verdict", option=option)]
        sure = e.sure(measured(option, "supported_in_need", "probability_better"))
        cells: tuple[Text, ...] = (
            (e.number("incremental", "pounds_signed", "incremental_cost", option=option),),
            (e.number("incremental", "count_signed", "incremental_effect", option=option),),
            (e.number("incremental", "pounds", "icer", option=option),),
            (f"{verdict} ", *sure, " to support more."),
        )
        rows.append(Row((e.title(option),), cells, e.colours[option]))
    heads = (
        Column("More cost to the grant"),
        Column("More victims in need supported"),
        Column("Cost of each"),
        Column("On average", False),
    )
    return Table("Option", heads, (RowGroup("", tuple(rows)),))


def _frontier(e: Evidence) -> Table:
    """Return where each option stands by full cost and effect over the years."""
    rows = []
    for option in (o for o in e.options if e.has_row("frontier", option=o)):
        by = " and ".join(e.quoted(o) for o in e.word("frontier", "by", option=option).split(" and ") if o)
        position = words.sentence_case(POSITIONS[e.word("frontier", "position", option=option)])
        cells: tuple[Text, ...] = (
            (e.number("frontier", "pounds", "cost", option=option),),
            (e.number("frontier", "count", "effect", option=option),),
            (f"{position}{f': {by}' if by else ''}",),
            (e.number("frontier", "pounds", "icer", option=option),),
        )
        rows.append(Row((e.title(option),), cells, e.colours[option]))
    heads = (
        Column("Full cost"),
        Column("Victims in need supported"),
        Column("Position", False),
        Column("Cost of each further victim"),
    )
    return Table("Option", heads, (RowGroup("", tuple(rows)),))


def _is_same(e: Evidence) -> bool:
    """Whether every option costs the grant all that it costs."""
    return not any_outside(e) and all(
        e.has_row("present_values", option=o, item="full_cost")
        and e.value("present_values", name, option=o, item="full_cost")
        == e.value("present_values", name, option=o, item="grant_cost")
        for o in e.options
        for name in ("estimate", "low", "high")
    )


def _present(e: Evidence) -> Table:
    """Return the present values of every option, a cost that two rows share once."""
    column = Col("", "estimate", "unit", "low", "high")
    made = wide_table(e, "present_values", "item", column, head="Present value")
    rows = [row for group in made.groups for row in group.rows]
    if _is_same(e):
        first = e.tables["present_values"]["item"].astype(str)
        items = list(dict.fromkeys(first))
        rows.pop(items.index("grant_cost"))
    return Table(made.head, made.columns, (RowGroup("", tuple(rows)),))


def _note_present(e: Evidence) -> Text:
    same: Text = ("The full cost is the cost to the grant: nothing is stated of what others bear. ",)
    level = "The equivalent annual cost is the level amount a year, over the years in which money is spent, "
    level += "with the same present value. "
    start = same if _is_same(e) else ()
    item = "equivalent_annual_cost"
    if e.has_row("present_values", option=e.base, item=item):
        start = (*start, level)
    return (*start, *_note_rules("present_values")(e))


def _curves(column: str, style: str) -> Callable[[Evidence], Table]:
    def made(e: Evidence) -> Table:
        return wide_table(
            e, "decision_curves", "threshold", Col("", column, style), head="Worth of a victim supported"
        )

    return made


def _regret(e: Evidence) -> Table:
    """Return how much worse than the best choice each option may turn out, at the central threshold."""
    rows = []
    for option in (o for o in e.options if e.has_row("regret", option=o)):
        cells = [
            (e.number("regret", "pounds", name, option=option),) for name in ("mean_regret", "most_regret")
        ]
        rows.append(Row((e.title(option),), tuple(cells), e.colours[option]))
    heads = (Column("Mean"), Column("Largest"))
    return Table("Option", heads, (RowGroup("", tuple(rows)),))


def _satisficing(e: Evidence) -> Table:
    """Return the share of draws in which each option meets a requirement."""
    wanted = list(dict.fromkeys(e.tables["satisficing"]["requirement"].astype(str)))
    titles = {w: _requirement(e, w) for w in wanted}
    rows = []
    for option in e.options:
        cells = [(e.number("satisficing", "percent", "share", option=option, requirement=w),) for w in wanted]
        rows.append(Row((e.title(option),), tuple(cells), e.colours[option]))
    return Table("Option", tuple(Column(titles[w]) for w in wanted), (RowGroup("", tuple(rows)),))


def _requirement(e: Evidence, text: str) -> str:
    if text == "all":
        return "Both"
    if text.startswith("total_cost"):
        return "Costs at most the grant"
    return f"Supports at least as many in need as {e.quoted(e.base)} does on average"


def _paid_for(e: Evidence) -> Table:
    """Return the pay of the year by role, activity and option, without work that a role does not do."""
    pay = Col("", "cost_gbp", "pounds", "low", "high")
    paid = e.tables["activity_costs"]
    done = paid[paid["cost_gbp"] > 0].astype({"role": str, "activity": str})
    groups = []
    for role in dict.fromkeys(paid["role"].astype(str)):
        kinds = set(done.loc[done["role"] == role, "activity"])
        rows = []
        for kind in (name for name in dict.fromkeys(paid["activity"].astype(str)) if name in kinds):
            at = [{"option": option, "role": role, "activity": kind} for option in e.options]
            cells = [pay.text(e, "activity_costs", **one) for one in at]
            title = "No work waiting" if kind == IDLE else titled(e, "activity", kind)
            rows.append(Row((title,), tuple(cells)))
        if rows:
            groups.append(RowGroup(f"{titled(e, 'role', role)}: pay of the year", tuple(rows)))
    return Table("Role and activity", tuple(Column(e.title(option)) for option in e.options), tuple(groups))


def _note_thresholds(e: Evidence) -> Text:
    return (
        "Why these amounts: ",
        e.stated("appraisal.thresholds.note"),
        " Rules: ",
        *_rules(e, "decision_curves"),
        ".",
    )


def _rules(e: Evidence, table: str) -> Text:
    return (e.number(table, "text", "rules", **{"#": "0"}),)


def _note_rules(table: str) -> Callable[[Evidence], Text]:
    return lambda e: ("Rules: ", *_rules(e, table), ".")


GRANT = (
    Shown(
        "costs_summary",
        f"Cost of the year by option against the grant, with the {INTERVAL} of the mean",
        lambda e: wide_table(
            e, "costs_summary", "line", Col("", "cost_gbp", "pounds", "low", "high"), head="Cost"
        ),
        "costs",
        ("costs.fixed", "staff.contact_officer.cost_per_fte"),
    ),
    Shown(
        "activity_costs",
        "What staff are paid for, by activity and option",
        _paid_for,
        "activity_costs",
        note=lambda e: (
            "The table of data leaves out work that a role does not do; the file holds every row, and hours.",
        ),
    ),
    Shown(
        "unit_costs",
        f"Cost to the grant of a unit, over the year, with {INTERVAL}",
        lambda e: wide_table(
            e, "unit_costs", "unit", Col("", "cost_gbp", "pounds", "low", "high"), head="Cost of each"
        ),
    ),
    Shown(
        "incremental",
        "What each option adds, in cost to the grant and in victims supported",
        _verdicts,
        "cost_effectiveness",
        note=lambda e: (
            "A cost of each is given only where there is a choice to make: more for more money, or less for "
            "less.",
        ),
    ),
)
YEARS = (
    Shown(
        "present_values",
        "Present values over the years of the contract",
        _present,
        note=_note_present,
        inputs=("appraisal.wellby.points", "appraisal.wellby.years", "appraisal.wellby.attributable"),
    ),
    Shown(
        "frontier",
        "Which options are worth considering, by full cost",
        _frontier,
        "frontier",
        note=_note_rules("frontier"),
    ),
    Shown(
        "decision_curves",
        "How likely each option is to be the best buy by full cost",
        _curves("probability_best", "percent"),
        "acceptability",
        note=_note_thresholds,
    ),
    Shown(
        "decision_curves",
        "What is expected to be lost by choosing each option",
        _curves("expected_loss", "pounds"),
        "expected_loss",
        note=_note_rules("decision_curves"),
    ),
    Shown(
        "regret",
        "How much worse than the best choice each option may turn out, by full cost",
        _regret,
        note=lambda e: (
            "With a further victim in need supported worth ",
            e.number("regret", "pounds_exact", "threshold", **{"#": "0"}),
            ".",
        ),
    ),
    Shown("satisficing", "Share of draws in which each option does what is asked of it", _satisficing),
)
FUNDING = (
    Shown(
        "funding_table",
        "Funding of victim services over the years",
        lambda e: long_table(
            e,
            "funding_table",
            "year",
            [
                Col("As printed", "amount_gbp", "pounds_exact"),
                Col("In prices of the evaluation", "real_gbp", "pounds"),
                Col("Per victim", "per_victim", "pounds", "per_victim_low", "per_victim_high"),
                Col(
                    "Per victim in need",
                    "per_victim_in_need",
                    "pounds",
                    "per_victim_in_need_low",
                    "per_victim_in_need_high",
                ),
                Col("Includes", "includes", "text"),
            ],
            head="Year",
            within="series",
        ),
        "funding",
        is_simulated=False,
    ),
    Shown(
        "funding_checks",
        "Printed funding that was checked",
        lambda e: long_table(
            e,
            "funding_checks",
            "item",
            [Col("Year", "year", "text"), Col("Table", "table", "text"), Col("Finding", "finding", "text")],
            head="Item",
        ),
        is_simulated=False,
        is_folded=True,
    ),
)

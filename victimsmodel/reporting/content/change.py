"""What would change the decision, and what is recommended under which condition."""

from __future__ import annotations

from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots, say, say_all
from victimsmodel.reporting.content.decision import TURNS, central, chosen, curve, worth
from victimsmodel.reporting.content.evidence import Evidence
from victimsmodel.reporting.content.exhibits import Shown, exhibits
from victimsmodel.reporting.content.model import (
    Block,
    Bullets,
    Column,
    Heading,
    Row,
    RowGroup,
    Section,
    Table,
    Text,
)
from victimsmodel.reporting.content.tabulated import Col, long_table, titled
from victimsmodel.reporting.findings import INPUT_FORMATS

_FIRST = {"#": "0"}


def _loss(e: Evidence) -> Slots:
    at = central(e)
    best = chosen(e, at)
    return {
        "best": e.quoted(best),
        "worth": worth(e, at),
        "loss": e.cited(curve(best, at, "expected_loss"), "pounds_about"),
        "years": e.stated("appraisal.years", "years"),
    }


LOSS = Claim(
    "what_a_wrong_choice_costs",
    "Choosing {best} now, at a worth of {worth}, is expected to lose {loss} over {years} years against "
    "always "
    "choosing right. That is the most that perfect knowledge of every input would be worth.",
    _loss,
    lambda e: bool(central(e)) and chosen(e, central(e)) != "",
    ("decision_curves",),
)
NO_LOSS = Claim(
    "no_appraisal",
    "The scenario states no appraisal, so that nothing can be said on what a better choice would be worth.",
    lambda e: {},
    lambda e: e.scenario.appraisal is None,
)


def _clear(e: Evidence) -> list[str]:
    """Return the inputs that clearly matter, the most important first."""
    table = e.tables["ranked_inputs"]
    found = table[table["is_clear"].astype(bool)].sort_values("index", ascending=False, kind="stable")
    return list(dict.fromkeys(found["input"].astype(str)))


def _input_names(e: Evidence, names: list[str]) -> str:
    titles = [words.in_sentence(words.input_title(name, e.scenario)) for name in names]
    return "; ".join(titles)


#: Which inputs the choice hangs on.
HANGS_ON = (
    Claim(
        "choice_hangs_on",
        "By itself each of these inputs moves the choice most, the first most of all: {inputs}.",
        lambda e: {"inputs": _input_names(e, _clear(e)[:5])},
        lambda e: bool(_clear(e)),
        ("ranked_inputs",),
    ),
    Claim(
        "no_input_stands_out",
        "No single input clearly moves the choice; it hangs on several together.",
        lambda e: {},
        lambda e: not _clear(e),
        ("ranked_inputs",),
    ),
)


def _switches(e: Evidence) -> list[int]:
    table = e.tables["switching"]
    return [
        i
        for i, (at, clear) in enumerate(zip(table["switches_at"], table["is_clear"], strict=True))
        if at == at and bool(clear)
    ]


def _switching(e: Evidence) -> Table:
    """Return inputs that clearly matter and at which the choice turns within their range."""
    rows = []
    for i in _switches(e):
        at = {"#": str(i)}
        name = e.word("switching", "input", **at)
        style = _input_style(e, name)
        side = e.word("switching", "better", **at)
        cells: tuple[Text, ...] = (
            (titled(e, "option", e.word("switching", "option", **at)),),
            (titled(e, "option", e.word("switching", "against", **at)),),
            (f"{side} ", e.number("switching", style, "switches_at", **at)),
            (e.number("switching", "percent", "probability_past", **at),),
        )
        rows.append(Row((words.input_title(name, e.scenario),), cells))
    heads = (
        Column("Option", False),
        Column("Is the better buy than", False),
        Column("If the input lies"),
        Column("Draws in which it does not"),
    )
    return Table("Input", heads, (RowGroup("", tuple(rows)),))


def _input_style(e: Evidence, name: str) -> str:
    at = {"input": name, "option": e.base}
    unit = e.word("assumptions", "unit", **at) if e.has_row("assumptions", **at) else ""
    return INPUT_FORMATS.get(unit, "plain")


def _limits(e: Evidence) -> Text:
    found: Text = ()
    for i in range(e.rows("discovery")):
        at = {"#": str(i)}
        name = e.word("discovery", "input", **at)
        title = words.in_sentence(words.input_title(name, e.scenario))
        limit = e.number("discovery", _input_style(e, name), "limit", **at)
        found = (
            *found,
            *((" and ",) if found else ()),
            f"{title} is {e.word('discovery', 'side', **at)} ",
            limit,
        )
    return found


DISCOVERY = Claim(
    "where_it_fails",
    "{best} fails to be the best buy in {inside} of draws, instead of {anywhere}, where {limits}. That was "
    "checked on {n} draws to which it was not fitted, and holds {share} of the failures.",
    lambda e: {
        "best": e.quoted(e.word("discovery", "option", **_FIRST)),
        "inside": e.number("discovery", "percent", "fails_in_region", **_FIRST),
        "anywhere": e.number("discovery", "percent", "fails_anywhere", **_FIRST),
        "limits": _limits(e),
        "n": e.number("discovery", "count", "n_draws", **_FIRST),
        "share": e.number("discovery", "percent", "share_of_failures", **_FIRST),
    },
    lambda e: (
        e.value("discovery", "fails_in_region", **_FIRST) > e.value("discovery", "fails_anywhere", **_FIRST)
    ),
    ("discovery",),
)


def _ranked(e: Evidence) -> Table:
    """Return the inputs that clearly matter and the share of the choice that each explains."""
    return long_table(
        e,
        "ranked_inputs",
        "input",
        [
            Col("Share of the variance of the gain", "index", "percent"),
            Col("Standard error", "standard_error", "percent"),
        ],
        head="Input",
        where={"is_clear": "True"},
        within="against",
    )


SENSITIVITY = (
    Shown("ranked_inputs", "Inputs that clearly matter for the choice", _ranked),
    Shown(
        "information",
        "What it would be worth to know inputs before choosing",
        lambda e: _information(e),
        "information",
    ),
    Shown("switching", "Where the choice turns", _switching),
    Shown(
        "tornado",
        "How far each input moves the difference in victims supported",
        lambda e: long_table(
            e,
            "tornado",
            "input",
            [
                Col("At its low value", "at_low"),
                Col("At its median", "central"),
                Col("At its high value", "at_high"),
            ],
            head="Input",
        ),
        "tornado",
    ),
    Shown(
        "sobol",
        "Shares of variance with and without joint effects",
        lambda e: long_table(
            e,
            "sobol",
            "input",
            [Col("By itself", "first", "decimal2"), Col("With all joint effects", "total", "decimal2")],
            head="Input",
        ),
        is_folded=True,
    ),
)


def _information(e: Evidence) -> Table:
    rows = []
    for i, row in enumerate(e.tables["information"].itertuples()):
        at = {"#": str(i)}
        names = [name for name in str(row.inputs).split(", ") if name]
        title = "Everything" if not names else "; ".join(words.input_title(n, e.scenario) for n in names)
        cells = tuple(
            (e.number("information", "pounds", name, **at),) for name in ("value", "standard_error")
        )
        rows.append(Row((title,), cells))
    return Table(
        "Known before choosing", (Column("Worth"), Column("Standard error")), (RowGroup("", tuple(rows)),)
    )


def change(e: Evidence) -> Section:
    """Return the section on what would change the decision."""
    items = [say_all(TURNS, e), say([LOSS, NO_LOSS], e), say(HANGS_ON, e), say([DISCOVERY], e)]
    blocks: list[Block] = [Bullets(tuple(item for item in items if item))]
    blocks += exhibits(e, SENSITIVITY)
    if e.has("sensitivity_notes"):
        notes = tuple(
            (e.number("sensitivity_notes", "text", "note", **{"#": str(i)}),)
            for i in range(e.rows("sensitivity_notes"))
        )
        blocks += [Heading("What this run did not compute"), Bullets(notes)]
    return Section("change", "What would change the decision", "What would change it", tuple(blocks))

"""Which leak to mend first, and what stands in the way."""

from __future__ import annotations

import math

import pandas as pd

from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots, say, say_all
from victimsmodel.reporting.content.evidence import Evidence, cell
from victimsmodel.reporting.content.exhibits import Shown, exhibit
from victimsmodel.reporting.content.model import (
    Block,
    Bracketed,
    Column,
    Heading,
    Judged,
    Paragraph,
    Row,
    RowGroup,
    Table,
    Text,
)
from victimsmodel.reporting.content.scale import cautious, share_style
from victimsmodel.reporting.content.tabulated import Col
from victimsmodel.reporting.lever_words import LEAK_TITLES


def first_lever(e: Evidence) -> Slots:
    """Return what is said of the lever that adds most."""
    n = int(e.value("levers", "n_draws", **{"#": "0"}))
    best = cell("levers", "probability_best", **{"#": "0"})
    judged = Judged(words.certainty(e.probability(best, n)), best, n)
    share = e.cited(best, share_style(n))
    drawn = e.number("levers", "count", "n_draws", **{"#": "0"})
    return {
        "lever": ("“", e.number("levers", "text", "title", **{"#": "0"}), "”"),
        "extra": e.number("levers", "about", "extra", **{"#": "0"}),
        "ends": e.range("levers", "about", "low", "high", **{"#": "0"}),
        "sure": (judged, " (", share, " of ", drawn, f" {words.draw_word(n)})"),
        "n": e.number("levers", "count", "n_draws", **{"#": "0"}),
    }


def _lever_surely_helps(e: Evidence) -> bool:
    return all(e.value("levers", name, **{"#": "0"}) > 0 for name in ("extra", "low"))


def _is_one_draw(e: Evidence) -> bool:
    return e.value("levers", "n_draws", **{"#": "0"}) < 2


def _is_best_lever(e: Evidence) -> bool:
    n = int(e.value("levers", "n_draws", **{"#": "0"}))
    return cautious(e.value("levers", "probability_best", **{"#": "0"}), n) >= words.LIKELY


#: Which lever to pull first, by itself.
FIRST_LEVER = (
    Claim(
        "first_lever_at_medians",
        "{lever} adds most with every input at its middle value: about {extra} more victims in need "
        "supported. How sure that is was not computed.",
        first_lever,
        lambda e: _is_one_draw(e) and e.value("levers", "extra", **{"#": "0"}) > 0,
        ("levers",),
    ),
    Claim(
        "first_lever",
        "{lever} would add most: about {extra} more victims in need supported ({ends} over {n} draws). It is "
        "{sure} to be the best first fix.",
        first_lever,
        lambda e: _lever_surely_helps(e) and _is_best_lever(e),
        ("levers",),
    ),
    Claim(
        "first_lever_open",
        "{lever} adds most on average: about {extra} more victims in need supported ({ends} over {n} draws). "
        "But others come close: it is {sure} to be the best first fix.",
        first_lever,
        _lever_surely_helps,
        ("levers",),
    ),
    Claim(
        "no_clear_lever",
        "No lever clearly supports more victims in need. {lever} adds most on average ({ends} over {n} "
        "draws).",
        first_lever,
        needs=("levers",),
    ),
)


def _ample(e: Evidence) -> Slots:
    at = str(int(e.tables["levers"]["ample"].to_numpy().argmax()))
    role = e.word("levers", "bottleneck", **{"#": at})
    return {
        "lever": ("“", e.number("levers", "text", "title", **{"#": at}), "”"),
        "ample": e.number("levers", "about", "ample", **{"#": at}),
        "extra": e.number("levers", "about", "extra", **{"#": at}),
        "role": words.in_sentence(words.role_title(role, e.scenario)) if role else "",
    }


def _is_bottled(e: Evidence) -> bool:
    top = e.tables["levers"].loc[e.tables["levers"]["ample"].idxmax()]
    return bool(top["ample"] > max(top["extra"], 0) and top["bottleneck"])


AMPLE = Claim(
    "lever_waits_for_staff",
    "With ample staff {lever} would add about {ample}; with the {role} in post it adds about {extra}. "
    "Mending "
    "one leak moves the queue to the next.",
    _ample,
    _is_bottled,
    ("levers",),
)


def each_with_ends(e: Evidence, at: dict[str, str]) -> Text:
    """Return what a lever costs for each further victim, with its ends; the upper may have no limit."""
    each = (e.number("levers", "pounds_about", "cost_per_extra", **at), " ")
    low = e.number("levers", "pounds_about", "cost_per_extra_low", **at)
    if _is_one_draw(e):
        return each[:1]
    if math.isinf(e.value("levers", "cost_per_extra_high", **at)):
        return (*each, Bracketed((low, " to no limit")))
    return (*each, Bracketed((low, " to ", e.number("levers", "pounds_about", "cost_per_extra_high", **at))))


def _levers(e: Evidence) -> Table:
    """Return what each lever adds by itself, with the staff in post and with ample staff."""
    rows = []
    ends = () if _is_one_draw(e) else ("low", "high")
    for i, row in enumerate(e.tables["levers"].itertuples()):
        at = {"#": str(i)}
        known = not row.remark and not math.isnan(row.cost_per_extra)
        each: Text = each_with_ends(e, at) if known else (e.number("levers", "text", "remark", **at),)
        cost: Text = (e.number("levers", "pounds_about", "cost", **at),)
        role = "none" if pd.isna(row.bottleneck) or not row.bottleneck else row.bottleneck
        cells: tuple[Text, ...] = (
            (LEAK_TITLES[str(row.stage)],),
            Col("", "extra", "count_signed", *ends).text(e, "levers", **at),
            (e.number("levers", "count_signed", "ample", **at),),
            (role if role == "none" else words.role_title(str(role), e.scenario),),
            cost,
            each,
        )
        rows.append(Row((e.number("levers", "text", "title", **at),), cells))
    heads = (
        Column("Where", False),
        Column("More victims in need supported"),
        Column("With ample staff"),
        Column("Bottleneck", False),
        Column("Cost a year"),
        Column("Cost of each"),
    )
    return Table("Lever", heads, (RowGroup("", tuple(rows)),))


LEVERS = Shown(
    "levers",
    "What each lever would add by itself, with the staff in post and with ample staff",
    _levers,
    "levers",
    is_simulated=False,
    note=lambda e: (
        ("Simulated with every input at its middle value.",)
        if _is_one_draw(e)
        else ("Simulated over ", e.number("levers", "count", "n_draws", **{"#": "0"}), " draws.")
    ),
)


def mending(e: Evidence) -> tuple[Block, ...]:
    """Return what is said of levers; nothing where the scenario states none."""
    if not e.has("levers"):
        return ()
    each = "Each lever is simulated by itself on the same victims."
    first, ample = say(FIRST_LEVER, e), say_all([AMPLE], e)
    return (
        Heading("Which leak to mend first"),
        Paragraph((*first, *((" ",) if first else ()), *ample, *((" ",) if ample else ()), each)),
        *exhibit(e, LEVERS),
    )

"""What the model foretells of totals that were kept back from it."""

from __future__ import annotations

from victimsmodel.pathway.kept_back import AFTER_YEAR, PUBLISHED
from victimsmodel.reporting.content.claims import Claim, Slots, say, say_all
from victimsmodel.reporting.content.evidence import NONE, Evidence
from victimsmodel.reporting.content.exhibits import Shown, exhibit
from victimsmodel.reporting.content.model import (
    Block,
    Bracketed,
    Column,
    Inline,
    Paragraph,
    Row,
    RowGroup,
    Table,
    Text,
)
from victimsmodel.reporting.hold_out_words import KINDS

_TABLE = "hold_out"


def _places(e: Evidence, kind: str) -> list[str]:
    """Return where the rows of a kind stand."""
    return [str(i) for i, name in enumerate(e.tables[_TABLE]["kind"].astype(str)) if name == kind]


def _style(e: Evidence, place: str) -> str:
    return "share1" if e.word(_TABLE, "is_share", **{"#": place}) == "True" else "count"


def _published(e: Evidence) -> list[str]:
    return _places(e, PUBLISHED)


def _one(e: Evidence) -> Slots:
    at = {"#": _published(e)[0]}
    style = _style(e, at["#"])
    return {
        "observation": e.number(_TABLE, "text", "observation", **at),
        "observed": e.number(_TABLE, style, "observed", **at),
        "ends": e.range(_TABLE, style, "low", "high", **at),
    }


def _is_within(e: Evidence) -> bool:
    return e.word(_TABLE, "is_within", **{"#": _published(e)[0]}) == "True"


#: Whether published totals lie where they were foretold.
KEPT_BACK = (
    Claim(
        "several_kept_back",
        "Each of {all} published figures was kept back in turn: {within} of them lie within the interval "
        "that the stated inputs and the others foretell.",
        lambda e: {
            "all": e.count(_TABLE, "kind", PUBLISHED),
            "within": e.count(_TABLE, "is_within", "True"),
        },
        lambda e: len(_published(e)) > 1,
        (_TABLE,),
    ),
    Claim(
        "kept_back_within",
        "Kept back, the one published figure ({observation}: {observed}) lies within the interval that the "
        "stated inputs foretell without it, {ends}.",
        _one,
        lambda e: len(_published(e)) == 1 and _is_within(e),
        (_TABLE,),
    ),
    Claim(
        "kept_back_outside",
        "Kept back, the one published figure ({observation}: {observed}) lies outside the interval that the "
        "stated inputs foretell without it, {ends}: mistrust what rests on them.",
        _one,
        lambda e: len(_published(e)) == 1 and not _is_within(e),
        (_TABLE,),
    ),
)


def _held(e: Evidence) -> Slots:
    at = {"#": min(_places(e, AFTER_YEAR), key=lambda p: e.value(_TABLE, "covered", **{"#": p}))}
    return {
        "covered": e.number(_TABLE, "percent", "covered", **at),
        "n": e.number(_TABLE, "count", "n_returns", **at),
        "error": e.number(_TABLE, "percent", "standard_error", **at),
    }


NEXT_QUARTER = Claim(
    "next_quarter",
    "No quarters of this service are published, so that invented returns stand in: calibrated to four of "
    "them, the interval held the fifth in at least {covered} of {n} (standard error {error}). That shows "
    "whether intervals keep their promise; whether the service behaves like the model only its own "
    "return can show.",
    _held,
    lambda e: bool(_places(e, AFTER_YEAR)),
    (_TABLE,),
)


def _foretold(e: Evidence) -> Table:
    rows = []
    for place, row in enumerate(e.tables[_TABLE].itertuples()):
        at = {"#": str(place)}
        style = _style(e, str(place))
        ends = Bracketed(e.range(_TABLE, style, "low", "high", **at))
        within: Inline = {"True": "yes", "False": "no"}.get(str(row.is_within), NONE)
        held: Text = (e.number(_TABLE, "percent", "covered", **at),)
        if str(row.kind) == AFTER_YEAR:
            n = e.number(_TABLE, "count", "n_returns", **at)
            held = (*held, " ", Bracketed(("of ", n, " invented returns")))
        cells: tuple[Text, ...] = (
            (e.number(_TABLE, style, "median", **at), " ", ends),
            (e.number(_TABLE, style, "observed", **at),),
            (within,),
            held,
        )
        title: Text = (f"{KINDS[str(row.kind)]}: ", e.number(_TABLE, "text", "observation", **at))
        rows.append(Row(title, cells))
    heads = (
        Column("Foretold, with 90% interval"),
        Column("Published"),
        Column("Within the interval", False),
        Column("Intervals that held"),
    )
    return Table("Kept back", heads, (RowGroup("", tuple(rows)),))


HOLD_OUT = Shown(
    _TABLE,
    "Totals that were kept back beside what the model foretells of them",
    _foretold,
    "hold_out",
    is_simulated=False,
)


def kept_back(e: Evidence) -> tuple[Block, ...]:
    """Return what keeping totals back showed; nothing where none were observed."""
    if not e.has(_TABLE):
        return ()
    return (Paragraph((*say(KEPT_BACK, e), " ", *say_all([NEXT_QUARTER], e))), *exhibit(e, HOLD_OUT))

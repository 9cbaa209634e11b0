"""Which of its changes make an option different from business as usual."""

from __future__ import annotations

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.explain import END, START
from victimsmodel.reporting.content.claims import Claim, Slots, say
from victimsmodel.reporting.content.evidence import Evidence, measured
from victimsmodel.reporting.content.exhibits import Shown, exhibit
from victimsmodel.reporting.content.model import (
    Block,
    Bracketed,
    Column,
    Heading,
    Paragraph,
    Row,
    RowGroup,
    Table,
    Text,
)
from victimsmodel.reporting.lever_words import part_title
from victimsmodel.reporting.waterfall_words import widest
from victimsmodel.reporting.words import in_sentence

_TABLE = "waterfall"


def _widest(e: Evidence) -> str:
    """Return the option that differs most from business as usual, which the figure draws."""
    return str(widest(e.tables[_TABLE])["option"].iloc[0])


def _largest(e: Evidence, option: str) -> str:
    """Return the part of an option that changes most; empty where it changes nothing."""
    own = e.tables[_TABLE]
    parts = own[(own["option"].astype(str) == option) & (own["kind"] == "part")]
    if parts.empty or not parts["value"].any():
        return ""
    return str(parts.loc[parts["value"].abs().idxmax(), "part"])


def _told(e: Evidence) -> Slots:
    option = _widest(e)
    part = _largest(e, option)
    return {
        "option": e.quoted(option),
        "start": e.number(_TABLE, "count", "value", option=option, kind=START, part=e.base),
        "end": e.number(_TABLE, "count", "value", option=option, kind=END, part=option),
        "part": f"“{in_sentence(part_title(part))}”" if part else "",
        "value": e.number(_TABLE, "count_signed", "value", option=option, kind="part", part=part),
        "ends": e.range(_TABLE, "count_signed", "low", "high", option=option, kind="part", part=part),
        "n": e.number(_TABLE, "count", "n_draws", option=option, kind="part", part=part),
        "base_mean": e.cited(measured(e.base, EFFECT), "about"),
        "option_mean": e.cited(measured(option, EFFECT), "about"),
    }


def _n_draws(e: Evidence) -> int:
    return int(e.value(_TABLE, "n_draws", **{"#": "0"}))


#: Which part of the option that differs most matters most.
EXPLAINED = (
    Claim(
        "largest_part_at_medians",
        "Of the options, {option} changes most. With every input at its middle value it takes the number of "
        "victims in need supported a year from {start} to {end}; elsewhere in this report the numbers are "
        "{base_mean} and {option_mean}, the averages over the draws of the inputs. The largest part is "
        "{part}: {value}. How sure that is was not computed.",
        _told,
        lambda e: bool(_largest(e, _widest(e))) and _n_draws(e) < 2,
        (_TABLE,),
    ),
    Claim(
        "largest_part",
        "Of the options, {option} changes most: from {start} victims in need supported a year to {end}, over "
        "{n} draws of the inputs that were simulated for this alone. The largest part is {part}: {value} "
        "({ends}).",
        _told,
        lambda e: bool(_largest(e, _widest(e))),
        (_TABLE,),
    ),
    Claim(
        "no_part", "No option changes how many victims in need are supported.", lambda e: {}, needs=(_TABLE,)
    ),
)


def _parts(e: Evidence) -> Table:
    """Return the parts of every option, those of the one that is drawn first."""
    first = _widest(e)
    groups = []
    for option in sorted(dict.fromkeys(e.tables[_TABLE]["option"].astype(str)), key=lambda o: o != first):
        rows = []
        for place, row in enumerate(e.tables[_TABLE].itertuples()):
            if str(row.option) == option:
                rows.append(_row(e, place, str(row.kind), str(row.part)))
        groups.append(RowGroup(e.title(option), tuple(rows)))
    return Table("Part", (Column("Victims in need supported a year"),), tuple(groups))


def _row(e: Evidence, place: int, kind: str, part: str) -> Row:
    at = {"#": str(place)}
    style = "count_signed" if kind == "part" else "count"
    title = part_title(part) if kind == "part" else e.title(part)
    ends: Text = ()
    if _n_draws(e) > 1:
        ends = (" ", Bracketed(e.range(_TABLE, style, "low", "high", **at)))
    return Row((title,), ((e.number(_TABLE, style, "value", **at), *ends),))


def _note(e: Evidence) -> Text:
    rests: Text = ("Simulated with every input at its middle value.",)
    if _n_draws(e) > 1:
        rests = ("Simulated over ", e.number(_TABLE, "count", "n_draws", **{"#": "0"}), " draws.")
    return (
        *rests,
        " A part's number is its mean over all orders in which the parts could be introduced, so that "
        "the parts add up to the difference; in the table each is rounded by itself. The table of data has "
        "every option.",
    )


WATERFALL = Shown(
    _TABLE,
    "From business as usual to the option that differs most from it, part by part",
    _parts,
    "waterfall",
    is_simulated=False,
    note=_note,
)


def explained(e: Evidence) -> tuple[Block, ...]:
    """Return what makes options differ; nothing where that was not computed."""
    if not e.has(_TABLE):
        return ()
    return (
        Heading("Which change makes the difference"),
        Paragraph(say(EXPLAINED, e)),
        *exhibit(e, WATERFALL),
    )

"""Every uncertain input, its source and what is known of its effect."""

from __future__ import annotations

from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, say_all
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence
from victimsmodel.reporting.content.exhibits import Shown, exhibits
from victimsmodel.reporting.content.model import (
    Block,
    Column,
    Exhibit,
    Inline,
    Link,
    Marked,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Text,
)
from victimsmodel.reporting.content.tabulated import Col, long_table
from victimsmodel.reporting.findings import Assumption, assumptions_by_area

COUNTED = Claim(
    "inputs_counted",
    "Of {all} uncertain inputs, {assumed} are assumptions: no evidence was found for them. Every one is "
    "listed "
    "with its range and source.",
    lambda e: {
        "all": e.count("assumptions"),
        "assumed": e.count("assumptions", "is_assumption", "True"),
    },
    needs=("assumptions",),
    of_nobody=True,
)
BORROWED = Claim(
    "inputs_borrowed",
    "{borrowed} are borrowed from the national defaults: replace them with figures of your own area.",
    lambda e: {"borrowed": e.count("assumptions", "is_borrowed", "True")},
    lambda e: e.rows("assumptions", "is_borrowed", "True") > 0,
    ("assumptions",),
    of_nobody=True,
)
CALIBRATED = Claim(
    "inputs_calibrated",
    "Inputs that a calibration moved are drawn jointly from what remains likely once the observed totals "
    "must be "
    "reproduced; the values below are as stated, before that.",
    lambda e: {},
    lambda e: e.scenario.posterior is not None,
    of_nobody=True,
)

_MOVED = Shown(
    "calibration_inputs",
    "Inputs that the published totals move",
    lambda e: long_table(
        e,
        "calibration_inputs",
        "input",
        [
            Col("As stated", "prior_median", "input", "prior_low", "prior_high"),
            Col("Calibrated", "posterior_median", "input", "posterior_low", "posterior_high"),
            Col("Shift in standard deviations", "shift", "decimal1"),
        ],
        head="Input",
        where={"verdict": "moved"},
    ),
    "calibration_inputs",
    is_simulated=False,
)


def _effects(e: Evidence) -> dict[str, Text]:
    """Return what is known on the effect of each input on the choice or on the published totals."""
    found: dict[str, Text] = {}
    if e.has("calibration_inputs"):
        for i, row in enumerate(e.tables["calibration_inputs"].itertuples()):
            if str(row.verdict) == "moved":
                shift = e.number("calibration_inputs", "decimal1", "shift", **{"#": str(i)})
                found[str(row.input)] = ("Calibration moves it by ", shift, " standard deviations")
    if e.has("ranked_inputs"):
        for i, row in enumerate(e.tables["ranked_inputs"].itertuples()):
            if bool(row.is_clear) and "Explains" not in str(found.get(str(row.input), ("",))[0]):
                share = e.number("ranked_inputs", "percent", "index", **{"#": str(i)})
                found[str(row.input)] = ("Explains ", share, " of what the choice hangs on")
    return found


def _meaning_of_effects(e: Evidence, effects: dict[str, Text]) -> str:
    """Say what the effects are, and what is not known of them in this profile."""
    found = "calibration and sensitivity analysis" if e.has("ranked_inputs") else "calibration"
    told = f"The effect is what {found} found; it is empty where nothing clear was found."
    if not effects:
        told = "No input was found to have a clear effect by itself."
    if e.has("ranked_inputs"):
        return told
    unknown = (
        "What an input does to the choice was not computed in this quick run; the full profile computes it."
    )
    return f"{told} {unknown}" if effects else unknown


def _area(e: Evidence, items: list[Assumption], effects: dict[str, Text]) -> Table:
    rows = []
    for item in items:
        at = {"input": item.input, "option": item.option}
        source: Inline = Marked("Assumption")
        if not item.is_assumption:
            text = e.number("assumptions", "text", "source", **at)
            source = Link((text,), item.address) if item.address else text
        marks: Text = (source, *((" ", Marked("Borrowed")) if item.is_borrowed else ()))
        note: Text = (e.number("assumptions", "note", "note", **at),) if item.note else ("",)
        cells: tuple[Text, ...] = (
            (e.number("assumptions", item.style, "value", **at),),
            e.range("assumptions", item.style, "low", "high", **at),
            (words.UNIT_TITLES[item.unit],),
            marks,
            (item.quality,),
            note,
            *((effects.get(item.input, ("",)),) if effects else ()),
        )
        title = f"{item.title} ({item.option_title})" if item.option_title else item.title
        rows.append(Row((title,), cells, e.colours[item.option] if item.option_title else ""))
    heads = (
        Column("Value"),
        Column("Range"),
        Column("Unit", False),
        Column("Source", False),
        Column("Quality", False),
        Column("Note", False),
        *((Column("Effect", False),) if effects else ()),
    )
    return Table("Input", heads, (RowGroup("", tuple(rows)),))


def assumptions(e: Evidence) -> Section:
    """Return the section on assumptions, with their sources and what is known of their effect."""
    effects = _effects(e)
    meaning = (
        " Quality: A measured in this area and service; B in a like service; C published, but derived, old "
        "or "
        "small; D another setting, recalled or assumed. Ranges are the ends of a "
        f"{INTERVAL} of what we believe about the average. {_meaning_of_effects(e, effects)}"
    )
    blocks: list[Block] = [Paragraph((*say_all([COUNTED, BORROWED, CALIBRATED], e), meaning))]
    blocks += exhibits(e, [_MOVED])
    for area, items in assumptions_by_area(e.tables["assumptions"], e.scenario).items():
        name = f"inputs-{area.lower().replace(' ', '-')}"
        blocks.append(
            Exhibit(
                name,
                "table",
                0,
                f"Inputs: {words.in_sentence(area)}",
                "",
                (),
                str(e.manifest.get("run_id", "")),
                _area(e, items, effects),
                "tables/assumptions.csv",
                is_folded=True,
            )
        )
    return Section("assumptions", "Assumptions, with sources and effect", "Assumptions", tuple(blocks))

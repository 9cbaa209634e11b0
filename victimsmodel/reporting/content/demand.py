"""How many victims there are, how many are in need, and where that is known from."""

from __future__ import annotations

from victimsmodel.reporting.content.claims import Claim, say_all
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence
from victimsmodel.reporting.content.exhibits import Shown, exhibit, exhibits
from victimsmodel.reporting.content.model import (
    Block,
    Column,
    Heading,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Text,
    plain,
)
from victimsmodel.reporting.content.tabulated import Col, long_table

_ALL = {"crime_type": "all", "priority": "all"}

ENHANCED = Claim(
    "enhanced_priority",
    "Of about {victims} victims a year, {enhanced} have enhanced priority under the Victims’ Code: victims "
    "of "
    "the most serious crime, persistently targeted, or vulnerable or intimidated. They make up {in_need} of "
    "the {all_in_need} victims in need.",
    lambda e: {
        "victims": e.number("demand_summary", "about", "victims", **_ALL),
        "enhanced": e.number("demand_summary", "about", "victims", crime_type="all", priority="enhanced"),
        "in_need": e.number("demand_summary", "about", "in_need", crime_type="all", priority="enhanced"),
        "all_in_need": e.number("demand_summary", "about", "in_need", **_ALL),
    },
)


def _result(e: Evidence, step: str) -> Text:
    ends = e.range("reconciliation", "about", "result_low", "result_high", step=step)
    return (e.number("reconciliation", "about", "result", step=step), " (", *ends, ")")


STEPS = Claim(
    "steps_from_recorded_crime",
    "The steps below start from what the police recorded and lead to {people} different victims a year, of "
    "whom {in_need} are in need. These are middle values (medians), from draws of their own; the averages "
    "that the rest of this report uses are {mean_people} and {mean_in_need}. The scenario states "
    "{stated_people} and {stated_in_need}, middle values too.",
    lambda e: {
        "people": _result(e, "elsewhere"),
        "in_need": _result(e, "no_need"),
        "mean_people": e.number("demand_summary", "about", "victims", **_ALL),
        "mean_in_need": e.number("demand_summary", "about", "in_need", **_ALL),
        "stated_people": e.number("distance", "about", "stated", step="elsewhere"),
        "stated_in_need": e.number("distance", "about", "stated", step="no_need"),
    },
    lambda e: all(
        e.has_row(t, step=s) for t in ("reconciliation", "distance") for s in ("elsewhere", "no_need")
    ),
    ("reconciliation", "distance"),
    of_nobody=True,
)
FROM_STEPS = Claim(
    "stated_numbers_come_from_steps",
    "Those numbers were made from these same steps, so that their agreement is no test.",
    lambda e: {},
    lambda e: (
        e.scenario.demand.from_crime is not None
        and e.scenario.demand.victims_per_year.source == e.scenario.demand.from_crime.people.source
    ),
    ("reconciliation",),
    of_nobody=True,
)


def _by_crime(e: Evidence) -> Table:
    """Return victims and victims in need by crime type, with those of enhanced priority apart."""
    rows = []
    for crime in (*e.scenario.demand.crime_types, "all"):
        cells = [
            col.text(e, "demand_summary", crime_type=crime, priority=priority)
            for col, priority in (
                (Col("", "victims", "count", "victims_low", "victims_high"), "all"),
                (Col("", "in_need", "count", "in_need_low", "in_need_high"), "all"),
                (Col("", "in_need"), "enhanced"),
                (Col("", "in_need"), "standard"),
            )
        ]
        title = "All crime types" if crime == "all" else e.scenario.demand.crime_types[crime].title
        rows.append(Row((title,), tuple(cells)))
    heads = ("Victims", "In need", "In need, enhanced priority", "In need, standard priority")
    return Table("Crime type", tuple(Column(head) for head in heads), (RowGroup("", tuple(rows)),))


def _steps(e: Evidence) -> Table:
    """Return the steps from recorded crime to victims in need that change anything."""
    rows: list[Row] = []
    for row in e.tables["reconciliation"].itertuples():
        if row.change_low == 0 and row.change_high == 0:
            continue
        step = str(row.step)
        sure = row.change_low == row.change_high
        change = Col("", "change", "count_signed", *(() if sure else ("change_low", "change_high")))
        result = Col(
            "",
            "result",
            "count",
            *(() if row.result_low == row.result_high else ("result_low", "result_high")),
        )
        first = ("",) if not rows else change.text(e, "reconciliation", step=step)
        title = (e.number("reconciliation", "text", "title", step=step),)
        rows.append(Row(title, (first, result.text(e, "reconciliation", step=step))))
    return Table("Step", (Column("Change"), Column("Result")), (RowGroup("", tuple(rows)),))


DEMAND = Shown(
    "demand_summary",
    "Victims and victims in need a year, by crime type and priority",
    _by_crime,
    "demand",
    ("demand.victims_per_year", "demand.need"),
    is_simulated=False,
)
RECONCILED = Shown(
    "reconciliation",
    f"From recorded crime to victims in need: medians, with {INTERVAL}s in brackets",
    _steps,
    is_simulated=False,
    note=lambda e: (
        "The steps add up in every draw; medians need not. Victims who never reported are not among them.",
    ),
)
OTHERS = (
    Shown(
        "areas",
        "Victims in need and deprivation, by borough",
        lambda e: long_table(
            e,
            "areas",
            "title",
            [
                Col("In need", "in_need", "count", "in_need_low", "in_need_high"),
                Col("Per 1,000 residents", "per_1000", "decimal1", "per_1000_low", "per_1000_high"),
                Col("Deprivation score", "imd_score", "decimal1"),
                Col("Outreach venues", "venues"),
            ],
            head="Borough",
        ),
        "areas",
        is_simulated=False,
    ),
    Shown(
        "needs",
        "Victims in need by kind of need; a victim may have several",
        lambda e: long_table(
            e,
            "needs",
            "title",
            [
                Col("Share of victims in need", "share", "share", "share_low", "share_high"),
                Col("Victims a year", "victims", "count", "victims_low", "victims_high"),
            ],
            head="Need or priority",
            within="kind",
        ),
        is_simulated=False,
        is_folded=True,
    ),
    Shown(
        "forecast_years",
        "Recorded offences against people, and what may come in the next five years",
        lambda e: _forecast(e),
        "forecast",
        is_simulated=False,
    ),
)


def _forecast(e: Evidence) -> Table:
    """Return offences of all crime types by year, recorded and to come."""
    columns = [
        Col("Recorded", "observed"),
        Col("Median of the forecast", "median"),
        Col("Four paths in five", "low_80"),
    ]
    made = long_table(e, "forecast_years", "year", columns, head="Year", where={"crime_type": "total"})
    rows = []
    for row in made.rows:
        year = plain(row.title)
        ends = e.range("forecast_years", "count", "low_80", "high_80", crime_type="total", year=year)
        rows.append(Row(row.title, (*row.cells[:2], ends)))
    return Table(made.head, made.columns, (RowGroup("", tuple(rows)),))


def demand(e: Evidence) -> Section:
    """Return the section on demand."""
    blocks: tuple[Block, ...] = (Paragraph((*say_all([ENHANCED], e),)), *exhibit(e, DEMAND))
    if e.has("reconciliation", "distance"):
        blocks = (
            *blocks,
            Heading("From recorded crime to victims in need"),
            Paragraph(say_all([STEPS, FROM_STEPS], e)),
            *exhibit(e, RECONCILED),
        )
    return Section(
        "demand",
        "Demand: how many victims, and how many in need",
        "Demand",
        (*blocks, *exhibits(e, OTHERS)),
    )

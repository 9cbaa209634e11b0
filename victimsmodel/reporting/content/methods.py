"""Contact methodologies side by side: what each is, what it achieves, what it costs."""

from __future__ import annotations

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.outcomes import Measure, measures_of
from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots, say_all
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence, measured
from victimsmodel.reporting.content.exhibits import Shown, exhibits
from victimsmodel.reporting.content.model import (
    Block,
    Card,
    Column,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Text,
)
from victimsmodel.reporting.content.pathway import ended, stage
from victimsmodel.reporting.content.tabulated import Col, long_table
from victimsmodel.reporting.findings import MEASURE_FORMATS, ordered_measures

#: Measures that the short comparison shows, with what heads their columns.
_SHORT = (
    ("contacted", "Contacted"),
    ("attrition", "Attrition"),
    ("coverage", "Coverage"),
    (EFFECT, "Victims in need supported"),
    ("total_cost", "Cost of the year"),
    ("cost_per_supported_in_need", "Cost of each in need supported"),
)


def does(option: str) -> tuple[Claim, ...]:
    """Return what is said of one option: what it does and costs, and who waits under it."""

    def slots(e: Evidence) -> Slots:
        return {
            "n": e.cited(measured(option, EFFECT), "about"),
            "cost": e.cited(measured(option, "total_cost"), "pounds_about"),
            "base": e.quoted(e.base),
            "sure": e.sure(measured(option, EFFECT, "probability_better")),
            "left": e.part("share", ended(option, "reneged"), stage(option, "referred")),
            "base_left": e.part("share", ended(e.base, "reneged"), stage(e.base, "referred")),
        }

    return (
        Claim(
            f"does_{option}",
            "It supports {n} victims in need a year and costs the grant {cost}. It is {sure} to support more "
            "of "
            "them than {base}. Of its referrals {left} are closed or leave while they wait, against "
            "{base_left}.",
            slots,
            lambda e: option != e.base,
        ),
        Claim(
            f"does_base_{option}",
            "It supports {n} victims in need a year and costs the grant {cost}; {left} of its referrals are "
            "closed or leave while they wait. The other options are compared with it.",
            slots,
            lambda e: option == e.base,
        ),
    )


def _cards(e: Evidence) -> tuple[Block, ...]:
    return tuple(
        Card(
            e.title(option),
            e.colours[option],
            (e.stated(f"options.{option}.summary"), " ", *say_all(does(option), e)),
        )
        for option in e.options
    )


def _short(e: Evidence) -> Table:
    """Return the options side by side, on the measures that are read first."""
    units = {measure.name: measure.unit for measure in measures_of(e.scenario)}
    rows = []
    for option in e.options:
        cells = []
        for name, _ in _SHORT:
            style = MEASURE_FORMATS[units[name]][0]
            cells.append(
                Col("", "estimate", style, "low", "high").text(e, "comparison", option=option, measure=name)
            )
        rows.append(Row((e.title(option),), tuple(cells), e.colours[option]))
    heads = tuple(Column(head) for _, head in _SHORT)
    return Table("Option", heads, (RowGroup("", tuple(rows)),))


def _all(e: Evidence) -> Table:
    """Return every measure of every option, with the difference and the range of single years."""
    first, others = ordered_measures(e.scenario)
    groups = tuple(RowGroup(_heading(measure), _measured(e, measure)) for measure in (*first, *others))
    heads = (
        Column("Average year"),
        Column("Single years, nine in ten by chance alone"),
        Column(f"Difference from {e.quoted(e.base)}"),
        Column("Better?", False),
    )
    return Table("Measure and option", heads, groups)


def _heading(measure: Measure) -> str:
    return f"{measure.title}{' (differences in percentage points)' if measure.unit == 'share' else ''}"


def _measured(e: Evidence, measure: Measure) -> tuple[Row, ...]:
    style, gap = MEASURE_FORMATS[measure.unit]
    rows = []
    for option in e.options:
        at = {"option": option, "measure": measure.name}
        mean = Col("", "estimate", style, "low", "high").text(e, "comparison", **at)
        year = e.range("comparison", style, "year_low", "year_high", **at)
        difference: Text = ("–",)
        better: Text = ("",)
        if option != e.base:
            column = Col("", "difference", gap, "difference_low", "difference_high")
            difference = column.text(e, "comparison", **at)
            if measure.better:
                sure = measured(option, measure.name, "probability_better")
                better = e.sure(sure) if e.at(sure) == e.at(sure) else ("–",)
        rows.append(Row((e.title(option),), (mean, year, difference, better), e.colours[option]))
    return tuple(rows)


COMPARED = (
    Shown(
        "comparison",
        f"The options side by side: average year, with the {INTERVAL} of the mean in brackets",
        _short,
        inputs=("contact.channels.phone.reach", "consent.spoken.in_need", "support.accepted.in_need"),
    ),
    Shown(
        "attempts_summary",
        "Contact methods on a time axis: what each attempt reaches, and what it costs",
        lambda e: long_table(
            e,
            "attempts_summary",
            "channel",
            [
                Col("Attempts", "attempts"),
                Col("Reached", "reached"),
                Col("Success", "success", "share1", "low", "high"),
            ],
            head="Channel",
            within="option",
        ),
        "contact_method",
        ("contact.channels.phone.reach", "contact.channels.phone.heterogeneity"),
        note=lambda e: (
            "The figure gives exact expected values with every input at its median and ample staff; the "
            "table "
            "of data gives what the simulation with the staff in post finds.",
        ),
    ),
)
#: Stands at the end, for those who look things up.
EVERY_MEASURE = Shown("comparison", "Every measure of every option", _all, is_folded=True)


def methods(e: Evidence) -> Section:
    """Return the section that compares contact methodologies."""
    intro = (
        "Every option meets the same victims, so that differences between options are not chance differences "
        "between victims. Each is compared with "
        f"{words.option_in_sentence(e.base, e.scenario)}."
    )
    return Section(
        "methods",
        "Contact methodologies compared",
        "Contact methodologies",
        (Paragraph((intro,)), *_cards(e), *exhibits(e, COMPARED)),
    )

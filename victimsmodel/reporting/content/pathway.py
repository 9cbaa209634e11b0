"""Where victims are lost between referral and support, and whether that is usual."""

from __future__ import annotations

from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots, say_all
from victimsmodel.reporting.content.evidence import Evidence, cell, measured
from victimsmodel.reporting.content.exhibits import Shown, exhibit, told
from victimsmodel.reporting.content.explained import explained
from victimsmodel.reporting.content.kept_back import kept_back
from victimsmodel.reporting.content.levers import mending
from victimsmodel.reporting.content.model import (
    Block,
    Bracketed,
    Cell,
    Column,
    Heading,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Text,
)
from victimsmodel.reporting.content.tabulated import Col, long_table

_STAGES = ("referred", "attempted", "contacted", "consented", "assessed", "accepted", "supported")
_LOSSES = tuple(words.LOSS_PHRASES)


def stage(option: str, name: str, who: str = "all") -> Cell:
    """Return the cell with the victims who come to a stage."""
    return cell("funnel_summary", "victims", option=option, stage=name, who=who)


def ended(option: str, name: str, who: str = "all") -> Cell:
    """Return the cell with the referrals that end in one way."""
    return cell("exits_summary", "victims", option=option, exit=name, who=who)


CASCADE = Claim(
    "cascade",
    "Under {base}, {referred} victims are referred, {contacted} are contacted, {assessed} are assessed and "
    "{supported} are supported.",
    lambda e: {
        "base": e.quoted(e.base),
        **{
            name: e.cited(measured(e.base, name), "about")
            for name in ("referred", "contacted", "assessed", "supported")
        },
    },
)


def _losses(e: Evidence) -> list[str]:
    """Return the ways of being lost, the largest first, under the option compared with."""
    return sorted(_LOSSES, key=lambda name: -float(e.at(ended(e.base, name))))


def _largest(e: Evidence) -> Slots:
    first, second, *_ = _losses(e)
    whole = stage(e.base, "referred")
    return {
        "first": (e.part("share", ended(e.base, first), whole), f" {words.LOSS_PHRASES[first]}"),
        "second": (e.part("share", ended(e.base, second), whole), f" {words.LOSS_PHRASES[second]}"),
    }


LARGEST = Claim(
    "largest_losses",
    "The largest losses: of all referrals {first}, and {second}.",
    _largest,
    lambda e: float(e.at(ended(e.base, _losses(e)[1]))) > 0,
)


def _counts(e: Evidence, who: str, stages: tuple[str, ...]) -> tuple[Row, ...]:
    rows = []
    for name in stages:
        cells = tuple(
            (
                e.cited(stage(option, name, who), "count"),
                " ",
                Bracketed((e.part("share", stage(option, name, who), stage(option, stages[0], who)),)),
            )
            for option in e.options
        )
        rows.append(Row((words.STAGE_TITLES[name],), cells))
    return tuple(rows)


def _funnel(e: Evidence) -> Table:
    """Return victims at each stage, as a share of the referred and of all in need."""
    groups = (
        RowGroup("All victims, and share of those referred", _counts(e, "all", _STAGES)),
        RowGroup(
            "Victims in need, and share of all in need, referred or not",
            _counts(e, "in_need", ("in_need", *_STAGES)),
        ),
    )
    return Table("Stage", tuple(Column(e.title(o)) for o in e.options), groups)


def _exits(e: Evidence) -> Table:
    """Return where referrals end, as a share of the referred."""
    rows = []
    for name, title in words.EXIT_TITLES.items():
        cells: list[Text] = []
        for option in e.options:
            share = e.part("share", ended(option, name), stage(option, "referred"))
            cells.append((e.cited(ended(option, name), "count"), " ", Bracketed((share,))))
        rows.append(Row((title,), tuple(cells)))
    return Table(
        "End of the referral", tuple(Column(e.title(o)) for o in e.options), (RowGroup("", tuple(rows)),)
    )


FUNNEL = Shown(
    "funnel_summary",
    "From referral to support, by option",
    _funnel,
    "funnel",
    ("referral.transferred", "contact.channels.phone.reach"),
    note=lambda e: (
        "Averages over the simulated draws; the section on demand rests on more draws, so that its intervals "
        "differ a little.",
    ),
)
EXITS = Shown("exits_summary", "Where referrals end, by option", _exits, "exits")
SERVICES = Shown(
    "services",
    "Attrition of published services, by the way in which they are fed",
    lambda e: long_table(
        e,
        "services",
        "name",
        [
            Col("Attrition", "attrition", "share1", "low", "high"),
            Col("Supported", "supported"),
            Col("Referred", "referred"),
        ],
        head="Service",
        within="regime",
    ),
    "services",
    is_simulated=False,
)
CALIBRATION = Shown(
    "calibration_fit",
    "Published totals beside what the inputs predict, before and after calibration",
    lambda e: long_table(
        e,
        "calibration_fit",
        "observation",
        [
            Col("Observed", "observed", "share1", "observed_low", "observed_high"),
            Col("Inputs as stated", "prior_median", "share1", "prior_low", "prior_high"),
            Col("Inputs calibrated", "posterior_median", "share1", "posterior_low", "posterior_high"),
        ],
        head="Published total",
        where={"is_share": "True"},
    ),
    "calibration_fit",
    is_simulated=False,
)


def _then(said: Text) -> Text:
    """Return what was said with a space after it, if anything was."""
    return (*said, " ") if said else ()


def lost(e: Evidence) -> Section:
    """Return the section on attrition."""
    blocks: list[Block] = [
        Paragraph(
            (
                *_then(say_all([CASCADE, LARGEST], e)),
                "Attrition counts only those referred: an option that refers fewer victims can lower it "
                "without supporting more of them. So every number is also given as a share of all victims "
                "in need, referred or not.",
            )
        ),
        *exhibit(e, FUNNEL),
        *exhibit(e, EXITS),
        Paragraph(
            (
                "Attrition is every referral that does not reach support. It includes those in which no need "
                "was found, and leaves out those who withdrew after their support had begun.",
            ),
            "note",
        ),
    ]
    if e.has("services_words"):
        blocks += [
            Heading("Is that high? Services that are fed in the same way"),
            Paragraph(
                (
                    "A service that is sent every victim loses most of them by design; one that is sent "
                    "those "
                    "whom the police have flagged loses fewer. So a service is compared only with those that "
                    "are fed as it is.",
                )
            ),
            *told(e, "services_words"),
            *exhibit(e, SERVICES),
        ]
    if e.has("calibration_words"):
        blocks += [
            Heading("Do the inputs reproduce what was published?"),
            *told(e, "calibration_words"),
            *exhibit(e, CALIBRATION),
            *kept_back(e),
        ]
    blocks += [*mending(e), *explained(e)]
    return Section("attrition", "Where victims are lost", "Where victims are lost", tuple(blocks))

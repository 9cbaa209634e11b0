"""Value for money: what it costs, what that buys, over the years of a contract and by whose costs."""

from __future__ import annotations

from victimsmodel.reporting.content.claims import Claim, Slots, say, say_all
from victimsmodel.reporting.content.decision import BY_FULL_COST, bears_outside
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence
from victimsmodel.reporting.content.exhibits import exhibits
from victimsmodel.reporting.content.model import (
    Block,
    Bullets,
    Heading,
    Paragraph,
    Section,
    Text,
)
from victimsmodel.reporting.content.plans import basis, grants
from victimsmodel.reporting.content.value_exhibits import FUNDING, GRANT, YEARS

_BENEFITS = {
    "wellby": "gains in wellbeing (a point more of life satisfaction for a year)",
    "outcomes": "victims in need supported",
}


def _edition(e: Evidence) -> Text:
    return (e.number("present_values", "text", "rules", **{"#": "0"}),)


def _worth_of(e: Evidence, option: str, item: str) -> Text:
    at = {"option": option, "item": item}
    ends = e.range("present_values", "pounds_about", "low", "high", **at)
    return (e.number("present_values", "pounds_about", "estimate", **at), f" ({INTERVAL} ", *ends, ")")


def _outside(e: Evidence) -> Slots:
    return {
        "best": e.quoted(e.best),
        "years": e.stated("appraisal.years", "years"),
        "full": _worth_of(e, e.best, "full_cost"),
        "grant": _worth_of(e, e.best, "grant_cost"),
        "base": e.quoted(e.base),
        "base_full": _worth_of(e, e.base, "full_cost"),
        "more": e.number("present_values", "pounds_about", "difference", option=e.best, item="full_cost"),
    }


def _more(e: Evidence) -> float:
    return e.value("present_values", "difference", option=e.best, item="full_cost")


#: What the best option costs over the years of a contract, and who bears it.
OUTSIDE = (
    Claim(
        "part_falls_outside_the_grant",
        "Over {years} years the full cost of {best} is {full}, of which {grant} falls on the grant. The rest "
        "is "
        "borne by others, such as the police whose officers’ time it takes. The full cost of {base} is "
        "{base_full}.",
        _outside,
        lambda e: bears_outside(e, e.best),
        ("present_values",),
        of_nobody=True,
    ),
    Claim(
        "all_falls_on_the_grant",
        "Over {years} years the full cost of {best} is {full}, all of which falls on the grant; that of "
        "{base} "
        "is {base_full}.",
        _outside,
        lambda e: e.has_row("present_values", option=e.best, item="full_cost"),
        ("present_values",),
        of_nobody=True,
    ),
)


def _npv(e: Evidence) -> Slots:
    at = {"option": e.best, "item": "net_present_value"}
    gap = e.range("present_values", "pounds_about", "difference_low", "difference_high", **at)
    return {
        "best": e.quoted(e.best),
        "base": e.quoted(e.base),
        "what": _BENEFITS.get(e.word("present_values", "benefits", **{"#": "0"}), "benefits"),
        "npv": _worth_of(e, e.best, "net_present_value"),
        "gap": e.number("present_values", "pounds_about", "difference", **at),
        "ends": gap,
    }


#: What is left of the benefit valued in pounds, which rests on assumptions.
NET = (
    Claim(
        "net_value_settled",
        "With {what} valued in pounds, the net present value of {best} is {npv}, {gap} more than that of "
        "{base} "
        "({ends}).",
        _npv,
        lambda e: e.best != e.base and _net_gap(e)[0] > 0,
        ("present_values",),
    ),
    Claim(
        "net_value_open",
        "With {what} valued in pounds, the net present value of {best} is {npv}. Whether that is more than "
        "for "
        "{base} is open: the difference is {gap} ({ends}).",
        _npv,
        lambda e: e.best != e.base and _net_gap(e)[0] <= 0 <= _net_gap(e)[1],
        ("present_values",),
    ),
    Claim(
        "net_value_lower",
        "With {what} valued in pounds, the net present value of {best} is {npv}, less than that of {base}: "
        "the "
        "difference is {gap} ({ends}).",
        _npv,
        lambda e: e.best != e.base and _net_gap(e)[1] < 0,
        ("present_values",),
    ),
)


def _net_gap(e: Evidence) -> tuple[float, float]:
    at = {"option": e.best, "item": "net_present_value"}
    if not e.has_row("present_values", **at):
        return (float("nan"), float("nan"))
    return (
        e.value("present_values", "difference_low", **at),
        e.value("present_values", "difference_high", **at),
    )


STAFF_PAID = Claim(
    "most_cost_is_fixed",
    "Of the cost under {base}, {fixed} is fixed: staff in post are paid whether busy or not, so that a "
    "victim "
    "more or less changes the cost little.",
    lambda e: {
        "base": e.quoted(e.base),
        "fixed": e.number("unit_costs", "share", "fixed_share", option=e.base, unit="referral"),
    },
    lambda e: (
        e.has_row("unit_costs", option=e.base, unit="referral")
        and e.value("unit_costs", "fixed_share", option=e.base, unit="referral") > 0.5
    ),
    ("unit_costs",),
    of_nobody=True,
)


def value(e: Evidence) -> Section:
    """Return the section on value for money."""
    start: Text = ("Costs are in prices of ", e.stated("price_year"), ". The grant is ")
    start = (*start, e.stated("grant_gbp", "pounds_exact"), " a year. ")
    blocks: list[Block] = [
        Heading("One year, by cost to the grant"),
        Paragraph((*start, *say_all([STAFF_PAID], e))),
        *exhibits(e, GRANT),
    ]
    if e.has("present_values"):
        items = (say(OUTSIDE, e), say(BY_FULL_COST, e), say(NET, e))
        blocks += [
            Heading("The years of the contract, by full cost"),
            Bullets(tuple(item for item in items if item)),
            *exhibits(e, YEARS),
            *basis(e),
        ]
    blocks += grants(e)
    funding = exhibits(e, FUNDING)
    if funding:
        blocks += [Heading("The money over the years"), *funding]
    return Section("value", "Value for money", "Value for money", tuple(blocks))

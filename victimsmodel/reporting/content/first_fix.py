"""The single fix that comes first while the service stays as it is, what it costs and who pays for it."""

from __future__ import annotations

from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL
from victimsmodel.reporting.content.claims import Claim, Slots, say
from victimsmodel.reporting.content.evidence import Evidence, measured
from victimsmodel.reporting.content.levers import each_with_ends, first_lever
from victimsmodel.reporting.content.model import Text

_FIRST = {"#": "0"}
_TODAY = BUSINESS_AS_USUAL  # what levers are simulated under


def _fix(e: Evidence) -> Slots:
    return {**first_lever(e), "base": e.quoted(_TODAY)}


def _cost_of_it(e: Evidence) -> Slots:
    return {
        "cost": e.number("levers", "pounds_about", "cost", **_FIRST),
        "ends": e.range("levers", "pounds_about", "cost_low", "cost_high", **_FIRST),
        "each": each_with_ends(e, _FIRST),
        "base": e.quoted(_TODAY),
        "base_cost": e.cited(measured(_TODAY, "total_cost"), "pounds_about"),
        "grant": e.stated("grant_gbp", "pounds_exact"),
    }


def _cost(e: Evidence) -> float:
    """Return the yearly cost of the lever that adds most; missing where it is not known."""
    return float("nan") if e.word("levers", "remark", **_FIRST) else e.value("levers", "cost", **_FIRST)


def _left(e: Evidence) -> float:
    """Return what the service of today leaves of the grant."""
    return e.scenario.grant_gbp - e.measure(_TODAY, "total_cost")


def _is_paid_for(e: Evidence) -> bool:
    return _cost(e) <= max(_left(e), 0.0)


def _helps(e: Evidence) -> bool:
    is_clear = e.value("levers", "low", **_FIRST) > 0 and e.value("levers", "n_draws", **_FIRST) > 1
    return is_clear and _TODAY in e.options


_ADDS = (
    "{lever}, about {extra} more victims in need supported ({ends} over {n} draws). It is {sure} to be the "
    "best of the single fixes."
)
#: Which single fix comes first, under the service that it was simulated for.
DO_FIRST = (
    Claim(
        "do_first",
        f"If {{base}} stays, try first the single fix that adds most on average: {_ADDS}",
        _fix,
        lambda e: _helps(e) and _is_paid_for(e),
        ("levers",),
    ),
    Claim(
        "do_first_if_paid_for",
        f"If {{base}} stays and more money is found, the single fix that adds most on average is {_ADDS}",
        _fix,
        lambda e: _helps(e) and _cost(e) > max(_left(e), 0.0),
        ("levers",),
    ),
    Claim(
        "do_first_once_priced",
        f"If {{base}} stays, ask what the single fix that adds most on average would cost: {_ADDS}",
        _fix,
        _helps,
        ("levers",),
    ),
)
#: What that fix costs, and whether the grant pays for it.
COST = (
    Claim("fix_at_unknown_cost", "Its cost is not known.", _cost_of_it, lambda e: _cost(e) != _cost(e)),
    Claim("fix_costs_nothing", "It adds nothing to the cost.", _cost_of_it, lambda e: _cost(e) <= 0),
    Claim(
        "fix_within_grant",
        "It costs {cost} a year ({ends}), for each further victim {each}; on average the grant of {grant} "
        "pays for that beside the {base_cost} of {base}.",
        _cost_of_it,
        _is_paid_for,
    ),
    Claim(
        "fix_beside_overspend",
        "It costs {cost} a year ({ends}), for each further victim {each}. The grant does not pay for it: "
        "{base} alone costs {base_cost} on average, more than the grant of {grant}.",
        _cost_of_it,
        lambda e: _left(e) < 0,
    ),
    Claim(
        "fix_beyond_grant",
        "It costs {cost} a year ({ends}), for each further victim {each}. The grant of {grant} does not pay "
        "for all of it: {base} alone costs {base_cost} on average.",
        _cost_of_it,
    ),
)
ONLY_UNDER_BASE = Claim(
    "fixes_simulated_under_base_only",
    "What it would add to {best} was not computed: every fix was simulated under {base} only.",
    lambda e: {"best": e.quoted(e.best), "base": e.quoted(_TODAY)},
    lambda e: e.best != _TODAY,
)


def first_fix(e: Evidence) -> Text:
    """Return which single fix comes first, what it costs and what that rests on; nothing where none helps."""
    said = say(DO_FIRST, e)
    return (*said, " ", *say(COST, e), " ", *say([ONLY_UNDER_BASE], e)) if said else ()

"""What is recommended, each part under its condition."""

from __future__ import annotations

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots, say
from victimsmodel.reporting.content.decision import central, chosen, curve, turn, worth
from victimsmodel.reporting.content.evidence import Evidence, measured
from victimsmodel.reporting.content.model import (
    Bullets,
    Paragraph,
    Section,
)
from victimsmodel.reporting.content.scale import FEW

_FIRST = {"#": "0"}


def _dominates(e: Evidence) -> bool:
    return e.best != e.base and e.word("incremental", "verdict", option=e.best) == "dominates"


def _grant_case(e: Evidence) -> Slots:
    return {
        "best": e.quoted(e.best),
        "base": e.quoted(e.base),
        "more": e.sure_word(measured(e.best, EFFECT, "probability_better")),
        "less": e.sure_word(measured(e.best, "total_cost", "probability_better")),
    }


#: What to do if only the grant counts.
IF_GRANT = (
    Claim(
        "if_grant_counts",
        "If what counts is what the grant pays: choose {best}. It is {more} to support more victims in need "
        "than "
        "{base}, and {less} to cost the grant less.",
        _grant_case,
        lambda e: (
            _dominates(e)
            and all(
                e.probability(measured(e.best, name, "probability_better")) >= words.LIKELY
                for name in (EFFECT, "total_cost")
            )
        ),
        ("incremental",),
    ),
    Claim(
        "if_grant_counts_weigh",
        "If what counts is what the grant pays: {best} supports most victims in need on average; it is "
        "{more} to "
        "support more than {base}, and {less} to cost the grant less. Weigh the one against the other.",
        _grant_case,
        lambda e: e.best != e.base,
        ("incremental",),
    ),
    Claim(
        "if_grant_counts_stay",
        "If what counts is what the grant pays: stay with {base}. No other option supports more victims in "
        "need.",
        lambda e: {"base": e.quoted(e.base)},
        lambda e: e.best == e.base,
    ),
)


def _full_case(e: Evidence) -> Slots:
    before, after = turn(e)
    return {
        "first": e.quoted(chosen(e, before)),
        "best": e.quoted(chosen(e, after)),
        "before": worth(e, before),
        "after": worth(e, after),
        "sure": e.sure_word(curve(chosen(e, after), central(e), "probability_best")),
        "worth": worth(e, central(e)),
    }


#: What to do if every cost counts.
IF_FULL = (
    Claim(
        "if_every_cost_counts",
        "If every cost counts, also the time of the police: choose {first} if a further victim in need "
        "supported is worth {before} or less to you, and {best} if it is worth {after} or more. At {worth} "
        "that "
        "is {sure} to be the best buy, so agree first who pays for the time outside the grant.",
        _full_case,
        lambda e: bool(turn(e)[1]),
        ("decision_curves",),
    ),
    Claim(
        "if_every_cost_counts_too",
        "If every cost counts, also that outside the grant: choose {best}. At {worth} a victim it is {sure} "
        "to be "
        "the best buy.",
        lambda e: {
            "best": e.quoted(chosen(e, central(e))),
            "worth": worth(e, central(e)),
            "sure": e.sure_word(curve(chosen(e, central(e)), central(e), "probability_best")),
        },
        lambda e: bool(central(e)),
        ("decision_curves",),
    ),
)


def _staff_first(e: Evidence) -> Slots:
    return {
        "lever": ("“", e.number("levers", "text", "title", **_FIRST), "”"),
        "extra": e.number("levers", "about", "extra", **_FIRST),
        "n": e.number("levers", "count", "n_draws", **_FIRST),
    }


DO_FIRST = Claim(
    "do_first",
    "Whether or not the service is changed, try the best single fix first: {lever}, with about {extra} more "
    "victims in need supported under the service of today ({n} draws).",
    _staff_first,
    lambda e: e.value("levers", "low", **_FIRST) > 0,
    ("levers",),
)
ASK = Claim(
    "ask_the_provider",
    "Ask the provider next for figures in place of assumptions: {assumed} of {all} inputs rest on no "
    "evidence. "
    "First: contacts and refusals by attempt and channel, minutes of calls, assessments and casework, waits "
    "from referral to first attempt, and outcomes of those who were not supported.",
    lambda e: {
        "assumed": e.count("assumptions", "is_assumption", "True"),
        "all": e.count("assumptions"),
    },
    lambda e: e.rows("assumptions", "is_assumption", "True") > 0,
    ("assumptions",),
)


def _evidence_needed(e: Evidence) -> Slots:
    return {"n": e.run("n_draws", "count")}


MORE_DRAWS = Claim(
    "run_in_full",
    "Before money is committed, run this evaluation in the full profile: it rests on {n} draws, enough for "
    "the "
    "shape of the answer only.",
    _evidence_needed,
    lambda e: e.n_draws < FEW,
)


def recommendation(e: Evidence) -> Section:
    """Return the section on what to do, each part with its condition."""
    items = (say(IF_GRANT, e), say(IF_FULL, e), say([DO_FIRST], e), say([ASK], e), say([MORE_DRAWS], e))
    text = "Each part holds as long as its condition does. The conditions are the commissioner’s to judge."
    return Section(
        "recommendation",
        "Recommendation",
        "Recommendation",
        (Paragraph((text,)), Bullets(tuple(item for item in items if item))),
    )

"""What is recommended, each part under its condition."""

from __future__ import annotations

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots, say
from victimsmodel.reporting.content.decision import any_outside, central, chosen, curve, turn, worth
from victimsmodel.reporting.content.evidence import Evidence, measured
from victimsmodel.reporting.content.first_fix import first_fix
from victimsmodel.reporting.content.model import (
    Bullets,
    Paragraph,
    Section,
)
from victimsmodel.reporting.content.scale import FEW, TOO_FEW


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
        **_steady_case(e),
        "first": e.quoted(chosen(e, before)),
        "before": worth(e, before),
        "after": worth(e, after),
    }


_TURN = (
    "choose {first} if a further victim in need supported is worth {before} or less to you, and {best} if it "
    "is "
    "worth {after} or more. At {worth}, {best} is {sure} to be the best buy"
)
_NO_TURN = "choose {best}. At {worth} a victim it is {sure} to be the best buy"


def _steady_case(e: Evidence) -> Slots:
    best = chosen(e, central(e))
    return {
        "best": e.quoted(best),
        "worth": worth(e, central(e)),
        "sure": e.sure_word(curve(best, central(e), "probability_best")),
    }


#: What to do if every cost counts, over the years of the contract.
IF_FULL = (
    Claim(
        "if_every_cost_counts",
        f"If every cost counts, also the time of the police: {_TURN}. So agree first who pays for what falls "
        "outside the grant.",
        _full_case,
        lambda e: any_outside(e) and _turns_to_central(e),
        ("decision_curves",),
    ),
    Claim(
        "if_every_cost_counts_steady",
        f"If every cost counts, also that outside the grant: {_NO_TURN}.",
        _steady_case,
        lambda e: any_outside(e),
        ("decision_curves",),
    ),
    Claim(
        "over_the_contract",
        f"Over the years of the contract: {_TURN}. Ask what the police would have to do under each option: "
        f"the "
        "scenario states no cost for it.",
        _full_case,
        lambda e: _turns_to_central(e),
        ("decision_curves",),
    ),
    Claim(
        "over_the_contract_steady",
        f"Over the years of the contract: {_NO_TURN}. Ask what the police would have to do under each "
        f"option: "
        "the scenario states no cost for it.",
        _steady_case,
        lambda e: bool(central(e)),
        ("decision_curves",),
    ),
)


def _turns_to_central(e: Evidence) -> bool:
    """Whether the choice turns once, and to what is chosen at the central threshold."""
    after = turn(e)[1]
    return bool(after) and chosen(e, after) == chosen(e, central(e))


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
    of_nobody=True,
)


def _evidence_needed(e: Evidence) -> Slots:
    return {"n": e.run("n_draws", "count")}


#: What must come before money is committed.
MORE_DRAWS = (
    Claim(
        "run_with_enough_draws",
        "Decide nothing on this run: it rests on {n} draws. Run the evaluation in the full profile first.",
        _evidence_needed,
        lambda e: e.n_draws < TOO_FEW,
        of_nobody=True,
    ),
    Claim(
        "run_in_full",
        "Before money is committed, run this evaluation in the full profile: it rests on {n} draws, enough "
        "for the shape of the answer only.",
        _evidence_needed,
        lambda e: e.n_draws < FEW,
        of_nobody=True,
    ),
)


def recommendation(e: Evidence) -> Section:
    """Return the section on what to do, each part with its condition."""
    items = (say(IF_GRANT, e), say(IF_FULL, e), first_fix(e), say([ASK], e), say(MORE_DRAWS, e))
    text = "Each part holds as long as its condition does. The conditions are the commissioner’s to judge."
    return Section(
        "recommendation",
        "Recommendation",
        "Recommendation",
        (Paragraph((text,)), Bullets(tuple(item for item in items if item))),
    )

"""The choice by full cost: how sure it is, what would change it, and what to do under which condition."""

from __future__ import annotations

from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots
from victimsmodel.reporting.content.evidence import Evidence, cell
from victimsmodel.reporting.content.model import Cell, Inline, Strong, Text

_CURVES = "decision_curves"


def thresholds(e: Evidence) -> list[str]:
    """Return the amounts that a further victim in need supported may be worth, as the table spells them."""
    return list(dict.fromkeys(e.tables[_CURVES]["threshold"].astype(str)))


def central(e: Evidence) -> str:
    """Return the amount that single answers are given for; empty if the table lacks it."""
    stated = e.scenario.appraisal
    at = "" if stated is None else str(float(stated.thresholds.central))
    return at if e.has(_CURVES) and at in thresholds(e) else ""


def chosen(e: Evidence, threshold: str) -> str:
    """Return the option with the highest expected net benefit at a threshold."""
    return next(
        o
        for o in e.options
        if e.has_row(_CURVES, option=o, threshold=threshold) and bool(e.at(curve(o, threshold, "is_chosen")))
    )


def curve(option: str, threshold: str, column: str) -> Cell:
    """Return a cell of the decision curves."""
    return cell(_CURVES, column, option=option, threshold=threshold)


def runner_up(e: Evidence, threshold: str, besides: str) -> str:
    """Return the option that is the best buy most often after another; empty when there is none."""
    others = [o for o in e.options if o != besides and e.has_row(_CURVES, option=o, threshold=threshold)]
    return max(others, key=lambda o: float(e.at(curve(o, threshold, "probability_best"))), default="")


def chosen_at_central(e: Evidence) -> str:
    """Return the option to be chosen by full cost at the central threshold."""
    return chosen(e, central(e))


def worth(e: Evidence, threshold: str) -> Inline:
    """Return a threshold as it is printed."""
    option = chosen(e, threshold)
    return e.cited(curve(option, threshold, "threshold"), "pounds_exact")


def _full(e: Evidence) -> Slots:
    at = central(e)
    best = chosen(e, at)
    other = runner_up(e, at, best)
    return {
        "best": Strong((e.title(best),)),
        "worth": worth(e, at),
        "sure": e.sure(curve(best, at, "probability_best")),
        "second": e.quoted(other) if other else "",
        "second_sure": e.sure(curve(other, at, "probability_best")) if other else "",
    }


def _is_likely(e: Evidence) -> bool:
    return e.probability(curve(chosen_at_central(e), central(e), "probability_best")) >= words.LIKELY


def bears_outside(e: Evidence, option: str) -> bool:
    """Whether part of the full cost of an option falls outside the grant."""
    if not e.has_row("present_values", option=option, item="full_cost"):
        return False
    full, grant = (
        e.value("present_values", "estimate", option=option, item=item)
        for item in ("full_cost", "grant_cost")
    )
    return full > grant


def any_outside(e: Evidence) -> bool:
    """Whether the scenario states a cost outside the grant for any option."""
    return any(bears_outside(e, option) for option in e.options)


def _agrees(e: Evidence) -> bool:
    return bool(central(e)) and any_outside(e) and chosen_at_central(e) == e.best


#: What is the best buy once all costs count, borne by the grant or not.
BY_FULL_COST = (
    Claim(
        "same_by_full_cost",
        "Counting every cost, also those borne outside the grant, the answer is the same: if a further "
        "victim in need supported is worth {worth}, {best} is {sure} to be the best buy.",
        _full,
        lambda e: _agrees(e) and _is_likely(e),
        (_CURVES,),
    ),
    Claim(
        "less_sure_by_full_cost",
        "Counting every cost, also those borne outside the grant, the case is weaker: if a further victim in "
        "need supported is worth {worth}, {best} is still the best buy on average, but only {sure} to be it. "
        "Next comes {second}, which is {second_sure} to be it.",
        _full,
        lambda e: _agrees(e) and bool(runner_up(e, central(e), e.best)),
        (_CURVES,),
    ),
    Claim(
        "another_by_full_cost",
        "Counting every cost, also those borne outside the grant, the answer is another: if a further victim "
        "in need supported is worth {worth}, {best} is the best buy on average, and {sure} to be it.",
        _full,
        lambda e: bool(central(e)) and any_outside(e) and chosen_at_central(e) != e.best,
        (_CURVES,),
    ),
    Claim(
        "best_buy_without_costs_outside",
        "If a further victim in need supported is worth {worth}, {best} is the best buy on average, and "
        "{sure} "
        "to be it. The scenario states no cost outside the grant, such as the time of the police: where an "
        "option takes it, this is too favourable.",
        _full,
        lambda e: bool(central(e)) and not any_outside(e),
        (_CURVES,),
    ),
)


def turn(e: Evidence) -> tuple[str, str]:
    """Return the last threshold before, and the first from which on, another option is chosen.

    Empty where the choice never turns, or more than once.
    """
    steps = thresholds(e) if central(e) else []
    choices = [chosen(e, step) for step in steps]
    turns = [i for i in range(1, len(steps)) if choices[i] != choices[i - 1]]
    return (steps[turns[0] - 1], steps[turns[0]]) if len(turns) == 1 else ("", "")


def _course(e: Evidence) -> Text:
    """Return which option is chosen from which threshold on, for a choice that turns several times."""
    found: Text = ()
    steps = thresholds(e)
    for i, step in enumerate(steps):
        if i == 0 or chosen(e, step) != chosen(e, steps[i - 1]):
            found = (
                *found,
                *(("; from ",) if i else ("from ",)),
                worth(e, step),
                f" {e.quoted(chosen(e, step))}",
            )
    return found


def _turn(e: Evidence) -> Slots:
    before, after = turn(e)
    return {
        "first": e.quoted(chosen(e, before)),
        "best": e.quoted(chosen(e, after)),
        "before": worth(e, before),
        "after": worth(e, after),
    }


#: At which worth of a victim supported the choice turns.
TURNS = (
    Claim(
        "choice_turns_with_worth",
        "What a further victim in need supported is worth decides: up to {before}, {first} is the best buy "
        "by full cost; from {after} on, it is {best}.",
        _turn,
        lambda e: bool(turn(e)[1]),
        (_CURVES,),
    ),
    Claim(
        "choice_turns_several_times",
        "What a further victim in need supported is worth decides which option is the best buy by full cost: "
        "{course}.",
        lambda e: {"course": _course(e)},
        lambda e: bool(central(e)) and not turn(e)[1] and len({chosen(e, at) for at in thresholds(e)}) > 1,
        (_CURVES,),
    ),
    Claim(
        "choice_never_turns",
        "By full cost {best} is the best buy at every worth of a victim supported that was looked at.",
        lambda e: {"best": e.quoted(chosen_at_central(e))},
        lambda e: bool(central(e)) and len({chosen(e, at) for at in thresholds(e)}) == 1,
        (_CURVES,),
    ),
)

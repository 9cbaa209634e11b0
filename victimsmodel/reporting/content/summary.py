"""The answer, the numbers to remember and the summary in plain words."""

from __future__ import annotations

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.reporting import words
from victimsmodel.reporting.content.assumed import COUNTED
from victimsmodel.reporting.content.capacity import BOTTLENECK
from victimsmodel.reporting.content.claims import Claim, Slots, say, say_all
from victimsmodel.reporting.content.decision import BY_FULL_COST, TURNS
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence, measured
from victimsmodel.reporting.content.model import (
    Bullets,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Section,
    Strong,
    Text,
)
from victimsmodel.reporting.content.nobody import NOBODY
from victimsmodel.reporting.content.people import LEFT_OUT
from victimsmodel.reporting.content.scale import FEW, TOO_FEW, draws_needed

_ALL = {"crime_type": "all", "priority": "all"}


def _gain(e: Evidence) -> Slots:
    return {
        "best": Strong((e.title(e.best),)),
        "base": e.quoted(e.base),
        "n": e.cited(measured(e.best, EFFECT), "about"),
        "gain": Strong(
            (e.cited(measured(e.best, EFFECT, "difference"), "about"), f" more than {e.quoted(e.base)}")
        ),
        "interval": (
            f"{INTERVAL} ",
            *e.range(
                "comparison",
                "about",
                "difference_low",
                "difference_high",
                option=e.best,
                measure=EFFECT,
            ),
        ),
        "sure": e.sure(measured(e.best, EFFECT, "probability_better")),
    }


def _is_surely_more(e: Evidence) -> bool:
    return e.probability(measured(e.best, EFFECT, "probability_better")) >= words.LIKELY


#: Which option supports most victims in need, and how sure that is.
MOST_SUPPORTED = (
    Claim(
        "base_supports_most",
        "No option supports more victims in need than {base}, which supports {n} a year.",
        lambda e: {"base": e.quoted(e.base), "n": e.cited(measured(e.base, EFFECT), "about")},
        lambda e: e.best == e.base,
    ),
    Claim(
        "one_supports_most",
        "{best} supports the most victims in need: {n} a year, {gain} ({interval}). "
        "It is {sure} to support more than {base}.",
        _gain,
        lambda e: e.best != e.base and _is_surely_more(e),
    ),
    Claim(
        "one_may_support_most",
        "On average {best} supports the most victims in need, {n} a year, {gain} ({interval}); but that is "
        "not settled: it is {sure} to support more than {base}.",
        _gain,
        lambda e: e.best != e.base and not _is_surely_more(e),
    ),
)


def _costs(e: Evidence) -> Slots:
    return {
        "cost": e.cited(measured(e.best, "total_cost"), "pounds_about"),
        "base": e.quoted(e.base),
        "base_cost": e.cited(measured(e.base, "total_cost"), "pounds_about"),
        "sure": e.sure(measured(e.best, "total_cost", "probability_better")),
    }


#: What the best option costs the grant against the one compared with.
GRANT_COST = (
    Claim(
        "best_is_the_base",
        "It costs the grant {cost} a year.",
        lambda e: {"cost": e.cited(measured(e.best, "total_cost"), "pounds_about")},
        lambda e: e.best == e.base,
    ),
    Claim(
        "saves_grant",
        "It costs the grant {cost} a year, less than the {base_cost} of {base}, and is {sure} to cost less.",
        _costs,
        lambda e: (
            e.measure(e.best, "total_cost", "difference") < 0
            and e.probability(measured(e.best, "total_cost", "probability_better")) >= words.LIKELY
        ),
    ),
    Claim(
        "costs_grant_about_the_same",
        "It costs the grant {cost} a year, against {base_cost} for {base}; it is {sure} to cost less.",
        _costs,
        lambda e: e.measure(e.best, "total_cost", "difference") < 0,
    ),
    Claim(
        "costs_grant_more",
        "It costs the grant {cost} a year, more than the {base_cost} of {base}.",
        _costs,
    ),
)


def _grant(e: Evidence) -> Slots:
    ends = e.range("comparison", "pounds_about", "low", "high", option=e.best, measure="total_cost")
    return {
        "best": e.quoted(e.best),
        "grant": e.stated("grant_gbp", "pounds_exact"),
        "interval": (f"{INTERVAL} ", *ends),
        "within": (f"{INTERVAL} (", *ends, ")"),
    }


def _cost_ends(e: Evidence) -> tuple[float, float, float]:
    mean, low, high = (e.measure(e.best, "total_cost", name) for name in ("estimate", "low", "high"))
    return mean, low, high


#: How the cost of the best option stands to the grant.
AGAINST_GRANT = (
    Claim(
        "within_grant",
        "The grant of {grant} pays for {best}, over the whole range of what it may cost ({interval}).",
        _grant,
        lambda e: _cost_ends(e)[2] <= e.scenario.grant_gbp,
        of_nobody=True,
    ),
    Claim(
        "above_grant",
        "The grant of {grant} does not pay for {best}, anywhere in the range of what it may cost "
        "({interval}).",
        _grant,
        lambda e: _cost_ends(e)[1] > e.scenario.grant_gbp,
        of_nobody=True,
    ),
    Claim(
        "below_grant_on_average",
        "On average the grant of {grant} pays for {best}, but it may not: the {within} of its cost reaches "
        "past it.",
        _grant,
        lambda e: _cost_ends(e)[0] <= e.scenario.grant_gbp,
        of_nobody=True,
    ),
    Claim(
        "above_grant_on_average",
        "On average {best} costs more than the grant of {grant}, but it may stay within it: the {within} "
        "of "
        "its cost begins below it.",
        _grant,
        of_nobody=True,
    ),
)

NEED = Claim(
    "need",
    "About {victims} people a year are victims of recorded crime in {area}, and about {in_need} of them "
    "({ends}) need support that they do not get at the first report.",
    lambda e: {
        "victims": e.number("demand_summary", "about", "victims", **_ALL),
        "in_need": e.number("demand_summary", "about", "in_need", **_ALL),
        "ends": e.range("demand_summary", "about", "in_need_low", "in_need_high", **_ALL),
        "area": e.stated("area.name"),
    },
)
TODAY = Claim(
    "today",
    "Under {base} the service supports {n} of those in need, or {coverage}; {in_ten} of all referrals "
    "({attrition}) do not end in support.",
    lambda e: {
        "base": e.quoted(e.base),
        "n": e.cited(measured(e.base, EFFECT), "about"),
        "coverage": e.cited(measured(e.base, "coverage"), "share"),
        "in_ten": e.cited(measured(e.base, "attrition"), "in_ten"),
        "attrition": e.cited(measured(e.base, "attrition"), "share1"),
    },
)


def _needed_for_likely(e: Evidence) -> str:
    k = draws_needed(words.LIKELY, e.n_draws)
    return f"“likely” needs {f'at least {k}' if k < e.n_draws else 'all'} of {e.n_draws} draws"


#: How far a run with few draws can be relied on.
DRAWS = (
    Claim(
        "too_few_draws",
        "This run rests on {n} draws of the inputs: too few to rely on any of its numbers.",
        lambda e: {"n": e.run("n_draws", "count")},
        lambda e: e.n_draws < TOO_FEW,
        of_nobody=True,
    ),
    Claim(
        "few_draws",
        "This run rests on {n} draws of the inputs: enough to see the shape of the answer. Use the full "
        "profile before relying on small differences. With few draws a result could easily have come out "
        "otherwise, so that the words for probabilities are weaker than their share of draws: {likely}.",
        lambda e: {"n": e.run("n_draws", "count"), "likely": _needed_for_likely(e)},
        lambda e: e.n_draws < FEW,
        of_nobody=True,
    ),
    Claim(
        "enough_draws",
        "This run rests on {n} draws of the inputs.",
        lambda e: {"n": e.run("n_draws", "count")},
        of_nobody=True,
    ),
)


def summary(e: Evidence) -> Section:
    """Return the section that a commissioner reads first."""
    lead = say([NOBODY], e) or (*say(MOST_SUPPORTED, e), " ", *say(GRANT_COST, e))
    items: list[Text] = [
        say_all([NEED, TODAY], e),
        say(AGAINST_GRANT, e),
        say(BY_FULL_COST, e),
        say_all(TURNS, e),
        say(BOTTLENECK, e),
        say(LEFT_OUT, e),
        say([COUNTED], e),
    ]
    meaning = (
        f"Figures in brackets and small figures are, where two are given, the {INTERVAL} of the mean: what "
        f"we "
        "believe about the average year, given what is known about the inputs. "
    )
    return Section(
        "summary",
        "Summary",
        "Summary",
        (
            Paragraph(lead, "lead"),
            KeyFigures(_key_figures(e)),
            Bullets(tuple(item for item in items if item)),
            Paragraph((meaning, *say(DRAWS, e)), "note"),
        ),
    )


def _key_figures(e: Evidence) -> tuple[KeyFigure, ...]:
    best = e.best
    shown = [
        KeyFigure(
            label,
            (e.number("demand_summary", "about", column, **_ALL),),
            e.range("demand_summary", "about", f"{column}_low", f"{column}_high", **_ALL),
        )
        for label, column in (("Victims a year", "victims"), ("In need of support", "in_need"))
    ]
    for label, measure, style in (
        ("Attrition from referral to support", "attrition", "share1"),
        ("Victims in need supported a year", EFFECT, "about"),
        ("Cost to the grant of each of them", "cost_per_supported_in_need", "pounds_about"),
    ):
        at = e.base if measure == "attrition" else best
        ends = e.range("comparison", style, "low", "high", option=at, measure=measure)
        other: Text = ("under ", e.quoted(at), "; ", *ends)
        if at != e.base:
            number = e.number("comparison", style, "estimate", option=e.base, measure=measure)
            other = ("under ", e.quoted(at), "; ", number, " under ", e.quoted(e.base))
        shown.append(KeyFigure(label, (e.cited(measured(at, measure), style),), other))
    return tuple(shown)

"""Plain English for every name that a table holds: nothing else in the package words them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.reporting.dates import days_in_words
from victimsmodel.reporting.input_words import INPUT_PHRASES

STAGE_TITLES: Mapping[str, str] = {
    "victims": "Victims",
    "in_need": "In need of support",
    "referred": "Referred",
    "attempted": "Attempted",
    "contacted": "Contacted",
    "consented": "Consented",
    "assessed": "Assessed",
    "need_recognised": "Need recognised",
    "accepted": "Accepted support",
    "supported": "Supported",
    "completed": "Completed support",
    "improved": "Improved",
}

EXIT_TITLES: Mapping[str, str] = {
    "excluded": "Excluded: crime out of scope or duplicate",
    "unsafe": "Unsafe to contact",
    "no_details": "No usable contact details",
    "reneged": "Left or closed while waiting",
    "unreachable": "Not reached",
    "declined": "Declined",
    "not_attended": "Did not come to the assessment",
    "need_missed": "Need missed at the assessment",
    "withdrew": "Withdrew from support",
    "not_in_need": "No need found",
    "completed": "Completed support",
    "open": "Still open",
}

#: What happens to the referrals that are lost, to follow "so many per cent of referrals".
LOSS_PHRASES: Mapping[str, str] = {
    "excluded": "are out of scope or duplicates",
    "unsafe": "are unsafe to contact",
    "no_details": "have no usable contact details",
    "reneged": "are closed or leave while they wait",
    "unreachable": "end without the victim being reached",
    "declined": "end because the victim declines",
    "not_attended": "end because the victim does not come to the assessment",
    "need_missed": "end because the assessment misses the need",
    "withdrew": "end because the victim withdraws",
}

#: What a wait is measured between.
WAIT_TITLES: Mapping[str, str] = {
    "first_attempt": "First attempt",
    "contact": "Contact",
    "support": "Start of support",
}
WAIT_MEANINGS: Mapping[str, str] = {
    "first_attempt": "from the referral to the first attempt at contact",
    "contact": "from the referral to contact, of those contacted",
    "support": "from accepting support to its start, of those supported",
}

TASK_TITLES: Mapping[str, str] = {
    "attempt": "Attempts at contact",
    "assessment": "Needs assessments",
    "practical": "Practical support",
    "casework": "Casework",
    "specialist": "Referral to specialists",
}

COST_LINE_TITLES: Mapping[str, str] = {
    "staff": "Staff and volunteers",
    "attempts": "Calls, messages and postage",
    "cases": "Goods and services for victims",
    "fixed": "Fixed costs",
    "total": "Total",
}

CHANNEL_TITLES: Mapping[str, str] = {
    "phone": "call",
    "text": "text message",
    "letter": "letter",
    "email": "e-mail",
    "visit": "visit",
}

PRIORITY_TITLES: Mapping[str, str] = {"enhanced": "Enhanced", "standard": "Standard", "all": "All"}

UNIT_TITLES: Mapping[str, str] = {
    "probability": "share",
    "correlation": "correlation",
    "odds ratio": "odds ratio",
    "victims/year": "victims a year",
    "victims": "victims",
    "minutes": "minutes",
    "days": "days",
    "sessions": "sessions",
    "GBP": "£",
    "GBP/year": "£ a year",
    "points": "points",
    "years": "years",
}

#: The four national outcomes of support.
OUTCOME_TITLES: Mapping[str, str] = {
    "health_wellbeing": "Health and well-being",
    "coping": "Able to cope",
    "safety": "Feeling safe",
    "informed": "Informed and empowered",
}

#: What a verdict of `appraisal.compare.verdict` means to a reader.
VERDICT_SENTENCES: Mapping[str, str] = {
    "dominates": "Supports more victims in need and costs less.",
    "is dominated": "Supports fewer victims in need and costs more.",
    "equal": "No different from the option compared with.",
    "same effect for less cost": "Supports as many victims in need and costs less.",
    "same effect for more cost": "Supports as many victims in need and costs more.",
    "more effect for the same cost": "Supports more victims in need and costs the same.",
    "less effect for the same cost": "Supports fewer victims in need and costs the same.",
    "more effect for more cost": "A choice: supports more victims in need, for more money.",
    "less effect for less cost": "A choice: saves money, but supports fewer victims in need.",
}

#: Heading of each part of the assumptions, by the first word of the inputs' names.
AREA_TITLES: Mapping[str, str] = {
    "demand": "Demand and need",
    "referral": "Referral by the police",
    "screening": "Screening of referrals",
    "contact": "Contact",
    "consent": "Consent",
    "assessment": "Needs assessment",
    "support": "Support",
    "outcomes": "Outcomes",
    "staff": "Staff and volunteers",
    "costs": "Other costs",
    "appraisal": "Appraisal",
}

#: From here on something is called likely.
LIKELY = 0.66

#: Least probability of each step of the verbal scale.
_SCALE = (
    (0.99, "almost certain"),
    (0.90, "very likely"),
    (LIKELY, "likely"),
)


def certainty(probability: float) -> str:
    """Return the words for a probability, from a fixed scale.

    At least 0.99 is almost certain, 0.9 very likely, 0.66 likely; the scale is the same below a
    half: at most 0.33 is unlikely, 0.1 very unlikely, 0.01 extremely unlikely.

    Examples
    --------
    >>> certainty(0.9), certainty(0.5), certainty(0.33)
    ('very likely', 'about as likely as not', 'unlikely')
    """
    for least, words in _SCALE:
        if probability >= least:
            return words
    for most, words in ((0.01, "extremely unlikely"), (0.10, "very unlikely"), (0.33, "unlikely")):
        if probability <= most:
            return words
    return "about as likely as not"


def sentence_case(text: str) -> str:
    """Return `text` with its first letter large and the rest as it is."""
    return text[:1].upper() + text[1:]


def in_sentence(title: str) -> str:
    """Return a title as it stands inside a sentence: an ordinary first word is written small."""
    first = title.split(" ", 1)[0]
    return title[:1].lower() + title[1:] if first[1:].islower() else title


def option_in_sentence(name: str, scenario: Scenario) -> str:
    """Return an option's title inside a sentence: business as usual as it is said, others quoted."""
    title = scenario.options[name].title
    return in_sentence(title) if name == BUSINESS_AS_USUAL else f"“{title}”"


def draws(n: int) -> str:
    """Return how many draws: one draw, several draws."""
    return f"{n:,} {draw_word(n)}"


def draw_word(n: int) -> str:
    """Return what stands after a number of draws."""
    return "draw" if n == 1 else "draws"


#: What the source line says of intervals, under figures that draw them.
INTERVALS = "Intervals: 90 % intervals of the mean."


def without_intervals(source: str) -> str:
    """Return a source line for a figure that draws no interval."""
    return source.replace(INTERVALS, "").rstrip()


def source_line(n_draws: int, n_replications: int) -> str:
    """Return the line that stands under every figure."""
    years = f"{n_replications} {'year' if n_replications == 1 else 'years'}"
    return (
        f"Source: simulation of {draws(n_draws)} of the inputs × {years}; intervals are 90% intervals of "
        "the mean."
    )


#: A range of numbers; more than two are the parts of something else, such as a date.
_RANGE = re.compile(r"(?<![\d.,-])\d+(?:[.,]\d+)*-\d+(?:[.,]\d+)*(?!-?\d)")


def typeset(text: str) -> str:
    """Return text from an input file as it is printed: pounds, closed percent signs, en dashes, days.

    Examples
    --------
    >>> typeset("20-30 % of GBP 948,920 from 2022-04-01 on")
    '20–30% of £948,920 from 1 April 2022 on'
    """
    closed = re.sub(r"(?<=\w) x (?=\d)", " × ", re.sub(r"(?<=\d) %", "%", text))
    return _RANGE.sub(lambda found: found[0].replace("-", "–"), days_in_words(re.sub(r"\bGBP ", "£", closed)))


def input_title(name: str, scenario: Scenario) -> str:
    """Return the phrase for an input's dotted name, such as ``contact.channels.phone.reach``.

    An input without a phrase of its own gets its name's words, so that none is ever missing.
    """
    parts = name.split(".")
    found = phrase_in(INPUT_PHRASES, name, scenario)
    return found or sentence_case(", ".join(part.replace("_", " ") for part in parts[1:] or parts))


def phrase_in(phrases: Mapping[str, str], name: str, scenario: Scenario) -> str:
    """Return the phrase of the pattern that an input's dotted name fits; empty if there is none."""
    parts = name.split(".")
    for pattern, phrase in phrases.items():
        found = _matched(pattern.split("."), parts)
        if found is not None:
            words = {kind: _part_title(kind, key, scenario) for kind, key in found.items()}
            words |= {
                f"a_{kind}": f"{'an' if word[0] in 'aeiou' else 'a'} {word}" for kind, word in words.items()
            }
            return sentence_case(phrase.format(**words))
    return ""


def area_title(name: str) -> str:
    """Return the heading under which an input is listed."""
    first = name.split(".", 1)[0]
    return AREA_TITLES.get(first, sentence_case(first.replace("_", " ")))


def role_title(role: str, scenario: Scenario) -> str:
    """Return the title of a role of any option."""
    for option in scenario.options.values():
        if role in option.service.staff:
            return option.service.staff[role].title
    return sentence_case(role.replace("_", " "))


def _matched(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    """Return what stands at the braces of a pattern, or None if the name is another."""
    if len(pattern) != len(parts):
        return None
    found = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected.startswith("{"):
            found[expected.strip("{}")] = part
        elif expected != part:
            return None
    return found


def _part_title(kind: str, key: str, scenario: Scenario) -> str:
    plain = key.replace("_", " ")
    if kind == "crime_type":
        crime_type = scenario.demand.crime_types.get(key)
        return plain if crime_type is None else crime_type.title
    if kind == "group":
        return next((group.title for group in scenario.groups if group.name == key), plain)
    titled = _titled(kind, scenario)
    if key in titled:
        return str(titled[key].title)
    if kind == "outcome":
        return in_sentence(OUTCOME_TITLES[key])
    if kind == "role":
        return role_title(key, scenario)
    return CHANNEL_TITLES.get(key, plain) if kind == "channel" else plain


def _titled(kind: str, scenario: Scenario) -> Mapping[str, Any]:
    """Return what has a title of its own in the demand of a scenario, by key."""
    demand = scenario.demand
    if kind == "force" and demand.from_crime is not None:
        return demand.from_crime.elsewhere
    if kind == "need" and demand.needs is not None:
        return {**demand.needs.categories, **demand.needs.priorities}
    others: dict[str, Mapping[str, Any]] = {
        "stream": demand.streams,
        "surge": demand.surges,
        "incident": demand.incidents,
    }
    return others.get(kind, {})

"""What is said of years in which nobody is referred: that what is told of each victim does not exist."""

from __future__ import annotations

from dataclasses import replace

from victimsmodel.reporting.content.claims import Claim, say
from victimsmodel.reporting.content.evidence import Evidence, measured
from victimsmodel.reporting.content.model import Paragraph, Section

#: Sections about victims, which then hold tables of noughts and dashes alone.
_OF_VICTIMS = ("attrition", "methods", "coverage", "capacity", "change", "recommendation")

#: Said in place of all that is told of victims.
NOBODY = Claim(
    "nobody_is_referred",
    "Nobody is referred in any of the simulated years, under any option. Shares of victims, waits and costs "
    "per victim do not exist then: a dash stands in their place. What is left is what the service costs: "
    "{cost} a year under {base}.",
    lambda e: {
        "base": e.quoted(e.base),
        "cost": e.cited(measured(e.base, "total_cost"), "pounds_about"),
    },
    lambda e: e.is_of_nobody,
    of_nobody=True,
)
NOTHING_HERE = Claim(
    "nobody_is_referred_here",
    "Nobody is referred in any of the simulated years: nothing can be told here of victims, nor of which "
    "option does more for them.",
    lambda e: {},
    lambda e: e.is_of_nobody,
    of_nobody=True,
)


def with_nobody(section: Section, e: Evidence) -> Section:
    """Return a section, with a first paragraph that says so if it is about victims and there are none."""
    said = say([NOTHING_HERE], e) if section.name in _OF_VICTIMS else ()
    return replace(section, blocks=(Paragraph(said), *section.blocks)) if said else section

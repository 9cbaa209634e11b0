"""The colours of figures and report; light to import."""

from __future__ import annotations

from collections.abc import Mapping

from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario

INK = "#1b2733"
QUIET = "#5a6672"
RULE = "#d5dbe1"

#: Business as usual is grey; the other options take these in their order in the scenario. The hues are
#: those of Okabe and Ito (2008), which people with any colour vision tell apart.
_GREY = "#525c66"
_PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#332288", "#882255")

#: Victims of enhanced and standard priority.
PRIORITY_COLOURS: Mapping[str, str] = {"enhanced": "#14506e", "standard": "#8fbcd1"}

#: What staff time is spent on, and what the money is spent on.
TASK_COLOURS: Mapping[str, str] = {
    "attempt": "#8fbcd1",
    "assessment": "#14506e",
    "practical": "#009e73",
    "casework": "#b45f9a",
    "specialist": "#e69f00",
}
COST_COLOURS: Mapping[str, str] = {
    "staff": "#14506e",
    "attempts": "#e69f00",
    "cases": "#009e73",
    "fixed": "#a9b4be",
}

#: Contact methods within one option, and the shape of an attempt in each channel.
METHOD_COLOURS: tuple[str, ...] = ("#14506e", "#c2570c", "#00734f", "#8a5aa0")
CHANNEL_MARKERS: Mapping[str, str] = {"phone": "o", "text": "s", "letter": "D", "email": "p", "visit": "^"}

#: Where referrals end: support in green, no need in grey, then by the step at which victims are lost.
EXIT_COLOURS: Mapping[str, str] = {
    "completed": "#00734f",
    "open": "#7fc9ae",
    "not_in_need": "#b8c1c9",
    "excluded": "#5d4a7a",
    "unsafe": "#8a78a8",
    "no_details": "#b8abcd",
    "reneged": "#b84a00",
    "unreachable": "#0072b2",
    "declined": "#e69f00",
    "not_attended": "#c9b26a",
    "need_missed": "#f0c66b",
    "withdrew": "#f7e3b5",
}


def option_colours(scenario: Scenario) -> dict[str, str]:
    """Return the colour of each option, the same in every figure."""
    others = [name for name in scenario.options if name != BUSINESS_AS_USUAL]
    colours = {name: _PALETTE[i % len(_PALETTE)] for i, name in enumerate(others)}
    return {BUSINESS_AS_USUAL: _GREY, **colours}

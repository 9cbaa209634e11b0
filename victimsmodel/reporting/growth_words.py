"""Queues that would grow without end, in plain words: on the page of a workshop and beside a plan."""

from __future__ import annotations

from collections.abc import Iterable

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.growth import overloads, rho_words
from victimsmodel.reporting.formats import plain
from victimsmodel.reporting.words import in_sentence, option_in_sentence, role_title


def growing_sentences(scenario: Scenario, options: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return a sentence for every role that gets more work than its staff in post can do, nobody leaving.

    Parameters
    ----------
    scenario : Scenario
    options : iterable of str, optional
        All by default; levers are left out.
    """
    return tuple(
        f"With the {in_sentence(role_title(found.role, scenario))} in post ({plain(found.fte)} full-time), "
        f"{found.work} would wait ever longer under {option_in_sentence(found.option, scenario)}: more comes "
        f"than they can do, and nobody leaves that queue (rho = {rho_words(found)}). More than "
        f"{found.needed:.1f} full-time workers are needed."
        for found in overloads(scenario, scenario.options if options is None else options)
    )

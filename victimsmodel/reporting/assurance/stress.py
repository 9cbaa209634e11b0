"""The STRESS sheet of a discrete-event simulation, filled in from a run.

Items as of Monks, Currie, Onggo, Robinson, Kunc and Taylor (2019), Strengthening the reporting of empirical
simulation studies: Introducing the STRESS guidelines, Journal of Simulation 13 (1), 55-67,
doi 10.1080/17477778.2018.1442155 (STRESS-DES). What is said of each is our own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from victimsmodel.reporting.assurance import stress_answers as answers
from victimsmodel.reporting.assurance.basis import Basis
from victimsmodel.reporting.marks import Mark

_SOURCE = (
    "Items: Monks, Currie, Onggo, Robinson, Kunc and Taylor (2019), Strengthening the reporting of empirical "
    "simulation studies: Introducing the STRESS guidelines, Journal of Simulation 13 (1), 55-67, "
    "<https://doi.org/10.1080/17477778.2018.1442155>. Answers were filled in from the scenario and the "
    "manifest of the run; what people added stands below them."
)


class Item(NamedTuple):
    """One item of the sheet: its number and name, and what says it of a run."""

    number: str
    title: str
    answer: Callable[[Basis], str]


SECTIONS: dict[str, tuple[Item, ...]] = {
    "1. Objectives": (
        Item("1.1", "Purpose of the model", answers.purpose),
        Item("1.2", "Model outputs", answers.outputs),
        Item("1.3", "Experimentation aims", answers.aims),
    ),
    "2. Logic": (
        Item("2.1", "Base model overview diagram", answers.diagram),
        Item("2.2", "Base model logic", answers.logic),
        Item("2.3", "Scenario logic", answers.options),
        Item("2.4", "Algorithms", answers.algorithms),
        Item("2.5.1", "Components: entities", answers.entities),
        Item("2.5.2", "Components: activities", answers.activities),
        Item("2.5.3", "Components: resources", answers.resources),
        Item("2.5.4", "Components: queues", answers.queues),
        Item("2.5.5", "Components: entry and exit points", answers.entries_and_exits),
    ),
    "3. Data": (
        Item("3.1", "Data sources", answers.sources),
        Item("3.2", "Input parameters", answers.parameters),
        Item("3.3", "Pre-processing", answers.preprocessing),
        Item("3.4", "Assumptions", answers.assumed),
    ),
    "4. Experimentation": (
        Item("4.1", "Initialisation", answers.initialisation),
        Item("4.2", "Run length", answers.run_length),
        Item("4.3", "Estimation approach", answers.estimation),
    ),
    "5. Implementation": (
        Item("5.1", "Software or programming language", answers.software),
        Item("5.2", "Random sampling", answers.sampling),
        Item("5.3", "Model execution", answers.execution),
        Item("5.4", "System specification", answers.system),
    ),
    "6. Code access": (Item("6.1", "Computer model sharing statement", answers.sharing),),
}


def item_numbers() -> list[str]:
    """Return the numbers of the items, in order."""
    return [item.number for items in SECTIONS.values() for item in items]


def stress_sheet(basis: Basis, mark: Mark) -> str:
    """Return the sheet as Markdown: every item with its answer, and what people added to it."""
    head = f"# STRESS-DES: {_inert(basis.scenario.title)}"
    run = f"Run {basis.manifest['run_id']}, {basis.made_on}. **{_inert(mark.text)}**"
    parts = [head, run, _SOURCE]
    for section, items in SECTIONS.items():
        parts.append(f"## {section}")
        for item in items:
            parts += [f"### {item.number} {item.title}", *_said(item, basis)]
    return "\n\n".join(parts) + "\n"


def _said(item: Item, basis: Basis) -> Iterable[str]:
    yield "\n".join(_inert(line) for line in item.answer(basis).split("\n"))
    if added := basis.entries.stress.get(item.number):
        yield f"*Added:* {_inert(added)}"


def _inert(text: str) -> str:
    """Return text in which no sign marks up Markdown or HTML; a leading hyphen of a list stays."""
    escaped = re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text.replace("&", "&amp;"))
    return escaped.replace("\r", " ")

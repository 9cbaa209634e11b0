"""A return in plain text: what was found, attrition under each definition, and what to ask."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from victimsmodel.errors import visible
from victimsmodel.files import csv_text
from victimsmodel.inputs.people_table import refuse_people
from victimsmodel.inputs.returns.chain import CHAIN, FEWEST_STEPS
from victimsmodel.inputs.returns.load import Returns
from victimsmodel.inputs.returns.propose import Proposal
from victimsmodel.inputs.returns.questions import questions
from victimsmodel.pathway.attrition_definitions import OVERALL, attrition_definitions


def return_lines(returns: Returns) -> Iterator[str]:
    """Yield findings, attrition and questions of a released return, a line each, nothing in it unseen."""
    return map(visible, _return_lines(returns))


def _return_lines(returns: Returns) -> Iterator[str]:
    refuse_people(returns.counts, returns.source)
    periods = returns.counts["period"].drop_duplicates()
    stages = returns.counts["stage"].drop_duplicates()
    span = _span(list(periods))
    yield f"{returns.source}: {span}; {', '.join(stages)}."
    yield ""
    yield f"Findings ({len(returns.findings)}):"
    for row in returns.findings.itertuples():
        place = f" [{row.rows}]" if row.rows else ""
        yield f"  {row.severity}: {row.check}: {row.detail}{place} ({row.action})"
    yield ""
    yield "Attrition, all periods together (5th to 95th percentile, or bounds):"
    table = attrition_definitions(returns)
    if table.empty:
        yield f"  {_why_none(set(stages))}"
    for row in table[table["period"] == OVERALL].itertuples():
        yield f"  {row.definition}: {row.words}"
    yield ""
    yield "Questions to the provider:"
    for number, question in enumerate(questions(returns), start=1):
        yield f"  {number}. {question}"


def _span(periods: list[str]) -> str:
    if len(periods) == 1:
        return f"1 period, {periods[0]}"
    return f"{len(periods)} periods, {periods[0]} to {periods[-1]}"


def _why_none(stages: set[str]) -> str:
    if len(stages & set(CHAIN)) < FEWEST_STEPS:
        return "no attrition can be computed: fewer than two stages are mapped"
    return "no attrition can be computed: the counts leave every share between 0% and 100%"


def proposal_lines(proposal: Proposal) -> Iterator[str]:
    """Yield the proposed mapping as a table, what is not read, and what must be decided; nothing unseen."""
    return map(visible, _proposal_lines(proposal))


def _proposal_lines(proposal: Proposal) -> Iterator[str]:
    yield f"{proposal.layout}."
    width = max(len(label) for label in proposal.labels["label"])
    for row in proposal.labels.itertuples():
        stage = f"unsure (perhaps {row.perhaps})" if row.perhaps else str(row.stage)
        confidence = "" if pd.isna(row.confidence) else f", {row.unit}, {row.confidence:.0%}"
        part = " (part)" if row.part else ""
        yield f"  {row.label:<{width}}  {stage}{part}{confidence}: {row.reason}"
    for text in proposal.unused:
        yield f"  not read: {text}"
    for text in proposal.unsure:
        yield f"  to decide: {text}"


def return_files(returns: Returns) -> dict[str, bytes]:
    """Return the CSV files of a released return by name, and the questions as text."""
    refuse_people(returns.counts, returns.source)
    asked = "\n".join(f"{i}. {text}" for i, text in enumerate(questions(returns), start=1))
    tables = {
        "counts": returns.counts,
        "findings": returns.findings,
        "attrition": attrition_definitions(returns),
    }
    files = {name: csv_text(table) for name, table in tables.items()}
    return {
        **{f"{name}.csv": text.encode() for name, text in files.items()},
        "questions.txt": (asked + "\n").encode(),
    }

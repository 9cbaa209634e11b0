"""The whole document, put together once from the tables of a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.parquet import read_parquet
from victimsmodel.reporting import words
from victimsmodel.reporting.content.assumed import assumptions
from victimsmodel.reporting.content.capacity import capacity
from victimsmodel.reporting.content.change import change
from victimsmodel.reporting.content.closing import limits, method
from victimsmodel.reporting.content.demand import demand
from victimsmodel.reporting.content.evidence import Evidence
from victimsmodel.reporting.content.exhibits import numbered
from victimsmodel.reporting.content.methods import methods
from victimsmodel.reporting.content.model import Document, Text
from victimsmodel.reporting.content.nobody import with_nobody
from victimsmodel.reporting.content.pathway import lost
from victimsmodel.reporting.content.people import left_out
from victimsmodel.reporting.content.recommendation import recommendation
from victimsmodel.reporting.content.summary import summary
from victimsmodel.reporting.content.value import value
from victimsmodel.reporting.marks import mark_of

#: What makes each section, in the order in which they stand.
SECTIONS = (
    summary,
    demand,
    lost,
    methods,
    left_out,
    capacity,
    value,
    change,
    recommendation,
    limits,
    assumptions,
    method,
)


def build_document(
    tables: Mapping[str, pd.DataFrame],
    scenario: Scenario,
    manifest: Mapping[str, object],
    findings: Mapping[str, str] | None = None,
) -> Document:
    """Return everything that the report says, ready to be laid out.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of a run by name, from `read_tables`. Exhibits whose table is missing are left out.
    scenario : Scenario
    manifest : mapping
        run_id, profile, seed, n_draws, n_replications, created, version, agreement; a draft unless `marked`.
    findings : mapping of str to str, optional
        Title of each figure that was drawn, by the name of its file; one that is missing becomes a table.
    """
    evidence = Evidence(tables, scenario, manifest, findings)
    sections = numbered([with_nobody(make(evidence), evidence) for make in SECTIONS])
    created = _date(str(manifest.get("created", "")))
    run: Text = (evidence.run("run_id"),)
    facts: tuple[tuple[str, Text], ...] = (
        ("Area", (evidence.stated("area.name"),)),
        ("Prices", (evidence.stated("price_year"),)),
        ("Date", (created,)),
        ("Profile", (evidence.run("profile"),)),
        ("Run", run),
    )
    title = words.typeset(scenario.title)
    return Document(
        kind="Evaluation for the Police and Crime Commissioner",
        title=title,
        facts=facts,
        sections=sections,
        foot=f"{title}. Run {manifest.get('run_id', '')}, {created}.",
        mark=mark_of(manifest),
        changed=(evidence.run("changed"),) if manifest.get("changed") else (),
    )


def read_tables(run_folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a run folder that the report can show, by name."""
    found = {}
    for path in sorted((run_folder / "tables").glob("*.parquet")):
        if path.stem not in _NOT_SHOWN:
            found[path.stem] = read_parquet(path)
    return found


#: Long tables that no exhibit reads.
_NOT_SHOWN = frozenset(
    {"activity", "agreement", "contact_days", "demand", "exits", "funnel", "inputs", "waits", "forecast"}
)


def _date(created: str) -> str:
    """Return an ISO time as a date in words, or as it is if it is none."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment.day} {moment:%B %Y}"

"""The page that lists runs: what each answers, how sure it is, and whether it still holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.comparison_page import page_environment
from victimsmodel.reporting.content.scale import sure_over
from victimsmodel.reporting.formats import FORMATS
from victimsmodel.reporting.marks import Mark, joint_mark, mark_of
from victimsmodel.reporting.words import in_sentence


class RunRow(NamedTuple):
    """One run as it is listed."""

    run_id: str
    title: str
    scenario: str  # name of the scenario file's scenario
    changed: str  # overrides in words; empty if there are none
    created: str  # ISO time
    profile: str
    best: str  # option that supports most victims in need
    certainty: str  # that it does more than the option compared with, as in the report; empty for that one
    supported: str  # victims in need supported by the best option
    supported_interval: str  # 90 % interval of the mean
    cost: str  # of its year
    cost_interval: str
    grant: str
    stale: tuple[str, ...]  # why; empty if it is not
    link: str  # to the report, from the page; empty if there is none
    mark: Mark  # of its assurance


def run_row(
    scenario: Scenario,
    manifest: Mapping[str, Any],
    comparison: pd.DataFrame,
    stale: Sequence[str] = (),
    link: str = "",
) -> RunRow:
    """Return what a list of runs says of one.

    Parameters
    ----------
    scenario : Scenario
    manifest : mapping
    from victimsmodel.reporting.marks import Mark, joint_mark, mark_of
    from victimsmodel.reporting.words import in_sentence
    comparison : DataFrame
        From `compare_options`.
    stale : sequence of str
        Why the run is stale.
    link : str
        Address of the report.
    """
    table = comparison.astype({"option": str}).set_index(["option", "measure"])
    effects = table.xs(EFFECT, level="measure")
    best = str(effects["estimate"].idxmax())
    sure = float(effects.loc[best, "probability_better"])
    n_draws = int(manifest.get("n_draws", 0))
    overrides = manifest.get("overrides") or {}
    return RunRow(
        run_id=str(manifest["run_id"]),
        title=scenario.title,
        scenario=scenario.name,
        changed="; ".join(f"{name} = {value}" for name, value in overrides.items()),
        created=str(manifest.get("created", "")),
        profile=str(manifest.get("profile", "")),
        best=scenario.options[best].title,
        certainty=""
        if sure != sure
        else f"{sure_over(sure, n_draws)} to support more than {_against(scenario)}",
        supported=_estimate(table.loc[(best, EFFECT)], "count"),
        supported_interval=_interval(table.loc[(best, EFFECT)], "count"),
        cost=_estimate(table.loc[(best, "total_cost")], "pounds"),
        cost_interval=_interval(table.loc[(best, "total_cost")], "pounds"),
        grant=FORMATS["pounds"](scenario.grant_gbp),
        stale=tuple(stale),
        link=link,
        mark=mark_of(manifest),
    )


def _against(scenario: Scenario) -> str:
    return in_sentence(scenario.options[scenario.against].title)


def _estimate(row: Any, style: str) -> str:
    return FORMATS[style](float(row["estimate"]))


def _interval(row: Any, style: str) -> str:
    low, high = (FORMATS[style](float(row[name])) for name in ("low", "high"))
    return f"{low} to {high}"


def render_index(rows: Iterable[RunRow], earlier: Iterable[RunRow] = ()) -> str:
    """Return a page with a row for each run.

    Parameters
    ----------
    rows : iterable of RunRow
        The runs that were asked for.
    earlier : iterable of RunRow
        Other runs in the same folder.
    """
    template = page_environment().get_template("runs.html.j2")
    first, others = list(rows), list(earlier)
    marks = {f"run {row.run_id}": row.mark for row in (*first, *others)}
    return template.render(rows=first, earlier=others, mark=joint_mark(marks))

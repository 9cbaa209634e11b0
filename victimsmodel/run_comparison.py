"""Two finished runs side by side: what was put in, what came out, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.appraisal.outcomes import MEASURES
from victimsmodel.appraisal.run_differences import (
    Pairing,
    pairing,
    run_differences,
    waits_by_draw,
)
from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.files import csv_text, write_whole
from victimsmodel.inputs.scenario_differences import input_differences
from victimsmodel.kept_runs import KeptRun, marked_manifest, open_kept_run, stale_reasons
from victimsmodel.parquet import parquet_bytes
from victimsmodel.reporting.comparison_words import input_rows, made_differently, setting_rows

_KEYS = ("option", "draw")


class RunComparison(NamedTuple):
    """What two runs have in common and what not; A is the first, B the second."""

    first: KeptRun
    second: KeptRun
    pairing: Pairing
    settings: pd.DataFrame  # from `setting_rows`
    inputs: pd.DataFrame  # from `input_rows`
    results: pd.DataFrame  # from `run_differences`
    notes: tuple[str, ...]  # sentences to read before the numbers
    stale: tuple[tuple[str, ...], tuple[str, ...]]  # from `stale_reasons`, of each


def compare_runs(first: str | Path, second: str | Path) -> RunComparison:
    """Compare two finished runs by what stands in their folders; nothing is simulated.

    Parameters
    ----------
    first, second : str or Path
        Run folders.

    Returns
    -------
    RunComparison

    Raises
    ------
    InputError
        If a folder is missing, holds no finished run or lacks a table; both are looked at before.
        If both are the same run, or have no option in common.
    """
    ours, theirs = _opened(first, second)
    if ours.folder.resolve() == theirs.folder.resolve():
        raise input_error("compare", "is the same run twice", "VM234", field="RUN", value=str(second))
    shared = [name for name in ours.scenario.options if name in theirs.scenario.options]
    if not shared:
        allowed = "must have an option in common with the other run"
        raise input_error("compare", allowed, "VM235", field="RUN", value=str(second))
    pairs = pairing(ours.table("inputs"), theirs.table("inputs"))
    values = (_measures(ours), _measures(theirs))
    found = input_differences(ours.scenario, theirs.scenario)
    settings = setting_rows(ours.manifest, theirs.manifest)
    stale = (tuple(stale_reasons(ours)), tuple(stale_reasons(theirs)))
    return RunComparison(
        ours,
        theirs,
        pairs,
        settings,
        input_rows(found, ours.scenario, theirs.scenario),
        _ordered(_as_printed(run_differences(values[0], values[1], pairs.is_paired), (ours, theirs))),
        tuple(_notes(ours, theirs, pairs, values, made_differently(settings))),
        stale,
    )


def _opened(first: str | Path, second: str | Path) -> tuple[KeptRun, KeptRun]:
    """Open both runs, and say what is wrong with either of them at once."""
    problems: list[Problem] = []
    found: list[KeptRun] = []
    for folder in (first, second):
        try:
            run = open_kept_run(folder)
            _ = run.scenario
            for table in ("inputs", "measures_by_draw", "waits", "comparison"):
                run.table(table)
            found.append(run)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    return found[0], found[1]


def _measures(run: KeptRun) -> pd.DataFrame:
    """Return every measure by option and draw, shares within the standards among them."""
    table = run.table("measures_by_draw").astype({"option": str}).set_index(list(_KEYS))
    return table.join(waits_by_draw(run.table("waits")))


def _as_printed(results: pd.DataFrame, runs: tuple[KeptRun, KeptRun]) -> pd.DataFrame:
    """Return the results with the estimates that the reports print, where they print one.

    Shares and costs of each are ratios of averages there, those of single draws are ratios of their own.
    """
    keys = pd.MultiIndex.from_frame(results[["option", "measure"]])
    for run, side in zip(runs, ("first", "second"), strict=True):
        table = run.table("comparison").astype({"option": str}).set_index(["option", "measure"])
        printed = table["estimate"].reindex(keys).to_numpy()
        results[side] = np.where(np.isnan(printed), results[side], printed)
    results["difference"] = results["second"] - results["first"]
    return results


def _ordered(results: pd.DataFrame) -> pd.DataFrame:
    """Return the results with their units."""
    units = {measure.name: measure.unit for measure in MEASURES}
    results.insert(2, "unit", results["measure"].map(units).fillna("share"))
    return results


def _notes(
    ours: KeptRun, theirs: KeptRun, pairs: Pairing, values: tuple[pd.DataFrame, pd.DataFrame], made: str
) -> Iterator[str]:
    """Say what a reader must know before taking a difference for an effect."""
    areas = [run.scenario.area.name for run in (ours, theirs)]
    if areas[0] != areas[1]:
        yield (
            f"The runs are about different areas, {areas[0]} and {areas[1]}: numbers of victims and costs "
            "follow their size. Shares and costs per victim can be compared."
        )
    if made:
        yield made
    if pairs.is_paired:
        yield (
            "Both runs met the same states of the world: in each draw, every uncertain input stands at the "
            "same percentile of its range. Differences are taken draw by draw, and their 90% intervals cover "
            "what is not known about the inputs."
        )
    else:
        yield (
            f"The runs do not pair: {pairs.reason}. Only their averages can be compared. The 90% intervals "
            "of the differences cover the chance of the draws, not what is unknown about the inputs; by "
            "chance alone, about one in ten misses zero."
        )
    for run, other, letter in ((ours, theirs, "A"), (theirs, ours, "B")):
        own = [o.title for name, o in run.scenario.options.items() if name not in other.scenario.options]
        if own:
            yield f"Only {letter} has the {'options' if len(own) > 1 else 'option'} {_quoted(own)}."
    missing = set(values[0].columns) ^ set(values[1].columns)
    if missing:
        names = {measure.name: measure.title for measure in MEASURES}
        titles = sorted(names.get(name, name.replace("_", " ")) for name in missing)
        yield f"Not in both runs, and so not compared: {'; '.join(titles)}."


def _quoted(titles: list[str]) -> str:
    return ", ".join(f"“{title}”" for title in titles)


def write_comparison(found: RunComparison, out: str | Path) -> Path:
    """Write the page, and the tables beside it as CSV and Parquet; return the page.

    Parameters
    ----------
    found : RunComparison
    out : str or Path
        Folder; made if it does not exist.
    """
    from victimsmodel.reporting.comparison_page import render_comparison

    page = render_comparison(
        (found.first.scenario, found.second.scenario),
        (marked_manifest(found.first), marked_manifest(found.second)),
        {"settings": found.settings, "inputs": found.inputs, "results": found.results},
        found.notes,
        found.stale,
    )
    target = Path(out) / f"compare-{found.first.run_id}-{found.second.run_id}"
    for name in ("inputs", "results", "settings"):
        table: pd.DataFrame = getattr(found, name)
        write_whole(target.with_name(f"{target.name}-{name}.csv"), csv_text(table, "%.10g").encode())
        parquet = parquet_bytes(table)
        write_whole(target.with_name(f"{target.name}-{name}.parquet"), parquet)
    write_whole(target.with_suffix(".html"), page.encode())
    return target.with_suffix(".html")

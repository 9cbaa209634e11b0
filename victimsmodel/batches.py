"""Several scenarios in one call, and the list of what stands in a folder of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from victimsmodel.errors import InputError, Problem
from victimsmodel.files import write_whole
from victimsmodel.kept_runs import KeptRun, kept_runs, marked_manifest, open_kept_run, stale_reasons
from victimsmodel.reporting.index_page import RunRow, render_index, run_row
from victimsmodel.runs import Evaluation, Report, evaluate
from victimsmodel.stages import open_run

_INDEX = "index.html"


def evaluate_all(
    scenarios: Sequence[str | Path],
    *,
    overrides: Mapping[str, object] | None = None,
    profile: str = "quick",
    seed: int = 1,
    jobs: int | None = None,
    out: str | Path = "outputs",
    report: Report | None = None,
) -> list[Evaluation]:
    """Evaluate several scenarios one after the other, and write an index with a row for each.

    Parameters
    ----------
    scenarios : sequence of str or Path
        Scenario files.
    overrides, profile, seed, jobs, out, report
        As for `evaluate`; overrides hold for every scenario.

    Returns
    -------
    list of Evaluation
        In the order of the scenarios. The index is ``<out>/index.html``.

    Raises
    ------
    InputError
        With what is wrong in all scenarios together, before anything is run.
    """
    problems: list[Problem] = []
    for scenario in scenarios:
        try:
            open_run(scenario, Path(out), overrides=overrides, profile=profile, seed=seed, jobs=jobs)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    done = [
        evaluate(
            scenario,
            overrides=overrides,
            profile=profile,
            seed=seed,
            jobs=jobs,
            out=out,
            report=_named(report, Path(scenario)) if len(scenarios) > 1 else report,
        )
        for scenario in scenarios
    ]
    write_index(out, dict.fromkeys(one.folder for one in done))
    return done


def _named(report: Report | None, scenario: Path) -> Report | None:
    """Tell of each scenario's steps under its own name."""
    if report is None:
        return None
    return lambda what, done, total: report(f"{scenario.stem}: {what}", done, total)


def write_index(out: str | Path, together: Mapping[Path, object] | None = None) -> Path:
    """Write ``index.html``, a page with a row for each finished run of a folder.

    Parameters
    ----------
    out : str or Path
        Folder of run folders.
    together : mapping of Path, optional
        Run folders to list first, in this order; every other run is listed as an earlier one.
    """
    first = [open_kept_run(folder) for folder in together or {}]
    ids = {run.run_id for run in first}
    others = [run for run in kept_runs(out) if run.run_id not in ids]
    rows, earlier = (list(filter(None, map(_row, runs))) for runs in (first, others))
    page = render_index(rows, earlier) if rows else render_index(earlier)
    write_whole(target := Path(out) / _INDEX, page.encode())
    return target


def listed_runs(out: str | Path) -> tuple[list[RunRow], list[str]]:
    """Return a row for each finished run of a folder, the newest first, and which could not be listed.

    Runs of an earlier version may have kept too little.
    """
    found = {run.folder.name: _row(run) for run in kept_runs(out)}
    return [row for row in found.values() if row], [name for name, row in found.items() if row is None]


def _row(run: KeptRun) -> RunRow | None:
    link = f"{run.folder.name}/report.html" if (run.folder / "report.html").is_file() else ""
    try:
        return run_row(run.scenario, marked_manifest(run), run.table("comparison"), stale_reasons(run), link)
    except InputError:
        return None

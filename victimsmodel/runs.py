"""Run folders: an evaluation from scenario file to report, and its manifest."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from victimsmodel import __version__
from victimsmodel.disclosure.stated_counts import shown_scenario
from victimsmodel.errors import InputError
from victimsmodel.executor import notebook_paths
from victimsmodel.files import file_hash, is_unchanged, sweep_parts, write_whole
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.qa_entries import QA
from victimsmodel.kept_runs import MANIFEST, origin_of
from victimsmodel.locks import only_run
from victimsmodel.notebook_steps import FIGURE_FILES, started_notebooks
from victimsmodel.records import AGREEMENT_LIMIT
from victimsmodel.reporting.assurance.sign_off import after_handouts, as_told, find_sign_off
from victimsmodel.reporting.changed_words import changed_words
from victimsmodel.reporting.marks import marked
from victimsmodel.sealed import opened_text, sealed_text
from victimsmodel.stages import Run, known_stages, open_run, stage_tables
from victimsmodel.versions import library_versions, other_workers

if TYPE_CHECKING:
    from IPython.display import Image
    from matplotlib.figure import Figure


#: Called as work goes on: what is being done, how much is done, how much there is.
Report = Callable[[str, int, int], None]

_NOT_HASHED = frozenset({MANIFEST, "report.docx"})  # people edit the Word file: the run is still what it was
_SHOWN_WIDTH = 900  # pixels of a figure in a notebook


class Evaluation(NamedTuple):
    """A finished evaluation."""

    folder: Path
    report: Path
    is_new: bool  # False: everything stood there already, unchanged

    @property
    def workbook(self) -> Path:
        """The results workbook."""
        return self.folder / "workbook.xlsx"


def evaluate(
    scenario: str | Path,
    *,
    overrides: Mapping[str, object] | None = None,
    profile: str = "quick",
    seed: int = 1,
    jobs: int | None = None,
    out: str | Path = "outputs",
    report: Report | None = None,
) -> Evaluation:
    """Run a whole evaluation: tables, notebooks, figures, report, workbook and manifest.

    Parameters
    ----------
    scenario : str or Path
        The scenario file.
    overrides : mapping, optional
        New values by dotted field name.
    profile : str
        ``quick`` or ``full`` (``tiny`` for tests).
    seed : int
    jobs : int, optional
        Threads of the simulation; the number of processors by default.
    out : str or Path
        Folder that the run folder is made in.
    report : callable, optional
        Told what is being done.

    Returns
    -------
    Evaluation
        The run folder is ``<out>/<scenario>-<12 hex of the hash of all inputs>``.
    """
    tell = report or _silent
    run = open_run(scenario, Path(out), overrides=overrides, profile=profile, seed=seed, jobs=jobs)
    folder = _folder(run, out)
    run = Run(run.scenario, folder, run.profile_name, run.seed, run.jobs)
    if _is_complete(folder, run.key):
        return Evaluation(folder, folder / "report.html", is_new=False)
    with only_run(folder):
        return _evaluated(run, Path(scenario), dict(overrides or {}), tell)


def folder_of(scenario: str | Path, *, out: str | Path = "outputs", **given: Any) -> Path:
    """Return the folder that an evaluation is, or would be, kept in; `given` as for `evaluate`."""
    return _folder(open_run(scenario, Path(out), **given), out)


def _folder(run: Run, out: str | Path) -> Path:
    return Path(out) / f"{run.scenario.name}-{run.key[:12]}"


def _evaluated(run: Run, scenario: Path, overrides: dict[str, Any], tell: Report) -> Evaluation:
    """Make everything of a run that does not stand in its folder yet."""
    folder, timings = run.folder, dict[str, float]()
    sweep_parts(folder)
    with started_notebooks(run, scenario, overrides) as notebooks:
        for stage in known_stages():
            with _timed(timings, stage):
                stage_tables(run, stage, partial(tell, stage))
                tell(stage, 1, 1)
            notebooks.start(stage)
        with _timed(timings, "notebooks"):  # what is left of them once the tables stand
            notebooks.finish(tell)
    sweep_parts(folder)  # those of processes that had not quite ended when a killed run was taken up
    manifest = _manifest(run, scenario, overrides)
    with _timed(timings, "report"):
        from victimsmodel.reporting.handouts import write_handouts

        found = find_sign_off(folder, manifest, datetime.now(UTC).date())
        path = write_handouts(folder, run.scenario, marked(manifest, found.mark))
        tell("report", 1, 1)
    manifest |= {"timings_seconds": {name: round(t, 2) for name, t in timings.items()}}
    manifest |= {"files": _file_hashes(folder), **after_handouts(folder, found)}
    write_whole(folder / MANIFEST, sealed_text(manifest).encode())
    return Evaluation(folder, path, is_new=True)


def _silent(what: str, done: int, total: int) -> None:
    """Report to nobody."""


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    timings[name] = time.monotonic() - start


def write_figure(figure: Figure, run: Run, name: str) -> Image:
    """Write a figure as SVG and PNG into the run folder, and return the picture for a notebook to show.

    Parameters
    ----------
    figure : Figure
    run : Run
    name : str
        File name without ending, for example ``funnel``.
    """
    from IPython.display import Image
    from matplotlib import pyplot

    from victimsmodel.reporting.pictures import pictures

    drawn = pictures(figure)
    written = [f"figures/{name}.svg", f"figures/{name}.png"]
    write_whole(run.folder / written[0], drawn.svg)
    write_whole(run.folder / written[1], drawn.png)
    pyplot.close(figure)
    return Image(drawn.png, width=_SHOWN_WIDTH, metadata={FIGURE_FILES: written})


def _manifest(run: Run, scenario: Path, overrides: dict[str, Any]) -> dict[str, Any]:
    agreement = stage_tables(run, "agreement")["agreement"]
    return {
        "run_id": run.key[:12],
        "key": run.key,
        "scenario": run.scenario.name,
        "scenario_file": scenario.name,
        **origin_of(scenario, overrides, run.scenario, run.folder),
        "templates": _template_hashes(),
        "overrides": {name: str(value) for name, value in overrides.items()},
        "changed": _changed(run, scenario) if overrides else "",
        "profile": run.profile_name,
        "seed": run.seed,
        "n_draws": run.profile.n_draws,
        "n_replications": run.profile.n_replications,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "code_revision": _code_revision(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "libraries": library_versions(),
        **({"workers_of_other_versions": other_workers()} if other_workers() else {}),
        "agreement": {
            "largest_z": float(agreement["z"].abs().max()),
            "n": len(agreement),
            "limit": AGREEMENT_LIMIT,
        },
    }


def _changed(run: Run, scenario: Path) -> str:
    """Return what the run has other than its file states, in words; small unpublished counts stay hidden."""
    try:
        stated = load_scenario(scenario)
    except InputError:  # it cannot be run without what was changed
        return "Changed for this run: what its file leaves open."
    return changed_words(shown_scenario(stated), shown_scenario(run.scenario))


def _code_revision() -> str:
    """Return the commit that the package's folder stands at, or nothing outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except OSError:
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def _file_hashes(folder: Path) -> dict[str, str]:
    every = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in _NOT_HASHED)
    paths = (path for path in every if QA not in path.relative_to(folder).parts[:1])
    return {path.relative_to(folder).as_posix(): file_hash(path) for path in paths}


def _template_hashes() -> dict[str, str]:
    """Return the SHA-256 of the notebooks and report templates, which no table depends on."""
    templates = Path(__file__).parent / "reporting" / "templates"
    return {path.name: file_hash(path) for path in (*notebook_paths(), *sorted(templates.glob("*.*")))}


def _is_complete(folder: Path, key: str) -> bool:
    """Whether a folder holds this very evaluation, finished, unchanged, its pages saying how it stands."""
    try:
        manifest = opened_text((folder / MANIFEST).read_text("utf-8"))
        is_current = manifest["key"] == key and manifest["templates"] == _template_hashes()
        signed = as_told(find_sign_off(folder, manifest, datetime.now(UTC).date()))
        return is_current and manifest["assurance"] == signed and is_unchanged(folder, manifest["files"])
    except (OSError, ValueError, KeyError):
        return False

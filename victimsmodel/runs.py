"""Run folders: an evaluation from scenario file to report, and its manifest."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from victimsmodel import __version__
from victimsmodel.errors import InvariantError
from victimsmodel.executor import Literal, notebook_paths, run_notebook, used_stages
from victimsmodel.files import file_hash, is_unchanged, write_whole
from victimsmodel.inputs.qa_entries import QA
from victimsmodel.kept_runs import MANIFEST, origin_of
from victimsmodel.kernels import Nursery, nursery
from victimsmodel.locks import only_run
from victimsmodel.records import AGREEMENT_LIMIT
from victimsmodel.reporting.assurance.sign_off import after_handouts, as_told, find_sign_off
from victimsmodel.reporting.marks import marked
from victimsmodel.stages import Run, known_stages, open_run, stage_tables

if TYPE_CHECKING:
    from IPython.display import Image
    from matplotlib.figure import Figure

#: Called as work goes on: what is being done, how much is done, how much there is.
Report = Callable[[str, int, int], None]

_NOT_HASHED = frozenset({MANIFEST, "report.docx"})  # people edit the Word file: the run is still what it was
_KERNELS_AT_ONCE = 3  # one more than processors: a kernel spends much of its life starting
_LIBRARIES = ("numpy", "scipy", "numba", "pandas", "pyarrow", "matplotlib", "papermill")
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
    with _notebooks(run, notebook_parameters(run, scenario, overrides)) as notebooks:
        for stage in known_stages():
            with _timed(timings, stage):
                stage_tables(run, stage, partial(tell, stage))
                tell(stage, 1, 1)
            notebooks.start(stage)
        with _timed(timings, "notebooks"):  # what is left of them once the tables stand
            notebooks.finish(tell)
    manifest = _manifest(run, scenario, overrides)
    with _timed(timings, "report"):
        from victimsmodel.reporting.handouts import write_handouts

        found = find_sign_off(folder, manifest, datetime.now(UTC).date())
        path = write_handouts(folder, run.scenario, marked(manifest, found.mark))
        tell("report", 1, 1)
    manifest |= {"timings_seconds": {name: round(t, 2) for name, t in timings.items()}}
    manifest |= {"files": _file_hashes(folder), **after_handouts(folder, found)}
    write_whole(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    return Evaluation(folder, path, is_new=True)


def _silent(what: str, done: int, total: int) -> None:
    """Report to nobody."""


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    timings[name] = time.monotonic() - start


class _Notebooks:
    """The notebooks of a run: each starts as soon as the tables stand that it asks for."""

    def __init__(
        self, run: Run, parameters: dict[str, Literal], pool: Executor, held: Nursery | None
    ) -> None:
        self._waiting = {notebook: set(used_stages(notebook)) for notebook in notebook_paths()}
        self._done: set[str] = set()
        self._futures: list[Future[Path]] = []
        self._run = partial(self._execute, run.folder / "notebooks", parameters, held)
        self._pool = pool

    @staticmethod
    def _execute(folder: Path, parameters: dict[str, Literal], held: Nursery | None, notebook: Path) -> Path:
        return run_notebook(notebook, folder / notebook.name, parameters, held)

    def start(self, stage: str) -> None:
        """Start the notebooks that waited for a stage, which is done now, and for no other."""
        self._done.add(stage)
        for notebook in [name for name, stages in self._waiting.items() if stages <= self._done]:
            del self._waiting[notebook]
            self._futures.append(self._pool.submit(self._run, notebook))

    def finish(self, tell: Report) -> None:
        """Wait until all have run."""
        if self._waiting:
            raise InvariantError(f"no stage makes what these ask for: {', '.join(map(str, self._waiting))}")
        for done, future in enumerate(self._futures, start=1):
            future.result()
            tell("notebooks", done, len(self._futures))


@contextmanager
def _notebooks(run: Run, parameters: dict[str, Literal]) -> Iterator[_Notebooks]:
    """Hold open what notebooks are executed with; whatever has not started by its end never does."""
    with nursery() as held:
        pool = ThreadPoolExecutor(_KERNELS_AT_ONCE)
        try:
            yield _Notebooks(run, parameters, pool, held)
        except BaseException:
            if held:
                held.stop()  # what runs need not end before the error is told
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def notebook_parameters(run: Run, scenario: Path, overrides: dict[str, Any]) -> dict[str, Literal]:
    """Return what every notebook is given."""
    return {
        "scenario": str(scenario.resolve()),
        "run_folder": str(run.folder.resolve()),
        "overrides": overrides,
        "profile": run.profile_name,
        "seed": run.seed,
    }


def write_figure(figure: Figure, run: Run, name: str) -> Image:
    """Write a figure as SVG and PNG into the run folder, and return the picture for a notebook to show.

    Parameters
    ----------
    figure : Figure
    run : Run
    name : str
        File name without ending, for example ``funnel``.
    """
    from io import BytesIO

    from IPython.display import Image
    from matplotlib import pyplot

    from victimsmodel.reporting.figures import svg_text

    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the layout is settled: not once more for each format
    write_whole(run.folder / "figures" / f"{name}.svg", svg_text(figure).encode())
    png = BytesIO()
    figure.savefig(png, format="png", dpi=150, metadata={"Software": None})
    write_whole(run.folder / "figures" / f"{name}.png", png.getvalue())
    pyplot.close(figure)
    return Image(png.getvalue(), width=_SHOWN_WIDTH)


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
        "profile": run.profile_name,
        "seed": run.seed,
        "n_draws": run.profile.n_draws,
        "n_replications": run.profile.n_replications,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "code_revision": _code_revision(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "libraries": {name: version(name) for name in _LIBRARIES},
        "agreement": {
            "largest_z": float(agreement["z"].abs().max()),
            "n": len(agreement),
            "limit": AGREEMENT_LIMIT,
        },
    }


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
        manifest = json.loads((folder / MANIFEST).read_text())
        is_current = manifest["key"] == key and manifest["templates"] == _template_hashes()
        signed = as_told(find_sign_off(folder, manifest, datetime.now(UTC).date()))
        return is_current and manifest["assurance"] == signed and is_unchanged(folder, manifest["files"])
    except (OSError, ValueError, KeyError):
        return False

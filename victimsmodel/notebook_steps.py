"""The notebooks of a run: each starts once the tables stand that it asks for, unless it stands itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from victimsmodel.errors import InvariantError
from victimsmodel.executor import Literal, notebook_paths, run_notebook, used_names, used_stages
from victimsmodel.kept_tables import stage_step
from victimsmodel.kernels import Nursery, nursery
from victimsmodel.sealed import text_hash
from victimsmodel.stages import Run
from victimsmodel.steps import Step, hashes

#: Key in the metadata of a picture that names the files it was written to.
FIGURE_FILES = "files"
_KERNELS_AT_ONCE = 3  # one more than processors: a kernel spends much of its life starting
_FOLDER = "notebooks"


def notebook_parameters(run: Run, scenario: Path, overrides: dict[str, Any]) -> dict[str, Literal]:
    """Return what every notebook is given."""
    return {
        "scenario": str(scenario.resolve()),
        "run_folder": str(run.folder.resolve()),
        "overrides": overrides,
        "profile": run.profile_name,
        "seed": run.seed,
    }


def notebook_step(run: Run, notebook: Path, parameters: Mapping[str, Literal]) -> Step:
    """Return the step that executes a notebook.

    It is made from the notebook, from all that results depend on, and from the tables of the stages that
    it asks for. Where the scenario and the run folder stand is not part of it.
    """
    made_from = {
        "its source": text_hash(notebook.read_text("utf-8")),
        "its overrides": json.dumps(parameters["overrides"], sort_keys=True),
        **run.made_from,
    }
    for stage in used_stages(notebook):
        files = stage_step(run.folder, stage, run.made_from).noted()
        made_from[f"the tables of stage {stage}"] = text_hash(json.dumps(files))
    return Step(f"notebook {notebook.stem}", run.folder, f"{_FOLDER}/.{notebook.stem}.json", made_from)


class Notebooks:
    """The notebooks of a run, started as its stages are done."""

    def __init__(
        self,
        run: Run,
        notebooks: Sequence[Path],
        parameters: dict[str, Literal],
        pool: Executor,
        held: Nursery | None,
    ) -> None:
        self._run, self._notebooks, self._parameters = run, notebooks, parameters
        self._waiting = {notebook: set(used_stages(notebook)) for notebook in notebooks}
        self._done: set[str] = set()
        self._futures: list[Future[None]] = []
        self._before: set[str] = set()  # files of notebooks that were executed again
        self._pool, self._held = pool, held

    def start(self, stage: str) -> None:
        """Start the notebooks that waited for a stage, which is done now, and for no other."""
        self._done.add(stage)
        for notebook in [name for name, stages in self._waiting.items() if stages <= self._done]:
            del self._waiting[notebook]
            step = notebook_step(self._run, notebook, self._parameters)
            if step.contents() is None:
                self._before |= set(step.noted() or {})
                self._futures.append(self._pool.submit(self._execute, notebook, step))

    def _execute(self, notebook: Path, step: Step) -> None:
        path = step.folder / _FOLDER / notebook.name
        with nullcontext(self._held) if self._held else nursery() as held:
            run_notebook(notebook, path, self._parameters, held)
        step.keep(hashes(step.folder, [f"{_FOLDER}/{path.name}", *figure_files(path)]))

    def finish(self, tell: Callable[[str, int, int], None]) -> None:
        """Wait until all have run; remove what they wrote formerly and do not write any longer."""
        if self._waiting:
            raise InvariantError(f"no stage makes what these ask for: {', '.join(map(str, self._waiting))}")
        n_notebooks = len(self._notebooks)
        n_standing = n_notebooks - len(self._futures)
        if n_standing:
            tell("notebooks", n_standing, n_notebooks)
        for done, future in enumerate(self._futures, start=n_standing + 1):
            future.result()
            tell("notebooks", done, n_notebooks)
        steps = [notebook_step(self._run, notebook, self._parameters) for notebook in self._notebooks]
        for name in self._before.difference(*(step.noted() or {} for step in steps)):
            (self._run.folder / name).unlink(missing_ok=True)


@contextmanager
def started_notebooks(
    run: Run, scenario: Path, overrides: dict[str, Any], notebooks: Sequence[Path] | None = None
) -> Iterator[Notebooks]:
    """Hold open what notebooks are executed with; whatever has not started by its end never does.

    Parameters
    ----------
    run : Run
    scenario : Path
    overrides : mapping
    notebooks : sequence of Path, optional
        Those of an evaluation unless stated.
    """
    chosen = notebook_paths() if notebooks is None else notebooks
    parameters = notebook_parameters(run, scenario, overrides)
    steps = (notebook_step(run, notebook, parameters) for notebook in chosen)
    uses = set() if notebooks else set[str]().union(*map(used_names, chosen))  # others may use little
    with nullcontext() if all(step.stands() for step in steps) else nursery(sorted(uses)) as held:
        pool = ThreadPoolExecutor(_KERNELS_AT_ONCE)
        try:
            yield Notebooks(run, chosen, parameters, pool, held)
        except BaseException:  # what runs need not end before the error is told, nor tell that it was ended
            with _hushed("papermill"):
                if held:
                    held.stop()
                pool.shutdown(cancel_futures=True)
            raise
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _hushed(name: str) -> Iterator[None]:
    """Keep what a logger is told meanwhile from everybody."""
    logger = logging.getLogger(name)
    logger.addFilter(hush := lambda record: False)
    try:
        yield
    finally:
        logger.removeFilter(hush)


def figure_files(notebook: Path) -> list[str]:
    """Return the files of all figures that an executed notebook shows, by path in the run folder."""
    outputs = (
        output
        for cell in json.loads(notebook.read_text("utf-8"))["cells"]
        for output in cell.get("outputs", ())
    )
    shown = (output.get("metadata", {}).get("image/png", {}) for output in outputs)
    return [name for picture in shown for name in picture.get(FIGURE_FILES, ())]

"""A small evaluation, run in the way of `evaluate`: two stages, two notebooks; and whole ones to kill."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import nbformat

from victimsmodel.cluster.connection import on_cluster
from victimsmodel.files import sweep_parts
from victimsmodel.locks import only_run
from victimsmodel.notebook_steps import started_notebooks
from victimsmodel.runs import evaluate
from victimsmodel.stages import open_run, stage_tables

SCENARIO = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
SMALL = {
    "demand.victims_per_year": 8400,
    "staff.contact_officer.fte": 1.0,
    "staff.caseworker.fte": 0.25,
    "staff.volunteer.fte": 0.25,
}
STAGES = ("inputs", "demand")
_PARAMETERS = 'scenario = ""\nrun_folder = ""\nprofile = ""\nseed = 1\noverrides = {}'
_FIGURE = """from pathlib import Path
from IPython.display import Image
from victimsmodel.files import write_whole
name = "figures/%s.png"
content = b"\\x89PNG\\r\\n\\x1a\\n" + bytes(range(256)) * 2000
write_whole(Path(run_folder) / name, content)
Image(content, format="png", metadata={"files": [name]})"""


def write_notebook(path, stage, figure):
    """Write a notebook that asks for a stage and writes a figure."""
    cells = [nbformat.v4.new_code_cell(_PARAMETERS, metadata={"tags": ["parameters"]})]
    asks = f'# vm.stage_tables(run, "{stage}") would load more than this needs'
    cells += [nbformat.v4.new_code_cell(asks), nbformat.v4.new_code_cell(_FIGURE % figure)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def evaluate_small(out, notebooks, tell=lambda *what: None):
    """Make the stages and notebooks that do not stand yet; return the run folder."""
    run = open_run(SCENARIO, out / "run", overrides=SMALL, profile="tiny")
    with only_run(run.folder):
        sweep_parts(run.folder)
        with started_notebooks(run, SCENARIO, SMALL, notebooks) as started:
            for stage in STAGES:
                stage_tables(run, stage)
                started.start(stage)
            started.finish(tell)
        sweep_parts(run.folder)
    return run.folder


def evaluate_whole(out, n_workers=None):
    """Evaluate the whole of it, on local workers if so many are asked for; return the run folder."""
    with nullcontext() if n_workers is None else on_cluster("local", n_workers=n_workers):
        return evaluate(SCENARIO, overrides=SMALL, profile="tiny", out=out).folder


def serve():
    """For each number of workers and folder that are read, fork what evaluates; print its number."""
    notebooks = [Path(name) for name in sys.argv[1:]]
    for line in sys.stdin:
        n_workers, _, folder = line.rstrip("\n").partition(" ")
        out = Path(folder)
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            status = 1
            try:
                evaluate_small(out, notebooks) if notebooks else evaluate_whole(out, int(n_workers) or None)
                status = 0
            finally:
                os._exit(status)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()

"""Facts of forked kernels: the same outputs, nothing shared, and none outlives what started it."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from small_evaluation import SCENARIO, SMALL
from small_evaluation import write_notebook as write_small

from victimsmodel.errors import InvariantError
from victimsmodel.executor import notebook_paths, run_notebook, used_stages
from victimsmodel.kernels import nursery
from victimsmodel.notebook_steps import started_notebooks
from victimsmodel.stages import open_run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
_SECONDS = 30


def write_notebook(folder, name, *sources):
    cells = [nbformat.v4.new_code_cell("seed: int = 1", metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    path = folder / f"{name}.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def outputs_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return [(o.get("text") or sorted(o["data"])) for cell in cells for o in cell.get("outputs", ())]


@pytest.fixture(scope="module")
def held():
    with nursery() as nursery_:
        yield nursery_


def until(condition):
    """Wait for a condition, or fail after a time that no working system needs."""
    end = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.long
def test_a_forked_kernel_gives_what_a_started_one_gives(held, tmp_path):
    path = write_notebook(
        tmp_path,
        "figure",
        "import os, sys\nprint(seed, os.getcwd(), sys.argv[0] != '', os.environ.get('HOME'))",
        "from matplotlib import pyplot\npyplot.plot([1, 2])\npyplot.show()",
        "import warnings\nwarnings.simplefilter('error')\nimport subprocess\n"
        "print(subprocess.run(['false']).returncode)",
    )
    forked = run_notebook(path, tmp_path / "forked.ipynb", {"seed": 2}, held)
    started = run_notebook(path, tmp_path / "started.ipynb", {"seed": 2})
    assert outputs_of(forked) == outputs_of(started)
    assert ["image/png", "text/plain"] in outputs_of(forked)


def test_kernels_of_one_nursery_share_nothing(held, tmp_path):
    spoil = "import math\nmath.pi = 3\nleft_behind = 1"
    look = "import math\nprint(math.pi, 'left_behind' in globals())"
    run_notebook(write_notebook(tmp_path, "first", spoil), tmp_path / "a.ipynb", {}, held)
    second = run_notebook(write_notebook(tmp_path, "second", look), tmp_path / "b.ipynb", {}, held)
    assert outputs_of(second) == ["3.141592653589793 False\n"]


def test_a_forked_kernel_that_dies_is_noticed(held, tmp_path):
    path = write_notebook(tmp_path, "dies", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(InvariantError, match=r"dies\.ipynb failed: Kernel died;"):
        run_notebook(path, tmp_path / "out.ipynb", {}, held)
    assert not (tmp_path / "out.ipynb").exists()


def test_a_kernel_ends_with_the_evaluation_that_is_killed(tmp_path):
    path = write_notebook(
        tmp_path,
        "long",
        "import os, pathlib, time\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\ntime.sleep(600)",
    )
    command = (
        "from pathlib import Path\nfrom victimsmodel.executor import run_notebook\n"
        "from victimsmodel.kernels import nursery\n"
        "with nursery() as held:\n"
        f"    run_notebook(Path({str(path)!r}), Path({str(tmp_path / 'o.ipynb')!r}), {{}}, held)"
    )
    process = subprocess.Popen([sys.executable, "-c", command], stderr=subprocess.DEVNULL)
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    kernel = int((tmp_path / "pid").read_text())
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not is_alive(kernel))


def test_the_stages_that_a_notebook_asks_for_are_read_from_its_code():
    stages = {path.name: used_stages(path) for path in notebook_paths()}
    assert stages["2_attrition.ipynb"][:2] == ["pathway", "attrition"]
    for path in notebook_paths():
        code = "".join(
            "".join(cell["source"])
            for cell in json.loads(path.read_text())["cells"]
            if cell["cell_type"] == "code"
        )
        assert code.count("stage_tables(") >= len(stages[path.name]) > 0


def test_a_nursery_that_is_stopped_takes_its_kernels_with_it(tmp_path):
    path = write_notebook(tmp_path, "long", "import time\ntime.sleep(600)")
    with nursery() as held, ThreadPoolExecutor(1) as pool:
        future = pool.submit(run_notebook, path, tmp_path / "out.ipynb", {}, held)
        until(lambda: held._forked)
        held.stop()
        with pytest.raises(InvariantError):
            future.result(timeout=_SECONDS)
    assert not (tmp_path / "out.ipynb").exists()


def test_kernels_that_are_ended_on_purpose_do_not_say_so_and_others_do(tmp_path, caplog):
    run = open_run(SCENARIO, tmp_path / "run", overrides=SMALL, profile="tiny")
    source = tmp_path / "waits.ipynb"
    write_small(source, "inputs", "waits")
    notebook = nbformat.read(source, as_version=4)
    notebook.cells[-1]["source"] = (
        f"import pathlib, time\npathlib.Path({str(tmp_path / 'begun')!r}).touch()\ntime.sleep(600)"
    )
    nbformat.write(notebook, source)

    def stopped():
        with started_notebooks(run, SCENARIO, SMALL, [source]) as notebooks:
            notebooks.start("inputs")
            until((tmp_path / "begun").exists)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert "papermill" not in [record.name for record in caplog.records]
    logging.getLogger("papermill").error("of a kernel that dies by itself")
    assert caplog.messages[-1] == "of a kernel that dies by itself"

"""Time the notebooks of an evaluation beside one call of papermill's command line for each of them.

Both ways read the same finished tables, execute the same six notebooks and write the same figures. Run as
``python benchmarks/notebooks.py`` (some minutes); the last line is what an unchanged evaluation costs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from victimsmodel.executor import notebook_paths

ROOT = Path(__file__).resolve().parents[1]


def evaluate(scenario: Path, folder: Path) -> tuple[float, Path]:
    """Evaluate a scenario; return the seconds of wall time and the run folder."""
    command = [sys.executable, "-m", "victimsmodel", "evaluate", str(scenario), "--out", str(folder)]
    start = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    seconds = time.monotonic() - start
    return seconds, next(path for path in folder.iterdir() if path.is_dir())


def call_papermill(scenario: Path, run_folder: Path, target: Path) -> float:
    """Execute each notebook by a command of its own; return the seconds of wall time."""
    target.mkdir()
    start = time.monotonic()
    for notebook in notebook_paths():
        command = [sys.executable, "-m", "papermill", str(notebook), str(target / notebook.name)]
        command += ["-p", "scenario", str(scenario), "-p", "run_folder", str(run_folder)]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return time.monotonic() - start


def main() -> None:
    """Print the seconds of each way, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", type=Path, default=ROOT / "parameters" / "west-midlands.yaml")
    scenario = parser.parse_args().scenario.resolve()
    with tempfile.TemporaryDirectory(prefix="vm-notebooks-") as folder:
        whole, run_folder = evaluate(scenario, Path(folder) / "out")
        called = call_papermill(scenario, run_folder, Path(folder) / "called")
        for made in ("notebooks", "figures"):
            shutil.rmtree(run_folder / made)
        again, _ = evaluate(scenario, Path(folder) / "out")  # the tables stand: notebooks and report only
        timings = json.loads((run_folder / "manifest.json").read_text())["timings_seconds"]
        unchanged, _ = evaluate(scenario, Path(folder) / "out")
    print(f"whole evaluation, quick profile      {whole:6.1f} s")
    print(f"six calls of papermill               {called:6.1f} s")
    print(f"the same notebooks and the report    {again:6.1f} s   ratio {again / called:.2f}")
    print(f"  of it, notebooks                   {timings['notebooks']:6.1f} s")
    print(f"evaluated again, nothing changed     {unchanged:6.1f} s")


if __name__ == "__main__":
    main()

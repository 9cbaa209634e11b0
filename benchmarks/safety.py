"""Time an evaluation with all its safety and without, in turns: what trust costs.

Run as ``python benchmarks/safety.py`` (some minutes, on a quiet machine). *Without* puts the plain thing in
the place of each guarantee, in every process of the evaluation: files are written where they belong at
once, nothing is forced to the disk, no hash, seal, checksum or lock is made or looked at, nothing is
released or refused, text is not made inert, and YAML is not searched for what is forbidden. Checks of
single numbers of a scenario are part of both: without them there is no scenario.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Python runs this in every process that starts, kernels of notebooks included.
_WITHOUT = """
import contextlib, json
from victimsmodel import files, locks, parquet, sealed
from victimsmodel.inputs import people_table

def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

files.write_whole = write
files.file_hash = lambda path: ""
files.is_unchanged = lambda folder, stated: True
files.sweep_parts = lambda folder: []
files.csv_text = lambda table, float_format=None: table.to_csv(
    index=False, float_format=float_format, lineterminator="\\n"
)
sealed.sealed_text = lambda said: json.dumps(dict(said), indent=1) + "\\n"
sealed.opened_text = json.loads
parquet.parquet_bytes = lambda table: table.to_parquet(index=False, compression="zstd")
locks.only_run = lambda folder: contextlib.nullcontext()
people_table.refuse_people = lambda table, name: None

from victimsmodel import steps

def read(step, stated):
    return {name: (step.folder / name).read_bytes() for name in stated}, ""

steps.Step._read = read

from victimsmodel.inputs import strict_yaml

strict_yaml._refuse_risky_tokens = lambda text, label: None

from victimsmodel.disclosure import stated_counts

stated_counts.shown_scenario = lambda scenario: scenario
"""
#: The same imports, so that both ways start alike.
_WITH = """
import contextlib
from victimsmodel import files, locks, parquet, sealed, steps
from victimsmodel.disclosure import stated_counts
from victimsmodel.inputs import people_table, strict_yaml
"""


def evaluate(scenario: Path, profile: str, folder: Path, start_code: str) -> tuple[float, float]:
    """Evaluate a scenario; return the seconds of wall time and of processor time, children included."""
    (folder / "start").mkdir(parents=True)
    (folder / "start" / "sitecustomize.py").write_text(start_code)
    where = os.pathsep.join([str(folder / "start"), str(ROOT)])
    command = [sys.executable, "-m", "victimsmodel", "evaluate", str(scenario), "--profile", profile]
    before, start = _processor_seconds(), time.monotonic()
    subprocess.run(
        [*command, "--out", str(folder / "out")],
        check=True, capture_output=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": where},
    )  # fmt: skip
    return time.monotonic() - start, _processor_seconds() - before


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the medians of both ways, and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", type=Path, default=ROOT / "parameters" / "west-midlands.yaml")
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {"with": [], "without": []}
    with tempfile.TemporaryDirectory(prefix="vm-safety-") as folder:
        for i in range(given.pairs):
            ways = [("with", _WITH), ("without", _WITHOUT)]
            for name, code in ways if i % 2 else reversed(ways):
                place = Path(folder) / f"{name}-{i}"
                found[name].append(evaluate(given.scenario.resolve(), given.profile, place, code))
                print(f"{name:8s} {found[name][-1][0]:6.1f} s, {found[name][-1][1]:6.1f} s of processor time")
    for i, what in enumerate(("on the clock", "of processor time")):
        safe, bare = (statistics.median(each[i] for each in found[name]) for name in ("with", "without"))
        print(f"{what:18s} with {safe:6.1f} s, without {bare:6.1f} s: {safe / bare - 1:+.1%}")


if __name__ == "__main__":
    main()

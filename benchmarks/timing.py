"""Times of one run: interleaved rounds, medians, and what a fresh process takes."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_LEAST_SETS = 3  # of turns of the fast engines, where no slow one runs
#: Runs in a process of its own, which prints a JSON object as its last line.
FIRST_CALL = """
import json, time
start = time.process_time()
import sizes
imported = time.process_time()
plan = sizes.plan_of(sizes.scenario_of())
planned = time.process_time()
sizes.replicate(plan, 0)
done = time.process_time()
print(json.dumps({"imports": imported - start, "plan": planned - imported, "year": done - planned}))
"""
#: The peak of resident memory is set back (Linux) after everything has been compiled and loaded.
MEMORY = """
import json
import sizes
def kilobytes(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name))
plan = sizes.plan_of(sizes.scenario_of())
sizes.replicate(sizes.plan_of(sizes.scenario_of(1_680)), 0)
own = sizes.new_workspace(plan)
out = sizes.new_output(plan)
sizes_mb = sum(array.nbytes for array in (*own, *out)) / 1e6
del own, out
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")
before = kilobytes("VmRSS")
kept = sizes.replicate(plan, 1)
print(json.dumps({"arrays_mb": sizes_mb, "resident_mb": (kilobytes("VmHWM") - before) * 1024 / 1e6}))
"""


class Contestant(NamedTuple):
    """An engine at one size."""

    engine: str
    call: Callable[[int], object]  # with the number of the round
    rounds: int


def interleaved(fast: Sequence[Contestant], slow: Sequence[Contestant] = ()) -> dict[str, float]:
    """Time contestants in turns: the fast ones before and after every single turn of a slow one.

    Parameters
    ----------
    fast, slow : sequence of Contestant
        ``rounds`` is the number of turns of a slow one, and of each set of turns of a fast one.

    Returns
    -------
    dict of str to float
        Median seconds of processor time by engine: other work on the machine counts less so.
    """
    times: dict[str, list[float]] = {one.engine: [] for one in (*fast, *slow)}

    def take_turn(one: Contestant, turn: int) -> None:
        start = time.process_time()
        one.call(turn)
        times[one.engine].append(time.process_time() - start)

    most = max((one.rounds for one in slow), default=0)
    in_line = [one for turn in range(most) for one in slow if turn < one.rounds]
    for place in range(max(len(in_line) + 1, _LEAST_SETS)):
        for turn in range(max(one.rounds for one in fast)):
            for one in fast:
                if turn < one.rounds:
                    take_turn(one, turn)
        if place < len(in_line):
            take_turn(in_line[place], in_line[:place].count(in_line[place]))
    return {engine: statistics.median(found) for engine, found in times.items()}


def fresh_processes(n_later: int = 5) -> tuple[dict[str, float], dict[str, float]]:
    """Return what the first process after an install takes, and the median of later ones.

    The package is copied, so that the project's own machine code is neither used nor touched.

    Parameters
    ----------
    n_later : int

    Returns
    -------
    first, later : dict of str to float
        Seconds of processor time for ``imports``, ``plan`` and ``year``.
    """
    with tempfile.TemporaryDirectory() as folder:
        leave_out = shutil.ignore_patterns("__pycache__")
        for name in ("victimsmodel", "parameters", "benchmarks"):
            shutil.copytree(ROOT / name, Path(folder) / name, ignore=leave_out)
        first = in_fresh_process(FIRST_CALL, Path(folder))
        later = [in_fresh_process(FIRST_CALL, Path(folder)) for _ in range(n_later)]
    return first, {name: statistics.median(one[name] for one in later) for name in first}


def in_fresh_process(code: str, root: Path = ROOT) -> dict[str, float]:
    """Run code in a new process of this Python and return the object that it prints.

    Parameters
    ----------
    code : str
    root : Path
        Folder of the packages that it imports.

    Returns
    -------
    dict of str to float
    """
    start = f"import sys; sys.path[:0] = {[str(root), str(root / 'benchmarks')]!r}\n"
    done = subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))

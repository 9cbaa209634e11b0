"""A bar while a stage is computed: for people in JupyterLab, and in no executed copy."""

import json
import os
import subprocess
import sys

from victimsmodel.reporting.progress import progress_bar

WATCHED = """
import json
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
InteractiveShell.instance()
from victimsmodel.reporting import progress
progress._SECONDS = 0.0
with capture_output() as seen:
    with progress.progress_bar("sensitivity") as told:
        told(1200, 4000)
print(json.dumps([output.data["text/html"] for output in seen.outputs]))
"""


def test_nothing_is_shown_where_nobody_watches(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with progress_bar("pathway") as told:
        assert told is None


def test_who_is_told_already_needs_no_bar(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/4_capacity.ipynb")
    seen = []
    with progress_bar("pathway", lambda done, total: seen.append((done, total))) as told:
        told(1, 2)
    assert seen == [(1, 2)]


def test_a_person_sees_how_far_a_stage_is_and_nothing_of_it_stays():
    environment = {**os.environ, "JPY_SESSION_NAME": "notebooks/5_value_for_money.ipynb"}
    found = subprocess.run(
        [sys.executable, "-c", WATCHED], capture_output=True, text=True, check=True, env=environment
    )
    first, later, last = json.loads(found.stdout.splitlines()[-1])
    assert first.startswith("Computing sensitivity <progress")
    assert 'max="4000" value="1200"' in later
    assert later.endswith("1,200 of 4,000 runs")
    assert last == ""

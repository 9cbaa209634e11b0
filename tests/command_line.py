"""The command line, run where the test runs: a process of its own costs two seconds of imports a command."""

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from victimsmodel.cli import main


class Ran(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def run(folder: Path, *arguments: str) -> Ran:
    """Run a command in a folder, in this process, as the console script does."""
    stdout, stderr, argv = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["victimsmodel", *map(str, arguments)]
    try:
        with chdir(folder), redirect_stdout(stdout), redirect_stderr(stderr):
            main()
            status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.argv = argv
    return Ran(status, stdout.getvalue(), stderr.getvalue())


def run_process(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "victimsmodel", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)

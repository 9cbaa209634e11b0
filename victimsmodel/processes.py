"""Whether a process is at work still."""

from __future__ import annotations

import os
from pathlib import Path


def is_running(pid: int) -> bool:
    """Whether a process of this machine runs; one that has ended and only stands in the table does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's, or no process of this system
        return True
    return not _is_unburied(pid)


def _is_unburied(pid: int) -> bool:
    """Whether a process has ended and nobody has asked yet how: its parent may be gone."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # the process is gone, or the system keeps no such file
        return False
    return status.rpartition(")")[2].split()[0] == "Z"

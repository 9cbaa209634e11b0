"""What the system says of processes: who descends from whom, and who listens."""

import os
import re
from contextlib import suppress
from pathlib import Path

_LISTENING = "0A"  # state of a socket in /proc/net/tcp


def descendants(pid):
    """Return a process and all that it has started, and they."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                parents[int(stat.parent.name)] = int(fields[1])
    found = [pid] if pid in parents else []
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def listeners(pids):
    """Return the addresses (hexadecimal, without port) on which any of the processes listens."""
    held = set()
    for pid in pids:
        with suppress(OSError):
            for file in os.scandir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    held |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(file.path)))
    rows = []
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            rows += [row.split() for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return [row[1].partition(":")[0] for row in rows if row[3] == _LISTENING and row[9] in held]

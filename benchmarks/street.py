"""Time the reader of street-level archives beside plain pandas, on an archive as large as the national one.

The archive is made on disk by repeating the two real files of ../shared/data/street under other months and
forces; it is deleted afterwards. Each measurement runs in a fresh process, so that peak memory is its own.
Run as ``python benchmarks/street.py --folder /tmp/street`` (60 million rows, 3 GB of disk, some minutes).
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

SOURCE = Path(__file__).resolve().parents[2] / "shared" / "data" / "street"
FIRST_YEAR = 2010
_FORCES = 44  # with British Transport Police
_BYTES_A_ROW = 50  # gzip
_SPARE_BYTES = 2_000_000_000
_MOST_ROWS_OF_PANDAS = 6_000_000  # beyond it plain pandas would need more than 4 GB
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


class Measured(NamedTuple):
    """One way of adding up one archive."""

    way: str
    rows: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    crimes: int
    groups: int


def make_archive(folder: Path, n_rows: int) -> int:
    """Write the archive month by month until it has so many rows; return how many it has."""
    sources = [gzip.decompress(path.read_bytes()) for path in sorted(SOURCE.glob("*/*-street.csv.gz"))]
    if not sources:
        raise SystemExit(f"{SOURCE}: holds no street files")
    months = [path.name[:7].encode() for path in sorted(SOURCE.glob("*/*-street.csv.gz"))]
    lines = [text.count(b"\n") - 1 for text in sources]
    written = 0
    for month in _months():
        if written >= n_rows:
            return written
        target = folder / month
        target.mkdir(parents=True)
        packed = [
            gzip.compress(text.replace(b"," + old + b",", b"," + month.encode() + b","), compresslevel=4)
            for text, old in zip(sources, months, strict=True)
        ]
        for force in range(_FORCES):
            if written >= n_rows:
                break
            which = force % len(sources)
            (target / f"{month}-force-{force:02}-street.csv.gz").write_bytes(packed[which])
            written += lines[which]
    return written


def _months() -> Iterator[str]:
    for i in range(12 * 100):
        yield f"{FIRST_YEAR + i // 12}-{i % 12 + 1:02}"


def measure(way: str, folder: Path) -> None:
    """Print what one way needs, as JSON; meant for a process of its own."""
    start = time.perf_counter()
    crimes, groups = _WAYS[way](folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    numbers = {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss * _UNIT / 1e6,
        "crimes": crimes,
        "groups": groups,
    }
    print(json.dumps(numbers))


def _reader(folder: Path, by: Literal["local_authority", "lsoa"]) -> tuple[int, int]:
    from victimsmodel.inputs.street import load_street_crime

    found = load_street_crime(folder, by).crimes
    return int(found["crimes"].sum()), len(found)


def _pandas(folder: Path) -> tuple[int, int]:
    """Read all files, put them below each other and count: what one writes first."""
    import pandas as pd

    columns = ["Month", "LSOA name", "Crime type"]
    paths = sorted(folder.glob("*/*-street.csv.gz"))
    table = pd.concat([pd.read_csv(path, usecols=columns) for path in paths], ignore_index=True)
    table["Local authority"] = table["LSOA name"].str[:-5].fillna("")
    found = table.groupby(["Month", "Local authority", "Crime type"]).size()
    return int(found.sum()), len(found)


_WAYS = {
    "this reader, by local authority": lambda folder: _reader(folder, "local_authority"),
    "this reader, by LSOA": lambda folder: _reader(folder, "lsoa"),
    "plain pandas, by local authority": _pandas,
}


def _measured(way: str, folder: Path, rows: int) -> Measured:
    command = [sys.executable, __file__, "--folder", str(folder), "--measure", way]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return Measured(way=way, rows=rows, **json.loads(found.stdout.splitlines()[-1]))


def _as_markdown(results: list[Measured]) -> str:
    head = ["way", "rows", "seconds", "processor seconds", "peak memory, MB", "groups"]
    lines = [" | ".join(head), " | ".join(["---"] + ["--:"] * (len(head) - 1))]
    lines += [
        f"{r.way} | {r.rows:,} | {r.seconds:.1f} | {r.cpu_seconds:.1f} | {r.peak_mb:,.0f} | {r.groups:,}"
        for r in results
    ]
    return "\n".join(f"| {line} |" for line in lines)


def compare(folder: Path, n_rows: int) -> list[Measured]:
    """Measure all ways on a part that pandas can hold, and the reader on the whole."""
    results = []
    sizes = [n_rows] if n_rows <= _MOST_ROWS_OF_PANDAS else [_MOST_ROWS_OF_PANDAS // 2, n_rows]
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="street-archive-", dir=folder) as name:
            archive = Path(name)
            rows = make_archive(archive, size)
            ways = [way for way in _WAYS if size <= _MOST_ROWS_OF_PANDAS or "pandas" not in way]
            found = [_measured(way, archive, rows) for way in ways]
        wrong = [result for result in found if result.crimes != rows]
        if wrong:
            raise SystemExit(f"{wrong[0].way} counted {wrong[0].crimes:,} of {rows:,} rows")
        results += found
    return results


def main() -> None:
    """Make the archive, measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the archive is made for a while")
    parser.add_argument("--rows", type=int, default=60_000_000)
    parser.add_argument("--measure", choices=_WAYS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.folder)
        return
    chosen.folder.mkdir(parents=True, exist_ok=True)
    needed = chosen.rows * _BYTES_A_ROW + _SPARE_BYTES
    free = shutil.disk_usage(chosen.folder).free
    if free < needed:
        raise SystemExit(f"{chosen.folder}: {needed / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free")
    print(_as_markdown(compare(chosen.folder, chosen.rows)))


if __name__ == "__main__":
    main()

"""The files of a street-level archive: found by name, checked by header."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.downloads.layouts import STREET_FILE, misfit

_FILE_NAME = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))-([a-z0-9-]+)-street\.csv(?:\.gz)?")
_MOST_PROBLEMS = 5


class StreetFile(NamedTuple):
    """One month of one force."""

    path: Path
    month: str
    force: str  # as data.police.uk writes it in file names, such as west-yorkshire


def street_files(folder: Path) -> list[StreetFile]:
    """Return the street files below a folder, by month and force, once their headers are checked.

    Raises
    ------
    InputError
        If there are none, a month of a force is there twice, or a file has other columns.
    """
    if not folder.is_dir():
        raise input_error(str(folder), "is no folder; unpack the archive and name its folder", "VM079")
    found: list[StreetFile] = []
    for path in sorted(folder.rglob("*-street.csv*")):
        name = _FILE_NAME.fullmatch(path.name)
        if name and path.is_file():
            found.append(StreetFile(path.resolve(), name[1], name[2]))
    if not found:
        allowed = "holds no file named like 2017-07/2017-07-west-yorkshire-street.csv (or .csv.gz)"
        raise input_error(str(folder), allowed, "VM079")
    same: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for file in found:
        same[file.month, file.force].append(file.path)
    twice = [paths for paths in same.values() if len(paths) > 1]
    if twice:
        listed = " and ".join(str(path) for path in twice[0])
        allowed = f"holds {len(twice)} months of a force twice, which would count crimes twice: {listed}"
        raise input_error(str(folder), allowed, "VM079")
    _refuse_other_columns(found)
    return sorted(found, key=lambda file: (file.month, file.force))


def _refuse_other_columns(files: list[StreetFile]) -> None:
    problems: list[Problem] = []
    for file in files:
        header = _header(file.path)
        if tuple(header) != STREET_FILE.required:
            problems += _other_columns(str(file.path), header).problems
        if len(problems) >= _MOST_PROBLEMS:
            break
    if problems:
        raise InputError(problems)


def _other_columns(where: str, header: list[str]) -> InputError:
    if set(header) >= set(STREET_FILE.required):
        allowed = f"has its columns in another order; found: {', '.join(header)}; expected: "
        return input_error(where, allowed + ", ".join(STREET_FILE.required), "VM072")
    return misfit(where, header, (STREET_FILE,))


def _header(path: Path) -> list[str]:
    """Return the headings of a file."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            line = stream.readline(10_000)
    except (OSError, EOFError, zlib.error) as error:
        raise input_error(str(path), f"cannot be read ({error}); download it again", "VM070") from None
    if not line.strip():
        raise input_error(str(path), "is empty", "VM076")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise input_error(str(path), f"is not UTF-8 (byte {error.start})", "VM071") from None
    if "\x00" in text:
        raise input_error(str(path), "is not UTF-8 (it holds NUL bytes)", "VM071")
    return [heading.strip() for heading in next(csv.reader([text]))]

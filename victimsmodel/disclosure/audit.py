"""Small counts of people that stand in a folder, or can be computed from what stands there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.disclosure.attack import Attack, Range
from victimsmodel.disclosure.cells import Cell, Sum, complement
from victimsmodel.disclosure.folder_tables import contents_of
from victimsmodel.disclosure.found import FoundPicture, FoundTable, FoundText, UnreadFile
from victimsmodel.disclosure.kept_scenarios import KEPT, small_counts_in
from victimsmodel.disclosure.ledger import LEDGER
from victimsmodel.disclosure.reading import ReadTable, is_total, read_counts
from victimsmodel.errors import input_error
from victimsmodel.files import file_hash
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.records import STAGES

_PEOPLE = (
    "victims?|people|persons?|cases?|referrals?|women|men|children|girls|boys|adults|individuals|clients?"
)
_SAID = re.compile(
    r"(?<![\d.,-])(?:"
    rf"(?P<n>\d+) (?:of|out of) (?:the )?\d[\d,]*\b(?![.,]?\d| ?%)(?P<whom> (?:\w+ )?(?:{_PEOPLE})\b)?"
    rf"|(?P<m>\d+) (?:\w+ )?(?:{_PEOPLE})\b"
    rf"|(?:{_PEOPLE})(?: \w+)? ?[:=] ?(?P<k>\d+)\b(?![.,]\d|[-\u2013/]| ?%))",
    re.IGNORECASE,
)
#: Columns that hold what was observed, whoever wrote the file.
_OBSERVED = frozenset(["observed", "events", "trials", "answered", "eligible", "replies", "respondents"])
_MOST_ROWS = 100_000  # of a table; the longest are simulated
_MOST_SHOWN = 2_000  # rows of a table that a report shows
_COLUMN = "column"
_LOGS = ".written.json"  # hashes of what stands beside it, by `keep_logs`
_BY_FIELDS = frozenset([KEPT, "manifest.json", LEDGER])
_TWINS = frozenset([".svg", ".csv", ".parquet"])


class Disclosed(NamedTuple):
    """A small count that was found: where, and how; never the number itself."""

    file: str
    where: str
    how: str  # "stated" or "can be computed"


class Audit(NamedTuple):
    """What an audit found, and what it looked at."""

    found: tuple[Disclosed, ...]
    tables: int
    texts: int
    modelled: int  # files that the package wrote, unchanged: of these, only what was observed is attacked
    pictures: int  # that stand as a drawing or a table too, which was read
    unread: tuple[UnreadFile, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row for each small count."""
        return pd.DataFrame(self.found, columns=[name.capitalize() for name in Disclosed._fields])


def audit(folder: str | Path, rule: DisclosureRule | None = None) -> Audit:
    """Attack a folder: report every small count of people that stands in it or can be computed.

    Every file is read, in folders and archives below it too; tables are read as counts, linked where they
    count the same, and attacked by integer programming. In files of a finished run that are as the package
    wrote them (told by their hashes) counts are output of the model, but for columns of what was observed
    and sentences about people. A picture must stand beside a drawing (SVG) or a table of its name.

    Parameters
    ----------
    folder : path
        A run folder, or any other.
    rule : DisclosureRule, optional
        What is small; counts of 1 to 7 unless stated.

    Raises
    ------
    InputError
        VM288 if there is no such folder.
    """
    home, used = Path(folder), rule or DisclosureRule()
    if not home.is_dir():
        raise input_error(str(folder), "is no folder", "VM288", field="RUN")
    ours = _unchanged(home)
    tables: list[FoundTable] = []
    found: list[Disclosed] = []
    pictures: list[FoundPicture] = []
    own: set[str] = set()
    texts: list[tuple[FoundText, bool]] = []
    n_tables, modelled, unread = 0, 0, list[UnreadFile]()
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        name = path.relative_to(home).as_posix()
        is_ours = name in ours and ours[name] == file_hash(path)
        modelled += is_ours
        if path.name == KEPT:
            found += [Disclosed(name, field, "stated") for field in small_counts_in(path, used)]
        if path.name in _BY_FIELDS:  # numbers of settings, not of people
            continue
        for item in contents_of(path, name):
            if isinstance(item, FoundTable):
                n_tables += 1
                if is_ours and len(item.table) <= _MOST_SHOWN:
                    own.add(_fingerprint(item.table))
                tables += _observed(item) if is_ours else [item]
            elif isinstance(item, FoundText):
                texts.append((item, is_ours))
                if is_ours:
                    own.update(_bare(line) for line in item.lines if _SAID.search(line))
            elif isinstance(item, FoundPicture):
                pictures.append(item)
            else:
                unread.append(item)
    found += [one for text, is_ours in texts for one in _said(text, used, is_ours, own)]
    found += _of_tables([item for item in tables if _fingerprint(item.table) not in own], used)
    alone = list(_alone(pictures, home))
    return Audit(
        tuple(dict.fromkeys(found)),
        n_tables,
        len(texts),
        modelled,
        len(pictures) - len(alone),
        (*unread, *alone),
    )


def _unchanged(home: Path) -> dict[str, str]:
    """Return the hashes that finished runs state of their files, and of their logs of quality assurance."""
    found: dict[str, str] = {}
    manifests = ((path, "files") for path in home.rglob("manifest.json"))
    for path, key in (*manifests, *((log, "") for log in home.rglob(_LOGS))):
        beside = path.parent.relative_to(home)
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            said = json.loads(path.read_text("utf-8"))
            stated = said[key] if key else said
            found |= {(beside / str(name)).as_posix(): str(digest) for name, digest in stated.items()}
    return found


def _observed(item: FoundTable) -> list[FoundTable]:
    """Return a table that the package wrote without the columns that the model computed."""
    names = [str(name) for name in item.table.columns]
    kept = [i for i, name in enumerate(names) if _OBSERVED & {*re.split(r"[\W_]+", name.casefold())}]
    if not kept:
        return []
    numbers = item.table.apply(pd.to_numeric, errors="coerce")
    text = [i for i in range(len(names)) if i not in kept and numbers.iloc[:, i].isna().all()]
    return [FoundTable(item.file, item.table.iloc[:, text + kept])]


def _alone(pictures: list[FoundPicture], home: Path) -> Iterator[UnreadFile]:
    """Yield pictures without a drawing or a table of the same name, themselves or their like."""
    drawn = {p.stem for p in home.rglob("*") if p.suffix.lower() in _TWINS and p.is_file()}
    known = {item.content for item in pictures if Path(item.file).stem in drawn}
    for item in pictures:
        if item.content not in known:
            yield UnreadFile(item.file, "a picture, without a drawing (SVG) or a table of its name")


def _fingerprint(table: pd.DataFrame) -> str:
    cells = ("".join(map(str, row)) for row in table.itertuples(index=False, name=None))
    return _bare("".join(cells))


def _bare(line: str) -> str:
    return re.sub(r"\W", "", line)


def _said(text: FoundText, rule: DisclosureRule, is_ours: bool, own: set[str]) -> Iterator[Disclosed]:
    """Yield small counts in sentences; of those that the package wrote, only if they name people."""
    for number, line in enumerate(text.lines, start=1):
        for match in _SAID.finditer(line):
            if match["n"] and not match["whom"] and (is_ours or _bare(line) in own):
                continue
            if rule.is_unsafe(int(match["n"] or match["m"] or match["k"])):
                yield Disclosed(text.file, f"line {number}", "stated")


def _of_tables(tables: Sequence[FoundTable], rule: DisclosureRule) -> Iterator[Disclosed]:
    """Yield what tables state, then what all of them together give away."""
    sums: list[Sum] = []
    ranges: dict[Cell, Range] = {}
    places: dict[Cell, str] = {}
    for item in tables:
        read = read_counts(item.table, STAGES) if len(item.table) <= _MOST_ROWS else None
        if read is None:
            continue
        yield from _stated(item.file, read, rule)
        linked = _linked(read, _base_of(read, rule), rule)
        sums += linked.sums
        for cell, known in linked.ranges.items():
            low, high = ranges.get(cell, (0.0, np.inf))
            both = (max(low, known[0]), min(high, known[1]))
            ranges[cell] = both if both[0] <= both[1] else known
            places.setdefault(cell, item.file)
    yield from _computed(sums, ranges, places, rule)


def _stated(file: str, read: ReadTable, rule: DisclosureRule) -> Iterator[Disclosed]:
    for name in read.numbers.columns:
        for row in np.flatnonzero([rule.is_unsafe(x) for x in read.numbers[name]]):
            yield Disclosed(file, _place(read, int(row), str(name)), "stated")


def _place(read: ReadTable, row: int, name: str) -> str:
    own = [str(x) for x in read.labels.iloc[row]] if len(read.labels.columns) else []
    return f"{name}, {' '.join(own)[:60] or f'row {row + 1}'}"


def _base_of(read: ReadTable, rule: DisclosureRule) -> int:
    """Return what the numbers of a table are rounded to: that of the rule if all are, else 1."""
    known = read.numbers.to_numpy(np.float64)
    known = known[~np.isnan(known)]
    return rule.round_to if len(known) > 2 and (known % rule.round_to == 0).all() else 1


class _Linked(NamedTuple):
    sums: list[Sum]
    ranges: dict[Cell, Range]


def _linked(read: ReadTable, base: int, rule: DisclosureRule) -> _Linked:
    """Return the cells of a table with what is known of them, and the sums that they are in."""
    shown = rule.model_copy(update={"round_to": base})
    total = read.total_column
    dims = [str(name) for name in read.labels.columns]
    ranges: dict[Cell, Range] = {}
    by_cell: dict[str, list[tuple[frozenset[tuple[str, str]], Cell]]] = {}
    for row in range(len(read.numbers)):
        own = frozenset(
            (dim, str(x)) for dim, x in zip(dims, read.labels.iloc[row], strict=True) if x and not is_total(x)
        )
        for name in map(str, read.numbers.columns):
            label = frozenset() if total is None or name == total else frozenset([(_COLUMN, name)])
            cell = Cell("count" if total is not None else name.casefold(), own | label)
            known = _known(read, row, name, shown)
            if known is not None:
                ranges[cell] = known
                by_cell.setdefault(cell.count, []).append((cell.labels, cell))
    sums = [s for cells in by_cell.values() for s in _margins(cells)]
    for part, whole in read.parts:
        for labels, cell in by_cell.get(whole.casefold(), ()):
            inner = Cell(part.casefold(), labels)
            if inner in ranges:
                sums.append(Sum(cell, (inner, Cell(complement(part, whole), labels))))
    return _Linked(sums, ranges)


def _known(read: ReadTable, row: int, name: str, rule: DisclosureRule) -> Range | None:
    value = read.numbers.at[row, name]
    if not np.isnan(value):
        low, high = rule.range_of(int(value)) if rule.round_to > 1 else (int(value), int(value))
        return float(low), float(high)
    return (0.0, float(read.most.at[row, name])) if read.is_hidden.at[row, name] else None


def _margins(cells: Sequence[tuple[frozenset[tuple[str, str]], Cell]]) -> Iterator[Sum]:
    """Yield the totals that stand beside their parts: a cell, and all cells with one label more of a kind."""
    known = dict(cells)
    parts: dict[tuple[frozenset[tuple[str, str]], str], list[Cell]] = {}
    for labels, cell in known.items():
        for pair in labels:
            parts.setdefault((labels - {pair}, pair[0]), []).append(cell)
    for (labels, _), own in parts.items():
        if labels in known and len(own) > 1:
            yield Sum(known[labels], tuple(own))


def _computed(
    sums: Sequence[Sum], ranges: Mapping[Cell, Range], places: Mapping[Cell, str], rule: DisclosureRule
) -> Iterator[Disclosed]:
    """Yield the counts that are not stated and can only be small, and few values of that."""
    attack = Attack(sums, ranges)
    targets = dict.fromkeys(cell for s in sums for cell in (*s.parts, s.total))
    for cell in targets:
        low, high = attack.range_of(cell)
        if low == high or (high - low + 1 <= rule.round_to and cell in ranges and high != np.inf and low > 0):
            continue  # shown
        if attack.width_seen(cell) >= rule.least_values:
            continue
        try:
            low, high = attack.bounds(cell)
        except ValueError:
            continue  # totals that are none
        if low >= 1 and high < rule.smallest_shown and high - low + 1 < rule.least_values:
            beside = next(
                (places[c] for s in sums if cell in s.parts for c in (s.total, *s.parts) if c in places), ""
            )
            yield Disclosed(places.get(cell, beside), str(cell)[:80], "can be computed")

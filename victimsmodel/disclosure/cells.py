"""Tables as cells and the sums that tie them: the knowledge that an attacker has for nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.disclosure.observed_counts import ObservedCounts

#: A dimension with the label of a cell in it; dimensions that a cell is a total of are left out.
Labels = frozenset[tuple[str, str]]
_OTHERS = "(others)"  # labels of a dimension that no count is limited to
_MOST_PARTS = 500  # of a count, told apart by limits
Where = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Cell:
    """One count: what is counted, of whom."""

    count: str
    labels: Labels
    where: Where = ()

    def __str__(self) -> str:
        return ", ".join([self.count, *(f"{dim} {label}" for dim, label in sorted(self.labels))])


class Sum(NamedTuple):
    """``sum(parts) + rest = total`` over cells; the rest is what a stated total has beyond its parts."""

    total: Cell
    parts: tuple[Cell, ...]
    rest: int = 0


class Shape(NamedTuple):
    """Which cells a table has, without their numbers."""

    counts: tuple[str, ...]
    labels: tuple[tuple[str, tuple[str, ...]], ...]  # by dimension, totals left out
    contained: tuple[tuple[str, str], ...] = ()
    where: Where = ()


def where_of(counts: ObservedCounts) -> Where:
    """Return the filter of a table in a form that can be compared."""
    return tuple(sorted((dim, tuple(sorted(labels))) for dim, labels in counts.where.items()))


def shape_of(counts: ObservedCounts) -> Shape:
    """Return the shape of a table."""
    labels = tuple(
        (dim, tuple(dict.fromkeys(str(x) for x in counts.exact[dim] if str(x) != counts.totals.get(dim))))
        for dim in counts.dimensions
    )
    return Shape(counts.counts, labels, counts.contained, where_of(counts))


def row_labels(row: Mapping[str, object], counts: ObservedCounts) -> Labels:
    """Return the labels of a row; those of totals left out."""
    pairs = ((dim, str(row[dim])) for dim in counts.dimensions)
    return frozenset(pair for pair in pairs if pair[1] != counts.totals.get(pair[0]))


def stated_cells(counts: ObservedCounts) -> dict[Cell, float]:
    """Return every count of a table by its cell; NaN where it is not known."""
    found: dict[Cell, float] = {}
    where = where_of(counts)
    for row in counts.exact.to_dict("records"):
        labels = row_labels({str(name): x for name, x in row.items()}, counts)
        found |= {Cell(name, labels, where): float(row[name]) for name in counts.counts}
    return found


def complement(part: str, whole: str) -> str:
    """Return the name of the count of those in the whole and not in the part."""
    return f"{whole} without {part}"


def sums_of(shape: Shape) -> Iterator[Sum]:
    """Yield every sum that a table implies: margins over each dimension, and parts with the rest."""
    names = [*shape.counts, *(complement(*pair) for pair in shape.contained)]
    choices = [(None, *labels) for _, labels in shape.labels]
    dims = [dim for dim, _ in shape.labels]
    for chosen in product(*choices):
        own = frozenset((d, label) for d, label in zip(dims, chosen, strict=True) if label is not None)
        for part, whole in shape.contained:
            parts = tuple(Cell(name, own, shape.where) for name in (part, complement(part, whole)))
            yield Sum(Cell(whole, own, shape.where), parts)
        for dim, labels in shape.labels:
            if any(d == dim for d, _ in own):
                continue
            for name in names:
                parts = tuple(Cell(name, own | {(dim, label)}, shape.where) for label in labels)
                yield Sum(Cell(name, own, shape.where), parts)


def where_sums(cells: Iterable[Cell]) -> Iterator[Sum]:
    """Yield the sums that tie counts of some of the data to counts of other parts of them.

    A count limited to some labels of a dimension is the sum over these labels; one without a limit is the
    sum over every label that any count is limited to, and over others.
    """
    counted = list(dict.fromkeys(cells))
    limits: dict[str, set[str]] = {}
    for cell in counted:
        for dim, labels in cell.where:
            limits.setdefault(dim, set()).update(labels)
    for cell in counted:
        own, limited = {dim for dim, _ in cell.labels}, dict(cell.where)
        free = [dim for dim in sorted(limits) if dim not in own]
        if not free:
            continue
        choices = [limited.get(dim, (*sorted(limits[dim]), _OTHERS)) for dim in free]
        if math.prod(map(len, choices)) > _MOST_PARTS:
            continue
        chosen = (frozenset(zip(free, labels, strict=True)) for labels in product(*choices))
        parts = tuple(Cell(cell.count, cell.labels | labels) for labels in chosen)
        if parts != (cell,):
            yield Sum(cell, parts)


def all_cells(sums: Iterable[Sum], stated: Iterable[Cell]) -> tuple[Cell, ...]:
    """Return every cell of the sums and the tables once."""
    return tuple(dict.fromkeys([*stated, *(cell for s in sums for cell in (s.total, *s.parts))]))


def true_values(stated: Mapping[Cell, float], shapes: Sequence[Shape]) -> dict[Cell, float]:
    """Return the number of every cell: stated, or else the sum of its parts; 0 for rows that are absent.

    A count that is not known makes the sums over it unknown (NaN).
    """
    found = dict(stated)
    for shape in shapes:
        dims = [dim for dim, _ in shape.labels]
        every = [
            frozenset((d, label) for d, label in zip(dims, chosen, strict=True) if label is not None)
            for chosen in product(*[(None, *labels) for _, labels in shape.labels])
        ]
        for own in sorted(every, key=len, reverse=True):  # details before their totals
            missing = [dim for dim in dims if not any(d == dim for d, _ in own)]
            for name in shape.counts:
                cell = Cell(name, own, shape.where)
                if cell in found:
                    continue
                found[cell] = 0.0
                if missing:
                    labels = dict(shape.labels)[missing[0]]
                    parts = (found[Cell(name, own | {(missing[0], x)}, shape.where)] for x in labels)
                    found[cell] = float(np.sum(list(parts)))
            for part, whole in shape.contained:
                cell = Cell(complement(part, whole), own, shape.where)
                found[cell] = found[Cell(whole, own, shape.where)] - found[Cell(part, own, shape.where)]
    return found


def with_rests(sums: Iterable[Sum], values: Mapping[Cell, float]) -> list[Sum]:
    """Return sums with what a stated total has beyond its parts.

    Sums over counts that are not known, and over parts that exceed their whole, are left out.
    """
    kept = []
    for s in sums:
        numbers = [values[cell] for cell in (s.total, *s.parts)]
        if not pd.isna(numbers).any() and min(numbers) >= 0:
            kept.append(s._replace(rest=int(numbers[0] - sum(numbers[1:]))))
    return kept

"""What a worker does: compute a chunk of pieces, say what it took, and which years cannot be computed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from victimsmodel.cluster.likeness import versions_here
from victimsmodel.errors import PrivacyError, Problem
from victimsmodel.inputs.people_table import refuse_people
from victimsmodel.pathway.arrays import Plan
from victimsmodel.pathway.pieces import Piece
from victimsmodel.pathway.results import Counters, joined
from victimsmodel.pathway.simulate import run_piece


class Failure(NamedTuple):
    """A year that cannot be computed, and why."""

    names: str
    reason: str

    def __str__(self) -> str:
        return f"{self.names}: {self.reason}"


class Computed(NamedTuple):
    """What a worker sends back."""

    results: list[Counters | list[Failure]]  # of each piece
    seconds: float  # of processor time of the thread
    versions: dict[str, str]


def run_chunk(pieces: Sequence[Piece]) -> Computed:
    """Compute pieces one after the other, in a worker."""
    start = time.thread_time()
    results = [_computed(piece) for piece in pieces]
    return Computed(results, time.thread_time() - start, versions_here())


def _computed(piece: Piece) -> Counters | list[Failure]:
    """Return the counters; where that fails, compute year by year and return the years that fail again."""
    try:
        return run_piece(piece)
    except Exception:
        made, failures = [], []
        for single in piece.singles():
            try:
                made.append(run_piece(single))
            except Exception as error:
                failures.append(Failure(single.names, f"{type(error).__name__}: {error}"))
        return failures or joined(made)


def check_travels(piece: Piece) -> None:
    """Refuse whatever is not the arrays of a plan: they hold rates, and no row of a case.

    Raises
    ------
    PrivacyError
        VM284 for counts of people or cases that were not released; VM215 for anything else.
    """
    for part in (piece.plan, *(piece.plan if isinstance(piece.plan, tuple) else ())):
        refuse_people(part, piece.names)
    is_plan = isinstance(piece.plan, Plan)
    if not is_plan or any(not isinstance(part, np.ndarray) or part.dtype.hasobject for part in piece.plan):
        allowed = "is no plan of a service: only these go to workers, and only counters come back"
        raise PrivacyError([Problem("--cluster", piece.names, "", allowed, "VM215")])

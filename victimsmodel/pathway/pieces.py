"""Pieces of an ensemble, and who computes them: this process's threads, unless others are asked to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from victimsmodel.pathway.arrays import Plan
from victimsmodel.pathway.results import Counters


class Piece(NamedTuple):
    """Some replications of one option in one draw: all that computing them needs."""

    option: str
    plan: Plan
    seed: int
    replications: range
    draw: int
    point: int | None = None  # of inputs that were chosen, not drawn; all have the years of one draw
    left_out: tuple[str, ...] = ()  # counters that nobody asks for

    @property
    def names(self) -> str:
        """Which piece it is, in words."""
        first, last = self.replications.start, self.replications.stop - 1
        years = f"replication {first}" if first == last else f"replications {first} to {last}"
        place = f"draw {self.draw}" if self.point is None else f"point {self.point}"
        return f"option {self.option}, {place}, {years}, seed {self.seed}"

    def singles(self) -> list[Piece]:
        """Return the piece as pieces of one replication."""
        return [self._replace(replications=range(r, r + 1)) for r in self.replications]


#: Takes every piece before it gives the first result; gives the results in the order of the pieces.
Compute = Callable[[Iterable[Piece]], Iterator[Counters]]

_others: ContextVar[Compute | None] = ContextVar("victimsmodel_others", default=None)


def others() -> Compute | None:
    """Return who computes instead of this process's threads, if anybody does."""
    return _others.get()


@contextmanager
def computed_by(compute: Compute) -> Iterator[None]:
    """Let others compute all pieces of ensembles, sweeps and plans that are asked for meanwhile."""
    token = _others.set(compute)
    try:
        yield
    finally:
        _others.reset(token)

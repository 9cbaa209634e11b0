"""Pieces of an ensemble given to workers in chunks of measured cost; results in the order of the pieces."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from victimsmodel.cluster.chunks import Computed, Failure, check_travels, run_chunk
from victimsmodel.cluster.likeness import Versions
from victimsmodel.errors import PoisonError, input_error
from victimsmodel.pathway.pieces import Piece
from victimsmodel.pathway.results import Counters, joined

_CHUNK_SECONDS = 1.0  # that a chunk is to take, so that sending it costs next to nothing
_CHUNK_BYTES = 4_000_000  # of plans in a chunk
_REMEMBERED = 9  # chunks whose cost is looked at
_AHEAD = 2  # chunks for each thread of the workers
_LOOK_SECONDS = 10.0
_MOST_IDLE_LOOKS = 6  # without any worker

#: Raises if a worker with these versions may not take part.
CheckVersions = Callable[[Versions], None]


class Ensemble:
    """Pieces on their way: to be sent, at workers, done.

    A chunk whose worker is lost is sent to another one by the scheduler. Where it loses one worker after
    the other, its years are computed alone when everything else is done, so that those that kill are known.

    Parameters
    ----------
    client : distributed.Client
    pieces : iterable of Piece
    check : callable
        Of the versions that come with each chunk, for workers join late.
    """

    def __init__(self, client: Any, pieces: Iterable[Piece], check: CheckVersions) -> None:
        self._client, self._check = client, check
        self._pieces = list(pieces)
        for piece in self._pieces:
            check_travels(piece)
        self._unsent = deque(range(len(self._pieces)))
        self._running: dict[Any, list[int]] = {}
        self._suspects: list[int] = []
        self._done: dict[int, Counters] = {}
        self._failures: list[Failure] = []
        self._costs: deque[float] = deque(maxlen=_REMEMBERED)  # seconds of a year

    def results(self) -> Iterator[Counters]:
        """Yield the counters of all pieces in order, as soon as they and those before are done.

        Raises
        ------
        PoisonError
            VM214, once everything else is done, with the years that cannot be computed.
        InputError
            VM212 if scheduler or workers are lost; VM213 for a worker with other versions.
        """
        given = 0
        try:
            while self._unsent or self._running:
                self._send()
                self._receive()
                while given in self._done:
                    yield self._done.pop(given)
                    given += 1
            for i in self._suspects:
                self._compute_alone(i)
            if self._failures:
                raise PoisonError(self._failures, len(self._pieces))
            while given in self._done:
                yield self._done.pop(given)
                given += 1
        finally:
            self._client.cancel(list(self._running))

    def _send(self) -> None:
        """Keep every thread of the workers busy, and no more."""
        n_threads = max(1, sum(self._client.nthreads().values()))
        while self._unsent and len(self._running) < _AHEAD * n_threads:
            chunk = self._next_chunk(n_threads)
            self._running[self._submitted([self._pieces[i] for i in chunk])] = chunk

    def _submitted(self, pieces: Sequence[Piece]) -> Any:
        return self._client.submit(run_chunk, list(pieces), pure=False)

    def _next_chunk(self, n_threads: int) -> list[int]:
        """Return the next pieces: one until costs are known; smaller chunks towards the end."""
        chunk = [self._unsent.popleft()]
        if not self._costs:
            return chunk
        years = len(self._pieces[chunk[0]].replications)
        share = sum(len(self._pieces[i].replications) for i in self._unsent) / (_AHEAD * n_threads)
        most_years = min(_CHUNK_SECONDS / statistics.median(self._costs), share)
        n_bytes = _bytes(self._pieces[chunk[0]])
        while self._unsent:
            piece = self._pieces[self._unsent[0]]
            years, n_bytes = years + len(piece.replications), n_bytes + _bytes(piece)
            if years > most_years or n_bytes > _CHUNK_BYTES:
                break
            chunk.append(self._unsent.popleft())
        return chunk

    def _receive(self) -> None:
        """Wait until a chunk is done; take all that are."""
        from distributed import KilledWorker

        self._await(list(self._running))
        for future in [future for future in self._running if future.done()]:
            chunk = self._running.pop(future)
            try:
                self._take(chunk, self._result(future))
            except KilledWorker:
                self._suspects += chunk

    def _await(self, futures: list[Any]) -> None:
        from distributed import wait

        for _ in range(_MOST_IDLE_LOOKS):
            while True:
                try:
                    with self._client.as_current():
                        wait(futures, timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED")
                    return
                except TimeoutError:
                    if not self._client.nthreads():
                        break
        raise lost("all workers are gone, and none came back")

    def _result(self, future: Any) -> Computed:
        from concurrent.futures import CancelledError

        from distributed.client import FuturesCancelledError

        try:
            found: Computed = future.result()
        except (CancelledError, FuturesCancelledError, OSError) as error:
            raise lost(f"the scheduler is lost ({type(error).__name__})") from error
        self._check(found.versions)
        return found

    def _take(self, chunk: Sequence[int], found: Computed) -> None:
        self._costs.append(found.seconds / sum(len(self._pieces[i].replications) for i in chunk))
        for i, result in zip(chunk, found.results, strict=True):
            if isinstance(result, Counters):
                self._done[i] = result
            else:
                self._failures += result

    def _compute_alone(self, i: int) -> None:
        """Compute each year of a piece with nothing else at the workers."""
        from distributed import KilledWorker

        made: list[Counters] = []
        for single in self._pieces[i].singles():
            future = self._submitted([single])
            self._await([future])
            try:
                result = self._result(future).results[0]
            except KilledWorker as error:
                n_lost = error.allowed_failures + 1
                self._failures.append(Failure(single.names, f"{n_lost} workers ended while computing it"))
                continue
            if isinstance(result, Counters):
                made.append(result)
            else:
                self._failures += result
        if len(made) == len(self._pieces[i].replications):
            self._done[i] = joined(made)


def lost(what: str) -> Exception:
    """Return the error, VM212, that says what is lost."""
    hint = "Start it again and repeat the command: what was finished is kept."
    return input_error("--cluster", what, "VM212", hint=hint)


def _bytes(piece: Piece) -> int:
    return sum(array.nbytes for array in piece.plan)

"""Rules that tell a signal from noise on a control chart.

Western Electric (1956, Statistical Quality Control Handbook) states points beyond three sigma, two of three
beyond two sigma, and eight in a row on one side; the trend of six is Nelson's (1984, Journal of Quality
Technology 16, 237-239). NHS England's Making Data Count takes seven in a row and six in a trend.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WESTERN_ELECTRIC_RUN = 8
NHS_RUN = 7
NELSON_RUN = 9
TREND = 6  # points, each above (or each below) the one before
_WINDOW, _OF_WINDOW = 3, 2


class Signal(NamedTuple):
    """A pattern that chance alone would rarely make: first and last point, and which way."""

    rule: str  # beyond, run, trend, two_of_three
    first: int
    last: int
    is_high: bool  # above the centre, or rising


def signals(z: NDArray[np.float64], values: NDArray[np.float64], run_length: int) -> list[Signal]:
    """Return the signals of one phase, each once and as long as it lasts.

    Parameters
    ----------
    z : ndarray, shape (n,)
        Distance of each point from the centre in sigmas.
    values : ndarray, shape (n,)
        What is plotted; a trend is one of values, not of distances.
    run_length : int
        Points in a row on one side of the centre; one on the centre ends a run.
    """
    found = [Signal("beyond", int(i), int(i), bool(z[i] > 0)) for i in np.flatnonzero(np.abs(z) > 3)]
    for is_high in (True, False):
        side = z if is_high else -z
        found += [Signal("run", a, b, is_high) for a, b in _stretches(side > 0) if b - a + 1 >= run_length]
        rising = np.diff(values) > 0 if is_high else np.diff(values) < 0
        found += [Signal("trend", a, b + 1, is_high) for a, b in _stretches(rising) if b - a + 2 >= TREND]
        found += [Signal("two_of_three", a, b, is_high) for a, b in _two_of_three(side > 2)]
    return sorted(found, key=lambda signal: (signal.last, signal.first))


def _stretches(marked: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield first and last position of each unbroken stretch."""
    edges = np.diff(np.concatenate([[0], marked.astype(np.int8), [0]]))
    for first, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        yield int(first), int(end) - 1


def _two_of_three(far: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield stretches of far points of which each has another within two places."""
    places = np.flatnonzero(far)
    if len(places) < _OF_WINDOW:
        return
    gaps = np.flatnonzero(np.diff(places) >= _WINDOW)
    for group in np.split(places, gaps + 1):
        if len(group) >= _OF_WINDOW:
            yield int(group[0]), int(group[-1])

"""What an option or lever multiplies a number by, so that its uncertainty stays what it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def multiplied(x: NDArray[np.float64], times: float | None, times_odds: float | None) -> NDArray[np.float64]:
    """Return numbers times a factor, or probabilities whose odds are; a factor of 1 changes no bit."""
    if times_odds is not None:
        return np.asarray(x * times_odds / (1 - x + x * times_odds))
    return x if times is None else x * times


def multiplier_words(times: float | None, times_odds: float | None) -> str:
    """Return what multiplies a number, in words; empty where nothing does."""
    if times_odds is not None:
        return f"odds times {times_odds:g}"
    return "" if times is None else f"times {times:g}"

"""The fixed scale on which probabilities are put into words, and how few draws weaken them."""

from __future__ import annotations

import math

from victimsmodel.reporting import words
from victimsmodel.reporting.formats import FORMATS, MOST_COUNTED, of_draws

#: Draws below which a run shows nothing, and below which small differences mean nothing.
TOO_FEW, FEW = 20, MOST_COUNTED
#: Where the scale comes from.
SCALE_SOURCE = (
    "the guidance note of the Intergovernmental Panel on Climate Change on the treatment of uncertainties "
    "(Mastrandrea and others, 2010)"
)
SCALE_ADDRESS = "https://www.ipcc.ch"


def cautious(probability: float, n_draws: int) -> float:
    """Return a probability estimated from draws, moved towards a half by its own standard error.

    The share of draws is first taken as ``(k + 1/2) / (n + 1)``, the mean of the Beta posterior under the
    prior of Jeffreys, so that no number of draws ever makes certain; then one standard error of a binomial
    share is taken off its distance from a half, never past it.

    Parameters
    ----------
    probability : float
        Share of draws in which something holds.
    n_draws : int
        With no draws nothing is known, and one half is returned.

    Examples
    --------
    >>> [round(cautious(1.0, n), 3) for n in (3, 20, 500)]
    [0.684, 0.942, 0.998]
    >>> cautious(0.5, 20)
    0.5
    """
    if n_draws < 1:
        return 0.5
    mean = (probability * n_draws + 0.5) / (n_draws + 1)
    error = math.sqrt(mean * (1 - mean) / n_draws)
    gap = max(abs(mean - 0.5) - error, 0.0)
    return 0.5 + math.copysign(gap, mean - 0.5) if gap else 0.5


def draws_needed(least: float, n_draws: int) -> int:
    """Return of how many draws at least something must hold to be given a probability; 0 if no number does.

    Examples
    --------
    >>> [draws_needed(least, 20) for least in (0.66, 0.9, 0.99)]
    [16, 20, 0]
    """
    return next((k for k in range(n_draws + 1) if cautious(k / n_draws, n_draws) >= least), 0)


def certainty_over(probability: float, n_draws: int) -> str:
    """Return the words for a share of draws, weakened as far as few draws leave it open."""
    return words.certainty(cautious(probability, n_draws))


def share_style(n_draws: int) -> str:
    """Return the format of a share of draws: few are counted, per cent would claim more."""
    return of_draws(n_draws) if 0 < n_draws < FEW else "percent"


def sure_over(probability: float, n_draws: int) -> str:
    """Return the words for a share of draws with the share behind them, as every text says them.

    Examples
    --------
    >>> sure_over(1.0, 3), sure_over(0.95, 500)
    ('likely (3 of 3 draws)', 'very likely (95% of 500 draws)')
    """
    share = FORMATS[share_style(n_draws)](probability)
    return f"{certainty_over(probability, n_draws)} ({share} of {words.draws(n_draws)})"

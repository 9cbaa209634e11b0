"""Order-free shares of a joint effect: the Shapley value."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Shares(NamedTuple):
    """What each player contributes to the whole; shape (n_players, ...)."""

    value: Floats  # Shapley value; over players it sums to that of all less that of none
    least: Floats  # smallest contribution over all orders in which the players may join
    most: Floats  # largest


def shapley_values(values_by_subset: ArrayLike) -> Floats:
    """Return the Shapley value of each player: its mean contribution over all orders of joining.

    ``phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))``

    Parameters
    ----------
    values_by_subset : array_like, shape (2 ** n_players, ...)
        Value of each subset of players; bit i of the first index says whether player i is in it.

    Returns
    -------
    ndarray, shape (n_players, ...)
        Sums over players to the value of all less the value of none.

    Raises
    ------
    ValueError
        If the first dimension is no power of two.

    References
    ----------
    Shapley (1953), A value for n-person games, Contributions to the Theory of Games II, 307-317.

    Examples
    --------
    Two left gloves and one right; a pair is worth 1.

    >>> shapley_values([0, 0, 0, 0, 0, 1, 1, 1]).round(4).tolist()
    [0.1667, 0.1667, 0.6667]
    """
    return shares(values_by_subset).value


def shares(values_by_subset: ArrayLike) -> Shares:
    """Return Shapley values with the range of contributions over all orders of joining.

    Parameters
    ----------
    values_by_subset : array_like, shape (2 ** n_players, ...)
        As for `shapley_values`.
    """
    values = np.asarray(values_by_subset, dtype=np.float64)
    n_players = players_of(values)
    found = [_contributions(values, player, n_players) for player in range(n_players)]
    if not found:
        none = np.zeros((0, *values.shape[1:]))
        return Shares(none, none, none)
    weights = _weights(n_players)
    return Shares(
        np.stack([np.tensordot(weights, each, axes=1) for each in found]),
        np.stack([each.min(axis=0) for each in found]),
        np.stack([each.max(axis=0) for each in found]),
    )


def players_of(values: NDArray[Any]) -> int:
    """Return the number of players whose subsets the first dimension lists."""
    n_players = len(values).bit_length() - 1
    if len(values) != 2**n_players:
        raise ValueError(f"{len(values)} subsets are not all subsets of any number of players")
    return n_players


def _contributions(values: Floats, player: int, n_players: int) -> Floats:
    """Return what a player adds to each subset of the others, shape (2 ** (n_players - 1), ...)."""
    subsets = np.arange(2**n_players)
    without = subsets[subsets >> player & 1 == 0]
    return np.asarray(values[without | 1 << player] - values[without])


def _weights(n_players: int) -> Floats:
    """Return the chance that exactly a subset of the others has joined before, by subset."""
    sizes = np.array([i.bit_count() for i in range(2 ** (n_players - 1))])
    by_size = [1 / (n_players * math.comb(n_players - 1, size)) for size in range(n_players)]
    return np.array(by_size)[sizes]

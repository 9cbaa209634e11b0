"""Random numbers of the reference: SplitMix64 by key, written again with Python's own integers.

Output n of a SplitMix64 started at a key is ``mix64(key + n * GOLDEN)`` (Steele, Lea and Flood 2014).
Nothing here is imported from the package, so that its generator is verified too.
"""

from __future__ import annotations

from math import ceil, exp

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_POISSON_PART = 400.0  # the package sums larger means in parts, since exp(-mean) would underflow

# The address of a decision: its number, times 256, plus an ordinal.
(
    NEED,
    REFERRED,
    EXCLUDED,
    UNSAFE,
    DETAILS,
    REACHABILITY,
    ATTEMPT,
    REPLY,
    CONSENT,
    RECOGNISED,
    ACCEPTED,
    ROUTE,
    PATIENCE,
    SESSIONS,
    WITHDRAWAL,
    IMPROVED,
    TIME,
    ARRIVALS,
    ATTENDED,
    SERVICE,
    OPENING,
    LOGGED,
    ORDER,
) = range(0, 23 * 256, 256)


def mix64(x: int) -> int:
    """Return the finaliser of SplitMix64, modulo 2^64."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & _MASK
    return x ^ (x >> 31)


def replication_key(seed: int, replication: int) -> int:
    """Return the key of one repetition of the year."""
    return mix64((mix64((seed + _GOLDEN) & _MASK) + replication * _GOLDEN + 1) & _MASK)


def victim_key(replication: int, source: int, date: int, ordinal: int) -> int:
    """Return the key of a victim; `date` counts from 1970-01-01, ordinal -1 is the day itself."""
    place = (source << 48) ^ (date << 24) ^ (ordinal + 1)
    return mix64(mix64(place * _GOLDEN & _MASK) ^ replication)


def uniform(key: int, decision: int, ordinal: int = 0) -> float:
    """Return the number in (0, 1) of one decision: 52 bits, centred in their cell."""
    x = (key + (decision + ordinal + 1) * _GOLDEN) & _MASK
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & _MASK  # mix64 once more: a call would cost a third of the time
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & _MASK
    return ((x ^ (x >> 31)) >> 12) * 2.0**-52 + 2.0**-53


def poisson(key: int, mean: float) -> int:
    """Return the number of arrivals with some mean: the quantile function at a uniform number."""
    n_parts = ceil(mean / _POISSON_PART)
    return sum(_quantile(uniform(key, ARRIVALS, part), mean / n_parts) for part in range(n_parts))


def _quantile(u: float, mean: float) -> int:
    """Return the smallest count whose cumulative Poisson probability is not below `u`."""
    count, term = 0, exp(-mean)
    cumulative = term
    while u > cumulative:
        count += 1
        term *= mean / count
        if cumulative + term == cumulative:  # what is left of the tail is lost in rounding
            break
        cumulative += term
    return count

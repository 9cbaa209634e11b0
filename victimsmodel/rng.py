"""Random numbers that belong to (seed, replication, victim, decision, ordinal).

There is no generator state: a number is a pure function of what it decides. So the same victims
meet every option, results do not depend on workers or order, and any victim can be replayed.

The n-th number of a key is output n of SplitMix64 started at that key (Steele, Lea and Flood 2014,
Fast splittable pseudorandom number generators, OOPSLA, doi 10.1145/2660193.2660195); keys are
themselves mixed twice.
"""

from __future__ import annotations

import math

import numpy as np

from victimsmodel.compiled import compiled

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30, _SHIFT_27, _SHIFT_31, _SHIFT_12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_SHIFT_GROUP, _SHIFT_DAY, _SHIFT_DECISION = np.uint64(48), np.uint64(24), np.uint64(8)
_ONE = np.uint64(1)
_TO_UNIT, _HALF_STEP = 2.0**-52, 2.0**-53  # 52 bits, centred: never 0 or 1
_MOST_AT_ONCE = 400.0  # Poisson means above this are summed in parts: exp(-mean) must not underflow


@compiled
def mix64(x: np.uint64) -> np.uint64:
    """Return the SplitMix64 finaliser of a uint64: every input bit moves every output bit."""
    x = (x ^ (x >> _SHIFT_30)) * _MULTIPLIER_1
    x = (x ^ (x >> _SHIFT_27)) * _MULTIPLIER_2
    return x ^ (x >> _SHIFT_31)


@compiled
def replication_key(seed: int, replication: int) -> np.uint64:
    """Return the key of one repetition of the year."""
    return mix64(mix64(np.uint64(seed) + _GOLDEN) + np.uint64(replication) * _GOLDEN + _ONE)


@compiled
def victim_key(replication: np.uint64, group: int, day: int, ordinal: int) -> np.uint64:
    """Return the key of the `ordinal`-th victim of a group on a day (day 0 is 1 January 1970)."""
    place = (np.uint64(group) << _SHIFT_GROUP) ^ (np.uint64(day) << _SHIFT_DAY) ^ np.uint64(ordinal + 1)
    return mix64(mix64(place * _GOLDEN) ^ replication)


@compiled
def uniform(key: np.uint64, decision: int, ordinal: int) -> float:
    """Return a number in (0, 1) for one decision of one key; ordinals run from 0 to 255."""
    n = (np.uint64(decision) << _SHIFT_DECISION) + np.uint64(ordinal) + _ONE
    bits = mix64(key + n * _GOLDEN) >> _SHIFT_12
    return bits * _TO_UNIT + _HALF_STEP


@compiled
def poisson(key: np.uint64, decision: int, mean: float) -> int:
    """Return a Poisson count by inversion, in parts where the mean is large (parts <= 255)."""
    parts = math.ceil(mean / _MOST_AT_ONCE)
    total = 0
    for part in range(parts):
        share = mean / parts
        u = uniform(key, decision, part)
        term = math.exp(-share)
        cumulative = term
        count = 0
        while u > cumulative:
            count += 1
            term *= share / count
            if cumulative + term == cumulative:  # the tail has no more weight that counts
                break
            cumulative += term
        total += count
    return total

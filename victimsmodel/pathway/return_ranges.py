"""What each stage of a return can be, by its own counts and its neighbours', and what contradicts itself."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.returns.chain import CHAIN
from victimsmodel.inputs.returns.findings import of_words

_Floats = NDArray[np.float64]

#: Exits that leave before a stage: who is counted there cannot have reached it.
_LEFT_BEFORE = {
    "attempted": ("excluded", "unsafe", "no_details", "reneged"),
    "contacted": ("unreachable",),
    "supported": ("declined", "not_attended", "need_missed", "not_in_need"),
}
_OUTSIDE = ("victims", "in_need")  # not above every referral: some who are referred are in neither


class Range(NamedTuple):
    """The least and the most that numerator and denominator can be, shape (n_periods,)."""

    low: _Floats
    high: _Floats
    is_known: NDArray[np.bool_]


class Counted(NamedTuple):
    """Numerator and denominator by period, and what contradicts itself there."""

    top: Range
    base: Range
    breaks: tuple[str, ...]  # 600 supported of 512 referred; empty where nothing does


def ranges_of(counts: pd.DataFrame, numerator: str, denominator: str, periods: list[str]) -> Counted | None:
    """Return what numerator and denominator can be; None if neither stands in the return.

    A period is broken for the two if two counts of the pathway contradict each other, a later stage being
    above an earlier one whatever is hidden, and one of the two lies at or between numerator and denominator,
    or both lie around them: it is not known which of the two counts is wrong.
    """
    present = set(counts["stage"])
    if denominator in _OUTSIDE and denominator not in present:
        return None
    if not present & {numerator, denominator}:
        return None
    units = counts.drop_duplicates("stage").set_index("stage")["unit"]
    wanted = [units[s] for s in (denominator, numerator) if s in units]
    base = next((unit for unit in (*wanted, *units) if unit in ("case", "victim")), "unstated")
    nothing = Range(np.zeros(len(periods)), np.full(len(periods), np.inf), np.zeros(len(periods), dtype=bool))
    own = dict.fromkeys({*CHAIN, *_OUTSIDE, *_exits()} - present, nothing)
    own |= {stage: _own(counts, stage, periods, str(base)) for stage in present}
    chain = _along_chain(own)
    top, bottom = (chain.get(stage, own[stage]) for stage in (numerator, denominator))
    pairs = _pairs(numerator, denominator)
    return Counted(top, bottom, tuple(_break(own, pairs, i) for i in range(len(periods))))


def _pairs(numerator: str, denominator: str) -> list[tuple[str, str]]:
    """Return an earlier and a later stage whose order matters, the two themselves and neighbours first."""
    last = CHAIN.index(numerator)
    first = CHAIN.index(denominator) if denominator in CHAIN else last
    around = [(i, j) for i, j in combinations(range(len(CHAIN)), 2) if i <= last and j >= first]
    nearest = sorted(around, key=lambda pair: pair[1] - pair[0])
    found = [(denominator, numerator), *((CHAIN[i], CHAIN[j]) for i, j in nearest)]
    return list(dict.fromkeys(found))


def _break(own: dict[str, Range], pairs: list[tuple[str, str]], i: int) -> str:
    for parent, child in pairs:
        if own[child].low[i] > own[parent].high[i]:
            least = (float(own[child].low[i]), bool(own[child].is_known[i]))
            most = (float(own[parent].high[i]), bool(own[parent].is_known[i]))
            return of_words(child, least, parent, most)
    return ""


def _exits() -> list[str]:
    return [exit_ for exits in _LEFT_BEFORE.values() for exit_ in exits]


def _own(counts: pd.DataFrame, stage: str, periods: list[str], base: str) -> Range:
    """Return what the return says of a stage by itself, in the unit that is asked for."""
    part = counts[counts["stage"] == stage].set_index("period").reindex(periods)
    low, high = part["low"].fillna(0.0).to_numpy(), part["high"].fillna(np.inf).to_numpy()
    unit = part["unit"].dropna().iloc[0] if part["unit"].notna().any() else ""
    known = (part["state"] == "count").to_numpy()
    if unit == "contact":  # a victim can have several: fewer victims, but one if there is any contact
        return Range(np.minimum(low, 1.0), high, np.zeros(len(periods), dtype=bool))
    if unit in ("case", "victim") and base in ("case", "victim") and unit != base:
        return Range(
            np.zeros(len(periods)), np.full(len(periods), np.inf), np.zeros(len(periods), dtype=bool)
        )
    return Range(low.astype(np.float64), high.astype(np.float64), known)


def _along_chain(own: dict[str, Range]) -> dict[str, Range]:
    """Narrow each stage by its neighbours and by who left before it; where that is impossible, leave it."""
    low = np.stack([own[stage].low for stage in CHAIN])
    high = np.stack([own[stage].high for stage in CHAIN])
    ceiling = own["referred"].high.copy()
    reached = high.copy()
    for i, stage in enumerate(CHAIN):
        for exit_ in _LEFT_BEFORE.get(stage, ()):
            ceiling = ceiling - own[exit_].low
        reached[i] = np.minimum(reached[i], ceiling)
    low = np.maximum.accumulate(low[::-1], axis=0)[::-1]
    reached = np.minimum.accumulate(reached, axis=0)
    plain = np.minimum.accumulate(high, axis=0)
    # Exits of a quarter may be of victims referred before it: they are not believed against the counts.
    narrowed = np.where((low <= reached).all(axis=0), reached, plain)
    possible = (low <= narrowed).all(axis=0)
    return {
        stage: Range(
            np.where(own[stage].is_known | ~possible, own[stage].low, low[i]),
            np.where(own[stage].is_known | ~possible, own[stage].high, narrowed[i]),
            own[stage].is_known,
        )
        for i, stage in enumerate(CHAIN)
    }

"""Attrition of a monitoring return under every definition that its counts allow, with bounds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.returns.chain import CHAIN
from victimsmodel.inputs.returns.load import Returns

#: Percentiles of the interval, as for every estimate of the package.
LEVELS = (0.05, 0.95)
OVERALL = "overall"

COLUMNS = (
    *("definition", "period", "numerator", "denominator", "events", "trials"),
    *("value", "low", "high", "kind", "words"),
)
_FEWEST = 3  # periods from which variation between them can be told

_Floats = NDArray[np.float64]


class Definition(NamedTuple):
    """Attrition between two stages: one less the numerator's share of the denominator."""

    name: str
    numerator: str
    denominator: str
    words: str  # completes "victims who were ..."


DEFINITIONS = (
    Definition("referral_to_support", "supported", "referred", "referred and not supported"),
    Definition("referral_to_contact", "contacted", "referred", "referred and not contacted"),
    Definition("referral_to_assessment", "assessed", "referred", "referred and not assessed"),
    Definition("referral_to_completion", "completed", "referred", "referred and did not complete support"),
    Definition("attempt_to_contact", "contacted", "attempted", "tried and not contacted"),
    Definition("attempt_to_support", "supported", "attempted", "tried and not supported"),
    Definition("contact_to_assessment", "assessed", "contacted", "contacted and not assessed"),
    Definition("contact_to_support", "supported", "contacted", "contacted and not supported"),
    Definition("assessment_to_support", "supported", "assessed", "assessed and not supported"),
    Definition("need_to_support", "supported", "in_need", "in need and not supported"),
    Definition("crime_to_support", "supported", "victims", "victims of crime and not supported"),
)

#: Exits that leave before a stage: who is counted there cannot have reached it.
_LEFT_BEFORE = {
    "attempted": ("excluded", "unsafe", "no_details", "reneged"),
    "contacted": ("unreachable",),
    "supported": ("declined", "not_attended", "need_missed", "not_in_need"),
}
_OUTSIDE = ("victims", "in_need")  # not above every referral: some who are referred are in neither


class _Range(NamedTuple):
    """The least and the most that numerator and denominator can be, shape (n_periods,)."""

    low: _Floats
    high: _Floats
    is_known: NDArray[np.bool_]


def attrition_definitions(returns: Returns) -> pd.DataFrame:
    """Return attrition by definition, for each period and overall.

    Where both counts are known the value is a point, with the 5th to 95th percentile of its Beta
    posterior under the Jeffreys prior; overall, the number of victims is divided by the Pearson
    dispersion between periods, if that is above 1, so that periods that differ widen the interval. Where
    a count is hidden or a stage is missing there are bounds, and no value. With l and h the least and the
    most of each stage, after l[i] = max(l[i], l[i+1]) and h[i] = min(h[i], h[i-1]) along the pathway (a
    stage lies between its neighbours, and below the referrals less those who left before it),

        1 - h[n] / max(l[d], h[n])  <=  attrition  <=  1 - l[n] / h[d].

    Both ends are reached by counts that break no rule, so that the bounds are sharp; overall, of sums over
    periods. They hold for victims followed to the end; they contain no sampling error. A count of contacts
    bounds that of victims from above. Counts of cases and of victims are not compared.

    Parameters
    ----------
    returns : Returns
        From `load_returns`.

    Returns
    -------
    DataFrame
        definition, period (``overall`` last), numerator, denominator (stages), events, trials (their counts;
        NaN unless known), value, low, high (shares lost, 0 to 1), kind (point, bound, impossible,
        not comparable), words. Definitions of which nothing can be said are left out.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16, 101-133 (Jeffreys interval).
    Manski (1989), Journal of Human Resources 24, 343-360 (bounds without the missing data).
    """
    rows: list[tuple[object, ...]] = []
    for definition in DEFINITIONS:
        rows += _rows(definition, returns.counts)
    table = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ("events", "trials", "value", "low", "high")
    return table.astype({name: "float64" if name in numbers else "str" for name in COLUMNS})


def _rows(definition: Definition, counts: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the rows of one definition; none if nothing can be said."""
    units = counts.drop_duplicates("stage").set_index("stage")["unit"]
    mine = [units.get(definition.numerator, ""), units.get(definition.denominator, "")]
    periods = list(dict.fromkeys(counts["period"]))
    head = (definition.name, OVERALL, definition.numerator, definition.denominator)
    if set(mine) == {"case", "victim"}:
        counted = f"{definition.numerator} counts {mine[0]}s and {definition.denominator} {mine[1]}s"
        words = f"Not comparable: {counted}, and how many cases a victim has is not known."
        return [(*head, np.nan, np.nan, np.nan, np.nan, np.nan, "not comparable", words)]
    ranges = _ranges(counts, definition, periods)
    if ranges is None:
        return []
    top, base = ranges
    found = [_row(definition, period, top, base, [i]) for i, period in enumerate(periods)]
    if len(periods) > 1:
        found.append(_row(definition, OVERALL, top, base, list(range(len(periods)))))
    else:
        found.append((found[0][0], OVERALL, *found[0][2:]))
    said = any(row[9] in ("point", "impossible") or _is_telling(row) for row in found)
    return found if said else []


def _is_telling(row: tuple[object, ...]) -> bool:
    low, high = float(str(row[7])), float(str(row[8]))
    return row[9] == "bound" and high - low < 1 - 1e-9


def _ranges(counts: pd.DataFrame, definition: Definition, periods: list[str]) -> tuple[_Range, _Range] | None:
    """Return what numerator and denominator can be; None if neither stands in the return."""
    present = set(counts["stage"])
    if definition.denominator in _OUTSIDE and definition.denominator not in present:
        return None
    if not present & {definition.numerator, definition.denominator}:
        return None
    units = counts.drop_duplicates("stage").set_index("stage")["unit"]
    wanted = [units[s] for s in (definition.denominator, definition.numerator) if s in units]
    base = next((unit for unit in (*wanted, *units) if unit in ("case", "victim")), "unstated")
    own = {stage: _own(counts, stage, periods, str(base)) for stage in {*CHAIN, *_OUTSIDE, *_exits()}}
    chain = _along_chain(own)
    return tuple(  # type: ignore[return-value]
        chain.get(stage, own[stage]) for stage in (definition.numerator, definition.denominator)
    )


def _exits() -> list[str]:
    return [exit_ for exits in _LEFT_BEFORE.values() for exit_ in exits]


def _own(counts: pd.DataFrame, stage: str, periods: list[str], base: str) -> _Range:
    """Return what the return says of a stage by itself, in the unit that is asked for."""
    part = counts[counts["stage"] == stage].set_index("period").reindex(periods)
    low, high = part["low"].fillna(0.0).to_numpy(), part["high"].fillna(np.inf).to_numpy()
    unit = part["unit"].dropna().iloc[0] if part["unit"].notna().any() else ""
    known = (part["state"] == "count").to_numpy()
    if unit == "contact":  # a victim can have several: fewer victims, but one if there is any contact
        return _Range(np.minimum(low, 1.0), high, np.zeros(len(periods), dtype=bool))
    if unit in ("case", "victim") and base in ("case", "victim") and unit != base:
        return _Range(
            np.zeros(len(periods)), np.full(len(periods), np.inf), np.zeros(len(periods), dtype=bool)
        )
    return _Range(low.astype(np.float64), high.astype(np.float64), known)


def _along_chain(own: dict[str, _Range]) -> dict[str, _Range]:
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
        stage: _Range(
            np.where(own[stage].is_known | ~possible, own[stage].low, low[i]),
            np.where(own[stage].is_known | ~possible, own[stage].high, narrowed[i]),
            own[stage].is_known,
        )
        for i, stage in enumerate(CHAIN)
    }


def _row(
    definition: Definition, period: str, top: _Range, base: _Range, which: list[int]
) -> tuple[object, ...]:
    """Return the row of a period, or of several together."""
    head = (definition.name, period, definition.numerator, definition.denominator)
    usable = [
        i for i in which if np.isfinite(base.high[i]) and base.high[i] > 0 and not _is_broken(top, base, i)
    ]
    left_out = (
        ""
        if len(usable) == len(which) or len(which) == 1
        else f" {len(which) - len(usable)} periods left out."
    )
    both = top.is_known[which] & base.is_known[which]
    if both.all():
        events, trials = float(top.low[which].sum()), float(base.low[which].sum())
        if trials > 0 and events <= trials:
            return (*head, events, trials, *_point(definition, top.low[which], base.low[which]))
        words = f"Impossible: {events:,.0f} {definition.numerator} of {trials:,.0f} {definition.denominator}."
        return (*head, events, trials, np.nan, np.nan, np.nan, "impossible", words)
    if not usable:
        words = f"Nothing can be said: {definition.denominator} is not known."
        return (*head, np.nan, np.nan, np.nan, 0.0, 1.0, "bound", words)
    most = np.minimum(top.high[usable], base.high[usable])
    low = 1 - most.sum() / np.maximum(base.low[usable], most).sum() if most.sum() else 1.0
    high = 1 - float(top.low[usable].sum() / base.high[usable].sum())
    why = _unknown(definition, top, base, usable)
    words = f"Between {_percents(float(low), high)} were {definition.words}: {why}.{left_out}"
    return (*head, np.nan, np.nan, np.nan, float(low), high, "bound", words)


def _is_broken(top: _Range, base: _Range, i: int) -> bool:
    return bool(top.low[i] > base.high[i])


def _unknown(definition: Definition, top: _Range, base: _Range, which: list[int]) -> str:
    names = [
        name
        for name, part in ((definition.numerator, top), (definition.denominator, base))
        if not part.is_known[which].all()
    ]
    is_one = len(names) == 1
    known = f"{' and '.join(names)} {'is' if is_one else 'are'} not fully known"
    return f"{known}, and {'lies' if is_one else 'lie'} between the stages around"


def _percents(low: float, high: float) -> str:
    if _percent(low) == _percent(high):
        return f"{100 * low:.2f}% and {100 * high:.2f}%"
    return f"{_percent(low)} and {_percent(high)}"


def _percent(x: float) -> str:
    return f"{100 * x:.0f}%" if 0.01 <= x <= 0.99 or x in (0, 1) else f"{100 * x:.1f}%"


def _point(definition: Definition, kept: _Floats, of: _Floats) -> tuple[float, float, float, str, str]:
    """Return share lost, its interval, kind and words."""
    from scipy.stats import beta

    events, trials = float(kept.sum()), float(of.sum())
    value = 1 - events / trials
    phi = _dispersion(kept, of)
    lost, held = (trials - events) / phi + 0.5, events / phi + 0.5
    low, high = (float(q) for q in beta.ppf(LEVELS, lost, held))
    low, high = (0.0 if events == trials else low), (1.0 if events == 0 else high)
    varied = f", widened as periods vary {phi:.1f} times more than chance" if phi > 1 else ""
    words = (
        f"{_percent(value)} were {definition.words} ({_percent(low)} to {_percent(high)}{varied}): "
        f"{events:,.0f} {definition.numerator} of {trials:,.0f} {definition.denominator}."
    )
    return value, low, high, "point", words


def _dispersion(kept: _Floats, of: _Floats) -> float:
    """Return the Pearson dispersion of a proportion between periods, at least 1."""
    mean = kept.sum() / of.sum()
    used = of > 0
    if used.sum() < _FEWEST or mean in (0.0, 1.0):
        return 1.0
    chi2 = float(((kept - of * mean)[used] ** 2 / (of[used] * mean * (1 - mean))).sum())
    return max(1.0, chi2 / (used.sum() - 1))

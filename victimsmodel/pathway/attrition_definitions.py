"""Attrition of a monitoring return under every definition that its counts allow, with bounds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.returns.findings import places
from victimsmodel.inputs.returns.load import Returns
from victimsmodel.pathway.return_ranges import Counted, Range, ranges_of

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

    A period is impossible, and left out of the overall value, where a count at or between the two stages
    contradicts another one of the pathway: a later stage above an earlier one. The words name such periods.

    Parameters
    ----------
    returns : Returns
        From `load_returns`, for computing; or from `released_returns`, for showing.

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
    typed = table.astype({name: "float64" if name in numbers else "str" for name in COLUMNS})
    return PeopleTable(typed) if isinstance(returns.counts, PeopleTable) else typed


def _rows(definition: Definition, counts: pd.DataFrame) -> list[tuple[object, ...]]:
    """Return the rows of one definition; none if nothing can be said."""
    units = counts.drop_duplicates("stage").set_index("stage")["unit"]
    mine = [units.get(definition.numerator, ""), units.get(definition.denominator, "")]
    periods = list(dict.fromkeys(counts["period"]))
    head = (definition.name, OVERALL, definition.numerator, definition.denominator)
    if set(mine) == {"case", "victim"}:
        both = f"{definition.numerator} counts {mine[0]}s and {definition.denominator} {mine[1]}s"
        words = f"Not comparable: {both}, and how many cases a victim has is not known."
        return [(*head, np.nan, np.nan, np.nan, np.nan, np.nan, "not comparable", words)]
    counted = ranges_of(counts, definition.numerator, definition.denominator, periods)
    if counted is None:
        return []
    found = [_row(definition, period, counted, {i: period}) for i, period in enumerate(periods)]
    if len(periods) > 1:
        found.append(_row(definition, OVERALL, counted, dict(enumerate(periods))))
    else:
        found.append((found[0][0], OVERALL, *found[0][2:]))
    has_both = {definition.numerator, definition.denominator} <= set(units.index)
    impossible = has_both and any(row[9] == "impossible" for row in found)
    said = impossible or any(row[9] == "point" or _is_telling(row) for row in found)
    return found if said else []


def _is_telling(row: tuple[object, ...]) -> bool:
    low, high = float(str(row[7])), float(str(row[8]))
    return row[9] == "bound" and high - low < 1 - 1e-9


def _row(definition: Definition, period: str, counted: Counted, which: dict[int, str]) -> tuple[object, ...]:
    """Return the row of a period, or of several together."""
    head = (definition.name, period, definition.numerator, definition.denominator)
    top, base, breaks = counted
    broken = [i for i in which if breaks[i]]
    unknown = [i for i in which if not breaks[i] and not np.isfinite(base.high[i])]
    used = [i for i in which if not breaks[i] and np.isfinite(base.high[i]) and base.high[i] > 0]
    if not used and broken:
        totals = _totals(top, base, broken)
        said = "; ".join(breaks[i] + (f" in {which[i]}" if len(which) > 1 else "") for i in broken)
        return (*head, *totals, np.nan, np.nan, np.nan, "impossible", f"Impossible: {said}.")
    if not used:
        why = f"{definition.denominator} is {'not known' if unknown else '0'}"
        return (*head, np.nan, np.nan, np.nan, 0.0, 1.0, "bound", f"Nothing can be said: {why}.")
    left_out = _left_out([f"{which[i]} ({breaks[i]})" for i in broken], "the counts contradict each other")
    left_out += _left_out([which[i] for i in unknown], f"{definition.denominator} is not known")
    if (top.is_known & base.is_known)[used].all():
        *numbers, words = _point(definition, top.low[used], base.low[used])
        return (*head, *_totals(top, base, used), *numbers, f"{words}{left_out}")
    most = np.minimum(top.high[used], base.high[used])
    low = 1 - most.sum() / np.maximum(base.low[used], most).sum() if most.sum() else 1.0
    high = 1 - float(top.low[used].sum() / base.high[used].sum())
    why = _unknown(definition, top, base, used)
    words = f"Between {_percents(float(low), high)} were {definition.words}: {why}.{left_out}"
    return (*head, np.nan, np.nan, np.nan, float(low), high, "bound", words)


def _totals(top: Range, base: Range, which: list[int]) -> tuple[float, float]:
    """Return both counts of several periods together; NaN unless each is known."""
    if not (top.is_known & base.is_known)[which].all():
        return np.nan, np.nan
    return float(top.low[which].sum()), float(base.low[which].sum())


def _left_out(periods: list[str], why: str) -> str:
    if not periods:
        return ""
    counted = "1 period is" if len(periods) == 1 else f"{len(periods)} periods are"
    return f" {counted} left out, as {why}: {places(periods)}."


def _unknown(definition: Definition, top: Range, base: Range, which: list[int]) -> str:
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

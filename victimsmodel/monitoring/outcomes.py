"""Outcome measures when many do not answer: what was seen, what it could be, what it would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from victimsmodel.disclosure.observed_counts import ObservedCounts
from victimsmodel.errors import InputError, Problem
from victimsmodel.monitoring.counted import Floats, Shown, require_columns, shown_rows

#: The four outcome categories that the Ministry of Justice asks services to report.
NATIONAL_OUTCOMES: Mapping[str, str] = {
    "health_and_wellbeing": "Improved health and well-being",
    "cope": "Better able to cope with aspects of everyday life",
    "safety": "Increased feelings of safety",
    "informed": "Better informed and empowered to act",
}
_WHERE = "outcome measures"
_COUNTS = ("eligible", "answered", "improved")


def wilson(events: ArrayLike, trials: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return Wilson's interval of shares, low and high, each in the shape of the counts.

    Trials may be an effective number that is not whole; no trials give the interval from 0 to 1.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, 209-212; through statsmodels.
    """
    from statsmodels.stats.proportion import proportion_confint

    n = np.asarray(trials, np.float64)
    known = np.where(n > 0, n, 1.0)
    low, high = proportion_confint(np.asarray(events, np.float64), known, 1 - level, "wilson")
    return np.where(n > 0, np.clip(low, 0, 1), 0.0), np.where(n > 0, np.clip(high, 0, 1), 1.0)


def share_if_others_differ(share: ArrayLike, response: ArrayLike, odds_ratio: ArrayLike) -> Floats:
    """Return the share of everyone if the odds of those who did not answer differ by a factor.

    Pattern mixture: ``r p + (1 - r) d p / (1 - p + d p)`` with share p and response r. It rises with p,
    so that the limits of an interval of p map to limits of the result.

    Parameters
    ----------
    share : array_like
        Among those who answered.
    response : array_like
        Part of those eligible who answered.
    odds_ratio : array_like
        Odds of improvement of those who did not answer over the odds of those who did; 1: no difference.

    References
    ----------
    Little (1993), Pattern-mixture models for multivariate incomplete data, Journal of the American
    Statistical Association 88, 125-134; sensitivity parameter as in White, Horton, Carpenter and Pocock
    (2011), BMJ 342, d40.
    """
    p, r, d = (np.asarray(x, np.float64) for x in (share, response, odds_ratio))
    return np.asarray(r * p + (1 - r) * d * p / (1 - p + d * p))


def tipping_odds_ratio(share: float, response: float, threshold: float) -> float:
    """Return the odds ratio at which the share of everyone would equal a threshold.

    Returns
    -------
    float
        NaN if the threshold cannot be reached whatever those who did not answer would have said.
    """
    if not 0 < share < 1 or not 0 <= response < 1:
        return float("nan")
    others = (threshold - response * share) / (1 - response)  # share that the others would need
    if not 0 < others < 1:
        return float("nan")
    return others / (1 - others) / (share / (1 - share))


def outcome_measures(
    table: pd.DataFrame | ObservedCounts,
    *,
    odds_ratios: Sequence[float] = (0.5, 1.0, 2.0),
    level: float = 0.95,
) -> pd.DataFrame:
    """Return each outcome measure with its interval, its bounds and what non-response could do.

    Parameters
    ----------
    table : DataFrame or ObservedCounts
        Columns measure, eligible (victims whose support ended), answered, improved; optionally group.
        Observed counts are released first, and a row with a hidden count is left out of its measure.
        With groups, answers are weighted so that each group counts by its eligible victims.
    odds_ratios : sequence of float
        Assumed odds ratios between those who did not answer and those who did, above 0.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row for each measure and odds ratio: measure, title, eligible, answered, improved, response,
        share, low, high (Wilson), worst, best (nobody or everybody of the others improved), design_effect,
        weighted, weighted_low, weighted_high, odds_ratio, adjusted, adjusted_low, adjusted_high, words.

    Raises
    ------
    InputError
        For counts that cannot be, a group of which nobody answered, or an odds ratio of 0 or less (VM159).

    Notes
    -----
    Groups give a post-stratified share. Its interval is Wilson's with the answers divided by Kish's design
    effect, ``n sum(w^2) / sum(w)^2`` (Kish 1965, Survey Sampling), which is what the weights cost.
    """
    shown = shown_rows(table, "measure", _COUNTS, _WHERE)
    table = shown.table
    require_columns(table, ("measure", *_COUNTS), _WHERE)
    problems = _problems(table, odds_ratios)
    if problems:
        raise InputError(problems)
    rows = []
    for measure, own in table.groupby("measure", sort=False):
        found = _of_measure(str(measure), own, level)
        for odds_ratio in odds_ratios:
            middle, low, high = _adjusted(own, (found["weighted_low"], found["weighted_high"]), odds_ratio)
            adjusted = {"adjusted": middle, "adjusted_low": low, "adjusted_high": high}
            row = {**found, "odds_ratio": float(odds_ratio), **adjusted}
            rows.append({**row, "words": " ".join((_words(row, level), *_left_out(shown, str(measure))))})
    return pd.DataFrame(rows)


def _left_out(shown: Shown, measure: str) -> tuple[str, ...]:
    n = shown.hidden.count(measure)
    return (f"Groups left out, for a count in them is small or would give one away: {n}.",) if n else ()


def _problems(table: pd.DataFrame, odds_ratios: Sequence[float]) -> list[Problem]:
    found = [
        Problem(_WHERE, "odds_ratios", f"{x:g}", "must be above 0 and finite", "VM159")
        for x in odds_ratios
        if not 0 < x < np.inf
    ]
    groups = table["group"] if "group" in table.columns else pd.Series("", table.index)
    twice = pd.DataFrame({"measure": table["measure"], "group": groups}).duplicated().to_numpy()
    counts = table[list(_COUNTS)].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    for row, (numbers, again) in enumerate(zip(counts, twice, strict=True), start=1):
        place = f"{_WHERE}, row {row}"
        whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= 0)
        found += [
            Problem(place, name, "", "must be a whole number of at least 0", "VM159")
            for name, is_fine in zip(_COUNTS, whole, strict=True)
            if not is_fine
        ]
        if again:
            found.append(Problem(place, "measure", "", "must stand once for each group", "VM159"))
        if not whole.all():
            continue
        eligible, answered, improved = numbers
        if not improved <= answered <= eligible:
            allowed = "must be at most answered, and that at most eligible"
            found.append(Problem(place, "improved", "", allowed, "VM159"))
        elif eligible > 0 and answered == 0:
            hint = "Join the group with one like it." if "group" in table.columns else ""
            allowed = "must be above 0 where victims are eligible"
            found.append(Problem(place, "answered", "0", allowed, "VM159", hint))
    return found


def _of_measure(measure: str, own: pd.DataFrame, level: float) -> dict[str, Any]:
    """Return one measure over its groups."""
    counts = own[own["eligible"] > 0]
    eligible, answered, improved = (counts[name].to_numpy(np.float64) for name in _COUNTS)
    n = answered.sum()
    low, high = wilson(improved.sum(), n, level)
    weights = eligible / answered  # of one answer
    weighted = float((eligible * improved / answered).sum() / eligible.sum())
    design_effect = float(n * (answered * weights**2).sum() / (answered * weights).sum() ** 2)
    weighted_low, weighted_high = wilson(weighted * n / design_effect, n / design_effect, level)
    return {
        "measure": measure,
        "title": NATIONAL_OUTCOMES.get(measure, measure),
        "eligible": float(eligible.sum()),
        "answered": float(n),
        "improved": float(improved.sum()),
        "response": float(n / eligible.sum()),
        "share": float(improved.sum() / n),
        "low": float(low),
        "high": float(high),
        "worst": float(improved.sum() / eligible.sum()),
        "best": float((improved.sum() + eligible.sum() - n) / eligible.sum()),
        "design_effect": design_effect,
        "weighted": weighted,
        "weighted_low": float(weighted_low),
        "weighted_high": float(weighted_high),
    }


def _adjusted(own: pd.DataFrame, ends: tuple[float, float], odds_ratio: float) -> tuple[float, ...]:
    """Return the share of everyone under an odds ratio, with the interval of the weighted share.

    Within each group the others differ by the odds ratio. An end of the interval moves the log odds of all
    groups alike; with one group that is the exact image of the end.
    """
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    counts = own[own["eligible"] > 0]
    eligible, answered, improved = (counts[name].to_numpy(np.float64) for name in _COUNTS)
    part, response = eligible / eligible.sum(), answered / eligible
    inside = logit((improved + 0.5) / (answered + 1))  # finite where nobody or everybody improved

    def at(end: float) -> Floats:
        if not 0 < end < 1:
            return np.full(len(part), end)
        shift = brentq(lambda k: float(part @ expit(inside + k)) - end, -60, 60)
        return np.asarray(expit(inside + shift))

    shares = (improved / answered, at(ends[0]), at(ends[1]))
    return tuple(float(part @ share_if_others_differ(share, response, odds_ratio)) for share in shares)


def _words(row: Mapping[str, Any], level: float) -> str:
    def percent(name: str) -> str:
        return f"{100 * float(row[name]):.0f}%"

    text = (
        f"{row['title']}: {percent('share')} of the {row['answered']:.0f} who answered"
        f" ({100 * level:.0f}% interval {percent('low')} to {percent('high')})."
        f" {row['eligible']:.0f} were eligible: the share of all lies between {percent('worst')} and"
        f" {percent('best')}, whatever the others would have said."
    )
    ratio = float(row["odds_ratio"])
    if ratio == 1:
        return f"{text} If the others were like those who answered: {percent('adjusted')}."
    return f"{text} If the odds of the others were {ratio:g} times as high: {percent('adjusted')}."

"""How far the victims found from recorded crime lie from the total that the scenario states, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.persons import CrimeDraws
from victimsmodel.demand.reconciliation import Step
from victimsmodel.inputs.quantities import TAIL

_QUANTILES = (TAIL, 0.5, 1 - TAIL)
#: Steps after which the running total is set beside the stated one, and what it then counts.
_SET_BESIDE = {
    "recorded": "Recorded crime",
    "business": "Offences that may have a person as victim",
    "fraud": "Offences against people",
    "elsewhere": "Different victims of recorded crime",
    "no_need": "Victims in need",
}
_ASSUMED = ("not_persons", "repeats")
_IN_NEED = "no_need"
_SAME_STEPS = "No test: the stated total was made from these steps"
_SAME_NEED = "No test: need is shifted to the stated need"


def is_made_from_the_steps(drawn: CrimeDraws) -> bool:
    """Say whether the stated total has the counts of recorded crime as its source, as `new` writes it."""
    return drawn.demand.victims_per_year.source == drawn.described.people.source


def distance_from_stated(drawn: CrimeDraws, steps: Sequence[Step]) -> pd.DataFrame:
    """Return the running totals of the reconciliation beside the stated victims and victims in need.

    Parameters
    ----------
    drawn : CrimeDraws
        The ``victims_per_year`` of its demand is the stated total, times ``need`` the stated number in need.
    steps : sequence of Step
        From `reconciliation_steps`.

    Returns
    -------
    DataFrame
        Columns step, title, low, value, high, stated_low, stated, stated_high, distance (value less
        stated), distance_share (of the stated; NaN where that is nobody), within (share of draws inside
        the stated range; NaN where that would test nothing), untested (why it would; empty otherwise).

    Notes
    -----
    Need by crime type is shifted until it averages to the stated need, so that the victims in need say
    nothing about the need that is stated; and a total that was made from the steps says nothing about them.
    """
    totals = _running_totals(steps)
    stated, need = drawn.demand.victims_per_year, drawn.demand.need
    same_steps = _SAME_STEPS if is_made_from_the_steps(drawn) else ""
    rows = []
    for step, title in _SET_BESIDE.items():
        low, value, high = np.quantile(totals[step], _QUANTILES)
        beside = np.array([stated.interval[0], stated.median, stated.interval[1]])
        untested = same_steps
        if step == _IN_NEED:
            beside = stated.median * np.array([need.interval[0], need.median, need.interval[1]])
            untested = same_steps or _SAME_NEED
        inside = (totals[step] >= beside[0]) & (totals[step] <= beside[2])
        within = np.nan if untested else float(inside.mean())
        distance = (value - beside[1], value / beside[1] - 1 if beside[1] > 0 else np.nan)
        rows.append((step, title, low, value, high, *beside, *distance, within, untested))
    columns = ["step", "title", "low", "value", "high", "stated_low", "stated", "stated_high"]
    return pd.DataFrame(rows, columns=[*columns, "distance", "distance_share", "within", "untested"])


def _running_totals(steps: Sequence[Step]) -> dict[str, NDArray[np.float64]]:
    totals = np.cumsum([step.change for step in steps], axis=0)
    return {step.step: total for step, total in zip(steps, totals, strict=True)}


def explain_distance(
    drawn: CrimeDraws,
    steps: Sequence[Step],
    distance: pd.DataFrame,
    residents: dict[str, float] | None = None,
) -> list[str]:
    """Return the distance in plain sentences, most important first.

    Parameters
    ----------
    drawn : CrimeDraws
    steps : sequence of Step
        From `reconciliation_steps`.
    distance : DataFrame
        From `distance_from_stated`.
    residents : dict of str to float, optional
        Residents by area; the stated total is then also given per resident.
    """
    described = drawn.described
    change = {s.step: float(np.median(s.change)) for s in steps}
    rows = distance.set_index("step")
    victims, crime = rows.loc["elsewhere"], rows.loc["recorded"]
    taken = f"{_round(-change['society'])} against society, {_round(-change['business'])} against businesses"
    taken += f", {_round(-change['not_persons'])} against organisations within the other crime types"
    untouched = victims["value"] - sum(change[step] for step in _ASSUMED)
    sentences = [
        _on_victims(described.year, victims, is_made_from_the_steps(drawn)),
        f"Recorded crime itself ({_round(crime['value'])} offences) is {_round(abs(crime['distance']))} "
        f"{'above' if crime['distance'] > 0 else 'below'} the stated total. Off come {taken} and "
        f"{_round(-change['repeats'])} further incidents of the same persons; {_round(change['fraud'])} "
        f"frauds against people and {_round(change['elsewhere'])} victims of other forces are added.",
        f"In need are {_range(rows.loc[_IN_NEED])}; stated are {_range(rows.loc[_IN_NEED], 'stated')}. That "
        "is no test of the stated need: need by crime type is shifted to average to it in every draw.",
        "No count exists for organisations within the other crime types, nor for repeat victims: both steps "
        f"rest mostly on assumptions. Without them there would be {_round(untouched)} victims a year.",
    ]
    if described.stated_counts:
        sentences.insert(1, described.stated_counts)
    if residents:
        people = sum(residents.values())
        sentences.append(
            f"For {_round(people)} residents that is {victims['value'] / people:.4f} victims a resident; the "
            f"stated total is {victims['stated'] / people:.4f}."
        )
    return sentences


def _on_victims(year: str, victims: pd.Series, is_same: bool) -> str:
    found = f"Recorded crime of {year} leads to {_range(victims)} different victims a year"
    if is_same:
        return (
            f"{found}. The total that the scenario states, {_range(victims, 'stated')}, was made from these "
            "very steps: that they agree says nothing about either. A count of victims from elsewhere would."
        )
    share = "" if np.isnan(victims["distance_share"]) else f" ({victims['distance_share']:+.1%})"
    return (
        f"{found}; stated are {_range(victims, 'stated')}. The distance is {_signed(victims['distance'])}"
        f"{share}; {victims['within']:.0%} of the draws lie in the stated range."
    )


def _round(x: float) -> str:
    return f"{round(x, -2):,.0f}"


def _signed(x: float) -> str:
    return f"{round(x, -2):+,.0f}"


def _range(row: pd.Series, name: str = "") -> str:
    low, value, high = ("stated_low", "stated", "stated_high") if name else ("low", "value", "high")
    return f"{_round(row[value])} ({_round(row[low])} to {_round(row[high])})"

"""How far the victims found from recorded crime lie from the total that the scenario states, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.persons import reconciliation_points
from victimsmodel.demand.reconciliation import Step, reconciliation_steps
from victimsmodel.inputs.from_crime import FromCrime
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Demand

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


def distance_from_stated(
    demand: Demand, described: FromCrime, n_draws: int = 1000, seed: int = 1
) -> pd.DataFrame:
    """Return the running totals of the reconciliation beside the stated victims and victims in need.

    Parameters
    ----------
    demand : Demand
        Its ``victims_per_year`` is the stated total, times ``need`` the stated number in need.
    described : FromCrime
    n_draws : int
        Samples of the uncertain inputs; 1 gives the central case.
    seed : int

    Returns
    -------
    DataFrame
        Columns step, title, low, value, high, stated_low, stated, stated_high, distance (value less
        stated), distance_share (of the stated), within (share of draws inside the stated range).
    """
    points = reconciliation_points(demand, described, n_draws, seed)
    steps = reconciliation_steps(demand, described, points)
    totals = _running_totals(steps)
    stated, need = demand.victims_per_year, demand.need
    rows = []
    for step, title in _SET_BESIDE.items():
        low, value, high = np.quantile(totals[step], _QUANTILES)
        beside = np.array([stated.interval[0], stated.median, stated.interval[1]])
        if step == "no_need":
            beside = stated.median * np.array([need.interval[0], need.median, need.interval[1]])
        within = float(np.mean((totals[step] >= beside[0]) & (totals[step] <= beside[2])))
        rows.append(
            (step, title, low, value, high, *beside, value - beside[1], value / beside[1] - 1, within)
        )
    columns = "step title low value high stated_low stated stated_high distance distance_share within"
    return pd.DataFrame(rows, columns=columns.split())


def _running_totals(steps: list[Step]) -> dict[str, NDArray[np.float64]]:
    totals = np.cumsum([step.change for step in steps], axis=0)
    return {step.step: total for step, total in zip(steps, totals, strict=True)}


def explain_distance(
    demand: Demand,
    described: FromCrime,
    n_draws: int = 1000,
    seed: int = 1,
    residents: dict[str, float] | None = None,
) -> list[str]:
    """Return the distance in plain sentences, most important first.

    Parameters
    ----------
    demand, described, n_draws, seed
        As for `distance_from_stated`.
    residents : dict of str to float, optional
        Residents by area; the stated total is then also given per resident.
    """
    points = reconciliation_points(demand, described, n_draws, seed)
    change = {s.step: float(np.median(s.change)) for s in reconciliation_steps(demand, described, points)}
    rows = distance_from_stated(demand, described, n_draws, seed).set_index("step")
    victims, need, crime = rows.loc["elsewhere"], rows.loc["no_need"], rows.loc["recorded"]
    taken = f"{_round(-change['society'])} against society, {_round(-change['business'])} against businesses"
    taken += f", {_round(-change['not_persons'])} against organisations within the other crime types"
    untouched = victims["value"] - sum(change[step] for step in _ASSUMED)
    sentences = [
        f"Recorded crime of {described.year} leads to {_range(victims)} different victims a year; stated are "
        f"{_range(victims, 'stated')}. The distance is {_signed(victims['distance'])} "
        f"({victims['distance_share']:+.1%}); {victims['within']:.0%} of the draws lie in the stated range.",
        f"Recorded crime itself ({_round(crime['value'])} offences) is {_round(abs(crime['distance']))} "
        f"{'above' if crime['distance'] > 0 else 'below'} the stated total. Off come {taken} and "
        f"{_round(-change['repeats'])} further incidents of the same persons; {_round(change['fraud'])} "
        f"frauds against people and {_round(change['elsewhere'])} victims of other forces are added.",
        f"In need are {_range(need)}; stated are {_range(need, 'stated')}.",
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


def _round(x: float) -> str:
    return f"{round(x, -2):,.0f}"


def _signed(x: float) -> str:
    return f"{round(x, -2):+,.0f}"


def _range(row: pd.Series, name: str = "") -> str:
    low, value, high = ("stated_low", "stated", "stated_high") if name else ("low", "value", "high")
    return f"{_round(row[value])} ({_round(row[low])} to {_round(row[high])})"

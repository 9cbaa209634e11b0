"""From the recorded crime of a year to victims in need, in steps that add up in every draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.persons import CrimeDraws, draw_crime, fraud_offences, need_by_type
from victimsmodel.errors import InvariantError
from victimsmodel.inputs.from_crime import FromCrime
from victimsmodel.inputs.quantities import TAIL, Estimate
from victimsmodel.inputs.scenario import Demand

_QUANTILES = (TAIL, 0.5, 1 - TAIL)
_REL_TOL = 1e-9


class Step(NamedTuple):
    """One row of the reconciliation: a signed change and what it leads to."""

    step: str
    title: str
    change: NDArray[np.float64]  # (n_draws,)
    unit: str  # of the result
    source: str
    note: str


def reconciliation_steps(drawn: CrimeDraws) -> list[Step]:
    """Return the steps from recorded crime to victims in need, with the change of every draw.

    Raises
    ------
    InvariantError
        If the changes do not add up to the victims in need by crime type.
    """
    demand, described, points, found, victims = drawn
    different = victims.recorded.sum(axis=-1)
    n_draws = drawn.n_draws
    groups = (described.people, described.business, described.society)
    people, business, society = (sum(group.values.values()) for group in groups)
    fraud = fraud_offences(described, found)
    persons = victims.offences.sum(axis=-1)
    everyone = victims.recorded * (1 + victims.elsewhere / different)[:, None]
    need = need_by_type(demand, points, victims.crime_types, everyone)
    changes = {
        "recorded": np.full(n_draws, people + business + society),
        "society": np.full(n_draws, -society),
        "business": np.full(n_draws, -business),
        "not_persons": persons - fraud - people,
        "fraud": fraud,
        "repeats": different - persons,
        "elsewhere": victims.elsewhere,
        "no_need": -(everyone * (1 - need)).sum(axis=-1),
    }
    in_need = (everyone * need).sum(axis=-1)
    if not np.allclose(sum(changes.values(), np.zeros(n_draws)), in_need, rtol=_REL_TOL):
        raise InvariantError("the steps from recorded crime do not add up to the victims in need")
    words = {**_offence_words(described), **_victim_words(demand, described)}
    return [Step(name, change=change, **words[name]) for name, change in changes.items()]


def _offence_words(described: FromCrime) -> dict[str, dict[str, str]]:
    """Return title, unit, source and note of the steps that count offences."""
    fraud = described.fraud
    reports = f"{sum(fraud.reports.values.values()):,.0f} reports, {fraud.person_share.centre:.0%} by people"
    words = {
        "recorded": (f"Recorded crime, {described.year}", described.people.source, described.people.note),
        "society": ("Crimes against society", described.society.source, _counts(described.society.values)),
        "business": (
            "Crimes against businesses",
            described.business.source,
            _counts(described.business.values),
        ),
        "not_persons": ("Organisations within the other crime types", *_sources(described.not_persons)),
        "fraud": (
            "Fraud against people: offences against people",
            fraud.person_share.source,
            "; ".join(filter(None, (reports, fraud.reports.note))),
        ),
    }
    return {
        name: {"title": title, "unit": "offences", "source": source, "note": note}
        for name, (title, source, note) in words.items()
    }


def _victim_words(demand: Demand, described: FromCrime) -> dict[str, dict[str, str]]:
    """Return title, unit, source and note of the steps that count persons."""
    others = {other.title: other.victims_per_year for other in described.elsewhere.values()}
    shares = ", ".join(f"{_plain(name)} {e.centre:.0%}" for name, e in described.repeats.items())
    again = f"two or more incidents: {shares}; a further one follows with {described.again.centre:.0%}"
    words = {
        "repeats": ("Repeat victimisation: different victims", _sources(described.repeats)[0], again),
        "elsewhere": ("Recorded by other police forces", *_sources(others)),
        "no_need": ("Without unmet need: victims in need", demand.need.source, demand.need.note),
    }
    return {
        name: {"title": title, "unit": "victims/year", "source": source, "note": note}
        for name, (title, source, note) in words.items()
    }


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _counts(values: dict[str, float]) -> str:
    return ", ".join(f"{_plain(name)} {count:,.0f}" for name, count in values.items())


def _sources(estimates: dict[str, Estimate]) -> tuple[str, str]:
    """Return the sources of several estimates, each once, and their notes."""
    sources = dict.fromkeys(estimate.source for estimate in estimates.values())
    notes = [f"{_plain(name)}: {e.note}" for name, e in estimates.items() if e.note]
    return ", ".join(sources), "; ".join(notes)


def reconcile(demand: Demand, described: FromCrime, n_draws: int = 1000, seed: int = 1) -> pd.DataFrame:
    """Return the reconciliation from recorded crime to victims in need, one row per step.

    Parameters
    ----------
    demand : Demand
        Gives need by crime type and the stated average need.
    described : FromCrime
    n_draws : int
        Samples of the uncertain inputs; 1 gives the central case.
    seed : int

    Returns
    -------
    DataFrame
        Columns step, title, change_low, change, change_high, result_low, result, result_high (5th
        percentile, median, 95th), unit (of the result), source, note. The steps add up in every
        draw; medians need not.
    """
    return reconciliation_table(reconciliation_steps(draw_crime(demand, described, n_draws, seed)))


def reconciliation_table(steps: Sequence[Step]) -> pd.DataFrame:
    """Return the steps as the table that `reconcile` describes."""
    changes = np.stack([step.change for step in steps], axis=-1)
    change, result = (np.quantile(x, _QUANTILES, axis=0) for x in (changes, changes.cumsum(axis=-1)))
    rows = pd.DataFrame({"step": [s.step for s in steps], "title": [s.title for s in steps]})
    for name, numbers in (("change", change), ("result", result)):
        for suffix, column in zip(("_low", "", "_high"), numbers, strict=True):
            rows[name + suffix] = column
    for name in ("unit", "source", "note"):
        rows[name] = [getattr(step, name) for step in steps]
    return rows

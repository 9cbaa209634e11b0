"""What a calibration foretells of totals that were kept back from it: published ones, and a next quarter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from victimsmodel.disclosure.stated_counts import shown_total, shown_trials
from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.calibrate import Calibration
from victimsmodel.pathway.observing import draw_data, log_density, observed_data, shown_scale
from victimsmodel.pathway.proposals import log_mixture
from victimsmodel.pathway.simulation_based import next_coverage
from victimsmodel.pathway.weights import smoothed
from victimsmodel.records import Result

LEVEL = 0.9  # of the predictive intervals
#: Kinds of rows: a published total kept back; a quarter foretold without a return; after a year's return.
PUBLISHED, NEXT, AFTER_YEAR = "published", "next_quarter", "after_four_quarters"

_QUARTERS = 4
_PREDICTED = 4_000  # data drawn for each interval
_TAILS = ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2)
_ENDS = ("low", "median", "high")
_COLUMNS = ("observation", "is_share", "kind", "observed", *_ENDS, "is_within")


def kept_back(
    found: Calibration, referrals: Mapping[int, float], n_returns: int = 300, seed: int = 1
) -> pd.DataFrame:
    """Return how well totals that were kept back are foretold.

    Each observed total is kept back in turn and foretold from the stated inputs and the other totals. Where
    no quarters are published, invented ones serve: the truth is drawn from the calibrated inputs, and of it a
    return of four quarters, of the size that the service has; calibrated to them, the fifth quarter is
    foretold and drawn. That tells whether intervals hold what they say, if the service is one of those that
    the model can be; not whether it is.

    Parameters
    ----------
    found : Calibration
    referrals : mapping of int to float
        For each observed share, by its place: persons a year of whom it is a share, from `yearly_trials`.
    n_returns : int
        Invented returns.
    seed : int

    Returns
    -------
    DataFrame
        observation; is_share; kind (``published``, ``next_quarter`` without a return,
        ``after_four_quarters`` of one); observed (published only); low, median, high: of the predictive
        distribution at 90 %, sampling included, after four quarters the medians over returns; is_within
        (published only); covered (share of fifth quarters within the interval), standard_error (of it, if
        intervals hold 90 %), n_returns, trials (persons a quarter), n_others (totals left to foretell from).
        Shares, or persons a year or quarter.

    References
    ----------
    Gelman and others (2013), Bayesian Data Analysis, 3rd edition, section 6.3 (replications of future data
    for the same truth), and `simulation_based`.
    """
    generator = np.random.Generator(np.random.Philox(key=[seed, n_returns]))
    rows: list[dict[str, object]] = []
    quarters = [_quarter(row, referrals.get(i)) for i, row in enumerate(found.observed)]
    n_totals = len(quarters)
    before = [row for row in quarters for _ in range(_QUARTERS)]
    covered = next_coverage(
        (before, np.repeat(found.totals, _QUARTERS, axis=1)),
        (quarters, found.totals),
        LEVEL,
        n_returns,
        seed,
        weights=found.weights.values,
    )
    for i, (row, quarter) in enumerate(zip(found.observed, quarters, strict=True)):
        named = {"observation": row.label, "is_share": row.is_share}
        rows.append(named | {"kind": PUBLISHED, "n_others": n_totals - 1} | _foretold(found, i, generator))
        drawn = _drawn(found, i, found.weights.values, quarter, 0.0, generator)
        size = {"trials": quarter.trials or np.nan}
        rows.append(named | {"kind": NEXT} | _ends(quarter, drawn) | size)
        told = covered.iloc[i]
        after = _named(quarter, told[list(_ENDS)].to_numpy(np.float64))
        counted = {name: told[name] for name in ("covered", "standard_error")}
        rows.append(named | {"kind": AFTER_YEAR, "n_returns": n_returns} | after | counted | size)
    more = ("covered", "standard_error", "n_returns", "trials", "n_others")
    return pd.DataFrame(rows).reindex(columns=[*_COLUMNS, *more])


def yearly_trials(
    result: Result, scenario: Scenario, observed: tuple[ObservedTotal, ...]
) -> dict[int, float]:
    """Return, by place, the persons a year of whom each observed share is a share in business as usual."""
    funnel = result.funnel[result.funnel["option"] == BUSINESS_AS_USUAL]
    n_runs = len(funnel[["draw", "replication"]].drop_duplicates())
    found = {}
    for i, row in enumerate(observed):
        if row.of is None:
            continue
        groups = [group.name for group in scenario.groups if row.group is None or row.group in group[:3]]
        kept = (funnel["stage"] == row.of) & (funnel["who"] == row.who) & funnel["group"].isin(groups)
        found[i] = float(funnel.loc[kept, "victims"].sum()) / n_runs / scenario.period.years
    return found


def _quarter(row: ObservedTotal, referrals: float | None) -> ObservedTotal:
    """Return a quarter of a service of that size, in which the same is counted."""
    known: dict[str, Any] = row.model_dump(include={"stage", "of", "who", "group", "correlation"})
    known |= {"period": "next quarter", "source": row.source, "definition": row.definition, "events": 0}
    if row.of is None:
        return ObservedTotal(**known, years=1 / _QUARTERS)
    return ObservedTotal(**known, trials=max(1, round((referrals or 0.0) / _QUARTERS)))


def _foretold(found: Calibration, i: int, generator: np.random.Generator) -> dict[str, object]:
    """Return what the other totals and the stated inputs foretell of one total."""
    data, extra = observed_data(found.observed), found.extra_sd
    others = [j for j in range(len(found.observed)) if j != i]
    terms = [log_density(found.observed[j], found.totals[:, j], data[j], extra[j]) for j in others]
    likelihood = np.sum(terms, axis=0) if terms else np.zeros(found.totals.shape[0])
    bank = found.bank
    weights = smoothed(likelihood - log_mixture(bank.proposals, bank.sizes, bank.scores)).values
    row = found.observed[i]
    scenario = found.predictor.scenario
    as_shown = shown_trials(row, scenario)
    ends = _ends(as_shown, _drawn(found, i, weights, as_shown, float(extra[i]), generator))
    is_within = ends["low"] <= float(shown_scale(row, data[i])) <= ends["high"]
    return {"observed": shown_total(row, scenario).value, **ends, "is_within": is_within}


def _drawn(
    found: Calibration,
    i: int,
    weights: Floats,
    row: ObservedTotal,
    extra: float,
    generator: np.random.Generator,
) -> Floats:
    chosen = generator.choice(weights.size, _PREDICTED, p=weights)
    return draw_data(row, found.totals[chosen, i], generator, extra)


def _ends(row: ObservedTotal, data: Floats) -> dict[str, float]:
    return _named(row, np.quantile(data, _TAILS))


def _named(row: ObservedTotal, numbers: Floats) -> dict[str, float]:
    """Return low, median and high as shares, or persons of the period."""
    shown = shown_scale(row, numbers) if row.is_share or not row.is_counted else numbers
    return dict(zip(_ENDS, (float(x) for x in shown), strict=True))

"""Which leak to fix first: what each lever would add, while the next bottleneck binds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.appraisal.alternatives import (
    counts_alone,
    expected,
    measure_by_draw,
    measures_by_draw,
    simulated,
    with_services,
)
from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.priced import price_factor
from victimsmodel.appraisal.shapley import Floats
from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import Points, draw_points, stratified_points
from victimsmodel.inputs.levers import Lever
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.service import Service
from victimsmodel.pathway.growth import check_growth, lever_names
from victimsmodel.pathway.plan_staff import fte_by_day
from victimsmodel.pathway.results import Counters, Progress
from victimsmodel.pathway.sizes import check_sizes
from victimsmodel.records import EXITS

#: Part of its productive time, or of its places for open cases, from which a role is at its ceiling.
CEILING = 0.95

#: Why no cost per extra victim is given.
UNCLEAR, UNKNOWN, SAVES = "no clear gain", "cost unknown", "saves money"

_COST = "levers.{name}.cost_per_year"


class _Runs(NamedTuple):
    """Business as usual and every lever, in every draw; index option, draw."""

    queued: pd.DataFrame  # measures, with the staff there are
    ample: dict[str, Floats]  # victims in need supported with ample staff, by option
    use: dict[str, dict[str, Floats]]  # how far each role is used, by option and role
    left: dict[str, Floats]  # victims in need who left or were closed while waiting


def rank_levers(
    scenario: Scenario,
    n_draws: int = 20,
    n_replications: int = 1,
    seed: int = 1,
    n_jobs: int | None = None,
    on_progress: Progress | None = None,
) -> pd.DataFrame:
    """Return the levers of a scenario, the one that supports most extra victims in need first.

    Each lever is simulated alone against business as usual, on the same victims, with queues: what
    one stage lets through meets the staff there are, so that the next bottleneck binds. The exact
    engine says beside it what the lever would add if staff were ample.

    Parameters
    ----------
    scenario : Scenario
        With ``levers``.
    n_draws, n_replications, seed : int
        As for `simulate`.
    n_jobs : int, optional
        Threads; the number of processors by default.
    on_progress : callable, optional
        Called as runs finish.

    Returns
    -------
    DataFrame
        A row for each lever. Columns lever, title, stage, then victims in need supported more than in
        business as usual: extra (mean over draws), low, high (its 90 % interval), standard_error (of
        the mean, from draws), probability_positive, probability_best (of draws in which no other
        lever adds more; ties shared; a draw in which none adds anything counts for none); the same
        with ample staff: ample, ample_low, ample_high. Then bottleneck (the role that is used most
        under the lever; empty where that is below its `CEILING` in most draws), bottleneck_use (mean part
        of its time or places), bottleneck_probability (of draws in which it is at its ceiling), extra_left
        (victims in need who leave or are closed while waiting, more than in business as usual); cost
        (GBP over the period, staff and cases included), cost_low, cost_high; cost_per_extra (GBP per
        extra victim in need: ratio of the means), cost_per_extra_low, cost_per_extra_high (5th and
        95th percentile of the ratio over draws), remark (why there is no cost per extra victim);
        source, quality, note; n_draws.

    Raises
    ------
    InputError
        If the scenario states no levers, for numbers out of range, or for a queue that nobody leaves and
        that grows without end (VM290).
    """
    check_sizes(n_draws, n_replications, seed)
    if not scenario.levers:
        allowed = "must state at least one lever to rank"
        raise input_error(scenario.name, allowed, "VM154", field="levers")
    check_growth(scenario, [BUSINESS_AS_USUAL, *lever_names(scenario)])
    runs, points = _runs(scenario, n_draws, n_replications, seed, (n_jobs, on_progress))
    extra = _differences(runs.queued[EFFECT], scenario)
    ample = {name: runs.ample[name] - runs.ample[BUSINESS_AS_USUAL] for name in scenario.levers}
    modelled = _differences(runs.queued["total_cost"], scenario)
    best = _best(extra)
    rows = []
    for name, lever in scenario.levers.items():
        cost = modelled[name] + _further_cost(name, lever, points, scenario) * scenario.period.years
        rows.append(
            {
                "lever": name,
                "title": lever.title,
                "stage": lever.stage,
                **_summary("extra", extra[name]),
                "standard_error": _standard_error(extra[name]),
                "probability_positive": (extra[name] > 0).mean(),
                "probability_best": best[name],
                **_summary("ample", ample[name], "ample_"),
                **_bottleneck(runs.use[name]),
                "extra_left": (runs.left[name] - runs.left[BUSINESS_AS_USUAL]).mean(),
                **_summary("cost", cost, "cost_"),
                **_cost_per_extra(cost, extra[name]),
                "source": lever.source,
                "quality": lever.quality or "",
                "note": lever.note,
            }
        )
    table = pd.DataFrame(rows).assign(n_draws=n_draws)
    return table.sort_values("extra", ascending=False, kind="stable", ignore_index=True)


def _runs(
    scenario: Scenario, n_draws: int, n_replications: int, seed: int, how: tuple[Any, Any]
) -> tuple[_Runs, Points]:
    usual = scenario.options[BUSINESS_AS_USUAL].service
    services = {BUSINESS_AS_USUAL: usual} | {name: each.improved for name, each in scenario.levers.items()}
    every = with_services(scenario, services)
    points = draw_points(every, n_draws, seed)
    for name in scenario.levers:  # in no other result: drawn here
        key = _COST.format(name=name)
        points[key] = np.array([0.5]) if n_draws == 1 else stratified_points(seed, key, n_draws)
    kept: dict[str, Counters] = {}
    use: dict[str, dict[str, Floats]] = {}
    left: dict[str, Floats] = {}
    for name, counters in simulated(every, points, seed, n_replications, *how):
        use[name] = role_use(services[name], counters, scenario)
        waiting = counters.exits[:, :, :, 1, EXITS.index("reneged")]
        left[name] = waiting.sum(axis=2).mean(axis=1)
        kept[name] = counts_alone(counters)
    ample = dict(
        zip(services, measure_by_draw(every, points, dict(expected(every, points)), EFFECT), strict=True)
    )
    return _Runs(measures_by_draw(every, points, kept), ample, use, left), points


def role_use(service: Service, counters: Counters, scenario: Scenario) -> dict[str, Floats]:
    """Return the part of its productive time that each role works, or of its places that are taken.

    Of the two the larger, in each draw, over the counted days; shape (n_draws,).
    """
    assert counters.available is not None
    assert counters.cases is not None
    minutes, available = counters.minutes.sum(axis=3).mean(axis=1), counters.available.mean(axis=1)
    use = dict(zip(service.staff, (minutes / np.maximum(available, 1e-9)).T, strict=True))
    holder = service.support.casework.role
    days = pd.date_range(scenario.period.start, scenario.period.end)
    places = np.floor(fte_by_day(service.staff[holder], days) * (service.staff[holder].caseload_cap or 0))
    if places.sum() > 0:
        taken = counters.cases[:, :, 1].sum(axis=2).mean(axis=1) / places.sum()
        use[holder] = np.maximum(use[holder], taken)
    return use


def _differences(measure: pd.Series[float], scenario: Scenario) -> dict[str, Floats]:
    """Return each lever's difference from business as usual in every draw, shape (n_draws,)."""
    usual = measure.xs(BUSINESS_AS_USUAL, level="option").to_numpy()
    return {name: measure.xs(name, level="option").to_numpy() - usual for name in scenario.levers}


def _best(extra: Mapping[str, Floats]) -> dict[str, float]:
    """Return the part of the draws in which each lever adds most."""
    values = np.stack(list(extra.values()))
    wins = (values == values.max(axis=0)) & (values > 0)
    parts = wins / np.maximum(wins.sum(axis=0), 1)
    return dict(zip(extra, parts.mean(axis=1).tolist(), strict=True))


def _further_cost(name: str, lever: Lever, points: Points, scenario: Scenario) -> Any:
    """Return what a lever costs beyond what the model counts, GBP a year, shape (n_draws,) or a number."""
    if lever.cost_per_year is None:
        return np.nan if lever.cost == "unknown" else 0.0
    year = scenario.price_year
    factor = price_factor(lever.cost_per_year.price_year or year, year, scenario)
    return factor * lever.cost_per_year.quantile(points[_COST.format(name=name)])


def _summary(name: str, values: Floats, prefix: str = "") -> dict[str, float]:
    low, high = np.quantile(values, [TAIL, 1 - TAIL])
    return {name: values.mean(), f"{prefix}low": low, f"{prefix}high": high}


def _standard_error(values: Floats) -> float:
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else np.nan


def _bottleneck(use: Mapping[str, Floats]) -> dict[str, object]:
    """Return the role that is used most on average, if it is at its ceiling in half of the draws."""
    role = max(use, key=lambda name: float(use[name].mean()))
    often = float((use[role] >= CEILING).mean())
    return {
        "bottleneck": role if often >= 0.5 else "",
        "bottleneck_use": float(use[role].mean()),
        "bottleneck_probability": often,
    }


def _cost_per_extra(cost: Floats, extra: Floats) -> dict[str, object]:
    """Return the ratio of mean cost to mean effect with its interval, or why there is none.

    There is none unless the interval of the effect lies above zero. A draw in which nobody more is
    supported makes the ratio infinite, so that the interval may have no upper end.
    """
    names = ("cost_per_extra", "cost_per_extra_low", "cost_per_extra_high")
    no = dict.fromkeys(names, np.nan)
    if np.isnan(cost).any():
        return {**no, "remark": UNKNOWN}
    if np.quantile(extra, TAIL) <= 0:
        return {**no, "remark": UNCLEAR}
    if np.quantile(cost, 1 - TAIL) < 0:
        return {**no, "remark": SAVES}
    ratio = np.divide(cost, extra, out=np.full(cost.shape, np.inf), where=extra > 0)
    low, high = np.quantile(ratio, [TAIL, 1 - TAIL], method="nearest")
    return dict(zip(names, (cost.mean() / extra.mean(), low, high), strict=True)) | {"remark": ""}

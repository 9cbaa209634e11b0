"""Why an option differs from business as usual: an order-free waterfall that sums exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from victimsmodel.appraisal.alternatives import (
    counts_alone,
    expected,
    measure_by_draw,
    simulated,
    with_services,
)
from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.outcomes import MEASURES, measures_of
from victimsmodel.appraisal.parts import MOST_PARTS, Block, block_name, blocks_of, mixed
from victimsmodel.appraisal.shapley import Floats, shares
from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.service import Service
from victimsmodel.pathway.results import Progress
from victimsmodel.pathway.simulate import checked_options
from victimsmodel.pathway.sizes import check_sizes

_COLUMNS = ("value", "low", "high", "standard_error", "least", "most")
_ALL_COLUMNS = ["option", "measure", "unit", "kind", "part", *_COLUMNS, "n_draws"]
_NONE = "0"  # the choice of no part
#: What stands before and after the parts of a waterfall.
START, END = "start", "end"


def explain_option(
    scenario: Scenario,
    option: str,
    measure: str = EFFECT,
    n_draws: int = 20,
    n_replications: int = 1,
    seed: int = 1,
    *,
    ample_staff: bool = False,
    most_parts: int = MOST_PARTS,
    n_jobs: int | None = None,
    on_progress: Progress | None = None,
) -> pd.DataFrame:
    """Return what each part of an option contributes to its difference from business as usual.

    Every combination of the parts is evaluated on the same victims, with queues, and each part gets
    its Shapley value: its mean contribution over all orders in which the parts could be introduced.
    In every draw the parts sum to the difference that `compare_options` reports for the same draws,
    replications and seed. Parts that only work together are one part.

    Parameters
    ----------
    scenario : Scenario
    option : str
        A key of ``scenario.options`` other than business as usual.
    measure : str
        Name of one of `outcomes.MEASURES`.
    n_draws, n_replications, seed : int
        As for `simulate`. With k parts, 2 ** k services are simulated.
    ample_staff : bool
        Use the exact engine: nobody waits, so that no part competes for staff with another.
    most_parts : int
        With more, parts that are close are taken as one (`parts.blocks_of`), which halves the services.
    n_jobs : int, optional
        Threads; the number of processors by default.
    on_progress : callable, optional
        Called as runs finish.

    Returns
    -------
    DataFrame
        Columns option, measure, unit, kind (start, part, end), part, value (mean over draws; of a
        part, its contribution), low, high (5th and 95th percentile over draws: the 90 % interval of
        the mean), standard_error (of the mean, from draws), least, most (mean contribution in the
        order that flatters it least and most), n_draws. First row business as usual, last row the option.

    Raises
    ------
    InputError
        For an unknown option or measure, or numbers out of range.
    """
    check_sizes(n_draws, n_replications, seed)
    _check(scenario, option, measure)
    blocks, services = _services(scenario, option, most_parts)
    every, points = with_services(scenario, services), draw_points(scenario, n_draws, seed)
    runs = (
        expected(every, points)
        if ample_staff
        else simulated(every, points, seed, n_replications, n_jobs, on_progress)
    )
    lean = {name: counts_alone(counters) for name, counters in runs}
    return _table(option, measure, blocks, measure_by_draw(every, points, lean, measure))


def explain_options(
    scenario: Scenario, n_draws: int, seed: int, most_parts: int = MOST_PARTS, n_jobs: int | None = None
) -> pd.DataFrame:
    """Return what each part of every option contributes to victims in need supported, with queues.

    Parameters
    ----------
    scenario : Scenario
    n_draws, seed, most_parts, n_jobs :
        As for `explain_option`; one replication.

    Returns
    -------
    DataFrame
        The waterfalls of `explain_option` below each other, in the order of the scenario; empty, with
        their columns, where there is no option but business as usual.
    """
    check_sizes(n_draws, 1, seed)
    found = {name: _services(scenario, name, most_parts) for name in scenario.options}
    usual = scenario.options[BUSINESS_AS_USUAL].service
    services = {_NONE: usual} | {
        f"{name} {subset}": service
        for name, (_, own) in found.items()
        for subset, service in own.items()
        if subset != _NONE
    }
    every, points = with_services(scenario, services), draw_points(scenario, n_draws, seed)
    runs = simulated(every, points, seed, 1, n_jobs)
    lean = {name: counts_alone(counters) for name, counters in runs}
    values = dict(zip(lean, measure_by_draw(every, points, lean, EFFECT), strict=True))
    tables = [
        _table(name, EFFECT, blocks, np.stack([values.get(f"{name} {i}", values[_NONE]) for i in own]))
        for name, (blocks, own) in found.items()
        if name != BUSINESS_AS_USUAL
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=_ALL_COLUMNS)


def _services(scenario: Scenario, option: str, most_parts: int) -> tuple[list[Block], dict[str, Service]]:
    """Return the parts of an option, and business as usual with each choice of them, by its bits."""
    usual, changed = (scenario.options[name].service for name in (BUSINESS_AS_USUAL, option))
    blocks = blocks_of(usual, changed, scenario.groups, most_parts)
    return blocks, {
        str(subset): mixed(usual, changed, _chosen(blocks, subset), scenario.groups)
        for subset in range(2 ** len(blocks))
    }


def _check(scenario: Scenario, option: str, measure: str) -> None:
    checked_options(scenario, [option])
    if option == BUSINESS_AS_USUAL:
        allowed = "must be another option: it is what the others are explained from"
        raise input_error("explain", allowed, "VM153", field="option", value=option)
    known = [each.name for each in measures_of(scenario)]
    if measure not in known:
        allowed = f"is not a measure (known: {', '.join(known)})"
        raise input_error("explain", allowed, "VM153", field=measure, hint=did_you_mean(measure, known))


def _chosen(blocks: Sequence[Block], subset: int) -> list[str]:
    return [part for i, block in enumerate(blocks) if subset >> i & 1 for part in block]


def _table(option: str, measure: str, blocks: Sequence[Block], values: Floats) -> pd.DataFrame:
    """Return the waterfall of values by subset and draw, shape (2 ** n_blocks, n_draws)."""
    found, over_orders = shares(values), shares(values.mean(axis=1))
    unit = next(each.unit for each in MEASURES if each.name == measure)
    rows = [{"kind": START, "part": BUSINESS_AS_USUAL, **_spread(values[0])}]
    for i, block in enumerate(blocks):
        orders = {"least": over_orders.least[i], "most": over_orders.most[i]}
        rows.append({"kind": "part", "part": block_name(block), **_spread(found.value[i]), **orders})
    rows.append({"kind": END, "part": option, **_spread(values[-1])})
    named = {"option": option, "measure": measure, "unit": unit, "n_draws": values.shape[1]}
    return pd.DataFrame(rows).assign(**named).reindex(columns=_ALL_COLUMNS)


def _spread(values: Floats) -> Mapping[str, object]:
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    low, high = np.quantile(values, [TAIL, 1 - TAIL])
    return {"value": values.mean(), "low": low, "high": high, "standard_error": error}

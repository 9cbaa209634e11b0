"""Why an option differs from business as usual: an order-free waterfall that sums exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from victimsmodel.appraisal.alternatives import (
    counts_alone,
    expected,
    measures_by_draw,
    simulated,
    with_services,
)
from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.outcomes import MEASURES, measures_of
from victimsmodel.appraisal.parts import Block, blocks_of, mixed
from victimsmodel.appraisal.shapley import Floats, shares
from victimsmodel.errors import input_error
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway.results import Progress
from victimsmodel.pathway.simulate import checked_options
from victimsmodel.pathway.sizes import check_sizes

_COLUMNS = ("value", "low", "high", "standard_error", "least", "most")
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
        order that flatters it least and most). First row business as usual, last row the option.

    Raises
    ------
    InputError
        For an unknown option or measure, or numbers out of range.
    """
    check_sizes(n_draws, n_replications, seed)
    _check(scenario, option, measure)
    usual, changed = (scenario.options[name].service for name in (BUSINESS_AS_USUAL, option))
    blocks = blocks_of(usual, changed, scenario.groups)
    services = {
        str(subset): mixed(usual, changed, _chosen(blocks, subset), scenario.groups)
        for subset in range(2 ** len(blocks))
    }
    every, points = with_services(scenario, services), draw_points(scenario, n_draws, seed)
    runs = (
        expected(every, points)
        if ample_staff
        else simulated(every, points, seed, n_replications, n_jobs, on_progress)
    )
    found = measures_by_draw(every, points, {name: counts_alone(counters) for name, counters in runs})
    values = np.stack([found[measure].xs(name, level="option").to_numpy() for name in services])
    return _table(option, measure, blocks, values)


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
        rows.append({"kind": "part", "part": " + ".join(block), **_spread(found.value[i]), **orders})
    rows.append({"kind": END, "part": option, **_spread(values[-1])})
    table = pd.DataFrame(rows).assign(option=option, measure=measure, unit=unit)
    return table.reindex(columns=["option", "measure", "unit", "kind", "part", *_COLUMNS])


def _spread(values: Floats) -> Mapping[str, object]:
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    low, high = np.quantile(values, [TAIL, 1 - TAIL])
    return {"value": values.mean(), "low": low, "high": high, "standard_error": error}

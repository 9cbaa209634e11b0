"""Options against a named business as usual, draw by draw on the same victims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.appraisal.outcomes import Measure, measures_by_run, measures_of, parts_of_ratios
from victimsmodel.errors import input_error
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.records import Result

#: Standard normal quantile of the 5-95 % range of a single year.
_Z = 1.6448536269514722
_BETTER = {"higher": 1.0, "lower": -1.0, "": 0.0}

#: What is bought, in cost-effectiveness.
EFFECT = "supported_in_need"


def compare_options(
    result: Result,
    scenario: Scenario,
    against: str = BUSINESS_AS_USUAL,
    runs: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return every measure of every option, and its difference from business as usual.

    Two kinds of uncertainty are kept apart. ``low`` to ``high`` is the 90 % interval of the mean:
    the spread over draws of the uncertain inputs, replications averaged. ``year_low`` to
    ``year_high`` is the range in which nine of ten single years fall by chance alone, inputs known.

    A share, or a cost of each, is the average of what is counted over the average of what it is counted of,
    as its numerator and denominator are printed: not the average of the draws' own ratios, in which a draw
    with few victims would weigh as much as one with many.

    Parameters
    ----------
    result : Result
        From `simulate`, with the option that is compared against.
    scenario : Scenario
    against : str
        The option that differences are taken from, in the same draw and replication.
    runs : DataFrame, optional
        From `measures_by_run`, if it stands already.

    Returns
    -------
    DataFrame
        Columns option, measure, unit, estimate, low, high, year_low, year_high, difference,
        difference_low, difference_high, probability_better (of draws in which the option is better
        than `against`; missing where neither direction is better).
    """
    runs = measures_by_run(result, scenario) if runs is None else runs
    present = list(dict.fromkeys(runs.index.get_level_values("option")))
    if against not in present:
        raise input_error(
            "compare", f"was not simulated (simulated: {', '.join(present)})", "VM032", field=against
        )
    parts = parts_of_ratios(runs, result)
    found = {
        option: _averages(*(table.xs(option, level="option") for table in (runs, *parts)))
        for option in present
    }
    frames = []
    for option in present:
        summary = _summary(found[option], found[against], measures_of(scenario)).assign(option=option)
        if option == against:
            summary["probability_better"] = np.nan
        frames.append(summary)
    columns = ["option", *[name for name in frames[0].columns if name != "option"]]
    table = pd.concat(frames, ignore_index=True)[columns]
    table["option"] = pd.Categorical(table["option"], present)
    return table


class _Averages(NamedTuple):
    """Measures of one option: in each draw, over all draws, and how single years spread."""

    by_draw: pd.DataFrame
    mean: pd.Series[float]
    year_sd: pd.Series[float]


def _averages(own: pd.DataFrame, above: pd.DataFrame, below: pd.DataFrame) -> _Averages:
    """Return the averages of an option, ratios as those of averages, from its runs and parts of ratios."""
    by_draw = own.groupby("draw").mean()
    mean = by_draw.mean()
    spread = own.groupby("draw").std(ddof=1)  # missing with one replication
    tops, bases = above.groupby("draw").mean(), below.groupby("draw").mean()
    names = list(above)
    by_draw[names] = tops / bases.where(bases > 0)
    mean[names] = tops.mean() / bases.mean().where(bases.mean() > 0)
    return _Averages(by_draw, mean, np.sqrt((spread**2).mean()))


def _summary(own: _Averages, base: _Averages, measures: Sequence[Measure]) -> pd.DataFrame:
    rows = []
    for measure in measures:
        values, sd = own.by_draw[measure.name], own.year_sd[measure.name]
        mean, gap = own.mean[measure.name], values - base.by_draw[measure.name]
        sign = _BETTER[measure.better]
        wins = sign * gap.dropna()  # a cost per unit is missing where there is no unit
        better = float((wins > 0).mean() + (wins == 0).mean() / 2) if sign else np.nan
        rows.append(
            {
                "measure": measure.name,
                "unit": measure.unit,
                "estimate": mean,
                "low": values.quantile(TAIL),
                "high": values.quantile(1 - TAIL),
                "year_low": mean - _Z * sd,
                "year_high": mean + _Z * sd,
                "difference": mean - base.mean[measure.name],
                "difference_low": gap.quantile(TAIL),
                "difference_high": gap.quantile(1 - TAIL),
                "probability_better": better,
            }
        )
    return pd.DataFrame(rows)


def incremental(table: pd.DataFrame, against: str = BUSINESS_AS_USUAL) -> pd.DataFrame:
    """Return incremental cost, incremental effect, their ratio and the verdict for each option.

    Parameters
    ----------
    table : DataFrame
        From `compare_options`.
    against : str
        The option that `table` was compared against.

    Returns
    -------
    DataFrame
        Columns option, incremental_cost, incremental_effect (victims in need supported), icer (GBP
        per additional victim in need supported; missing unless the option costs more and does more,
        or costs less and does less), verdict.
    """
    wide = table.pivot(index="option", columns="measure", values="difference")
    rows = []
    for option in table["option"].cat.categories:
        if option == against:
            continue
        cost, effect = float(wide.loc[option, "total_cost"]), float(wide.loc[option, EFFECT])
        trades = cost * effect > 0
        rows.append(
            {
                "option": option,
                "incremental_cost": cost,
                "incremental_effect": effect,
                "icer": cost / effect if trades else np.nan,
                "verdict": verdict(cost, effect),
            }
        )
    return pd.DataFrame(rows)


def incremental_draws(runs: pd.DataFrame, against: str = BUSINESS_AS_USUAL) -> pd.DataFrame:
    """Return incremental cost and effect of each option, draw by draw, replications averaged.

    Parameters
    ----------
    runs : DataFrame
        From `measures_by_run`, with the option that is compared against.
    against : str

    Returns
    -------
    DataFrame
        Columns option, draw, incremental_cost (GBP), incremental_effect (victims in need supported).
    """
    by_draw = runs.groupby(["option", "draw"], observed=True).mean()
    wide = by_draw[["total_cost", EFFECT]]
    difference = wide - wide.xs(against, level="option")
    names = {"total_cost": "incremental_cost", EFFECT: "incremental_effect"}
    return difference.rename(columns=names).drop(against, level="option").reset_index()


def verdict(incremental_cost: float, incremental_effect: float) -> str:
    """Return how an option stands on the cost-effectiveness plane against business as usual."""
    if incremental_effect == 0 and incremental_cost == 0:
        return "equal"
    if incremental_effect == 0:
        return f"same effect for {'less' if incremental_cost < 0 else 'more'} cost"
    if incremental_cost == 0:
        return f"{'more' if incremental_effect > 0 else 'less'} effect for the same cost"
    if incremental_cost * incremental_effect < 0:
        return "dominates" if incremental_effect > 0 else "is dominated"
    return "more effect for more cost" if incremental_effect > 0 else "less effect for less cost"

"""Which uncertain inputs a result hangs on: one at a time, and all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.emulator import emulator_of
from victimsmodel.appraisal.points import asked, central_points, difference, measure_at
from victimsmodel.appraisal.smoothing import fit, smoother_of
from victimsmodel.inputs.draws import uncertain_inputs
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.results import Progress

Floats = NDArray[np.float64]

_CLEAR = 2.0  # standard errors
#: A Sobol index is taken as settled when the half-width of its 95 % interval is no larger.
_SETTLED = 0.1
_HALVES_AGREE = 0.1
#: Share of the simulated variance that an emulator must tell for points left out: a choice.
_TELLS_ENOUGH = 0.9
_EDGE = 1e-3  # of the cumulative probabilities that are varied: estimates are not known further out


def tornado(
    scenario: Scenario,
    measure: str,
    option: str,
    against: str | None = None,
    inputs: Sequence[str] | None = None,
    *,
    n_replications: int = 2,
    seed: int = 1,
    on_progress: Progress | None = None,
) -> pd.DataFrame:
    """Return what a measure, or the difference between two options, becomes at each end of each input.

    One input at a time is set to its 5th and its 95th percentile, the others stay at their medians, and
    the same victims are simulated again. Interactions do not show; see `sobol_indices`.

    Parameters
    ----------
    scenario : Scenario
    measure : str
        Name of one of `victimsmodel.appraisal.outcomes.MEASURES`.
    option : str
    against : str, optional
        The measure is then the option's less this one's.
    inputs : sequence of str, optional
        Dotted names; all uncertain inputs by default.
    n_replications, seed : int
    on_progress : callable, optional

    Returns
    -------
    DataFrame
        A row for each input, the widest swing first: input, input_low, input_high (values of the input),
        central, at_low, at_high (values of the measure), change_low, change_high (from the central one),
        swing (largest less smallest of the three).
    """
    known = uncertain_inputs(scenario)
    names = [name for name in (known if inputs is None else inputs) if not known[name].is_fixed]
    points = central_points(scenario, 2 * len(names) + 1)
    for i, name in enumerate(names):
        points[name][2 * i + 1 : 2 * i + 3] = TAIL, 1 - TAIL
    options = asked(option, against)
    values = measure_at(
        scenario, options, points, measure, n_replications=n_replications, seed=seed, on_progress=on_progress
    )
    result = difference(values, options, against)
    central, ends = result[0], result[1:].reshape(-1, 2)
    limits = np.array([known[name].interval for name in names])
    table = pd.DataFrame(
        {
            "input": names,
            "input_low": limits[:, 0],
            "input_high": limits[:, 1],
            "central": central,
            "at_low": ends[:, 0],
            "at_high": ends[:, 1],
            "change_low": ends[:, 0] - central,
            "change_high": ends[:, 1] - central,
            "swing": np.maximum(ends.max(axis=1), central) - np.minimum(ends.min(axis=1), central),
        }
    )
    return table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def given_data_indices(values: Floats, inputs: Mapping[str, Floats]) -> pd.DataFrame:
    """Return the share of a result's variance that each input explains by itself, from draws at hand.

    The first-order index is the variance of the expected result given the input, over the variance of
    the result; the expectation is a smooth regression on the draws, so that no further run is needed.
    The share is adjusted for the degrees of freedom that the regression uses.

    Parameters
    ----------
    values : ndarray, shape (n_draws,)
    inputs : mapping of str to ndarray, shape (n_draws,)

    Returns
    -------
    DataFrame
        A row for each input, the largest first: input, index, standard_error, is_clear (more than two
        standard errors above nought), direction (of the result as the input rises: 1, -1, or 0 where it
        is not clear).

    References
    ----------
    Saltelli et al. (2008), Global Sensitivity Analysis: the Primer, section 1.2.4. Olkin and Finn (1995),
    Psychological Bulletin 118, 155-164, for the standard error of an explained share.
    """
    result = np.asarray(values, dtype=np.float64)
    n_draws, spread = len(result), result.std(ddof=1)
    rows = []
    for name, column in inputs.items():
        if spread == 0.0 or np.ptp(column) == 0.0:
            continue
        fitted, kept = fit(smoother_of(np.asarray(column, dtype=np.float64)[:, None]), result[:, None])
        left = ((result - fitted[:, 0]) ** 2).sum() / (n_draws - kept.sum())
        index = max(0.0, 1 - left / spread**2)
        error = max(2 * np.sqrt(index) * (1 - index), 1 / np.sqrt(n_draws)) / np.sqrt(n_draws)
        is_clear = index > _CLEAR * error
        slope = np.corrcoef(column, fitted[:, 0])[0, 1] if is_clear else 0.0
        rows.append((name, index, error, is_clear, int(np.sign(np.round(slope, 2)))))
    columns = ["input", "index", "standard_error", "is_clear", "direction"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("index", ascending=False, kind="stable", ignore_index=True)


def sobol_indices(
    scenario: Scenario,
    measure: str,
    option: str,
    against: str | None = None,
    *,
    inputs: Sequence[str],
    n_points: int = 400,
    n_base: int = 4096,
    seed: int = 1,
    on_progress: Progress | None = None,
) -> pd.DataFrame:
    """Return first-order and total Sobol indices of some inputs, the others at their medians.

    The simulation is run at some hundred points; the indices, which take tens of thousands, are those of an
    emulator fitted to them (`emulator_of`).

    Parameters
    ----------
    scenario : Scenario
    measure, option, against : str
        As for `tornado`.
    inputs : sequence of str
        Those to vary, such as the largest of `given_data_indices`.
    n_points : int
        Points that are simulated, for each option.
    n_base : int
        A power of two; ``n_base * (len(inputs) + 2)`` points are emulated.
    seed : int
    on_progress : callable, optional

    Returns
    -------
    DataFrame
        From `sobol_table`, with columns explained (share of the simulated variance that the emulator tells
        for points left out) and n_points; has_converged also needs an emulator that tells nine tenths.
    """
    from scipy.stats import qmc

    options = asked(option, against)
    sample = np.clip(qmc.LatinHypercube(len(inputs), seed=seed).random(n_points), _EDGE, 1 - _EDGE)
    points = central_points(scenario, n_points)
    points |= {name: sample[:, i] for i, name in enumerate(inputs)}
    values = difference(
        measure_at(scenario, options, points, measure, seed=seed, on_progress=on_progress), options, against
    )
    emulator = emulator_of(sample, values)
    table = sobol_table(emulator.predict, inputs, n_base, seed)
    table["has_converged"] &= emulator.explained >= _TELLS_ENOUGH
    return table.assign(explained=emulator.explained, n_points=n_points)


def sobol_table(
    result: Callable[[Floats], Floats], inputs: Sequence[str], n_base: int, seed: int
) -> pd.DataFrame:
    """Return first-order and total Sobol indices of a function of cumulative probabilities.

    Parameters
    ----------
    result : callable
        From an array of shape (n_points, n_inputs) to one of shape (n_points,).
    inputs : sequence of str
    n_base : int
        A power of two.
    seed : int

    Returns
    -------
    DataFrame
        A row for each input, the largest total first: input, first, first_half_width, total,
        total_half_width (95 % intervals by bootstrap), has_converged (the half-widths are at most 0.1,
        and half of the sample gives total indices within 0.1).

    References
    ----------
    Saltelli et al. (2010), Computer Physics Communications 181, 259-270; computed by SALib (Herman and
    Usher 2017, Journal of Open Source Software 2(9), 97).
    """
    from SALib.analyze import sobol
    from SALib.sample import sobol as design

    problem = {"num_vars": len(inputs), "names": list(inputs), "bounds": [[_EDGE, 1 - _EDGE]] * len(inputs)}
    values = result(design.sample(problem, n_base, calc_second_order=False, seed=seed))

    def analysed(part: Floats) -> dict[str, Floats]:
        names = ("S1", "S1_conf", "ST", "ST_conf")
        if np.ptp(part) == 0.0:
            return {name: np.zeros(len(inputs)) for name in names}
        found = sobol.analyze(problem, part, calc_second_order=False, seed=seed)
        return {name: np.asarray(found[name]) for name in names}

    whole, half = analysed(values), analysed(values[: len(values) // 2])
    settled = (whole["S1_conf"] <= _SETTLED) & (whole["ST_conf"] <= _SETTLED)
    table = pd.DataFrame(
        {
            "input": list(inputs),
            "first": whole["S1"],
            "first_half_width": whole["S1_conf"],
            "total": whole["ST"],
            "total_half_width": whole["ST_conf"],
            "has_converged": settled & (np.abs(whole["ST"] - half["ST"]) <= _HALVES_AGREE),
        }
    )
    return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)

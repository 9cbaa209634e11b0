"""Rolling-origin back-test: what would have been forecast then, and what came.

At each origin the candidates are fitted, weighted and combined with what was known at the time, and the
intervals are widened by what earlier forecasts had missed by at that time: errors of origins before, at
quarters up to the origin. Nothing of a later quarter enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.calibration import (
    CALIBRATED_FROM,
    NO_WIDENING,
    OWN_PRIOR_ORIGINS,
    PRIOR_ORIGINS,
    SHORT_PRIOR_ORIGINS,
    SHORT_QUARTERS,
    SHORT_WIDENING,
    Widening,
    at_least,
    estimate_widening,
)
from victimsmodel.demand.candidates import CANDIDATES, SEASONS
from victimsmodel.demand.combination import Origin, Panel, errors_of, origins_of, roll
from victimsmodel.demand.paths import draw_paths, shock_correlation
from victimsmodel.demand.series import panel_of, to_counts, wide_counts
from victimsmodel.demand.state_space import Floats

TOTAL = "total"
#: Observed quarters at origins whose errors count for the widening, and for that of short histories.
LONG_ENOUGH, SHORT = range(CALIBRATED_FROM, 10_000), range(SHORT_QUARTERS + 1)
#: Where widening comes from: errors before each origin; errors of all other forces; nowhere.
Calibration = Literal["before the origin", "other forces", "none"]
_LEVELS = {"50": 0.5, "80": 0.8, "95": 0.95}
_N_PATHS = 500


class Rolled(NamedTuple):
    """Forecasts from many origins."""

    wide: pd.DataFrame  # counts by quarter; columns (force, crime_type)
    panel: Panel
    origins: list[Origin]


def backtest(
    counts: pd.DataFrame,
    origins: Sequence[pd.Period] | None = None,
    horizon: int = 4,
    calibration: Calibration = "before the origin",
    seed: int = 1,
) -> pd.DataFrame:
    """Return what would have been forecast at past origins beside what came.

    Parameters
    ----------
    counts : DataFrame
        Columns force, crime_type, quarter, offences (NaN where missing).
    origins : sequence of Period, optional
        Last quarters known; all after the first two observed years by default. Earlier ones are always
        forecast too, for weights and widening.
    horizon : int
        Quarters to forecast from each.
    calibration : str
        Where the widening of intervals comes from.
    seed : int
        Of the sample paths that give the interval of the total over crime types.

    Returns
    -------
    DataFrame
        A row for each force, crime type ("total" for their sum), origin and step whose actual count is
        known: columns force, crime_type, origin, step, quarter, actual, scale (mean absolute difference
        from the year before, as known at the origin), forecast (median), low_50, high_50, low_80,
        high_80, low_95, high_95, and one column for each candidate.
    """
    return score(roll_counts(wide_counts(counts), horizon), origins, calibration, seed)


def roll_counts(wide: pd.DataFrame, horizon: int, panel: Panel | None = None) -> Rolled:
    """Forecast from every origin.

    Parameters
    ----------
    wide : DataFrame
        Counts by quarter; columns (force, crime_type).
    horizon : int
    panel : Panel, optional
        The same series, where breaks are known.

    Returns
    -------
    Rolled
    """
    panel = panel or panel_of(wide)
    return Rolled(wide, panel, roll(panel, origins_of(panel), horizon))


def score(
    rolled: Rolled,
    origins: Sequence[pd.Period] | None = None,
    calibration: Calibration = "before the origin",
    seed: int = 1,
) -> pd.DataFrame:
    """Return forecasts with intervals beside what came; see `backtest`.

    Parameters
    ----------
    rolled : Rolled
    origins : sequence of Period, optional
    calibration : str
    seed : int

    Returns
    -------
    DataFrame
    """
    quarters = pd.PeriodIndex(rolled.wide.index)
    chosen = None if origins is None else set(origins)
    others = (
        {is_short: _without_each(rolled, is_short) for is_short in (False, True)}
        if calibration == "other forces"
        else {}
    )
    tables = []
    for origin in rolled.origins:
        is_last = origin.n_known == len(quarters)
        if is_last or (chosen is not None and quarters[origin.n_known - 1] not in chosen):
            continue
        known = known_errors(rolled, origin.n_known) if calibration == "before the origin" else []
        pooled = estimate_widening(known, len(origin.mean)) if known else NO_WIDENING
        for force in np.unique(rolled.panel.forces):
            own = np.flatnonzero(rolled.panel.forces == force)
            if calibration == "before the origin":
                floor = history_widening(rolled.panel, origin.n_known, own, pooled)
                widening = own_widening([one[:, own] for one in known], floor)
            elif calibration == "other forces":
                widening = others[_is_short(rolled.panel, origin.n_known, own)][int(force)]
            else:
                widening = NO_WIDENING
            rng = np.random.default_rng([seed, origin.n_known, int(force)])
            tables.append(_scored(rolled, origin, own, widening, rng))
    table = pd.concat(tables, ignore_index=True)
    return table[table["actual"].notna() & table["forecast"].notna()].reset_index(drop=True)


def known_errors(rolled: Rolled, n_known: int, histories: range = LONG_ENOUGH) -> list[Floats]:
    """Return the errors known after so many quarters, in units of the forecasts' own standard deviation.

    Parameters
    ----------
    rolled : Rolled
    n_known : int
    histories : range
        Observed quarters that a series may have had at the origin.

    Returns
    -------
    list of ndarray, shape (n_steps, n_series)
        One for each earlier origin; NaN where not known, or where a series' history was another.
    """
    found = []
    for origin in rolled.origins:
        if origin.n_known < n_known:
            errors = errors_of(rolled.panel, origin, n_known, origin.mean) / origin.deviation
            n_observed = rolled.panel.observed[: origin.n_known].sum(axis=0)
            errors[:, (n_observed < histories.start) | (n_observed >= histories.stop)] = np.nan
            found.append(errors)
    return found


def history_widening(panel: Panel, n_known: int, own: NDArray[np.intp], widening: Widening) -> Widening:
    """Return a widening, or that of short histories where a force's is short and asks for more.

    Parameters
    ----------
    panel : Panel
    n_known : int
    own : ndarray of int
        The force's series.
    widening : Widening

    Returns
    -------
    Widening
    """
    return at_least(widening, SHORT_WIDENING) if _is_short(panel, n_known, own) else widening


def _is_short(panel: Panel, n_known: int, own: NDArray[np.intp]) -> bool:
    return bool(np.median(panel.observed[:n_known, own].sum(axis=0)) <= SHORT_QUARTERS)


def own_widening(own_errors: Sequence[Floats], pooled: Widening) -> Widening:
    """Return the pooled widening, further widened where a force's own errors ask for it.

    Parameters
    ----------
    own_errors : sequence of ndarray, shape (n_steps, n_series)
    pooled : Widening

    Returns
    -------
    Widening
    """
    if not own_errors:
        return pooled
    n_steps = max(len(own_errors[0]), len(pooled.at_80))
    return estimate_widening(own_errors, n_steps, pooled, OWN_PRIOR_ORIGINS)


def _without_each(rolled: Rolled, is_short: bool) -> dict[int, Widening]:
    """Return for each force the widening that the errors of all others give."""
    n_prior = SHORT_PRIOR_ORIGINS if is_short else PRIOR_ORIGINS
    errors = known_errors(rolled, len(rolled.wide), SHORT if is_short else LONG_ENOUGH)
    forces = rolled.panel.forces
    return {
        int(force): estimate_widening(
            [one[:, forces != force] for one in errors], len(errors[0]), n_prior=n_prior
        )
        for force in np.unique(forces)
    }


def _scored(
    rolled: Rolled, origin: Origin, own: NDArray[np.intp], widening: Widening, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the rows of one force and origin."""
    part = _only(origin, own)
    n_steps, n_own = part.mean.shape
    normal = rng.standard_normal((_N_PATHS, n_steps, n_own))
    paths = draw_paths(part, shock_correlation(part.residuals), widening, normal)
    paths = np.concatenate([paths, paths.sum(axis=2, keepdims=True)], axis=2)
    counts = rolled.wide.to_numpy()[:, own]
    counts = np.where(counts >= 0, counts, np.nan)
    counts = np.column_stack([counts, counts.sum(axis=1)])
    quarters = pd.PeriodIndex(rolled.wide.index)
    known = len(quarters[origin.n_known : origin.n_known + n_steps])
    names = [str(name) for name in rolled.wide.columns.get_level_values(-1)[own]]
    step = np.arange(known)
    columns: dict[str, object] = {
        "force": str(rolled.wide.columns[own[0]][0]),
        "crime_type": np.tile([*names, TOTAL], known),
        "origin": quarters[origin.n_known - 1],
        "step": np.repeat(step + 1, n_own + 1),
        "quarter": quarters[origin.n_known + np.repeat(step, n_own + 1)],
        "actual": counts[origin.n_known : origin.n_known + known].ravel(),
        "scale": np.tile(_scale(counts[: origin.n_known]), known),
        "forecast": _with_total(to_counts(part.mean))[:known].ravel(),
    }
    for name, level in _LEVELS.items():
        for side, edge in (("low", (1 - level) / 2), ("high", (1 + level) / 2)):
            columns[f"{side}_{name}"] = np.quantile(paths, edge, axis=0)[:known].ravel()
    for name, mean in zip(CANDIDATES, part.means, strict=True):
        columns[name] = _with_total(to_counts(mean))[:known].ravel()
    return pd.DataFrame(columns)


def _only(origin: Origin, own: NDArray[np.intp]) -> Origin:
    """Return an origin with some of its series."""
    return Origin(origin.n_known, *(part[..., own] for part in origin[1:]))


def _with_total(counts: Floats) -> Floats:
    return np.column_stack([counts, counts.sum(axis=1)])


def _scale(counts: Floats) -> Floats:
    """Return the mean absolute difference from the year before; NaN if there is none or it is zero."""
    differences = np.abs(counts[SEASONS:] - counts[:-SEASONS])
    known = ~np.isnan(differences)
    sums, n_known = np.where(known, differences, 0.0).sum(axis=0), known.sum(axis=0)
    return np.where(sums > 0, sums / np.maximum(n_known, 1), np.nan)

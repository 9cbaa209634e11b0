"""Write docs/forecasting.md: the forecast tried at past origins on every force. Run by `make backtest`.

Ends with status 1 when a promise does not hold or the package states another default widening.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import forecasting_text as text
import numpy as np
import pandas as pd
from plain_ets import FORMS, PLAIN, plain_ets

from victimsmodel.demand.backtest import (
    LONG_ENOUGH,
    SHORT,
    TOTAL,
    Rolled,
    known_errors,
    roll_counts,
    score,
)
from victimsmodel.demand.calibration import (
    DEFAULT_WIDENING,
    NO_WIDENING,
    PRIOR_ORIGINS,
    SHORT_PRIOR_ORIGINS,
    SHORT_WIDENING,
    estimate_widening,
    stretched,
)
from victimsmodel.demand.candidates import CANDIDATES, SEASONAL_NAIVE
from victimsmodel.demand.combination import errors_of
from victimsmodel.demand.recorded import quarterly_counts
from victimsmodel.demand.scores import coverage_of
from victimsmodel.demand.series import to_counts, wide_counts
from victimsmodel.inputs.crime import load_recorded_crime

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "prc-pfa-quarterly-2012-2023.csv.gz"
OUT = ROOT / "docs" / "forecasting.md"
HORIZON, LONG = 4, 20
#: The first origin with four years of counts, and the last quarter before restrictions.
FIRST, LAST_TARGET = pd.Period("2017Q1", "Q-DEC"), pd.Period("2020Q1", "Q-DEC")
PROMISED = "origins before 2020"
EQUAL, SINGLE = "equal_weights", "single_best"
_JUDGED = 12
_PRIORS = (1.0, 8.0, 16.0, 32.0)
_Z80, _Z95 = 1.2815515655446004, 1.959963984540054
_AGREES = 0.005  # rounding of the factors that the package states


def main(path: Path) -> int:
    """Measure, write the page and return the exit status."""
    if not path.is_file():
        sys.exit(f"{path}: not found. Give the police force area open data table: make backtest DATA=FILE")
    start = time.perf_counter()
    wide = wide_counts(quarterly_counts(load_recorded_crime(path)))
    rolled = roll_counts(wide, HORIZON)
    ours = score(rolled)
    before = ours[ours["origin"] < LAST_TARGET]
    keys = ["force", "crime_type", "origin", "step"]
    others = pd.concat([alternatives(rolled), pd.concat(plain_ets(rolled, plain_origins(rolled), HORIZON))])
    others = others.groupby(keys, as_index=False).first()
    models = ours.merge(others, on=keys, how="left")
    long = roll_counts(wide, LONG)
    found = text.Found(
        source=path.name,
        wide=wide,
        accuracy=accuracy(models),
        coverage=pd.concat(coverages(rolled, ours)),
        parts={name: parts(before, name) for name in ("crime_type", "step", "origin")},
        distance=distance(long),
        priors=priors(rolled),
        widening=measured_widening(long, LONG_ENOUGH, PRIOR_ORIGINS),
        short=measured_widening(long, SHORT, SHORT_PRIOR_ORIGINS),
        growth=growth_spread(wide),
    )
    OUT.write_text(text.page(found), encoding="utf-8")
    print(f"{OUT.relative_to(ROOT)} written in {time.perf_counter() - start:.0f} s")
    failures = list(broken(found))
    print("\n".join(failures) or "every promise holds")
    return 1 if failures else 0


def is_before(table: pd.DataFrame) -> pd.Series:
    """Return which rows are of the origins promised: all four targets before the restrictions."""
    return (table["origin"] >= FIRST) & (table["origin"] + HORIZON <= LAST_TARGET)


def plain_origins(rolled: Rolled) -> list[int]:
    """Return the origins at which plain ETS is fitted: those with four targets known, from the first on."""
    quarters = pd.PeriodIndex(rolled.wide.index)
    known = [one.n_known for one in rolled.origins if one.n_known + HORIZON <= len(quarters)]
    return [n for n in known if quarters[n - 1] >= FIRST]


def alternatives(rolled: Rolled) -> pd.DataFrame:
    """Return forecasts with equal weights, and of the candidate with the least past error alone."""
    models = [i for i, name in enumerate(CANDIDATES) if name != SEASONAL_NAIVE]
    quarters, tables = pd.PeriodIndex(rolled.wide.index), []
    for k, origin in enumerate(rolled.origins):
        past = [
            np.abs(errors_of(rolled.panel, one, origin.n_known, one.means))
            for one in rolled.origins[max(0, k - _JUDGED) : k]
        ]
        means = {EQUAL: origin.means[models].mean(axis=0)}
        if past and not np.isnan(np.concatenate(past, axis=1)).all(axis=1).any():
            best = np.nanmean(np.concatenate(past, axis=1), axis=1).argmin(axis=0)
            means[SINGLE] = origin.means[best, :, np.arange(len(best))].T
        index = pd.MultiIndex.from_product(
            [range(1, HORIZON + 1), range(rolled.wide.shape[1])], names=["step", "series"]
        )
        table = pd.DataFrame({name: to_counts(mean).ravel() for name, mean in means.items()}, index=index)
        table = table.reset_index()
        table["force"] = rolled.wide.columns.get_level_values(0)[table["series"]]
        table["crime_type"] = rolled.wide.columns.get_level_values(1)[table.pop("series")]
        tables.append(table.assign(origin=quarters[origin.n_known - 1]))
    return pd.concat(tables)


def accuracy(models: pd.DataFrame) -> pd.DataFrame:
    """Return median and mean MASE by model, before and after 2020; total apart."""
    names = [
        "forecast",
        SEASONAL_NAIVE,
        PLAIN,
        *FORMS,
        *(n for n in CANDIDATES if n != SEASONAL_NAIVE),
        EQUAL,
        SINGLE,
    ]
    whole = models["origin"] + HORIZON <= models["quarter"].max()
    groups = {
        "before": is_before(models) & (models["crime_type"] != TOTAL),
        "after": (models["origin"] >= LAST_TARGET) & whole & (models["crime_type"] != TOTAL),
    }
    rows = {}
    for period, kept in groups.items():
        part = models[kept]
        scaled = part[names].sub(part["actual"], axis=0).abs().div(part["scale"], axis=0)
        mase = scaled.groupby([part["force"], part["crime_type"], part["origin"]]).mean().dropna()
        rows[f"median, {period}"], rows[f"mean, {period}"] = mase.median(), mase.mean()
        rows[f"n, {period}"] = pd.Series(len(mase), index=names)
    return pd.DataFrame(rows)


def coverages(rolled: Rolled, ours: pd.DataFrame) -> Iterable[pd.DataFrame]:
    """Yield coverage by where the widening comes from, which origins, and crime types or total."""
    tables = {
        "errors before the origin": ours,
        "other forces": score(until_2020(rolled), calibration="other forces"),
        "none": score(rolled, calibration="none"),
    }
    for name, table in tables.items():
        periods = {
            PROMISED: table["origin"] < LAST_TARGET,
            "of these, targets to 2020Q1": table["quarter"] <= LAST_TARGET,
            "of these, origins 2017 to 2019": (table["origin"] >= FIRST) & (table["origin"] < LAST_TARGET),
            "of these, origins before 2017": table["origin"] < FIRST,
            "origins from 2020": table["origin"] >= LAST_TARGET,
        }
        for period, kept in periods.items():
            if name == "other forces" and period not in (PROMISED, "of these, origins before 2017"):
                continue
            part = table[kept]
            is_total = part["crime_type"] == TOTAL
            for what, rows in (("crime types", part[~is_total]), ("total", part[is_total])):
                yield coverage_of(rows).assign(widening=name, period=period, what=what)


def until_2020(rolled: Rolled) -> Rolled:
    """Return the forecasts from origins before 2020, with what was known by the end of 2020."""
    return roll_counts(rolled.wide.loc[: LAST_TARGET + HORIZON - 1], HORIZON)


def parts(before: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return coverage by crime type, step or origin."""
    rows = before if by == "crime_type" else before[before["crime_type"] != TOTAL]
    return coverage_of(rows, [by])


def distance(long: Rolled) -> pd.DataFrame:
    """Return coverage by year ahead, up to five years, from all origins; as known at the origin."""
    table = score(long)
    table = table[(table["origin"] >= FIRST)].assign(year=(table["step"] - 1) // HORIZON + 1)
    is_total = table["crime_type"] == TOTAL
    return pd.concat(
        [
            coverage_of(table[~is_total], ["year"]).assign(what="crime types"),
            coverage_of(table[is_total], ["year"]).assign(what="total"),
        ]
    )


def priors(rolled: Rolled) -> pd.DataFrame:
    """Return the coverage that other weights of the prior would have given, crime types only."""
    quarters, rows = pd.PeriodIndex(rolled.wide.index), []
    for n_prior in _PRIORS:
        inside: list[np.ndarray] = []
        for origin in rolled.origins:
            last = quarters[origin.n_known - 1]
            if last >= FIRST and last + HORIZON <= LAST_TARGET:
                known = known_errors(rolled, origin.n_known)
                widening = estimate_widening(known, HORIZON, NO_WIDENING, n_prior)
                error = np.abs(errors_of(rolled.panel, origin, len(quarters), origin.mean) / origin.deviation)
                edges = [stretched(np.full((HORIZON, 1), z), widening) for z in (_Z80, _Z95)]
                kept = ~np.isnan(error)
                inside.append(np.array([(error <= edge)[kept] for edge in edges]))
        rows.append((n_prior, *np.concatenate(inside, axis=1).mean(axis=1)))
    return pd.DataFrame(rows, columns=["n_prior", "80", "95"])


def measured_widening(long: Rolled, histories: range, n_prior: float) -> pd.DataFrame:
    """Return the factors for histories of some lengths: steps 1 to 4, then one for each further year."""
    errors = known_errors(long, len(long.wide), histories)
    found = estimate_widening(errors, LONG, n_prior=n_prior)
    steps = [0, 1, 2, 3, *range(HORIZON, LONG, HORIZON)]
    return pd.DataFrame(
        {
            "step": [s + 1 for s in steps],
            "80": np.array(found.at_80)[steps],
            "95": np.array(found.at_95)[steps],
        }
    )


def growth_spread(wide: pd.DataFrame) -> pd.Series:
    """Return quartiles over forces of yearly growth of the sum of crime types, year to March 2019 to 2023."""
    total = wide.T.groupby(level=0).sum(min_count=1).T
    years = {year: total.loc[f"{year - 1}Q2" : f"{year}Q1"].sum(min_count=HORIZON) for year in (2019, 2023)}
    return ((years[2023] / years[2019]) ** 0.25 - 1).quantile([0.25, 0.5, 0.75])


def broken(found: text.Found) -> Iterable[str]:
    """Yield what does not hold."""
    median = found.accuracy["median, before"]
    for rival in (SEASONAL_NAIVE, PLAIN):
        if not median["forecast"] < median[rival]:
            yield f"median MASE {median['forecast']:.3f} is not below {rival}, {median[rival]:.3f}"
    for level, low, high in ((0.8, 0.76, 0.84), (0.95, 0.92, 0.98)):
        for calibration in ("errors before the origin", "other forces"):
            share = text.covered(found.coverage, calibration, PROMISED, "crime types", level)
            if not low <= share <= high:
                yield f"{100 * level:.0f} % intervals cover {share:.3f} ({calibration})"
    stated_factors = {
        "DEFAULT_WIDENING": (DEFAULT_WIDENING, found.widening),
        "SHORT_WIDENING": (SHORT_WIDENING, found.short),
    }
    for constant, (widening, measured) in stated_factors.items():
        for name, stated in (("80", widening.at_80), ("95", widening.at_95)):
            by_step = [stated[min(step - 1, len(stated) - 1)] for step in measured["step"]]
            if np.abs(measured[name] - by_step).max() > _AGREES:
                yield f"{constant} at {name} % should be {measured[name].round(2).tolist()}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA))

"""The back-test looks at nothing later, and reckons its errors as stated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from victimsmodel.demand.backtest import TOTAL, backtest, roll_counts, score
from victimsmodel.demand.candidates import CANDIDATES, SEASONAL_NAIVE
from victimsmodel.demand.scores import coverage_of, mean_errors
from victimsmodel.demand.series import wide_counts


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    """Two forces with two crime types, 24 quarters."""
    rng = np.random.default_rng(21)
    quarters = pd.period_range("2012Q2", periods=24, freq="Q-DEC")
    tables = []
    for force in ("North", "South"):
        for crime_type, level in (("robbery", 200), ("violence", 3000)):
            offences = np.round(level * np.exp(np.cumsum(0.05 * rng.standard_normal(24))))
            tables.append(
                pd.DataFrame(
                    {"force": force, "crime_type": crime_type, "quarter": quarters, "offences": offences}
                )
            )
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def table(counts: pd.DataFrame) -> pd.DataFrame:
    return backtest(counts)


def test_a_row_for_every_outcome_that_is_known(table):
    # origins after 8 to 23 quarters; the last three have fewer than four quarters ahead
    assert len(table) == 2 * 3 * (4 * 13 + 3 + 2 + 1)
    assert set(table["crime_type"]) == {"robbery", "violence", TOTAL}
    assert (table["quarter"] == table["origin"] + table["step"]).all()


def test_actual_and_scale_are_what_they_say(counts, table):
    row = table[(table["force"] == "South") & (table["crime_type"] == "violence")].iloc[20]
    own = counts[(counts["force"] == "South") & (counts["crime_type"] == "violence")].set_index("quarter")[
        "offences"
    ]
    assert row["actual"] == own[row["quarter"]]
    known = own[: row["origin"]].to_numpy()
    assert row["scale"] == pytest.approx(np.abs(known[4:] - known[:-4]).mean())
    assert row[SEASONAL_NAIVE] == pytest.approx(own[row["quarter"] - 4], rel=1e-5)


def test_total_is_the_sum_of_crime_types(table):
    keys = ["force", "origin", "step"]
    total = table[table["crime_type"] == TOTAL].set_index(keys)
    sums = table[table["crime_type"] != TOTAL].groupby(keys)[["actual", "forecast", *CANDIDATES]].sum()
    pd.testing.assert_frame_equal(sums, total.loc[sums.index, sums.columns])


@pytest.mark.parametrize("calibration", ["before the origin", "none"])
def test_nothing_later_than_the_origin_is_used(counts, calibration):
    """What comes after an origin is made ten times as large: its forecast stays the same, digit by digit."""
    origin = pd.Period("2016Q1", "Q-DEC")
    changed = counts.copy()
    changed.loc[changed["quarter"] > origin, "offences"] *= 10
    before, after = (backtest(one, [origin], calibration=calibration) for one in (counts, changed))
    columns = [name for name in before if name != "actual"]
    pd.testing.assert_frame_equal(before[columns], after[columns])
    assert (after["actual"] == 10 * before["actual"]).all()


def test_the_forecast_lies_between_the_candidates(table):
    part = table[table["crime_type"] != TOTAL]
    low, high = part[list(CANDIDATES)].min(axis=1), part[list(CANDIDATES)].max(axis=1)
    assert ((part["forecast"] >= low - 1e-6) & (part["forecast"] <= high + 1e-6)).all()


def test_candidates_that_have_been_worse_weigh_less(counts):
    rolled = roll_counts(wide_counts(counts), 4)
    first, last = rolled.origins[0].weights, rolled.origins[-1].weights
    np.testing.assert_allclose(last.sum(axis=0), 1)
    assert (first[0] == 0).all()  # nothing is known yet: all but seasonal naive alike
    assert first[1:].std() == 0
    # a walk without seasons misses by more in a year than in a quarter; an equal share would be a fifth
    assert (last[0] < 0.16).all()


def test_intervals_are_ordered_and_other_forces_calibrate_too(counts):
    found = score(roll_counts(wide_counts(counts), 4), calibration="other forces")
    edges = found[["low_95", "low_80", "low_50", "high_50", "high_80", "high_95"]].to_numpy()
    assert (np.diff(edges, axis=1) >= 0).all()


def test_errors_and_coverage_are_counted_as_stated(table):
    small = table.head(3).assign(
        crime_type="robbery", actual=[10.0, 20.0, 30.0], forecast=[12.0, 20.0, 27.0], scale=2.0,
        low_80=[0.0, 21.0, 0.0], high_80=[11.0, 30.0, 40.0],
    )  # fmt: skip
    assert mean_errors(small).loc["robbery", "forecast"] == pytest.approx((2 + 0 + 3) / 3 / 2)
    covered = coverage_of(small).set_index("level")
    assert covered.loc[0.8, "covered"] == pytest.approx(2 / 3)
    assert covered.loc[0.8, "n"] == 3


@pytest.mark.shared_data
def test_west_midlands_beats_seasonal_naive_on_the_real_file(shared_data: Path):
    from victimsmodel.demand.recorded import quarterly_counts
    from victimsmodel.inputs.crime import load_recorded_crime

    counts = quarterly_counts(load_recorded_crime(shared_data / "prc-pfa-quarterly-2012-2023.csv.gz"))
    found = backtest(counts[counts["force"] == "West Midlands"])
    errors = mean_errors(found)
    assert (errors["forecast"] < errors[SEASONAL_NAIVE]).mean() > 0.75
    assert errors.loc[TOTAL, "forecast"] < errors.loc[TOTAL, SEASONAL_NAIVE]

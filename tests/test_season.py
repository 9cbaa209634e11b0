"""The season of an area, against exact cases."""

import numpy as np
import pandas as pd
import pytest

from victimsmodel.demand.season import monthly_profile
from victimsmodel.inputs.scenario import MONTHS

FLAT = dict.fromkeys(MONTHS, 1.0)
QUARTERS = pd.period_range("2016Q1", "2019Q4", freq="Q-DEC")
DAYS = np.array([quarter.end_time.day_of_year - quarter.start_time.day_of_year + 1 for quarter in QUARTERS])


def counts(factors, growth=1.0):
    """Return counts with a season on the daily rate and a steady growth by quarter."""
    rate = np.array([factors[quarter.quarter - 1] for quarter in QUARTERS])
    return pd.Series(1000 * DAYS * rate * growth ** np.arange(len(QUARTERS)), QUARTERS)


def test_a_season_of_quarters_is_found_exactly():
    found = monthly_profile(counts((0.9, 1.05, 1.1, 0.95)), FLAT)
    for month, expected in zip(MONTHS, np.repeat([0.9, 1.05, 1.1, 0.95], 3), strict=True):
        assert found[month] == pytest.approx(expected, rel=0.002)  # quarters differ by a day in length


def test_steady_growth_is_not_taken_for_a_season():
    found = monthly_profile(counts((1, 1, 1, 1), growth=1.02), FLAT)
    assert max(found.values()) - min(found.values()) < 0.005


def test_one_unusual_year_does_not_count():
    usual = counts((0.9, 1.05, 1.1, 0.95))
    unusual = usual.copy()
    unusual[pd.Period("2018Q2", freq="Q-DEC")] *= 0.6
    assert monthly_profile(unusual, FLAT)["may"] == pytest.approx(
        monthly_profile(usual, FLAT)["may"], rel=0.03
    )


def test_months_keep_the_borrowed_shape_within_their_quarter():
    borrowed = {**FLAT, "jan": 0.9, "feb": 1.0, "mar": 1.1}
    found = monthly_profile(counts((0.9, 1.05, 1.1, 0.95)), borrowed)
    assert found["jan"] / found["mar"] == pytest.approx(0.9 / 1.1, rel=0.002)


def test_too_few_years_keep_the_borrowed_profile():
    short = counts((0.9, 1.05, 1.1, 0.95)).iloc[:6]
    assert monthly_profile(short, FLAT) == FLAT


def test_a_missing_year_leaves_a_gap_and_no_error():
    gap = counts((0.9, 1.05, 1.1, 0.95))
    gap["2017Q1":"2017Q4"] = np.nan
    found = monthly_profile(gap, FLAT)
    assert np.isfinite(list(found.values())).all()

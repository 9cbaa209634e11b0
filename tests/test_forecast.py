"""The forecast: models against formulas and a second implementation, paths, breaks, growth."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import stats
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from victimsmodel.demand.calibration import (
    NO_WIDENING,
    SHORT_QUARTERS,
    SHORT_WIDENING,
    Widening,
    at_least,
    estimate_widening,
    stretched,
)
from victimsmodel.demand.candidates import CANDIDATES, SEASONAL_NAIVE, project, systems
from victimsmodel.demand.combination import Origin
from victimsmodel.demand.forecast import forecast, intervals
from victimsmodel.demand.growth import HIGH, LOW, Growth, PolicyShift
from victimsmodel.demand.overview import forecast_tables
from victimsmodel.demand.paths import draw_paths, shock_correlation
from victimsmodel.demand.series import Break, panel_of, to_counts, to_log
from victimsmodel.demand.state_space import DIFFUSE, Filtered, System, run_filter
from victimsmodel.errors import InputError
from victimsmodel.inputs.history import History
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.reporting.figures_forecast import plot_forecast
from victimsmodel.reporting.formats import about
from victimsmodel.reporting.readable_demand import readable_demand

QUARTERS = pd.period_range("2012Q2", "2023Q2", freq="Q-DEC")
SEASON = np.array([0.05, -0.02, 0.03, -0.06])


def history_of(columns: dict[str, np.ndarray], start: str = "2012Q2") -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.period_range(start, periods=n, freq="Q-DEC"))


@pytest.fixture(scope="module")
def force() -> pd.DataFrame:
    """Three crime types that walk together, with the gap of the real file."""
    rng = np.random.default_rng(7)
    common = rng.standard_normal(45)
    columns = {}
    for name, level in (("violence", 9000), ("robbery", 300), ("criminal_damage", 4000)):
        steps = 0.03 * (0.7 * common + 0.7 * rng.standard_normal(45))
        columns[name] = np.round(level * np.exp(np.cumsum(steps) + np.resize(SEASON, 45)))
    table = history_of(columns)
    table.loc["2015Q2":"2016Q1"] = np.nan
    return table


def test_seasonal_naive_is_exact_on_a_series_that_only_repeats():
    values = to_log(np.resize([120.0, 90.0, 150.0, 100.0], 22))[:, None]
    found = project(SEASONAL_NAIVE, values, np.ones_like(values, dtype=bool), 6)
    expected = np.resize([120.0, 90.0, 150.0, 100.0], 28)[22:]
    np.testing.assert_allclose(to_counts(found.mean[:, 0]), expected, rtol=1e-5)


def test_every_candidate_repeats_a_series_that_only_repeats():
    pattern = np.resize([120.0, 90.0, 150.0, 100.0], 48)
    values = to_log(pattern[:40])[:, None]
    for name in CANDIDATES:
        found = project(name, values, np.ones_like(values, dtype=bool), 8)
        np.testing.assert_allclose(to_counts(found.mean[:, 0]), pattern[40:], rtol=0.03, err_msg=name)


def test_filter_agrees_with_statsmodels_where_quarters_are_missing():
    rng = np.random.default_rng(3)
    values = 8 + 0.05 * rng.standard_normal(40).cumsum()
    values[12:16] = np.nan
    model = SARIMAX(np.append(values, [np.nan] * 6), order=(1, 0, 0), seasonal_order=(0, 1, 1, 4))
    theirs = model.filter([0.7, -0.6, 1.0])
    grid = run_filter(systems("sarimax"), ~np.isnan(values), np.nan_to_num(values)[:, None], 6)
    ours = Filtered(*(part[4] for part in grid))  # the fifth of 0.5, 0.7, ... by -0.9, -0.6, -0.3
    np.testing.assert_allclose(ours.mean[:, 0], theirs.forecasts[0, 40:], atol=1e-6)
    np.testing.assert_allclose(ours.variance, theirs.forecasts_error_cov[0, 0, 40:], rtol=1e-5)
    responses = np.ravel(model.impulse_responses([0.7, -0.6, 1.0], steps=5))
    np.testing.assert_allclose(ours.response, responses, atol=1e-3)  # the gain has all but settled


def test_level_shift_agrees_with_a_dummy_in_statsmodels():
    rng = np.random.default_rng(5)
    values = 8 + 0.02 * rng.standard_normal(40) + np.where(np.arange(40) >= 25, 0.4, 0.0)
    dummy = (np.arange(40) >= 25).astype(float)
    system = System(
        np.ones((1, 1)), *(np.full((1, 1, 1), x) for x in (1.0, 0.3)), np.ones(1), np.full((1, 1, 1), DIFFUSE)
    )
    grid = run_filter(system, np.ones(40, dtype=bool), np.column_stack([values - 8, dummy]), 1)
    found = Filtered(*(part[0] for part in grid))
    used = ~np.isnan(found.variances)
    weight = 1 / found.variances[used]
    ours = (found.innovations[used, 1] * weight) @ found.innovations[used, 0]
    ours /= (found.innovations[used, 1] * weight) @ found.innovations[used, 1]
    model = UnobservedComponents(values - 8, level="local level", exog=dummy, mle_regression=False)
    theirs = model.smooth([1.0, 0.3]).smoothed_state[1, -1]
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_a_level_shift_that_is_given_is_not_carried_on_as_a_trend():
    rng = np.random.default_rng(11)
    level = np.where(np.arange(45) >= 43, 2000.0, 1000.0)
    history = history_of({"violence": level * np.exp(0.01 * rng.standard_normal(45))})
    known = forecast(history, 3, 500, breaks=[Break("violence", QUARTERS[43])], is_quick=True)
    unknown = forecast(history, 3, 500, is_quick=True)
    ahead = np.median(known.paths[:, :, 0], axis=0)
    assert np.abs(ahead / 2000 - 1).max() < 0.03  # three standard errors of the mean of two quarters
    width = [np.ptp(np.quantile(one.paths[:, 3, 0], [0.1, 0.9])) for one in (known, unknown)]
    assert width[0] < width[1] / 2  # nor does it count as an error that comes again


def test_intervals_of_a_random_walk_cover_what_they_should():
    """400 walks with seasons; coverage of the models' own intervals at four quarters."""
    rng = np.random.default_rng(13)
    n, sd = 400, 0.06
    walks = 9 + np.cumsum(sd * rng.standard_normal((48, n)), axis=0) + np.resize(SEASON, 48)[:, None]
    found = project("ets_level", walks[:44], np.ones((44, n), dtype=bool), 4)
    size = np.abs(walks[44:] - found.mean) / np.sqrt(found.variance)
    for level in (0.8, 0.95):
        covered = (size[3] < stats.norm.ppf((1 + level) / 2)).mean()
        standard_error = np.sqrt(level * (1 - level) / n)  # 0.020 and 0.011
        assert abs(covered - level) < 3.5 * standard_error
    growth = found.variance[3].mean() / found.variance[0].mean()
    assert 2.5 < growth < 4.5  # of a random walk: 4


def test_crime_types_sum_to_the_total_in_every_path(force):
    found = forecast(force, 5, 200)
    assert found.paths.shape == (200, 20, 3)
    np.testing.assert_array_equal(
        found.total, found.paths[:, :, 0] + found.paths[:, :, 1] + found.paths[:, :, 2]
    )
    assert (found.paths >= 0).all()
    table = intervals(found)
    total = table[table["crime_type"] == "total"]
    np.testing.assert_allclose(total["high_80"], np.quantile(found.total, 0.9, axis=0))
    assert list(found.quarters.astype(str)[[0, -1]]) == ["2023Q3", "2028Q2"]


def test_crime_types_that_moved_together_do_so_in_the_paths(force):
    found = forecast(force, 1, 4000, is_quick=True)
    together = np.corrcoef(np.log(found.paths[:, 0, 0] + 0.5), np.log(found.paths[:, 0, 2] + 0.5))[0, 1]
    assert 0.2 < together < 0.8  # steps were made with 0.5
    lasting = np.corrcoef(np.log(found.paths[:, 2, 0] + 0.5), np.log(found.paths[:, 3, 0] + 0.5))[0, 1]
    assert lasting > 0.6  # of a random walk: the root of 3/4


def test_paths_have_the_stated_spread_and_correlation():
    """Against the definition: standard deviation 0.1 at every step, correlation 0.6 between series."""
    shape = (2, 2)
    origin = Origin(
        0,
        np.zeros((1, *shape)),
        np.ones((1, 2)),
        np.full(shape, 7.0),
        np.full(shape, 0.1),
        np.ones(shape),
        np.zeros(shape),
    )
    normal = np.random.default_rng(1).standard_normal((40_000, 2, 2))
    logs = to_log(draw_paths(origin, np.array([[1.0, 0.6], [0.6, 1.0]]), NO_WIDENING, normal))
    assert logs.std(axis=0) == pytest.approx(0.1, abs=5 * 0.1 / np.sqrt(80_000))
    assert np.corrcoef(logs[:, 1].T)[0, 1] == pytest.approx(0.6, abs=5 * 0.64 / np.sqrt(40_000))
    assert np.corrcoef(logs[:, :, 0].T)[0, 1] == pytest.approx(np.sqrt(0.5), abs=5 * 0.5 / np.sqrt(40_000))


def test_missing_quarters_anywhere_widen_and_do_not_stop(force):
    holed = force.copy()
    holed.iloc[[0, 20, 21, 44], 1] = np.nan
    holed.iloc[30, 2] = -4.0  # a correction larger than the quarter
    found = forecast(holed, 1, 400, is_quick=True)
    assert np.isfinite(found.paths).all()
    whole = forecast(force, 1, 400, is_quick=True)
    spread = [np.log(one.paths[:, 0, 1] + 0.5).std() for one in (found, whole)]
    assert spread[0] > 1.15 * spread[1]  # two quarters ahead rather than one
    assert any("2015Q2, 2015Q3, 2015Q4, 2016Q1" in remark for remark in found.remarks)
    assert any(
        remark == "criminal_damage: 1 more quarter was missing, 1 of them negative."
        for remark in found.remarks
    )


def test_empty_quarters_and_series_of_nothing_are_forecast():
    rng = np.random.default_rng(2)
    found = forecast(history_of({"robbery": rng.poisson(3.0, 40), "burglary": np.zeros(40)}), 1, 500)
    median = np.median(found.paths, axis=0)
    assert (np.abs(median[:, 0] - 3) < 1.5).all()
    assert (median[:, 1] < 0.2).all()


def test_same_seed_same_paths(force):
    first, again, other = (forecast(force, 1, 20, seed=seed, is_quick=True) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.paths, again.paths)
    assert (first.paths != other.paths).all()


def test_growth_multiplies_as_stated(force):
    central = forecast(force, 2, 50, is_quick=True).paths
    years = (np.arange(8) + 1) / 4
    for growth, rate in ((LOW, 0.98), (HIGH, 1.02)):
        changed = forecast(force, 2, 50, growth=growth, is_quick=True).paths
        np.testing.assert_allclose(changed, central * (rate**years)[:, None])
    own = Growth("own", {"violence": 0.1}, (PolicyShift("robbery", pd.Period("2024Q1", "Q-DEC"), 1.5),))
    changed = forecast(force, 2, 50, growth=own, is_quick=True).paths
    np.testing.assert_allclose(changed[:, :, 0], central[:, :, 0] * 1.1**years)
    np.testing.assert_allclose(changed[:, :2, 1], central[:, :2, 1])
    np.testing.assert_allclose(changed[:, 2:, 1], 1.5 * central[:, 2:, 1])
    np.testing.assert_array_equal(changed[:, :, 2], central[:, :, 2])


def test_widening_never_narrows():
    rng = np.random.default_rng(4)
    timid = [0.2 * rng.standard_normal((4, 100)) for _ in range(10)]
    assert estimate_widening(timid, 4) == Widening((1.0,) * 4, (1.0,) * 4)
    normal = rng.standard_normal((500, 4, 2))
    for widening in (NO_WIDENING, Widening((1.0, 1.3), (1.1, 1.0)), Widening((2.0,), (1.0,))):
        assert (np.abs(stretched(normal, widening)) >= np.abs(normal) - 1e-12).all()
    np.testing.assert_allclose(stretched(normal, NO_WIDENING), normal)


def test_widened_intervals_are_the_factors_times_the_normal_ones():
    edges = stats.norm.ppf([0.9, 0.975])[:, None, None] * np.ones((1, 2, 1))
    found = stretched(edges, Widening((1.2, 1.4), (1.5, 1.8)))[:, :, 0]
    np.testing.assert_allclose(found, edges[:, :, 0] * [[1.2, 1.4], [1.5, 1.8]])


def test_widening_finds_how_far_errors_exceed_what_was_said():
    rng = np.random.default_rng(6)
    errors = [1.5 * rng.standard_normal((4, 400)) for _ in range(30)]
    found = estimate_widening(errors, 8, n_prior=0.001)
    np.testing.assert_allclose(found.at_80[:4], 1.5, rtol=0.03)  # standard error 0.9 %
    np.testing.assert_allclose(found.at_95[:4], 1.5, rtol=0.04)
    assert found.at_80[7] >= found.at_80[3]  # nothing is known of it, and it is no nearer
    half = estimate_widening(errors, 4, n_prior=30.0)
    assert 1.1 < half.at_80[0] < 1.4


def test_at_most_four_years_of_counts_have_the_wider_intervals_of_short_histories(force):
    def widening(n_quarters: int) -> Widening:
        part = force.loc["2016Q2":].iloc[:n_quarters]
        return forecast(part, 5, 50, is_quick=True).widening

    short, long = widening(SHORT_QUARTERS), widening(SHORT_QUARTERS + 1)
    for factors, floor in ((short.at_80, SHORT_WIDENING.at_80), (short.at_95, SHORT_WIDENING.at_95)):
        assert (np.array(factors[: len(floor)]) >= floor).all()
    assert long.at_80[3] < SHORT_WIDENING.at_80[3]


def test_the_larger_of_two_factors_holds_at_each_step_and_beyond():
    found = at_least(Widening((1.0, 1.5), (2.0, 2.0)), Widening((1.2,), (1.1, 2.5, 2.6)))
    assert found == Widening((1.2, 1.5, 1.5), (2.0, 2.5, 2.6))


def test_correlation_of_few_quarters_is_drawn_to_what_all_pairs_share():
    rng = np.random.default_rng(8)
    shocks = rng.multivariate_normal(np.zeros(3), [[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1]], size=2000)
    many, few = shock_correlation(shocks), shock_correlation(shocks[:12])
    assert many[0, 1] == pytest.approx(0.8, abs=0.06)
    assert abs(many[0, 2]) < 0.1
    assert abs(few[0, 1] - few[0, 2]) < abs(
        np.corrcoef(shocks[:12].T)[0, 1] - np.corrcoef(shocks[:12].T)[0, 2]
    )
    assert np.linalg.eigvalsh(few).min() > 0
    np.testing.assert_array_equal(shock_correlation(np.full((9, 2), np.nan)), np.eye(2))


def test_pandemic_quarters_are_taken_out_once_they_are_over():
    level = np.full(45, 1000.0)
    history = history_of({"theft": level})
    history.loc["2020Q2":"2021Q1"] = 400.0
    after = np.median(forecast(history, 1, 200, is_quick=True).paths[:, :, 0], axis=0)
    np.testing.assert_allclose(after, 1000, rtol=0.02)
    assert panel_of(history).pulses.sum() == 4
    within = np.median(forecast(history.loc[:"2020Q4"], 1, 200, is_quick=True).paths[:, :, 0], axis=0)
    assert (within < 800).all()  # whether it is over cannot be known


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda h: h.drop(h.index[3]),
            "history: the index must be consecutive quarters, without holes. [VM090]",
        ),
        (
            lambda h: h.assign(robbery=h["robbery"].where(h.index > "2021Q4")),
            "history: robbery = 6 quarters: a crime type needs counts in at least 8 quarters to be forecast. "
            "[VM091]",
        ),
    ],
)
def test_a_history_that_cannot_be_forecast_is_refused(force, change, message):
    with pytest.raises(InputError) as caught:
        forecast(change(force))
    assert str(caught.value) == message


@pytest.fixture(scope="module")
def kent():
    return load_scenario(Path(__file__).resolve().parents[1] / "examples" / "kent" / "kent.yaml")


def short(kent, last, n_quarters, missing=()):
    """Return the scenario with the last quarters of its history only, some of them without counts."""
    demand = kent.demand
    rows = [row for row in demand.history.offences if row["quarter"] <= last][-n_quarters:]
    empty = dict.fromkeys(demand.history.crime_types)
    rows = [row | empty if place in missing else row for place, row in enumerate(rows)]
    history = History(source="test", offences=tuple(rows))
    return kent.model_copy(update={"demand": demand.model_copy(update={"history": history})})


@pytest.mark.parametrize(
    ("n_quarters", "missing", "last", "n_outcomes"),
    [
        (8, (), "2023Q2", 0),
        (8, (), "2022Q1", 0),  # half of it under the pandemic's restrictions
        (9, (), "2023Q2", 1),
        (9, (4,), "2023Q2", 0),
        (9, (8,), "2023Q2", 0),
        (11, (), "2023Q2", 6),
        (12, (3, 4), "2023Q2", 3),
        (16, (), "2023Q2", 26),
    ],
)
def test_a_short_history_is_forecast_and_says_what_could_not_be_checked(
    kent, n_quarters, missing, last, n_outcomes
):
    scenario = short(kent, last, n_quarters, missing)
    found = forecast_tables(scenario, 50, 1)
    numbers = found["forecast"].drop(columns=["crime_type", "quarter"]).to_numpy(np.float64)
    assert np.isfinite(numbers).all()
    covered = found["forecast_coverage"]
    own = covered[(covered["crime_type"] == "total") & (covered["level"] == 0.8)]
    assert own["n"].sum() == n_outcomes
    remarks = " ".join(found["forecast_remarks"]["remark"])
    assert ("could not be checked" in remarks) == (n_outcomes == 0)
    assert ("The history is short" in remarks) == (0 < n_outcomes < 26)
    shown = readable_demand("forecast_coverage", found, scenario)
    assert ("could not be checked" in shown.to_string()) == covered.empty
    plt.close(plot_forecast(found, scenario, "Source: test."))


@pytest.mark.parametrize(("n_quarters", "missing"), [(7, ()), (8, (2,)), (12, range(5))])
def test_less_than_two_years_of_counts_are_refused_at_the_door(kent, n_quarters, missing):
    with pytest.raises(ValidationError) as caught:
        short(kent, "2023Q2", n_quarters, missing)
    (problem,) = caught.value.errors()[0]["ctx"]["problems"]
    assert problem["code"] == "VM090"
    assert problem["value"] == "7 quarters"


def test_wrong_breaks_and_growth_are_refused(force):
    known = "crime types are violence, robbery, criminal_damage"
    with pytest.raises(InputError) as caught:
        forecast(force, breaks=[Break("fraud", QUARTERS[20])])
    assert str(caught.value) == f"breaks: crime_type = fraud: {known}. [VM092]"
    with pytest.raises(InputError) as caught:
        forecast(force, growth=Growth("own", {"fraud": 2.0}))
    assert str(caught.value) == (
        f"growth: crime_type = fraud: {known}. [VM093]\n"
        "growth: yearly.fraud = 2.0: must lie between -0.5 and 1.0. "
        "Growth is a share a year: 0.02 for two per cent. [VM094]"
    )


@pytest.fixture(scope="module")
def west_midlands():
    return load_scenario(Path(__file__).resolve().parents[1] / "parameters" / "west-midlands.yaml")


@pytest.fixture(scope="module")
def tables(west_midlands):
    return forecast_tables(west_midlands, 200, 1)


def test_tables_of_years_hold_what_was_recorded_and_the_sum_of_types(west_midlands, tables):
    years = tables["forecast_years"].set_index(["crime_type", "year"])
    # Home Office tables: 233,688 in 2017/18, less business and society, 37,440
    assert years.loc[("total", "2017/18"), "observed"] == 196_248
    assert years.loc[("violence", "2017/18"), "observed"] == 57_778
    assert years["observed"].xs("2015/16", level="year").isna().all()
    ahead = years[years["median"].notna()].xs("total", level="crime_type")
    assert list(ahead.index) == ["2023/24", "2024/25", "2025/26", "2026/27", "2027/28"]
    width = np.log(ahead["high_80"] / ahead["low_80"])
    assert (np.diff(width) > 0).all()
    assert (ahead["low_95"] < ahead["low_80"]).all()


def test_a_year_that_is_partly_known_keeps_what_is_known(west_midlands, tables):
    known = west_midlands.demand.history.counts().loc[pd.Period("2023Q2", "Q-DEC")].sum()
    quarters = tables["forecast"].query("crime_type == 'total'").set_index("quarter")["median"]
    expected = known + quarters[["2023Q3", "2023Q4", "2024Q1"]].sum()
    year = tables["forecast_years"].set_index(["crime_type", "year"]).loc[("total", "2023/24"), "median"]
    assert year == pytest.approx(expected, rel=0.01)


def test_figure_states_the_forecast_and_marks_what_was_modelled(west_midlands, tables):
    figure = plot_forecast(tables, west_midlands, "Source: test.")
    title = figure.get_suptitle().replace("\n", " ")
    median = tables["forecast_years"].query("crime_type == 'total' and year == '2023/24'")["median"].item()
    assert title.startswith(f"West Midlands: {about(median)} offences against people in 2023/24")
    assert title.endswith("in 2027/28")
    titles = {kind.title for name, kind in west_midlands.demand.crime_types.items() if "fraud" not in name}
    names = {ax.get_title(loc="left") for ax in figure.axes}
    assert names == titles | {"Total, thousand offences a quarter"}
    dashed = {ax.get_title(loc="left") for ax in figure.axes if any(x.is_dashed() for x in ax.get_lines())}
    shifted = {shift.crime_type for shift in west_midlands.demand.history.level_shifts}
    marked = {west_midlands.demand.crime_types[name].title for name in shifted}
    assert dashed == marked | {"Total, thousand offences a quarter"}
    plt.close(figure)

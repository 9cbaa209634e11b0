"""Interrupted series against the published Sicilian data, matrix algebra and other packages."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import t as t_distribution

from victimsmodel.errors import InputError
from victimsmodel.monitoring.fitting import prais_winsten
from victimsmodel.monitoring.interrupted import interrupted_series
from victimsmodel.monitoring.newey_west import fixed_b_widening, newey_west_variance, small_sample_covariance
from victimsmodel.monitoring.power import PlannedSeries, _drawn, _tested, impact_power, power_curve
from victimsmodel.monitoring.segments import Segments, default_lags, design

#: Acute coronary events in Sicily by month from January 2002, and standardised population; smoking banned
#: from month 37. Lopez Bernal, Cummins and Gasparrini (2017), International Journal of Epidemiology 46,
#: 348-355: sicily.csv of github.com/gasparrini/2017_lopezbernal_IJE_codedata.
EVENTS = """728 659 791 734 757 726 760 740 720 814 795 858 887 766 851 769 781 756 766 752 765 831 879 928
914 808 937 840 916 828 845 818 860 839 887 886 831 796 833 820 877 758 767 738 781 843 850 908 1021 859 976
888 962 838 810 876 843 936 912"""
POPULATION = """379875.3 376495.5 377040.8 377116.4 377383.4 374113.1 379513.3 376295.5 374653.2 378485.6
375955.5 378349.7 376762.4 379032.3 379360.4 376162 377972.4 381830.7 379888.6 380872.2 380966.9 381240.4
382104.9 381802.7 381656.3 383680 383504.2 386462.9 383783.1 380836.8 383483 380906.2 382926.8 384052.4
384449.6 383428.4 388153.2 388373.2 386470.1 386033.2 383686.4 385509.3 385901.9 386516.6 388436.5 383255.2
390148.7 385874.9 391613.6 391750.4 394005.6 391364.9 391664.6 389022.3 391878.5 388575.3 392989 390018.8
390712.3"""
BAN = "2005-01"


@pytest.fixture(scope="module")
def sicily():
    months = pd.period_range("2002-01", periods=59, freq="M").astype(str)
    events, population = (np.array(text.split(), float) for text in (EVENTS, POPULATION))
    return pd.DataFrame({"period": months, "events": events, "exposure": population})


def poisson_by_hand(y, offset, x):
    """Return coefficients, information and means by Fisher scoring."""
    beta = np.linalg.lstsq(x, np.log(y) - offset, rcond=None)[0]
    for _ in range(30):
        mean = np.exp(x @ beta + offset)
        information = x.T @ (x * mean[:, None])
        beta = beta + np.linalg.solve(information, x.T @ (y - mean))
    return beta, information, np.exp(x @ beta + offset)


def seasons(month):
    return [f(2 * np.pi * k * month / 12) for k in (1, 2) for f in (np.sin, np.cos)]


@pytest.mark.parametrize("with_season", [False, True])
def test_the_published_model_of_the_sicilian_ban_agrees_with_matrix_algebra(sicily, with_season):
    season = {"season": "fourier", "periods_per_year": 12, "harmonics": 2} if with_season else {}
    found = interrupted_series(sicily, BAN, Segments(effect="level", errors="dispersion", **season))
    time, month = np.arange(1, 60), np.arange(59) % 12 + 1
    columns = [np.ones(59), time, (time > 36) * 1.0, *(seasons(month) if with_season else [])]
    x, y = np.column_stack(columns), sicily["events"].to_numpy()
    beta, information, mean = poisson_by_hand(y, np.log(sicily["exposure"].to_numpy()), x)
    dispersion = ((y - mean) ** 2 / mean).sum() / (59 - x.shape[1])
    error = np.sqrt(dispersion * np.linalg.inv(information)[2, 2])
    row = found.terms.set_index("term").loc["level change"]
    assert row["estimate"] == pytest.approx(beta[2], rel=1e-9)
    assert row["standard_error"] == pytest.approx(error, rel=1e-7)
    assert found.dispersion == pytest.approx(dispersion, rel=1e-9)
    assert row["high"] == pytest.approx(
        beta[2] + t_distribution.ppf(0.975, 59 - x.shape[1]) * error, rel=1e-7
    )


def test_the_sicilian_step_is_a_rate_ratio_of_0_894_before_seasons_and_0_885_after(sicily):
    """Snapshots of the authors' data under their models; not digits read from the paper."""
    plain = interrupted_series(sicily, BAN, Segments(effect="level", errors="dispersion"))
    seasonal = Segments(
        effect="level", errors="dispersion", season="fourier", periods_per_year=12, harmonics=2
    )
    ratios = [
        plain.terms["ratio"].iloc[-1],
        interrupted_series(sicily, BAN, seasonal).terms["ratio"].iloc[-1],
    ]
    assert [round(ratio, 3) for ratio in ratios] == [0.894, 0.885]


def test_the_change_of_slope_in_sicily_is_the_interaction_of_the_published_code(sicily):
    season = {"season": "fourier", "periods_per_year": 12, "harmonics": 2}
    found = interrupted_series(sicily, BAN, Segments(errors="dispersion", **season)).terms.set_index("term")
    time, month = np.arange(1, 60), np.arange(59) % 12 + 1
    ban = (time > 36) * 1.0
    x = np.column_stack(
        [np.ones(59), ban, time, (time - 36) * ban, *seasons(month)]
    )  # smokban, I(time-36):smokban
    beta, _, _ = poisson_by_hand(sicily["events"].to_numpy(), np.log(sicily["exposure"].to_numpy()), x)
    assert found.loc["slope change", "estimate"] == pytest.approx(beta[3], rel=1e-8)
    # their level is that of month 36, ours of the first month of the ban
    assert found.loc["level change", "estimate"] == pytest.approx(beta[1] + beta[3], rel=1e-8)


def test_newey_west_errors_are_those_of_stata():
    """`newey g_realinv g_realgdp L.realint, lag(4)` on statsmodels' macrodata, as stored in its tests."""
    data = sm.datasets.macrodata.load_pandas().data
    growth = 400 * np.diff(np.log(data[["realinv", "realgdp"]].to_numpy()), axis=0)
    x = np.column_stack([growth[:, 1], data["realint"].to_numpy()[:-1], np.ones(len(growth))])
    bread = np.linalg.inv(x.T @ x)
    residuals = growth[:, 0] - x @ bread @ x.T @ growth[:, 0]
    n, k = x.shape
    variance = newey_west_variance((bread @ x.T) * residuals, 4) * n / (n - k)
    stata = [0.33125644884286, 0.29582347593197, 1.1859338087713]
    assert np.sqrt(variance) == pytest.approx(stata, rel=1e-10)


def series_of_shares(seed=1, n=20, change=12, step=0.0, size=8000):
    rng = np.random.default_rng(seed)
    trials = rng.integers(size // 2, size, n)
    share = np.where(np.arange(n) >= change, 0.11 + step, 0.11)
    quarters = pd.period_range("2014Q2", periods=n, freq="Q").astype(str)
    return pd.DataFrame({"period": quarters, "events": rng.binomial(trials, share), "trials": trials})


def test_logistic_newey_west_errors_agree_with_a_sandwich_by_hand():
    table = series_of_shares()
    found = interrupted_series(table, "2017Q2", Segments(errors="newey_west", effect="level", lags=2))
    y, n = table["events"].to_numpy(float), table["trials"].to_numpy(float)
    since = np.arange(20) - 12
    x = np.column_stack([np.ones(20), since, (since >= 0) * 1.0])
    mean = n / (1 + np.exp(-x @ found.terms["estimate"].to_numpy()))
    assert x.T @ (y - mean) == pytest.approx(np.zeros(3), abs=1e-5)
    bread = np.linalg.inv(x.T @ (x * (mean * (1 - mean / n))[:, None]))
    scores = x * (y - mean)[:, None]
    meat = sum(
        (1 - abs(i - j) / 3) * np.outer(scores[i], scores[j])
        for i in range(20)
        for j in range(20)
        if abs(i - j) <= 2
    )
    expected = np.sqrt(np.diag(bread @ meat @ bread) * 20 / 17)
    assert found.terms["standard_error"].to_numpy() == pytest.approx(expected, rel=1e-7)


def test_without_lags_the_small_sample_covariance_is_hc3():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(15), np.arange(15.0), np.arange(15) > 8])
    y = rng.standard_normal(15)
    fit = sm.OLS(y, x).fit()
    assert small_sample_covariance(x, np.ones(15), fit.resid, 0) == pytest.approx(fit.cov_HC3)


@pytest.mark.parametrize("b", [0.1, 0.2])
def test_fixed_b_critical_values_are_those_of_simulated_means(b):
    rng, n, repeats = np.random.default_rng(7), 200, 6000
    noise = rng.standard_normal((repeats, n))
    residuals = noise - noise.mean(axis=1, keepdims=True)
    error = np.sqrt(newey_west_variance(residuals, int(b * n) - 1)) / n
    distance = np.abs(noise.mean(axis=1)) / error
    beyond = (distance > 1.96 * fixed_b_widening(n, int(b * n) - 1)).mean()
    assert abs(beyond - 0.05) < 5 * np.sqrt(0.05 * 0.95 / repeats)


def test_prais_winsten_is_generalised_least_squares_with_its_own_autocorrelation():
    rng = np.random.default_rng(4)
    noise = np.zeros(40)
    for i in range(1, 40):
        noise[i] = 0.5 * noise[i - 1] + rng.standard_normal()
    x = np.column_stack([np.ones(40), np.arange(40.0), np.arange(40) >= 25])
    y = x @ [10, 0.1, 2] + noise
    estimates, covariance, rho = prais_winsten(y, x)
    place = np.arange(40)
    other = sm.GLS(y, x, sigma=rho ** np.abs(place[:, None] - place)).fit()
    assert estimates == pytest.approx(other.params)
    assert covariance == pytest.approx(other.cov_params())
    residuals = y - x @ estimates
    assert rho == pytest.approx((residuals[1:] @ residuals[:-1]) / (residuals[:-1] @ residuals[:-1]))
    table = pd.DataFrame({"period": place.astype(str), "value": y})
    found = interrupted_series(table, "25", Segments(effect="level", errors="ar1"))
    assert found.terms["estimate"].iloc[-1] == pytest.approx(estimates[2])


def test_effects_and_counterfactual_add_up_and_intervals_follow_the_delta_method():
    table = series_of_shares(step=0.03)
    found = interrupted_series(table, "2017Q2")
    series, after = found.series, found.series["is_after"].to_numpy()
    assert (series["fitted"] - series["counterfactual"]).to_numpy() == pytest.approx(
        series["effect"].to_numpy()
    )
    assert series["effect"][~after].to_numpy() == pytest.approx(np.zeros(12))
    assert found.extra[0] == pytest.approx((series["effect"] * table["trials"])[after].sum())
    assert found.average[0] * table["trials"][after].sum() == pytest.approx(found.extra[0])
    assert found.average[0] > 0.01
    assert "percentage points higher" in found.words[0]


def test_a_straight_series_gives_back_its_level_and_slope_exactly():
    time = np.arange(24)
    value = 5 + 0.5 * time + (time >= 12) * (2 - 0.25 * (time - 12)) + np.tile([1, -1, 0.5, -0.5], 6)
    table = pd.DataFrame({"period": time.astype(str), "value": value})
    terms = interrupted_series(table, "12", Segments(season="periods", errors="dispersion")).terms.set_index(
        "term"
    )
    assert terms.loc["level change", "estimate"] == pytest.approx(2)
    assert terms.loc["slope change", "estimate"] == pytest.approx(-0.25)
    assert terms.loc["period 2", "estimate"] == pytest.approx(-2)


def test_periods_of_transition_have_no_say():
    table = series_of_shares()
    wild = table.copy()
    wild.loc[12, "events"] = wild.loc[12, "trials"]
    plans = Segments(effect="level", transition=1)
    calm, other = (interrupted_series(x, "2017Q2", plans) for x in (table, wild))
    assert calm.average == other.average
    assert not other.series["is_used"].iloc[12]


def test_series_that_cannot_tell_are_refused():
    table = series_of_shares()
    with pytest.raises(
        InputError, match=r"change = 2017q2: must be a row of the table.*Did you mean 2017Q2\? \[VM156\]"
    ):
        interrupted_series(table, "2017q2")
    with pytest.raises(InputError, match=r"has 1 periods after the change; must have at least 3. \[VM157\]"):
        interrupted_series(table, "2019Q1")
    with pytest.raises(InputError, match=r"has no event, or events only, after the change.*\[VM158\]"):
        interrupted_series(table.assign(events=np.where(np.arange(20) < 12, 5, 0)), "2017Q2")
    with pytest.raises(InputError, match=r"for 7 terms; must have at least 10. Leave out seasons"):
        interrupted_series(table.iloc[7:16], "2017Q2", Segments(season="periods"))


def planned(**changes):
    stated = {"periods_before": 12, "periods_after": 8, "share": 0.11, "trials": 8000, "level_change": 0.01}
    return PlannedSeries(**{**stated, **changes})


@pytest.mark.parametrize("errors", ["small_sample", "newey_west", "dispersion"])
def test_simulated_series_are_analysed_as_observed_ones_are(errors):
    plan = planned(dispersion=3, autocorrelation=0.3)
    columns = design(20, 12, Segments(effect="level"), "")
    events = _drawn(plan, np.full(20, 0.11), 3, np.random.default_rng(1))
    contrast = np.array([0, 0, 1.0])
    found = _tested(events, 8000, columns.factual, contrast, errors)
    for row in range(3):
        table = pd.DataFrame({"period": np.arange(20).astype(str), "events": events[row], "trials": 8000})
        term = interrupted_series(table, "12", Segments(effect="level", errors=errors)).terms.iloc[-1]
        assert found.estimate[row] == pytest.approx(term["estimate"], rel=1e-7)
        assert found.error[row] == pytest.approx(term["standard_error"], rel=1e-6)
        reach = (term["high"] - term["low"]) / 2
        assert found.critical * found.error[row] == pytest.approx(reach, rel=1e-6)


def test_power_of_independent_series_is_that_of_the_t_test():
    plan = planned()
    found = impact_power(plan, "dispersion", n_simulations=4000)
    columns = design(20, 12, Segments(effect="level"), "")
    information = columns.factual.T @ columns.factual * 8000 * 0.11 * 0.89
    shift = np.log(0.12 / 0.88) - np.log(0.11 / 0.89)
    distance = shift / np.sqrt(np.linalg.inv(information)[2, 2])
    from scipy.stats import nct

    critical = t_distribution.ppf(0.975, 17)
    expected = nct.sf(critical, 17, distance) + nct.cdf(-critical, 17, distance)
    # weights differ by 8 % between 0.11 and 0.12, which the formula leaves out
    assert abs(found.power - expected) < 5 * np.sqrt(expected * (1 - expected) / 4000) + 0.015
    assert found.type_1_low <= 0.05 <= found.type_1_high
    assert found.mean_effect == pytest.approx(0.01, abs=5 * 0.003 / np.sqrt(4000))


def test_simulated_series_have_the_stated_dispersion_and_autocorrelation():
    plan = planned(dispersion=4, autocorrelation=0.6)
    events = _drawn(plan, np.full(20, 0.11), 20_000, np.random.default_rng(2))
    share = events / 8000 - 0.11
    chance = 0.11 * 0.89 / 8000
    assert share.var() / chance == pytest.approx(4, rel=0.03)
    pairs = (share[:, 1:] * share[:, :-1]).mean() / share.var()
    assert pairs == pytest.approx(0.6 * 3 / 4, abs=0.02)


def test_short_series_claim_far_too_much_with_plain_newey_west_and_little_with_what_replaces_it():
    plan = planned(dispersion=2, autocorrelation=0.3, level_change=0.01)
    plain, mended = (
        impact_power(plan, errors, n_simulations=4000) for errors in ("newey_west", "small_sample")
    )
    assert plain.type_1_low > 0.12
    assert mended.type_1_high < 0.09
    assert "More than the nominal 5%" in plain.words


def test_more_periods_and_larger_effects_have_more_power():
    curve = power_curve(planned(dispersion=2), [4, 12], [0.01, 0.02], n_simulations=1000)
    power = curve.pivot(index="periods_after", columns="level_change", values="power").to_numpy()
    assert (np.diff(power, axis=1) > 0).all()
    assert power[1, 0] > power[0, 0]


def test_effects_that_leave_0_to_1_are_refused():
    with pytest.raises(
        InputError, match=r"level_change = -0.2: leads to shares from -0.090 to 0.110.*\[VM160\]"
    ):
        impact_power(planned(level_change=-0.2))


def test_newey_wests_lags_follow_the_length():
    assert [default_lags(n) for n in (12, 20, 40, 100)] == [2, 2, 3, 4]


def test_a_plan_that_cannot_be_is_refused_with_every_problem():
    with pytest.raises(InputError) as caught:
        planned(periods_before=2, share=11, efect="level")
    assert [str(problem).split(":")[1] for problem in caught.value.problems] == [
        " periods_before = 2",
        " share = 11",
        " efect",
    ]
    assert str(caught.value).endswith("Did you mean effect? [VM160]")
    with pytest.raises(InputError, match=r"segments: lags = -1: must be at least 0\. \[VM160\]"):
        Segments(lags=-1)

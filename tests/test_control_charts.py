"""Control charts against published charts and the theory of their limits."""

import numpy as np
import pandas as pd
import pytest

from victimsmodel.errors import InputError
from victimsmodel.monitoring.charts import control_chart
from victimsmodel.monitoring.limits import chance_range, laney_sigma_z
from victimsmodel.monitoring.rules import signals

#: NIST/SEMATECH e-Handbook 6.3.3.2, also in Montgomery, Introduction to Statistical Quality Control:
#: 30 samples of 50.
WAFERS = [
    12,
    15,
    8,
    10,
    4,
    7,
    16,
    9,
    14,
    10,
    5,
    6,
    17,
    12,
    22,
    8,
    10,
    5,
    13,
    11,
    20,
    18,
    24,
    15,
    9,
    12,
    7,
    13,
]
WAFERS += [9, 6]
#: NIST/SEMATECH e-Handbook 6.3.2.2: flow rates.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def periods(n):
    return [f"{2010 + i // 4}Q{i % 4 + 1}" for i in range(n)]


def shares(events, trials):
    return pd.DataFrame({"period": periods(len(events)), "events": events, "trials": trials})


def values(numbers):
    return pd.DataFrame({"period": periods(len(numbers)), "value": numbers})


def test_p_chart_is_the_published_one_of_30_wafers():
    chart = control_chart(shares(WAFERS, 50), "p")
    point = chart.points.iloc[0]
    assert (round(point["centre"], 4), round(point["upper"], 4), round(point["lower"], 4)) == (
        0.2313,
        0.4102,
        0.0524,
    )
    beyond = chart.signals[chart.signals["rule"] == "beyond"]
    assert list(beyond["period"]) == [periods(30)[14], periods(30)[22]]  # Montgomery: samples 15 and 23


def test_xmr_chart_is_the_published_one_of_flow_rates():
    chart = control_chart(values(FLOW))
    point, phase = chart.points.iloc[1], chart.phases.iloc[0]
    assert (round(point["upper"], 4), round(point["lower"], 4)) == (55.8041, 45.8159)
    assert round(phase["moving_range"], 4) == 1.8778
    assert point["moving_range_upper"] == pytest.approx(
        6.1349, abs=3e-4
    )  # NIST multiplies the rounded mean range
    assert not len(chart.signals)


def test_limits_are_2_66_mean_moving_ranges_away_and_ranges_3_27():
    chart = control_chart(values(FLOW))
    moving = chart.phases["moving_range"].iloc[0]
    assert (chart.points["upper"].iloc[0] - np.mean(FLOW)) / moving == pytest.approx(2.66, abs=0.001)
    assert chart.points["moving_range_upper"].iloc[0] / moving == pytest.approx(3.268, abs=0.002)


def test_laney_sigma_z_is_1_under_binomial_chance_and_the_root_of_the_dispersion_beyond():
    rng, n, trials, share, repeats = np.random.default_rng(5), 24, 4000.0, 0.11, 400
    for dispersion in (1.0, 4.0):
        spread = np.sqrt((dispersion - 1) * share * (1 - share) / trials)
        true = share + spread * rng.standard_normal((repeats, n))
        events = rng.binomial(int(trials), true).astype(float)
        found = np.array([laney_sigma_z(row, np.full(n, trials), share) for row in events])
        error = found.std() / np.sqrt(repeats)
        # d2 = 1.128 is 1.12838 rounded
        assert abs(found.mean() - np.sqrt(dispersion)) < 5 * error, (found.mean(), error)


def test_chance_leaves_its_range_of_sigma_z_one_time_in_ten():
    rng, repeats = np.random.default_rng(6), 4000
    for n in (12, 20, 40):
        low, high = chance_range(n)
        found = np.abs(np.diff(rng.standard_normal((repeats, n)))).mean(axis=1) / 1.128
        outside = ((found < low) | (found > high)).mean()
        assert abs(outside - 0.1) < 5 * np.sqrt(0.1 * 0.9 / repeats) + 0.01, (n, outside)  # 0.01: asymptotic


def test_laney_limits_are_p_limits_times_sigma_z():
    table = shares(WAFERS, 50)
    plain, wide = control_chart(table, "p"), control_chart(table, "p_prime")
    ratio = (wide.points["sigma"] / plain.points["sigma"]).to_numpy()
    assert ratio == pytest.approx(wide.phases["sigma_z"].iloc[0])
    assert control_chart(table).chart == "p_prime"
    assert "1.66 over 30 points" in control_chart(table).advice


def test_binomial_shares_are_advised_a_p_chart():
    rng = np.random.default_rng(8)
    assert control_chart(shares(rng.binomial(5000, 0.1, 20), 5000)).chart == "p"


def test_a_change_of_limits_starts_a_phase_whose_limits_rest_on_its_own_points():
    events = [100, 103, 97, 101, 99, 100, 150, 148, 152, 151]
    chart = control_chart(shares(events, 1000), "p", changes=[periods(10)[6]])
    assert list(chart.phases["centre"]) == pytest.approx([0.1, 0.15025])
    assert not len(chart.signals)
    assert len(control_chart(shares(events, 1000), "p", baseline=6).signals)
    assert (
        list(control_chart(shares(events, 1000), "p", baseline=6).points["is_baseline"])
        == [True] * 6 + [False] * 4
    )


@pytest.mark.parametrize(
    ("z", "rule", "first", "last"),
    [
        ([0.5] * 8 + [-0.1], "run", 0, 7),
        ([1, 2.1, 0.3, 2.2, -1, 1], "two_of_three", 1, 3),
        ([-0.9, -0.5, -0.1, 0.2, 0.6, 1.0, -1], "trend", 0, 5),
        ([0.1, -0.2, -3.1, 0.4], "beyond", 2, 2),
    ],
)
def test_each_rule_finds_its_pattern_and_no_other(z, rule, first, last):
    z = np.array(z)
    found = signals(z, z, 8)
    assert [(s.rule, s.first, s.last) for s in found] == [(rule, first, last)]


@pytest.mark.parametrize(
    "z", [[0.5] * 7, [0.5] * 4 + [0.0] + [0.5] * 4, [2.1, 0, 0, 2.1], [2.1, -2.1, 0.1], [1, 2, 2.0]]
)
def test_what_is_just_short_of_a_rule_is_no_signal(z):
    assert not [s for s in signals(np.array(z, float), np.zeros(len(z)), 8) if s.rule != "trend"]


def test_seven_in_a_row_are_a_signal_of_making_data_count_only():
    numbers = [10.0, 11, 9, 10, 11, 9, 10, 12, 13, 12, 13, 12, 13, 12]
    assert "run" not in set(control_chart(values(numbers)).signals["rule"])
    told = control_chart(values(numbers), run_length=7).signals
    assert "7 points in a row, 2011Q4 to 2013Q2, lie above the centre of 11.2" in set(told["words"])


def test_every_impossible_count_is_told_at_once():
    table = pd.DataFrame({"period": ["a", "a", None], "events": [3, "x", -1], "trials": [2, 1.5, 0]})
    with pytest.raises(InputError) as caught:
        control_chart(table)
    told = str(caught.value).splitlines()
    assert len(told) == 7
    assert "control chart, row 1 (a): events: must be at most trials. [VM155]" in told


def test_unknown_periods_and_short_phases_are_refused():
    with pytest.raises(
        InputError, match=r"changes = 2011q3: must be a row of the table \(2010Q1 to 2012Q2\).*\[VM156\]"
    ):
        control_chart(values(FLOW), changes=["2011q3"])
    with pytest.raises(InputError, match=r"phase from 2012Q1: has 2 points where limits need 4. \[VM157\]"):
        control_chart(values(FLOW), changes=["2012Q1"])
    with pytest.raises(InputError, match=r"events: is missing \(columns found: period, value\)"):
        control_chart(values(FLOW), "p")


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["2018Q1", "2018Q2", "2018Q4", "2019Q1"], ["Periods are missing: 1 between 2018Q2 and 2018Q4."]),
        (
            ["2017/18 Q4", "2018/19 Q1", "2019/20 Q1", "2018/19 Q4"],
            ["The periods are not in the order of time", "Periods are missing: 2 between 2018/19 Q1 and"],
        ),
        (["Apr 2018", "May 2018", "July 2018", "Aug 2018"], ["Periods are missing: 1 between May 2018 and"]),
        (["2018Q1", "2018Q2", "2018Q3", "2018Q4"], []),
        (["1", "2", "4", "5"], []),
    ],
)
def test_periods_that_are_missing_are_remarked_on(labels, told):
    table = pd.DataFrame({"period": labels, "events": [10, 12, 11, 9], "trials": 100})
    remarks = control_chart(table).remarks
    for start in told:
        assert any(remark.startswith(start) for remark in remarks)
    assert sum("missing" in r or "order of time" in r for r in remarks) == len(told)

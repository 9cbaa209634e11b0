"""The examples of docs/monitoring.md run, and its figures draw."""

import doctest
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.inputs.survey import AGREEMENT
from victimsmodel.reporting.pictures import figure_title

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "monitoring.md"
QUARTERS = pd.period_range("2014Q2", periods=20, freq="Q").astype(str)


@pytest.fixture
def series():
    rng = np.random.default_rng(1)
    trials = rng.integers(7000, 9000, 20)
    events = np.round(np.where(np.arange(20) >= 12, 0.13, 0.108) * trials).astype(int)
    return pd.DataFrame({"period": QUARTERS, "events": events, "trials": trials})


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_every_example_of_the_document_gives_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = doctest.testfile(str(DOCUMENT), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 20
    assert found.failed == 0


def test_the_title_of_a_control_chart_tells_its_loudest_signal(series):
    figure = vm.plot_control_chart(vm.control_chart(series, baseline=12), "Referrals supported", "Invented.")
    assert "8 points in a row, 2017Q2 to 2019Q1, lie above the centre of 10.8%" in figure_title(figure)
    assert figure.axes[0].get_ylabel() == "Referrals supported (%)"


def test_a_chart_of_values_names_their_unit():
    table = pd.DataFrame({"period": QUARTERS, "value": [4.0, 5, 4.4, 4.8] * 5})
    figure = vm.plot_control_chart(vm.control_chart(table), "Wait", "Invented.", "working days")
    assert figure_title(figure) == "Wait: no signal of change up to 2019Q1, only chance around 4.55"
    assert figure.axes[0].get_ylabel() == "Wait (working days)"


def test_the_title_of_a_funnel_tells_of_the_area_asked_about():
    table = pd.DataFrame({"area": list("ABCDEF"), "events": [50, 52, 48, 51, 49, 90], "trials": 500})
    plot = vm.funnel_plot(table, target=0.1)
    assert figure_title(vm.plot_areas_funnel(plot, "Supported", "Invented.", "F")) == (
        "Supported in F is 18.0% against 10.0%: above 99.8% limits"
    )
    assert figure_title(vm.plot_areas_funnel(plot, "Supported", "Invented.")) == (
        "Supported: 1 of 6 areas lies outside the 95% limits around 10.0%"
    )


def test_the_title_of_an_impact_states_it_with_its_interval(series):
    impact = vm.interrupted_series(series, "2017Q2", vm.Segments(effect="level", errors="dispersion"))
    title = figure_title(vm.plot_interrupted_series(impact, "Share supported", "Invented."))
    assert title.startswith(
        "Share supported is 2.2 percentage points higher on average than without the change"
    )


def test_the_title_of_a_power_curve_says_how_long_to_wait():
    plan = vm.PlannedSeries(periods_before=12, periods_after=4, share=0.11, trials=8000, level_change=0.03)
    curve = vm.power_curve(plan, [4, 8], [0.001, 0.03], n_simulations=200)
    title = figure_title(vm.plot_power(curve, plan, "Invented."))
    assert title == (
        "To see an effect in 4 of 5 cases: +0.1 points takes more than 8 periods; +3.0 points takes 4 periods"
    )


def test_the_bars_of_feedback_part_at_the_middle_of_the_scale():
    rows = [
        ("easy", answer, i, n)
        for i, (answer, n) in enumerate(zip(AGREEMENT.answers, [20, 35, 30, 48, 22], strict=True), 1)
    ]
    feedback = vm.summarise_feedback(pd.DataFrame(rows, columns=["item", "answer", "position", "count"]))
    figure = vm.plot_feedback(feedback, "Victims", "Invented.")
    bars = list(figure.axes[0].patches)
    assert min(bar.get_x() for bar in bars) == pytest.approx(-(55 + 15) / 155)
    assert max(bar.get_x() + bar.get_width() for bar in bars) == pytest.approx((70 + 15) / 155)
    assert figure_title(figure) == "Victims: “easy” 45% favourable"

"""Facts of what is kept back: what foretells it, how often intervals hold, what people are told."""

import numpy as np
import pandas as pd
import pytest

from victimsmodel.appraisal.explain import END, START, explain_option, explain_options
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL
from victimsmodel.pathway.calibrate import calibrate
from victimsmodel.pathway.kept_back import AFTER_YEAR, NEXT, PUBLISHED, kept_back
from victimsmodel.pathway.observing import draw_data
from victimsmodel.reporting.figures_calibration import plot_hold_out
from victimsmodel.reporting.hold_out_words import hold_out_sentences, readable_hold_out
from victimsmodel.reporting.lever_words import cost_text
from victimsmodel.reporting.waterfall_words import adding_up, readable_waterfall, waterfall_sentences, widest

SCENARIO = "parameters/west-midlands.yaml"
SMALL = {"demand.victims_per_year": 1680}


@pytest.fixture(scope="module")
def found():
    return calibrate(load_scenario(SCENARIO), n_draws=800, capacity_years=0)


@pytest.fixture(scope="module")
def table(found):
    return kept_back(found, {0: 150_000.0}, n_returns=120, seed=2)


def test_a_single_published_total_is_foretold_by_the_stated_inputs_alone(found, table):
    row = table.set_index("kind").loc[PUBLISHED]
    first = found.bank.sizes[0]
    data = draw_data(found.observed[0], found.totals[:first, 0], np.random.default_rng(1))
    # the standard error of a 5 % quantile's level from 800 draws is 0.8 percentage points
    for name, level in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
        error = np.sqrt(level * (1 - level) / 800)
        assert (data < row[name]).mean() == pytest.approx(level, abs=5 * error)
    assert row["n_others"] == 0
    assert row["is_within"] == (row["low"] <= 0.115 <= row["high"])


def test_a_kept_back_total_that_contradicts_the_other_lies_outside():
    numbers = {"of": "referred", "source": "assumption", "definition": "of a test", "correlation": 0.0}
    rows = [
        ObservedTotal(stage="supported", events=1_150, trials=10_000, period="2017/18", **numbers),
        ObservedTotal(stage="supported", events=2_600, trials=10_000, period="2018/19", **numbers),
    ]
    both = calibrate(load_scenario(SCENARIO), BUSINESS_AS_USUAL, rows, n_draws=400, capacity_years=0)
    own = kept_back(both, {0: 4e4, 1: 4e4}, n_returns=2).query("kind == @PUBLISHED")
    assert not own["is_within"].any()
    assert (own["n_others"] == 1).all()
    assert hold_out_sentences(kept_back(both, {0: 4e4, 1: 4e4}, n_returns=2))[0].startswith(
        "Each of 2 published totals was kept back in turn: 0 of them lie within the 90% interval"
    )


def test_intervals_of_an_invented_next_quarter_hold_it_as_often_as_they_say(table):
    row = table.set_index("kind").loc[AFTER_YEAR]
    assert row["trials"] == 37_500
    assert abs(row["covered"] - 0.9) < 4 * row["standard_error"]
    assert row["standard_error"] == pytest.approx(np.sqrt(0.9 * 0.1 / 120))


def test_four_quarters_of_a_return_narrow_the_forecast_of_the_fifth(table):
    width = (table["high"] - table["low"]).set_axis(table["kind"])
    assert width[AFTER_YEAR] < width[NEXT]


def test_what_was_kept_back_is_said_with_what_it_does_not_show(table):
    published, quarter = hold_out_sentences(table)
    assert "supported of referred, 2017/18: 11.5%" in published
    assert quarter.startswith("No quarters of this service are published, so that invented returns")
    assert quarter.endswith("only its own return can show.")
    shown = readable_hold_out(table)
    assert shown["Observed"].tolist() == ["11.5%", "not published", "not published"]
    figure = plot_hold_out(table, "Source: a test.")
    assert figure.axes[0].get_xlabel() == "Supported of referred"


# Waterfalls of all options


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, SMALL)


@pytest.fixture(scope="module")
def waterfalls(scenario):
    return explain_options(scenario, n_draws=2, seed=3, most_parts=3)


def test_the_parts_of_every_option_sum_exactly_to_its_difference(waterfalls, scenario):
    assert list(dict.fromkeys(waterfalls["option"])) == list(scenario.options)[1:]
    for _, own in waterfalls.groupby("option"):
        values = own.set_index("kind")["value"]
        parts = own.loc[own["kind"] == "part", "value"].sum()
        assert values[START] + parts == pytest.approx(values[END], rel=1e-12)
        assert (own["kind"] == "part").sum() <= 3


def test_an_option_explained_with_others_is_explained_as_it_is_alone(waterfalls, scenario):
    alone = explain_option(scenario, "needs_flagged", n_draws=2, seed=3)
    both = waterfalls[waterfalls["option"] == "needs_flagged"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, both)


def test_rounded_parts_add_up():
    rng = np.random.default_rng(4)
    for size in (1.0, 100.0, 10_000.0):
        for _ in range(50):
            parts = rng.normal(0, size, size=4)
            start, *rounded, end = adding_up(3 * size, parts, 3 * size + parts.sum())
            unit = 10 if max(abs(start), abs(end)) >= 1_000 else 1
            assert start + sum(rounded) == end
            assert np.abs(np.array(rounded) - parts).max() < 2 * unit


def test_a_table_of_waterfalls_names_parts_in_the_order_of_the_pathway(waterfalls, scenario):
    shown = readable_waterfall(waterfalls, scenario)
    assert shown.index[0] == "Business as usual"
    assert shown.index[1].startswith("Who is referred")
    assert shown.index[-1] == "The option"
    assert shown.columns.tolist() == [each.title for each in list(scenario.options.values())[1:]]
    first, how = waterfall_sentences(waterfalls, scenario)
    assert scenario.options[widest(waterfalls)["option"].iloc[0]].title in first
    assert "over 2 draws of the inputs" in how


@pytest.mark.parametrize(
    ("cost", "low", "high", "text"),
    [
        (85.07, 47.52, 8011.2, "not known well: £48 to £8,010"),
        (50.55, 23.62, 74.6, "£51 (£24 to £75)"),
        (1.29, -12.94, 4.51, "£1 (−£13 to £5)"),
        (300.0, 90.0, np.inf, "not known well: £90 to no limit"),
    ],
)
def test_the_cost_of_an_extra_victim_is_no_more_precise_than_it_is_known(cost, low, high, text):
    row = {"remark": "", "cost_per_extra": cost, "cost_per_extra_low": low, "cost_per_extra_high": high}
    assert cost_text(row) == text

"""The tables about demand as people read them."""

from pathlib import Path

import pandas as pd
import pytest

from victimsmodel.demand.overview import forecast_tables, origin_tables
from victimsmodel.demand.victims import estimate_demand
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.reporting.readable_demand import readable_demand

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(ROOT / "parameters" / "west-midlands.yaml")


@pytest.fixture(scope="module")
def tables(scenario):
    demand = estimate_demand(scenario, 200, 1)
    return origin_tables(scenario, demand, 1) | forecast_tables(scenario, 200, 1)


def test_the_steps_start_at_recorded_crime_and_end_at_victims_in_need(scenario, tables):
    found = readable_demand("reconciliation", tables, scenario)
    assert found.iloc[0].tolist()[:2] == ["", "233,690"]  # nothing is added to it, and it is certain
    assert found.index[-1] == "Without unmet need: victims in need"
    assert found["Change"].iloc[1] == "\N{MINUS SIGN}9,490"
    assert " to " in found["Result"].iloc[-1]


def test_a_step_that_changes_nothing_is_left_out():
    kent = load_scenario(ROOT / "examples" / "kent" / "kent.yaml")
    own = origin_tables(kent, estimate_demand(kent, 20, 1), 1)
    assert "elsewhere" in set(own["reconciliation"]["step"])
    shown = readable_demand("reconciliation", own, kent)
    assert not any("other police forces" in str(title) for title in shown.index)


def test_boroughs_without_a_venue_say_so(scenario, tables):
    found = readable_demand("areas", tables, scenario)["Victims in need per venue"]
    assert found["Coventry"] == found["Dudley"] == "no venue"
    assert found.drop(["Coventry", "Dudley"]).str.contains(" to ").all()


def test_past_years_are_counts_and_future_ones_have_a_range(scenario, tables):
    found = readable_demand("forecast_years", tables, scenario)
    assert found.loc["2017/18", "Total"] == "196,250"
    assert found.loc["2015/16", "Total"] == "–"
    assert " to " in found.loc["2024/25", "Total"]


@pytest.mark.parametrize("name", ["data_quality", "forecast_coverage", "forecast_remarks"])
def test_a_table_without_rows_is_one_line_that_says_why(scenario, tables, name):
    shown = readable_demand(name, {name: tables[name].head(0)}, scenario)
    assert len(shown) == 1
    assert shown.iloc[0, 0].endswith(".")


@pytest.mark.parametrize(
    "name",
    [
        "reconciliation",
        "distance",
        "distance_words",
        "beyond_police",
        "needs",
        "areas",
        "incident_planning",
        "data_quality",
        "forecast_years",
        "forecast_coverage",
        "forecast_remarks",
    ],
)
def test_every_table_is_text_without_raw_names_and_says_where_nothing_is_stated(scenario, tables, name):
    found = readable_demand(name, tables, scenario).reset_index()
    assert len(found) > 1
    for column in found:
        texts = found[column].astype(str)
        assert not texts.str.contains(r"\bnan\b|[a-z]_[a-z]", regex=True).any(), column
    empty = readable_demand(name, {}, scenario)
    assert isinstance(empty, pd.DataFrame)
    assert len(empty) == 1
    assert "The scenario states no " in empty.iloc[0, 0]

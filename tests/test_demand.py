import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from victimsmodel.demand.sources import arrivals
from victimsmodel.demand.victims import daily_index, estimate_demand, group_demand, shifted_to_mean
from victimsmodel.inputs.draws import draw_points, values_of
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.scenario import MONTHS
from victimsmodel.inputs.strict_yaml import plain, read_yaml

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
WEST_MIDLANDS = PARAMETERS / "west-midlands.yaml"
N_DRAWS = 400


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(WEST_MIDLANDS)


@pytest.fixture(scope="module")
def stated():
    """What the file says about demand, as plain numbers."""
    return plain(read_yaml(WEST_MIDLANDS))["demand"]


@pytest.fixture(scope="module")
def points(scenario):
    return draw_points(scenario, N_DRAWS, seed=7)


@pytest.fixture(scope="module")
def found(scenario, points):
    return group_demand(scenario, points)


# Victims


def test_the_central_case_splits_the_total_by_recorded_offences_and_enhanced_share(scenario, stated):
    offences = stated["recorded_offences"]["values"]
    expected = []
    for key, crime_type in stated["crime_types"].items():
        victims = 168_000 * offences[key] / sum(offences.values())
        enhanced = crime_type["enhanced_share"]["value"]
        expected += [victims * enhanced, victims * (1 - enhanced)]
    table = estimate_demand(scenario, n_draws=1)
    assert table["group"].tolist() == [group.name for group in scenario.groups]
    np.testing.assert_allclose(table["victims"], expected, rtol=1e-12)


def test_recorded_offences_split_the_victims_of_every_draw_alike(scenario, stated, found):
    offences = np.array(list(stated["recorded_offences"]["values"].values()))
    by_crime_type = found.victims.reshape(N_DRAWS, -1, 2).sum(axis=-1)
    shares = by_crime_type / by_crime_type.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(shares, np.tile(offences / offences.sum(), (N_DRAWS, 1)), rtol=1e-12)


def test_victims_of_all_groups_sum_to_the_drawn_total(scenario, points, found):
    total = scenario.demand.victims_per_year.quantile(points["demand.victims_per_year"])
    np.testing.assert_allclose(found.victims.sum(axis=-1), total, rtol=1e-12)


def test_the_central_case_has_168_000_victims_of_whom_a_quarter_is_in_need(scenario):
    table = estimate_demand(scenario, n_draws=1)
    assert table["victims"].sum() == pytest.approx(168_000, rel=1e-12)
    assert table["in_need"].sum() == pytest.approx(42_000, rel=1e-12)


@pytest.mark.parametrize(("probability", "stated_total"), [(0.05, 154_000), (0.5, 168_000), (0.95, 182_000)])
def test_the_total_has_the_stated_percentiles(scenario, probability, stated_total):
    n_draws = 1_000
    table = estimate_demand(scenario, n_draws, seed=3)
    total = np.sort(table.groupby("draw")["victims"].sum())
    # the k-th smallest of a Latin hypercube column lies in stratum k, so that the sampling error
    # of a percentile is less than a stratum to either side
    estimate = scenario.demand.victims_per_year
    drawn = np.quantile(total, probability)
    low, high = estimate.quantile([probability - 1 / n_draws, probability + 1 / n_draws])
    assert low < drawn < high
    assert low < stated_total < high


def test_a_year_of_366_days_has_the_victims_of_one_year(scenario):
    overrides = {"period.start": "2018-04-01", "period.end": "2019-03-31"}
    common = load_scenario(WEST_MIDLANDS, overrides)
    assert (scenario.period.days, common.period.days) == (366, 365)
    assert scenario.period.years == common.period.years == 1
    totals = [estimate_demand(each, n_draws=1)["victims"].sum() for each in (scenario, common)]
    assert totals[0] == totals[1]


def test_two_years_have_twice_the_victims_of_one(scenario):
    two = load_scenario(WEST_MIDLANDS, {"period.end": "2021-03-31"})
    totals = [estimate_demand(each, n_draws=1)["victims"].sum() for each in (scenario, two)]
    assert totals[1] == 2 * totals[0]


# Need


def test_need_averages_to_the_stated_total_in_every_draw(scenario, points, found):
    average = (found.victims * found.need).sum(axis=-1) / found.victims.sum(axis=-1)
    expected = scenario.demand.need.quantile(points["demand.need"])
    np.testing.assert_allclose(average, expected, rtol=1e-13)


def test_need_is_a_probability_in_every_draw(found):
    assert 0 < found.need.min() < found.need.max() < 1


def test_need_of_enhanced_victims_is_higher_by_the_stated_odds_ratio(scenario, points, found):
    odds = (found.need / (1 - found.need)).reshape(N_DRAWS, -1, 2)
    expected = scenario.demand.enhanced_need_odds_ratio.quantile(points["demand.enhanced_need_odds_ratio"])
    ratio = odds[..., 0] / odds[..., 1]
    np.testing.assert_allclose(ratio, np.tile(expected[:, None], (1, ratio.shape[1])), rtol=1e-11)


def test_the_shift_to_the_stated_total_keeps_the_odds_ratios_between_crime_types(scenario, points, found):
    odds = (found.need / (1 - found.need))[:, 1::2]
    need = np.stack(
        [
            crime_type.need.quantile(points[f"demand.crime_types.{key}.need"])
            for key, crime_type in scenario.demand.crime_types.items()
        ],
        axis=-1,
    )
    stated_odds = need / (1 - need)
    np.testing.assert_allclose(odds / odds[:, :1], stated_odds / stated_odds[:, :1], rtol=1e-11)


def test_two_equal_groups_of_odds_1_and_4_shift_to_a_mean_of_one_half():
    # p / (1 - p) = f and 4 f with p1 + p2 = 1 gives 4 f^2 = 1
    found = shifted_to_mean(np.array([[1.0, 4.0]]), np.array([[0.5, 0.5]]), np.array([0.5]))
    np.testing.assert_allclose(found, [[1 / 3, 2 / 3]], rtol=1e-14)


def test_victims_in_need_are_part_of_the_victims(scenario):
    table = estimate_demand(scenario, n_draws=50)
    assert (table["in_need"] > 0).all()
    assert (table["in_need"] < table["victims"]).all()


# When they come


@pytest.mark.parametrize(("start", "end"), [("2019-04-01", "2020-03-31"), ("2018-04-01", "2019-03-31")])
def test_the_monthly_profile_averages_to_one_over_the_evaluated_year(start, end):
    scenario = load_scenario(WEST_MIDLANDS, {"period.start": start, "period.end": end})
    index = daily_index(scenario, pd.date_range(start, end))
    assert index.mean() == pytest.approx(1, rel=1e-14)


def test_days_of_a_month_have_the_stated_profile(scenario, stated):
    profile = stated["monthly_profile"]["values"]
    index = daily_index(scenario, pd.to_datetime([f"2019-{month:02d}-15" for month in range(1, 13)]))
    expected = [profile[month] / profile["jan"] for month in MONTHS]
    np.testing.assert_allclose(index / index[0], expected, rtol=1e-14)


def test_days_outside_the_evaluated_year_follow_the_same_profile(scenario):
    inside, outside = daily_index(scenario, pd.to_datetime(["2019-07-15", "2022-07-15"]))
    assert inside == outside


# Draws


def test_an_added_option_changes_no_draw_of_other_inputs(scenario, points, tmp_path):
    shutil.copytree(PARAMETERS, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "more.yaml"
    estimate = "{value: 0.5, low: 0.4, high: 0.6, unit: probability, source: assumption}"
    path.write_text(
        f"""\
extends: west-midlands.yaml
options:
  visits:
    title: Visits
    summary: Everyone who is flagged is visited.
    changes:
      outcomes: {{improved: {estimate}}}
      screening:
        unsafe_by_group: {{robbery_enhanced: {estimate}}}
"""
    )
    more = load_scenario(path)
    points_of_more = draw_points(more, N_DRAWS, seed=7)
    assert set(points_of_more) - set(points) == {"screening.unsafe_by_group.robbery_enhanced"}
    for name, column in points.items():
        np.testing.assert_array_equal(points_of_more[name], column)
    pd.testing.assert_frame_equal(estimate_demand(more, 20), estimate_demand(scenario, 20))


def test_a_single_draw_puts_every_input_at_its_median(scenario):
    assert {float(column[0]) for column in draw_points(scenario, 1, seed=5).values()} == {0.5}


def test_the_same_seed_gives_the_same_table_and_another_seed_another(scenario):
    first, again, other = (estimate_demand(scenario, 20, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert (first["victims"] != other["victims"]).all()


# The source of the mix


@pytest.mark.shared_data
def test_the_recorded_offences_are_those_of_the_official_table(shared_data, stated):
    table = pd.read_csv(shared_data / "prc-pfa-quarterly-2012-2023.csv.gz")
    table = table[(table["Force Name"] == "West Midlands") & (table["Financial Year"] == "2017/18")]
    by_group = table.groupby("Offence Group")["Number of Offences"].sum()
    by_subgroup = table.groupby("Offence Subgroup")["Number of Offences"].sum()
    thefts = [
        "Bicycle theft",
        "Other theft offences",
        "Theft from a vehicle",
        "Theft from the person",
        "Theft of a motor vehicle",
        "Vehicle interference",
    ]
    recorded = {
        "violence": by_group["Violence against the person"],
        "sexual_offences": by_group["Sexual offences"],
        "robbery": by_subgroup["Robbery of personal property"],
        "domestic_burglary": by_subgroup["Domestic burglary"],
        "vehicle_and_other_theft": by_subgroup[thefts].sum(),
        "criminal_damage": by_group["Criminal damage and arson"],
        "public_order_and_hate": by_group["Public order offences"],
        "fraud_and_other": round(0.3 * 35_964),  # 3 in 10 of the fraud reports; not in this table
    }
    assert by_group.sum() == 233_688  # the published total of the force and year
    assert stated["recorded_offences"]["values"] == recorded


def test_a_major_incident_brings_its_victims_on_top_and_no_others():
    usual = load_scenario(WEST_MIDLANDS)
    struck = load_scenario(PARAMETERS / "west-midlands-incident.yaml")
    days = pd.date_range(struck.period.start, struck.period.end)
    points = draw_points(struck, 4, 1)
    before, after = (arrivals(scenario, points, days) for scenario in (usual, struck))
    extra = after.sources[len(before.sources) :]
    assert {source.way for source in extra} == {"arena_like"}
    for one, other in zip(before.sources, after.sources, strict=False):
        np.testing.assert_array_equal(one.per_day, other.per_day)
    daily = sum(after.profile[:, [source.profile]] * source.per_day for source in extra)
    incident = struck.demand.incidents["arena_like"]
    first = (pd.Timestamp(incident.date) - days[0]).days + incident.delay_days
    assert daily[:first].sum() == 0
    np.testing.assert_array_equal(daily.argmax(axis=0), first)  # most come at once
    drawn = values_of(incident, points, "demand.incidents.arena_like")
    whole = drawn.exposed * drawn.uptake
    assert (daily.sum(axis=0) < whole).all()  # some come after the year
    assert (daily.sum(axis=0) > whole / 2).all()

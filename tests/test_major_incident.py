from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from victimsmodel.demand.major_incident import (
    central_profile,
    daily_victims,
    extra_victims,
    incident_groups,
    incident_victims,
    planning_distribution,
)
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import stratified_points
from victimsmodel.inputs.incidents import IncidentRate, MajorIncident
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import estimates_in

WEST_MIDLANDS = Path(__file__).resolve().parents[1] / "parameters" / "west-midlands.yaml"
PREFIX = "demand.incidents.arena"
N_DRAWS = 200
DAYS = pd.date_range("2019-10-01", "2020-12-31")


def estimate(value, low, high, unit):
    return {"value": value, "low": low, "high": high, "unit": unit, "source": "assumption"}


def incident(**changes):
    """Return an incident like that at the Manchester Arena: 3,670 of about 20,000 came."""
    stated = {
        "title": "Arena",
        "date": "2019-10-12",
        "exposed": estimate(20000, 20000, 20000, "victims"),
        "uptake": estimate(0.179, 0.101, 0.281, "probability"),
        "need": estimate(0.35, 0.2, 0.52, "probability"),
        "crime_types": {
            "unit": "share",
            "source": "assumption",
            "values": {"violence": 0.9, "criminal_damage": 0.1},
        },
        "delay_days": 2,
        "days": 180,
        "half_life_days": estimate(14, 7, 30, "days"),
        "plateau": estimate(0.4, 0.2, 0.6, "probability"),
    }
    return MajorIncident.model_validate({**stated, **changes})


def rate(**changes):
    stated = {
        "yearly_chance": estimate(0.18, 0.18, 0.18, "probability"),
        "victims": estimate(500, 500, 500, "victims"),
        "log_sd": 1.2,
        "source": "assumption",
    }
    return IncidentRate.model_validate({**stated, **changes})


@pytest.fixture(scope="module")
def demand():
    return load_scenario(WEST_MIDLANDS).demand


@pytest.fixture(scope="module")
def points(demand):
    names = {**estimates_in(incident(), PREFIX), **estimates_in(demand, "demand")}
    return {name: stratified_points(5, name, N_DRAWS) for name in names}


def test_days_add_up_to_those_who_come_in_every_draw(points):
    daily = daily_victims(incident(), DAYS, points, PREFIX)
    assert daily.shape == (N_DRAWS, len(DAYS))
    assert np.allclose(daily.sum(axis=1), incident_victims(incident(), points, PREFIX), rtol=1e-12)
    assert central_profile(incident(), DAYS).sum() == pytest.approx(1)


def test_as_many_come_as_came_after_the_arena(points):
    victims = incident_victims(incident(), points, PREFIX)
    assert np.median(victims) == pytest.approx(3_670, rel=0.05)
    assert np.quantile(victims, [0.05, 0.95]) == pytest.approx([2_020, 5_620], rel=0.03)


def test_nobody_comes_before_the_delay_or_after_the_last_day_and_never_more_than_the_day_before(points):
    daily = pd.DataFrame(daily_victims(incident(), DAYS, points, PREFIX).T, index=DAYS)
    assert (daily.loc[:"2019-10-13"] == 0).all(axis=None)
    assert (daily.loc["2019-10-14"] > 0).all()
    last = pd.Timestamp("2019-10-14") + pd.Timedelta(days=179)
    assert (daily.loc[last] > 0).all()
    assert (daily.loc[last + pd.Timedelta(days=1) :] == 0).all(axis=None)
    running = daily.loc["2019-10-14":last].to_numpy()
    assert (np.diff(running, axis=0) <= 0).all()


def test_the_excess_over_the_plateau_halves_each_half_life():
    profile = central_profile(incident(), pd.date_range("2019-10-14", periods=100))
    plateau = 0.4 * profile[0]
    assert profile[14] - plateau == pytest.approx((profile[0] - plateau) / 2)
    assert profile[28] - plateau == pytest.approx((profile[0] - plateau) / 4)


def test_days_that_are_not_asked_for_are_not_moved_into_the_others(points):
    part = daily_victims(incident(), DAYS[:30], points, PREFIX)
    assert np.array_equal(part, daily_victims(incident(), DAYS, points, PREFIX)[:, :30])


def test_groups_add_up_to_those_who_come_and_their_need_to_the_stated(demand, points):
    found = incident_groups(incident(), demand, points, PREFIX)
    victims = incident_victims(incident(), points, PREFIX)
    assert np.allclose(found.victims.sum(axis=(1, 2)), victims, rtol=1e-12)
    assert np.allclose(found.victims[:, 0].sum(axis=1), 0.9 * victims, rtol=1e-12)
    need = (found.victims * found.need).sum(axis=(1, 2)) / victims
    assert np.allclose(need, incident().need.quantile(points[f"{PREFIX}.need"]), rtol=1e-9)
    assert (found.need[:, :, 0] > found.need[:, :, 1]).all()


def test_a_crime_type_that_the_demand_lacks_is_an_error(demand, points):
    mix = {"unit": "share", "source": "assumption", "values": {"piracy": 1}}
    with pytest.raises(InputError, match=r"piracy.*VM089"):
        incident_groups(incident(crime_types=mix), demand, points, PREFIX)


# Planning


def test_yearly_extra_victims_have_the_mean_and_the_empty_years_of_a_compound_poisson():
    extra = extra_victims(rate(), 200_000, seed=2)
    incidents_a_year = -np.log(1 - 0.18)
    assert np.mean(extra == 0) == pytest.approx(1 - 0.18, abs=0.004)
    assert extra.mean() == pytest.approx(incidents_a_year * 500 * np.exp(1.2**2 / 2), rel=0.03)


def test_the_planning_table_is_ordered_and_its_quantiles_are_those_of_the_years():
    table = planning_distribution(rate(), 20_000, seed=4)
    extra = extra_victims(rate(), 20_000, seed=4)
    assert table["victims"][0] == pytest.approx(extra.mean())
    own = table.dropna(subset="years_below")
    assert own["victims"].is_monotonic_increasing
    for row in own.itertuples():
        assert np.mean(extra <= row.victims) >= row.years_below - 1e-3
    assert own["words"].iloc[-1] == "exceeded in one year of 100"


def test_more_frequent_or_larger_incidents_bring_more():
    base = extra_victims(rate(), 20_000).mean()
    assert extra_victims(rate(yearly_chance=estimate(0.4, 0.4, 0.4, "probability")), 20_000).mean() > base
    assert extra_victims(rate(victims=estimate(900, 900, 900, "victims")), 20_000).mean() > base


def test_what_is_not_known_about_the_rate_widens_the_spread():
    unsure = rate(victims=estimate(500, 100, 2500, "victims"))
    far = 0.99
    assert np.quantile(extra_victims(unsure, 50_000), far) > np.quantile(extra_victims(rate(), 50_000), far)


def test_the_same_seed_gives_the_same_years():
    assert np.array_equal(extra_victims(rate(), 500, 7), extra_victims(rate(), 500, 7))
    assert not np.array_equal(extra_victims(rate(), 500, 7), extra_victims(rate(), 500, 8))

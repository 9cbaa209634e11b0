"""A year that follows the forecast of recorded crime."""

from pathlib import Path

import numpy as np
import pytest

from victimsmodel.demand.forecast import forecast
from victimsmodel.demand.projection import growth_by_type
from victimsmodel.demand.victims import estimate_demand, group_demand
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario

OFFENCES = "offences.csv"
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "kent"
N_DRAWS = 400


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(EXAMPLE / "kent-forecast.yaml")


@pytest.fixture(scope="module")
def points(scenario):
    return draw_points(scenario, N_DRAWS, 1)


@pytest.fixture(scope="module")
def growth(scenario, points):
    return dict(zip(scenario.demand.crime_types, growth_by_type(scenario, points).T, strict=True))


def other(folder: Path, text: str):
    """Load a scenario beside the example that differs from it."""
    path = folder / "other.yaml"
    path.write_text(f"extends: {EXAMPLE / 'kent-forecast.yaml'}\n{text}", encoding="utf-8")
    return load_scenario(path)


def test_draws_spread_as_the_paths_of_the_forecast_do(scenario, growth):
    counts = scenario.demand.history.counts()
    found = forecast(counts, 5, 2_000, seed=9, breaks=())
    ahead = [str(quarter) for quarter in found.quarters]
    own = [ahead.index(quarter) for quarter in ("2024Q2", "2024Q3", "2024Q4", "2025Q1")]
    robbery = list(counts).index("robbery")  # has no level shift
    expected = found.paths[:, own, robbery].sum(axis=1) / counts["robbery"]["2022Q2":"2023Q1"].sum()
    drawn = growth["robbery"]
    error = np.log(expected).std() / np.sqrt(N_DRAWS)
    assert abs(np.log(drawn).mean() - np.log(expected).mean()) < 4 * error
    assert np.log(drawn).std() == pytest.approx(np.log(expected).std(), rel=0.15)


def test_what_has_no_history_does_not_grow(growth):
    np.testing.assert_array_equal(growth["fraud_and_other"], 1)


def test_victims_grow_with_their_crime_type_and_need_by_group_stays(scenario, points, growth):
    base = load_scenario(EXAMPLE / "kent.yaml")
    then, now = (group_demand(one, points) for one in (base, scenario))
    for g, group in enumerate(scenario.groups):
        np.testing.assert_allclose(now.victims[:, g], then.victims[:, g] * growth[group.crime_type])
    np.testing.assert_array_equal(now.need, then.need)


def test_a_single_draw_is_the_median_of_the_paths(scenario, growth):
    central = growth_by_type(scenario, draw_points(scenario, 1, 1))
    for t, name in enumerate(scenario.demand.crime_types):
        spread = np.log(growth[name]).std() / np.sqrt(N_DRAWS)
        assert np.log(central[0, t]) == pytest.approx(np.log(np.median(growth[name])), abs=5 * spread + 1e-12)


def test_growth_and_changes_of_policy_multiply_what_is_forecast(tmp_path, scenario, points, growth):
    text = (
        "demand:\n  projection:\n    growth: {violence: 0.1}\n"
        "    policy_changes: [{crime_type: robbery, quarter: 2023Q3, factor: 1.5}]\n"
    )
    changed = other(tmp_path, text)
    found = dict(zip(changed.demand.crime_types, growth_by_type(changed, points).T, strict=True))
    np.testing.assert_allclose(found["robbery"], 1.5 * growth["robbery"])
    ratio = found["violence"] / growth["violence"]  # 4 to 7 quarters of 10 % a year
    assert (ratio > 1.1 ** (4 / 4)).all()
    assert (ratio < 1.1 ** (7 / 4)).all()
    np.testing.assert_array_equal(found["sexual_offences"], growth["sexual_offences"])


def test_the_same_seed_gives_the_same_demand(scenario):
    first, second = (estimate_demand(scenario, 20, seed=3) for _ in range(2))
    assert first.equals(second)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "demand: {projection: {base_year: 2015/16}}\n",
            "base_year = 2015/16: must be a financial year that",
        ),
        ("period: {start: 2024-01-01, end: 2024-12-31}\n", "start = 2024-01-01: must be a financial year"),
        ("period: {start: 2015-04-01, end: 2016-03-31}\n", "must not lie in a gap of demand.history"),
        ("period: {start: 2031-04-01, end: 2032-03-31}\n", "must end at most 20 quarters after"),
        ("demand: {projection: {growth: {arson: 0.1}}}\n", "arson: is not a crime type of the history"),
        ("demand: {projection: {growth: {violence: 5.0}}}\n", "violence = 5.0: must be at most 1"),
    ],
)
def test_a_year_that_cannot_be_projected_is_refused(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        other(tmp_path, text)


# The file of the history


@pytest.mark.parametrize("count", ["6452.5", "99999999999999999999", "9007199254740993", "-1"])
def test_offences_of_the_history_are_whole_numbers(desk, count):
    message = desk.refused_with(OFFENCES, lambda text: text.replace(b"Q3,6452,", f"Q3,{count},".encode()))
    field = f"west-midlands/offences.csv:3: demand.history.offences[1].criminal_damage = {count}"
    assert message == f"{field}: must be a whole number from 0 to 2^53, or empty. [VM061]"


@pytest.mark.parametrize("name", ["domestic_burglry", "domestic_burglary\N{NO-BREAK SPACE}"])
def test_a_column_of_the_history_that_is_no_crime_type_is_told_with_the_one_that_is_meant(desk, name):
    message = desk.refused_with(OFFENCES, lambda text: text.replace(b"domestic_burglary", name.encode(), 1))
    shown = name.replace("\N{NO-BREAK SPACE}", r"\xa0")
    start = f"west-midlands/offences.csv:1: demand.history.offences.{shown}: is not a crime type (known: "
    assert message.startswith(start)
    assert message.endswith(" Did you mean domestic_burglary? [VM021]")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.decode().encode("utf-16"),
            ":1: {}: must be UTF-8 text; byte 0 is not. It may be UTF-16",
        ),
        (lambda text: text + bytes(1), ": {}: must not hold a NUL byte (byte "),
        (lambda text: text + b"1" * 10**6, ": {}: is 1,001,940 bytes; at most 1,000,000 are allowed"),
    ],
)
def test_a_history_that_cannot_be_read_is_told_once(desk, change, said):
    (line,) = desk.refused_with(OFFENCES, change).splitlines()
    assert said.format("demand.history.offences") in line.replace("offences.csv:47:", "offences.csv:")

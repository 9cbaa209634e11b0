from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from west_midlands import MIX_2017_18

from victimsmodel.demand.distance import distance_from_stated, explain_distance
from victimsmodel.demand.needs import needs_table
from victimsmodel.demand.persons import (
    crime_draws,
    draw_crime,
    need_by_type,
    reconciliation_points,
    victims_from_crime,
)
from victimsmodel.demand.reconciliation import reconcile, reconciliation_steps
from victimsmodel.demand.unreported import beyond_police, self_referral, survey_check
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.from_crime import FromCrime, Needs
from victimsmodel.inputs.loading import load_scenario

WEST_MIDLANDS = Path(__file__).resolve().parents[1] / "parameters" / "west-midlands.yaml"
RECORDED = 233_688  # West Midlands, April 2017 to March 2018, Home Office table
BUSINESS = {"shoplifting": 19884, "non_domestic_burglary": 7159, "robbery_of_business_property": 908}
SOCIETY = {"possession_of_drugs": 3216, "trafficking": 1009, "weapons": 1863, "miscellaneous": 3401}
TYPES = (*MIX_2017_18, "fraud_and_other")
N_DRAWS = 300


def chance(value, low=None, high=None):
    numbers = {"value": value, "low": low or value, "high": high or value}
    return {**numbers, "unit": "probability", "source": "assumption"}


def counted(values):
    return {"unit": "offences", "source": "recorded_crime_2023", "values": values}


def stated(**changes):
    """Return a description of the West Midlands, 2017/18; the rates are the test's own."""
    return {
        "year": "2017/18",
        "people": counted(MIX_2017_18),
        "business": counted(BUSINESS),
        "society": counted(SOCIETY),
        "not_persons": {"criminal_damage": chance(0.15, 0.11, 0.22)},
        "fraud": {
            "crime_type": "fraud_and_other",
            "reports": counted({"action_fraud": 35964}),
            "person_share": chance(0.3, 0.26, 0.345),
        },
        "repeats": {name: chance(0.2, 0.1, 0.3) for name in TYPES},
        "again": chance(0.5, 0.35, 0.65),
        "reported": {name: chance(0.4, 0.3, 0.5) for name in TYPES},
        "recorded": {name: chance(0.84, 0.8, 0.88) for name in TYPES},
        "elsewhere": {
            "british_transport_police": {
                "title": "British Transport Police",
                "victims_per_year": {
                    "value": 2000, "low": 1000, "high": 3500, "unit": "victims/year", "source": "assumption",
                },
            }
        },
        "unreported": {
            "need": chance(0.15, 0.08, 0.25),
            "agencies": {
                "crime_types": ["violence", "sexual_offences"],
                "known_share": chance(0.05, 0.02, 0.12),
                "never_reported": chance(0.8, 0.7, 0.87),
            },
            "uptake_by_agency": chance(0.1, 0.03, 0.25),
            "uptake_alone": chance(0.01, 0.003, 0.03),
        },
        **changes,
    }  # fmt: skip


def described(**changes):
    return FromCrime.model_validate(stated(**changes))


@pytest.fixture(scope="module")
def demand():
    return load_scenario(WEST_MIDLANDS).demand


@pytest.fixture(scope="module")
def points(demand):
    return reconciliation_points(demand, described(), N_DRAWS, seed=3)


# From offences to different persons


def persons_by_counting(share, again, known, written, offences):
    """Count persons by how many incidents they have, and how many of those are known and recorded."""
    size = np.arange(1, 400)
    chance_of_size = np.where(size == 1, 1 - share, share * (1 - again) * again ** np.maximum(size - 2, 0))
    incidents = offences / (known * written)
    everyone = incidents / (chance_of_size * size).sum()
    none_recorded = (chance_of_size * (1 - known * written) ** size).sum()
    none_known = (chance_of_size * (1 - known) ** size).sum()
    return everyone * (1 - none_recorded), everyone * (none_recorded - none_known), everyone * none_known


def test_persons_agree_with_counting_them_incident_by_incident(points):
    found = victims_from_crime(described(), points)
    y = points["demand.from_crime.again"]
    model = described()
    for draw in (0, 57, 299):
        at = {name: column[draw] for name, column in points.items()}
        numbers = [
            float(estimate.quantile(at[f"demand.from_crime.{name}"]))
            for name, estimate in {
                "repeats.violence": model.repeats["violence"],
                "again": model.again,
                "reported.violence": model.reported["violence"],
                "recorded.violence": model.recorded["violence"],
            }.items()
        ]
        expected = persons_by_counting(*numbers, MIX_2017_18["violence"])
        got = [x[draw, 0] for x in (found.recorded, found.unrecorded, found.unreported)]
        assert got == pytest.approx(expected, rel=1e-9)
    assert len(found.recorded) == len(y) == N_DRAWS


def test_persons_are_fewer_than_offences_and_without_repeats_as_many(points):
    found = victims_from_crime(described(), points)
    assert (found.recorded < found.offences).all()
    rare = described(repeats={name: chance(1e-9) for name in TYPES})
    assert np.allclose(victims_from_crime(rare, points).recorded, found.offences, rtol=1e-6)


def test_if_all_is_reported_and_recorded_every_person_counts_once(points):
    sure = chance(1 - 1e-9)
    certain = described(
        reported=dict.fromkeys(TYPES, sure), recorded=dict.fromkeys(TYPES, sure), again=chance(0.5),
        repeats=dict.fromkeys(TYPES, chance(0.25)),
    )  # fmt: skip
    found = victims_from_crime(certain, points)
    # a quarter have three incidents on average, the others one
    assert np.allclose(found.recorded, found.offences / 1.5, rtol=1e-6)
    assert found.unreported.max() < 1e-3


def test_more_repeats_mean_fewer_persons_and_less_reporting_more_unreported(points):
    def total(field, share):
        changed = described(**{field: dict.fromkeys(TYPES, chance(share))})
        return victims_from_crime(changed, points)

    few, many = total("repeats", 0.1), total("repeats", 0.3)
    assert (many.recorded < few.recorded).all()
    often, seldom = total("reported", 0.6), total("reported", 0.3)
    assert (seldom.unreported > often.unreported).all()


# The reconciliation


def test_steps_add_up_in_every_draw(demand, points):
    steps = reconciliation_steps(crime_draws(demand, described(), points))
    total = sum(step.change for step in steps)
    victims = victims_from_crime(described(), points)
    everyone = victims.recorded * (1 + victims.elsewhere / victims.recorded.sum(axis=1))[:, None]
    need = need_by_type(demand, points, TYPES, everyone)
    assert np.allclose(total, (everyone * need).sum(axis=1), rtol=1e-12)
    assert steps[0].step == "recorded"
    assert (steps[0].change == RECORDED).all()


def test_need_averages_to_the_stated_need_in_every_draw(demand, points):
    victims = victims_from_crime(described(), points).recorded
    need = need_by_type(demand, points, TYPES, victims)
    mean = (need * victims).sum(axis=1) / victims.sum(axis=1)
    assert np.allclose(mean, demand.need.quantile(points["demand.need"]), rtol=1e-9)
    assert (need[:, TYPES.index("sexual_offences")] > need[:, TYPES.index("criminal_damage")]).mean() > 0.95


def test_the_table_starts_at_recorded_crime_and_shows_the_published_counts(demand):
    table = reconcile(demand, described(), N_DRAWS).set_index("step")
    assert table.loc["recorded", "result"] == RECORDED
    assert table.loc["society", "change"] == -sum(SOCIETY.values()) == -9489
    assert table.loc["business", "change"] == -sum(BUSINESS.values()) == -27951
    assert table.loc["business", "result"] == sum(MIX_2017_18.values()) == 196_248
    assert table.loc["fraud", "change"] == pytest.approx(0.3 * 35964, rel=0.001)
    assert "shoplifting 19,884" in table.loc["business", "note"]
    ordered = table[["result_low", "result", "result_high"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= -1e-9).all()
    assert set(table["unit"]) == {"offences", "victims/year"}


def test_organisations_come_off_by_the_stated_shares(demand):
    model = described(not_persons={"criminal_damage": chance(0.1), "violence": chance(0.01)})
    table = reconcile(demand, model, N_DRAWS).set_index("step")
    off = 0.1 * MIX_2017_18["criminal_damage"] + 0.01 * MIX_2017_18["violence"]
    assert table.loc["not_persons", "change"] == pytest.approx(-off)


def test_one_draw_is_the_central_case_and_adds_up_by_itself(demand):
    table = reconcile(demand, described(), n_draws=1)
    assert np.allclose(table["change"].cumsum(), table["result"])
    assert np.allclose(table["change_low"], table["change_high"])


def test_draws_are_those_of_the_simulation(demand):
    scenario = load_scenario(WEST_MIDLANDS)
    whole = draw_points(scenario, 50, seed=9)
    own = reconciliation_points(demand, described(), 50, seed=9)
    assert np.array_equal(own["demand.need"], whole["demand.need"])


def distance_of(demand, model):
    drawn = draw_crime(demand, model, N_DRAWS)
    steps = reconciliation_steps(drawn)
    table = distance_from_stated(drawn, steps)
    words = explain_distance(drawn, steps, table, residents={"all": 2.8e6})
    return table.set_index("step"), words


def test_the_distance_from_the_health_check(demand):
    table, words = distance_of(demand, described(stated_counts="It counts crimes."))
    assert table.loc["recorded", "distance"] == pytest.approx(RECORDED - 168_000)
    assert table.loc["recorded", ["stated_low", "stated", "stated_high"]].tolist() == pytest.approx(
        [154_000, 168_000, 182_000]
    )
    assert table.loc["no_need", ["stated_low", "stated", "stated_high"]].tolist() == pytest.approx(
        [33_600, 42_000, 50_400]
    )
    assert table.loc["no_need", "value"] < table.loc["elsewhere", "value"] < RECORDED
    assert words[1] == "It counts crimes."
    assert "0.0600" in words[-1]
    assert f"{round(table.loc['elsewhere', 'value'], -2):,.0f}" in words[0]
    assert "of the draws lie in the stated range" in words[0]


def test_need_that_is_shifted_to_the_stated_need_is_no_test_of_it(demand):
    table, words = distance_of(demand, described())
    assert table["within"].isna().tolist() == [False, False, False, False, True]
    assert (table["untested"] != "").tolist() == [False, False, False, False, True]
    assert "That is no test of the stated need" in words[2]


def test_a_total_that_was_made_from_the_steps_is_no_test_of_them(demand):
    made = demand.victims_per_year.model_copy(update={"source": described().people.source})
    table, words = distance_of(demand.model_copy(update={"victims_per_year": made}), described())
    assert table["within"].isna().all()
    assert table["untested"].str.startswith("No test").all()
    assert "was made from these very steps" in words[0]
    assert "of the draws lie in the stated range" not in " ".join(words)


# Beyond the police


def test_those_who_never_reported_are_apart_and_each_part_is_smaller_than_the_whole(demand, points):
    found = self_referral(crime_draws(demand, described(), points))
    assert (found.in_need < found.unreported).all()
    assert (found.with_agency <= found.in_need).all()
    assert (found.self_referred < found.in_need).all()
    outside = [i for i, name in enumerate(TYPES) if name not in ("violence", "sexual_offences")]
    assert (found.with_agency[:, outside] == 0).all()
    mean = found.in_need.sum(axis=1) / found.unreported.sum(axis=1)
    own = described().unreported.need.quantile(points["demand.from_crime.unreported.need"])
    assert np.allclose(mean, own, rtol=1e-9)


def test_agencies_have_four_unreported_clients_for_each_recorded_one(demand, points):
    agencies = {
        **stated()["unreported"]["agencies"],
        "never_reported": chance(0.8),
        "known_share": chance(0.01),
    }
    changed = described(unreported={**stated()["unreported"], "agencies": agencies})
    found = self_referral(crime_draws(demand, changed, points))
    recorded = victims_from_crime(changed, points).recorded
    clients = 0.01 * recorded * need_by_type(demand, points, TYPES, recorded)
    assert np.allclose(found.with_agency[:, 0], 4 * clients[:, 0])


def test_unreported_victims_change_nothing_in_the_recorded_total(demand):
    more = {**stated()["unreported"], "uptake_alone": chance(0.5)}
    one, other = reconcile(demand, described(), 50), reconcile(demand, described(unreported=more), 50)
    assert one.equals(other)


def test_totals_by_stream_are_sums_over_crime_types_in_the_central_case(demand):
    table = beyond_police(draw_crime(demand, described(), n_draws=1))
    totals = table[table["crime_type"] == "all"].set_index("stream")["value"]
    parts = table[table["crime_type"] != "all"].groupby("stream")["value"].sum()
    assert parts[totals.index].to_numpy() == pytest.approx(totals.to_numpy())
    assert list(totals.index) == [
        "unrecorded",
        "unreported",
        "unreported_in_need",
        "with_agency",
        "self_referred",
    ]


def test_incidents_implied_by_reporting_rates_stand_beside_those_of_a_survey(demand):
    assert survey_check(draw_crime(demand, described(), 50)).empty
    survey = {"unit": "incidents", "source": "assumption", "values": {"robbery": 7_800}}
    stating = described(unreported={**stated()["unreported"], "survey_incidents": survey})
    (row,) = survey_check(draw_crime(demand, stating, n_draws=1)).itertuples()
    assert row.crime_type == "robbery"
    assert row.implied == pytest.approx(6_553 / (0.4 * 0.84))
    assert row.ratio == pytest.approx(row.implied / 7_800)


# Kinds of need


def test_needs_are_shares_of_those_in_need():
    needs = Needs.model_validate(
        {
            "categories": {"health": {"title": "Health", "share": chance(0.5)}},
            "priorities": {"serious": {"title": "Most serious", "share": chance(0.2, 0.1, 0.4)}},
        }
    )
    table = needs_table(needs, np.linspace(30_000, 50_000, 201)).set_index("name")
    assert table.loc["health", "victims"] == pytest.approx(20_000)
    assert table.loc["health", "kind"] == "category"
    assert table.loc["serious", "share_low"] == pytest.approx(0.1, abs=0.005)
    assert (
        table.loc["serious", "victims_low"]
        < table.loc["serious", "victims"]
        < table.loc["serious", "victims_high"]
    )
    central = needs_table(needs, np.array([40_000.0])).set_index("name")
    assert central.loc["serious", "victims"] == pytest.approx(8_000)


# What is refused


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"repeats": {"violence": chance(0.2)}}, "lacks"),
        ({"not_persons": {"piracy": chance(0.2)}}, "piracy"),
        (
            {
                "unreported": {
                    **stated()["unreported"],
                    "survey_incidents": {
                        "unit": "incidents",
                        "source": "assumption",
                        "values": {"piracy": 1},
                    },
                }
            },
            "piracy",
        ),
        ({"people": counted({**MIX_2017_18, "fraud_and_other": 5})}, "is in people already"),
    ],
)
def test_names_that_do_not_match_are_refused(changes, words):
    with pytest.raises(ValidationError) as caught:
        described(**changes)
    problems = [p for e in caught.value.errors() for p in e["ctx"]["problems"]]
    assert problems[0]["code"] == "VM087"
    assert words in problems[0]["allowed"] + problems[0]["value"]


def test_a_crime_type_that_the_demand_lacks_is_named(demand):
    kept = {name: value for name, value in demand.crime_types.items() if name != "robbery"}
    with pytest.raises(InputError, match=r"robbery.*VM087"):
        reconcile(demand.model_copy(update={"crime_types": kept}), described(), 10)

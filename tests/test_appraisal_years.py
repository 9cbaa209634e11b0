"""Facts of costs and effects over years: introduction, one-off costs, volunteers, discounting, one total."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.appraisal.flows import Flows, yearly_flows
from victimsmodel.appraisal.introduction import shares_by_year
from victimsmodel.appraisal.multi_year import by_year, totals
from victimsmodel.appraisal.outcomes import measures_by_run, measures_of
from victimsmodel.appraisal.priced import price_factor
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import values_of
from victimsmodel.pathway.results import points_of

WEST_MIDLANDS = (Path(__file__).parents[1] / "parameters" / "west-midlands.yaml").as_posix()
SMALL = {"demand.victims_per_year": 8400, "staff.contact_officer.fte": 1.5, "staff.caseworker.fte": 0.5}
OPTIONS = ["business_as_usual", "phone_first"]
GOLDEN_NPV, GOLDEN_BCR, GOLDEN_EAC = 733_159.1, 1.182556, 385_935.3  # stated in the issue


def scenario_with(folder, text="", **overrides):
    """Return a small West Midlands with some lines laid over it."""
    path = folder / "x.yaml"
    path.write_text(f"extends: {WEST_MIDLANDS}\n{text}")
    return vm.load_scenario(path, {**SMALL, **overrides})


def message_of(folder, text):
    with pytest.raises(InputError) as caught:
        scenario_with(folder, text)
    return str(caught.value).replace(str(folder), "")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return scenario_with(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def result(plain):
    return vm.simulate(plain, OPTIONS, n_draws=4, n_replications=2)


FIXED_50000 = "value: 50000, low: 50000, high: 50000"


def with_point(result, *names):
    """Return a result as if inputs of which nothing in the pathway depends had been drawn too."""
    rows = [pd.DataFrame({"draw": range(4), "input": name, "probability": 0.5}) for name in names]
    return result._replace(inputs=pd.concat([result.inputs.astype({"input": str}), *rows]))


PHASED = "options:\n  phone_first:\n    introduction: {%s}\n"


@pytest.mark.parametrize(("share", "alike"), [(0, "business_as_usual"), (1, "phone_first")])
def test_a_share_of_nought_is_business_as_usual_and_a_share_of_one_the_option(
    tmp_path, result, plain, share, alike
):
    phased = yearly_flows(result, scenario_with(tmp_path, PHASED % f"2019-04-01: {share}"))["phone_first"]
    same = yearly_flows(result, plain)[alike]
    for name in Flows._fields[1:]:
        np.testing.assert_array_equal(getattr(phased, name), getattr(same, name), err_msg=name)


def test_a_year_of_introduction_is_the_mean_over_its_days_draw_by_draw(tmp_path, result, plain):
    dates = "2019-10-01: 0.5, 2020-10-01: 1"
    phased = yearly_flows(result, scenario_with(tmp_path, PHASED % dates))["phone_first"]
    first, second = 183 / 366 * 0.5, 183 / 365 * 0.5 + 182 / 365  # 2019/20 has a 29 February
    np.testing.assert_allclose(phased.share_new, [first, second, 1.0], rtol=1e-12)
    flows = yearly_flows(result, plain)
    old, new = flows["business_as_usual"].supported_in_need, flows["phone_first"].supported_in_need
    expected = old * (1 - phased.share_new) + new * phased.share_new
    np.testing.assert_allclose(phased.supported_in_need, expected, rtol=1e-12)


def test_without_dates_the_new_way_runs_from_the_first_day():
    np.testing.assert_array_equal(shares_by_year({}, date(2019, 4, 1), 3), [1, 1, 1])


def test_one_off_costs_come_whole_in_their_year_with_optimism_bias(tmp_path, result):
    amount = "{value: 100000, low: 100000, high: 100000, unit: GBP, price_year: 2019/20, source: assumption}"
    text = (
        "options:\n  phone_first:\n    introduction: {2021-04-01: 1}\n    changes:\n      costs:\n"
        "        one_off:\n"
        f"          building: {{title: Building, amount: {amount}, date: 2020-03-31,\n"
        "                     category: standard_building, mitigation: 0.5}\n"
        f"          tender: {{title: Tender, amount: {amount}, year_offset: 2}}\n"
    )
    scenario = scenario_with(tmp_path, text)
    points = vm.simulate(scenario, OPTIONS, n_draws=4, n_replications=1)
    flows = yearly_flows(points, scenario)
    np.testing.assert_allclose(flows["phone_first"].one_off, [[112_000, 0, 100_000]] * 4)  # 24 % halved
    assert not flows["business_as_usual"].one_off.any()


def test_volunteers_are_never_in_the_cost_of_the_grant_nor_in_the_full_cost(tmp_path, result, plain):
    dear = scenario_with(tmp_path, "", **{"staff.volunteer.value_per_hour": 1000})
    for option in OPTIONS:
        cheap, other = yearly_flows(result, plain)[option], yearly_flows(result, dear)[option]
        np.testing.assert_array_equal(cheap.grant_cost, other.grant_cost)
        np.testing.assert_array_equal(cheap.full_cost, other.full_cost)
        assert (other.volunteers > 10 * cheap.volunteers).all()


def test_hours_of_volunteers_are_those_not_lost_to_shrinkage(result, plain):
    role = values_of(plain.staff["volunteer"], points_of(result), "staff.volunteer")
    hours = 5 * 37.5 * 365.25 / 7 * (1 - role.shrinkage)
    found = yearly_flows(result, plain)["business_as_usual"].volunteers[:, 0]
    np.testing.assert_allclose(found, hours * role.value_per_hour, rtol=1e-12)


def test_what_others_bear_is_in_the_full_cost_alone(tmp_path, result, plain):
    yearly = f"{{{FIXED_50000}, unit: GBP/year, price_year: 2019/20, source: assumption}}"
    others = f"costs:\n  borne_by_others: {yearly}\n"
    flows = yearly_flows(result, scenario_with(tmp_path, others))
    flows = flows["phone_first"]
    np.testing.assert_array_equal(flows.grant_cost, yearly_flows(result, plain)["phone_first"].grant_cost)
    np.testing.assert_allclose(flows.full_cost - flows.grant_cost, 50_000)


def test_a_salary_with_on_costs_and_overhead_is_paid_with_both(tmp_path, result, plain):
    text = (
        "staff:\n  caseworker:\n"
        "    on_cost: {value: 0.22, low: 0.22, high: 0.22, unit: probability, source: assumption}\n"
        "    overhead: {value: 0.15, low: 0.15, high: 0.15, unit: probability, source: assumption}\n"
    )
    salary = vm.activity_costs(result, plain).query("role == 'caseworker'")["cost_gbp"]
    more = with_point(result, "staff.caseworker.on_cost", "staff.caseworker.overhead")
    paid = vm.activity_costs(more, scenario_with(tmp_path, text)).query("role == 'caseworker'")["cost_gbp"]
    np.testing.assert_allclose(paid, salary * 1.22 * 1.15, rtol=1e-12)


def test_a_price_of_another_year_is_brought_to_that_of_the_scenario(tmp_path, result, plain):
    dated = f"costs:\n  fixed: {{{FIXED_50000}, unit: GBP/year, source: assumption, price_year: 2015/16}}\n"
    scenario = scenario_with(tmp_path, dated)
    same = scenario_with(tmp_path, dated.replace("2015/16", "2019/20"))
    gap = (
        yearly_flows(result, scenario)["phone_first"].running
        - yearly_flows(result, same)["phone_first"].running
    )
    deflators = vm.load_deflators().with_financial_years().values
    ratio = deflators["2019/20"] / deflators["2015/16"]
    np.testing.assert_allclose(gap, 50_000 * (ratio - 1), rtol=1e-9)
    assert price_factor("2015/16", "2019/20", scenario) == pytest.approx(ratio, rel=1e-12)


def golden():
    """Return the flows of the issue's worked example, in two draws alike."""
    levels = dict.fromkeys(Flows._fields[1:], np.zeros((2, 3)))
    levels["running"] = np.full((2, 3), 1_385_000.0)
    levels["supported_in_need"] = np.full((2, 3), 7.0)
    levels["benefit"] = np.array([[0.0, 2_500_000.0, 2_500_000.0]] * 2)
    return Flows(share_new=np.ones(3), **levels)


def test_the_golden_case_goes_through_the_whole_table(plain):
    rules = vm.load_rules("green-book-2026")
    table = totals({"business_as_usual": golden()}, plain.appraisal, rules, "business_as_usual")
    found = table.set_index("item")["estimate"]
    assert found["net_present_value"] == pytest.approx(GOLDEN_NPV, abs=0.05)
    assert found["benefit_cost_ratio"] == pytest.approx(GOLDEN_BCR, abs=5e-7)
    spread = 0.966183575 + 0.933510700
    assert found["equivalent_annual_cost"] == pytest.approx(1_385_000, rel=1e-12)  # paid in each of 3 years
    assert found["net_present_value"] / spread == pytest.approx(GOLDEN_EAC, abs=0.05)
    assert found["supported_in_need"] == pytest.approx(7 * (1 + spread), rel=1e-8)
    assert (table["rules"] == rules.label).all()


def test_grant_cost_and_cost_of_others_add_up_to_the_full_cost_in_every_year(result, plain):
    rules = vm.load_rules("green-book-2026")
    table = by_year(yearly_flows(result, plain), plain, rules)
    wide = table.pivot_table(index=["option", "year"], columns="item", values="estimate", observed=True)
    np.testing.assert_allclose(wide["running"] + wide["one_off"], wide["grant_cost"], rtol=1e-12)
    np.testing.assert_allclose(wide["grant_cost"] + wide["borne_by_others"], wide["full_cost"], rtol=1e-12)


def test_the_present_value_of_the_table_is_the_discounted_sum_of_the_years(result, plain):
    years, total = vm.multi_year(result, plain), vm.present_values(result, plain)
    own = years[years["item"] == "full_cost"]
    by_hand = (own["estimate"] * own["discount_factor"]).groupby(own["option"], observed=True).sum()
    found = total[total["item"] == "full_cost"].set_index("option")["estimate"]
    np.testing.assert_allclose(found.loc[by_hand.index], by_hand, rtol=1e-12)


def test_a_wellby_benefit_is_improved_victims_times_points_times_years(result, plain):
    values = values_of(plain.appraisal.wellby, points_of(result), "appraisal.wellby")
    own = result.funnel.query("stage == 'improved' and who == 'all' and option == 'phone_first'")
    improved = own.groupby(["draw", "replication"])["victims"].sum().groupby("draw").mean().to_numpy()
    worth = 13_000 * price_factor("2019", "2019/20", plain)
    expected = improved * values.points * values.years * values.attributable * worth
    found = yearly_flows(result, plain)["phone_first"].benefit
    np.testing.assert_allclose(found, np.outer(expected, [1, 1, 1]), rtol=1e-12)


def test_without_a_benefit_no_total_in_pounds_is_made(tmp_path, result):
    scenario = scenario_with(tmp_path, "appraisal:\n  benefits: []\n")
    items = set(vm.present_values(result, scenario)["item"])
    assert not items & {"benefit", "net_present_value", "benefit_cost_ratio"}
    assert {"grant_cost", "full_cost", "equivalent_annual_cost"} <= items


def test_two_benefits_in_one_total_are_refused(tmp_path):
    worth = "{value: 300, low: 200, high: 400, unit: GBP, price_year: 2019/20, source: assumption}"
    text = f"appraisal:\n  support_value: {worth}\n  benefits: [outcomes, wellby]\n"
    assert message_of(tmp_path, text) == (
        "/x.yaml:4: appraisal.benefits = outcomes, wellby: must be outcomes or wellby, not both: the gain in "
        "life satisfaction is part of what the outcomes are worth, and one total would count it "
        "twice. [VM192]"
    )


MISTAKES = {
    "benefit without a value": (
        "appraisal:\n  benefits: [outcomes]\n",
        "/x.yaml:3: appraisal.benefits = outcomes: needs support_value, which is not stated. [VM193]",
    ),
    "thresholds that fall": (
        "appraisal:\n  thresholds: {values: [100, 50], central: 100, note: a choice}\n",
        "/x.yaml:3: appraisal.thresholds.values: must rise. [VM191]",
    ),
    "volunteers without a value": (
        "staff:\n  caseworker:\n    volunteer: true\n",
        "/x.yaml:4: staff.caseworker.volunteer = true: needs value_per_hour: the time of volunteers is "
        "valued, apart from the grant. [VM194]",
    ),
    "a value for paid staff": (
        "staff:\n  volunteer:\n    volunteer: false\n",
        "staff.volunteer.value_per_hour: must be absent, or volunteer must be true: the time of paid staff "
        "is in their pay. [VM194]",
    ),
    "business as usual introduced": (
        "options:\n  business_as_usual:\n    introduction: {2019-04-01: 1}\n",
        "/x.yaml:4: options.business_as_usual.introduction: must be absent: business as usual is what the "
        "others are introduced into. [VM195]",
    ),
    "another option that is not there": (
        "against: phone_frist\n",
        "/x.yaml:2: against = phone_frist: is not a named option of this scenario (known: business_as_usual, "
        "phone_first, text_then_call, needs_flagged, consent_at_report). Did you mean phone_first? [VM021]",
    ),
    "a one-off cost after the end": (
        "costs:\n  one_off:\n    tender:\n      title: Tender\n      year_offset: 3\n"
        "      amount: {value: 1, low: 1, high: 1, unit: GBP, price_year: 2019/20, source: assumption}\n",
        "costs.one_off.tender: falls into year 3 of the appraisal, which has the years 0 to 2. [VM196]",
    ),
    "a one-off cost of no year": (
        "costs:\n  one_off:\n    tender:\n      title: Tender\n"
        "      amount: {value: 1, low: 1, high: 1, unit: GBP, price_year: 2019/20, source: assumption}\n",
        "costs.one_off.tender: must state either year_offset or date. [VM190]",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place(tmp_path, name):
    text, expected = MISTAKES[name]
    assert expected in message_of(tmp_path, text)


def test_national_outcomes_are_completed_cases_times_both_shares(result, plain):
    runs = measures_by_run(result, plain)
    completed = result.funnel.query("stage == 'completed' and who == 'all'")
    completed = completed.groupby(["option", "draw", "replication"], observed=True)["victims"].sum()
    outcomes = values_of(plain.outcomes, points_of(result), "outcomes").national
    for name, change in outcomes.items():
        shares = pd.Series(change.improved * change.attributable)
        expected = completed * shares.reindex(completed.index.get_level_values("draw")).to_numpy()
        found = runs[f"additional_{name}"]
        np.testing.assert_allclose(found, expected.loc[found.index], rtol=1e-12, err_msg=name)


def test_a_national_outcome_that_is_not_stated_is_not_reported(plain):
    options = {
        name: option.model_copy(
            update={
                "service": option.service.model_copy(
                    update={"outcomes": option.service.outcomes.model_copy(update={"national": {}})}
                )
            }
        )
        for name, option in plain.options.items()
    }
    names = {measure.name for measure in measures_of(plain.model_copy(update={"options": options}))}
    assert "additional_improved" in names
    assert not names & {"additional_coping", "additional_safety", "additional_informed"}

"""Green Book rules: golden values, what each edition says, and prices of another year."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest

from victimsmodel.appraisal.present_value import (
    benefit_cost_ratio,
    equivalent_annual_cost,
    net_present_value,
    present_value,
)
from victimsmodel.appraisal.prices import load_deflators, to_price_year
from victimsmodel.appraisal.rules import (
    EDITIONS,
    EDITIONS_FOLDER,
    discount_factors,
    load_rules,
    optimism_bias,
    with_rules,
)
from victimsmodel.appraisal.rules_table import rules_table
from victimsmodel.errors import InputError

YEARS = [0, 1, 2, 5, 10, 20, 30, 31, 40, 60, 75, 76]
#: As published to nine decimals.
FACTORS = [1, 0.966183575, 0.933510700, 0.841973167, 0.708918814, 0.502565884]
FACTORS += [0.356278411, 0.345901370, 0.265104597, 0.146781988, 0.094213773, 0.091915876]
GRANT = np.full(3, 1_385_000.0)
BENEFITS = np.array([0, 2.5e6, 2.5e6])


@pytest.fixture(params=EDITIONS)
def rules(request):
    return load_rules(request.param)


def test_discount_factors_are_those_published(rules):
    assert discount_factors(YEARS, rules) == pytest.approx(FACTORS, rel=0, abs=5e-10)


def test_discount_factors_are_products_of_the_yearly_rates(rules):
    exact = [
        1.035 ** -min(y, 30) * 1.03 ** -max(min(y, 75) - 30, 0) * 1.025 ** -max(y - 75, 0) for y in YEARS
    ]
    assert discount_factors(YEARS, rules) == pytest.approx(exact, rel=1e-12)


def test_three_grants_and_two_years_of_benefits(rules):
    exact = -1.385e6 + 1.115e6 / 1.035 + 1.115e6 / 1.035**2
    found = net_present_value(GRANT, BENEFITS, rules)
    assert found == pytest.approx(exact, rel=1e-9)
    assert round(float(found), 1) == 733_159.1
    assert round(float(benefit_cost_ratio(GRANT, BENEFITS, rules)), 6) == 1.182556
    annual = equivalent_annual_cost(BENEFITS - GRANT, rules)
    assert annual == pytest.approx(exact / (1 / 1.035 + 1 / 1.035**2), rel=1e-9)
    assert round(float(annual), 1) == 385_935.3


def test_draws_are_valued_one_by_one(rules):
    costs = np.stack([GRANT, 2 * GRANT])
    both = net_present_value(costs, BENEFITS, rules)
    assert both.shape == (2,)
    assert both[1] == pytest.approx(net_present_value(2 * GRANT, BENEFITS, rules))


def test_a_level_amount_paid_from_year_0_is_its_own_equivalent_over_those_years(rules):
    assert equivalent_annual_cost([70, 70, 70], rules, first_year=0) == pytest.approx(70, rel=1e-12)


def test_a_level_amount_after_year_0_is_its_own_equivalent(rules):
    assert equivalent_annual_cost([0, 70, 70, 70, 70], rules) == pytest.approx(70, rel=1e-12)


def test_a_ratio_to_no_cost_is_missing(rules):
    assert np.isnan(benefit_cost_ratio([[0, 0], [-5, 0]], [1, 1], rules)).all()


def test_benefits_may_have_a_rate_of_their_own(rules):
    found = net_present_value([0, 0], [0, 101.5], rules, benefit_rate="health")
    assert found == pytest.approx(100)


@pytest.mark.parametrize("flows", [[], [1.0, np.nan], [np.inf], 3.0])
def test_flows_that_are_none_are_refused(rules, flows):
    with pytest.raises(ValueError, match="flows must"):
        present_value(flows, rules)


def test_different_horizons_are_refused(rules):
    with pytest.raises(ValueError, match="the same years"):
        net_present_value([1, 2, 3], [1, 2], rules)


@pytest.mark.parametrize("years", [[-1], [0.5]])
def test_years_are_whole_and_not_past(rules, years):
    with pytest.raises(ValueError, match="whole numbers"):
        discount_factors(years, rules)


def test_an_unknown_rate_is_named_with_its_neighbour():
    with pytest.raises(InputError) as caught:
        discount_factors([1], load_rules("green-book-2026"), "standart")
    assert str(caught.value) == (
        "green-book-2026: rate = standart: is not a discount rate of The Green Book 2026 "
        "(known: standard, health, reduced, health_reduced). Did you mean standard? [VM171]"
    )


def test_a_rate_is_not_stretched_beyond_the_years_it_is_stated_for(rules):
    assert discount_factors(125, rules, "health_reduced") > 0
    with pytest.raises(InputError, match=r"up to year 125 only, and year 126 was asked for.*VM171"):
        discount_factors(126, rules, "health_reduced")


def test_lower_rates_are_worth_more_later(rules):
    horizon = np.arange(1, 121)
    in_order = [
        discount_factors(horizon, rules, rate) for rate in ("standard", "reduced", "health", "health_reduced")
    ]
    assert all((low < high).all() for low, high in itertools.pairwise(in_order))


def test_the_sensitivity_rate_leaves_out_pure_time_preference_of_half_a_point(rules):
    schedules = rules.discount_rates
    first = {name: rate.bands[0].rate for name, rate in schedules.items()}
    assert first["standard"] - first["reduced"] == pytest.approx(0.005)
    assert first["health"] - first["health_reduced"] == pytest.approx(0.005)


def test_mott_macdonalds_worked_example_of_optimism_bias(rules):
    # a non-standard building of 100 million: 51 % unmitigated; 92 % mitigated leaves 4 %
    assert optimism_bias(100.0, rules, "non_standard_building") == pytest.approx(151)
    assert optimism_bias(100.0, rules, "non_standard_building", 0.92) == pytest.approx(104.08)
    assert optimism_bias(100.0, rules, "non_standard_building", 1.0) == pytest.approx(104)
    assert optimism_bias(np.array([1.0, 2.0]), rules, "outsourcing", 1.0).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("category", "mitigation", "message"),
    [("outsorcing", 0, "Did you mean outsourcing?"), ("outsourcing", 1.2, "must be a share from 0 to 1")],
)
def test_an_uplift_that_is_not_stated_is_refused(rules, category, mitigation, message):
    with pytest.raises(InputError, match=re.escape(message)):
        optimism_bias(1.0, rules, category, mitigation)


def test_every_value_says_how_far_it_is_confirmed(rules):
    table = rules_table(rules)
    values = table[table["rule"] != "Remark"]
    assert set(values["status"]) <= {"verified", "secondary", "unverified"}
    assert values["address"].str.startswith("http").all()
    assert values.loc[values["status"] == "unverified", "note"].str.startswith("Carried over").all()
    assert table["rule"].is_unique


def test_the_edition_is_printed_on_every_row(rules):
    table = with_rules(pd.DataFrame({"npv": [1.0, 2.0]}), rules)
    assert list(table.columns) == ["npv", "rules"]
    assert table["rules"].eq(rules.label).all()
    assert table.attrs["rules"] == rules.label
    assert rules.published[:4] in rules.label


def test_the_editions_agree_on_the_rates_and_differ_in_name():
    old, new = (load_rules(name) for name in EDITIONS)
    assert old.label == "HM Treasury, The Green Book (2022), 30 March 2022"
    assert new.label == "HM Treasury, The Green Book 2026, 5 February 2026"
    years = np.arange(126)
    for rate in old.discount_rates:
        assert discount_factors(years, old, rate).tolist() == discount_factors(years, new, rate).tolist()


def test_an_unknown_edition_is_refused():
    with pytest.raises(InputError) as caught:
        load_rules("green-book-2025")
    told = str(caught.value)
    start = "rules: edition = green-book-2025: must be green-book-2022 or green-book-2026, or a YAML file. "
    assert told.startswith(start)
    assert told.endswith("[VM170]")


def test_everything_wrong_with_a_rules_file_is_told_at_its_line(tmp_path):
    text = (EDITIONS_FOLDER / "green-book-2026.yaml").read_text(encoding="utf-8")
    text = text.replace("from_year: 31, rate: 0.03}", "from_year: 0, rate: 0.03}")
    text = text.replace("upper: 2,", "uper: 2,").replace('"2026-02-05"', "February")
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    lines = text.splitlines()

    def line(start):
        return next(i for i, found in enumerate(lines, 1) if found.strip().startswith(start))

    with pytest.raises(InputError) as caught:
        load_rules(path)
    told = str(caught.value).splitlines()
    assert len(told) == 3
    assert told[0].startswith(f"{path}:{line('published:')}: published = February: must match")
    bands = line("bands:")
    assert told[1] == (
        f"{path}:{bands}: discount_rates.standard.bands: must start with year 0 and go forward. [VM170]"
    )
    assert told[2].startswith(f"{path}:{line('equipment:')}: optimism_bias.categories.equipment.uper: ")
    assert "Did you mean upper? [VM017]" in told[2]


def test_prices_follow_the_deflators():
    deflators = load_deflators()
    found = to_price_year([100.0, 13_000.0], "2019", "2024", deflators)
    assert found == pytest.approx([100 / 0.811085, 13_000 / 0.811085])
    assert to_price_year(found, "2024", "2019", deflators) == pytest.approx([100.0, 13_000.0])


def test_a_year_without_a_deflator_is_refused_with_every_problem():
    with pytest.raises(InputError) as caught:
        to_price_year(1.0, "1999", "2019/20", load_deflators())
    assert str(caught.value).splitlines() == [
        "gdp-deflators-2025-12: from_year = 1999: is not in the series (2008 to 2024). [VM173]",
        "gdp-deflators-2025-12: to_year = 2019/20: is not in the series (2008 to 2024). Give a series with "
        "financial years, or approximate them: with_financial_years(). [VM173]",
    ]
    with pytest.raises(InputError, match="which is empty"):
        to_price_year(1.0, "2019", "2019", {})


def test_a_stated_table_of_deflators_is_used_as_it_stands():
    assert to_price_year(10.0, "2015/16", "2019/20", {"2015/16": 80.0, "2019/20": 88.0}) == pytest.approx(11)


def test_financial_years_made_of_calendar_years_grow_as_the_published_ones_did():
    # HM Treasury, GDP deflators, October 2015: 1955-56 to 1967-68 (2014-15 = 100), 1955 to 1968 (2014 = 100)
    published = [4.486, 4.762, 4.981, 5.098, 5.116, 5.216, 5.38, 5.546, 5.639, 5.888, 6.186, 6.479, 6.648]
    calendar = [4.434, 4.734, 4.977, 5.099, 5.131, 5.179, 5.355, 5.536, 5.622, 5.808, 6.134, 6.44]
    calendar += [6.618, 6.876]
    values = {str(1955 + i): value for i, value in enumerate(calendar)}
    made = load_deflators().model_copy(update={"values": values}).with_financial_years().values
    own = np.array([made[f"{y}/{(y + 1) % 100:02d}"] for y in range(1955, 1968)])
    gap = 100 * (own[1:] / own[:-1] - np.array(published[1:]) / np.array(published[:-1]))
    assert np.abs(gap).max() < 0.6
    assert own[-1] / own[0] == pytest.approx(published[-1] / published[0], rel=1e-3)


def test_financial_years_that_are_stated_are_kept():
    deflators = load_deflators()
    stated = deflators.model_copy(update={"values": {**deflators.values, "2019/20": 82.0}})
    found = stated.with_financial_years()
    assert found.values["2019/20"] == 82.0
    assert found.values["2018/19"] == pytest.approx(0.75 * 79.1606 + 0.25 * 81.1085)
    assert "made from calendar years" in found.note

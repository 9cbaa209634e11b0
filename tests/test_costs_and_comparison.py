"""Facts of what options cost and achieve: hand-computed years, and differences draw by draw."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from victimsmodel.appraisal.compare import compare_options, incremental, verdict
from victimsmodel.appraisal.costs import COST_LINES, annual_costs
from victimsmodel.appraisal.outcomes import MEASURES, measures_by_run
from victimsmodel.appraisal.overview import cost_tables
from victimsmodel.appraisal.replications import simulate
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import values_of
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.results import points_of
from victimsmodel.reporting.tables import group_coverage

SCENARIO = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
RUN = ["option", "draw", "replication"]
SMALL = {
    "demand.victims_per_year": 8400,
    "staff.contact_officer.fte": 1.5,
    "staff.caseworker.fte": 0.5,
    "staff.volunteer.fte": 0.25,
}
PRICES = {
    "staff.contact_officer.cost_per_fte": 30_000,
    "staff.caseworker.cost_per_fte": 34_000,
    "staff.volunteer.cost_per_fte": 6_000,
    "contact.channels.phone.unit_cost": 0.10,
    "contact.channels.text.unit_cost": 0.04,
    "contact.channels.letter.unit_cost": 0.85,
    "contact.channels.email.unit_cost": 0.01,
    "support.casework_share": 0.10,
    "support.specialist_share": 0.15,
    "costs.casework_case": 10,
    "costs.practical_case": 2,
    "costs.fixed": 60_000,
}
UNITS = {
    "cost_per_referral": "referred",
    "cost_per_contact": "contacted",
    "cost_per_assessment": "assessed",
    "cost_per_supported": "supported",
    "cost_per_supported_in_need": "supported_in_need",
}

#: Measures of which neither more nor less is better.
NEITHER = [measure.name for measure in MEASURES if not measure.better]


def with_staff_of_phone_first(folder, **fte):
    """Return the scenario with other staff in one option."""
    lines = "".join(f"        {role}: {{fte: {number}}}\n" for role, number in fte.items())
    text = f"extends: {SCENARIO.as_posix()}\noptions:\n  phone_first:\n    changes:\n      staff:\n{lines}"
    (folder / "changed.yaml").write_text(text)
    return load_scenario(folder / "changed.yaml", {**SMALL, **PRICES})


def by_line(result, scenario):
    return annual_costs(result, scenario).set_index([*RUN, "line"])["cost_gbp"].unstack("line")


def people(result, stage, who="all"):
    chosen = result.funnel[(result.funnel["stage"] == stage) & (result.funnel["who"] == who)]
    return chosen.groupby(RUN, observed=True)["victims"].sum()


def amounts(result, measure):
    chosen = result.activity[result.activity["measure"] == measure]
    return chosen.groupby([*RUN, "name"], observed=True)["amount"].sum().unstack("name")


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, SMALL)


@pytest.fixture(scope="module")
def result(scenario):
    return simulate(scenario, n_draws=6, n_replications=3, seed=4)


@pytest.fixture(scope="module")
def measures(result, scenario):
    return measures_by_run(result, scenario)


@pytest.fixture(scope="module")
def table(result, scenario):
    return compare_options(result, scenario)


@pytest.fixture(scope="module")
def priced_scenario():
    return load_scenario(SCENARIO, {**SMALL, **PRICES})


@pytest.fixture(scope="module")
def priced(priced_scenario):
    return simulate(priced_scenario, n_draws=2, n_replications=2, seed=4)


def test_staff_cost_their_fte_times_the_cost_of_a_year(priced, priced_scenario):
    staff = by_line(priced, priced_scenario)["staff"]
    assert staff.to_numpy() == pytest.approx(1.5 * 30_000 + 0.5 * 34_000 + 0.25 * 6_000)


def test_attempts_cost_their_number_times_the_price_of_the_channel(priced, priced_scenario):
    made = amounts(priced, "attempts")
    by_hand = 0.10 * made["phone"] + 0.04 * made["text"] + 0.85 * made["letter"] + 0.01 * made["email"]
    found = by_line(priced, priced_scenario)["attempts"]
    pd.testing.assert_series_equal(found, by_hand, check_names=False, check_index_type=False)
    assert (made[["phone", "text", "letter"]].xs("business_as_usual") > 0).all(axis=None)


def test_cases_cost_what_casework_and_practical_support_buy(priced, priced_scenario):
    # of ten supported, 1 gets casework, 1.5 a specialist (not paid here) and 7.5 practical support
    by_hand = people(priced, "supported") * (0.10 * 10 + 0.75 * 2)
    found = by_line(priced, priced_scenario)["cases"]
    pd.testing.assert_series_equal(found, by_hand, check_names=False, check_index_type=False)
    assert (by_hand > 0).all()


def test_fixed_costs_are_those_of_the_year(priced, priced_scenario):
    assert by_line(priced, priced_scenario)["fixed"].to_numpy() == pytest.approx(60_000)


def test_half_a_year_costs_its_share_of_staff_and_fixed_costs():
    found = load_scenario(SCENARIO, {**SMALL, **PRICES, "period.end": "2019-09-30"})
    lines = by_line(simulate(found, ["business_as_usual"], n_replications=2), found).iloc[0]
    years = 183 / 365.25  # 1 April to 30 September
    assert lines["staff"] == pytest.approx((45_000 + 17_000 + 1_500) * years)
    assert lines["fixed"] == pytest.approx(60_000 * years)


def test_a_leap_year_costs_one_year_of_staff():
    found = load_scenario(
        SCENARIO, {**SMALL, **PRICES, "period.start": "2019-04-01", "period.end": "2020-03-31"}
    )
    assert found.period.days == 366
    lines = by_line(simulate(found, ["business_as_usual"], n_replications=2), found).iloc[0]
    assert lines["staff"] == pytest.approx(45_000 + 17_000 + 1_500)


def test_an_option_pays_for_its_own_staff(tmp_path):
    found = with_staff_of_phone_first(tmp_path, contact_officer=4)
    staff = by_line(simulate(found, ["business_as_usual", "phone_first"], n_replications=2), found)["staff"]
    extra = staff.xs("phone_first").iloc[0] - staff.xs("business_as_usual").iloc[0]
    assert extra == pytest.approx((4 - 1.5) * 30_000)


def test_uncertain_prices_are_those_of_the_draw(result, scenario):
    points = points_of(result)
    roles = values_of(scenario.options["business_as_usual"].service.staff, points, "staff")
    by_draw = sum(role.fte * role.cost_per_fte for role in roles.values())
    fixed = scenario.costs.fixed.quantile(points["costs.fixed"])
    lines = by_line(result, scenario)
    draw = lines.index.get_level_values("draw")
    assert lines["staff"].to_numpy() == pytest.approx(by_draw[draw])
    assert lines["fixed"].to_numpy() == pytest.approx(fixed[draw])
    assert len(set(by_draw)) == len(by_draw)


def test_the_lines_add_up_to_the_total(result, scenario, measures):
    lines = by_line(result, scenario)
    assert tuple(lines.columns) == COST_LINES
    total = lines.loc[measures.index].sum(axis=1)
    assert measures["total_cost"].to_numpy() == pytest.approx(total.to_numpy())
    assert (lines > 0).all(axis=None)


def test_idle_staff_cost_the_same(priced, priced_scenario):
    half = load_scenario(SCENARIO, {**SMALL, **PRICES, "demand.victims_per_year": 4200})
    idle = simulate(half, n_draws=2, n_replications=2, seed=4)
    busy_lines, idle_lines = by_line(priced, priced_scenario), by_line(idle, half)
    assert (idle_lines[["staff", "fixed"]] == busy_lines[["staff", "fixed"]]).all(axis=None)
    assert (idle_lines[["attempts", "cases"]] < busy_lines[["attempts", "cases"]]).all(axis=None)


def test_attrition_is_the_share_of_referrals_not_supported(result, measures):
    by_hand = 1 - people(result, "supported") / people(result, "referred")
    assert measures["attrition"].to_numpy() == pytest.approx(by_hand.loc[measures.index].to_numpy())
    assert measures["attrition"].between(0, 1).all()


def test_coverage_is_the_share_of_all_victims_in_need_who_are_supported(result, measures):
    by_hand = people(result, "supported", "in_need") / people(result, "in_need")
    assert measures["coverage"].to_numpy() == pytest.approx(by_hand.loc[measures.index].to_numpy())
    # victims in need who were never referred count as not covered
    of_referred = people(result, "supported", "in_need") / people(result, "referred", "in_need")
    assert (measures["coverage"] < of_referred.loc[measures.index]).all()


def test_counts_are_persons_of_all_groups_together(result, measures):
    for stage in ("referred", "attempted", "contacted", "assessed", "supported"):
        assert (measures[stage] == people(result, stage).loc[measures.index]).all()
    in_need = people(result, "supported", "in_need").loc[measures.index]
    assert (measures["supported_in_need"] == in_need).all()


def test_additional_improved_are_those_who_owe_it_to_the_service(result, scenario, measures):
    share = scenario.outcomes.attributable.quantile(points_of(result)["outcomes.attributable"])
    improved = people(result, "improved").loc[measures.index]
    by_hand = improved * share[measures.index.get_level_values("draw")]
    assert measures["additional_improved"].to_numpy() == pytest.approx(by_hand.to_numpy())


@pytest.mark.parametrize(("cost", "unit"), UNITS.items())
def test_cost_per_unit_times_units_is_the_whole_cost(measures, cost, unit):
    assert (measures[cost] * measures[unit]).to_numpy() == pytest.approx(measures["total_cost"].to_numpy())


def test_a_unit_that_never_happens_has_no_cost():
    nobody = {**SMALL, "staff.caseworker.fte": 0, "staff.volunteer.fte": 0, "staff.contact_officer.fte": 0}
    found = load_scenario(SCENARIO, nobody)
    runs = measures_by_run(simulate(found, ["phone_first"], n_replications=2), found)
    assert (runs["supported"] == 0).all()
    assert runs["cost_per_supported"].isna().all()
    assert (runs["attrition"] == 1).all()


def test_business_as_usual_differs_by_nothing_from_itself(table):
    own = table[table["option"] == "business_as_usual"]
    assert (own[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)
    assert own["probability_better"].isna().all()


def paired_by_hand(measures, option, against="business_as_usual"):
    """Return differences of the same draw and replication, averaged over replications."""
    own, other = measures.xs(option), measures.xs(against)
    return pd.DataFrame(
        {
            draw: np.mean([own.loc[(draw, r)] - other.loc[(draw, r)] for r in range(3)], axis=0)
            for draw in range(6)
        },
        index=own.columns,
    ).T


def test_differences_are_taken_within_the_draw(table, measures):
    for option in ("phone_first", "needs_flagged"):
        found = table[table["option"] == option].set_index("measure")
        gap = paired_by_hand(measures, option)
        for name in measures.columns.difference(list(RATIOS)):
            assert found.loc[name, "difference"] == pytest.approx(gap[name].mean())
            assert found.loc[name, "difference_low"] == pytest.approx(np.quantile(gap[name], 0.05))
            assert found.loc[name, "difference_high"] == pytest.approx(np.quantile(gap[name], 0.95))


def test_pairing_narrows_differences_of_costs_that_options_share(table):
    # fixed costs and pay are the same in every option of a draw, so they cancel
    wide = table.set_index(["option", "measure"]).loc[("phone_first", "total_cost")]
    assert wide["difference_high"] - wide["difference_low"] < 0.1 * (wide["high"] - wide["low"])


#: Of what the measures that are a cost of each, or a share, are counted.
RATIOS = {
    "attrition": "referred",
    "coverage": "in_need",
    "cost_per_referral": "referred",
    "cost_per_contact": "contacted",
    "cost_per_assessment": "assessed",
    "cost_per_supported": "supported",
    "cost_per_supported_in_need": "supported_in_need",
}


def test_a_ratio_is_that_of_the_averages_that_are_printed_beside_it(table, measures, result, scenario):
    units = cost_tables(result, scenario)["unit_costs"].astype({"option": str, "unit": str})
    unit_cost = units.set_index(["option", "unit"])["cost_gbp"]
    groups = group_coverage(result).astype({"option": str}).set_index("option")
    for option in ("business_as_usual", "consent_at_report"):
        found = table[table["option"] == option].set_index("measure")["estimate"]
        for name, unit in RATIOS.items():
            if name.startswith("cost"):
                assert found[name] == pytest.approx(found["total_cost"] / found[unit], rel=1e-12)
        assert found["attrition"] == pytest.approx(1 - found["supported"] / found["referred"], rel=1e-12)
        in_need = groups.loc[option, "in_need"].sum()
        assert found["coverage"] == pytest.approx(found["supported_in_need"] / in_need, rel=1e-12)
        own = unit_cost[option]
        assert own["supported victim in need"] == pytest.approx(
            found["cost_per_supported_in_need"], rel=1e-12
        )
        by_draw = measures.xs(option).groupby("draw").mean()
        of_each = by_draw["total_cost"] / by_draw["contacted"]
        low = table[table["option"] == option].set_index("measure").loc["cost_per_contact", "low"]
        assert low == pytest.approx(np.quantile(of_each, 0.05))


def test_estimate_is_the_mean_and_its_interval_the_spread_over_draws(table, measures):
    for option in ("business_as_usual", "consent_at_report"):
        found = table[table["option"] == option].set_index("measure")
        own = measures.xs(option)
        by_draw = pd.DataFrame([own.xs(draw).mean() for draw in range(6)])
        for name in measures.columns.difference(list(RATIOS)):
            assert found.loc[name, "estimate"] == pytest.approx(own[name].to_numpy().mean())
            assert found.loc[name, "low"] == pytest.approx(np.quantile(by_draw[name], 0.05))
            assert found.loc[name, "high"] == pytest.approx(np.quantile(by_draw[name], 0.95))


def test_the_year_range_is_the_spread_of_replications_within_draws(table, measures):
    found = table[table["option"] == "text_then_call"].set_index("measure")
    own = measures.xs("text_then_call")
    for name in ("attempted", "total_cost", "coverage"):
        variances = [own[name].xs(draw).var(ddof=1) for draw in range(6)]
        half_width = 1.6448536269514722 * np.sqrt(np.mean(variances))  # 95th percentile of a normal
        assert found.loc[name, "year_low"] == pytest.approx(found.loc[name, "estimate"] - half_width)
        assert found.loc[name, "year_high"] == pytest.approx(found.loc[name, "estimate"] + half_width)


def repeated(table):
    """Return a table in which every replication is a copy of the first."""
    if "replication" not in table:
        return table
    first = table[table["replication"] == 0]
    return pd.concat([first.assign(replication=r) for r in range(3)], ignore_index=True)


def test_years_without_chance_have_no_range_however_uncertain_the_inputs(result, scenario):
    copies = result._replace(funnel=repeated(result.funnel), activity=repeated(result.activity))
    found = compare_options(copies, scenario).set_index(["option", "measure"])
    counts = found.xs("supported", level="measure")
    assert counts["year_low"].to_numpy() == pytest.approx(counts["estimate"].to_numpy())
    assert counts["year_high"].to_numpy() == pytest.approx(counts["estimate"].to_numpy())
    assert (counts["low"] < counts["high"]).all()


def test_one_replication_says_nothing_about_single_years(scenario):
    found = compare_options(simulate(scenario, n_draws=2, n_replications=1), scenario)
    assert found[["year_low", "year_high"]].isna().all(axis=None)
    assert found[["estimate", "low", "high"]].notna().all(axis=None)


def test_with_one_draw_the_interval_of_the_mean_is_a_point(scenario):
    found = compare_options(simulate(scenario, n_draws=1, n_replications=3, seed=4), scenario)
    assert (found["low"] == found["estimate"]).all()
    assert (found["high"] == found["estimate"]).all()
    assert (found["difference_low"] == found["difference"]).all()
    assert (found["difference_high"] == found["difference"]).all()
    supported = found[found["measure"] == "supported"]
    assert (supported["year_low"] < supported["year_high"]).all()


def test_probability_better_counts_the_draws(table, measures):
    better = {"higher": 1, "lower": -1, "": 0}
    found = table[table["option"] == "phone_first"].set_index("measure")["probability_better"]
    gap = paired_by_hand(measures, "phone_first")
    for measure in MEASURES:
        sign = better[measure.better]
        if sign == 0:
            assert np.isnan(found[measure.name])
        else:
            wins = (sign * gap[measure.name] > 0).sum() + (gap[measure.name] == 0).sum() / 2
            assert found[measure.name] == wins / 6


def test_probability_better_is_a_probability(table):
    others = table[(table["option"] != "business_as_usual") & ~table["measure"].isin(NEITHER)]
    assert others["probability_better"].between(0, 1).all()


def test_two_options_that_swap_roles_swap_signs_and_probabilities(result, scenario, table):
    there = table[table["option"] == "phone_first"].set_index("measure")
    swapped = compare_options(result, scenario, against="phone_first")
    back = swapped[swapped["option"] == "business_as_usual"].set_index("measure")
    assert back["difference"].to_numpy() == pytest.approx(-there["difference"].to_numpy())
    assert back["difference_low"].to_numpy() == pytest.approx(-there["difference_high"].to_numpy())
    total = (back["probability_better"] + there["probability_better"]).drop(NEITHER)
    assert total.to_numpy() == pytest.approx(1)
    own = swapped[swapped["option"] == "phone_first"]
    assert (own["difference"] == 0).all()


def test_a_measure_that_an_option_lacks_is_compared_in_no_draw(tmp_path):
    found = with_staff_of_phone_first(tmp_path, contact_officer=0, caseworker=0, volunteer=0)
    ran = simulate(found, ["business_as_usual", "phone_first"], n_draws=2, n_replications=2)
    table = compare_options(ran, found).set_index(["option", "measure"])
    row = table.loc[("phone_first", "cost_per_supported")]
    assert row.drop("unit").isna().all()


def test_an_option_that_was_not_simulated_is_no_comparator(scenario):
    ran = simulate(scenario, ["phone_first"], n_replications=2)
    with pytest.raises(InputError) as raised:
        compare_options(ran, scenario)
    assert str(raised.value) == (
        "compare: business_as_usual: was not simulated (simulated: phone_first). [VM032]"
    )
    with pytest.raises(InputError, match="phone_frist: was not simulated"):
        compare_options(ran, scenario, against="phone_frist")


def test_every_measure_of_every_option_stands_once(table, scenario):
    assert list(table["option"].cat.categories) == list(scenario.options)
    assert not table.duplicated(["option", "measure"]).any()
    assert len(table) == len(scenario.options) * len(MEASURES)
    assert dict(zip(table["measure"], table["unit"], strict=True)) == {m.name: m.unit for m in MEASURES}


@pytest.mark.parametrize(
    ("cost", "effect", "expected"),
    [
        (-1, 1, "dominates"),
        (1, -1, "is dominated"),
        (1, 1, "more effect for more cost"),
        (-1, -1, "less effect for less cost"),
        (0, 1, "more effect for the same cost"),
        (-1, 0, "same effect for less cost"),
        (0, -1, "less effect for the same cost"),
        (1, 0, "same effect for more cost"),
        (0, 0, "equal"),
    ],
)
def test_the_verdict_is_the_place_on_the_cost_effectiveness_plane(cost, effect, expected):
    assert verdict(cost, effect) == expected


def differences(**options):
    rows = [(name, "total_cost", cost) for name, (cost, _) in options.items()]
    rows += [(name, "supported_in_need", effect) for name, (_, effect) in options.items()]
    found = pd.DataFrame(rows, columns=["option", "measure", "difference"])
    return found.assign(option=pd.Categorical(found["option"], list(options)))


def test_a_ratio_is_given_only_where_cost_is_traded_for_effect():
    plane = differences(
        business_as_usual=(0.0, 0.0),
        dearer_and_better=(12_000.0, 300.0),
        cheaper_and_worse=(-5_000.0, -100.0),
        dominant=(-5_000.0, 100.0),
        dominated=(5_000.0, -100.0),
        free=(0.0, 100.0),
        idle=(5_000.0, 0.0),
    )
    found = incremental(plane).set_index("option")
    assert "business_as_usual" not in found.index
    assert found["icer"].dropna().to_dict() == {"dearer_and_better": 40.0, "cheaper_and_worse": 50.0}
    assert found["verdict"].to_dict() == {
        "dearer_and_better": "more effect for more cost",
        "cheaper_and_worse": "less effect for less cost",
        "dominant": "dominates",
        "dominated": "is dominated",
        "free": "more effect for the same cost",
        "idle": "same effect for more cost",
    }


def test_increments_are_the_differences_of_the_comparison(table):
    found = incremental(table).set_index("option")
    wide = table.set_index(["option", "measure"])["difference"]
    for option in found.index:
        assert found.loc[option, "incremental_cost"] == wide[(option, "total_cost")]
        assert found.loc[option, "incremental_effect"] == wide[(option, "supported_in_need")]

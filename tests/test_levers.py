"""Facts of levers and waterfalls: what changes nothing adds nothing, sums are exact, order is no matter."""

from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from victimsmodel.appraisal import levers as module
from victimsmodel.appraisal.alternatives import expected, measures_by_draw, with_services
from victimsmodel.appraisal.compare import EFFECT, compare_options
from victimsmodel.appraisal.explain import explain_option
from victimsmodel.appraisal.levers import SAVES, UNCLEAR, UNKNOWN, rank_levers
from victimsmodel.appraisal.parts import blocks_of, changed_parts, mixed
from victimsmodel.appraisal.prices import load_deflators, to_price_year
from victimsmodel.appraisal.replications import simulate
from victimsmodel.cli import app
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points, values_of
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import Estimate, estimates_in
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL
from victimsmodel.pathway.simulate import simulated_counters
from victimsmodel.reporting.figures_levers import plot_levers, plot_waterfall
from victimsmodel.reporting.lever_words import ample_sentence, levers_sentence, part_title, readable_levers

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
SCENARIO = PARAMETERS / "west-midlands.yaml"
#: A tenth of the victims, with staff for fewer still: queues are long and victims leave.
OVERLOADED = {
    "demand.victims_per_year": 8400,
    "staff.contact_officer.fte": 0.7,
    "staff.caseworker.fte": 0.2,
    "staff.volunteer.fte": 0.25,
}
REST = "cost: none, source: assumption"


def written(folder, text, overrides=None):
    """Return the West Midlands, smaller and overloaded, with a text laid over."""
    path = folder / "x.yaml"
    path.write_text(f"extends: {SCENARIO.as_posix()}\n{text}")
    return load_scenario(path, OVERLOADED if overrides is None else overrides)


def refused(folder, text):
    path = folder / "x.yaml"
    path.write_text(f"extends: {SCENARIO.as_posix()}\n{text}")
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def only_levers(scenario, *names):
    return scenario.model_copy(update={"levers": {name: scenario.levers[name] for name in names}})


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, OVERLOADED)


@pytest.fixture(scope="module")
def ranked(scenario):
    return rank_levers(scenario, n_draws=5, seed=2)


@pytest.fixture(scope="module")
def explained(scenario):
    return explain_option(scenario, "needs_flagged", n_draws=4, seed=5)


# Multipliers


@pytest.mark.parametrize(
    "stated",
    [
        {"events": 3, "trials": 40},
        {"value": 0.3, "low": 0.1, "high": 0.6},
        {"value": 0.9, "low": 0.9, "high": 0.9},
    ],
)
def test_the_odds_of_every_draw_are_multiplied(stated):
    y = np.linspace(0.01, 0.99, 9)
    base = Estimate(unit="probability", source="assumption", **stated)
    x = base.quantile(y)
    changed = base.model_copy(update={"times_odds": 1.5}).quantile(y)
    assert changed / (1 - changed) == pytest.approx(1.5 * x / (1 - x), rel=1e-12)
    assert (base.model_copy(update={"times_odds": 1.0}).quantile(y) == x).all()


def test_other_numbers_are_multiplied_themselves():
    cost = Estimate(unit="GBP", price_year="2019/20", source="assumption", value=2, low=1, high=4, times=3)
    assert cost.median == pytest.approx(6)
    assert cost.interval == pytest.approx((3, 12))
    assert cost.centre == 6
    assert str(cost) == "2 (1 to 4) GBP, times 3"


def test_a_multiplier_keeps_the_evidence_and_the_range_of_business_as_usual(scenario):
    usual = scenario.options[BUSINESS_AS_USUAL].service.contact.channels["phone"].reach
    changed = scenario.levers["caller_name"].service.contact.channels["phone"].reach
    assert changed == usual.model_copy(update={"times_odds": 1.9})


def test_no_estimate_is_left_undrawn():
    """What can hold no estimate is passed over when numbers are drawn: nothing else may be."""

    def undrawn(found):
        if isinstance(found, SimpleNamespace):
            found = vars(found)
        if isinstance(found, (dict, list)):
            children = found.values() if isinstance(found, dict) else found
            return [each for child in children for each in undrawn(child)]
        return list(estimates_in(found))

    every = load_scenario(PARAMETERS / "every-feature.yaml")
    points = draw_points(every, 2, 1)
    assert undrawn(values_of(every.demand, points, "demand")) == []
    for option in every.options.values():
        assert undrawn(values_of(option.service, points)) == []


def test_extra_staff_come_on_top_of_those_in_post(scenario):
    lever = scenario.levers["two_officers"]
    assert lever.service.staff["contact_officer"].fte == 0.7
    assert lever.improved.staff["contact_officer"].fte == pytest.approx(2.7)


# What is refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "contact: {channels: {phone: {reach: {times: 1.5}}}}",
            "contact.channels.phone.reach.times = 1.5: does not multiply a number of unit probability. "
            "Did you mean times_odds? [VM150]",
        ),
        (
            "costs: {fixed: {times_odds: 2}}",
            "costs.fixed.times_odds = 2: does not multiply a number of unit GBP/year. "
            "Did you mean times? [VM150]",
        ),
        (
            "levers: {a: {title: A, stage: reach, source: assumption, extra_fte: {volunteer: 1}}}",
            "x.yaml:2: levers.a.cost: must be none or unknown, or cost_per_year must state an estimate; "
            "one of the two. [VM151]",
        ),
        (
            f"levers: {{phone_first: {{title: A, stage: reach, {REST}, extra_fte: {{volunteer: 1}}}}}}",
            "x.yaml:2: levers.phone_first: must not have the name of an option. [VM152]",
        ),
        (
            f"levers: {{a: {{title: A, stage: reach, {REST}}}}}",
            "x.yaml:2: levers.a.changes: is missing: the fields that differ from business as usual, "
            "or extra_fte. [VM010]",
        ),
        (
            f"levers: {{a: {{title: A, stage: reach, {REST}, extra_fte: {{volunter: 1}}}}}}",
            "x.yaml:2: levers.a.extra_fte.volunter: is not a role of this scenario "
            "(known: contact_officer, caseworker, volunteer). Did you mean volunteer? [VM021]",
        ),
        (
            f"levers: {{a: {{title: A, stage: reach, {REST}, change: {{}}, extra_fte: {{volunteer: 1}}}}}}",
            "x.yaml:2: levers.a.change: is not a known key (known: title, stage, changes, extra_fte, "
            "cost_per_year, cost, source, quality, note). Did you mean changes? [VM017]",
        ),
        (
            "levers: {a: {title: A, stage: reach, cost: none, source: assumtion, extra_fte: {volunteer: 1}}}",
            "x.yaml:2: levers.a.source = assumtion: is not in the sources register. "
            "Did you mean assumption? [VM020]",
        ),
    ],
)
def test_a_wrong_lever_is_refused_with_its_place(tmp_path, text, message):
    assert any(line.endswith(message) for line in refused(tmp_path, text)), refused(tmp_path, text)


def test_a_scenario_without_levers_has_none_to_rank(scenario):
    message = "west-midlands: levers: must state at least one lever to rank. [VM154]"
    with pytest.raises(InputError) as caught:
        rank_levers(scenario.model_copy(update={"levers": {}}))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("option", "measure", "message"),
    [
        (
            "business_as_usual",
            EFFECT,
            "explain: option = business_as_usual: must be another option: it is what the others are "
            "explained from. [VM153]",
        ),
        ("phone_first", "supported_need", "Did you mean supported_in_need? [VM153]"),
        ("phone_frist", EFFECT, "Did you mean phone_first? [VM030]"),
    ],
)
def test_what_cannot_be_explained_is_refused(scenario, option, measure, message):
    with pytest.raises(InputError) as caught:
        explain_option(scenario, option, measure)
    assert str(caught.value).endswith(message)


# Levers


def test_a_lever_that_changes_nothing_adds_exactly_nothing_in_every_draw(tmp_path):
    idle = "{contact: {channels: {phone: {reach: {times_odds: 1}}}}, staff: {contact_officer: {fte: 0.7}}}"
    found = written(tmp_path, f"levers: {{idle: {{title: Idle, stage: reach, {REST}, changes: {idle}}}}}\n")
    row = rank_levers(only_levers(found, "idle"), n_draws=3, n_replications=2).iloc[0]
    names = ["extra", "low", "high", "ample_low", "ample_high", "extra_left", "cost_low", "cost_high"]
    assert (row[[*names, "probability_positive", "probability_best"]] == 0).all()
    assert row["remark"] == UNCLEAR


def test_with_ample_staff_more_reach_never_lowers_the_supported(scenario):
    services = {BUSINESS_AS_USUAL: scenario.options[BUSINESS_AS_USUAL].service}
    services |= {name: scenario.levers[name].improved for name in ("caller_name", "reminders")}
    every = with_services(scenario, services)
    points = draw_points(every, 60, 4)
    found = measures_by_draw(every, points, dict(expected(every, points)))[EFFECT].unstack("option")
    for name in ("caller_name", "reminders"):
        assert (found[name] > found[BUSINESS_AS_USUAL]).all()


def test_with_ample_staff_more_staff_add_exactly_nothing(ranked):
    row = ranked.set_index("lever").loc["two_officers"]
    assert (row[["ample", "ample_low", "ample_high"]] == 0).all()
    assert row["low"] > 0


def test_an_overloaded_service_wants_staff_first(ranked):
    """0.7 officers for 8,400 victims: calls are lost while waiting, and two more officers make them."""
    first = ranked.iloc[0]
    assert first["lever"] == "two_officers"
    assert first["probability_best"] == 1
    assert first["extra_left"] < 0
    others = ranked.iloc[1:]
    assert (others["bottleneck"] == "contact_officer").all()
    assert (others["extra"] < others["ample"]).all()


def test_staff_cost_what_their_pay_is(ranked, scenario):
    points = draw_points(scenario, 5, 2)
    pay = values_of(scenario.options[BUSINESS_AS_USUAL].service, points).staff["contact_officer"].cost_per_fte
    cost = ranked.set_index("lever")["cost"]
    assert cost["two_officers"] == pytest.approx(2 * pay.mean(), rel=0.1)  # and what more victims cost
    assert np.isnan(cost["named_worker"])


def test_draws_without_any_gain_count_for_no_lever():
    draws = {"a": np.array([1.0, 3.0, -1.0, 0.0]), "b": np.array([2.0, 3.0, -2.0, 0.0])}
    assert module._best(draws) == {"a": 0.125, "b": 0.375}


@pytest.mark.parametrize(
    ("cost", "extra", "ratio", "remark"),
    [
        ([100.0, 300.0], [1.0, 3.0], 100.0, ""),
        ([100.0, 300.0], [-1.0, 3.0], np.nan, UNCLEAR),
        ([100.0, np.nan], [1.0, 3.0], np.nan, UNKNOWN),
        ([-100.0, -300.0], [1.0, 3.0], np.nan, SAVES),
    ],
)
def test_the_cost_of_an_extra_victim_is_a_ratio_of_means_or_has_a_reason(cost, extra, ratio, remark):
    found = module._cost_per_extra(np.array(cost), np.array(extra))
    assert found["cost_per_extra"] == pytest.approx(ratio, nan_ok=True)
    assert found["remark"] == remark


def test_the_order_of_levers_does_not_matter_nor_do_the_others(scenario, ranked):
    turned = only_levers(scenario, "named_worker", "two_officers")
    few = rank_levers(turned, n_draws=5, seed=2).drop(columns="probability_best")
    same = ranked[ranked["lever"].isin(turned.levers)].reset_index(drop=True)
    pd.testing.assert_frame_equal(few, same[few.columns])


# Waterfalls


def test_contributions_sum_to_what_the_comparison_reports(scenario, explained):
    result = simulate(scenario, ["business_as_usual", "needs_flagged"], 4, 1, 5)
    compared = compare_options(result, scenario).set_index(["option", "measure"])
    parts = explained.loc[explained["kind"] == "part", "value"]
    stated = compared.loc[("needs_flagged", EFFECT), "difference"]
    assert parts.sum() == pytest.approx(stated, rel=1e-9)
    assert explained["value"].iloc[0] == pytest.approx(
        compared.loc[("business_as_usual", EFFECT), "estimate"]
    )
    assert explained["value"].iloc[-1] == pytest.approx(compared.loc[("needs_flagged", EFFECT), "estimate"])


@pytest.mark.parametrize("measure", ["attrition", "total_cost", "cost_per_supported_in_need"])
def test_every_measure_sums_exactly(scenario, measure):
    found = explain_option(scenario, "needs_flagged", measure, n_draws=3, ample_staff=True)
    whole = found["value"].iloc[-1] - found["value"].iloc[0]
    assert found["value"].iloc[1:-1].sum() == pytest.approx(whole, rel=1e-9)


def test_a_contribution_lies_between_its_least_and_its_most(explained):
    parts = explained[explained["kind"] == "part"]
    assert list(parts["part"]) == ["referral", "methods_enhanced", "methods_standard"]
    assert (parts["least"] <= parts["value"]).all()
    assert (parts["value"] <= parts["most"]).all()


def test_without_queues_methods_of_different_victims_do_not_interact(scenario):
    found = explain_option(scenario, "phone_first", n_draws=3, ample_staff=True).iloc[1:-1]
    assert found["least"].to_numpy() == pytest.approx(found["most"].to_numpy(), rel=1e-9)


def test_all_parts_make_the_option_and_none_makes_business_as_usual(scenario):
    points = draw_points(scenario, 2, 1)
    usual = scenario.options[BUSINESS_AS_USUAL].service
    for name in ("text_then_call", "consent_at_report"):
        changed = scenario.options[name].service
        parts = changed_parts(usual, changed, scenario.groups)
        services = {
            "none": mixed(usual, changed, [], scenario.groups),
            "all": mixed(usual, changed, parts, scenario.groups),
        }
        every = with_services(scenario, {**services, "usual": usual, "changed": changed})
        runs = simulated_counters(every, list(every.options), points, 1, range(1))
        for made, stated in (("none", "usual"), ("all", "changed")):
            assert (runs[made].funnel == runs[stated].funnel).all()
            assert (runs[made].minutes == runs[stated].minutes).all()


def test_the_order_of_changes_in_the_file_does_not_matter(tmp_path):
    parts = [
        "contact: {assigned: {enhanced: five_calls, standard: five_calls}}",
        "referral: {transferred: {times_odds: 2}}",
        "staff: {contact_officer: {fte: 1.1}}",
    ]
    tables = []
    for ordered in (parts, parts[::-1]):
        option = f"{{title: Mine, summary: Mine., changes: {{{', '.join(ordered)}}}}}"
        found = written(tmp_path, f"options: {{mine: {option}}}\n")
        tables.append(explain_option(found, "mine", n_draws=1, ample_staff=True))
    pd.testing.assert_frame_equal(*tables)
    assert list(tables[0]["part"][1:-1]) == ["referral", "methods_enhanced", "methods_standard", "staff"]


def test_a_part_that_cannot_work_alone_is_joined_with_what_it_needs(tmp_path):
    call = "{channel: phone, after_working_days: 1, role: caller}"
    role = (
        "{title: Callers, fte: 1, hours_per_week: 37, "
        + ", ".join(
            f"{name}: {{value: {v}, low: {v}, high: {v}, unit: {unit}, source: assumption}}"
            for name, v, unit in (
                ("shrinkage", 0.3, "probability"),
                ("occupancy", 0.9, "probability"),
                ("cost_per_fte", 3e4, "GBP/year, price_year: 2019/20"),
            )
        )
        + "}"
    )
    changes = (
        f"{{staff: {{caller: {role}}}, costs: {{fixed: {{times: 2}}}}, contact: {{methods: {{new: "
        f"{{title: New, attempts: [{call}]}}}}, assigned: {{robbery_enhanced: new}}}}}}"
    )
    found = written(tmp_path, f"options: {{mine: {{title: Mine, summary: Mine., changes: {changes}}}}}\n")
    services = (found.options[name].service for name in (BUSINESS_AS_USUAL, "mine"))
    assert blocks_of(*services, found.groups) == [("methods_enhanced", "staff"), ("costs",)]
    assert part_title("methods_enhanced + staff") == (
        "Contact with enhanced victims and staff and their order of work (only together)"
    )


def test_more_than_seven_parts_become_seven(scenario):
    usual = scenario.options[BUSINESS_AS_USUAL].service
    fixed = usual.costs.fixed.model_copy(update={"times": 2.0})
    other = scenario.options["consent_at_report"].service.model_copy(
        update={
            "costs": usual.costs.model_copy(update={"fixed": fixed}),
            "staff": {k: v.model_copy(update={"fte": 2.0}) for k, v in usual.staff.items()},
            "consent": usual.consent.model_copy(update={"spoken": usual.consent.replied}),
        }
    )
    assert len(changed_parts(usual, other, scenario.groups)) == 8
    blocks = blocks_of(usual, other, scenario.groups)
    assert len(blocks) == 7
    assert ("methods_enhanced", "methods_standard") in blocks


# Words and figures


def test_the_sentence_names_the_first_fix_and_how_sure_it_is(ranked):
    row = {"title": "Two more officers", "extra": 562.0, "low": 28.0, "high": 1115.0, "probability_best": 0.8}
    table = pd.DataFrame([row, {**row, "title": "Other"}])
    assert levers_sentence(table, 50) == (
        "Of 2 levers “Two more officers” adds most on average, and is likely to be the best first fix: "
        "about 560 more victims in need supported (90% interval 28 to 1,120)."
    )
    close = table.assign(probability_best=0.2)
    assert "but is unlikely to be the best first fix, as others come close" in levers_sentence(close, 100)
    assert levers_sentence(table.assign(low=-1.0), 10) == (
        "No lever clearly supports more victims in need: of 2 levers “Two more officers” adds most "
        "(−1 to 1,120 over 10 draws only)."
    )
    assert "and is likely" in levers_sentence(ranked, 5)  # best in all five draws, and yet not almost certain


def test_levers_can_be_read(ranked, scenario):
    shown = readable_levers(ranked, scenario)
    assert len(shown) == len(scenario.levers)
    assert (
        shown.loc[shown["Lever"].str.startswith("A named worker"), "Cost per extra victim"]
        .isin(["unknown"])
        .all()
    )
    assert "contact officers" in ample_sentence(ranked, scenario)


def test_the_figures_state_the_finding(ranked, explained, scenario):
    levers, waterfall = plot_levers(ranked, "Source."), plot_waterfall(explained, scenario, "Source.")
    title = " ".join(levers.get_suptitle().split())
    assert title.startswith("Two more contact officers would support about")
    assert "“Needs flagged by the police”" in " ".join(waterfall.get_suptitle().split())
    plt.close("all")


def test_the_command_prints_the_table_and_the_sentence():
    sets = [part for name, value in OVERLOADED.items() for part in ("--set", f"{name}={value}")]
    ran = CliRunner().invoke(app, ["levers", str(SCENARIO), "--draws", "1", *sets])
    assert ran.exit_code == 0
    assert "Of 8 levers “Two more contact officers” adds most with every input at its median" in ran.stdout
    assert "With ample staff" in ran.stdout


def test_the_further_cost_of_a_lever_is_brought_to_the_prices_of_the_scenario(tmp_path):
    price = "{value: 100, low: 50, high: 200, unit: GBP/year, source: assumption, price_year: YEAR}"
    lever = """
levers:
  x: {title: X, stage: reach, extra_fte: {contact_officer: 1}, source: assumption, cost_per_year: PRICE}"""
    costs, median = {}, {"levers.x.cost_per_year": np.array([0.5])}
    for year in ("2019/20", "2017/18"):
        text = lever.replace("PRICE", price.replace("YEAR", year))
        scenario = only_levers(written(tmp_path, text), "x")
        costs[year] = module._further_cost("x", scenario.levers["x"], median, scenario)
    deflators = load_deflators().with_financial_years()
    factor = to_price_year(1.0, "2017/18", "2019/20", deflators)
    assert costs["2019/20"] == pytest.approx(100)
    assert factor > 1
    assert costs["2017/18"] == pytest.approx(100 * factor)

"""Funding as printed: what adds up, what does not, and what it is per victim."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from victimsmodel.appraisal.funding import funding_checks, funding_table
from victimsmodel.appraisal.prices import load_deflators
from victimsmodel.demand.victims import estimate_demand
from victimsmodel.errors import InputError
from victimsmodel.inputs.funding import load_funding
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.population import national_residents, residents
from victimsmodel.reporting.figures_funding import plot_funding
from victimsmodel.reporting.pictures import figure_title

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
OWN = PARAMETERS / "funding" / "west-midlands.csv"


@pytest.fixture(scope="module")
def funding():
    return load_funding()


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(PARAMETERS / "west-midlands.yaml")


@pytest.fixture(scope="module")
def table(funding, scenario):
    return funding_table(funding, scenario, estimate_demand(scenario, n_draws=400))


def row_of(frame, **keys):
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_exactly_three_disagreements_are_found(funding):
    checks = funding_checks(funding)
    wrong = checks[checks["agrees"].eq(False).fillna(False)]
    assert list(zip(wrong["year"], wrong["difference_gbp"], strict=True)) == [
        ("2013/14", -52_407),
        ("2019/20", 219_672),
        ("2015/16", 185_000),
    ]
    assert list(wrong["finding"]) == [
        "10 lines come to GBP 775,414, GBP 52,407 below the printed total; GBP 52,407 unexplained.",
        "17 lines come to GBP 3,566,280, GBP 219,672 above the printed total, where the source states "
        "GBP 10,609; GBP 209,063 unexplained.",
        "GBP 1,200,000 was indicated and GBP 1,385,000 awarded: GBP 185,000 above.",
    ]


def test_tables_that_add_up_are_said_to(funding):
    checks = funding_checks(funding)
    for item, year, amount in (
        ("Allocated", "2014/15", 175_194),
        ("Competed fund", "2014/15", 703_488),
        ("Victim services and restorative justice", "2013/14", 1_015_851),
    ):
        row = row_of(checks, item=item, year=year)
        assert row["agrees"]
        assert row["found_gbp"] == amount


def test_blank_lines_leave_a_total_unchecked(funding):
    row = row_of(funding_checks(funding), item="Restorative justice")
    assert row["agrees"] is pd.NA
    assert row["finding"] == "Cannot be checked: 1 of 1 lines left blank."


def test_an_award_that_rounds_to_what_was_indicated_agrees(funding):
    checks = funding_checks(funding)
    row = row_of(checks, item="Ministry of Justice grant", check="awarded as indicated")
    assert row["agrees"]
    assert row["difference_gbp"] == 273


def test_money_per_victim_is_the_grant_over_168_000(table):
    for year, grant in (("2015/16", 1_385_000), ("2019/20", 948_920)):
        row = row_of(table, year=year, series="contact_service")
        assert row["amount_gbp"] == grant
        # the median of the ratio; 400 points of a Latin hypercube put a median within 0.1 %
        assert row["per_victim"] == pytest.approx(grant / 168_000, rel=2e-3)
        assert row["per_victim_in_need"] == pytest.approx(grant / 42_000, rel=1e-2)
        assert row["per_victim_low"] == pytest.approx(grant / 182_000, rel=5e-3)
        assert row["per_victim_high"] == pytest.approx(grant / 154_000, rel=5e-3)
        assert row["per_victim_in_need_low"] < row["per_victim_in_need"] < row["per_victim_in_need_high"]


def test_money_per_resident_uses_the_residents_of_the_force(table):
    row = row_of(table, year="2019/20", series="all_services")
    assert row["per_resident"] == pytest.approx(3_346_608 / residents("West Midlands").residents)


def test_the_benchmark_is_the_share_of_residents_in_national_money(table):
    share = residents("West Midlands").residents / national_residents().residents
    assert share == pytest.approx(0.0492, abs=5e-5)
    row = row_of(table, year="2015/16", series="all_services")
    assert row["population_allocation_gbp"] == pytest.approx(60.8e6 * share)
    assert row["above_allocation_gbp"] == pytest.approx(2_344_273 + 625_000 - 60.8e6 * share)
    others = table[(table["series"] == "contact_service") | ~table["year"].isin(["2014/15", "2015/16"])]
    assert others["population_allocation_gbp"].isna().all()


def test_the_benchmark_of_all_areas_is_the_national_money():
    table = pd.read_csv(PARAMETERS.parent / "victimsmodel" / "inputs" / "force_population.csv")
    assert table["population"].sum() == national_residents().residents


def test_real_amounts_are_in_the_prices_of_the_scenario(funding, scenario):
    demand = estimate_demand(scenario, n_draws=10)
    deflators = load_deflators().with_financial_years()
    found = funding_table(funding, scenario, demand, deflators=deflators)
    assert row_of(found, year="2019/20", series="contact_service")["real_gbp"] == pytest.approx(948_920)
    earlier = row_of(found, year="2015/16", series="contact_service")
    ratio = deflators.values["2019/20"] / deflators.values["2015/16"]
    assert earlier["real_gbp"] == pytest.approx(1_385_000 * ratio)


def test_amounts_without_a_deflator_are_not_made_real(funding, scenario):
    demand = estimate_demand(scenario, n_draws=10)
    with pytest.raises(InputError, match="VM173"):
        funding_table(funding, scenario, demand, deflators=load_deflators())


def test_funding_without_a_series_has_no_table(funding, scenario):
    with pytest.raises(InputError, match="VM176"):
        funding_table(funding.assign(series=""), scenario, estimate_demand(scenario, n_draws=1))


def test_every_problem_of_a_file_is_told_at_its_line(tmp_path):
    lines = OWN.read_text(encoding="utf-8").splitlines()
    (tmp_path / "sources.yaml").write_text("strategy_2014: {title: t, year: '2014'}\n", encoding="utf-8")
    path = tmp_path / "own.csv"
    lines = lines[:13]
    lines[1] = lines[1].replace("2013/14", "2013/15")
    lines[2] = lines[2].replace("Victim services", "Victims services")
    lines[3] = lines[3].replace("strategy_2014", "strategy_2015")
    lines[5] = lines[4]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_funding(path)
    told = str(caught.value)
    total = "another total of the table Capacity and capability of"
    assert (
        f"{path}:2: year = 2013/15: must be two years that follow each other. Did you mean 2013/14?" in told
    )
    assert f"{path}:3: printed_total = Victims services: must be {total} 2013/14. Did you mean Victim" in told
    assert f"{path}:4: source = strategy_2015: is not a key of sources.yaml" in told
    assert f"{path}:6: line = Safer Wolverhampton: stands already in {path}:5. [VM175]" in told


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("303198", "-3", "funding[0].amount_gbp = -3: must be at least 0"),
        ("303198", '"303,198"', "funding[0].amount_gbp = 303,198: must be digits alone. Write 303198"),
        (",line,303198", ",lines,303198", "Did you mean line?"),
        ("basis,kind", "basis,sort", "funding[0].kind: is missing"),
    ],
)
def test_a_cell_of_another_form_is_refused(tmp_path, old, new, message):
    path = tmp_path / "own.csv"
    path.write_text(OWN.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_funding(path)
    assert message in str(caught.value)


def test_a_total_needs_an_amount(tmp_path):
    (tmp_path / "sources.yaml").write_text("strategy_2014: {title: t, year: '2014'}\n", encoding="utf-8")
    path = tmp_path / "own.csv"
    head = OWN.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{head}\n2013/14,T,Sum,total,printed,total,,,,strategy_2014,\n", encoding="utf-8")
    with pytest.raises(InputError, match="amount_gbp: must be given for a total"):
        load_funding(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        load_funding(tmp_path / "none.csv")


def test_the_figure_states_the_change_per_victim(table, funding):
    figure = plot_funding(table, funding_checks(funding), "Source: test.")
    assert figure_title(figure).startswith(
        "Money for contact, referral and assessment fell by 31% from 2015/16"
    )
    assert "to £5.6" in figure_title(figure)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels == ["2013/14*", "2014/15", "2015/16*", "2019/20*"]
    bars = sorted(round(bar.get_width()) for bar in figure.axes[0].patches)
    assert bars == sorted(np.round(table["amount_gbp"]).astype(int))
    plt.close(figure)

"""Facts of years without victims: ratios of nobody are missing, and tables, figures and report say so."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.appraisal.attrition_overview import attrition_tables
from victimsmodel.appraisal.funding import funding_table
from victimsmodel.appraisal.outcomes import COSTED
from victimsmodel.pathway.modelled_attrition import modelled_attrition
from victimsmodel.records import Result
from victimsmodel.reporting import formats, tables
from victimsmodel.reporting.calibrated_tables import HowMuch, calibrated_tables
from victimsmodel.reporting.content.build import build_document
from victimsmodel.reporting.content.model import Paragraph, plain
from victimsmodel.reporting.figures_pathway import plot_coverage, plot_demand, plot_exits, plot_funnel
from victimsmodel.reporting.figures_service import plot_backlog, plot_staff_use, plot_waits
from victimsmodel.reporting.nobody_words import BLANK_RATIOS, NOBODY_REFERRED
from victimsmodel.reporting.results_workbook.writing import write_results_workbook

WEST_MIDLANDS = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
MANIFEST = {"run_id": "0", "profile": "tiny", "seed": 1, "n_draws": 2, "n_replications": 1,
            "created": "2026-11-23T10:00:00+00:00", "version": "0", "scenario_file": "x.yaml"}  # fmt: skip


@pytest.fixture(scope="module")
def scenario():
    loaded = vm.load_scenario(WEST_MIDLANDS, {"demand.victims_per_year": 0})
    options = {name: loaded.options[name] for name in ("business_as_usual", "phone_first")}
    return loaded.model_copy(update={"options": options, "levers": {}})


@pytest.fixture(scope="module")
def result(scenario):
    return vm.simulate(scenario, n_draws=2, n_replications=1)


@pytest.fixture(scope="module")
def demand(scenario):
    return vm.estimate_demand(scenario, 20, 1)


@pytest.fixture(scope="module")
def kept(scenario, result, demand):
    """Return the tables that a run without victims would keep, as far as they are looked at here."""
    return {
        "demand_summary": tables.demand_summary(demand),
        "funnel_summary": tables.counts_summary(result.funnel, "stage"),
        "exits_summary": tables.counts_summary(result.exits, "exit"),
        "group_coverage": tables.group_coverage(result),
        "waits_summary": tables.waits_summary(result.waits),
        "staff_use": tables.staff_use(result),
        "attempts_summary": tables.attempts_summary(result),
        "costs_summary": tables.costs_summary(result, scenario),
        "comparison": vm.compare_options(result, scenario),
        "daily": result.daily,
        "assumptions": tables.assumptions(scenario),
    }


def test_ratios_of_nobody_are_missing_and_counts_are_nought(kept):
    found = kept["comparison"].set_index(["option", "measure"])["estimate"].unstack("option")
    ratios = ["attrition", "coverage", *COSTED]
    assert found.loc[ratios].isna().all(axis=None)
    assert (found.drop([*ratios, "total_cost"]) == 0).all(axis=None)
    assert (found.loc["total_cost"] > 0).all()  # staff are paid whether or not anybody comes


def test_attrition_of_nobody_is_missing_and_placed_among_no_services(scenario, result):
    assert modelled_attrition(result)["attrition"].isna().all()
    made = attrition_tables(result, scenario, 1, 1)
    assert list(made["services_words"]["sentence"])[-1] == (
        "West Midlands, modelled: nobody is referred, so that there is no attrition to compare."
    )
    shown = vm.readable_attrition("attrition_definitions", made, scenario)
    assert set(shown.to_numpy().ravel()) == {"–"}


def test_money_per_victim_is_missing_where_there_are_none(scenario, demand):
    money = pd.DataFrame([line.model_dump() for line in scenario.funding])
    table = funding_table(money, scenario, demand)
    assert table[["per_victim", "per_victim_in_need"]].isna().all(axis=None)
    assert table["per_resident"].notna().all()


def test_a_service_that_loses_all_or_none_has_a_place():
    ends = {"All": 1.0, "None": 0.0}
    found = vm.compare_services(ends, published="Nowhere", fed_by="needs_flagged").table
    places = found.loc[found["kind"] == "area", "percentile"]
    np.testing.assert_allclose(places, [1, 0], atol=1e-12)


def test_a_published_share_says_nothing_of_inputs_when_hardly_anybody_comes(scenario, result):
    made = calibrated_tables(result, scenario, HowMuch(100, 2, 2), 1)
    assert list(made) == ["calibration_words"]
    assert made["calibration_words"]["sentence"][0].startswith("Not calibrated: of 0 persons a year")
    shown = vm.readable_attrition("calibration_fit", made, scenario)
    assert shown.iloc[0, 0] == "The inputs were not calibrated, so that there is nothing to show here."


@pytest.mark.parametrize("name", [name for name in formats.FORMATS if not name.startswith("of_")])
def test_a_missing_number_is_printed_as_a_dash(name):
    assert formats.FORMATS[name](np.nan) == formats.DASH


@pytest.mark.parametrize("name", ["waits_summary", "attempts_summary", "staff_use", "comparison"])
def test_tables_of_nobody_read_without_a_number_that_does_not_exist(kept, scenario, name):
    text = vm.readable(kept[name], scenario).to_string()
    assert "nan" not in text
    assert "– (" not in text
    assert name != "attempts_summary" or "Nothing of this kind happens" in text


def test_figures_of_nobody_say_so_in_their_place(kept, scenario):
    drawn = (
        (plot_demand, "demand_summary", "Nobody is expected to need support: no victims come"),
        (plot_funnel, "funnel_summary", NOBODY_REFERRED),
        (plot_exits, "exits_summary", NOBODY_REFERRED),
        (plot_coverage, "group_coverage", "Nobody is in need in any of the simulated years"),
        (plot_waits, "waits_summary", "Nobody is waited for in any of the simulated years"),
    )
    for plot, name, title in drawn:
        figure = plot(kept[name], scenario, "x")
        assert " ".join(figure.get_suptitle().split()) == title
        assert [text.get_text() for text in figure.axes[0].texts] == ["There is nothing to draw."]
    busy = plot_staff_use(kept["staff_use"], scenario, "x").get_suptitle()
    assert " ".join(busy.split()) == "Contact officers have no work at all, and no other role has more"
    assert plot_backlog(kept["daily"], scenario, "x").get_suptitle().startswith("Nobody waits for contact")


def test_the_report_says_that_nobody_is_referred_and_claims_nothing_of_victims(kept, scenario):
    document = build_document(kept, scenario, MANIFEST)
    first = next(block for block in document.sections[0].blocks if isinstance(block, Paragraph))
    assert plain(first.text).startswith(f"{NOBODY_REFERRED}, under any option. Shares of victims, waits and")
    heads = {section.name: section.blocks[0] for section in document.sections}
    for name in ("attrition", "methods", "coverage", "capacity", "recommendation"):
        assert plain(heads[name].text).startswith(f"{NOBODY_REFERRED}: nothing can be told here")
    every = repr(document.sections)
    assert "nan" not in every.replace("finan", "").replace("Finan", "")
    assert "supports the most" not in every


def test_the_workbook_says_on_its_first_sheet_that_nobody_is_referred(kept, scenario, tmp_path):
    import openpyxl

    (tmp_path / "tables").mkdir()
    for name, table in kept.items():
        table.to_parquet(tmp_path / "tables" / f"{name}.parquet")
    path = write_results_workbook(tmp_path, scenario, MANIFEST)
    front = openpyxl.load_workbook(path).worksheets[0]
    assert BLANK_RATIOS in [cell.value for row in front.iter_rows() for cell in row]


def test_a_story_of_nobody_says_so(scenario):
    story = vm.one_story(vm.event_log(scenario, share=0.002))
    assert vm.readable_story(story, scenario).iloc[0, 0].startswith("No victim came")


def test_few_victims_leave_some_ratios_missing_and_the_others_stand():
    few = vm.load_scenario(WEST_MIDLANDS, {"demand.victims_per_year": 3})
    result: Result = vm.simulate(few, ["business_as_usual", "consent_at_report"], 3, 1)
    coverage = tables.group_coverage(result)
    assert coverage["coverage"].isna().any()
    known = coverage["coverage"].dropna()
    assert known.between(0, 1).all()
    for draw in (plot_funnel(tables.counts_summary(result.funnel, "stage"), few, "x"),
                 plot_coverage(coverage, few, "x")):  # fmt: skip
        assert "nan" not in draw.get_suptitle()


@pytest.mark.long
@pytest.mark.parametrize("victims", ["0", "0.001", "3"])
def test_an_evaluation_of_hardly_anybody_runs_to_its_end(tmp_path, victims):
    command = [sys.executable, "-W", "error::RuntimeWarning", "-m", "victimsmodel", "evaluate"]
    asked = [str(WEST_MIDLANDS), "--profile", "tiny", "--set", f"demand.victims_per_year={victims}"]
    ran = subprocess.run([*command, *asked, "--out", tmp_path], capture_output=True, text=True, timeout=900)
    assert ran.returncode == 0, ran.stderr
    (folder,) = tmp_path.glob("west-midlands-*")
    report = (folder / "report.html").read_text()
    assert (f"{NOBODY_REFERRED}, under any option" in report) == (victims != "3")
    assert "nan%" not in report
    assert ">nan<" not in report
    assert (folder / "workbook.xlsx").is_file()

"""A project for another police force area: from an official file to a scenario that loads and runs."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from victimsmodel.demand.classification import offence_classes
from victimsmodel.errors import CannotWriteError, InputError
from victimsmodel.executor import notebook_paths
from victimsmodel.inputs.assumptions import stated_assumptions
from victimsmodel.inputs.crime import load_recorded_crime
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import estimates_in
from victimsmodel.pathway.growth import overloads
from victimsmodel.project import new_project

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
EXAMPLE = PARAMETERS.parent / "examples" / "kent"
YEARS = ("2018/19", "2019/20", "2020/21")


def official(folder: Path, forces=("Kent", "Essex"), base=400) -> Path:
    """Write a file in the official layout: each force has 10 % more offences than the one before."""
    classes = offence_classes().query("table == 'Home Office open data' and offence_code == ''")
    classes = classes[~classes["offence_subgroup"].str.contains("Fraud")]
    rows = [
        {
            "Financial Year": year,
            "Financial Quarter": quarter,
            "Force Name": force,
            "Offence Description": kind.offence_subgroup,
            "Offence Group": kind.offence_group,
            "Offence Subgroup": kind.offence_subgroup,
            "Offence Code": f"{number}X",
            "Number of Offences": round(base * (1 + 0.1 * place) * (1, 1.1, 1, 0.9)[quarter - 1]),
        }
        for place, force in enumerate(forces)
        for year in YEARS
        for quarter in (1, 2, 3, 4)
        for number, kind in enumerate(classes.itertuples())
    ]
    path = folder / "recorded-crime.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    data = official(folder)
    made = new_project("kent", "Kent", data, folder=folder / "kent")
    return made, load_scenario(made.scenario), pd.read_csv(data)


def test_the_folder_holds_all_that_an_evaluation_needs(project):
    made, scenario, _ = project
    names = {path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file()}
    own = {
        "README.md",
        "kent.yaml",
        "kent-forecast.yaml",
        "national.yaml",
        "sources.yaml",
        "kent-offences.csv",
        "kent-quality.csv",
    }
    assert names == own | {f"notebooks/{path.name}" for path in notebook_paths()}
    for notebook in (made.folder / "notebooks").iterdir():
        assert '"../kent.yaml' in notebook.read_text().replace('\\"', '"')
    assert scenario.area.police_force == "Kent"
    assert scenario.area.population == 1_868_199  # ONS, mid-2020


def test_counts_of_the_last_complete_year_stand_in_the_scenario(project):
    made, scenario, data = project
    assert made.year == YEARS[-1]
    described = scenario.demand.from_crime
    own = data[(data["Force Name"] == "Kent") & (data["Financial Year"] == YEARS[-1])]
    parts = (described.people, described.business, described.society)
    assert sum(sum(part.values.values()) for part in parts) == own["Number of Offences"].sum()
    rows = own[own["Offence Group"] == "Violence against the person"]
    assert described.people.values["violence"] == rows["Number of Offences"].sum()


def test_victims_are_fewer_than_offences_and_their_mix_adds_up(project):
    _, scenario, _ = project
    demand = scenario.demand
    offences = sum(demand.from_crime.people.values.values())
    assert 0.5 * offences < demand.victims_per_year.low < demand.victims_per_year.high < 1.2 * offences
    mix = sum(demand.recorded_offences.values.values())
    assert mix == pytest.approx(demand.victims_per_year.value, rel=0.03)


def test_the_season_is_that_of_the_force(project):
    _, scenario, _ = project
    profile = scenario.demand.monthly_profile.values
    summer = np.mean([profile[m] for m in ("jul", "aug", "sep")])
    winter = np.mean([profile[m] for m in ("jan", "feb", "mar")])
    assert summer / winter == pytest.approx(1.1 / 0.9 * 90.25 / 92, rel=0.02)  # counts, per day


def test_everything_that_is_inherited_is_marked_as_borrowed(project):
    _, scenario, _ = project
    rows = stated_assumptions(scenario)
    own = [row.input for row in rows if not row.estimate.borrowed]
    assert own == ["demand.victims_per_year"]
    assert len(rows) > 100


def test_a_new_scenario_has_no_queue_that_grows_without_end(project):
    assert overloads(project[1]) == []


@pytest.mark.long
@pytest.mark.shared_data
def test_no_force_gets_a_scenario_whose_queues_grow_without_end(tmp_path, shared_data):
    data = shared_data / "prc-pfa-quarterly-2012-2023.csv.gz"
    forces = sorted(load_recorded_crime(data).offences["force"].unique())
    assert len(forces) == 43
    for i, force in enumerate(forces):
        made = new_project(f"area{i}", force, data, folder=tmp_path / f"area{i}")
        for path in made.folder.glob("area*.yaml"):
            assert overloads(load_scenario(path)) == [], path


def test_staff_and_grant_grow_with_the_victims(project):
    _, scenario, _ = project
    share = scenario.demand.victims_per_year.value / 168_000
    assert scenario.staff["contact_officer"].fte == pytest.approx(20 * share, abs=0.05)
    assert scenario.grant_gbp == pytest.approx(948_920 * share, abs=50)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Kent!"}, "NAME = Kent!: must be lower-case"),
        ({"force": "Kant"}, "Kant: must be one of the 43.*Did you mean Kent"),
        ({"force": "Surrey"}, "--force = Surrey: is not in this file"),
        (
            {"year": "2021/22"},
            "2021/22: must be a complete financial year .*2018/19, 2019/20, 2020/21",
        ),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_written(tmp_path, change, words):
    given = {"name": "kent", "force": "Kent", "data": official(tmp_path)} | change
    with pytest.raises(InputError, match=words):
        new_project(**given, folder=tmp_path / "made")
    assert [path.name for path in tmp_path.iterdir()] == ["recorded-crime.csv"]


def test_a_table_by_year_is_refused(tmp_path):
    path = tmp_path / "csp.csv"
    path.write_text(
        "year_ending,level,pfa_code,pfa_name,csp_code,csp_name,la_code,la_name,offence,offences\n"
        "2025-06-30,csp,E23000032,Kent,E22000123,Ashford,E07000105,Ashford,Homicide,2\n"
    )
    with pytest.raises(InputError, match="must be a table by quarter"):
        new_project("kent", "Kent", path, folder=tmp_path / "kent")
    assert not (tmp_path / "kent").exists()


def test_a_crime_type_that_was_corrected_to_nothing_is_told_in_one_line(tmp_path):
    path = official(tmp_path)
    table = pd.read_csv(path)
    robberies = table["Offence Subgroup"] == "Robbery of personal property"
    table.loc[robberies & (table["Financial Year"] == YEARS[-1]), "Number of Offences"] = -1
    table.to_csv(path, index=False)
    with pytest.raises(InputError, match=r"counts no robbery in 2020/21; choose another --year"):
        new_project("kent", "Kent", path, folder=tmp_path / "kent")
    assert not (tmp_path / "kent").exists()


def test_a_year_with_two_counts_of_one_offence_is_not_taken_for_complete(tmp_path):
    path = official(tmp_path)
    table = pd.read_csv(path)
    last = table[(table["Financial Year"] == YEARS[-1]) & (table["Force Name"] == "Kent")].iloc[[0]]
    again = last.assign(**{"Number of Offences": last["Number of Offences"] + 7})
    pd.concat([table, again]).to_csv(path, index=False)
    assert new_project("kent", "Kent", path, folder=tmp_path / "kent").year == YEARS[-2]
    with pytest.raises(InputError, match="must be a complete financial year"):
        new_project("kent", "Kent", path, folder=tmp_path / "other", year=YEARS[-1])


def _marked(table, own):
    shops = own & (table["Offence Subgroup"] == "Shoplifting")
    table["Number of Offences"] = table["Number of Offences"].astype(object).mask(shops, "..")
    return table


def _revised(table, own):
    again = table[own & (table["Offence Subgroup"] == "Trafficking of drugs")]
    return pd.concat([table, again.assign(**{"Number of Offences": again["Number of Offences"] + 7})])


def _cut_off(table, own):
    return table.loc[: table.index[own][20]]


def _described_anew(table, own):
    shops = table["Offence Subgroup"] == "Shoplifting"
    twice = table[own & shops].assign(**{"Offence Description": "Theft from shops"})
    later = table[own & shops].assign(
        **{"Offence Description": "Theft from shops", "Financial Year": "2021/22"}
    )
    return pd.concat([table, twice, later])


@pytest.mark.parametrize("damage", [_marked, _revised, _cut_off, _described_anew])
def test_a_damaged_year_is_never_taken_for_whole(tmp_path, damage):
    path = official(tmp_path)
    table = pd.read_csv(path)
    last = (table["Financial Year"] == YEARS[-1]) & (table["Financial Quarter"] == 4)
    damage(table, last & (table["Force Name"] == "Essex")).to_csv(path, index=False)
    made = new_project("essex", "Essex", path, folder=tmp_path / "essex")
    assert made.year == YEARS[-2]
    with pytest.raises(InputError, match=r"--year = 2020/21: must be a complete financial year.*VM064"):
        new_project("essex", "Essex", path, folder=tmp_path / "other", year=YEARS[-1])


def test_an_extract_that_lacks_whole_subgroups_is_refused(tmp_path):
    path = official(tmp_path)
    table = pd.read_csv(path)
    table[table["Offence Subgroup"] != "Shoplifting"].to_csv(path, index=False)
    with pytest.raises(InputError, match=r"lacks the offence subgroups Shoplifting.*VM165"):
        new_project("kent", "Kent", path, folder=tmp_path / "kent")


def test_a_force_whose_counts_end_early_is_projected_from_there(tmp_path):
    path = official(tmp_path)
    table = pd.read_csv(path)
    gone = (table["Force Name"] == "Kent") & (table["Financial Year"] == YEARS[-1])
    table[~gone].to_csv(path, index=False)
    made = new_project("kent", "Kent", path, folder=tmp_path / "kent")
    assert made.year == YEARS[-2]
    counts = pd.read_csv(made.folder / "kent-offences.csv")
    assert counts["quarter"].iloc[-1] == "2020Q1"
    assert str(load_scenario(made.folder / "kent-forecast.yaml").period.start) == "2020-04-01"


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    data = official(tmp_path)
    (tmp_path / "kent").mkdir()
    (tmp_path / "kent" / "mine.txt").write_text("mine")
    with pytest.raises(CannotWriteError, match="is not empty"):
        new_project("kent", "Kent", data, folder=tmp_path / "kent")
    assert [path.name for path in (tmp_path / "kent").iterdir()] == ["mine.txt"]


def test_a_file_in_the_place_of_the_folder_is_called_a_file(tmp_path):
    data = official(tmp_path)
    with pytest.raises(CannotWriteError, match=r"recorded-crime\.csv: is a file; name a folder to make"):
        new_project("kent", "Kent", data, folder=data)


def test_a_force_is_told_by_its_official_name_and_needs_two_years(tmp_path):
    path = official(tmp_path)
    assert new_project("kent", "kent police", path, folder=tmp_path / "kent").force == "Kent"
    table = pd.read_csv(path)
    table[table["Financial Year"] == YEARS[0]].to_csv(path, index=False)
    with pytest.raises(InputError, match=r"8 or more quarters \(found: 4\).*VM090"):
        new_project("kent", "Kent", path, folder=tmp_path / "other")


def test_the_command_makes_a_scenario_that_the_check_accepts(tmp_path):
    data = official(tmp_path)
    command = [sys.executable, "-m", "victimsmodel"]
    new = [*command, "new", "essex", "--force", "Essex", "--data", str(data)]
    made = subprocess.run(new, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "essex/essex.yaml: Essex, 2020/21" in made.stdout
    check = [*command, "check", "essex/essex.yaml"]
    checked = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "The scenario is valid." in checked.stdout
    assert "are borrowed from the national defaults" in checked.stdout


def test_the_national_defaults_are_those_of_the_worked_scenario():
    """One set of evidence: what the West Midlands borrow from elsewhere is what others borrow too."""
    own = estimates_in(load_scenario(PARAMETERS / "west-midlands.yaml"))
    kent = estimates_in(load_scenario(EXAMPLE / "kent.yaml"))
    compared = 0
    for path, estimate in kent.items():
        if estimate.borrowed:
            assert estimate.model_copy(update={"borrowed": False}) == own[path], path
            compared += 1
    assert compared > 100


def test_the_example_carries_the_defaults_of_this_version():
    assert (EXAMPLE / "national.yaml").read_text() in (PARAMETERS / "national.yaml").read_text()
    assert (EXAMPLE / "sources.yaml").read_text().startswith((PARAMETERS / "sources.yaml").read_text())


@pytest.mark.shared_data
def test_kent_is_what_the_command_makes_of_the_official_file(tmp_path, shared_data):
    made = new_project(
        "kent", "Kent", shared_data / "prc-pfa-quarterly-2012-2023.csv.gz", folder=tmp_path / "kent"
    )
    for path in EXAMPLE.iterdir():
        assert (made.folder / path.name).read_bytes() == path.read_bytes(), path.name

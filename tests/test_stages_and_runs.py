"""Facts of run folders: files whole or not at all, nothing computed twice, the same bytes every time."""

import hashlib
import json
import resource
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook
from small_evaluation import SCENARIO, SMALL

from victimsmodel.errors import CannotWriteError, InputError
from victimsmodel.executor import notebook_paths
from victimsmodel.files import write_whole
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.reporting.results_workbook.declared import FILES, SHEETS, sheets_of
from victimsmodel.runs import evaluate
from victimsmodel.stages import Run, code_hash, known_stages, open_run, run_key, stage_tables


@cache
def small_scenario():
    return load_scenario(SCENARIO, SMALL)


def small_run(folder, profile="tiny", seed=1, jobs=None):
    return Run(small_scenario(), folder, profile, seed, jobs)


def contents(folder):
    """Return the bytes of every file below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------------------------------------------
# A file appears whole or not at all


def test_a_file_is_replaced_whole(tmp_path):
    target = tmp_path / "new" / "table.csv"
    write_whole(target, b"old")
    write_whole(target, b"a longer text")
    assert contents(tmp_path) == {"new/table.csv": b"a longer text"}


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_part(tmp_path):
    target = tmp_path / "table.csv"
    write_whole(target, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # the system then refuses the 1,001st byte
    try:
        with pytest.raises(CannotWriteError) as error:
            write_whole(target, bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(error.value) == f"{target}: cannot be written: File too large [VM040]"
    assert error.value.exit_status == 73
    assert contents(tmp_path) == {"table.csv": b"old"}


def test_a_folder_in_the_place_of_a_file_is_left_alone(tmp_path):
    target = tmp_path / "table.csv"
    (target / "inside").mkdir(parents=True)
    message = r"table\.csv: cannot be written: is no regular file \[VM040\]$"
    with pytest.raises(CannotWriteError, match=message):
        write_whole(target, b"new")
    assert contents(tmp_path) == {}
    assert (target / "inside").is_dir()


def test_a_file_in_the_place_of_a_folder_is_left_alone(tmp_path):
    (tmp_path / "outputs").write_bytes(b"not a folder")
    with pytest.raises(
        CannotWriteError, match=r"cannot be written: .*outputs is a file, and no folder \[VM040\]$"
    ):
        write_whole(tmp_path / "outputs" / "run" / "table.csv", b"new")
    assert contents(tmp_path) == {"outputs": b"not a folder"}


# ------------------------------------------------------------------------------------------------
# The key of a run


def test_the_key_changes_with_all_that_results_depend_on():
    scenario = load_scenario(SCENARIO)
    other = load_scenario(SCENARIO, {"staff.contact_officer.fte": 19})
    keys = {
        run_key(scenario, "tiny", 1),
        run_key(scenario, "tiny", 2),
        run_key(scenario, "quick", 1),
        run_key(other, "tiny", 1),
    }
    assert len(keys) == 4
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)


def test_the_key_does_not_change_with_what_results_do_not_depend_on(tmp_path):
    first = open_run(SCENARIO, tmp_path / "a", profile="tiny", jobs=1)
    second = open_run(SCENARIO, tmp_path / "b", profile="tiny", jobs=2)
    assert first.key == second.key
    # an override that states what stands in the file already
    n_officers = first.scenario.staff["contact_officer"].fte
    same = load_scenario(SCENARIO, {"staff.contact_officer.fte": n_officers})
    assert run_key(same, "tiny", 1) == first.key


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"profile": "fast"}, "--profile: profile = fast: must be tiny, quick, full. [VM033]"),
        ({"seed": -1}, "simulate: seed = -1: must be an integer from 0 to 2^63 - 1. [VM031]"),
        ({"seed": 2**63}, f"simulate: seed = {2**63}: must be an integer from 0 to 2^63 - 1. [VM031]"),
    ],
)
def test_an_impossible_run_is_refused_before_anything_is_written(tmp_path, changes, message):
    with pytest.raises(InputError) as error:
        evaluate(SCENARIO, overrides=SMALL, out=tmp_path / "out", **{"profile": "tiny", **changes})
    assert str(error.value) == message
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------
# Stages


def test_a_stage_that_does_not_exist_is_refused_with_the_likely_one(tmp_path):
    with pytest.raises(InputError) as error:
        stage_tables(small_run(tmp_path), "pathways")
    known = ", ".join(known_stages())
    assert (
        str(error.value) == f"stage: pathways: is not a stage (known: {known}). Did you mean pathway? [VM034]"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the folder of a run whose stages were made in order by one thread, and its tables."""
    folder = tmp_path_factory.mktemp("made")
    run = small_run(folder, jobs=1)
    return folder, {stage: stage_tables(run, stage) for stage in known_stages()}


def test_a_kept_stage_is_read_again_and_not_made_again(made):
    folder, tables = made
    before, written = contents(folder), times(folder)
    run = small_run(folder, jobs=2)
    for stage in known_stages():
        again = stage_tables(run, stage, lambda done, total: pytest.fail("simulated again"))
        assert list(again) == list(tables[stage])
        for name, table in again.items():
            pd.testing.assert_frame_equal(table, tables[stage][name], check_exact=True)
    assert contents(folder) == before
    assert times(folder) == written


@pytest.fixture(scope="module")
def with_demand(tmp_path_factory):
    """Return a folder in which the stage `demand` was made."""
    folder = tmp_path_factory.mktemp("demand")
    stage_tables(small_run(folder), "demand")
    return folder


@pytest.mark.parametrize("change", [{"seed": 2}, {"profile": "quick"}])
def test_a_stage_is_made_again_when_its_run_is_another(with_demand, tmp_path, change):
    shutil.copytree(with_demand, tmp_path, dirs_exist_ok=True)
    first = stage_tables(small_run(tmp_path), "demand")["demand"]
    before = contents(tmp_path)
    second = stage_tables(small_run(tmp_path, **change), "demand")["demand"]
    assert not first.equals(second)
    after = contents(tmp_path)
    assert after.keys() == before.keys()
    assert all(after[name] != before[name] for name in before if "demand" in name)


@pytest.mark.parametrize("name", ["demand.parquet", "demand.csv", ".demand.json"])
@pytest.mark.parametrize("damage", [b"", b"changed by hand", None])
def test_a_stage_whose_files_were_changed_or_lost_is_made_again(with_demand, tmp_path, name, damage):
    shutil.copytree(with_demand, tmp_path, dirs_exist_ok=True)
    run = small_run(tmp_path)
    before = contents(tmp_path)
    path = tmp_path / "tables" / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    stage_tables(run, "demand")
    assert contents(tmp_path) == before


@pytest.mark.long
def test_neither_threads_nor_the_order_of_stages_change_a_byte(made, tmp_path):
    folder, _ = made
    run = small_run(tmp_path, jobs=2)
    for stage in reversed(known_stages()):
        stage_tables(run, stage)
    expected, found = contents(folder), contents(tmp_path)
    assert {Path(name).suffix for name in expected} == {".parquet", ".csv", ".json"}
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []


# ------------------------------------------------------------------------------------------------
# A whole evaluation


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """Return a finished evaluation and what was reported on the way."""
    told = []
    done = evaluate(
        SCENARIO,
        overrides=SMALL,
        profile="tiny",
        out=tmp_path_factory.mktemp("out"),
        report=lambda *what: told.append(what),
    )
    return done, told


@pytest.fixture(scope="module")
def manifest(evaluated):
    return json.loads((evaluated[0].folder / "manifest.json").read_text())


def test_the_run_folder_is_named_after_scenario_and_key(evaluated, manifest):
    done, _ = evaluated
    key = small_run(done.folder).key
    assert done.is_new
    assert done.folder.name == f"west-midlands-{key[:12]}"
    assert manifest["key"] == key
    assert manifest["run_id"] == key[:12]
    assert list(done.folder.parent.iterdir()) == [done.folder]


def test_the_manifest_lists_every_file_with_its_hash_but_the_word_file_which_people_edit(evaluated, manifest):
    found = contents(evaluated[0].folder)
    del found["manifest.json"], found["report.docx"]
    assert manifest["files"] == {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}


def test_the_manifest_says_what_the_run_was_made_from(manifest):
    read = {Path(path).name: found for path, found in manifest["inputs"].items()}
    for name in ("west-midlands.yaml", "sources.yaml", "boundaries.geojson"):
        data = next(SCENARIO.parent.rglob(name)).read_bytes()
        assert read[name] == hashlib.sha256(data).hexdigest()
    assert "national.yaml" not in read
    assert manifest["code"] == code_hash()
    for notebook in notebook_paths():
        assert manifest["templates"][notebook.name] == hashlib.sha256(notebook.read_bytes()).hexdigest()
    assert manifest["overrides"] == {name: str(value) for name, value in SMALL.items()}
    assert (manifest["profile"], manifest["seed"]) == ("tiny", 1)
    assert (manifest["n_draws"], manifest["n_replications"]) == (3, 2)
    assert manifest["agreement"]["largest_z"] <= manifest["agreement"]["limit"] == 5
    assert set(manifest["timings_seconds"]) == {*known_stages(), "notebooks", "report"}


def test_every_table_stands_as_parquet_and_as_equal_csv(evaluated):
    tables = evaluated[0].folder / "tables"
    names = sorted(path.stem for path in tables.glob("*.parquet"))
    assert sorted(path.stem for path in tables.glob("*.csv")) == names
    assert {"demand", "funnel", "exits", "waits", "comparison", "assumptions", "agreement"} <= set(names)
    for name in names:
        whole = pd.read_parquet(tables / f"{name}.parquet")
        texts = [column for column in whole if not pd.api.types.is_numeric_dtype(whole[column])]
        as_text = dict.fromkeys(texts, str)
        kept = pd.read_csv(tables / f"{name}.csv", dtype=as_text, keep_default_na=False, na_values=[""])
        assert list(kept.columns) == list(whole.columns)
        for column in texts:
            expected = whole[column].astype(object).where(whole[column].notna(), "").astype(str)
            assert (kept[column].astype(object).where(kept[column].notna(), "") == expected).all()
        # ten significant digits are kept in CSV
        numbers = [column for column in whole if column not in texts]
        pd.testing.assert_frame_equal(kept[numbers], whole[numbers], check_dtype=False, rtol=1e-9, atol=0)


def test_every_figure_stands_as_svg_and_png(evaluated):
    figures = evaluated[0].folder / "figures"
    names = {path.stem for path in figures.iterdir()}
    assert names == {
        "demand",
        "areas",
        "forecast",
        "funnel",
        "exits",
        "services",
        "calibration_fit",
        "calibration_inputs",
        "hold_out",
        "waterfall",
        "levers",
        "coverage",
        "contact_method",
        "waits",
        "staff_use",
        "backlog",
        "costs",
        "cost_effectiveness",
        "activity_costs",
        "frontier",
        "acceptability",
        "expected_loss",
        "equity",
        "funding",
    }
    for name in names:
        assert b"<svg" in (figures / f"{name}.svg").read_bytes()[:2000]
        assert (figures / f"{name}.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_every_figure_belongs_to_one_notebook_whose_record_holds_its_hash(evaluated):
    folder = evaluated[0].folder
    records = [json.loads(path.read_text())["files"] for path in (folder / "notebooks").glob(".*.json")]
    noted = [item for record in records for item in record.items() if item[0].startswith("figures/")]
    found = {name: data for name, data in contents(folder).items() if name.startswith("figures/")}
    assert len(records) == len(notebook_paths())
    assert len(noted) == len(found)
    assert dict(noted) == {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}


def test_all_six_notebooks_are_executed_with_the_parameters_of_the_run(evaluated):
    folder = evaluated[0].folder
    executed = sorted((folder / "notebooks").glob("*.ipynb"))
    assert [path.name for path in executed] == [path.name for path in notebook_paths()]
    for path in executed:
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells)
        assert not any(output.output_type == "error" for cell in cells for output in cell.outputs)
        (given,) = [cell.source for cell in cells if "injected-parameters" in cell.metadata.get("tags", [])]
        assert 'profile = "tiny"' in given
        assert f'run_folder = "{folder.resolve()}"' in given
        assert '"demand.victims_per_year": 8400' in given


def test_the_report_is_one_page_of_html(evaluated):
    done, _ = evaluated
    text = done.report.read_text()
    assert done.report == done.folder / "report.html"
    assert text.lstrip().lower().startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")
    assert "Victim services in the West Midlands" in text


def test_the_workbook_shows_every_table_that_it_has_a_sheet_for(evaluated):
    done, _ = evaluated
    tables = {path.stem: path for path in (done.folder / "tables").glob("*.parquet")}
    shown = CalamineWorkbook.from_path(str(done.workbook)).sheet_names
    wanted = [sheet.name for sheet in sheets_of(tables) if len(pd.read_parquet(tables[sheet.table]))]
    assert [name for name in shown if name in wanted] == wanted
    assert {"Start here", "Charts", "Data dictionary", "Tables in the folder"} <= set(shown)
    known = {sheet.table for sheet in SHEETS} | set(FILES)
    assert [name for name in tables if name not in known and not name.startswith("plan_")] == []


def test_progress_is_told_for_every_step_to_its_end(evaluated):
    _, told = evaluated
    assert list(dict.fromkeys(what for what, _, _ in told)) == [*known_stages(), "notebooks", "report"]
    last = {what: (done, total) for what, done, total in told}
    assert all(done == total for done, total in last.values())
    assert ("pathway", 30, 30) in told  # 5 options x 3 draws x 2 replications


def test_a_second_evaluation_changes_nothing(evaluated):
    done, _ = evaluated
    before, written = contents(done.folder), times(done.folder)
    again = evaluate(SCENARIO, overrides=SMALL, profile="tiny", out=done.folder.parent, jobs=1)
    assert again == done._replace(is_new=False)
    assert contents(done.folder) == before
    assert times(done.folder) == written


def test_the_command_finds_the_evaluation_and_names_its_report(evaluated):
    done, _ = evaluated
    before = contents(done.folder)
    settings = [word for name, value in SMALL.items() for word in ("--set", f"{name}={value}")]
    where = ["--profile", "tiny", "--out", str(done.folder.parent)]
    command = [sys.executable, "-m", "victimsmodel", "evaluate", str(SCENARIO), *where, *settings]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    told = f"Nothing has changed since this evaluation was made.\nReport: {done.report}\n"
    assert ran.stdout == f"{told}Workbook: {done.folder / 'workbook.xlsx'}\n"
    assert ran.stderr == ""
    assert contents(done.folder) == before

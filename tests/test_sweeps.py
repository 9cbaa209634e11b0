"""Sweeps: the whole grid or a clear error; resumed without a difference."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from command_line import run
from typer.testing import CliRunner

import victimsmodel as vm
from victimsmodel.cli import app
from victimsmodel.errors import InputError
from victimsmodel.reporting.figures_sweep import plot_sweep
from victimsmodel.sweeps import sweep

WEST_MIDLANDS = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
FTE, NEED = "staff.contact_officer.fte", "demand.need.value"
FEWER = {"demand.victims_per_year": "8400"}
SMALL = {"options": ["business_as_usual"], "overrides": FEWER, "n_draws": 2, "n_replications": 2}


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    out = tmp_path_factory.mktemp("sweep")
    return out, sweep(WEST_MIDLANDS, {FTE: ["10", "20"], NEED: ["0.24", "0.26"]}, out=out, **SMALL)


def test_a_sweep_is_one_tidy_table_with_every_combination(grid):
    _, found = grid
    rows = found.table[found.table["measure"] == "supported_in_need"]
    assert list(zip(rows[FTE], rows[NEED], strict=True)) == [(10, 0.24), (10, 0.26), (20, 0.24), (20, 0.26)]
    pd.testing.assert_frame_equal(pd.read_parquet(found.folder / "sweep.parquet"), found.table)
    assert (found.folder / "sweep.csv").read_text().startswith(f"{FTE},{NEED},option,measure,unit,estimate")


def test_a_cell_of_a_sweep_is_the_simulation_of_that_scenario(grid):
    _, found = grid
    scenario = vm.load_scenario(WEST_MIDLANDS, {**FEWER, FTE: "10", NEED: "0.26"})
    result = vm.simulate(scenario, SMALL["options"], 2, 2)
    funnel = result.funnel.query("stage == 'supported' and who == 'all'")
    expected = funnel.groupby(["draw", "replication"])["victims"].sum().mean()
    rows = found.table.query("measure == 'supported'").set_index([FTE, NEED])
    assert rows.loc[(10, 0.26), "estimate"] == expected


def test_a_repeated_or_longer_sweep_computes_only_what_is_missing(grid):
    out, found = grid
    again = sweep(WEST_MIDLANDS, {FTE: ["10", "20"], NEED: ["0.24", "0.26"]}, out=out, **SMALL)
    assert again.n_resumed == 4
    pd.testing.assert_frame_equal(again.table, found.table)
    longer = sweep(WEST_MIDLANDS, {FTE: ["10", "15"], NEED: ["0.26"]}, out=out, **SMALL)
    assert longer.n_resumed == 1


@pytest.mark.long
def test_a_damaged_cell_is_computed_again(grid):
    out, found = grid
    cell = next((out / ".sweep-cells").glob("*.parquet"))
    cell.write_bytes(cell.read_bytes()[:100])
    again = sweep(WEST_MIDLANDS, {FTE: ["10", "20"], NEED: ["0.24", "0.26"]}, out=out, **SMALL)
    assert again.n_resumed in (3, 4)  # the damaged one may be of another sweep
    pd.testing.assert_frame_equal(again.table, found.table)


def test_every_wrong_value_of_a_grid_is_told_before_anything_is_simulated(tmp_path):
    with pytest.raises(InputError) as caught:
        sweep(WEST_MIDLANDS, {FTE: ["10", "-1", "many"], "staff.contact_oficer.fte": ["1"]}, out=tmp_path)
    text = str(caught.value)
    assert "contact_oficer" in text
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match=r"1 to 1,000 combinations .these give 0"):
        sweep(WEST_MIDLANDS, {}, out=tmp_path)
    with pytest.raises(InputError, match="must name each value only once"):
        sweep(WEST_MIDLANDS, {FTE: ["10", "10.0"]}, out=tmp_path)
    with pytest.raises(InputError, match="these give 1,010"):
        sweep(WEST_MIDLANDS, {FTE: [str(i) for i in range(1010)]}, out=tmp_path)


def test_an_input_that_is_set_and_varied_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        sweep(WEST_MIDLANDS, {FTE: ["10", "20"]}, overrides={FTE: "12", NEED: "0.22"}, out=tmp_path)
    told = f"--set: {FTE} = 12: is varied too, so that this value would never be read. [VM180]"
    assert str(caught.value) == told
    assert not list(tmp_path.iterdir())


def test_a_value_that_cannot_be_is_told_as_one_that_was_varied(tmp_path):
    with pytest.raises(InputError, match=rf"^--vary: {FTE} = -1: must be from 0 to 1000. \[VM019\]$"):
        sweep(WEST_MIDLANDS, {FTE: ["-1", "5"]}, out=tmp_path)
    ran = run(tmp_path, "sweep", WEST_MIDLANDS, "--vary", "grant_gbp=1,385,000")
    assert ran.returncode == 2
    assert ran.stderr.startswith(
        "--vary: grant_gbp=1,385,000: must be KEY=A,B,C. Commas stand between values:"
    )


def test_a_grid_with_many_wrong_values_is_refused_before_all_are_tried(tmp_path):
    wrong = [str(-i) for i in range(1, 900)]
    with pytest.raises(InputError) as caught:
        sweep(WEST_MIDLANDS, {FTE: wrong}, out=tmp_path)
    *values, last = caught.value.problems
    assert [problem.value for problem in values] == wrong[: len(values)]
    assert "what comes after these was not looked at" in str(last)
    assert len(values) == 21


def test_two_inputs_are_drawn_as_a_map_and_one_as_lines(grid):
    _, found = grid
    scenario = vm.load_scenario(WEST_MIDLANDS)
    figure = plot_sweep(found.table, [FTE, NEED], "supported_in_need", scenario, "Source: test.")
    assert "best under business as usual" in figure._suptitle.get_text().replace("\n", " ")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert len(texts) == 4
    one = found.table[found.table[NEED] == 0.24].drop(columns=NEED)
    lines = plot_sweep(one, [FTE], "supported_in_need", scenario, "Source: test.")
    assert len(lines.axes[0].lines) == 1


def test_the_command_writes_the_table_and_its_picture_and_says_where(grid):
    out, found = grid
    words = f"{WEST_MIDLANDS} --vary {FTE}=10,20 --vary {NEED}=0.24,0.26 --option business_as_usual"
    words += f" --set demand.victims_per_year=8400 --draws 2 --replications 2 --out {out}"
    run = CliRunner().invoke(app, ["sweep", *words.split()])
    assert run.exit_code == 0, run.output
    names = ("sweep.csv", "sweep.parquet", "sweep.svg", "sweep.png")
    assert run.stdout.splitlines() == [
        "4 combinations had been computed before.",
        *(str(found.folder / name) for name in names),
    ]
    assert all((found.folder / name).stat().st_size > 0 for name in names)
    assert b"Victims in need supported" in (found.folder / "sweep.svg").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--vary staff.contact_officer.fte", "--vary: staff.contact_officer.fte: must be KEY=A,B,C"),
        (f"--vary {FTE}=10, ", "must be KEY=A,B,C"),
        (f"--vary {FTE}=10 --vary {FTE}=20", "must name an input only once"),
        (f"--vary {FTE}=10 --measure suported_in_need", "Did you mean supported_in_need?"),
        (f"--vary {FTE}=10 --draws 0", "VM"),
    ],
)
def test_what_the_command_cannot_try_is_refused_and_nothing_is_written(words, told, tmp_path):
    run = CliRunner().invoke(app, ["sweep", str(WEST_MIDLANDS), *words.split(), "--out", str(tmp_path)])
    assert isinstance(run.exception, InputError)
    assert told in str(run.exception)
    assert not list(tmp_path.iterdir())

"""Facts of running notebooks: declared parameters only, plain values only, whole notebooks only."""

import ast
import math
from pathlib import Path

import nbformat
import pytest

from victimsmodel.errors import InputError, InvariantError
from victimsmodel.executor import (
    check_parameters,
    declared_parameters,
    notebook_paths,
    parameterised,
    run_notebook,
)

PARAMETERS = 'scenario: str = "a.yaml"\nseed: int = 1\noverrides: dict = {}'
SHIPPED = notebook_paths()


def code(source, *tags):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def prose(text, *tags):
    return nbformat.v4.new_markdown_cell(text, metadata={"tags": list(tags)})


def write_notebook(folder, *cells):
    path = folder / "small.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": kernel}), path)
    return path


@pytest.fixture
def notebook(tmp_path):
    """Return a notebook that shows what it was given."""
    return write_notebook(
        tmp_path,
        code(PARAMETERS, "parameters"),
        code("print(repr((scenario, seed, overrides)))"),
    )


def files_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def outputs_of(path):
    return [
        output.get("text", "")
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", ())
    ]


def message(error):
    return str(error.value)


def test_a_parameter_that_is_not_declared_is_refused_before_anything_is_written(notebook, tmp_path):
    before = files_below(tmp_path)
    with pytest.raises(InputError) as error:
        run_notebook(notebook, tmp_path / "out" / "done.ipynb", {"sead": 2})
    assert message(error) == (
        f"{notebook}: sead: is not a parameter of this notebook (declared: scenario, seed, overrides)."
        " Did you mean seed? [VM051]"
    )
    assert files_below(tmp_path) == before


@pytest.mark.parametrize("name", ["seed=1;import os", "seed\nimport os", "", "seed ", "__class__", "#"])
def test_a_parameter_name_that_carries_code_is_refused(notebook, tmp_path, name):
    before = files_below(tmp_path)
    with pytest.raises(InputError, match="is not a parameter of this notebook"):
        run_notebook(notebook, tmp_path / "out" / "done.ipynb", {name: 1})
    with pytest.raises(InputError, match="is not a parameter of this notebook"):
        parameterised(notebook, tmp_path / "done.ipynb", {name: 1})
    assert files_below(tmp_path) == before


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (math.nan, "float"),
        (math.inf, "float"),
        (-math.inf, "float"),
        (Path("a.yaml"), type(Path()).__name__),
        ({1, 2}, "set"),
        ((1, 2), "tuple"),
        (b"text", "bytes"),
        (1j, "complex"),
        ([1, [math.nan]], "list"),
        ({"a": {"b": Path("c")}}, "dict"),
        ({1: "a key that is no text"}, "dict"),
    ],
)
def test_a_value_that_is_no_plain_literal_is_refused(notebook, tmp_path, value, shown):
    before = files_below(tmp_path)
    with pytest.raises(InputError) as error:
        run_notebook(notebook, tmp_path / "out" / "done.ipynb", {"scenario": value})
    assert message(error) == (
        f"{notebook}: scenario = {shown}: must be text, a finite number, true, false, null, or a list or"
        " mapping of these. [VM052]"
    )
    assert files_below(tmp_path) == before


@pytest.mark.parametrize("value", ["", 0, -1.5, True, None, [], {}, [1, "a", [None]], {"a": {"b": 1e-300}}])
def test_plain_literals_are_allowed(notebook, value):
    check_parameters(notebook, {"scenario": value})


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ([code("seed = 1")], "none"),
        ([code("seed = 1", "parameters"), code("seed = 2", "parameters")], "code, code"),
        ([prose("seed = 1", "parameters")], "markdown"),
        # papermill injects below the first of them, and the cell of code would undo that
        ([prose("What is chosen:", "parameters"), code("seed = 1", "parameters")], "markdown, code"),
    ],
)
def test_a_notebook_without_exactly_one_parameters_cell_is_refused(tmp_path, cells, found):
    path = write_notebook(tmp_path, *cells, code("print(seed)"))
    before = files_below(tmp_path)
    with pytest.raises(InputError) as error:
        run_notebook(path, tmp_path / "out" / "done.ipynb", {"seed": 1})
    assert message(error) == (
        f"{path}: must have one cell tagged 'parameters', of code (found: {found})."
        " Without it the values passed are ignored. [VM050]"
    )
    assert files_below(tmp_path) == before


def test_a_missing_notebook_is_named(tmp_path):
    with pytest.raises(InputError) as error:
        declared_parameters(tmp_path / "absent.ipynb")
    assert message(error) == f"{tmp_path / 'absent.ipynb'}: does not exist. [VM001]"


def test_parameters_are_what_the_cell_assigns(tmp_path):
    source = "a: int = 1\nb = c = 2\n# d = 3\nprint('e = 4')\nf: str"
    path = write_notebook(tmp_path, code(source, "parameters"))
    assert declared_parameters(path) == ["a", "b", "c", "f"]


TEXTS = [
    "plain",
    "with \"quotes\" and 'apostrophes'",
    "ends in a backslash \\",
    "two\nlines\tand a tab",
    '"; import os; "',
    "Ynys Môn",
    "{braces} %s",
]


def test_injected_values_arrive_unchanged_whatever_the_text(notebook, tmp_path):
    values = {
        "scenario": TEXTS[1],
        "seed": 2**63 - 1,
        "overrides": {"texts": TEXTS, "x": [None, True, 0.1, -3]},
    }
    target = run_notebook(notebook, tmp_path / "out" / "done.ipynb", values)
    (printed,) = outputs_of(target)
    assert ast.literal_eval(printed.strip()) == (values["scenario"], values["seed"], values["overrides"])
    assert files_below(tmp_path) == ["out", "out/done.ipynb", "small.ipynb"]
    tags = [cell.metadata.get("tags", []) for cell in nbformat.read(target, as_version=4).cells]
    assert tags == [["parameters"], ["injected-parameters"], []]


def test_a_notebook_that_is_only_prepared_is_not_executed(notebook, tmp_path):
    target = parameterised(notebook, tmp_path / "prepared.ipynb", {"seed": 5})
    cells = nbformat.read(target, as_version=4).cells
    assert "seed = 5" in cells[1].source
    assert all(cell.execution_count is None and not cell.outputs for cell in cells)


def test_a_failing_cell_leaves_no_notebook_under_the_final_name(tmp_path):
    path = write_notebook(
        tmp_path,
        code(PARAMETERS, "parameters"),
        code("print('before')"),
        code("raise ValueError('no such group')"),
        code("print('after')"),
    )
    target = tmp_path / "out" / "done.ipynb"
    with pytest.raises(InvariantError) as error:
        run_notebook(path, target, {"seed": 2})
    failed = tmp_path / "out" / "done.FAILED.ipynb"
    assert message(error) == f"small.ipynb failed: ValueError: no such group; see {failed}"
    assert error.value.exit_status == 4
    assert files_below(tmp_path) == ["out", "out/done.FAILED.ipynb", "small.ipynb"]
    assert "before\n" in outputs_of(failed)
    assert "after\n" not in outputs_of(failed)


def test_a_notebook_that_leaves_early_is_refused_and_the_next_success_clears_the_failure(tmp_path):
    # papermill takes sys.exit(0) for success and leaves the remaining cells unexecuted
    path = write_notebook(
        tmp_path,
        code("leave: bool = True", "parameters"),
        code("import sys\nif leave:\n    sys.exit(0)"),
        code("print('the end')"),
    )
    target = tmp_path / "out" / "done.ipynb"
    with pytest.raises(InvariantError, match=r"^small\.ipynb failed: cell 2 did not run; see .*"):
        run_notebook(path, target, {})
    assert files_below(target.parent) == ["done.FAILED.ipynb"]
    run_notebook(path, target, {"leave": False})
    assert files_below(target.parent) == ["done.ipynb"]
    assert outputs_of(target) == ["the end\n"]


def test_six_notebooks_are_shipped_in_order():
    assert [path.name for path in SHIPPED] == [
        "1_demand.ipynb",
        "2_attrition.ipynb",
        "3_contact_methods.ipynb",
        "4_capacity.ipynb",
        "5_value_for_money.ipynb",
        "6_evaluation.ipynb",
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_notebook_chooses_calls_and_holds_no_result(path):
    assert declared_parameters(path) == ["scenario", "run_folder", "overrides", "profile", "seed"]
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    text = "\n".join(cell.source for cell in cells)
    nodes = [type(node) for node in ast.walk(ast.parse(text))]
    assert not {ast.FunctionDef, ast.Lambda, ast.ClassDef} & set(nodes)
    assert "def " not in text
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(lines) < 35
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)

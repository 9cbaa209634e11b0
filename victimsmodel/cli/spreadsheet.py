"""Commands for people who do not write YAML: a workbook of a scenario's inputs, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from victimsmodel.cli.shared import ScenarioFile

if TYPE_CHECKING:
    from victimsmodel.inputs.workbook.loaded import LoadedWorkbook

_Replace = Annotated[bool, typer.Option("--replace", help="Replace the file if it exists.")]


def workbook(
    scenario: ScenarioFile,
    out: Annotated[
        Path | None, typer.Option(help="The workbook; beside the scenario, NAME-inputs.xlsx, unless stated.")
    ] = None,
    replace: _Replace = False,
) -> None:
    """Write the inputs of a scenario as a workbook, to be changed in a spreadsheet."""
    from victimsmodel.reporting.input_workbook.writing import write_input_workbook

    target = out if out is not None else scenario.with_name(f"{scenario.stem}-inputs.xlsx")
    made = write_input_workbook(scenario, target, replace=replace)
    typer.echo(f"{made}: change the coloured cells and save, then victimsmodel load {made}")


def load(
    file: Annotated[Path, typer.Argument(metavar="WORKBOOK", help="Made by workbook.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="The scenario file to write; beside the workbook unless stated.")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="The scenario file that the workbook was made from, if it moved.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the scenario is called; as the file written, unless stated.")
    ] = None,
    replace: _Replace = False,
    accept_changed: Annotated[
        bool,
        typer.Option(
            "--accept-changed", help="Compare even if the scenario file changed since: the workbook holds."
        ),
    ] = False,
) -> None:
    """Show what a workbook changes in its scenario, check it, and write the changed scenario."""
    from victimsmodel.inputs.workbook.loaded import load_input_workbook, name_of, write_loaded

    loaded = load_input_workbook(file, scenario, accept_changed=accept_changed)
    if not loaded.differences:
        typer.echo(f"{file}: no differences from {loaded.scenario_file}; nothing is written.")
        return
    _show(loaded)
    target = out if out is not None else file.with_suffix(".yaml")
    own = {difference.field: difference.now for difference in loaded.differences}.get("name")
    written = write_loaded(loaded.named(name or own or name_of(target)), target, replace=replace)
    if loaded.is_whole:
        why = f"without {', '.join(loaded.taken)}" if loaded.taken else "as it extends many files"
        typer.echo(f"{written}: the whole scenario, {why}; it no longer follows {loaded.scenario_file}.")
    else:
        typer.echo(f"{written}: extends {loaded.scenario_file}, which stays as it is.")
    typer.echo(f"Next: victimsmodel check {written}; victimsmodel evaluate {written}")


def _show(loaded: LoadedWorkbook) -> None:
    import pandas as pd

    from victimsmodel.cli.shared import print_table

    start = f"{loaded.workbook}: "
    rows = [(d.field, d.was, d.now, d.cell.removeprefix(start)) for d in loaded.differences]
    table = pd.DataFrame(rows, columns=["Input", "Was", "Is now", "Cell"])
    print_table(table, f"Differences from {loaded.scenario_file}")
    for remark in loaded.remarks:
        typer.echo(remark)

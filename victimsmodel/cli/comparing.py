"""Commands on finished runs: two side by side, and the list of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from victimsmodel.cli.shared import print_table

_RUN = "Folder of a finished run."


def compare(
    first: Annotated[Path, typer.Argument(metavar="RUN", help=_RUN, show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="RUN", help=_RUN, show_default=False)],
    out: Annotated[Path, typer.Option(help="Where the page and the tables are written.")] = Path("outputs"),
) -> None:
    """Show what differs between two finished runs, in inputs and in results."""
    from victimsmodel.reporting.changed_words import side_titles
    from victimsmodel.reporting.comparison_page import lead
    from victimsmodel.reporting.terminal_tables import input_table, result_tables
    from victimsmodel.run_comparison import compare_runs, write_comparison

    found = compare_runs(first, second)
    page = write_comparison(found, out)
    scenario = found.first.scenario
    titles = side_titles((scenario, found.second.scenario), found.inputs)
    sides = zip("AB", (found.first, found.second), titles, found.stale, strict=True)
    for letter, run, title, reasons in sides:
        mark = f" (stale: {'; '.join(reasons)})" if reasons else ""
        typer.echo(f"{letter}: {run.folder.name}, {title}{mark}")
    typer.echo("")
    for sentence in (*lead(found.results, found.inputs, scenario), *found.notes):
        typer.echo(sentence)
    if len(listed := input_table(found.inputs)):
        print_table(listed, "Inputs that differ")
    for title, table in result_tables(found.results, scenario):
        print_table(table, title)
    typer.echo(f"Page: {page}")


def runs(
    folder: Annotated[Path, typer.Argument(help="Where run folders stand.")] = Path("outputs"),
    index: Annotated[bool, typer.Option("--index", help="Also write index.html there.")] = False,
) -> None:
    """List the finished runs of a folder, and which of them are stale."""
    from victimsmodel.batches import listed_runs, write_index
    from victimsmodel.reporting.terminal_tables import run_table

    rows, left_out = listed_runs(folder)
    if not rows:
        typer.echo(f"{folder} holds no finished run.")
    else:
        print_table(run_table(rows), f"{len(rows)} finished {'run' if len(rows) == 1 else 'runs'}")
    if left_out:
        typer.echo(f"Not listed, because an earlier version made them: {', '.join(left_out)}.")
    if index and rows:
        typer.echo(f"Index: {write_index(folder)}")

"""The command that takes personal data out of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def strip(
    file: Annotated[Path, typer.Argument(help="A table: .csv, .xlsx or .ods.", show_default=False)],
    out: Annotated[Path, typer.Option(help="The copy to write, .csv or .xlsx; must be new.")],
    number_ids: Annotated[
        bool,
        typer.Option("--number-ids", help="Number victims anew where their ids hold personal data."),
    ] = False,
) -> None:
    """Write a copy of a table without the columns that may hold personal data; say which went."""
    from victimsmodel.reporting.stripped_file import strip_personal

    made = strip_personal(file, out, number_ids=number_ids)
    for text in made.removed:
        typer.echo(f"Left out: {text}.")
    if not made.removed:
        typer.echo("Nothing had to be left out.")
    typer.echo(
        f"{made.path}: passes the check for personal data, which proves nothing; look at what is left."
    )

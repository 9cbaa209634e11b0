"""The command that attacks a folder before it is handed on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from victimsmodel.cli.shared import RoundTo, SmallestShown, print_table
from victimsmodel.errors import DisclosedError, Problem

_MOST_SHOWN = 40


def audit(
    run: Annotated[Path, typer.Argument(help="A run folder, or any other folder.", show_default=False)],
    smallest_shown: SmallestShown = 8,
    round_to: RoundTo = 5,
) -> None:
    """Look for small counts of people in a folder: stated, or computed from what stands there."""
    from victimsmodel.disclosure.asked_rule import asked_rule
    from victimsmodel.disclosure.audit import audit as attack
    from victimsmodel.disclosure.folder_tables import NO_PDF_READER

    found = attack(run, asked_rule(smallest_shown, round_to))
    typer.echo(
        f"{run}: {found.tables} tables and {found.texts} texts read, {found.pictures} pictures through the "
        f"drawing or table of the same name; {found.modelled} files are output of the model, as the package "
        "wrote them: of these, what was observed was attacked."
    )
    without_reader = [item.file for item in found.unread if item.why == NO_PDF_READER]
    if without_reader:
        typer.echo(f"PDFs were not read ({NO_PDF_READER}): {', '.join(without_reader)}.")
    unread = [item for item in found.unread if item.why != NO_PDF_READER]
    for item in unread[:_MOST_SHOWN]:
        typer.echo(f"Could not be read: {item.file} ({item.why}).")
    if not found.found:
        typer.echo("No small count of people was found.")
        if unread:
            allowed = f"holds what could not be read ({len(unread)} named above); look at it yourself"
            hint = "Leave it out, or put a drawing (SVG) or a table of its name beside a picture."
            raise DisclosedError([Problem(str(run), "", "", allowed, "VM310", hint)])
        return
    print_table(found.table.head(_MOST_SHOWN), "Small counts of people", [True, True, True])
    more = len(found.found) - _MOST_SHOWN
    if more > 0:
        typer.echo(f"And {more} more.")
    counted = "1 small count" if len(found.found) == 1 else f"{len(found.found)} small counts"
    allowed = f"gives away {counted} of people; do not hand it on"
    raise DisclosedError([Problem(str(run), "", "", allowed, "VM289")])

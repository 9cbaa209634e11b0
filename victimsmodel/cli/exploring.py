"""The command that opens the page of a workshop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from victimsmodel.cli.numbers import whole
from victimsmodel.cli.shared import Overrides, ScenarioFile, Seed, overrides_in

_INPUTS = "Inputs to move, with commas between; those that matter most unless stated. Staff are always there."
_PORT = "Port to listen on; any free one unless stated."

_read_port = whole("--port", "must be an integer from 1 to 65535", range(1, 65_536))


def explore(
    scenario: ScenarioFile,
    set_: Overrides = None,
    inputs: Annotated[str, typer.Option(metavar="A,B,C", help=_INPUTS, show_default=False)] = "",
    port: Annotated[int | None, typer.Option(parser=_read_port, metavar="INTEGER", help=_PORT)] = None,
    seed: Seed = 1,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Open a page on this machine to move inputs and see the options change."""
    from victimsmodel.explorer.memory import spare_memory

    spare_memory()  # before anything that takes some
    from victimsmodel.explorer import running

    names = [name.strip() for name in inputs.split(",") if name.strip()]
    workshop = running.open_workshop(scenario, overrides_in(set_), names, seed, Path("outputs"))

    def announce(address: str) -> None:
        typer.echo(f"Open {address}")
        typer.echo("On this machine only; end with Ctrl-C.", err=True)
        if browser:
            running.open_browser(address)

    running.serve(workshop, port, Path.cwd(), announce)
    typer.echo("Ended.", err=True)

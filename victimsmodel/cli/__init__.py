"""The command line. Each command imports what it needs when it runs, so that help stays quick."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from victimsmodel.cli import (
    assuring,
    attrition,
    auditing,
    calibrating,
    comparing,
    evaluating,
    exploring,
    making,
    planning,
    spreadsheet,
    stripping,
    sweeping,
)
from victimsmodel.cli.stopping import STATUSES, leave, stoppable
from victimsmodel.disk import cannot_write, is_of_disk
from victimsmodel.errors import VictimsModelError, input_error

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Demand, attrition, contact, capacity and value for money of victim services.",
)

#: In the order in which help lists them.
_COMMANDS: dict[str, Callable[..., None]] = {
    "evaluate": evaluating.evaluate,
    "compare": comparing.compare,
    "runs": comparing.runs,
    "check": evaluating.check,
    "simulate": evaluating.simulate,
    "levers": attrition.levers,
    "plan": planning.plan,
    "sweep": sweeping.sweep,
    "explore": exploring.explore,
    "calibrate": calibrating.calibrate,
    "map": attrition.map_,
    "returns": attrition.returns,
    "strip": stripping.strip,
    "new": making.new,
    "workbook": spreadsheet.workbook,
    "load": spreadsheet.load,
    "log": evaluating.log,
    "schema": making.schema,
    "qa": assuring.qa,
    "audit": auditing.audit,
    "pdf": making.pdf,
    "word": making.word,
}
for _name, _command in _COMMANDS.items():
    app.command(name=_name)(_command)


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Read the options that stand before the command; `main` looks at --debug itself."""


def _shown(error: OSError) -> VictimsModelError:
    """Return what a user is told of a file or folder that the system refuses; other faults are ours."""
    if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
        return input_error(str(error.filename), f"cannot be used: {error.strerror}", "VM312")
    if is_of_disk(error):
        return cannot_write(Path(error.filename or "."), error)
    raise error


def main() -> None:
    """Run the command line; print the user's errors without a traceback."""
    with stoppable():
        try:
            app()
        except SystemExit as ended:
            if ended.code in STATUSES:
                leave(int(ended.code))
            raise
        except (VictimsModelError, OSError) as met:
            if "--debug" in sys.argv:
                raise
            error = _shown(met) if isinstance(met, OSError) else met
            typer.echo(str(error), err=True)
            raise SystemExit(error.exit_status) from None

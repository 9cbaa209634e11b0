"""What commands share: arguments, overrides, progress, tables in the terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from victimsmodel.cli.numbers import whole
from victimsmodel.errors import input_error

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from victimsmodel.inputs.scenario import Scenario
    from victimsmodel.runs import Report

_FILE_WIDTH = 140

ScenarioFile = Annotated[Path, typer.Argument(help="The scenario file.", show_default=False)]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change an input, for example staff.contact_officer.fte=14."
    ),
]


Seed = Annotated[
    int,
    typer.Option(
        parser=whole("--seed", "must be an integer from 0 to 2^63 - 1"),
        metavar="INTEGER",
        help="The same seed gives the same results.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        parser=whole("--jobs"),
        metavar="INTEGER",
        help="Threads, or workers with --cluster local; one a processor unless stated.",
    ),
]
SmallestShown = Annotated[
    int,
    typer.Option(
        parser=whole("--smallest-shown"), metavar="INTEGER", help="Counts from 1 up to below this are hidden."
    ),
]
RoundTo = Annotated[
    int,
    typer.Option(parser=whole("--round-to"), metavar="INTEGER", help="What all other counts are rounded to."),
]


def overrides_in(texts: list[str] | None) -> dict[str, str]:
    """Return the values that KEY=VALUE texts state, by key."""
    found: dict[str, str] = {}
    for text in texts or []:
        key, separator, value = text.partition("=")
        if not separator or not key:
            raise input_error("--set", "must be KEY=VALUE", "VM008", value=text)
        if key.strip() in found:
            raise input_error("--set", "must be given once", "VM008", field=key.strip(), value=value.strip())
        found[key.strip()] = value.strip()
    return found


def read_scenario(file: Path, overrides: dict[str, str]) -> Scenario:
    """Read a scenario; warn of unlikely numbers, and of amounts that name no price year."""
    from victimsmodel.inputs.loading import load_scenario
    from victimsmodel.inputs.plausibility import amounts_without_year, unlikely_numbers
    from victimsmodel.inputs.stated_place import Stated

    scenario = load_scenario(file, overrides)
    unpriced = amounts_without_year(scenario)
    for problem in (
        *(each.problem for each in unlikely_numbers(scenario)),
        *([unpriced] if unpriced else []),
    ):
        where, _ = Stated(file, overrides).place(problem.field) or (str(file), "")
        typer.echo(f"warning: {replace(problem, where=where)}", err=True)
    return scenario


@contextmanager
def progress_bars() -> Iterator[Report]:
    """Show bars in a terminal, a line per step elsewhere."""
    with _told():
        yield from _bars()


class _Teller(logging.Handler):
    """Prints each message as a line of its own, above the bars."""

    def emit(self, record: logging.LogRecord) -> None:
        typer.echo(record.getMessage(), err=True)


@contextmanager
def _told() -> Iterator[None]:
    """Print why steps of a run are made again."""
    logger, teller = logging.getLogger("victimsmodel.steps"), _Teller()
    before = logger.level
    logger.addHandler(teller)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(teller)
        logger.setLevel(before)


def _bars() -> Iterator[Report]:
    if not sys.stderr.isatty():
        yield _print_line
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    tasks: dict[str, TaskID] = {}
    with Progress(console=Console(stderr=True)) as bars:

        def advance(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what.capitalize(), total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield advance


def _print_line(what: str, done: int, total: int) -> None:
    """Print when a step ends, and at each quarter of a long one."""
    if done == total or (total >= 100 and done * 4 // total != (done - 1) * 4 // total):
        typer.echo(f"{what}: {done} of {total}" if total > 1 else f"{what}: done", err=True)


def print_table(rows: Any, title: str, is_text: Sequence[bool] | None = None) -> None:
    """Print a table in the terminal; wider than 80 characters into a file.

    Columns of text stand to the left, the others to the right; only the first is text unless said.
    """
    from victimsmodel.inputs.people_table import refuse_people

    refuse_people(rows, title)
    lefts = is_text or [i == 0 for i in range(len(rows.columns))]
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, expand=True)
    for name, is_left in zip(rows.columns, lefts, strict=True):
        justify: JustifyMethod = "left" if is_left else "right"
        table.add_column(name, justify=justify, ratio=3 if is_left else 2, overflow="fold")
    for row in rows.itertuples(index=False):
        table.add_row(*map(str, row))
    console = Console()
    console.width = console.width if console.is_terminal else max(console.width, _FILE_WIDTH)
    console.print(table)

"""What commands share: arguments, overrides, progress, tables in the terminal."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from victimsmodel.errors import input_error

if TYPE_CHECKING:
    from rich.console import JustifyMethod

    from victimsmodel.runs import Report

_FILE_WIDTH = 140
_LONGEST_SHOWN = 40

ScenarioFile = Annotated[Path, typer.Argument(help="The scenario file.", show_default=False)]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change an input, for example staff.contact_officer.fte=14."
    ),
]


def whole_number(text: str | int) -> int:
    """Return the integer that a text of the command line states; a default is one already."""
    if isinstance(text, int):
        return text
    if re.fullmatch(r"[-+]?[0-9]{1,30}", text):
        return int(text)
    raise input_error(
        "command line", "must be an integer, such as 1", "VM269", field="number", value=_short(text)
    )


def seed_number(text: str | int) -> int:
    """Return the seed that a text of the command line states."""
    if isinstance(text, int) or re.fullmatch(r"[-+]?[0-9]{1,30}", text):
        return int(text)
    raise input_error(
        "--seed", "must be an integer from 0 to 2^63 - 1", "VM269", field="seed", value=_short(text)
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


Seed = Annotated[
    int, typer.Option(parser=seed_number, metavar="INTEGER", help="The same seed gives the same results.")
]
Jobs = Annotated[
    int | None,
    typer.Option(
        parser=whole_number,
        metavar="INTEGER",
        help="Threads, or workers with --cluster local; one a processor unless stated.",
    ),
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


def tell_unlikely(scenario: Any) -> None:
    """Warn of numbers outside what such numbers usually are, and of amounts that name no price year."""
    from victimsmodel.inputs.plausibility import amounts_without_year, unlikely_numbers

    for problem in (*(found.problem for found in unlikely_numbers(scenario)), amounts_without_year(scenario)):
        if problem is not None:
            typer.echo(str(problem), err=True)


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

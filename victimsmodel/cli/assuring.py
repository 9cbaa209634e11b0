"""The command for the assurance of a run: logs, sign-off, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from victimsmodel.errors import InputError, Problem

if TYPE_CHECKING:
    from victimsmodel.assuring import Assurance

_CODE = "VM278"


def qa(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 3 unless the run is signed off.")
    ] = False,
    start: Annotated[
        bool, typer.Option("--start", help="Write <scenario>.qa.yaml beside the scenario, to be filled in.")
    ] = False,
    sign: Annotated[
        bool, typer.Option("--sign", help="Sign the run off; needs analyst, assurer and sunset.")
    ] = False,
    analyst: Annotated[str | None, typer.Option(help="Who did the analysis; or see the entries.")] = None,
    assurer: Annotated[str | None, typer.Option(help="Who assures it: another person.")] = None,
    sunset: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day on which the sign-off holds, YYYY-MM-DD.")
    ] = None,
    checked: Annotated[
        list[str] | None, typer.Option(help="What the assurer checked; may be given more than once.")
    ] = None,
) -> None:
    """Write the quality assurance logs of a run, say what they lack, and sign the run off."""
    _refuse_mixtures(check, start, sign, bool(analyst or assurer or sunset or checked))
    from victimsmodel import assuring

    if check:
        _tell(assuring.assurance_of(run))
        assuring.require_assured([run])
        return
    if start:
        typer.echo(f"{assuring.start_entries(run)}: fill it in, then run victimsmodel qa {run} again.")
        return
    if sign:
        done = assuring.sign(run, sunset or "", analyst=analyst, assurer=assurer, checked=checked or ())
    else:
        done = assuring.write_assurance(run)
    _tell(done)
    _tell_logs(done)


def _refuse_mixtures(check: bool, start: bool, sign: bool, has_details: bool) -> None:
    problems = []
    if check + start + sign > 1:
        allowed = "can only be used one at a time"
        problems.append(Problem("victimsmodel qa", "--check, --start, --sign", "", allowed, _CODE))
    if has_details and not sign:
        field, hint = "--analyst, --assurer, --sunset, --checked", "Add --sign to sign the run off."
        problems.append(Problem("victimsmodel qa", field, "", "belong to a sign-off", _CODE, hint))
    if problems:
        raise InputError(problems)


def _tell(done: Assurance) -> None:
    """Say how a run stands."""
    typer.echo(f"{done.run.folder.name}: {done.found.mark.text}")
    if not done.is_assured:
        for reason in done.found.reasons:
            typer.echo(f"  {reason}")


def _tell_logs(done: Assurance) -> None:
    """Say which logs were written, and what they lack."""
    from victimsmodel.assuring import STRESS

    listed = ", ".join(f"{name}.csv ({n} rows)" for name, n in done.logs.items())
    typer.echo(f"Logs in {done.run.folder / 'qa'}: {listed}, {STRESS}")
    for note in done.notes:
        typer.echo(note)
    if not done.open_points:
        typer.echo("The logs are complete.")
        return
    typer.echo(f"Open points ({len(done.open_points)}):")
    for point in done.open_points:
        typer.echo(f"  {point}")
    if done.entries is not None:
        is_begun = done.entries.is_file()
        how = "" if is_begun else f"; victimsmodel qa {done.run.folder} --start begins it"
        typer.echo(f"They are filled in in {_short(done.entries)}{how}.")


def _short(path: Path) -> Path:
    """Return a path from here if it lies below, whole otherwise."""
    whole = path.resolve()
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole

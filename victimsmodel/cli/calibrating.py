"""The command that calibrates a scenario to observed totals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from victimsmodel.cli.numbers import whole
from victimsmodel.cli.shared import Seed, overrides_in, print_table, read_scenario
from victimsmodel.errors import input_error


def calibrate(
    scenario: Annotated[Path, typer.Argument(help="The scenario file.", show_default=False)],
    option: Annotated[str, typer.Option(help="The option that was observed.")] = "business_as_usual",
    observed: Annotated[
        Path | None, typer.Option(help="CSV file of observed totals; those of the scenario unless given.")
    ] = None,
    draws: Annotated[
        int, typer.Option(parser=whole("--draws"), metavar="INTEGER", help="Draws of each round.")
    ] = 4_000,
    seed: Seed = 1,
    ample_staff: Annotated[
        bool, typer.Option("--ample-staff", help="Do not correct for the queues of the stated staff.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write posterior draws to this CSV file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change an input; posterior=null drops a stale one."),
    ] = None,
) -> None:
    """Update the uncertain inputs so that they reproduce observed totals; say which moved."""
    if out is not None:
        _check_target(out, force)
    found = read_scenario(scenario, overrides := overrides_in(set_))
    from victimsmodel.inputs.stated_place import Stated
    from victimsmodel.pathway.calibrate import calibrate as run
    from victimsmodel.pathway.growth import check_growth
    from victimsmodel.reporting import readable_calibration as readable

    if not ample_staff:
        check_growth(found, [option], Stated(scenario, overrides))
    result = run(found, option, observed, draws, seed, **({"capacity_years": 0} if ample_staff else {}))
    fit, inputs = readable.calibrated_fit(result.fit), readable.calibrated_inputs(result.inputs, found)
    print_table(fit.reset_index(names="Total"), "Observed totals: median and 90 % interval")
    print_table(inputs.reset_index(names="Input"), "Inputs that moved most: median and 90 % interval")
    for sentence in readable.calibration_findings(result):
        typer.echo(sentence)
    if out is not None:
        result.write_posterior(out)
        totals = f" and observed: {observed.name}" if observed is not None else ""
        typer.echo(
            f"Written: {out}. Runs draw from it if the scenario beside it says posterior: {out.name}{totals}"
        )


def _check_target(out: Path, is_replaced: bool) -> None:
    """Refuse to write over what is no posterior, such as a table that the scenario reads."""
    from victimsmodel.files import refuse_other_file
    from victimsmodel.inputs.posterior_file import is_posterior

    hint = "Add --force to replace it."
    if out.is_file():
        if not is_posterior(out):
            is_replaced, hint = False, "It holds no posterior: name another."
        elif not is_replaced:
            raise input_error(str(out), "exists already", "VM146", hint=hint)
    refuse_other_file(out, ".csv", is_replaced, hint)

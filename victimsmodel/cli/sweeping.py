"""The command that tries a grid of inputs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from victimsmodel.cli.clusters import AllowMismatch, Cluster, TlsCa, TlsCert, TlsKey, on_workers
from victimsmodel.cli.numbers import whole
from victimsmodel.cli.shared import (
    Jobs,
    Overrides,
    ScenarioFile,
    Seed,
    overrides_in,
    progress_bars,
    read_scenario,
)
from victimsmodel.errors import input_error

_PART_OF_THOUSANDS = re.compile("0[0-9]{2}")
_VARY = "For example staff.contact_officer.fte=10,14,18; once for each input."


def sweep(
    scenario: ScenarioFile,
    vary: Annotated[list[str], typer.Option(metavar="KEY=A,B,C", help=_VARY)],
    option: Annotated[list[str] | None, typer.Option(help="Options to simulate; all unless stated.")] = None,
    measure: Annotated[str, typer.Option(help="What the picture shows.")] = "supported_in_need",
    draws: Annotated[
        int,
        typer.Option(parser=whole("--draws"), metavar="INTEGER", help="Samples of the uncertain inputs."),
    ] = 20,
    replications: Annotated[
        int,
        typer.Option(
            parser=whole("--replications"),
            metavar="INTEGER",
            help="Simulated years for each of them, 2 or more.",
        ),
    ] = 2,
    set_: Overrides = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    out: Annotated[Path, typer.Option(help="Where the folder of the sweep is made.")] = Path("outputs"),
    cluster: Cluster = None,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    allow_mismatch: AllowMismatch = False,
) -> None:
    """Simulate every combination of some inputs: one table, one picture."""
    from victimsmodel.pathway.sizes import check_replications

    check_replications(replications)
    tried, overrides = _varied(vary), overrides_in(set_)
    found = read_scenario(scenario, overrides)
    from victimsmodel import sweeps

    sweeps.check_measure(measure, found)
    tls = (tls_ca, tls_cert, tls_key)
    with on_workers(cluster, jobs, *tls, allow_mismatch=allow_mismatch), progress_bars() as report:
        made = sweeps.sweep(
            scenario,
            tried,
            options=option,
            overrides=overrides,
            n_draws=draws,
            n_replications=replications,
            seed=seed,
            out=out,
            report=report,
        )
    how = f"{draws} draws of the inputs x {replications} simulated years, seed {seed}"
    sweeps.write_picture(made, tuple(tried), measure, found, how)
    if made.n_resumed:
        typer.echo(f"{made.n_resumed} combinations had been computed before.")
    for name in ("sweep.csv", "sweep.parquet", "sweep.svg", "sweep.png"):
        typer.echo(str(made.folder / name))


def _varied(texts: list[str]) -> dict[str, list[str]]:
    """Return the values to try of each input that KEY=A,B,C texts name."""
    found: dict[str, list[str]] = {}
    for text in texts:
        key, _, values = (part.strip() for part in text.partition("="))
        parts = [part.strip() for part in values.split(",")]
        if not key or not all(parts):
            raise input_error("--vary", "must be KEY=A,B,C", "VM180", field=text)
        if any(_PART_OF_THOUSANDS.fullmatch(part) for part in parts[1:]):
            hint = "Commas stand between values: write thousands without, such as 1385000."
            raise input_error("--vary", "must be KEY=A,B,C", "VM180", field=text, hint=hint)
        if key in found:
            raise input_error("--vary", "must name an input only once", "VM180", field=text)
        found[key] = parts
    return found

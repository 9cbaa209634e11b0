"""The command line. Each command imports what it needs when it runs, so that help stays quick."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from victimsmodel.cli_parts import Overrides, ScenarioFile, Seed, overrides_of, progress
from victimsmodel.cli_plan import add_commands
from victimsmodel.errors import VictimsModelError, input_error

if TYPE_CHECKING:
    pass

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Demand, attrition, contact, capacity and value for money of victim services.",
)

add_commands(app)


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Read the options that stand before the command; `main` looks at --debug itself."""


@app.command()
def evaluate(
    scenario: ScenarioFile,
    profile: Annotated[str, typer.Option(help="quick or full.")] = "quick",
    set_: Overrides = None,
    seed: Seed = 1,
    jobs: Annotated[int | None, typer.Option(min=1, help="Threads; all processors unless stated.")] = None,
    out: Annotated[Path, typer.Option(help="Where the run folder is made.")] = Path("outputs"),
) -> None:
    """Run the whole evaluation: tables, notebooks, figures and report."""
    overrides = overrides_of(set_)
    from victimsmodel.inputs.loading import load_scenario

    load_scenario(scenario, overrides)  # before anything slow is loaded
    from victimsmodel import runs

    with progress() as report:
        done = runs.evaluate(
            scenario, overrides=overrides, profile=profile, seed=seed, jobs=jobs, out=out, report=report
        )
    if not done.is_new:
        typer.echo("Nothing has changed since this evaluation was made.")
    typer.echo(f"Report: {done.report}")


@app.command()
def check(scenario: ScenarioFile, set_: Overrides = None) -> None:
    """Check a scenario; print its assumptions with their sources and what evidence is missing."""
    from victimsmodel.inputs.assumptions import stated_assumptions
    from victimsmodel.inputs.loading import load_scenario

    found = load_scenario(scenario, overrides_of(set_))
    rows = stated_assumptions(found)
    width = max(len(row.input) for row in rows)
    for row in rows:
        option = "" if row.option == "business_as_usual" else f" [{row.option}]"
        borrowed = " (borrowed)" if row.estimate.borrowed else ""
        typer.echo(f"{row.input:<{width}}  {row.estimate}; {row.source}{borrowed}{option}")
    missing = [row for row in rows if row.is_assumption]
    weak = sum(row.estimate.quality == "D" for row in rows)
    typer.echo("")
    typer.echo(
        f"{found.title}: {len(found.options)} options, {len(found.groups)} groups, {len(rows)} estimates."
    )
    typer.echo(f"Evidence is missing for {len(missing)} of them (assumptions); {weak} are of quality D.")
    borrowed_rows = sum(row.estimate.borrowed for row in rows)
    if borrowed_rows:
        typer.echo(f"{borrowed_rows} are borrowed from the national defaults: replace them where you can.")
    typer.echo("The scenario is valid.")


@app.command()
def simulate(
    scenario: ScenarioFile,
    option: Annotated[str | None, typer.Option(help="One option; all unless stated.")] = None,
    set_: Overrides = None,
    seed: Seed = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Simulate the year with every input at its median; print one table."""
    from victimsmodel.inputs.loading import load_scenario

    found = load_scenario(scenario, overrides_of(set_))
    from victimsmodel.appraisal.outcomes import MEASURES, measures_by_run
    from victimsmodel.appraisal.replications import simulate as run

    result = run(found, None if option is None else [option], n_draws=1, n_replications=20, seed=seed)
    means = measures_by_run(result, found).groupby("option", observed=True, sort=False).mean()
    if as_json:
        typer.echo(json.dumps(json.loads(means.to_json(orient="index", double_precision=10)), indent=2))
        return
    _print_measures(means, {name: found.options[name].title for name in means.index}, MEASURES)


def _shown(value: float, form: str) -> str:
    """Return a measure as text; money in whole pounds from a thousand on."""
    return form.format(value) if form else f"£{value:,.0f}" if value >= 1000 else f"£{value:,.2f}"


def _print_measures(means: Any, titles: dict[str, str], measures: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Mean of 20 simulated years, every input at its median")
    table.add_column("")
    for name in means.index:
        table.add_column(titles[name], justify="right")
    formats = {"victims": "{:,.0f}", "share": "{:.1%}", "days": "{:.1f}"}
    for measure in measures:
        cells = (_shown(value, formats.get(measure.unit, "")) for value in means[measure.name])
        table.add_row(measure.title, *cells)
    Console().print(table)
    typer.echo("An evaluation averages over the uncertain inputs, and so differs from this central case.")


@app.command()
def log(
    scenario: ScenarioFile,
    out: Annotated[Path, typer.Option(help="The Parquet file to write.")],
    option: Annotated[str, typer.Option(help="The option that is replayed.")] = "business_as_usual",
    share: Annotated[float, typer.Option(help="Share of victims whose story is written down.")] = 0.01,
    shape: Annotated[str, typer.Option(help="plain, process (mining) or animation.")] = "plain",
    set_: Overrides = None,
    seed: Seed = 1,
) -> None:
    """Write down what happens to a sample of victims in one simulated year."""
    from victimsmodel.inputs.loading import load_scenario

    if shape not in ("plain", "process", "animation"):
        raise input_error("--shape", "must be plain, process or animation", "VM038", value=shape)
    found = load_scenario(scenario, overrides_of(set_))
    from victimsmodel.files import write_whole
    from victimsmodel.pathway import story

    events = story.event_log(found, option, share, seed)
    shaped = {"process": story.process_log, "animation": story.animation_log}.get(shape, lambda same: same)
    write_whole(out, shaped(events).to_parquet(index=False, compression="zstd"))
    typer.echo(f"{len(events):,} events of {events['victim'].nunique():,} victims: {out}")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Names the folder and the scenario.", show_default=False)],
    force: Annotated[str, typer.Option(help="Police force area, for example Kent.")],
    data: Annotated[Path, typer.Option(help="Home Office police recorded crime, by force and quarter.")],
    year: Annotated[
        str | None, typer.Option(help="Financial year such as 2022/23; the last complete one unless stated.")
    ] = None,
    population: Annotated[
        Path | None, typer.Option(help="ONS mid-year estimates; mid-2020 unless stated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The folder to make; NAME unless stated.")] = None,
) -> None:
    """Write a working scenario for another police force area, with notebooks and a README."""
    from victimsmodel.project import new_project

    made = new_project(name, force, data, folder=out, year=year, population=population)
    typer.echo(f"{made.scenario}: {force}, {made.year}; {made.findings} findings on the data.")
    typer.echo(f"Next: victimsmodel check {made.scenario}; victimsmodel evaluate {made.scenario}")


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="Write the JSON Schema here.")] = None,
    check: Annotated[Path | None, typer.Option(help="Fail unless this file is up to date.")] = None,
) -> None:
    """Print, write or check the JSON Schema with which editors complete scenario files."""
    from victimsmodel.inputs.schema import schema_text

    text = schema_text()
    if check is not None:
        if not check.is_file() or check.read_bytes() != text.encode():
            hint = "Run victimsmodel schema --out with this name."
            raise input_error(str(check), "is not the schema of this version", "VM060", hint=hint)
    elif out is not None:
        from victimsmodel.files import write_whole

        write_whole(out, text.encode())
    else:
        typer.echo(text, nl=False)


def main() -> None:
    """Run the command line; print the user's errors without a traceback."""
    try:
        app()
    except VictimsModelError as error:
        if "--debug" in sys.argv:
            raise
        typer.echo(str(error), err=True)
        raise SystemExit(error.exit_status) from None

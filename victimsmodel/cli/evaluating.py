"""Commands that check, simulate and evaluate a scenario."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any

import typer

from victimsmodel.cli.clusters import AllowMismatch, Cluster, TlsCa, TlsCert, TlsKey, on_workers
from victimsmodel.cli.numbers import decimal
from victimsmodel.cli.shared import (
    Jobs,
    Overrides,
    ScenarioFile,
    Seed,
    overrides_in,
    progress_bars,
    read_scenario,
)
from victimsmodel.errors import InputError, Problem, input_error


def evaluate(
    scenarios: Annotated[
        list[Path],
        typer.Argument(metavar="SCENARIO...", help="One scenario file or several.", show_default=False),
    ],
    profile: Annotated[str, typer.Option(help="quick or full.")] = "quick",
    set_: Overrides = None,
    against: Annotated[
        str | None,
        typer.Option(help="Option to compare the others with; as the scenario says unless stated."),
    ] = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    out: Annotated[Path, typer.Option(help="Where the run folder is made.")] = Path("outputs"),
    require_assured: Annotated[
        bool,
        typer.Option("--require-assured", help="Compute nothing; exit 3 unless these runs are signed off."),
    ] = False,
    cluster: Cluster = None,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    allow_mismatch: AllowMismatch = False,
) -> None:
    """Run the whole evaluation: tables, notebooks, figures, report, workbook; several also give an index."""
    overrides = overrides_in(set_) | ({} if against is None else {"against": against})
    _check_all(scenarios, overrides)  # before anything slow is loaded
    from victimsmodel import runs

    given: dict[str, Any] = {
        "overrides": overrides,
        "profile": profile,
        "seed": seed,
        "jobs": jobs,
        "out": out,
    }
    if require_assured:
        from victimsmodel.assuring import require_assured as require

        require([runs.folder_of(scenario, **given) for scenario in scenarios])
    workers = None if cluster is None else jobs  # threads are the run's own
    tls = (tls_ca, tls_cert, tls_key)
    with on_workers(cluster, workers, *tls, allow_mismatch=allow_mismatch), progress_bars() as report:
        if len(scenarios) == 1:
            finished = [runs.evaluate(scenarios[0], report=report, **given)]
        else:
            from victimsmodel import batches

            finished = batches.evaluate_all(scenarios, report=report, **given)
    for done in finished:
        if not done.is_new:
            typer.echo("Nothing has changed since this evaluation was made.")
        typer.echo(f"Report: {done.report}")
        typer.echo(f"Workbook: {done.workbook}")
    if len(scenarios) > 1:
        typer.echo(f"Index: {out / 'index.html'}")


def _check_all(scenarios: list[Path], overrides: dict[str, str]) -> None:
    """Refuse what is wrong in any of the scenarios, all at once."""
    problems: list[Problem] = []
    for scenario in scenarios:
        try:
            read_scenario(scenario, overrides)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))


def check(scenario: ScenarioFile, set_: Overrides = None) -> None:
    """Check a scenario; print its assumptions with their sources and what evidence is missing."""
    from victimsmodel.disclosure.stated_counts import shown_scenario
    from victimsmodel.inputs.assumptions import stated_assumptions

    found = read_scenario(scenario, overrides := overrides_in(set_))
    _check_prices(found, scenario, overrides)
    _check_growth(found, scenario, overrides)
    rows = stated_assumptions(shown_scenario(found))
    calibrated = () if found.posterior is None else found.posterior.inputs
    width = max(len(row.input) for row in rows)
    for row in rows:
        option = "" if row.option == "business_as_usual" else f" [{row.option}]"
        borrowed = " (borrowed)" if row.estimate.borrowed else ""
        after = " (calibrated)" if row.input in calibrated else ""
        typer.echo(f"{row.input:<{width}}  {row.estimate}; {row.source}{borrowed}{after}{option}")
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
    if found.posterior is not None:
        file = found.posterior.file
        typer.echo(f"{len(calibrated)} are calibrated: runs draw them from {file}, not from these ranges.")
    typer.echo("The scenario is valid.")


def _check_prices(scenario: Any, path: Path, overrides: dict[str, str]) -> None:
    """Refuse prices of years that cannot be converted."""
    from victimsmodel.appraisal.priced import check_prices
    from victimsmodel.inputs.stated_place import Stated

    check_prices(scenario, Stated(path, overrides))


def _check_growth(scenario: Any, path: Path, overrides: dict[str, str]) -> None:
    """Refuse queues that would grow without end; name them where the scenario allows it."""
    from victimsmodel.inputs.stated_place import Stated
    from victimsmodel.pathway.growth import check_growth, growth_words, overloads

    check_growth(scenario, stated=Stated(path, overrides))
    for overload in overloads(scenario) if scenario.allow_growth else ():
        typer.echo(f"Allowed to grow: {growth_words(overload)}.", err=True)


def simulate(
    scenario: ScenarioFile,
    option: Annotated[str | None, typer.Option(help="One option; all unless stated.")] = None,
    set_: Overrides = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    cluster: Cluster = None,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    allow_mismatch: AllowMismatch = False,
) -> None:
    """Simulate the year with every input at its median; print one table."""
    from victimsmodel.inputs.stated_place import Stated

    found = read_scenario(scenario, overrides := overrides_in(set_))
    from victimsmodel.appraisal.outcomes import measures_by_run, measures_of
    from victimsmodel.appraisal.replications import simulate as run
    from victimsmodel.pathway.growth import check_growth
    from victimsmodel.pathway.simulate import checked_options

    chosen = checked_options(found, None if option is None else [option])
    _check_prices(found, scenario, overrides)
    check_growth(found, chosen, Stated(scenario, overrides))
    with on_workers(cluster, jobs, tls_ca, tls_cert, tls_key, allow_mismatch=allow_mismatch):
        result = run(found, chosen, n_draws=1, n_replications=20, seed=seed)
    means = measures_by_run(result, found).groupby("option", observed=True, sort=False).mean()
    if as_json:
        typer.echo(json.dumps(json.loads(means.to_json(orient="index", double_precision=10)), indent=2))
        return
    _print_measures(means, {name: found.options[name].title for name in means.index}, measures_of(found))


def _shown(value: float, form: str) -> str:
    """Return a measure as text; money in whole pounds from a thousand on."""
    if math.isnan(value):
        return "none"
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
    if not means["referred"].any():
        typer.echo("Nobody is referred in any of these years: what is told of each victim does not exist.")
    typer.echo("An evaluation averages over the uncertain inputs, and so differs from this central case.")


def log(
    scenario: ScenarioFile,
    out: Annotated[Path, typer.Option(help="The Parquet file to write.")],
    option: Annotated[str, typer.Option(help="The option that is replayed.")] = "business_as_usual",
    share: Annotated[
        float,
        typer.Option(
            parser=decimal("--share"), metavar="NUMBER", help="Share of victims whose story is written down."
        ),
    ] = 0.01,
    shape: Annotated[str, typer.Option(help="plain, process (mining) or animation.")] = "plain",
    set_: Overrides = None,
    seed: Seed = 1,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the file if it exists.")] = False,
) -> None:
    """Write down what happens to a sample of victims in one simulated year."""
    if shape not in ("plain", "process", "animation"):
        raise input_error("--shape", "must be plain, process or animation", "VM038", value=shape)
    from victimsmodel.files import refuse_other_file, write_whole

    refuse_other_file(out, ".parquet", replace, "Name another, or add --replace.")
    found = read_scenario(scenario, overrides_in(set_))
    from victimsmodel.parquet import parquet_bytes
    from victimsmodel.pathway import story

    events = story.event_log(found, option, share, seed)
    shaped = {"process": story.process_log, "animation": story.animation_log}.get(shape, lambda same: same)
    write_whole(out, parquet_bytes(shaped(events)))
    typer.echo(f"{len(events):,} events of {events['victim'].nunique():,} victims: {out}")

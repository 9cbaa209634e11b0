"""Commands about where victims are lost: returns, and which leak to mend first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from victimsmodel.cli.numbers import whole
from victimsmodel.cli.shared import (
    Overrides,
    RoundTo,
    ScenarioFile,
    Seed,
    SmallestShown,
    overrides_in,
    print_table,
    progress_bars,
    read_scenario,
)
from victimsmodel.errors import input_error


def map_(
    file: Annotated[
        Path, typer.Argument(help="A provider's return: .csv, .xlsx or .ods.", show_default=False)
    ],
    out: Annotated[Path | None, typer.Option(help="Write the proposed mapping here; must be new.")] = None,
    period: Annotated[str, typer.Option(help="What the file does not say: 2017/18, or 2017/18 Q1.")] = "",
) -> None:
    """Propose which label of a monitoring return is which stage, with a stated confidence."""
    from victimsmodel.files import write_whole
    from victimsmodel.inputs.returns.mapping_text import mapping_text
    from victimsmodel.inputs.returns.propose import propose_mapping
    from victimsmodel.reporting.returns_text import proposal_lines

    if out is not None and out.exists():
        raise input_error(str(out), "exists; a mapping is never overwritten", "VM116", field="--out")
    proposal = propose_mapping(file, period=period)
    for line in proposal_lines(proposal):
        typer.echo(line)
    if out is not None:
        write_whole(out, mapping_text(proposal).encode())
        typer.echo(f"{out}: look at every label, then victimsmodel returns {file} --mapping {out}")


def returns(
    file: Annotated[
        Path, typer.Argument(help="A provider's return: .csv, .xlsx or .ods.", show_default=False)
    ],
    mapping: Annotated[Path, typer.Option(help="Which label is which stage; from victimsmodel map.")],
    out: Annotated[Path | None, typer.Option(help="Write tables and questions into this folder.")] = None,
    smallest_shown: SmallestShown = 8,
    round_to: RoundTo = 5,
) -> None:
    """Check a monitoring return; print findings, attrition by definition and questions to ask.

    Small counts are hidden, the others rounded, and shares computed from these. What is written with --out
    is noted in the ledger beside that folder, which refuses what would give people away by subtraction.
    A return that contradicts itself beyond the tolerance of its mapping is shown, not written: exit status 2.
    """
    from victimsmodel.disclosure.asked_rule import asked_rule
    from victimsmodel.disclosure.ledger import taken_back_on_failure
    from victimsmodel.disclosure.returns_door import released_returns
    from victimsmodel.files import write_whole
    from victimsmodel.inputs.returns.checks import contradiction
    from victimsmodel.inputs.returns.load import load_returns
    from victimsmodel.reporting.returns_text import return_files, return_lines

    rule = asked_rule(smallest_shown, round_to)
    loaded = load_returns(file, mapping)
    wrong = contradiction(loaded.findings, str(file), mapping.name)
    is_written = out is not None and wrong is None
    ledger = out.resolve().parent if out is not None and is_written else None
    called = "" if out is None else f"{file.name} in {out.name}"
    with taken_back_on_failure(ledger, called) as files:
        found = released_returns(loaded, rule, ledger=ledger, name=called)
        for line in return_lines(found):
            typer.echo(line)
        if wrong is not None:
            raise wrong
        if out is not None:
            files |= {out / name: content for name, content in return_files(found).items()}
        for path, content in files.items():
            write_whole(path, content)


def levers(
    scenario: ScenarioFile,
    draws: Annotated[
        int, typer.Option(parser=whole("--draws"), metavar="INTEGER", help="Samples of the uncertain inputs.")
    ] = 20,
    replications: Annotated[
        int,
        typer.Option(
            parser=whole("--replications"), metavar="INTEGER", help="Simulated years for each of them."
        ),
    ] = 1,
    set_: Overrides = None,
    seed: Seed = 1,
) -> None:
    """Say which leak to fix first: what each lever of the scenario would add, one at a time."""
    from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL
    from victimsmodel.inputs.stated_place import Stated

    found = read_scenario(scenario, overrides := overrides_in(set_))
    from victimsmodel.appraisal.levers import rank_levers
    from victimsmodel.pathway.growth import check_growth, lever_names
    from victimsmodel.reporting.lever_words import ample_sentence, levers_sentence, readable_levers

    check_growth(found, [BUSINESS_AS_USUAL, *lever_names(found)], Stated(scenario, overrides))
    with progress_bars() as report:
        table = rank_levers(
            found, draws, replications, seed, on_progress=lambda done, of: report("levers", done, of)
        )
    shown = readable_levers(table, found).drop(columns=["Stage", "Bottleneck"])
    print_table(shown, "Victims in need supported a year more than today; 90% intervals of the mean")
    typer.echo(levers_sentence(table, draws))
    typer.echo(ample_sentence(table, found))

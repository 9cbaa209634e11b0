"""The command that plans: staff for standards, and the best use of a grant."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from victimsmodel.cli.clusters import AllowMismatch, Cluster, TlsCa, TlsCert, TlsKey, on_workers
from victimsmodel.cli.numbers import decimal
from victimsmodel.cli.shared import (
    Jobs,
    Overrides,
    ScenarioFile,
    Seed,
    overrides_in,
    print_table,
    progress_bars,
    read_scenario,
)
from victimsmodel.errors import input_error

if TYPE_CHECKING:
    import pandas as pd

    from victimsmodel.inputs.scenario import Scenario

_MOST_SURGE = 500  # per cent more victims
_STANDARD = "For example: enhanced first_attempt 2 working days 90%. The scenario's own unless stated."


def plan(
    scenario: ScenarioFile,
    standard: Annotated[list[str] | None, typer.Option(help=_STANDARD)] = None,
    grant: Annotated[
        list[float] | None,
        typer.Option(
            parser=decimal("--grant"), metavar="NUMBER", help="What is the best use of this grant, in pounds?"
        ),
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="One option for standards; the options for a grant.")
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(
            parser=decimal("--confidence"),
            metavar="NUMBER",
            help="Share of years in which it must hold; the scenario's, or 0.8.",
        ),
    ] = None,
    surge: Annotated[bool, typer.Option("--surge", help="Also for the scenario's surges.")] = False,
    surge_percent: Annotated[
        float | None,
        typer.Option(
            parser=decimal("--surge-percent", is_percentage=True),
            metavar="NUMBER",
            help="Also for a year with so many per cent more victims.",
        ),
    ] = None,
    set_: Overrides = None,
    seed: Seed = 1,
    jobs: Jobs = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    cluster: Cluster = None,
    tls_ca: TlsCa = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    allow_mismatch: AllowMismatch = False,
) -> None:
    """Plan staff that meet standards, or the best use of a grant."""
    from victimsmodel.inputs.plans import USUAL_CONFIDENCE
    from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL

    if grant and (standard or surge or surge_percent is not None):
        allowed = "cannot be asked together with standards or a surge: run the command twice"
        raise input_error("--grant", allowed, "VM186")
    if surge and surge_percent is not None:
        raise input_error("--surge", "cannot be given together with --surge-percent", "VM186")
    if surge_percent is not None and not 0 < surge_percent <= _MOST_SURGE:
        allowed = f"must be above 0 and at most {_MOST_SURGE}"
        raise input_error("--surge-percent", allowed, "VM184", field="percent", value=f"{surge_percent:g}")
    if not grant and option is not None and len(option) > 1:
        raise input_error("--option", "must be a single one for standards", "VM186")
    found = read_scenario(scenario, overrides_in(set_))
    if confidence is None:
        confidence = found.plans.confidence if found.plans is not None else USUAL_CONFIDENCE
    where = on_workers(cluster, jobs, tls_ca, tls_cert, tls_key, allow_mismatch=allow_mismatch)
    if grant:
        with where:
            _plan_grant(found, grant, option, confidence, seed, as_json)
        return
    share = "scenario" if surge else None if surge_percent is None else surge_percent / 100
    usual = found.plans.option if found.plans is not None else BUSINESS_AS_USUAL
    chosen = option[0] if option else usual
    with where:
        _plan_standards(found, standard or None, chosen, confidence, share, seed, as_json)


def _plan_standards(
    scenario: Scenario,
    standards: list[str] | None,
    option: str,
    confidence: float,
    surge: str | float | None,
    seed: int,
    as_json: bool,
) -> None:
    from victimsmodel.appraisal.staffing import plan_for_standards
    from victimsmodel.reporting.growth_words import growing_sentences
    from victimsmodel.reporting.plan_words import standards_sentences

    with progress_bars() as report:
        made = plan_for_standards(
            scenario, standards, option, confidence=confidence, surge=surge, seed=seed, report=report
        )
    sentences = (*growing_sentences(scenario, [option]), *standards_sentences(made, scenario))
    tables = {"staff": made.staff, "standards": made.standards, "summary": made.summary, "curve": made.curve}
    if as_json:
        _print_json(tables, sentences)
        return
    if len(made.staff):
        _print_table("Staff", made.staff.drop(columns="role"))
    _print_table("Standards", made.standards)
    _print_sentences(sentences)


def _plan_grant(
    scenario: Scenario,
    grants: list[float],
    options: list[str] | None,
    confidence: float,
    seed: int,
    as_json: bool,
) -> None:
    from victimsmodel.appraisal.grants import plan_for_grant
    from victimsmodel.reporting.growth_words import growing_sentences
    from victimsmodel.reporting.plan_words import grant_sentences

    with progress_bars() as report:
        made = plan_for_grant(scenario, grants, options, confidence=confidence, seed=seed, report=report)
    sentences = (*growing_sentences(scenario, options), *grant_sentences(made, scenario))
    tables = {
        "grants": made.grants,
        "mix": made.mix,
        "contenders": made.contenders,
        "frontier": made.frontier,
    }
    if as_json:
        _print_json(tables, sentences)
        return
    if len(made.mix):
        _print_table("Best use of the grant", made.mix.drop(columns="name"))
        _print_table("Plans that it was held against", made.contenders)
    if len(made.frontier):
        _print_table("What grants can do", made.frontier)
    _print_sentences(sentences)


def _print_json(tables: dict[str, pd.DataFrame], sentences: Sequence[str]) -> None:
    shown: dict[str, Any] = {
        name: json.loads(table.to_json(orient="records", double_precision=10))
        for name, table in tables.items()
    }
    typer.echo(json.dumps({**shown, "sentences": list(sentences)}, indent=2, ensure_ascii=False))


def _print_sentences(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        typer.echo(sentence)


_HEADS = {
    "situation": "Year",
    "title": "",
    "fte": "FTE",
    "fte_now": "FTE now",
    "cost_gbp": "Cost of a year",
    "closed_form_fte": "Erlang, FTE",
    "central_fte": "Inputs at medians, FTE",
    "mean_share": "Kept for",
    "probability": "Met in years",
    "standard_error": "Std. error",
    "closed_form": "Erlang",
    "grant_gbp": "Grant",
    "amount_now": "Now",
    "next_gain": "Next £10,000",
    "next_error": "Std. error",
    "supported_in_need": "In need supported",
    "chance_best": "Best with prob.",
    "gain_per_10000": "Per £10,000 more",
    "gain_error": "Std. error",
}
_SHARES = {"target", "mean_share", "probability", "closed_form", "chance_best"}
_POUNDS = {"cost_gbp", "grant_gbp"}


def _print_table(title: str, table: pd.DataFrame) -> None:
    """Print a table of a plan with headings and units."""
    import pandas as pd

    shown = pd.DataFrame(
        {name: [_cell(name, value, table) for value in table[name]] for name in table.columns}
    )
    is_text = [any(isinstance(value, str) for value in table[name]) for name in table.columns]
    shown.columns = pd.Index([_HEADS.get(name, name.capitalize()) for name in table.columns])
    print_table(shown, title, is_text)


def _cell(name: str, value: Any, table: pd.DataFrame) -> str:
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "none"
    if name in _SHARES or (name == "standard_error" and "probability" in table.columns):
        return f"{value:.1%}"
    if name in _POUNDS:
        return f"£{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"

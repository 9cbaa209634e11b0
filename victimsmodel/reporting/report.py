"""The report that a commissioner is handed: one HTML file with everything in it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from victimsmodel.files import write_whole
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.records import EXITS, TASKS, WAITS
from victimsmodel.reporting import findings, words
from victimsmodel.reporting.lever_words import ample_sentence, levers_sentence
from victimsmodel.reporting.marked import MarkedTables, Place
from victimsmodel.reporting.palette import option_colours

#: Tables that the report reads.
TABLES = (
    "demand_summary",
    "funnel_summary",
    "exits_summary",
    "waits_summary",
    "staff_use",
    "costs_summary",
    "comparison",
    "incremental",
    "group_coverage",
    "assumptions",
)
#: Tables that it reads where the scenario states what they are made from.
OPTIONAL_TABLES = ("reconciliation", "distance", "services_words", "calibration_words", "levers")

#: Captions of the figures, by file name.
FIGURES: Mapping[str, str] = {
    "demand": "Victims and victims in need, by crime type and priority",
    "areas": "Victims in need and deprivation, by borough",
    "forecast": "Recorded offences against people, and what may come in the next five years",
    "funnel": "From referral to support, by option",
    "exits": "Where referrals end, by option",
    "services": "Attrition of published services, by the way in which they are fed",
    "calibration_fit": "Published totals beside what the inputs predict, before and after calibration",
    "levers": "What each lever would add by itself, with the staff in post and with ample staff",
    "waits": "Victims seen within the service standards, by option and priority",
    "staff_use": "Hours worked and hours available, by role and option",
    "backlog": "Victims waiting over the year, by option",
    "costs": "Cost of the year against the grant, by option",
    "cost_effectiveness": "Difference in cost and in victims in need supported from the option compared with",
    "coverage": "Victims in need who are supported, by crime type and priority",
}

#: What the model leaves out, and how its numbers may not be read.
LIMITS = (
    "This report is about one year. The years of a contract, with introduction and one-off costs, stand in "
    "the tables and in notebook 5; there, every year repeats the demand of the evaluated one.",
    "The capacity and the costs of specialist services are not modelled: a referral on to them counts as "
    "support.",
    "The time of police officers who assess needs, flag victims or ask for consent at the report is in no "
    "cost shown here: it lies outside the grant. Where the scenario states it, it is in the full cost of "
    "notebook 5.",
    "Costs per victim are averages over the draws of each draw's cost over its number of victims; they "
    "differ a little from the average cost over the average number.",
    "Effects on re-offending, on repeat victimisation and on the criminal justice process are not modelled.",
    "Handling times of calls, assessments and casework are assumptions; no published durations were found.",
    "The share of improvement that is owed to support is an assumption; no study was found that measures it.",
    "Attrition is one less the share of referred victims who are supported. An option that refers fewer "
    "victims can lower it without supporting more of them: read it together with coverage.",
    "Intervals cover the uncertainty of the inputs as it is stated above. They do not cover what the "
    "structure of the model leaves out or gets wrong.",
)

_FUNNEL_ALL = ("referred", "attempted", "contacted", "consented", "assessed", "accepted", "supported")
_FUNNEL_IN_NEED = ("in_need", *_FUNNEL_ALL)
_PACKAGE = "victimsmodel.reporting"
_FEW_DRAWS = 200
_FEW_YEARS = 10


def write_report(run_folder: Path, scenario: Scenario, manifest: Mapping[str, object]) -> Path:
    """Write ``report.html`` from the tables and figures of a run folder, whole or not at all.

    Parameters
    ----------
    run_folder : Path
        Holds ``tables/*.parquet`` and ``figures/*.svg``.
    scenario : Scenario
    manifest : mapping
        run_id, profile, seed, n_draws, n_replications, created, version, agreement.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    CannotWriteError
        If the file cannot be written.
    """
    files_of_tables = {n: run_folder / "tables" / f"{n}.parquet" for n in (*TABLES, *OPTIONAL_TABLES)}
    tables = {
        name: pd.read_parquet(path)
        for name, path in files_of_tables.items()
        if name in TABLES or path.is_file()
    }
    paths = {name: run_folder / "figures" / f"{name}.svg" for name in FIGURES}
    figures = {name: path.read_text("utf-8") for name, path in paths.items() if path.is_file()}
    page = render_report(tables, figures, scenario, manifest)
    target = run_folder / "report.html"
    write_whole(target, page.encode())
    return target


def render_report(
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, str],
    scenario: Scenario,
    manifest: Mapping[str, object],
) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Those of `TABLES`.
    figures : mapping of str to str
        SVG text of those of `FIGURES` that were drawn.
    scenario : Scenario
    manifest : mapping
        As for `write_report`.
    """
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"typeset": words.typeset, "sentence_case": words.sentence_case}
    template = environment.get_template("report.html.j2")
    return template.render(_context(tables, figures, scenario, manifest)).lstrip()


def _context(
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, str],
    scenario: Scenario,
    manifest: Mapping[str, object],
) -> dict[str, Any]:
    marked = MarkedTables(tables)
    options = findings.simulated_options(tables["comparison"], scenario)
    style = files(_PACKAGE).joinpath("templates", "report.css").read_text("utf-8")
    least, most = findings.extreme_groups(tables["group_coverage"], options[0])
    return {
        "scenario": scenario,
        "manifest": manifest,
        "created": _date(str(manifest.get("created", ""))),
        "has_few_draws": int(str(manifest.get("n_draws", _FEW_DRAWS))) < _FEW_DRAWS,
        "has_few_years": int(str(manifest.get("n_replications", _FEW_YEARS))) < _FEW_YEARS,
        "css": Markup(style),
        "n": marked.number,
        "interval": marked.interval,
        "part": marked.part,
        "place": Place,
        "value": marked.value,
        "options": options,
        "headline": findings.headline(marked, options, scenario),
        "figures": inlined_figures(figures),
        "areas": findings.assumptions_by_area(tables["assumptions"], scenario),
        "groups": {group.name: group for group in scenario.groups},
        "least_covered": least,
        "most_covered": most,
        "verdicts": dict(zip(tables["incremental"]["option"], tables["incremental"]["verdict"], strict=True)),
        "roles": list(dict.fromkeys(tables["staff_use"]["role"].astype(str))),
        "has_icer": bool(tables["incremental"]["icer"].notna().any()),
        "steps": _steps(tables),
        "is_uncertain": lambda column, step: (
            marked.value("reconciliation", f"{column}_low", step=step)
            < marked.value("reconciliation", f"{column}_high", step=step)
        ),
        "limits": LIMITS,
        "services_words": _sentences(tables, "services_words"),
        "calibration_words": _sentences(tables, "calibration_words"),
        "levers_words": _levers_words(tables, scenario),
        "next_table": itertools.count(1).__next__,
        **_words(scenario, tables["staff_use"]),
    }


def _steps(tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, str]]:
    """Return name and title of each step from recorded crime to victims in need, if there are any."""
    table = tables.get("reconciliation")
    if table is None:
        return []
    some = table[(table["change_low"] != 0) | (table["change_high"] != 0)]
    return list(zip(some["step"], some["title"], strict=True))


def _sentences(tables: Mapping[str, pd.DataFrame], name: str) -> list[str]:
    """Return the sentences that a stage wrote, if it did."""
    return [str(text) for text in tables[name]["sentence"]] if name in tables else []


def _levers_words(tables: Mapping[str, pd.DataFrame], scenario: Scenario) -> list[str]:
    """Return which lever to pull first, and what stands in the way."""
    table = tables.get("levers")
    if table is None:
        return []
    return [levers_sentence(table, int(table["n_draws"].iloc[0])), ample_sentence(table, scenario)]


def _words(scenario: Scenario, staff_use: pd.DataFrame) -> dict[str, Any]:
    """Return every title that the template needs, so that no raw name reaches the page."""
    standards = scenario.standards
    days = (standards.first_attempt_days, standards.contact_days, standards.support_days)
    return {
        "base_name": scenario.against,
        "titles": {name: option.title for name, option in scenario.options.items()},
        "quoted": lambda name: words.option_in_sentence(name, scenario),
        "colours": option_colours(scenario),
        "stage_titles": words.STAGE_TITLES,
        "stages_all": _FUNNEL_ALL,
        "stages_in_need": _FUNNEL_IN_NEED,
        "exit_titles": {name: words.EXIT_TITLES[name] for name in EXITS},
        "waits": {
            wait: (words.WAIT_TITLES[wait], words.WAIT_MEANINGS[wait], day)
            for wait, day in zip(WAITS, days, strict=True)
        },
        "priority_titles": words.PRIORITY_TITLES,
        "crime_types": {name: crime.title for name, crime in scenario.demand.crime_types.items()},
        "tasks": {task: words.TASK_TITLES[task] for task in TASKS if f"hours_{task}" in staff_use.columns},
        "role_title": lambda role: words.role_title(role, scenario),
        "line_titles": words.COST_LINE_TITLES,
        "unit_titles": words.UNIT_TITLES,
        "verdict_sentences": words.VERDICT_SENTENCES,
        "certainty": words.certainty,
        "measures": findings.ordered_measures(scenario),
        "measure_formats": findings.MEASURE_FORMATS,
    }


def _date(created: str) -> str:
    """Return an ISO time as a date in words, or as it is if it is none."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment.day} {moment:%B %Y}"


def inlined_figures(figures: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return number, caption and inline SVG of each figure, in the order of `FIGURES`."""
    present: Iterable[str] = (name for name in FIGURES if name in figures)
    return {
        name: {"number": i, "caption": FIGURES[name], "svg": inline_svg(figures[name], name, FIGURES[name])}
        for i, name in enumerate(present, start=1)
    }


def inline_svg(svg: str, prefix: str, caption: str) -> Markup:
    """Return an SVG document as an element of a page.

    Its identifiers get a prefix, so that those of several figures stay apart; its title, which states
    the finding, becomes what a screen reader says.
    """
    title = re.search(r"<title>(.*?)</title>", svg, re.DOTALL)
    body = svg[svg.index("<svg") :]
    for gone in (r"<!--.*?-->", r"<metadata>.*?</metadata>", r"<title>.*?</title>"):
        body = re.sub(gone, "", body, flags=re.DOTALL)
    opening, rest = body.split(">", 1)
    opening = re.sub(r'\s(?:xmlns(?::\w+)?|width|height|version)="[^"]*"', "", opening)
    rest = rest.replace("xlink:href", "href")
    rest = re.sub(r'\bid="', f'id="{prefix}-', rest)
    rest = re.sub(r'href="#', f'href="#{prefix}-', rest)
    rest = re.sub(r"url\(#", f"url(#{prefix}-", rest)
    finding = f"{caption}. {Markup(title[1]).unescape()}." if title else f"{caption}."
    label = Markup(' role="img" aria-label="{}"').format(finding)
    return Markup(opening) + label + Markup(">") + Markup(re.sub(r"\n\s*\n", "\n", rest))

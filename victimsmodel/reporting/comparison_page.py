"""The page that shows two runs side by side: one HTML file that looks like the report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.outcomes import MEASURES, Measure
from victimsmodel.appraisal.run_differences import WAIT_MEASURES
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.changed_words import side_titles
from victimsmodel.reporting.findings import FIRST_MEASURES, MEASURE_FORMATS
from victimsmodel.reporting.formats import FORMATS
from victimsmodel.reporting.marks import joint_mark, mark_of
from victimsmodel.reporting.palette import option_colours
from victimsmodel.reporting.words import option_in_sentence, sentence_case, typeset

#: What a verdict says in a cell.
VERDICTS: Mapping[str, str] = {
    "identical": "no difference",
    "clear": "yes",
    "on average": "on average",
    "within chance": "no",
    "unknown": "cannot be said",
}
_MISSING = "–"
_PACKAGE = "victimsmodel.reporting"
_FIRST = (*FIRST_MEASURES, "first_attempt_in_time")
#: Inputs by what they are, in the order in which they are listed, and the heading of each part.
INPUT_PARTS = (
    ("option", "Options and levers that only one run has"),
    ("choice", "Choices"),
    ("estimate", "Uncertain inputs"),
    ("table", "Tables"),
)


def page_environment() -> Environment:
    """Return the environment of pages that look like the report."""
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = files(_PACKAGE).joinpath("templates", "report.css").read_text("utf-8")
    environment.globals["css"] = Markup(style)
    environment.filters |= {"typeset": typeset, "sentence_case": sentence_case, "day": day_words}
    return environment


def day_words(moment: str) -> str:
    """Return the day and minute of an ISO time as they are read; the text itself if it is none."""
    try:
        made = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return f"{made.day} {made:%B %Y, %H:%M}"


def render_comparison(
    scenarios: tuple[Scenario, Scenario],
    manifests: tuple[Mapping[str, Any], Mapping[str, Any]],
    tables: Mapping[str, pd.DataFrame],
    notes: Sequence[str],
    stale: tuple[Sequence[str], Sequence[str]],
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    scenarios, manifests : pair
        Of the first run, A, and the second, B; a manifest says DRAFT unless it is `marked`.
    tables : mapping of str to DataFrame
        ``settings``, ``inputs`` and ``results`` of a comparison.
    notes : sequence of str
        Sentences to read before the numbers.
    stale : pair of sequence of str
        Why each run is stale; empty if it is not.
    """
    results, inputs = tables["results"].astype({"option": str}), tables["inputs"]
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in results.to_dict("records"):
        rows.setdefault(str(row["measure"]), []).append({str(key): cell for key, cell in row.items()})
    measures = {m.name: m for m in (*MEASURES, *WAIT_MEASURES) if m.name in rows}
    first = [measures.pop(name) for name in _FIRST if name in measures]
    settings = tables["settings"].to_dict("records")
    template = page_environment().get_template("comparison.html.j2")
    return template.render(
        scenarios=scenarios,
        sides=side_titles(scenarios, inputs),
        mark=joint_mark({f"Run {letter}": mark_of(own) for letter, own in zip("AB", manifests, strict=True)}),
        manifests=manifests,
        settings=settings,
        parts=_parts(inputs),
        beside=inputs[inputs["kind"] == "source"].to_dict("records"),
        n_inputs=int((inputs["kind"] != "source").sum()),
        lead=lead(results, inputs, scenarios[0]),
        first_measures=first,
        other_measures=list(measures.values()),
        rows=rows,
        shown=number_words,
        titles={name: option.title for name, option in scenarios[0].options.items()},
        colours=option_colours(scenarios[0]),
        verdicts=VERDICTS,
        is_paired=bool((results["interval"] == "paired").all()),
        figure=_figure(results, scenarios[0], manifests),
        notes=notes,
        stale=stale,
    )


def _parts(inputs: pd.DataFrame) -> list[tuple[str, list[dict[Any, Any]]]]:
    found = [(heading, inputs[inputs["kind"] == kind].to_dict("records")) for kind, heading in INPUT_PARTS]
    return [(heading, rows) for heading, rows in found if rows]


def _figure(results: pd.DataFrame, scenario: Scenario, manifests: Sequence[Mapping[str, Any]]) -> Markup:
    from matplotlib import pyplot

    from victimsmodel.reporting.figures_runs import plot_run_differences
    from victimsmodel.reporting.pictures import figure_title, svg_text

    ids = " and ".join(str(manifest["run_id"]) for manifest in manifests)
    figure = plot_run_differences(results, scenario, f"Source: victimsmodel, runs {ids}.")
    try:
        text = svg_text(figure)
    finally:
        pyplot.close(figure)
    said = escape(figure_title(figure))
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    return Markup(text.replace("<svg ", f'<svg role="img" aria-label="{said}" ', 1))


def number_words(row: Mapping[str, Any], measure: Measure, column: str) -> str:
    """Return a number of a row as it is printed."""
    plain, signed = MEASURE_FORMATS[measure.unit]
    value = float(row[column])
    if value != value:
        return _MISSING
    style = plain if column in ("first", "second") else signed
    if measure.unit == "GBP" and style == signed and abs(float(row["first"])) < 1000:
        return FORMATS["pounds_signed"](value)
    return FORMATS[style](value)


def lead(results: pd.DataFrame, inputs: pd.DataFrame, scenario: Scenario) -> list[str]:
    """Return the answer: which option does most in each run, and how many results differ.

    Parameters
    ----------
    results, inputs : DataFrame
        Of a comparison.
    scenario : Scenario
        Of the first run.
    """
    effects = results[results["measure"] == EFFECT].set_index("option")
    best = [str(effects[side].idxmax()) for side in ("first", "second")]
    said = [option_in_sentence(name, scenario) for name in best]
    if len(effects) < 2:
        sentences = []
    elif best[0] == best[1]:
        sentences = [f"In both runs, {said[0]} supports most victims in need."]
    else:
        ours, theirs = said
        sentences = [f"In A, {ours} supports most victims in need; in B, {theirs} does."]
    n = int((inputs["kind"] != "source").sum())
    sentences.append("No input differs." if n == 0 else f"{n} input{'s differ' if n > 1 else ' differs'}.")
    real = int(results["verdict"].isin(["clear", "on average"]).sum())
    if (results["verdict"] == "identical").all():
        sentences.append(f"All {len(results)} results are the same.")
    else:
        sentences.append(f"Of {len(results)} results, {real} differ by more than chance.")
    return sentences

"""Differences between two runs in words: inputs as rows of a table, how the runs were made as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from pydantic import BaseModel

from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.scenario_differences import InputDifference
from victimsmodel.inputs.service import Attempt
from victimsmodel.reporting.findings import INPUT_FORMATS
from victimsmodel.reporting.formats import FORMATS
from victimsmodel.reporting.words import input_title, sentence_case, typeset

#: What the manifest says of how a run was made, and how it is called.
SETTINGS: Mapping[str, str] = {
    "scenario": "Scenario",
    "run_id": "Run",
    "created": "Made",
    "profile": "Profile",
    "n_draws": "Draws of the inputs",
    "n_replications": "Simulated years in each draw",
    "seed": "Seed",
    "overrides": "Changed for the run",
    "version": "Version of the model",
    "code_revision": "Revision of the code",
    "code": "Code of the package",
    "python": "Python",
}
_OWN_TO_EACH = ("run_id", "created")
_INHERITED = "as business as usual"
_DIGITS_OF_HASH = 12


def input_rows(found: Sequence[InputDifference], first: Scenario, second: Scenario) -> pd.DataFrame:
    """Return the inputs that differ, in words and numbers.

    Returns
    -------
    DataFrame
        Columns input, owner, kind, title, belongs_to (title of the option or lever; empty for what all
        share), unit, and for each run first_ and second_: text, value, low, high, source.
    """
    rows = []
    for each in found:
        scenario = second if each.first is None else first
        row: dict[str, Any] = {
            "input": each.input,
            "owner": each.owner,
            "kind": each.kind,
            "title": _title(each, scenario),
            "belongs_to": "" if each.kind == "option" else _owner_title(each.owner, first, second),
            "unit": next((x.unit for x in (each.first, each.second) if isinstance(x, Estimate)), ""),
        }
        sides = zip(
            ("first", "second"),
            (each.first, each.second),
            each.is_inherited,
            (first, second),
            strict=True,
        )
        for side, value, is_inherited, own in sides:
            row |= {f"{side}_{key}": cell for key, cell in _cells(value, is_inherited, own, each).items()}
        if row["first_text"] == row["second_text"] and each.kind == "estimate":  # rounded to the same
            row |= {"first_text": str(each.first), "second_text": str(each.second)}
        rows.append(row)
    columns = ["input", "owner", "kind", "title", "belongs_to", "unit"]
    columns += [f"{side}_{key}" for side in ("first", "second") for key in _CELLS]
    return pd.DataFrame(rows, columns=columns)


_CELLS = ("text", "value", "low", "high", "source")


def _cells(value: Any, is_inherited: bool, scenario: Scenario, each: InputDifference) -> dict[str, Any]:
    missing = {"value": float("nan"), "low": float("nan"), "high": float("nan"), "source": ""}
    if each.kind == "option":
        return {"text": "not an option" if value is None else "is an option", **missing}
    text = value_words(value, each.input)
    if is_inherited:
        text = f"{_INHERITED} ({text})" if value is not None else _INHERITED
    if not isinstance(value, Estimate):
        return {"text": text, **missing}
    low, high = value.interval
    source = scenario.sources.get(value.source)
    said = "Assumption" if source is None else f"{source.title} ({source.year})"
    return {"text": text, "value": value.median, "low": low, "high": high, "source": typeset(said)}


def _title(each: InputDifference, scenario: Scenario) -> str:
    if each.kind == "option":
        noun = "Lever" if each.owner.startswith("levers") else "Option"
        return f"{noun}: {each.first or each.second}"
    if each.owner and each.input in ("title", "summary"):
        return {"title": "Name", "summary": "Description"}[each.input]
    return input_title(each.input, scenario)


def _owner_title(owner: str, first: Scenario, second: Scenario) -> str:
    kind, _, name = owner.partition(".")
    own: Any = getattr(first, kind, {}).get(name) or getattr(second, kind, {}).get(name) if kind else None
    return "" if own is None or name == BUSINESS_AS_USUAL else str(own.title)


def value_words(value: Any, name: str = "") -> str:
    """Return the value of an input as it is read: an estimate with its range, a choice in words.

    Parameters
    ----------
    value : object
        An estimate, a choice, a sequence of attempts or a table.
    name : str
        Dotted name of the input.
    """
    if isinstance(value, Estimate):
        return _estimate_words(value)
    if value is None or value == "":
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{'£' if name.endswith('_gbp') else ''}{value:,.10g}"  # a choice is never rounded
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, str):
        return typeset(value.replace("_", " ") if " " not in value else value)
    if isinstance(value, BaseModel):
        count = len(getattr(value, "inputs", getattr(value, "names", ())))
        return f"{getattr(value, 'file', 'stated')}{f', {count} inputs' if count else ''}"
    if isinstance(value, Sequence) and value and isinstance(value[0], Attempt):
        return ", then ".join(_attempt_words(attempt) for attempt in value)
    if isinstance(value, Sequence) and value and isinstance(value[0], (str, int, float)):
        return ", ".join(value_words(each) for each in value)
    return f"{len(value)} {'row' if len(value) == 1 else 'rows'}" if value else "none"


def _estimate_words(estimate: Estimate) -> str:
    style = FORMATS[INPUT_FORMATS.get(estimate.unit, "plain")]
    shown = style(estimate.median)
    unit = "" if estimate.unit in ("probability", "GBP", "GBP/year", "correlation") else f" {estimate.unit}"
    if estimate.is_fixed:
        return f"{shown}{unit}, fixed"
    low, high = estimate.interval
    return f"{shown}{unit} ({style(low)} to {style(high)})"


def _attempt_words(attempt: Attempt) -> str:
    days = attempt.after_working_days
    window = f" in the {attempt.window.replace('_', ' ')}" if attempt.window else ""
    return f"{attempt.channel}{window} after {days} working {'day' if days == 1 else 'days'}"


def setting_rows(first: Mapping[str, Any], second: Mapping[str, Any]) -> pd.DataFrame:
    """Return how two runs were made, from their manifests.

    Returns
    -------
    DataFrame
        Columns setting, title, first, second, differs; what belongs to each run alone never differs.
    """
    libraries = [run.get("libraries", {}) for run in (first, second)]
    pairs = [(name, title, first.get(name), second.get(name)) for name, title in SETTINGS.items()]
    pairs += [
        (f"libraries.{name}", sentence_case(name), *(own.get(name) for own in libraries))
        for name in dict.fromkeys((*libraries[0], *libraries[1]))
    ]
    return pd.DataFrame(
        [
            {
                "setting": name,
                "title": title,
                "first": _setting_words(name, ours),
                "second": _setting_words(name, theirs),
                "differs": ours != theirs and name not in _OWN_TO_EACH,
            }
            for name, title, ours, theirs in pairs
        ]
    )


def _setting_words(name: str, value: Any) -> str:
    if value is None or value == "":
        return "not noted"
    if name == "overrides":
        return "; ".join(f"{field} = {given}" for field, given in value.items()) or "nothing"
    return str(value)[:_DIGITS_OF_HASH] if name in ("code", "code_revision") else str(value)


def made_differently(settings: pd.DataFrame) -> str:
    """Return one sentence on how two runs were made unlike each other; empty if they were not."""
    own = settings[settings["differs"]].set_index("setting")
    parts = [
        f"{title} {own.loc[name, 'first']} in A and {own.loc[name, 'second']} in B"
        for name, title in (
            ("profile", "the profile is"),
            ("n_draws", "the draws of the inputs are"),
            ("n_replications", "the simulated years in each draw are"),
            ("seed", "the seed is"),
            ("version", "the version of the model is"),
        )
        if name in own.index
    ]
    if "code" in own.index:
        parts.append("the code of the package is not the same")
    changed = [str(title) for name, title in own["title"].items() if str(name).startswith("libraries.")]
    if changed:
        parts.append(f"other versions were used of {', '.join(changed)}")
    return f"They were not made alike: {'; '.join(parts)}." if parts else ""

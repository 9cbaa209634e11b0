"""What each input does to the result, as far as the sensitivity analysis of a run can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.findings import INPUT_FORMATS
from victimsmodel.reporting.formats import FORMATS
from victimsmodel.reporting.words import option_in_sentence

Tables = Mapping[str, pd.DataFrame]

_NONE_CLEAR = "No clear effect on the choice was found."


class Effect(NamedTuple):
    """What an input does to the result."""

    text: str
    size: float  # share of what the choice hangs on that it explains; 0 where no effect is clear


def effects_of(tables: Tables, scenario: Scenario) -> dict[str, Effect]:
    """Return what is known of the effect of each input, by its dotted name.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a run: ranked_inputs, switching, tornado, calibration_inputs where there are any.
    scenario : Scenario
    """
    sizes: dict[str, float] = {}
    told: dict[str, list[str]] = {}
    for name, size, sentence in (*_explained(tables, scenario), *_alone(tables, scenario)):
        sizes[name] = max(size, sizes.get(name, 0.0))
        told.setdefault(name, []).append(sentence)
    for name, sentence in (*_switching(tables, scenario), *_calibrated(tables)):
        told.setdefault(name, []).append(sentence)
    ranked = set(tables["ranked_inputs"]["input"].astype(str)) if "ranked_inputs" in tables else set()
    return {
        name: Effect(" ".join(told.get(name, [_NONE_CLEAR])), sizes.get(name, 0.0))
        for name in sorted(ranked | told.keys())
    }


def why_unknown(tables: Tables) -> str:
    """Return why the effects of inputs are not known; empty where they are."""
    if "ranked_inputs" in tables:
        return ""
    notes = tables.get("sensitivity_notes")
    said = "" if notes is None or notes.empty else f": {notes['note'].iloc[0]}"
    return f"Not known{said}" if said else "Not known: the run has no sensitivity analysis."


def _rows(tables: Tables, name: str) -> Iterator[Any]:
    return iter(tables[name].itertuples()) if name in tables else iter(())


def _explained(tables: Tables, scenario: Scenario) -> Iterator[tuple[str, float, str]]:
    for row in _rows(tables, "ranked_inputs"):
        if bool(row.is_clear):
            share = FORMATS["percent"](float(row.index))
            pair = f"{_named(row.option, scenario)} or {_named(row.against, scenario)}"
            yield (
                str(row.input),
                float(row.index),
                f"Explains {share} of the uncertainty in which is better, {pair}.",
            )


def _alone(tables: Tables, scenario: Scenario) -> Iterator[tuple[str, float, str]]:
    for row in _rows(tables, "tornado"):
        low, high, central = (FORMATS["count"](float(x)) for x in (row.at_low, row.at_high, row.central))
        option, other = (_named(name, scenario) for name in (row.option, row.against))
        yield (
            str(row.input),
            0.0,
            f"Alone, from its 5th to its 95th percentile, it moves the further victims in need whom {option} "
            f"supports, compared with {other}, from {low} to {high} (middle: {central}).",
        )


def _switching(tables: Tables, scenario: Scenario) -> Iterator[tuple[str, str]]:
    units = dict(zip(tables["assumptions"]["input"], tables["assumptions"]["unit"], strict=True))
    for row in _rows(tables, "switching"):
        if bool(row.is_clear) and pd.notna(row.switches_at):
            style = INPUT_FORMATS.get(str(units.get(row.input)), "plain")
            at, chance = FORMATS[style](float(row.switches_at)), FORMATS["percent"](row.probability_past)
            option, other = (_named(name, scenario) for name in (row.option, row.against))
            yield (
                str(row.input),
                f"Only {row.better} {at} is {option} better than {other}; {chance} of draws are past it.",
            )


def _calibrated(tables: Tables) -> Iterator[tuple[str, str]]:
    for row in _rows(tables, "calibration_inputs"):
        if str(row.verdict) == "moved":
            shift = FORMATS["decimal1"](float(row.shift))
            yield str(row.input), f"Observed totals move it by {shift} standard deviations."


def _named(option: object, scenario: Scenario) -> str:
    return option_in_sentence(str(option), scenario)

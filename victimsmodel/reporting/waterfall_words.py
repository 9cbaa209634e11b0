"""Why options differ from business as usual, in words: a table that adds up, and a sentence."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from victimsmodel.appraisal.explain import END, START
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.lever_words import PART_TITLES, part_title
from victimsmodel.reporting.words import in_sentence, option_in_sentence, typeset

_TENS_FROM = 1_000  # victims from which numbers are rounded to tens


def readable_waterfall(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the parts of every option, one column each; numbers are rounded so that they still add up.

    Parameters
    ----------
    table : DataFrame
        From `explain_options`.
    scenario : Scenario
    """
    text: dict[str, pd.Series[str]] = {}
    parts = sorted(set(table.loc[table["kind"] == "part", "part"]), key=_place)
    for option, own in table.groupby("option", sort=False):
        by_part = own[own["kind"] == "part"].set_index("part")["value"]
        ends = [float(own.loc[own["kind"] == kind, "value"].iloc[0]) for kind in (START, END)]
        whole = adding_up(ends[0], by_part.to_numpy(), ends[1])
        shown = dict(zip(by_part.index, (_signed(x) for x in whole[1:-1]), strict=True))
        cells = [f"{whole[0]:,}", *(shown.get(part, "") for part in parts), f"{whole[-1]:,}"]
        text[scenario.options[str(option)].title] = pd.Series(cells)
    shown_table = pd.DataFrame(text)
    shown_table.index = pd.Index(["Business as usual", *map(part_title, parts), "The option"], name="Part")
    return shown_table


def _place(part: str) -> tuple[int, int]:
    """Return where a part stands on the pathway; several together after the first of them alone."""
    return list(PART_TITLES).index(part.split(" ")[0]), len(part)


def adding_up(start: float, parts: np.ndarray, end: float) -> list[int]:
    """Return start, parts and end rounded so that they add up: tens from a thousand victims on, else ones.

    Start and end are rounded as such; parts down, and those with the largest remainders up by one unit until
    the sum is right (largest remainder).
    """
    unit = 10 if max(abs(start), abs(end)) >= _TENS_FROM else 1
    first, last = (math.floor(x / unit + 0.5) for x in (start, end))
    if not len(parts):
        return [first * unit, last * unit]
    scaled = parts / unit
    rounded = np.floor(scaled)
    order = np.argsort(-(scaled - rounded), kind="stable")
    short = int(last - first - rounded.sum())
    for i in range(abs(short)):
        rounded[order[i % len(parts)] if short > 0 else order[-1 - i % len(parts)]] += np.sign(short)
    return [first * unit, *(int(x) * unit for x in rounded), last * unit]


def waterfall_sentences(table: pd.DataFrame, scenario: Scenario) -> list[str]:
    """Return which part matters most in the option that supports most, and what the numbers rest on."""
    own = widest(table)
    option = str(own["option"].iloc[0])
    parts = own[own["kind"] == "part"]
    n_draws = int(own["n_draws"].iloc[0])
    resting = "with every input at its median" if n_draws == 1 else f"over {n_draws} draws of the inputs"
    how = (
        f"Simulated with the staff there are, {resting}; a part's number is its mean over all orders in "
        "which the parts could be introduced, so that the parts add up to the difference exactly."
    )
    if not parts["value"].any():
        return ["No option changes how many victims in need are supported.", how]
    start, end = (float(own.loc[own["kind"] == kind, "value"].iloc[0]) for kind in (START, END))
    largest = int(parts["value"].abs().to_numpy().argmax())
    first, *rounded, last = adding_up(start, parts["value"].to_numpy(), end)
    text = (
        f"Of the options, {option_in_sentence(option, scenario)} changes most: {_signed(last - first)} "
        f"victims in need supported a year; the largest part is {_signed(rounded[largest])}, "
        f"“{in_sentence(part_title(str(parts['part'].iloc[largest])))}”."
    )
    return [typeset(text), how]


def widest(table: pd.DataFrame) -> pd.DataFrame:
    """Return, of the waterfalls of all options, that of the one which differs most from business as usual."""
    ends = table[table["kind"].isin([START, END])].pivot(index="option", columns="kind", values="value")
    return table[table["option"] == (ends[END] - ends[START]).abs().idxmax()]


def _signed(x: float) -> str:
    return f"{'+' if x > 0 else chr(0x2212) if x < 0 else ''}{abs(x):,.0f}"

"""Levers and parts of options in plain English: titles, one sentence each, a table to read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from victimsmodel.appraisal.levers import UNKNOWN
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.content.scale import certainty_over
from victimsmodel.reporting.formats import FORMATS, about, count, pounds_about, share
from victimsmodel.reporting.words import in_sentence, role_title, sentence_case

#: Draws from which a 5th and a 95th percentile can be told.
ENOUGH_DRAWS = 20

_NEAR_GBP = 25.0  # between the ends of an interval that no decision depends on (our judgement)
_FACTOR = 10.0  # between the ends of an interval from which a cost is not known well (our judgement)

#: Where a lever works.
LEAK_TITLES: Mapping[str, str] = {
    "referral": "Referral by the police",
    "details": "Contact details",
    "safe_contact": "Safe contact",
    "reach": "Reaching victims",
    "consent": "Consent",
    "need_recognised": "Recognising need",
    "acceptance": "Accepting support",
    "capacity": "Staff",
}

#: What an option changes, by the parts of `appraisal.parts`.
PART_TITLES: Mapping[str, str] = {
    "referral": "Who is referred",
    "screening": "Details and safety",
    "channels": "How well channels reach",
    "methods_enhanced": "Contact with enhanced victims",
    "methods_standard": "Contact with standard victims",
    "assessment": "Consent, assessment, support",
    "staff": "Staff and their order of work",
    "costs": "Prices and fixed costs",
    "methods_enhanced & methods_standard": "Contact with enhanced and with standard victims",
    "referral & screening": "Who is referred, their details and safety",
}


def part_title(part: str) -> str:
    """Return the title of a part of an option; of parts that only go together, that they do."""
    titles = [PART_TITLES.get(each, each) for each in part.split(" + ")]
    together = " (only together)" if len(titles) > 1 else ""
    return sentence_case(" and ".join([titles[0], *map(in_sentence, titles[1:])])) + together


def levers_sentence(table: pd.DataFrame, n_draws: int) -> str:
    """Return in one sentence which lever to pull first, and how sure that is.

    The chance is put into words as in the report, weakened as far as few draws leave it open.

    Parameters
    ----------
    table : DataFrame
        From `rank_levers`.
    n_draws : int
        Draws that it rests on.
    """
    first = table.iloc[0]
    gain = f"about {about(first['extra'])} more victims in need supported"
    ends = f"{about(first['low'])} to {about(first['high'])}"
    interval = f"90% interval {ends}" if n_draws >= ENOUGH_DRAWS else f"{ends} over {n_draws} draws only"
    among = f"Of {len(table)} levers “{first['title']}”" if len(table) > 1 else f"“{first['title']}”"
    if first["extra"] <= 0 or first["low"] <= 0:
        return f"No lever clearly supports more victims in need: {in_sentence(among)} adds most ({interval})."
    if n_draws < 2:
        return f"{among} adds most with every input at its median: {gain}."
    best = certainty_over(first["probability_best"], n_draws)
    sure = f"and is {best} to be the best first fix"
    if "unlikely" in best:
        sure = f"but is {best} to be the best first fix, as others come close"
    return f"{among} adds most on average, {sure}: {gain} ({interval})."


def ample_sentence(table: pd.DataFrame, scenario: Scenario) -> str:
    """Return what the levers would add if staff were ample, and what stands in the way."""
    top = table.loc[table["ample"].idxmax()]
    if top["ample"] <= 0:
        return "With ample staff no lever would add anything."
    text = f"With ample staff “{top['title']}” would add most, about {about(top['ample'])}"
    if top["bottleneck"] and top["ample"] > top["extra"]:
        role = in_sentence(role_title(top["bottleneck"], scenario))
        use = share(min(top["bottleneck_use"], 1.0))
        return f"{text}; with {role} {use} used, it adds about {about(top['extra'])}."
    return f"{text}."


def readable_levers(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the ranked levers as text.

    Parameters
    ----------
    table : DataFrame
        From `rank_levers`.
    scenario : Scenario
        Whose roles have titles.

    Returns
    -------
    DataFrame
        Columns Lever, Stage, Extra victims in need, Best in, With ample staff, Bottleneck, Cost
        per extra victim.
    """
    signed = FORMATS["count_signed"]
    rows = []
    for row in table.to_dict("records"):
        role = row["bottleneck"]
        rows.append(
            {
                "Lever": row["title"],
                "Stage": LEAK_TITLES[row["stage"]],
                "Extra victims in need": f"{signed(row['extra'])} ({_range(row, count, '')})",
                "Best in": f"{row['probability_best']:.0%} of draws",
                "With ample staff": signed(row["ample"]),
                "Bottleneck": role_title(role, scenario) if role else "none",
                "Cost per extra victim": cost_text(row),
            }
        )
    return pd.DataFrame(rows)


def cost_text(row: Mapping[str, Any]) -> str:
    """Return the cost per extra victim with its interval, or why there is none."""
    if row["remark"]:
        return "unknown" if row["remark"] == UNKNOWN else str(row["remark"])
    if not is_cost_known(row):
        return f"not known well: {_range(row, whole_pounds, 'cost_per_extra_')}"
    return f"{whole_pounds(row['cost_per_extra'])} ({_range(row, whole_pounds, 'cost_per_extra_')})"


def is_cost_known(row: Mapping[str, Any]) -> bool:
    """Say whether a cost per extra victim is known: its ends are near, or less than ten times apart."""
    low, high = row["cost_per_extra_low"], row["cost_per_extra_high"]
    return bool(high - low <= _NEAR_GBP or (low > 0 and high <= _FACTOR * low))


def whole_pounds(x: float) -> str:
    """Return money in prose without pence, which no estimate of this kind is worth."""
    sign = "\N{MINUS SIGN}" if round(x) < 0 else ""
    return pounds_about(x) if abs(x) >= _NEAR_GBP else f"{sign}£{abs(round(x))}"


def _range(row: Mapping[str, Any], style: Callable[[float], str], prefix: str) -> str:
    low, high = row[f"{prefix}low"], row[f"{prefix}high"]
    return f"{style(low)} to {'no limit' if math.isinf(high) else style(high)}"

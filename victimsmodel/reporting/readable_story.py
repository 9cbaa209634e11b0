"""What happened to one simulated victim, as people read it."""

from __future__ import annotations

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.text_table import TextTable
from victimsmodel.reporting.words import role_title, sentence_case


def readable_story(story: pd.DataFrame, scenario: Scenario) -> TextTable:
    """Return a story with dates, events and roles in words, and nothing where there is nothing to say.

    Where nobody came, one row says so.

    Parameters
    ----------
    story : DataFrame
        From `one_story`.
    scenario : Scenario
        Whose roles have titles.
    """
    if story.empty:
        return TextTable({"": ["No victim came in the simulated year that was looked at."]}, index=[""])
    when = pd.to_datetime(story["time"])
    columns = {
        "When": [f"{x.day} {x:%B %Y, %H:%M}" for x in when],
        "What": [sentence_case(str(event).replace("_", " ")) for event in story["event"]],
        "Channel": ["" if pd.isna(x) else sentence_case(str(x)) for x in story["channel"]],
        "By": ["" if pd.isna(x) else role_title(str(x), scenario) for x in story["role"]],
        "Minutes": [f"{x:.0f}" if x > 0 else "" for x in story["minutes"].fillna(0.0)],
    }
    return TextTable(columns, index=pd.RangeIndex(1, len(story) + 1))

"""What was changed for one run, in a sentence that stands under the title of everything it hands out."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.scenario_differences import input_differences
from victimsmodel.reporting.comparison_words import input_rows
from victimsmodel.reporting.words import in_sentence

#: So many changes are named; the others are counted.
_NAMED = 4
_IN_A_LABEL = 2


def changed_words(stated: Scenario, run: Scenario) -> str:
    """Return what a run's scenario has other than its file states; empty if its numbers are the same.

    Parameters
    ----------
    stated : Scenario
        As the file states it.
    run : Scenario
        As it was run.

    Examples
    --------
    ``Changed for this run: grant: £800,000 instead of £706,000.``
    """
    rows = _numbers(input_rows(input_differences(stated, run), stated, run))
    told = [f"{_title(row)}: {row['second_text']} instead of {row['first_text']}" for row in rows[:_NAMED]]
    if not told:
        return ""
    more = f"; and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return f"Changed for this run: {'; '.join(told)}{more}."


def side_titles(scenarios: tuple[Scenario, Scenario], inputs: pd.DataFrame) -> tuple[str, str]:
    """Return what two runs are called beside each other: by what differs, where their titles do not.

    Parameters
    ----------
    scenarios : pair of Scenario
    inputs : DataFrame
        From `input_rows`.
    """
    titles = (scenarios[0].title, scenarios[1].title)
    rows = _numbers(inputs)
    if titles[0] != titles[1] or not rows:
        return titles
    more = f" and {len(rows) - _IN_A_LABEL} more" if len(rows) > _IN_A_LABEL else ""
    sides = []
    for title, side in zip(titles, ("first", "second"), strict=True):
        told = "; ".join(f"{_title(row)} {row[f'{side}_text']}" for row in rows[:_IN_A_LABEL])
        sides.append(f"{title}, with {told}{more}")
    return sides[0], sides[1]


def _numbers(inputs: pd.DataFrame) -> list[Mapping[str, str]]:
    """Return the rows in which more than a source or a note differs."""
    return [
        {str(key): str(cell) for key, cell in row.items()}
        for row in inputs[inputs["kind"] != "source"].to_dict("records")
    ]


def _title(row: Mapping[str, str]) -> str:
    own = f" in “{row['belongs_to']}”" if row["belongs_to"] else ""
    return in_sentence(row["title"]).replace(": ", ", ") + own

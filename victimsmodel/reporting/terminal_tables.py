"""Runs and their differences as short tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.appraisal.outcomes import MEASURES
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.comparison_page import INPUT_PARTS, VERDICTS, number_words
from victimsmodel.reporting.index_page import RunRow

_MOST_LISTED = 12


def input_table(inputs: pd.DataFrame) -> pd.DataFrame:
    """Return the inputs that differ between two runs: what, in A and in B; the first of many.

    Parameters
    ----------
    inputs : DataFrame
        From `input_rows`.
    """
    kinds = [kind for kind, _ in INPUT_PARTS]
    own = inputs[inputs["kind"].isin(kinds)]
    own = own.sort_values("kind", key=lambda column: column.map(kinds.index), kind="stable")
    names = own["title"] + own["belongs_to"].map(lambda title: f", in “{title}”" if title else "")
    shown = pd.DataFrame({"Input": names, "A": own["first_text"], "B": own["second_text"]})
    if len(shown) <= _MOST_LISTED:
        return shown
    rest = {"Input": f"and {len(shown) - _MOST_LISTED} more, on the page", "A": "", "B": ""}
    return pd.concat([shown.head(_MOST_LISTED), pd.DataFrame([rest])])


def result_tables(results: pd.DataFrame, scenario: Scenario) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield title and table of what was achieved and what was paid, by option, in both runs.

    Parameters
    ----------
    results : DataFrame
        From `run_differences`.
    scenario : Scenario
        Of the first run.
    """
    for measure in (one for one in MEASURES if one.name in (EFFECT, "total_cost")):
        rows = []
        own = results[results["measure"] == measure.name].astype({"option": str})
        for row in ({str(k): v for k, v in each.items()} for each in own.to_dict("records")):
            number = {
                c: number_words(row, measure, c) for c in ("first", "second", "difference", "low", "high")
            }
            rows.append(
                {
                    "": scenario.options[str(row["option"])].title,
                    "A": number["first"],
                    "B": number["second"],
                    "B less A (90% interval)": (
                        f"{number['difference']} ({number['low']} to {number['high']})"
                    ),
                    "More than chance?": VERDICTS[str(row["verdict"])],
                }
            )
        yield measure.title, pd.DataFrame(rows)


def run_table(rows: Sequence[RunRow]) -> pd.DataFrame:
    """Return a row for each run: which, when, what it answers, and whether it is stale."""
    return pd.DataFrame(
        [
            {
                "Run": f"{row.scenario}-{row.run_id}" + (f", with {row.changed}" if row.changed else ""),
                "Made": f"{row.created[:16].replace('T', ' ')}, {row.profile}",
                "Best option": row.best + (f": {row.certainty}" if row.certainty else ""),
                "Stale": "; ".join(row.stale) or "no",
            }
            for row in rows
        ]
    )

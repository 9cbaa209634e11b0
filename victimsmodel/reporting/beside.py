"""The same results of several scenarios beside each other, for a notebook."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.readable import readable
from victimsmodel.reporting.text_table import TextTable

_SHOWN = ("option", "measure", "unit", "estimate", "low", "high")


def beside(comparisons: Mapping[str, pd.DataFrame], scenario: Scenario) -> TextTable:
    """Return the measures of every option, a column for each comparison.

    Parameters
    ----------
    comparisons : mapping of str to DataFrame
        From `compare_options`, by what the column is called; the first states the rows.
    scenario : Scenario
        Names the options.

    Returns
    -------
    TextTable
        Means, with their 90% interval where draws differ; a dash where a comparison lacks the row.
    """
    texts = {name: readable(table[[*_SHOWN]], scenario).iloc[:, 0] for name, table in comparisons.items()}
    rows = next(iter(texts.values())).index
    found = {name: text.reindex(rows).fillna("–") for name, text in texts.items()}
    return TextTable(pd.DataFrame(found, index=rows))

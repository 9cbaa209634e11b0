"""What is said where nobody comes: what is told of each victim does not exist."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

#: To begin a title or a sentence.
NOBODY_REFERRED = "Nobody is referred in any of the simulated years"
#: What that means for numbers that would be told of each victim, in a workbook.
BLANK_RATIOS = (
    f"{NOBODY_REFERRED}: shares of victims, waits and costs per victim do not exist then, and their cells "
    "are blank."
)


def refers_nobody(tables: Mapping[str, pd.DataFrame]) -> bool:
    """Say whether the tables of a run count nobody who is referred, under any option."""
    compared = tables["comparison"]
    referred = compared.loc[compared["measure"] == "referred", "estimate"]
    return bool(len(referred)) and not referred.any()

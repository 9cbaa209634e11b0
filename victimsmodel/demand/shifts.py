"""Quarters from which an area's counts of a crime type stand at another level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from victimsmodel.inputs.quality.breaks import find_level_shifts


def level_shifts(counts: pd.DataFrame, force: str) -> pd.DataFrame:
    """Return the level shifts of one force, beside what all forces share.

    Parameters
    ----------
    counts : DataFrame
        From `quarterly_counts`, of all forces of a file.
    force : str

    Returns
    -------
    DataFrame
        Columns crime_type, quarter (first of the new level), size (log ratio after to before), in the
        order of the quarters.
    """
    wide = counts.pivot(index="quarter", columns=["force", "crime_type"], values="offences")
    own = wide[force]
    logs = np.log(wide.where(wide > 0))
    common = pd.DataFrame({name: logs.xs(name, axis=1, level="crime_type").median(axis=1) for name in own})
    found = find_level_shifts(own, common if wide.columns.get_level_values("force").nunique() > 1 else None)
    found = found.rename(columns={"series": "crime_type"})[["crime_type", "quarter", "size"]]
    return found.sort_values(["quarter", "crime_type"], ignore_index=True)

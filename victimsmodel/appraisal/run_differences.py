"""Results of one run beside those of another: differences, their intervals and what chance may do."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.outcomes import Measure
from victimsmodel.inputs.quantities import TAIL

Verdict = Literal["identical", "clear", "on average", "within chance", "unknown"]

#: Shares of victims within the service standards, which runs are compared on beside `MEASURES`.
WAIT_MEASURES = (
    Measure("first_attempt_in_time", "First attempts within the standard", "share", "higher"),
    Measure("contact_in_time", "Contacts within the standard", "share", "higher"),
    Measure("support_in_time", "Starts of support within the standard", "share", "higher"),
)

_LEAST_DRAWS = 2
_ROUNDING = 1e-12  # probabilities of the same input and seed agree to the last digit


class Pairing(NamedTuple):
    """Whether the draws of two runs are the same states of the world, and if not, why."""

    is_paired: bool
    reason: str  # completes "the runs do not pair: ..."; empty if they do


class _Difference(NamedTuple):
    difference: float
    low: float
    high: float
    probability_higher: float
    standard_error: float
    verdict: Verdict


def pairing(first: pd.DataFrame, second: pd.DataFrame) -> Pairing:
    """Return whether two runs met the same states of the world, draw by draw.

    They did if every uncertain input that both have was drawn at the same quantile in every draw:
    the same seed, the same number of draws, and the same calibration. Ranges may differ: the draw in
    which an input is at its 30th percentile is the same state of belief in both.

    Parameters
    ----------
    first, second : DataFrame
        Tables ``inputs`` of two runs: draw, input, probability.
    """
    points = [
        table.astype({"input": str}).pivot(index="draw", columns="input", values="probability")
        for table in (first, second)
    ]
    if not points[0].index.equals(points[1].index):
        return Pairing(False, f"one has {len(points[0])} draws, the other {len(points[1])}")
    shared = points[0].columns.intersection(points[1].columns)
    gap = (points[0][shared] - points[1][shared]).abs().to_numpy()
    moved = int((gap > _ROUNDING).any(axis=0).sum())
    if moved:
        what = f"{moved} of {len(shared)} uncertain inputs" if moved < len(shared) else "the uncertain inputs"
        return Pairing(False, f"{what} were drawn at other points (another seed or calibration)")
    return Pairing(True, "")


def waits_by_draw(waits: pd.DataFrame) -> pd.DataFrame:
    """Return the share of victims within each standard, replications averaged.

    Parameters
    ----------
    waits : DataFrame
        As of `records`: option, draw, replication, priority, wait, within_standard.

    Returns
    -------
    DataFrame
        Index option, draw; one column each of `WAIT_MEASURES`.
    """
    every = waits[waits["priority"].astype(str) == "all"].astype({"option": str, "wait": str})
    wide = every.pivot_table("within_standard", ["option", "draw"], "wait", observed=True)
    wide.columns = [f"{name}_in_time" for name in wide.columns]
    return wide


def run_differences(first: pd.DataFrame, second: pd.DataFrame, is_paired: bool) -> pd.DataFrame:
    """Return how every measure of every option that both runs have differs between them.

    Where the draws pair, the interval is that of the differences within draws: nine of ten states of
    the world lie in it. Where they do not, only the two averages can be compared, and the interval is
    Welch's for the difference of two means: it covers the chance of the draws, and no doubt about the
    inputs.

    Parameters
    ----------
    first, second : DataFrame
        Index option, draw; a column for each measure.
    is_paired : bool
        From `pairing`.

    Returns
    -------
    DataFrame
        Columns option, measure, first, second, difference (second less first), low, high (90 %
        interval), interval (``paired`` or ``unpaired``), probability_higher (share of draws in which
        the second is higher, ties halved; missing where unpaired), standard_error, verdict: ``identical``;
        ``clear``, the whole interval and the average lie on one side; ``on average``, the average
        differs by more than chance, but not in every state of the world; ``within chance``;
        ``unknown``, where too few draws have the measure.

    References
    ----------
    Welch (1947), Biometrika 34, 28-35.
    """
    options = [name for name in _options(first) if name in _options(second)]
    measures = [name for name in first.columns if name in second.columns]
    rows = []
    for option in options:
        ours, theirs = first.xs(option, level="option"), second.xs(option, level="option")
        for measure in measures:
            found = (
                _paired(theirs[measure] - ours[measure])
                if is_paired
                else _unpaired(ours[measure].dropna().to_numpy(), theirs[measure].dropna().to_numpy())
            )
            rows.append(
                {
                    "option": option,
                    "measure": measure,
                    "first": ours[measure].mean(),
                    "second": theirs[measure].mean(),
                    **found._asdict(),
                    "interval": "paired" if is_paired else "unpaired",
                }
            )
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = ["option", "measure", "first", "second", *_Difference._fields[:3], "interval"]
_COLUMNS += _Difference._fields[3:]


def _options(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table.index.get_level_values("option").astype(str)))


def _paired(gaps: pd.Series) -> _Difference:
    known = gaps.dropna().to_numpy(dtype=np.float64)
    if known.size < _LEAST_DRAWS:
        return _unknown(known.mean() if known.size else np.nan)
    if not known.any():
        return _Difference(0.0, 0.0, 0.0, 0.5, 0.0, "identical")
    low, high = np.quantile(known, (TAIL, 1 - TAIL))
    error = known.std(ddof=1) / np.sqrt(known.size)
    is_real = abs(known.mean()) > _quantile(known.size - 1) * error
    is_one_sided = low > 0 or high < 0
    verdict: Verdict = ("clear" if is_one_sided else "on average") if is_real else "within chance"
    higher = float((known > 0).mean() + (known == 0).mean() / 2)
    return _Difference(known.mean(), low, high, higher, error, verdict)


def _unpaired(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> _Difference:
    if min(ours.size, theirs.size) < _LEAST_DRAWS:
        return _unknown(theirs.mean() - ours.mean() if min(ours.size, theirs.size) else np.nan)
    parts = np.array([each.var(ddof=1) / each.size for each in (ours, theirs)])
    gap, error = theirs.mean() - ours.mean(), np.sqrt(parts.sum())
    if error == 0:
        return _Difference(gap, gap, gap, np.nan, 0.0, "on average" if gap else "within chance")
    freedom = parts.sum() ** 2 / (parts**2 / (np.array([ours.size, theirs.size]) - 1)).sum()  # Welch, eq. 28
    half = _quantile(freedom) * error
    verdict: Verdict = "on average" if abs(gap) > half else "within chance"
    return _Difference(gap, gap - half, gap + half, np.nan, error, verdict)


def _unknown(gap: float) -> _Difference:
    return _Difference(float(gap), np.nan, np.nan, np.nan, np.nan, "unknown")


def _quantile(freedom: float) -> float:
    """Return the 95th percentile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - TAIL))

"""Estimates from a contact log as they may leave: counts and plain shares through the door."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.disclosure.observed_counts import ObservedCounts, Rate
from victimsmodel.disclosure.release import release
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.pathway.log_shares import share_row

if TYPE_CHECKING:
    from victimsmodel.pathway.attrition import AttritionEstimates

_RATES = (Rate("naive", "reached", "n_attempts"),)
_STATED = ["value", "se", "low", "high", "low_95", "high_95"]


class ReleasedAttrition(NamedTuple):
    """What may be shown of a contact log: tables as of `AttritionEstimates`, NA where a count is hidden."""

    table: pd.DataFrame
    by_attempt: pd.DataFrame
    replies: pd.DataFrame  # channel, days, replies


def released_attrition(
    found: AttritionEstimates,
    rule: DisclosureRule | None = None,
    *,
    ledger: str | Path | None = None,
    name: str = "",
) -> ReleasedAttrition:
    """Return estimates from a contact log that may be shown.

    Plain shares are those of rounded counts, and none where a count is small. Estimates that are shares
    themselves are made from the rounded counts again; where one is small, the range is that of the
    estimates which the hidden count allows. Estimates of the contact model stay: they are statistics.

    Parameters, errors : as of `release`.
    """
    used = rule or DisclosureRule()
    rows = found.table.exact().copy()
    is_counted = (rows["unit"] == "probability").to_numpy()
    shares = _released(found, rows[is_counted], ("name",), used, (ledger, f"{name} estimates".strip()))
    table = rows.astype(dict.fromkeys(("naive", "n_victims", "n_attempts"), "Float64"))
    table.loc[~is_counted, "naive"] = rows.loc[~is_counted, "naive"].where(
        rows.loc[~is_counted, "n_attempts"] >= used.smallest_shown
    )
    for column in ("n_victims", "n_attempts"):
        shown = [pd.NA if used.is_unsafe(n) else used.rounded(n) for n in rows[column]]
        table[column] = pd.array(shown, dtype="Int64")
    for i, own in zip(np.flatnonzero(is_counted), shares.itertuples(), strict=True):
        place = table.index[i]
        table.loc[place, ["naive", "n_attempts"]] = [own.naive, own.n_attempts]
        if rows["is_share"].iloc[i]:
            table.loc[place, _STATED] = _share(own, used)
    steps = found.reach.by_attempt.exact()
    by_attempt = _released(found, steps, ("channel", "attempt"), used, (ledger, f"{name} by attempt".strip()))
    is_hidden = by_attempt["naive"].isna().to_numpy()
    by_attempt.loc[is_hidden, [c for c in ("reach", *_STATED) if c in by_attempt]] = np.nan
    return ReleasedAttrition(table, by_attempt, _replies(found, used))


def _released(
    found: AttritionEstimates,
    rows: pd.DataFrame,
    dimensions: tuple[str, ...],
    rule: DisclosureRule,
    noted: tuple[str | Path | None, str],
) -> pd.DataFrame:
    """Return rows with the share reached of rounded counts."""
    exact = rows.drop(columns="n_victims").assign(reached=(rows["naive"] * rows["n_attempts"]).round())
    counts = ObservedCounts(
        about=found.source, data=found.data, exact=exact, dimensions=dimensions,
        counts=("reached", "n_attempts"), rates=_RATES,
    )  # fmt: skip
    return release(counts, rule, ledger=noted[0], name=noted[1])


def _share(own: Any, rule: DisclosureRule) -> list[float]:
    """Return the numbers of a share of rounded counts, or the ends of all that a hidden one can be."""
    if pd.isna(own.n_attempts):
        return [np.nan] * len(_STATED)
    n, most = int(own.n_attempts), rule.smallest_shown - 1
    if not pd.isna(own.reached):
        row = share_row("", min(int(own.reached), n), n, False)
        return [getattr(row, column) for column in _STATED]
    ends = (1, min(most, n)) if own.value < 1 / 2 else (max(n - most, 0), n - 1)
    low, high = (share_row("", events, n, False) for events in ends)
    return [np.nan, np.nan, low.low, high.high, low.low_95, high.high_95]


def _replies(found: AttritionEstimates, rule: DisclosureRule) -> pd.DataFrame:
    exact = found.replies.exact()[["channel", "days", "replies"]]
    counts = ObservedCounts(
        about=found.source, data=found.data, exact=exact, dimensions=("channel", "days"), counts=("replies",)
    )
    return release(counts, rule) if len(exact) else exact

"""A monitoring return as it may leave: counts hidden or rounded, and all that is said of them with it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from victimsmodel.disclosure.observed_counts import ObservedCounts, content_hash
from victimsmodel.disclosure.release import MARK, release
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.returns.chain import CHAIN
from victimsmodel.inputs.returns.load import Returns

#: Findings whose sentences state counts; those of others state periods, ratios and names.
_COUNTING = frozenset({"totals_differ", "not_cumulative", "impossible_transition", "repeated_value"})
_COUNT = re.compile(r"(?<![\w/.,-])\d[\d,]*(?![\w/%-]|[.,]\d)")


def observed_returns(returns: Returns) -> ObservedCounts:
    """Return the counts of a return by period, a column for each stage, as the door takes them."""
    exact = pd.DataFrame(returns.counts)
    stages = tuple(dict.fromkeys(exact["stage"]))
    wide = exact.pivot(index="period", columns="stage", values="value")[list(stages)]
    units = dict(zip(exact["stage"], exact["unit"], strict=True))
    along = [stage for stage in CHAIN if stage in stages]
    parts = tuple((later, earlier) for earlier, later in pairwise(along) if units[earlier] == units[later])
    return ObservedCounts(
        about=Path(returns.source).name,
        data=_data_of(exact),
        exact=wide.reindex(list(dict.fromkeys(exact["period"]))).reset_index(),
        dimensions=("period",),
        counts=stages,
        parts=parts,
    )


def _data_of(counts: pd.DataFrame) -> str:
    """Return the hash of the counts themselves: the same under another file name and in another order."""
    rows = zip(counts["period"], counts["stage"], counts["value"], strict=True)
    return content_hash(*sorted("|".join(map(str, row)).encode() for row in rows))


def released_returns(
    returns: Returns,
    rule: DisclosureRule | None = None,
    *,
    ledger: str | Path | None = None,
    name: str = "",
) -> Returns:
    """Return a return that may be shown: small counts hidden, others rounded, shares and words from these.

    Parameters, errors : as of `release`.
    """
    used = rule or DisclosureRule()
    shown = release(observed_returns(returns), used, ledger=ledger, name=name).set_index("period")
    table = pd.DataFrame(returns.counts).copy()
    was_known = table["value"].notna()
    numbers = np.array(
        [
            np.nan if pd.isna(shown.at[p, s]) else float(shown.at[p, s])
            for p, s in zip(table["period"], table["stage"], strict=True)
        ]
    )
    is_hidden = was_known & np.isnan(numbers)
    is_small = table["value"].between(1, used.smallest_shown - 1)
    ends = (1.0, used.smallest_shown - 1.0) if (is_hidden <= is_small).all() else (0.0, np.inf)
    table.loc[was_known, "low"] = table.loc[was_known, "high"] = table.loc[was_known, "value"] = numbers[
        was_known
    ]
    table.loc[is_hidden, ["low", "high"]] = ends
    table.loc[is_hidden, "state"] = "suppressed"
    return returns._replace(counts=table, findings=_released_findings(returns.findings, used))


def _released_findings(findings: pd.DataFrame, rule: DisclosureRule) -> pd.DataFrame:
    """Return findings whose sentences state counts as they may be shown, and sizes to two digits."""
    table = findings.copy()
    counts = table["check"].isin(_COUNTING)
    table.loc[counts, "detail"] = [shown_words(text, rule) for text in table.loc[counts, "detail"]]
    table.loc[counts, "size"] = np.nan
    table["size"] = [x if np.isnan(x) or x == round(x) else float(f"{x:.2g}") for x in table["size"]]
    return table


def shown_words(text: str, rule: DisclosureRule) -> str:
    """Return a sentence with its counts hidden or rounded; years, quarters and percentages stay."""

    def shown(match: re.Match[str]) -> str:
        number = int(match[0].replace(",", ""))
        return MARK if rule.is_unsafe(number) else f"{rule.rounded(number):,}"

    return _COUNT.sub(shown, text)


def is_released(returns: Returns) -> bool:
    """Whether a return has been through the door."""
    return not isinstance(returns.counts, PeopleTable)

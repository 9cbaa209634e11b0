"""What partners and victims say: shares of answers with intervals, small numbers hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.monitoring.counted import Floats, require_columns
from victimsmodel.monitoring.outcomes import wilson
from victimsmodel.monitoring.suppression import Hidden, Suppression, hidden_answers

_WHERE = "survey"
_LEVEL = 0.95
_TWO_SIDED_95 = 1.959964


class Feedback(NamedTuple):
    """A survey as tables; what is hidden is NaN."""

    #: item, answer, position, count, share, low, high (Wilson), joint_low, joint_high (Goodman).
    answers: pd.DataFrame
    #: item, base, base_words, favourable (with _low, _high), net_score (with _low, _high), words.
    items: pd.DataFrame


def summarise_feedback(counts: pd.DataFrame, suppression: Suppression | None = None) -> Feedback:
    """Return shares of answers, with net scores, of items that share one scale.

    Parameters
    ----------
    counts : DataFrame
        Columns item, answer, position, count, as from `load_survey`.
    suppression : Suppression, optional
        Counts 1 to 7 hidden and items with fewer than 20 answers left out by default.

    Returns
    -------
    Feedback
        Shares are of those who gave an answer on the scale. ``low`` and ``high`` are 95 % for one share;
        ``joint_low`` and ``joint_high`` hold all shares of an item at once. The net score is the share
        above the middle of the scale minus the share below it.

    Raises
    ------
    InputError
        For counts that cannot be (VM155) and items with different scales (VM164).

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, 209-212. Goodman (1965), On
    simultaneous confidence intervals for multinomial proportions, Technometrics 7, 247-254: a share's
    limits depend on its own count and the total only, so that they give away no hidden count.
    """
    require_columns(counts, ("item", "answer", "position", "count"), _WHERE)
    _refuse_other_scales(counts)
    rule = suppression or Suppression()
    answers, items = [], []
    for item, own in counts.groupby("item", sort=False):
        ordered = own.sort_values("position")
        numbers = ordered["count"].to_numpy(np.int64)
        hidden = hidden_answers(numbers, rule)
        answers.append(_answers(ordered[["item", "answer", "position"]], numbers, hidden.cells))
        items.append(_item(str(item), numbers, hidden, rule))
    return Feedback(pd.concat(answers, ignore_index=True), pd.DataFrame(items))


def _refuse_other_scales(counts: pd.DataFrame) -> None:
    """Refuse counts that cannot be, and answers that are not the same for every item."""
    numbers = pd.to_numeric(counts["count"], errors="coerce").to_numpy(np.float64)
    if not (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
        raise input_error(_WHERE, "must be whole numbers of at least 0", "VM155", field="count")
    scales = {
        str(item): tuple(own.sort_values("position")["answer"].astype(str))
        for item, own in counts.groupby("item", sort=False)
    }
    if not scales:
        raise input_error(_WHERE, "holds no items", "VM155")
    first, scale = next(iter(scales.items()))
    other = {item: own for item, own in scales.items() if own != scale}
    if other:
        allowed = f"has another scale ({{}}) than {first} ({', '.join(scale)})"
        raise InputError(
            Problem(_WHERE, item, "", allowed.format(", ".join(own)), "VM164", "Summarise them apart.")
            for item, own in other.items()
        )


def _answers(table: pd.DataFrame, numbers: NDArray[np.int64], hidden: NDArray[np.bool_]) -> pd.DataFrame:
    from statsmodels.stats.proportion import multinomial_proportions_confint

    total = int(numbers.sum())
    found: dict[str, Floats] = {"count": numbers.astype(np.float64), "share": numbers / max(total, 1)}
    found["low"], found["high"] = wilson(numbers, np.full(len(numbers), total), _LEVEL)
    if total:
        joint = np.clip(multinomial_proportions_confint(numbers, 1 - _LEVEL, method="goodman"), 0, 1)
        found["joint_low"], found["joint_high"] = joint[:, 0], joint[:, 1]
    else:
        found["joint_low"], found["joint_high"] = found["low"], found["high"]
    return table.assign(**{name: np.where(hidden, np.nan, x) for name, x in found.items()})


def _item(item: str, numbers: NDArray[np.int64], hidden: Hidden, rule: Suppression) -> dict[str, Any]:
    """Return base, favourable share and net score, unless they would give away a hidden count."""
    total = int(numbers.sum())
    place = np.arange(len(numbers)) - (len(numbers) - 1) / 2
    up, down = int(numbers[place > 0].sum()), int(numbers[place < 0].sum())
    row: dict[str, Any] = {"item": item, "base": np.nan, "base_words": f"under {rule.fewest_shown}"}
    if hidden.is_total_shown:
        row |= {"base": float(total), "base_words": str(total)}
    favourable = net_score = (np.nan, np.nan, np.nan)
    if hidden.is_high_shown:
        low, high = wilson(up, total, _LEVEL)
        favourable = (up / total, float(low), float(high))
        if hidden.is_low_shown:
            net_score = _net_score(up / total, down / total, total)
    for name, ends in (("favourable", favourable), ("net_score", net_score)):
        row |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
    return {**row, "words": _words(row)}


def _net_score(up: float, down: float, total: int) -> tuple[float, float, float]:
    """Return the difference of two shares of one whole, with its normal interval."""
    net = up - down
    reach = _TWO_SIDED_95 * float(np.sqrt(max(up + down - net**2, 0.0) / total))
    return net, max(net - reach, -1.0), min(net + reach, 1.0)


def _words(row: Mapping[str, Any]) -> str:
    if np.isnan(row["base"]):
        return f"{row['item']}: not shown, {row['base_words']} answers."
    text = f"{row['item']}: {row['base_words']} answers"
    if np.isnan(row["favourable"]):
        return f"{text}; the favourable share is hidden, numbers are small."
    share, low, high = (100 * row[name] for name in ("favourable", "favourable_low", "favourable_high"))
    text += f", {share:.0f}% favourable (95% interval {low:.0f}% to {high:.0f}%)"
    return f"{text}." if np.isnan(row["net_score"]) else f"{text}, net score {100 * row['net_score']:+.0f}."

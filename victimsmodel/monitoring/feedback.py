"""What partners and victims say: shares of answers with intervals, small numbers hidden."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.monitoring.counted import Floats, require_columns
from victimsmodel.monitoring.outcomes import wilson
from victimsmodel.monitoring.suppression import Suppression, hidden_cells

_WHERE = "survey"
_LEVEL = 0.95


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
    scale = _one_scale(counts)
    rule = suppression or Suppression()
    answers, items = [], []
    for item, own in counts.groupby("item", sort=False):
        ordered = own.sort_values("position")
        numbers = ordered["count"].to_numpy(np.int64)
        hidden = hidden_cells(numbers, rule)
        answers.append(_answers(ordered[["item", "answer", "position"]], numbers, hidden))
        items.append(_item(str(item), numbers, hidden, scale, rule))
    return Feedback(pd.concat(answers, ignore_index=True), pd.DataFrame(items))


def _one_scale(counts: pd.DataFrame) -> tuple[str, ...]:
    """Return the answers in order, which must be the same for every item."""
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
    return scale


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


def _item(
    item: str,
    numbers: NDArray[np.int64],
    hidden: NDArray[np.bool_],
    scale: tuple[str, ...],
    rule: Suppression,
) -> dict[str, float | str]:
    """Return base, favourable share and net score, unless they would give away a hidden count."""
    total = int(numbers.sum())
    place = np.arange(len(scale)) - (len(scale) - 1) / 2
    sides = [hidden[place > 0].any(), hidden[place < 0].any(), hidden[place == 0].any()]
    # sums over a side are safe only if what is hidden lies wholly inside that side, or there is nothing
    is_base_shown = total >= rule.fewest_shown
    is_shown = is_base_shown and sum(bool(side) for side in sides) <= 1
    up, down = int(numbers[place > 0].sum()), int(numbers[place < 0].sum())
    row: dict[str, float | str] = {
        "item": item,
        "base": float(total) if is_base_shown else np.nan,
        "base_words": str(total)
        if is_base_shown
        else f"under {max(rule.smallest_base, rule.largest_hidden + 1)}",
    }
    names = (
        "favourable",
        "favourable_low",
        "favourable_high",
        "net_score",
        "net_score_low",
        "net_score_high",
    )
    if not is_shown:
        return {**row, **dict.fromkeys(names, np.nan), "words": _hidden_words(item, row, is_base_shown)}
    low, high = wilson(up, total, _LEVEL)
    net = (up - down) / total
    reach = 1.959964 * float(np.sqrt(max((up + down) / total - net**2, 0.0) / total))
    ends = (up / total, float(low), float(high), net, max(net - reach, -1.0), min(net + reach, 1.0))
    words = (
        f"{item}: {100 * up / total:.0f}% of {total} favourable (95% interval {100 * float(low):.0f}% to"
        f" {100 * float(high):.0f}%), net score {100 * net:+.0f}."
    )
    return {**row, **dict(zip(names, ends, strict=True)), "words": words}


def _hidden_words(item: str, row: dict[str, float | str], is_base_shown: bool) -> str:
    if not is_base_shown:
        return f"{item}: not shown, {row['base_words']} answers."
    return f"{item}: {row['base_words']} answers; shares above and below the middle are hidden, numbers are small."

"""A calibration as people read it: two tables and what they mean in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.calibrate import Calibration
from victimsmodel.pathway.calibration_tables import HARDLY, MOVED, NARROWED, UNTOUCHED
from victimsmodel.pathway.observing import linked, unlinked
from victimsmodel.reporting import formats
from victimsmodel.reporting.words import in_sentence, input_title, typeset

#: Below this predictive probability an observed total and what was predicted are in conflict.
CONFLICT = 0.05

_SHARES = ("probability", "correlation")
_MOST_NAMED = 5


def input_value(x: float, unit: str) -> str:
    """Return a number of an input in its unit's format."""
    if unit in _SHARES:
        return formats.share1(x) if unit == "probability" else formats.decimal2(x)
    return formats.count(x) if unit.startswith("victims") or unit.startswith("GBP") else formats.plain(x)


def calibrated_inputs(inputs: pd.DataFrame, scenario: Scenario, most: int = 12) -> pd.DataFrame:
    """Return the inputs that the totals informed most, as text; their titles are the index.

    Parameters
    ----------
    inputs : DataFrame
        `Calibration.inputs`.
    scenario : Scenario
    most : int
        Rows at most.
    """
    table = inputs[inputs["verdict"] != UNTOUCHED].head(most)
    rows = []
    for row in table.itertuples():
        show = [
            [input_value(getattr(row, f"{of}_{name}"), row.unit) for name in ("median", "low", "high")]
            for of in ("prior", "posterior")
        ]
        rows.append(
            {
                "Stated": f"{show[0][0]} ({show[0][1]} to {show[0][2]})",
                "Calibrated": f"{show[1][0]} ({show[1][1]} to {show[1][2]})",
                "Shift, prior sd": f"{row.shift:+.2f}".replace("-", "\N{MINUS SIGN}"),
                "Change of sd": f"{round(100 * (row.sd_ratio - 1)):+d}%".replace("-", "\N{MINUS SIGN}"),
                "": row.verdict,
            }
        )
    return pd.DataFrame(rows, index=[input_title(name, scenario) for name in table["input"]])


def calibrated_fit(fit: pd.DataFrame) -> pd.DataFrame:
    """Return observed totals beside prior and posterior predictions, as text.

    Parameters
    ----------
    fit : DataFrame
        `Calibration.fit`.
    """
    rows = []
    for row in fit.itertuples():
        show = formats.share1 if row.is_share else formats.count
        rows.append(
            {
                title: f"{show(mid)} ({show(low)} to {show(high)})"
                for title, mid, low, high in (
                    ("Observed", row.observed, row.observed_low, row.observed_high),
                    ("Foretold by the stated inputs", row.prior_median, row.prior_low, row.prior_high),
                    ("Calibrated", row.posterior_median, row.posterior_low, row.posterior_high),
                )
            }
        )
    return pd.DataFrame(rows, index=[_named(label) for label in fit["observation"]])


def calibration_findings(found: Calibration) -> list[str]:
    """Return what a calibration found, in sentences: how well, what moved, what did not, conflicts."""
    return [
        typeset(text) for part in (_effort, _capacity, _conflicts, _moved, _untouched) for text in part(found)
    ]


def _effort(found: Calibration) -> Iterator[str]:
    n, draws = formats.count(found.weights.effective), formats.count(found.bank.scores.shape[0])
    rounds = len(found.bank.sizes)
    yield (
        f"Calibrated to {_some(len(found.observed), 'observed total')}: {draws} draws in "
        f"{_some(rounds, 'round')} are worth {n} independent draws of the posterior."
    )
    if not found.is_enough:
        yield (
            "That is too few to rely on intervals: the totals say more than the sampling can follow, or "
            "contradict each other and what was stated. Take more draws, or look at the conflicts first."
        )


def _capacity(found: Calibration) -> Iterator[str]:
    if found.correction is None:
        yield (
            "The exact engine lets nobody wait, and no correction was made for the queues of the stated "
            "staff: whatever queues cost is put down to the inputs."
        )
        return
    first = found.bank.sizes[0]
    ample = np.median(found.bank.found.totals[:first], axis=0)
    links = linked(found.observed, found.totals[:first])
    stated = unlinked(found.observed, np.median(links, axis=0)[None])[0]
    most = int(np.argmax(np.abs(np.log(stated / ample))))
    row = found.observed[most]
    show = formats.share1 if row.is_share else formats.count
    yield (
        "Queues of the stated staff are taken into account, learnt from "
        f"{found.correction.n_years} simulated years: before calibration they take {row.label} from "
        f"{show(ample[most])} with ample staff to {show(stated[most])}. "
        "The totals are taken for those of a service staffed as the scenario states."
    )


def _conflicts(found: Calibration) -> Iterator[str]:
    """Say where prior and data, or data and data, disagree."""
    table = found.fit
    count = 0
    for row in table.itertuples():
        show = formats.share1 if row.is_share else formats.count
        if row.prior_p < CONFLICT:
            count += 1
            yield (
                f"Conflict: {row.observation} was {show(row.observed)}, and the stated inputs foretell "
                f"{show(row.prior_low)} to {show(row.prior_high)}; data so far off come "
                f"{_chance(row.prior_p)}. "
                "Look at the figure, its definition and the estimates before using either."
            )
        if row.posterior_p < CONFLICT:
            count += 1
            yield (
                f"{_named(row.observation)} cannot be reproduced together with the other totals: "
                f"{show(row.observed)} against {show(row.posterior_low)} to {show(row.posterior_high)} "
                "after calibration."
            )
    joint = float(table["joint_p"].iloc[0])
    if joint < CONFLICT and not count:
        count += 1
        yield f"Conflict: each total is credible by itself; all together come {_chance(joint)}."
    for row in found.inputs[found.inputs["is_beyond"]].itertuples():
        count += 1
        title = input_title(row.input, found.predictor.scenario)
        ends = " to ".join(input_value(x, row.unit) for x in (row.prior_low, row.prior_high))
        yield (
            f"{title}: the calibrated median {input_value(row.posterior_median, row.unit)} lies outside "
            f"the stated 90 % interval, {ends}."
        )
    if not count:
        yield (
            "No conflict between what was stated and what was observed (predictive probability of all totals "
            f"together {formats.decimal2(joint)}, of the least likely one "
            f"{formats.decimal2(float(table['prior_p'].min()))}; below {CONFLICT} would be a conflict)."
        )


def _moved(found: Calibration) -> Iterator[str]:
    table, scenario = found.inputs, found.predictor.scenario
    moved = table[table["verdict"] == MOVED]
    parts = [
        f"{in_sentence(input_title(row.input, scenario))} from {input_value(row.prior_median, row.unit)} to "
        f"{input_value(row.posterior_median, row.unit)} ({row.shift:+.1f})".replace("-", "\N{MINUS SIGN}")
        for row in moved.head(_MOST_NAMED).itertuples()
    ]
    if parts:
        more = f"; and {len(moved) - _MOST_NAMED} more" if len(moved) > _MOST_NAMED else ""
        yield (
            f"{_some(len(moved), 'input')} moved; most, with the shift in prior standard deviations: "
            f"{'; '.join(parts)}{more}."
        )
    narrowed = table[table["verdict"] == NARROWED]
    if len(narrowed):
        names = "; ".join(
            in_sentence(input_title(name, scenario)) for name in narrowed["input"].head(_MOST_NAMED)
        )
        yield f"{_some(len(narrowed), 'input')} became more certain without moving: {names}."


def _untouched(found: Calibration) -> Iterator[str]:
    verdicts = found.inputs["verdict"].value_counts()
    hardly, untouched = int(verdicts.get(HARDLY, 0)), int(verdicts.get(UNTOUCHED, 0))
    yield (
        f"Of {len(found.inputs)} uncertain inputs, {untouched} have no bearing on the totals and stay as "
        f"stated; {hardly} more bear on them and hardly changed: only evidence of their own would tell more."
    )


def _chance(p: float) -> str:
    return "less than once in a thousand times" if p < 0.001 else f"about {1000 * p:.0f} times in a thousand"


def _named(label: str) -> str:
    return label[:1].upper() + label[1:]


def _some(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"

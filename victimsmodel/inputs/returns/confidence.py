"""How sure it is what each label of a return means: its words, and whether the numbers bear them out."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from victimsmodel.inputs.returns.arithmetic import order_of, parts_of
from victimsmodel.inputs.returns.chain import CHAIN
from victimsmodel.inputs.returns.labels import Reading, read_label
from victimsmodel.inputs.returns.layout import Layout
from victimsmodel.inputs.returns.mapping import THRESHOLD
from victimsmodel.inputs.returns.periods import Span
from victimsmodel.inputs.returns.resolved import Resolved
from victimsmodel.inputs.returns.values import Value, is_share, value_of

_AGREES, _CONTRADICTS = (
    0.3,
    0.6,
)  # share of the doubt that numbers take away; what they leave of the confidence
_MOST_BROKEN = 0.2  # of the periods: more than that contradicts


class Guess(NamedTuple):
    """What is thought of a label."""

    stage: str
    confidence: float
    reasons: tuple[str, ...]
    part: bool = False


def counts_by_label(resolved: list[Resolved]) -> dict[str, dict[Span, float]]:
    """Return the counts of each label by period, groups added; what is no count is left out."""
    cells: dict[tuple[str, Span], list[tuple[bool, Value]]] = defaultdict(list)
    for item in resolved:
        if item.span is None or item.total:
            continue
        try:
            value = value_of(item.cell.text, None)
        except ValueError:
            continue
        cells[item.cell.label, item.span].append((item.cell.is_whole, value))
    series: dict[str, dict[Span, float]] = defaultdict(dict)
    for (label, span), found in cells.items():
        whole = [value for is_whole, value in found if is_whole] or [value for _, value in found]
        total = sum(value.value for value in whole)
        if not np.isnan(total):
            series[label][span] = total
    return series


def guesses_of(layout: Layout, series: dict[str, dict[Span, float]]) -> dict[str, Guess]:
    """Say of each label which stage it means and how sure that is."""
    labels = list(dict.fromkeys(cell.label for cell in layout.cells))
    shares = {
        label: [is_share(cell.text) for cell in layout.cells if cell.label == label and cell.text]
        for label in labels
    }
    guesses = {}
    for label in labels:
        reading = read_label(label)
        if shares[label] and sum(shares[label]) * 2 > len(shares[label]):
            reading = Reading("", 0.0, "", "unstated", "its cells are percentages or have decimals", False)
        guesses[label] = Guess(reading.stage, reading.firmness, (reading.reason,))
    guesses = _with_order(guesses, series)
    return _one_label_a_stage(guesses, series)


def _with_order(guesses: dict[str, Guess], series: dict[str, dict[Span, float]]) -> dict[str, Guess]:
    """Raise or lower the confidence by whether counts shrink from stage to stage."""
    firm = [label for label, guess in guesses.items() if guess.stage in CHAIN and guess.confidence >= 0.5]
    result = dict(guesses)
    for label, guess in guesses.items():
        if guess.stage not in CHAIN or read_label(label).unit == "contact":
            continue
        kept = broken = 0
        for other in firm:
            mine, its = CHAIN.index(guess.stage), CHAIN.index(guesses[other].stage)
            if mine == its or read_label(other).unit == "contact":
                continue
            pair = (
                (series.get(other, {}), series.get(label, {}))
                if its < mine
                else (series.get(label, {}), series.get(other, {}))
            )
            order = order_of(*pair)
            kept, broken = kept + order.kept, broken + order.broken
        if kept + broken < 2:
            continue
        compared = f"{kept + broken} comparisons with another step in the same period"
        if broken <= _MOST_BROKEN * (kept + broken):
            confidence = guess.confidence + _AGREES * (1 - guess.confidence) * (guess.confidence >= 0.6)
            reason = f"its counts fit between the other steps (in order in {kept} of {compared})"
        else:
            confidence = (
                guess.confidence * _CONTRADICTS
                if guess.confidence < 0.9 or broken > kept
                else guess.confidence
            )
            reason = f"its counts do not fit between the other steps (out of order in {broken} of {compared})"
        result[label] = guess._replace(confidence=confidence, reasons=(*guess.reasons, reason))
    return result


def _one_label_a_stage(guesses: dict[str, Guess], series: dict[str, dict[Span, float]]) -> dict[str, Guess]:
    """Decide between labels of the same stage: parts of a total, one after the other, or unsure."""
    by_stage: dict[str, list[str]] = defaultdict(list)
    for label, guess in guesses.items():
        if guess.stage:
            by_stage[guess.stage].append(label)
    result = dict(guesses)
    for stage, labels in by_stage.items():
        running = [label for label in labels if read_label(label).is_cumulative]
        if 0 < len(running) < len(labels):
            for name in running:
                reason = "it is a running total of counts that stand by themselves"
                result[name] = Guess("", 0.0, (reason,))
            labels = [label for label in labels if label not in running]
        if len(labels) < 2 or _follow(labels, series):
            continue
        for total in labels:
            parts = parts_of(total, {name: series.get(name, {}) for name in labels}, labels)
            if parts:
                reason = f"with {len(parts) - 1} others it adds up to {total}"
                for name in parts:
                    old = result[name]
                    result[name] = old._replace(
                        part=True, confidence=max(old.confidence, 0.9), reasons=(*old.reasons, reason)
                    )
                labels = [name for name in labels if name not in parts]
                break
        if len(labels) < 2:
            continue
        ranked = sorted(labels, key=lambda name: -result[name].confidence)
        clear = result[ranked[0]].confidence - result[ranked[1]].confidence >= 0.15
        for name in ranked[1:] if clear else ranked:
            old = result[name]
            others = ", ".join(other for other in ranked if other != name)
            reason = f"{others} may be {stage} too, and they do not add up"
            result[name] = old._replace(
                confidence=min(old.confidence, THRESHOLD - 0.1), reasons=(*old.reasons, reason)
            )
    return result


def _follow(labels: list[str], series: dict[str, dict[Span, float]]) -> bool:
    """Say whether labels stand in different periods, as after a change of name."""
    spans = [set(series.get(label, {})) for label in labels]
    return all(spans) and sum(map(len, spans)) == len(set().union(*spans))

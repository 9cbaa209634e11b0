"""A proposed mapping of a return, with a stated confidence for each label and the reasons for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.returns.chain import CHAIN, FEWEST_STEPS
from victimsmodel.inputs.returns.changes import looks_cumulative
from victimsmodel.inputs.returns.confidence import Guess, counts_by_label, guesses_of
from victimsmodel.inputs.returns.labels import NO_STEP, read_label
from victimsmodel.inputs.returns.layout import Layout, NotUnderstoodError, layout_of
from victimsmodel.inputs.returns.load import wanted_sheets
from victimsmodel.inputs.returns.mapping import IGNORED, THRESHOLD, UNSURE, Entry, Mapping
from victimsmodel.inputs.returns.period_text import is_period
from victimsmodel.inputs.returns.periods import Span
from victimsmodel.inputs.returns.resolved import Conventions, Unsettled, months_meaning, resolve
from victimsmodel.inputs.sealed_reading import sealed_reading

_AGREES, _CONTRADICTS = (
    0.3,
    0.6,
)  # share of the doubt that numbers take away; what they leave of the confidence
_MOST_BROKEN = 0.2  # of the periods: more than that contradicts


_RECOGNISED = 0.5  # a label that is left unsure counts, unless its words are doubtful too


class Proposal(NamedTuple):
    """A proposed mapping; what is unsure about it must be decided before it can be used."""

    mapping: Mapping
    labels: pd.DataFrame  # label, stage, unit, confidence, part, reason
    layout: str  # what was understood, in words
    unused: tuple[str, ...]  # what is not read, and why
    unsure: tuple[str, ...]  # what must be decided

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left to decide."""
        return not self.unsure


@sealed_reading
def propose_mapping(file: str | Path, sheets: tuple[str, ...] = (), period: str = "") -> Proposal:
    """Propose how a return is to be read.

    The words of each label point to a stage with a firmness from 0 to 1; numbers that shrink from step to
    step take away three tenths of the doubt, numbers that grow leave six tenths of the confidence,
    and labels that
    add up to another one are its parts. Below 0.7, and wherever a year or a month can mean two things, the
    proposal says ``unsure`` and `load_returns` refuses it until it is decided. The confidence is a stated
    judgement, no probability.

    Parameters
    ----------
    file : path
        CSV (also gzip), .xlsx or .ods.
    sheets : tuple of str, optional
        Only these.
    period : str, optional
        What the file does not say of its periods: ``2017/18``, or ``2017/18 Q1``.

    Returns
    -------
    Proposal

    Raises
    ------
    InputError
        If the file cannot be read or its layout cannot be understood; the message says why.
    """
    path = Path(file)
    if period and not is_period(period):
        allowed = "must be like 2017/18 or 2017/18 Q1"
        raise input_error("--period", allowed, "VM112", field="period", value=period)
    found = wanted_sheets(path, sheets)
    try:
        layout = layout_of(found)
    except NotUnderstoodError as error:
        raise input_error(error.where, f"cannot be understood: {error.why}", "VM111") from None
    meaning = months_meaning(layout.cells)
    resolved, unsettled = resolve(layout.cells, Conventions(period))
    series = counts_by_label(resolved)
    guesses = guesses_of(layout, series)
    _refuse_unrecognised(guesses, str(path))
    whys = [item.why for item in unsettled]
    _refuse_unsettled(unsettled, str(path))
    fields: dict[str, Any] = {
        "file": path.name,
        "labels_in": layout.labels_in,
        "sheets": sheets,
        "breakdown": layout.breakdown,
        "period": period,
        "year_starts": UNSURE if any("year_starts" in why for why in whys) else "",
        "months_mean": meaning,
        "cumulative": _cumulative(series, guesses),
        "suppressed_below": _threshold(layout),
        "labels": _asked({label: _entry(label, guess, layout) for label, guess in guesses.items()}),
    }
    mapping = Mapping(**fields)
    return Proposal(
        mapping, _table(guesses, mapping), _words(layout, mapping), _unused(layout), _unsure(mapping)
    )


def _refuse_unrecognised(guesses: dict[str, Guess], where: str) -> None:
    """Refuse a return in which hardly anything was recognised."""
    recognised = {guess.stage for guess in guesses.values() if guess.confidence >= _RECOGNISED}
    if len(recognised) < 2:
        named = ", ".join(sorted(recognised)) or "none"
        allowed = f"cannot be understood: fewer than two steps of the pathway were recognised ({named})"
        raise input_error(where, allowed, "VM111", hint="Write a mapping by hand.")


def _refuse_unsettled(unsettled: list[Unsettled], where: str) -> None:
    """Refuse periods that no decision about the whole file can settle."""
    hint = "Say --period 2017/18 or 2017/18 Q1, if you know it."
    for item in unsettled:
        if not item.cell.parts:
            why = "no quarter stands in a heading, a row, a title or the name of a sheet"
            raise input_error(
                f"{where}, {item.cell.place}", f"cannot be understood: {why}", "VM111", hint=hint
            )
        if "which year" in item.why:
            why = "its quarters do not say which year they are of"
            raise input_error(where, f"cannot be understood: {why}", "VM111", hint=hint)
        if "year_starts" not in item.why and "months_mean" not in item.why:
            place = f"{where}, {item.cell.place}"
            raise input_error(place, f"cannot be understood: its period {item.why}", "VM111")


def _cumulative(series: dict[str, dict[Span, float]], guesses: dict[str, Guess]) -> Any:
    """Say whether counts run from the start of the year, by their labels and by how they grow."""
    mapped = [label for label, guess in guesses.items() if guess.stage and guess.stage != "open"]
    rows = [
        (span.start, str(span), label, value)
        for label in mapped
        for span, value in sorted(series.get(label, {}).items())
        if span.months == 3
    ]
    table = pd.DataFrame(rows, columns=["start", "period", "stage", "value"])
    growing = [label for label in mapped if looks_cumulative(table, label)]
    if mapped and len(growing) * 2 > len(mapped):
        return True if all(read_label(label).is_cumulative for label in growing) else UNSURE
    return False


def _threshold(layout: Layout) -> int | None:
    """Return the number below which counts are hidden, if a note of the file says it."""
    import re

    for note in layout.notes:
        match = re.search(r"(?:fewer|less) than (\d{1,2})\b|(?:below|under|<)\s*(\d{1,2})\b", note.casefold())
        if match and re.search(
            r"suppress|hidden|disclos|replace|mark|denote|[*~]|shown as|small", note.casefold()
        ):
            return int(match[1] or match[2])
    return None


def _entry(label: str, guess: Guess, layout: Layout) -> Entry:
    reading = read_label(label)
    beside = next(
        (cell for cell in layout.cells if cell.label == label and (cell.unit or cell.definition)), None
    )
    unit = reading.unit
    if beside and beside.unit:
        unit = read_label(beside.unit).unit
    common: dict[str, Any] = {
        "unit": unit,
        "definition": beside.definition if beside else "",
        "why": "; ".join(guess.reasons),
    }
    if not guess.stage:
        return Entry(stage=IGNORED, **common)
    confidence = round(guess.confidence, 2)
    if confidence < THRESHOLD:
        return Entry(stage=UNSURE, perhaps=guess.stage, confidence=confidence, part=guess.part, **common)
    running = True if reading.is_cumulative else None
    return Entry(stage=guess.stage, confidence=confidence, part=guess.part, cumulative=running, **common)


def _asked(labels: dict[str, Entry]) -> dict[str, Entry]:
    """Leave labels that name no step to be decided, if those that do give no attrition without them."""
    steps = {step for entry in labels.values() for step in (entry.stage, entry.perhaps) if step in CHAIN}
    if len(steps) >= FEWEST_STEPS:
        return labels
    return {
        label: entry.model_copy(update={"stage": UNSURE}) if entry.why == NO_STEP else entry
        for label, entry in labels.items()
    }


def _table(guesses: dict[str, Guess], mapping: Mapping) -> pd.DataFrame:
    rows = [
        (label, entry.stage, entry.perhaps, entry.unit, entry.confidence, entry.part, entry.why)
        for label, entry in mapping.labels.items()
    ]
    table = pd.DataFrame(rows, columns=["label", "stage", "perhaps", "unit", "confidence", "part", "reason"])
    return table.astype({"confidence": "float64"})


def _words(layout: Layout, mapping: Mapping) -> str:
    spans = f"Labels stand in {layout.labels_in}, periods in {layout.periods_in}"
    parts = f"; parts: {', '.join(layout.breakdown)}" if layout.breakdown else ""
    meaning = f"; single months mean {mapping.months_mean}" if mapping.months_mean else ""
    return f"{spans}{parts}{meaning}; {len(mapping.labels)} labels"


def _unused(layout: Layout) -> tuple[str, ...]:
    return tuple(f"{item.place}: {item.what}: {item.why}" for item in layout.unused)


def _unsure(mapping: Mapping) -> tuple[str, ...]:
    """Say in words what must be decided."""
    found = [
        f"labels.{label}: is it {entry.perhaps}? ({entry.confidence:.0%}: {entry.why})"
        if entry.perhaps
        else f"labels.{label}: which step is it, if any? ({entry.why})"
        for label, entry in mapping.labels.items()
        if entry.stage == UNSURE
    ]
    if mapping.year_starts == UNSURE:
        found.append("year_starts: quarters of a plain year may be of the calendar or of the financial year")
    if mapping.months_mean == UNSURE:
        found.append("months_mean: a single month may be a month, or the first or the last one of a quarter")
    if mapping.cumulative == UNSURE:
        found.append("cumulative: the counts grow within the year as running totals do")
    return tuple(found)

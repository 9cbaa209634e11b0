"""The door: counts of people as tables that may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.disclosure.attack import Attack, Range
from victimsmodel.disclosure.cells import (
    Cell,
    Sum,
    all_cells,
    row_labels,
    shape_of,
    stated_cells,
    sums_of,
    true_values,
    where_of,
    where_sums,
    with_rests,
)
from victimsmodel.disclosure.ledger import (
    LEDGER,
    Entry,
    Kept,
    add_entry,
    code_of,
    data_id,
    differences,
    differences_within,
    entries_of,
)
from victimsmodel.disclosure.observed_counts import ObservedCounts
from victimsmodel.disclosure.suppression import absent_cells, hidden_cells, is_recovered, range_shown
from victimsmodel.errors import PrivacyError, Problem
from victimsmodel.inputs.disclosure_rule import DisclosureRule

#: What stands in a cell that is hidden, as in official statistics.
MARK = "[c]"
_MOST_NAMED = 5


def release(
    counts: ObservedCounts,
    rule: DisclosureRule | None = None,
    *,
    ledger: str | Path | None = None,
    name: str = "",
) -> pd.DataFrame:
    """Return counts of people as a table that may be shown.

    Parameters
    ----------
    counts : ObservedCounts
    rule : DisclosureRule, optional
        Counts of 1 to 7 hidden and the others rounded to 5 unless stated.
    ledger : path, optional
        Folder of outputs whose ledger is asked, and told of this release.
    name : str
        Of this release, in the ledger and in messages.

    Returns
    -------
    DataFrame
        Counts as whole numbers (Int64), hidden ones NA; rates computed from what is shown.

    Raises
    ------
    PrivacyError
        VM285 if an earlier release of the same data and this one would together give people away.
    """
    return release_together({"": counts}, rule, ledger=ledger, name=name)[""]


def release_together(
    tables: Mapping[str, ObservedCounts],
    rule: DisclosureRule | None = None,
    *,
    ledger: str | Path | None = None,
    name: str = "",
) -> dict[str, pd.DataFrame]:
    """Return tables of counts of the same run; margins that they share do not give hidden counts away.

    Parameters, errors : as of `release`.
    """
    used = rule or DisclosureRule()
    released: dict[str, pd.DataFrame] = {}
    by_data: dict[str, list[str]] = {}
    for key, counts in tables.items():
        by_data.setdefault(counts.data, []).append(key)
    entries = []
    for data, keys in by_data.items():
        system = _system([tables[key] for key in keys])
        hidden = hidden_cells(system.values, system.stated, system.sums, used)
        called = name or tables[keys[0]].about
        _refuse_within(system, hidden, used, called)
        entry = _entry(system, hidden, used, data, called, [tables[key] for key in keys])
        if ledger is not None:
            _refuse_differences(Path(ledger) / LEDGER, entry, system, used, data)
        entries.append(entry)
        released |= {key: _shown(tables[key], hidden, used) for key in keys}
    for entry in entries if ledger is not None else ():  # once nothing is refused
        add_entry(Path(str(ledger)) / LEDGER, entry)
    return {key: released[key] for key in tables}


def marked(table: pd.DataFrame) -> pd.DataFrame:
    """Return a released table with the mark of a hidden count where one is, for reading."""
    text = table.astype(object)
    return text.where(table.notna(), MARK)


class _System(NamedTuple):
    """Everything that ties the counts of some tables of the same data."""

    stated: dict[Cell, float]
    values: dict[Cell, float]
    sums: list[Sum]


def _system(tables: Sequence[ObservedCounts]) -> _System:
    shapes = [shape_of(counts) for counts in tables]
    stated: dict[Cell, float] = {}
    for counts in tables:
        stated |= stated_cells(counts)
    values = true_values(stated, shapes)
    sums = with_rests((s for shape in shapes for s in sums_of(shape)), values)
    return _System(stated, {cell: values[cell] for cell in all_cells(sums, stated)}, sums)


def _shown(counts: ObservedCounts, hidden: frozenset[Cell], rule: DisclosureRule) -> pd.DataFrame:
    """Return a table with counts rounded or hidden, and rates of what is shown."""
    table = counts.exact.copy()
    labels = [row_labels(row, counts) for row in _records(table)]
    where = where_of(counts)
    for name in counts.counts:
        numbers = [
            pd.NA if np.isnan(x) or Cell(name, own, where) in hidden else rule.rounded(x)
            for x, own in zip(table[name].astype(np.float64), labels, strict=True)
        ]
        table[name] = pd.array(numbers, dtype="Int64")
    for rate in counts.rates:
        part, whole = table[rate.part].astype("Float64"), table[rate.whole].astype("Float64")
        table[rate.name] = (part / whole.where(whole > 0)).clip(upper=1)
    return table


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): x for name, x in row.items()} for row in table.to_dict("records")]


def _entry(
    system: _System,
    hidden: frozenset[Cell],
    rule: DisclosureRule,
    data: str,
    name: str,
    tables: Sequence[ObservedCounts],
) -> Entry:
    kept = tuple(
        Kept(cell, None if cell in hidden else rule.rounded(value), code_of(data, cell, value))
        for cell, value in system.stated.items()
        if not np.isnan(value)
    )
    return Entry(name, data_id(data), rule, tuple(shape_of(counts) for counts in tables), kept)


def _refuse_within(system: _System, hidden: frozenset[Cell], rule: DisclosureRule, name: str) -> None:
    """Refuse tables that would give people away by the difference of two parts of the data."""
    shown = {cell: x for cell, x in system.stated.items() if cell not in hidden and not np.isnan(x)}
    clashes = list(differences_within(shown, rule))[:_MOST_NAMED]
    if clashes:
        raise PrivacyError([_problem(name, "", f"{clash.new} and {clash.old}") for clash in clashes])


def _refuse_differences(path: Path, entry: Entry, system: _System, rule: DisclosureRule, data: str) -> None:
    """Refuse a release that, with an earlier one of the same data, would give people away."""
    earlier = [old for old in entries_of(path, data) if old.as_line() != entry.as_line()]
    known = {cell: value for cell, value in system.stated.items() if not np.isnan(value)}
    least = max([rule.smallest_shown, *(old.rule.smallest_shown for old in earlier)])
    weaker = [kept.cell for kept in entry.cells if kept.shown is not None and 1 <= known[kept.cell] < least]
    rule = rule.model_copy(update={"smallest_shown": least})  # the strictest that these data went out under
    clashes = list(differences(earlier, data, known, rule))
    problems = [
        _problem(entry.name, clash.earlier, f"{clash.new} and {clash.old}") for clash in clashes[:_MOST_NAMED]
    ]
    stricter = ", ".join(old.name for old in earlier if old.rule.smallest_shown == least)
    problems += [_problem(entry.name, stricter, str(cell)) for cell in weaker[:_MOST_NAMED]]
    if not problems and earlier:
        problems = [
            _problem(entry.name, ", ".join(dict.fromkeys(old.name for old in earlier)), str(cell))
            for cell in _recovered(earlier, entry, system, rule)[:_MOST_NAMED]
        ]
    if problems:
        raise PrivacyError(problems)


def _problem(name: str, earlier: str, what: str) -> Problem:
    with_ = f"with the earlier release {earlier} of the same data it" if earlier else "one table with another"
    allowed = f"is refused: {with_} would give away {what}"
    hint = "Release the same people in the same breakdown, or fewer of them by larger parts."
    return Problem(name, "", "", allowed, "VM285", hint)


def _recovered(earlier: Sequence[Entry], entry: Entry, system: _System, rule: DisclosureRule) -> list[Cell]:
    """Return unsafe counts that both releases together tie down, though neither does alone."""
    sums = [*system.sums, *(s for old in earlier for shape in old.shapes for s in sums_of(shape))]
    ranges: dict[Cell, Range] = {}
    for old in earlier:
        for kept in old.cells:
            shown = (0.0, np.inf) if kept.shown is None else range_shown(kept.shown, old.rule)
            ranges[kept.cell] = _both(ranges.get(kept.cell), shown)
    for kept in entry.cells:
        unsafe = rule.is_unsafe(system.stated[kept.cell])
        own = (1.0, rule.smallest_shown - 1.0) if unsafe else (0.0, np.inf)
        shown = own if kept.shown is None else range_shown(kept.shown, rule)
        ranges[kept.cell] = _both(ranges.get(kept.cell), shown)
    ranges |= absent_cells(system.values, ranges)
    agreeing = _agreeing(sums, system)
    agreeing += where_sums(ranges)
    found = _tied_down(Attack(agreeing, ranges), earlier, system, rule)
    if found is not None:
        return found
    # One table leaves out labels of another, so that totals which neither states are not the same.
    stated = [s for s in agreeing if s.total in ranges and ranges[s.total] != (0.0, np.inf)]
    return _tied_down(Attack(stated, ranges), earlier, system, rule) or []


def _tied_down(
    attack: Attack, earlier: Sequence[Entry], system: _System, rule: DisclosureRule
) -> list[Cell] | None:
    """Return the unsafe counts that an attack finds; None if what is shown contradicts itself."""
    mine = [cell for cell, value in system.values.items() if rule.is_unsafe(value)]
    others = {kept.cell for old in earlier for kept in old.cells if kept.shown is None}
    others |= {cell for s in attack.sums for cell in s.parts}
    try:
        found = [cell for cell in mine if is_recovered(attack, cell, rule)]
        for cell in sorted(others - set(system.values), key=str):
            if attack.range_of(cell)[1] < np.inf or attack.width_seen(cell) >= rule.least_values:
                continue  # shown, or free enough
            low, high = attack.bounds(cell)
            if high - low + 1 < rule.least_values and low >= 1 and rule.is_unsafe(high):
                found.append(cell)
    except ValueError:  # the same cells were counted otherwise: `differences` judges that
        return None
    return found


def _agreeing(sums: Sequence[Sum], system: _System) -> list[Sum]:
    """Return sums with the rests that are known; without those that the new tables know not to hold."""
    known = {(s.total, s.parts): s for s in system.sums}
    return list(dict.fromkeys(known.get((s.total, s.parts), s) for s in sums))


def _both(one: Range | None, other: Range) -> Range:
    return other if one is None else (max(one[0], other[0]), min(one[1], other[1]))

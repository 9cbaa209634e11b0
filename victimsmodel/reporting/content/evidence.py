"""The tables, scenario and manifest of a run, read in such a way that every number keeps its place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd

from victimsmodel.appraisal.compare import EFFECT
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting import words
from victimsmodel.reporting.content.model import Cell, Cited, Count, Inline, Judged, Quotient, Stated, Text
from victimsmodel.reporting.content.scale import cautious, share_style
from victimsmodel.reporting.findings import note_in_words, simulated_options, standard_in_words
from victimsmodel.reporting.formats import DASH, FORMATS
from victimsmodel.reporting.nobody_words import refers_nobody
from victimsmodel.reporting.palette import option_colours

#: Stands for what is not there.
NONE = DASH
#: How an interval is called wherever one is printed.
INTERVAL = f"{1 - 2 * TAIL:.0%} interval"


class Evidence:
    """What a document is made from.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the run folder, by name.
    scenario : Scenario
    manifest : mapping
        run_id, profile, seed, n_draws, n_replications, created, version, agreement.
    findings : mapping of str to str, optional
        Title of each figure that was drawn, by the name of its file.
    """

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        scenario: Scenario,
        manifest: Mapping[str, object],
        findings: Mapping[str, str] | None = None,
    ) -> None:
        self.tables, self.scenario, self.manifest = tables, scenario, manifest
        self.findings = dict(findings or {})
        self.options = simulated_options(tables["comparison"], scenario)
        self.base = self.options[0]
        self.colours = option_colours(scenario)
        self._places: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
        self._columns: dict[tuple[str, str], list[Any]] = {}
        self._read: list[Cell] | None = None
        self.best = max(self.options, key=lambda name: self.measure(name, EFFECT))
        self.is_of_nobody = refers_nobody(tables)

    # ------------------------------------------------------------------ what stands where

    def has(self, *tables: str) -> bool:
        """Whether every one of these tables is there, with a row or more."""
        return all(name in self.tables and len(self.tables[name]) > 0 for name in tables)

    def has_row(self, table: str, **row: str) -> bool:
        """Whether a table is there, and one of its rows has these keys."""
        return self.has(table) and self._index(table, tuple(row)).get(tuple(row.values())) is not None

    def _index(self, table: str, keys: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        if (table, *keys) not in self._places:
            frame = self.tables[table]
            columns = [range(len(frame)) if key == "#" else frame[key] for key in keys]
            found = list(zip(*(map(str, column) for column in columns), strict=True))
            if len(set(found)) < len(found):
                raise KeyError(f"{table}: {', '.join(keys)} do not name a single row")
            self._places[table, *keys] = {names: place for place, names in enumerate(found)}
        return self._places[table, *keys]

    def at(self, cell: Cell) -> Any:
        """Return what stands in a cell.

        Raises
        ------
        KeyError
            If no row, or more than one, has these keys.
        """
        if self._read is not None:
            self._read.append(cell)
        place = self._index(cell.table, tuple(key for key, _ in cell.row))[tuple(v for _, v in cell.row)]
        column = self._columns.get((cell.table, cell.column))
        if column is None:  # a list is many times quicker to look up than a column of a DataFrame
            column = self._columns[cell.table, cell.column] = self.tables[cell.table][cell.column].tolist()
        return column[place]

    def value(self, table: str, column: str, **row: str) -> float:
        """Return one number of a table in full precision."""
        return float(self.at(cell(table, column, **row)))

    def word(self, table: str, column: str, **row: str) -> str:
        """Return one text of a table."""
        return str(self.at(cell(table, column, **row)))

    def measure(self, option: str, measure: str, column: str = "estimate") -> float:
        """Return a measure of an option, from the comparison."""
        return self.value("comparison", column, option=option, measure=measure)

    @contextmanager
    def reading(self) -> Iterator[list[Cell]]:
        """Collect the cells that are read meanwhile."""
        before, self._read = self._read, []
        try:
            yield self._read
        finally:
            self._read = before

    # ------------------------------------------------------------------ what is printed

    def number(self, table: str, style: str, column: str, **row: str) -> Inline:
        """Return a number of a table in a format of `formats.FORMATS`; a missing one as a dash."""
        return self.cited(cell(table, column, **row), style)

    def cited(self, at: Cell, style: str) -> Inline:
        """Return what stands in a cell as printed: a number, or a text (``text``, ``note``, ``standard``)."""
        found = self.at(at)
        if style == "standard":
            return Cited(standard_in_words(str(found)), at, style)
        if style in ("text", "note"):
            text = str(found)
            shown = words.typeset(text) if style == "text" else note_in_words(text, self.scenario)
            return Cited(shown, at, style) if text else ""
        value = float(found)
        return NONE if math.isnan(value) else Cited(FORMATS[style](value), at, style)

    def range(self, table: str, style: str, low: str, high: str, **row: str) -> Text:
        """Return two numbers of a row as a range."""
        if math.isnan(self.value(table, low, **row)):
            return (NONE,)
        return (self.number(table, style, low, **row), " to ", self.number(table, style, high, **row))

    def part(self, style: str, part: Cell, whole: Cell) -> Inline:
        """Return the share that one number is of another; a dash where there is no other."""
        of = float(self.at(whole))
        if not of > 0:
            return NONE
        return Cited(FORMATS[style](float(self.at(part)) / of), Quotient(part, whole), style)

    def count(self, table: str, column: str = "", value: str = "") -> Inline:
        """Return how many rows of a table hold a value."""
        return Cited(FORMATS["count"](self.rows(table, column, value)), Count(table, column, value), "count")

    def rows(self, table: str, column: str = "", value: str = "") -> int:
        """Return how many rows of a table hold a value, as a number."""
        frame = self.tables[table]
        return len(frame) if not column else int((frame[column].astype(str) == value).sum())

    def stated(self, name: str, style: str = "text") -> Inline:
        """Return what the scenario states under a dotted name."""
        found: Any = self.scenario
        for part in name.split("."):
            found = found[part] if isinstance(found, Mapping) else getattr(found, part)
        text = words.typeset(str(found).strip()) if style == "text" else FORMATS[style](float(found))
        return Cited(text, Stated("scenario", name), style)

    def run(self, name: str, style: str = "text") -> Inline:
        """Return what the manifest states under a dotted name."""
        found: Any = self.manifest
        for part in name.split("."):
            found = found[part]
        text = words.typeset(str(found)) if style == "text" else FORMATS[style](float(found))
        return Cited(text, Stated("manifest", name), style)

    # ------------------------------------------------------------------ how sure that is

    @property
    def n_draws(self) -> int:
        """Draws of the inputs that probabilities rest on."""
        return int(str(self.manifest.get("n_draws", 0)))

    def probability(self, at: Cell, n_draws: int | None = None) -> float:
        """Return a probability, drawn towards a half as far as few draws leave it open."""
        return cautious(float(self.at(at)), self.n_draws if n_draws is None else n_draws)

    def sure(self, at: Cell) -> Text:
        """Return a probability in words of the fixed scale, and the share of draws behind them."""
        share = self.cited(at, share_style(self.n_draws))
        n = self.run("n_draws", "count")
        return (self.sure_word(at), " (", share, " of ", n, f" {words.draw_word(self.n_draws)})")

    def sure_word(self, at: Cell) -> Inline:
        """Return a probability in words of the fixed scale alone."""
        return Judged(words.certainty(self.probability(at)), at, self.n_draws)

    # ------------------------------------------------------------------ how things are called

    def title(self, option: str) -> str:
        """Return the title of an option."""
        return self.scenario.options[option].title

    def quoted(self, option: str) -> str:
        """Return an option's title inside a sentence."""
        return words.option_in_sentence(option, self.scenario)


def cell(table: str, column: str, **row: str) -> Cell:
    """Return the cell of a table whose row has these keys."""
    return Cell(table, column, tuple(row.items()))


def measured(option: str, measure: str, column: str = "estimate") -> Cell:
    """Return the cell of the comparison with a measure of an option."""
    return cell("comparison", column, option=option, measure=measure)

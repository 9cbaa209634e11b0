"""Exhibits by declaration: where the table stands in the run, the exhibit appears."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from victimsmodel.reporting import words
from victimsmodel.reporting.content.evidence import Evidence
from victimsmodel.reporting.content.model import (
    Block,
    Bullets,
    Exhibit,
    Paragraph,
    Section,
    Table,
    Text,
    plain,
)
from victimsmodel.reporting.findings import INPUT_FORMATS

_SPOKEN_ROWS, _SPOKEN_COLUMNS = 6, 6


@dataclass(frozen=True)
class Shown:
    """What an exhibit shows; it appears when its table has rows, and as a table when no figure was drawn.

    Parameters
    ----------
    table : str
        Table of the run folder that it is made from, and whose CSV is named.
    caption : str
    data : callable
        Returns the table to print.
    figure : str
        Name of the figure's file; empty for a table.
    inputs : tuple of str
        Names of the inputs that matter most to it.
    needs : tuple of str
        Other tables without which it does not appear.
    is_simulated : bool
        Whether it rests on the simulation, and not on the draws of demand or on evidence alone.
    is_folded : bool
        Whether a table opens only on demand.
    note : callable, optional
        Returns what stands under it.
    """

    table: str
    caption: str
    data: Callable[[Evidence], Table]
    figure: str = ""
    inputs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    is_simulated: bool = True
    is_folded: bool = False
    note: Callable[[Evidence], Text] | None = None


def exhibit(evidence: Evidence, shown: Shown) -> tuple[Exhibit, ...]:
    """Return an exhibit, without its number; nothing where it has no rows to show."""
    if not evidence.has(shown.table, *shown.needs):
        return ()
    data = shown.data(evidence)
    if not data.rows:
        return ()
    is_figure = shown.figure in evidence.findings
    finding = evidence.findings.get(shown.figure, "")
    return (
        Exhibit(
            name=shown.figure if is_figure else f"table-{shown.figure or shown.table}",
            kind="figure" if is_figure else "table",
            number=0,
            caption=shown.caption,
            alt=alt_text(shown.caption, finding, data) if is_figure else "",
            inputs=_inputs(evidence, shown),
            run_id=str(evidence.manifest.get("run_id", "")),
            data=data,
            csv=f"tables/{shown.table}.csv",
            note=shown.note(evidence) if shown.note else (),
            is_folded=shown.is_folded and not is_figure,
            finding=finding,
        ),
    )


def exhibits(evidence: Evidence, declared: Sequence[Shown]) -> tuple[Block, ...]:
    """Return those of several exhibits that the run has tables for."""
    return tuple(found for shown in declared for found in exhibit(evidence, shown))


def told(evidence: Evidence, table: str, topic: str = "") -> tuple[Block, ...]:
    """Return the sentences that a stage wrote into a table, each tied to its cell; nothing without them."""
    if not evidence.has(table):
        return ()
    rows = evidence.tables[table]
    places = [str(i) for i in range(len(rows)) if not topic or rows["topic"].iloc[i] == topic]
    texts = [(evidence.number(table, "text", "sentence", **{"#": place}),) for place in places]
    return (Bullets(tuple(texts)),) if texts else ()


def alt_text(caption: str, finding: str, data: Table) -> str:
    """Return what a screen reader says of a figure: what it shows, what it finds, its main numbers."""
    rows = data.rows[:_SPOKEN_ROWS]
    told = []
    for row in rows:
        cells = list(zip(data.columns, row.cells, strict=True))[:_SPOKEN_COLUMNS]
        numbers = ", ".join(f"{column.title} {plain(text)}" for column, text in cells if plain(text) != "–")
        told.append(f"{plain(row.title)}: {numbers}")
    rest = " The other rows are in the table of data below." if len(data.rows) > len(rows) else ""
    return " ".join(part for part in (f"{caption}.", f"{finding}.", f"{'; '.join(told)}.{rest}") if part)


def _inputs(evidence: Evidence, shown: Shown) -> Text:
    """Return how much was simulated, and the inputs that matter most with their ranges."""
    found: Text = ()
    if shown.is_simulated:
        n = evidence.run("n_draws", "count")
        found = ("Simulated: ", n, f" {words.draw_word(evidence.n_draws)} of the inputs × ")
        found = (*found, evidence.run("n_replications", "count"), " years.")
    start = "Key inputs: "
    for name in shown.inputs:
        at = {"input": name, "option": evidence.base}
        if not evidence.has_row("assumptions", **at):
            continue
        style = INPUT_FORMATS.get(evidence.word("assumptions", "unit", **at), "plain")
        title = words.in_sentence(words.input_title(name, evidence.scenario))
        value = evidence.number("assumptions", style, "value", **at)
        ends = evidence.range("assumptions", style, "low", "high", **at)
        gap = (" ",) if found and start != "; " else ()
        found = (*found, *gap, start, title, " ", value, " (", *ends, ")")
        start = "; "
    return (*found, ".") if start == "; " else found


def numbered(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Return sections whose figures and tables are counted in the order in which they stand.

    Paragraphs and lists of which no sentence could be said are left out.
    """
    counts = {"figure": 0, "table": 0}
    found = []
    for section in sections:
        blocks: list[Block] = []
        for block in section.blocks:
            if (isinstance(block, Paragraph) and not plain(block.text).strip()) or block == Bullets(()):
                continue
            if isinstance(block, Exhibit):
                counts[block.kind] += 1
                block = dataclasses.replace(block, number=counts[block.kind])
            blocks.append(block)
        found.append(dataclasses.replace(section, blocks=tuple(blocks)))
    return tuple(found)

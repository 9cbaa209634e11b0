"""The parts of a document: text that knows where its numbers stand, tables, exhibits, sections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from victimsmodel.reporting.marks import DRAFT, Mark


@dataclass(frozen=True)
class Cell:
    """One cell of a table of the run folder; `row` names it by key and value, ``#`` being its place."""

    table: str
    column: str
    row: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.table}|{';'.join(f'{key}={name}' for key, name in self.row)}|{self.column}"


@dataclass(frozen=True)
class Quotient:
    """The share that one cell is of another."""

    part: Cell
    whole: Cell

    def __str__(self) -> str:
        return f"{self.part}/{self.whole}"


@dataclass(frozen=True)
class Count:
    """How many rows of a table hold a value in a column; every row where no column is named."""

    table: str
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.table}|{self.column}={self.value}"


@dataclass(frozen=True)
class Stated:
    """What the scenario or the manifest states, by its dotted name."""

    document: Literal["scenario", "manifest"]
    name: str

    def __str__(self) -> str:
        return f"{self.document}|{self.name}"


Place = Cell | Quotient | Count | Stated


@dataclass(frozen=True)
class Cited:
    """A number, or a text, as it is printed, and where it stands; `style` is a key of `FORMATS`."""

    text: str
    place: Place
    style: str


@dataclass(frozen=True)
class Judged:
    """Words of the probability scale, the cell of the probability, and the draws that it rests on."""

    text: str
    cell: Cell
    n_draws: int


@dataclass(frozen=True)
class Strong:
    """Text that is set apart from what is around it."""

    parts: Text


@dataclass(frozen=True)
class Bracketed:
    """An interval or a share beside its number: in brackets, or small below it in a table."""

    parts: Text


@dataclass(frozen=True)
class Marked:
    """A word that marks what kind of thing is spoken of, such as an assumption."""

    text: str


@dataclass(frozen=True)
class Link:
    """Text that leads to a source outside, or to a file beside the report."""

    parts: Text
    address: str


@dataclass(frozen=True)
class Sentence:
    """A claim that held when it was printed: its name, and every cell that it was read from."""

    claim: str
    cells: tuple[Cell, ...]
    parts: Text


Inline = str | Cited | Judged | Strong | Bracketed | Marked | Link | Sentence
Text = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: Text
    style: Literal["body", "lead", "note"] = "body"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    title: str


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class KeyFigure:
    """One number that a reader should remember."""

    label: str
    figure: Text
    more: Text


@dataclass(frozen=True)
class KeyFigures:
    """The numbers that a reader should remember."""

    items: tuple[KeyFigure, ...]


@dataclass(frozen=True)
class Card:
    """An option in a few words, in the colour that it has in every figure."""

    title: str
    colour: str
    text: Text


@dataclass(frozen=True)
class Facts:
    """Names with what they stand for."""

    items: tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers are set to the right, text to the left."""

    title: str
    is_number: bool = True


@dataclass(frozen=True)
class Row:
    """A row of a table: its heading, and a text for each column."""

    title: Text
    cells: tuple[Text, ...]
    colour: str = ""


@dataclass(frozen=True)
class RowGroup:
    """Rows that belong together, under a heading of their own unless it is empty."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """A table: what its rows are about, its columns, its rows."""

    head: str
    columns: tuple[Column, ...]
    groups: tuple[RowGroup, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, without the headings between them."""
        return tuple(row for group in self.groups for row in group.rows)


@dataclass(frozen=True)
class Exhibit:
    """A figure or a table, with all that a reader needs to trust it.

    Parameters
    ----------
    name : str
        Unique in the document; the name of the figure's file for a figure.
    kind : {"figure", "table"}
    number : int
        Figures and tables are counted apart; 0 before the document is put together.
    caption : str
        What is shown.
    alt : str
        What a screen reader says of a figure, made from the data.
    inputs : Text
        What it rests on: draws, years, the inputs that matter most.
    run_id : str
    data : Table or None
        The table, or for a figure the data behind it.
    csv : str
        The file with all of the data, below the run folder.
    note : Text
        What stands under it.
    is_folded : bool
        Whether a table opens only on demand.
    finding : str
        What a figure states as its title.
    """

    name: str
    kind: Literal["figure", "table"]
    number: int
    caption: str
    alt: str
    inputs: Text
    run_id: str
    data: Table | None
    csv: str
    note: Text = ()
    is_folded: bool = False
    finding: str = ""


Block = Paragraph | Heading | Bullets | KeyFigures | Card | Facts | Exhibit


@dataclass(frozen=True)
class Section:
    """A section, with the name that links lead to and a shorter title for the contents."""

    name: str
    title: str
    short: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report, ready to be laid out as a page, a PDF or a Word file."""

    kind: str
    title: str
    facts: tuple[tuple[str, Text], ...]
    sections: tuple[Section, ...]
    foot: str
    mark: Mark = DRAFT
    changed: Text = ()  # what the run has other than its file states

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """Every exhibit, in order."""
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block for block in blocks if isinstance(block, Exhibit))


def plain(text: Iterable[Inline]) -> str:
    """Return text without its marks, as it is read."""
    return "".join(piece if isinstance(piece, str) else _plain(piece) for piece in text)


def _plain(piece: Cited | Judged | Strong | Bracketed | Marked | Link | Sentence) -> str:
    if isinstance(piece, Cited | Judged | Marked):
        return piece.text
    return f"({plain(piece.parts)})" if isinstance(piece, Bracketed) else plain(piece.parts)


def pieces(text: Iterable[Inline]) -> Iterator[Inline]:
    """Yield every piece of a text, those within others too."""
    for piece in text:
        yield piece
        if isinstance(piece, Strong | Bracketed | Link | Sentence):
            yield from pieces(piece.parts)

"""Each block of a section as paragraphs and tables."""

from __future__ import annotations

from pathlib import PurePosixPath

from victimsmodel.reporting.content.model import (
    Block,
    Bullets,
    Card,
    Exhibit,
    Facts,
    Heading,
    KeyFigures,
    Link,
    Paragraph,
    Text,
)
from victimsmodel.reporting.word.fields import field
from victimsmodel.reporting.word.inline import Inlines
from victimsmodel.reporting.word.markup import Element, paragraph, run, text_of, w
from victimsmodel.reporting.word.paper import Room
from victimsmodel.reporting.word.pictures import Pictures
from victimsmodel.reporting.word.styles import Styles
from victimsmodel.reporting.word.tables import Tables

_STYLES = {"body": "Normal", "lead": "Lead", "note": "Note"}


class Blocks:
    """Makes the elements of blocks.

    Parameters
    ----------
    styles : Styles
    inlines : Inlines
    pictures : Pictures
    """

    def __init__(self, styles: Styles, inlines: Inlines, pictures: Pictures) -> None:
        self._styles = styles
        self._inlines = inlines
        self._pictures = pictures
        self._tables = Tables(inlines, styles)

    def elements(self, block: Block, room: Room, is_below_heading: bool) -> list[Element]:
        """Return the elements of a block, the last of which is a paragraph.

        Parameters
        ----------
        block : Block
        room : Room
            Of the page that it stands on.
        is_below_heading : bool
            Whether a heading came before it in its section.
        """
        if isinstance(block, Paragraph):
            return [self.said(_STYLES[block.style], block.text)]
        if isinstance(block, Heading):
            return [self.said("Heading 2", (block.title,))]
        if isinstance(block, Bullets):
            return [self.said("List Bullet", item) for item in block.items]
        if isinstance(block, KeyFigures):
            tiles = self._tables.key_figures(block, room.width)
            return [tiles, paragraph(self._styles["Note"])]
        if isinstance(block, Card):
            level = 3 if is_below_heading else 2
            return [self.said(f"Heading {level}", (block.title,)), self._card(block)]
        if isinstance(block, Facts):
            return [self.fact(name, text) for name, text in block.items]
        return self._figure(block, room) if block.kind == "figure" else self._table(block, room)

    def said(self, style: str, text: Text) -> Element:
        """Return text as a paragraph in a style, by its name."""
        return paragraph(self._styles[style], *self._inlines.runs(text))

    def fact(self, name: str, text: Text) -> Element:
        """Return a name with what it stands for, at a tab."""
        told = self._inlines.runs((name,), "Fact Name")
        return paragraph(self._styles["Fact"], *told, run(w("tab")), *self._inlines.runs(text))

    def data_behind(self, exhibit: Exhibit, room: Room) -> list[Element]:
        """Return the table of data behind a figure, with a caption that is not counted."""
        assert exhibit.data is not None
        told = f"Data behind figure {exhibit.number}"
        caption = _kept(self.said("Caption", (f"{told}. {exhibit.caption}",)))
        where: Text = ("Run ", exhibit.run_id, ". Data: ", _file_of(exhibit), ".")
        return [caption, self._tables.table(exhibit.data, told, room.width), self.said("Source Line", where)]

    def _card(self, card: Card) -> Element:
        """Return an option in a few words; at its left stands the colour that it has in every figure."""
        made = self.said("Card", card.text)
        edge = w("left", val="single", sz=36, space=10, color=card.colour.lstrip("#"))
        made.pPr.append(w("pBdr", edge))
        return made

    def _figure(self, exhibit: Exhibit, room: Room) -> list[Element]:
        picture = self._pictures.picture(exhibit, room.width, room.height)
        shown = _kept(paragraph(self._styles["Figure Picture"], picture))
        return [shown, self._caption(exhibit), self._rests(exhibit)]

    def _table(self, exhibit: Exhibit, room: Room) -> list[Element]:
        assert exhibit.data is not None
        table = self._tables.table(exhibit.data, f"Table {exhibit.number}. {exhibit.caption}", room.width)
        return [self._caption(exhibit), table, self._rests(exhibit)]

    def _caption(self, exhibit: Exhibit) -> Element:
        kind = exhibit.kind.capitalize()
        counted = field(rf"SEQ {kind} \* ARABIC", str(exhibit.number))
        end = "." if exhibit.kind == "figure" else ""
        rest = run(text_of(f". {exhibit.caption}{end}"))
        return _kept(paragraph(self._styles["Caption"], run(text_of(f"{kind} ")), *counted, rest))

    def _rests(self, exhibit: Exhibit) -> Element:
        """Return the line below an exhibit: its note, what it rests on, the run, the file of its data."""
        text: Text = (*exhibit.note, " ") if exhibit.note else ()
        if exhibit.inputs:
            text = (*text, *exhibit.inputs, " ")
        text = (*text, "Run ", exhibit.run_id, ". Data: ", _file_of(exhibit), ".")
        return self.said("Source Line", text)


def _kept(made: Element) -> Element:
    """Keep a paragraph on the page of what follows it, whatever a template's style says."""
    made.pPr.append(w("keepNext"))
    return made


def _file_of(exhibit: Exhibit) -> Link:
    name = PurePosixPath(exhibit.csv).name.replace("_", " ")
    return Link((name,), exhibit.csv)

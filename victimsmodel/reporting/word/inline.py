"""Text with its marks as runs in character styles."""

from __future__ import annotations

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.parts.document import DocumentPart

from victimsmodel.reporting.content.model import (
    Bracketed,
    Cited,
    Inline,
    Judged,
    Link,
    Marked,
    Strong,
    Text,
)
from victimsmodel.reporting.word.markup import Element, run, text_of, w
from victimsmodel.reporting.word.styles import Styles


class Inlines:
    """Makes runs of text, and the addresses that links in it lead to.

    Parameters
    ----------
    part : docx.parts.document.DocumentPart
        Keeps the addresses.
    styles : Styles
    """

    def __init__(self, part: DocumentPart, styles: Styles) -> None:
        self._part = part
        self._styles = styles

    def runs(self, text: Text, style: str = "", in_table: bool = False) -> list[Element]:
        """Return text as runs; in a table, what stands in brackets elsewhere stands small on its own line.

        Parameters
        ----------
        text : Text
        style : str
            Name of the character style around it.
        in_table : bool
        """
        found: list[Element] = []
        for piece in text:
            found += self._piece(piece, style, in_table and bool(found), in_table)
        return found

    def _piece(self, piece: Inline, style: str, is_later: bool, in_table: bool) -> list[Element]:
        if isinstance(piece, str):
            return self._run(piece, style)
        if isinstance(piece, Cited):
            return self._run(piece.text, style)
        if isinstance(piece, Judged):
            return self._run(piece.text, "Judgement")
        if isinstance(piece, Marked):
            return self._run(piece.text, "Mark")
        if isinstance(piece, Bracketed):
            if not in_table:
                return self.runs(("(", *piece.parts, ")"), style)
            line = [run(w("br"))] if is_later else []
            return [*line, *self.runs(piece.parts, "Interval", in_table)]
        if isinstance(piece, Link):
            return [self.link(piece)]
        return self.runs(piece.parts, "Strong" if isinstance(piece, Strong) else style, in_table)

    def link(self, link: Link) -> Element:
        """Return a link to an address outside, or to a file beside the report."""
        made = w("hyperlink", *self.runs(link.parts, "Hyperlink"), history=1)
        relation = self._part.relate_to(link.address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        made.set(qn("r:id"), relation)
        return made

    def _run(self, text: str, style: str) -> list[Element]:
        return [run(text_of(text), style=self._styles[style] if style else "")] if text else []

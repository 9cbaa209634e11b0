"""The paper: A4 or that of a template, upright, and on its side for wide tables."""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

from docx.document import Document as WordFile
from docx.oxml.ns import qn
from docx.shared import Cm, Mm

from victimsmodel.reporting.content.model import Block, Exhibit, Heading, Section
from victimsmodel.reporting.word.markup import Element, w
from victimsmodel.reporting.word.widths import is_wide

_EMU = 635  # English metric units in a twip


class Room(NamedTuple):
    """The width and height of the text on a page, in twips."""

    width: int
    height: int


class Paper:
    """Measures of the pages of a Word file, and the ends of its sections.

    Parameters
    ----------
    file : docx.document.Document
        Its last section tells the paper.
    """

    def __init__(self, file: WordFile) -> None:
        section = file.sections[-1]
        self._end = section._sectPr
        across = section.page_width - section.left_margin - section.right_margin
        down = section.page_height - section.top_margin - section.bottom_margin
        self._across, self._down = across // _EMU, down // _EMU

    def room(self, is_wide: bool) -> Room:
        """Return the room for text on a page, upright or on its side."""
        return Room(self._down, self._across) if is_wide else Room(self._across, self._down)

    def on_side(self, section: Section) -> range:
        """Return which blocks of a section stand on pages on their side.

        They go from its first table that needs such a page to its last one, with the headings right
        before the first, so that none is parted from its table.
        """
        wide = [i for i, block in enumerate(section.blocks) if self._is_wide(block)]
        if not wide:
            return range(0)
        first = wide[0]
        while first and isinstance(section.blocks[first - 1], Heading):
            first -= 1
        return range(first, wide[-1] + 1)

    def _is_wide(self, block: Block) -> bool:
        if not isinstance(block, Exhibit) or block.kind != "table" or block.data is None:
            return False
        return is_wide(block.data, self._across)

    def end(self, is_wide: bool, is_first: bool) -> Element:
        """Return the end of a section, with the headers and footers of the file; the first has a cover."""
        made = deepcopy(self._end)
        for found in () if is_first else made.findall(qn("w:titlePg")):
            made.remove(found)
        if is_wide:
            size, margin = made.find(qn("w:pgSz")), made.find(qn("w:pgMar"))
            height, width = size.get(qn("w:h")), size.get(qn("w:w"))
            size.set(qn("w:w"), height)
            size.set(qn("w:h"), width)
            size.set(qn("w:orient"), "landscape")
            turned = {"left": "top", "top": "right", "right": "bottom", "bottom": "left"}
            kept = {new: margin.get(qn(f"w:{old}")) for new, old in turned.items()}
            for name, value in kept.items():
                margin.set(qn(f"w:{name}"), value)
        return made


def set_a4(file: WordFile) -> None:
    """Make the pages of a file A4 with even margins, and the first one without header and footer."""
    section = file.sections[-1]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.4)
    section.header_distance = section.footer_distance = Cm(1.1)


def close(last: Element, end: Element) -> None:
    """End a section with a paragraph; what follows starts a page."""
    for found in end.findall(qn("w:type")):
        end.remove(found)
    end.find(qn("w:pgSz")).addprevious(w("type", val="nextPage"))
    last.get_or_add_pPr().append(end)
